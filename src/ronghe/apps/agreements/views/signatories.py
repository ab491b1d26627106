"""Who may sign for an organisation: list, appoint, end with a successor."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.agreements import selectors, services
from ronghe.apps.agreements.forms import EndSignatoryForm, SignatoryForm
from ronghe.apps.agreements.models import Signatory
from ronghe.apps.agreements.views.frame import allow, form_page
from ronghe.apps.community.models import Organisation


def _organisation(request: HttpRequest, uid: Any) -> Organisation:
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), uid=uid)
    allow(request, "agreements.appoint_signatory", organisation)
    return organisation


@require_safe
@login_required
def signatory_list(request: HttpRequest, uid: Any) -> HttpResponse:
    """Those who may sign today, and who could before."""
    organisation = _organisation(request, uid)
    today = timezone.localdate()
    context = {
        "organisation": organisation,
        "rows": [(row, row.holds_on(today)) for row in selectors.signatory_history(organisation)],
        "today": today,
    }
    return render(request, "agreements/signatory_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def signatory_new(request: HttpRequest, uid: Any) -> HttpResponse:
    """Appoint a signatory."""
    organisation = _organisation(request, uid)
    form = SignatoryForm(request.POST or None, initial={"valid_from": timezone.localdate()})

    def act(given: dict[str, Any]) -> str:
        row = services.appoint_signatory(
            actor=person(request), person=given.pop("email"), organisation=organisation, **given
        )
        return _("%(person)s may sign for %(organisation)s.") % {
            "person": row.person.name,
            "organisation": organisation.name,
        }

    return form_page(
        request,
        form,
        act,
        title=_("Appoint a signatory"),
        lead=_("A signatory is not a mentor and need hold no other role; nobody appoints themselves."),
        submit=_("Appoint"),
        back=reverse("agreements:signatories", args=[organisation.uid]),
        back_label=_("Signatories of %(organisation)s") % {"organisation": organisation.name},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def signatory_end(request: HttpRequest, uid: Any, pk: int) -> HttpResponse:
    """End a standing; what waits for the person goes to a successor."""
    organisation = _organisation(request, uid)
    signatory = get_object_or_404(
        Signatory.objects.known().select_related("person", "organisation"), pk=pk, organisation=organisation
    )
    waiting = len(services.waiting_of(signatory))
    form = EndSignatoryForm(request.POST or None, signatory, initial={"on": timezone.localdate()})

    def act(given: dict[str, Any]) -> str:
        services.end_signatory(actor=person(request), signatory=signatory, **given)
        return _("The standing of %(person)s ends.") % {"person": signatory.person.name}

    return form_page(
        request,
        form,
        act,
        title=_("End the standing of %(person)s") % {"person": signatory.person.name},
        lead=_("Papers that wait for this person: %(count)s.") % {"count": waiting},
        submit=_("End it"),
        back=reverse("agreements:signatories", args=[organisation.uid]),
        back_label=_("Signatories of %(organisation)s") % {"organisation": organisation.name},
        danger=True,
    )
