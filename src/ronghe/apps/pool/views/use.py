"""Licences and conversions: offered or claimed by one side, decided by the other."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.pool import services
from ronghe.apps.pool.forms import ConversionForm, EndLicenceForm, LicenceForm, ReasonForm
from ronghe.apps.pool.models import Conversion, Licence
from ronghe.apps.pool.views.assets import open_asset
from ronghe.apps.pool.views.frame import asset_for, found_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def licence_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Offer a licence."""
    asset = asset_for(request, uid, "pool.offer_licence")
    return form_page(
        request,
        LicenceForm(request.POST or None, user=request.user),
        lambda data: services.offer_licence(actor=person(request), asset=asset, **data),
        title=_("Offer a licence"),
        lead=_("Nothing is granted until the licensee agrees; then it counts as a conversion."),
        submit=_("Offer it"),
        back=asset.get_absolute_url(),
        back_label=asset.name,
        done=_("Offered. The licensee decides."),
        goes_back=True,
    )


def _licence(request: HttpRequest, uid: UUID) -> Licence:
    found = Licence.objects.visible_to(request.user).select_related("asset", "licensee", "agreement")
    return found_or_404(found.filter(uid=uid).first())


def _to_licence(licence: Licence) -> str:
    return reverse("pool:licence", args=[licence.uid])


@require_safe
@login_required
def licence_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One licence, and what can be done with it."""
    licence = _licence(request, uid)
    user = person(request)
    is_open = licence.state == "offered"
    runs = licence.state == "granted" and (licence.last_day is None or licence.last_day >= timezone.localdate())
    context = {
        "licence": licence,
        "back": open_asset(request, licence.asset),
        "may_decide": is_open and user.has_perm("pool.decide_licence", licence),
        "may_withdraw": is_open and user.has_perm("pool.offer_licence", licence.asset),
        "may_end": runs and user.has_perm("pool.end_licence", licence),
    }
    return render(request, "pool/licence.html", context)


@require_POST
@login_required
def licence_grant(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The licensee agrees."""
    licence = _licence(request, uid)
    return deed(
        request,
        lambda: services.grant_licence(actor=person(request), licence=licence),
        done=_("The licence is granted."),
        back=_to_licence(licence),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def licence_refuse(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The licensee does not take the offer."""
    licence = _licence(request, uid)
    demand(person(request), "pool.decide_licence", licence)
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.refuse_licence(actor=person(request), licence=licence, **data),
        title=_("Refuse the licence"),
        submit=_("Refuse it"),
        back=_to_licence(licence),
        back_label=str(licence),
        done=_("Refused. The owner reads your reason."),
        danger=True,
        goes_back=True,
    )


@require_POST
@login_required
def licence_withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take an offer back."""
    licence = _licence(request, uid)
    return deed(
        request,
        lambda: services.withdraw_licence(actor=person(request), licence=licence),
        done=_("The offer is withdrawn."),
        back=_to_licence(licence),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def licence_end(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Let a licence end earlier."""
    licence = _licence(request, uid)
    demand(person(request), "pool.end_licence", licence)
    return form_page(
        request,
        EndLicenceForm(request.POST or None),
        lambda data: services.end_licence(actor=person(request), licence=licence, **data),
        title=_("End the licence"),
        submit=_("End it"),
        back=_to_licence(licence),
        back_label=str(licence),
        done=_("The licence ends on that day."),
        danger=True,
        goes_back=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def conversion_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say that an organisation put an asset to use."""
    asset = asset_for(request, uid, "pool.claim_conversion")
    return form_page(
        request,
        ConversionForm(request.POST or None),
        lambda data: services.claim_conversion(actor=person(request), asset=asset, **data),
        title=_("Record a conversion"),
        lead=_("It counts once the organisation that adopted it has confirmed it."),
        submit=_("Record it"),
        back=asset.get_absolute_url(),
        back_label=asset.name,
        done=_("Recorded. The organisation that adopted it is asked to confirm."),
        goes_back=True,
    )


def _conversion(request: HttpRequest, uid: UUID) -> Conversion:
    found = Conversion.objects.visible_to(request.user)
    return found_or_404(found.select_related("asset__project", "party", "licence").filter(uid=uid).first())


def _to_conversion(conversion: Conversion) -> str:
    return reverse("pool:conversion", args=[conversion.uid])


@require_safe
@login_required
def conversion_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One conversion: what shows it, and who confirmed it."""
    conversion = _conversion(request, uid)
    user = person(request)
    stands = conversion.state == "confirmed" and conversion.withdrawn_at is None
    context = {
        "conversion": conversion,
        "back": open_asset(request, conversion.asset),
        "may_decide": conversion.state == "claimed" and user.has_perm("pool.decide_conversion", conversion),
        "may_withdraw": stands and user.has_perm("pool.withdraw_conversion"),
    }
    return render(request, "pool/conversion.html", context)


@require_POST
@login_required
def conversion_confirm(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Confirm for the organisation that adopted it."""
    conversion = _conversion(request, uid)
    return deed(
        request,
        lambda: services.confirm_conversion(actor=person(request), conversion=conversion),
        done=_("Confirmed. It counts in the conversion rate."),
        back=_to_conversion(conversion),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def conversion_refuse(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say that the organisation did not adopt it."""
    conversion = _conversion(request, uid)
    demand(person(request), "pool.decide_conversion", conversion)
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.refuse_conversion(actor=person(request), conversion=conversion, **data),
        title=_("Refuse the conversion"),
        submit=_("Refuse it"),
        back=_to_conversion(conversion),
        back_label=conversion.asset.name,
        done=_("Refused. Whoever recorded it reads your reason."),
        danger=True,
        goes_back=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def conversion_withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take a conversion that proved untrue out of the count."""
    conversion = _conversion(request, uid)
    demand(person(request), "pool.withdraw_conversion")
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.withdraw_conversion(actor=person(request), conversion=conversion, **data),
        title=_("Withdraw the conversion"),
        lead=_("It counts no more from now on; what was measured before stays as it was known then."),
        submit=_("Withdraw it"),
        back=_to_conversion(conversion),
        back_label=conversion.asset.name,
        done=_("Withdrawn."),
        danger=True,
        goes_back=True,
    )
