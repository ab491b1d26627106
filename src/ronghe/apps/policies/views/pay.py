"""Pay tables by the eight levels, and one's own payslips against what was promised."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.policies import levels, names, services
from ronghe.apps.policies.forms import EndForm, FirmPayslipForm, MomentForm, PayLinkForm, PayslipForm
from ronghe.apps.policies.models import PayLink, Payslip
from ronghe.apps.policies.selectors.pay import checks
from ronghe.apps.policies.views.frame import deed, form_page, may


def _own_firms(request: HttpRequest) -> Any:
    return Organisation.objects.filter(pk__in=standing.organisations(request.user, RoleKind.ENTERPRISE_HR))


@require_safe
@login_required
def pay_tables(request: HttpRequest) -> HttpResponse:
    """What firms promise for each level and post on a day."""
    may(request, "policies.view_pay_table")
    form = MomentForm(request.GET or None)
    moment = form.moment()
    own = set(_own_firms(request).values_list("pk", flat=True))
    links = PayLink.objects.visible_to(request.user).on(moment.day, known_at=moment.known_at)
    links = links.select_related("organisation").order_by("organisation__name_zh", "post_zh", "level")
    page = Paginator(links, 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [
            {"link": link, "level": levels.LEVELS[link.level - 1], "is_own": link.organisation_id in own}
            for link in page.object_list
        ],
        "form": form if form.is_bound else MomentForm(initial={"on": moment.day}),
        "moment": moment,
        "firms": list(_own_firms(request)),
        "levels": levels.LEVELS,
    }
    return render(request, "policies/pay_tables.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def publish(request: HttpRequest, firm: int) -> HttpResponse:
    """Publish a line of one's own firm's pay table."""
    organisation = get_object_or_404(Organisation, pk=firm)
    may(request, "policies.publish_pay_table", organisation)
    return form_page(
        request,
        PayLinkForm(request.POST or None),
        lambda data: services.publish_pay_link(actor=person(request), organisation=organisation, **data),
        title=_("Promise pay for a level"),
        submit=_("Publish"),
        back=reverse("policies:pay_tables"),
        back_label=_("Pay by level"),
        done=_("Published: everyone who takes part can read it."),
        lead=_("A promise for the same level and post ends on the day from which the new one holds."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def end(request: HttpRequest, key: int) -> HttpResponse:
    """End a promise."""
    link = get_object_or_404(PayLink.objects.known().select_related("organisation"), pk=key)
    may(request, "policies.publish_pay_table", link.organisation)
    return form_page(
        request,
        EndForm(request.POST or None),
        lambda data: services.end_pay_link(actor=person(request), link=link, day=data["day"]),
        title=_("End the promise"),
        submit=_("End it"),
        back=reverse("policies:pay_tables"),
        back_label=_("Pay by level"),
        done=_("It ends; what was promised for earlier days stays on record."),
        lead=f"{link.post} · {link.level_label}",
        danger=True,
    )


@require_safe
@login_required
def payslips(request: HttpRequest) -> HttpResponse:
    """One's own payslips, and for HR those that the firm declared, each against its promise."""
    found = Payslip.objects.visible_to(request.user).select_related("organisation", "person")
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    rows = []
    for check in checks(list(page.object_list)):
        kind, word = names.VERDICTS[check.verdict]
        is_own = check.payslip.person_id == request.user.pk
        by_me = is_own if check.payslip.declared_by == "worker" else not is_own
        rows.append({"check": check, "slip": check.payslip, "kind": kind, "word": word, "may_withdraw": by_me})
    context = {
        "page": page,
        "rows": rows,
        "has_source": levels.has_source(),
        "is_hr": bool(standing.organisations(request.user, RoleKind.ENTERPRISE_HR)),
    }
    return render(request, "policies/payslips.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def declare(request: HttpRequest) -> HttpResponse:
    """Declare one's own payslip."""
    may(request, "policies.declare_payslip")
    return form_page(
        request,
        PayslipForm(request.POST or None),
        lambda data: services.declare_payslip(actor=person(request), **data),
        title=_("Declare a payslip"),
        submit=_("Declare"),
        back=reverse("policies:payslips"),
        back_label=_("Payslips"),
        done=_("Declared. Only you see it."),
        lead=_("Only you see what you declare. The log keeps that you declared it, not how much."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def declare_for(request: HttpRequest) -> HttpResponse:
    """Declare a payslip as HR for somebody who works at the firm."""
    firms = _own_firms(request)
    if not firms:
        may(request, "policies.declare_payslip_for", Organisation())
    return form_page(
        request,
        FirmPayslipForm(request.POST or None, firms=firms),
        lambda data: services.declare_payslip(actor=person(request), person=data.pop("email"), **data),
        title=_("Declare a payslip for a worker"),
        submit=_("Declare"),
        back=reverse("policies:payslips"),
        back_label=_("Payslips"),
        done=_("Declared. The worker and your firm's HR see it."),
    )


@require_POST
@login_required
def withdraw(request: HttpRequest, uid: Any) -> HttpResponse:
    """Take a payslip back."""
    found = Payslip.objects.visible_to(request.user).select_related("organisation", "person")
    payslip = get_object_or_404(found, uid=uid)
    return deed(
        request,
        lambda: services.withdraw_payslip(actor=person(request), payslip=payslip),
        done=_("Withdrawn."),
        back="policies:payslips",
    )
