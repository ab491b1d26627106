"""Sign, decline, hand over; upload what was signed outside, look at it and decide."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.confirmation import confirmed, confirms
from ronghe.apps.accounts.pages import person
from ronghe.apps.agreements import services
from ronghe.apps.agreements.forms import HandOverForm, ReasonForm, ScanForm
from ronghe.apps.agreements.models import Instrument, InstrumentState, OutsidePaper, Signature
from ronghe.apps.agreements.views.clauses import shown_clauses
from ronghe.apps.agreements.views.frame import allow, deed, form_page, paper_of


def _signature(request: HttpRequest, uid: Any, permission: str) -> Signature:
    found = Signature.objects.visible_to(request.user).select_related(
        "instrument__agreement", "party__organisation", "person"
    )
    signature = get_object_or_404(found, uid=uid)
    if not Instrument.objects.visible_to(request.user).filter(pk=signature.instrument_id).exists():
        raise Http404(_("There is no such paper, or it is not open to you."))
    allow(request, permission, signature)
    return signature


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@confirms
def sign(request: HttpRequest, uid: Any) -> HttpResponse:
    """Read once more and sign; the password, passkey or second factor is asked for in between."""
    signature = _signature(request, uid, "agreements.sign")
    paper = signature.instrument
    if not signature.is_waiting or paper.state != InstrumentState.SENT:
        return redirect(paper)
    if request.method == "POST":
        confirmed_at, confirmed_by = confirmed(request)

        def act() -> str:
            try:
                services.sign(
                    actor=person(request),
                    signature=signature,
                    digest=request.POST.get("digest", ""),
                    confirmed_at=confirmed_at,
                    confirmed_by=confirmed_by,
                )
            except services.NotConfirmed as refused:
                return str(refused)
            return _("Signed. Time and hash of the paper are in the ledger.")

        if confirmed_at is None:
            # Somebody who signs in only through an outside service has nothing here to confirm with.
            context = {"signature": signature, "paper": paper}
            return render(request, "agreements/no_confirmation.html", context, status=403)
        return deed(request, act, back=paper.get_absolute_url())
    parties = list(paper.agreement.parties.select_related("organisation", "person"))
    shown = {
        "signature": signature,
        "paper": paper,
        "parties": parties,
        "clauses": shown_clauses((paper.content or {}).get("clauses", []), parties),
    }
    return render(request, "agreements/sign.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def decline(request: HttpRequest, uid: Any) -> HttpResponse:
    """Decline to sign, with what would have to change."""
    signature = _signature(request, uid, "agreements.sign")

    def act(given: dict[str, Any]) -> str:
        services.decline(actor=person(request), signature=signature, reason=given["reason"])
        return _("Declined. The drafter reads your reason.")

    return form_page(
        request,
        ReasonForm(request.POST or None),
        act,
        title=_("Decline to sign"),
        lead=_("The paper becomes a draft again, and signatures already given for it are void."),
        submit=_("Decline"),
        back=signature.instrument.agreement.get_absolute_url(),
        back_label=signature.instrument.agreement.title,
        danger=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def hand_over(request: HttpRequest, uid: Any) -> HttpResponse:
    """Ask another signatory of the same party."""
    signature = _signature(request, uid, "agreements.hand_over")
    form = HandOverForm(request.POST or None, signature)

    def act(given: dict[str, Any]) -> str:
        services.hand_over(actor=person(request), signature=signature, to=given["to"], reason=given["reason"])
        return _("Handed over to %(person)s.") % {"person": given["to"].name}

    return form_page(
        request,
        form,
        act,
        title=_("Hand the signature over"),
        lead=_("Only signatories of “%(party)s” with a standing today can take it over.")
        % {"party": signature.party.name},
        submit=_("Hand over"),
        back=signature.instrument.get_absolute_url()
        if signature.person_id != request.user.pk
        else signature.instrument.agreement.get_absolute_url(),
        back_label=signature.instrument.agreement.title,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def scan_new(request: HttpRequest, uid: Any) -> HttpResponse:
    """Upload what was signed outside."""
    paper = paper_of(request, uid)
    allow(request, "agreements.upload_scan", paper)
    form = ScanForm(
        request.POST or None,
        request.FILES or None,
        paper.agreement.parties.select_related("organisation", "person"),
        initial={"signed_on": timezone.localdate()},
    )

    def act(given: dict[str, Any]) -> str:
        services.upload_scan(
            actor=person(request),
            instrument=paper,
            signed_on=given["signed_on"],
            party=given["party"],
            file=given["file"],
            filename=given["file"].name,
        )
        return _("Uploaded. The signatures count once the office has confirmed the scan.")

    return form_page(
        request,
        form,
        act,
        title=_("Upload a paper signed outside"),
        lead=_("Print the PDF of this paper, have it signed and sealed, and scan all pages."),
        submit=_("Upload"),
        back=paper.get_absolute_url(),
        back_label=paper.agreement.title,
        is_upload=True,
    )


def _scan(request: HttpRequest, uid: Any) -> OutsidePaper:
    scan = get_object_or_404(OutsidePaper.objects.select_related("instrument__agreement"), uid=uid)
    if not Instrument.objects.visible_to(request.user).filter(pk=scan.instrument_id).exists():
        raise Http404(_("There is no such paper, or it is not open to you."))
    return scan


@require_safe
@login_required
def scan_file(request: HttpRequest, uid: Any) -> HttpResponseBase:
    """The scan itself."""
    scan = _scan(request, uid)
    path = services.path_of(scan.uid)
    if not path.exists():
        raise Http404(_("The file is gone. Restore it from the backup."))
    response = FileResponse(path.open("rb"), as_attachment=True, filename=scan.filename, content_type=scan.media_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@login_required
def scan_confirm(request: HttpRequest, uid: Any) -> HttpResponse:
    """Confirm a scan."""
    scan = _scan(request, uid)

    def act() -> str:
        services.decide_scan(actor=person(request), scan=scan, confirmed=True)
        return _("Confirmed. The signatures count.")

    return deed(request, act, back=scan.instrument.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def scan_refuse(request: HttpRequest, uid: Any) -> HttpResponse:
    """Refuse a scan."""
    scan = _scan(request, uid)
    allow(request, "agreements.decide_scan")

    def act(given: dict[str, Any]) -> str:
        services.decide_scan(actor=person(request), scan=scan, confirmed=False, reason=given["reason"])
        return _("Refused. Whoever uploaded it reads your reason.")

    return form_page(
        request,
        ReasonForm(request.POST or None),
        act,
        title=_("Refuse the scan"),
        submit=_("Refuse it"),
        back=scan.instrument.get_absolute_url(),
        back_label=scan.instrument.agreement.title,
        danger=True,
    )
