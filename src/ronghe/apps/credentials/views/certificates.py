"""Certificates for the office and reviewers: the list, one certificate, issuing, status, correction, renewal, files."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.pages import person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credentials import elm, paper, selectors, services
from ronghe.apps.credentials.forms import CertificateFilter, DiscloseForm, IssueForm, StatusForm
from ronghe.apps.credentials.models import Certificate, CertificateState, StatusChange
from ronghe.apps.credentials.services import BundleUnavailable
from ronghe.apps.credentials.views.frame import deed, form_page, found_or_404

_KINDS = {
    StatusChange.Kind.REVOKED: (gettext_noop("Revoke the certificate"), True),
    StatusChange.Kind.SUSPENDED: (gettext_noop("Suspend the certificate"), True),
    StatusChange.Kind.LIFTED: (gettext_noop("Lift the suspension"), False),
}


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """The list of certificates that the person may see: all for the office, one's own for a student."""
    form = CertificateFilter(request.GET or None)
    asked = form.cleaned_data if form.is_valid() else {}
    sees_all = request.user.has_perm("credentials.view_every_certificate")
    if not sees_all and not request.user.has_perm("credentials.keep_api_keys"):
        return _own(request)
    found = selectors.certificates(
        request.user,
        text=asked.get("text", ""),
        achievement=asked.get("achievement"),
        state=asked.get("state", ""),
    )
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    people = [one.holder for one in page.object_list if one.holder is not None]
    accounts.note_looks(viewer=person(request), people=people, page="credentials:overview")
    now = timezone.now()
    names = selectors.holder_names(request.user, list(page.object_list))
    context = {
        "form": form,
        "page": page,
        "rows": [(one, names.get(one.pk, ""), sign(one, now)) for one in page.object_list],
        "line": selectors.office_line() if sees_all else None,
        "sees_all": sees_all,
        "is_empty": not found.exists() and not any(asked.values()),
        "may_issue": request.user.has_perm("credentials.issue_certificate"),
        "links": office_links(request),
    }
    return render(request, "credentials/overview.html", context)


def _own(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    own = selectors.own_certificates(person(request))
    return render(
        request,
        "credentials/mine.html",
        {"rows": [(one, sign(one, now)) for one in own], "feed": reverse("credentials:calendar_link")},
    )


def office_links(request: HttpRequest) -> list[dict[str, Any]]:
    """The tabs of the station that this person may open."""
    offered = (
        (_("Certificates"), "credentials:overview", ""),
        (_("Achievements"), "credentials:achievement_list", "credentials.view_achievement"),
        (_("Issuers and keys"), "credentials:issuer_list", "credentials.view_lists"),
        (_("Recognition"), "credentials:recognition", "credentials.view_recognition"),
        (_("Reports of mismatches"), "credentials:report_list", "credentials.answer_report"),
        (_("Programs"), "credentials:program_list", "credentials.keep_api_keys"),
    )
    return [
        {"label": label, "url": reverse(name)}
        for label, name, permission in offered
        if not permission or request.user.has_perm(permission)
    ]


def sign(certificate: Certificate, now: Any) -> dict[str, str]:
    """The state of a certificate as a sign and a word."""
    if certificate.state == CertificateState.REVOKED:
        return {"kind": "bad", "word": _("Revoked")}
    if certificate.state == CertificateState.SUSPENDED:
        return {"kind": "warn", "word": _("Suspended")}
    if certificate.has_run_out(now):
        return {"kind": "none", "word": _("Run out")}
    if certificate.key.revoked_at is not None:
        return {"kind": "bad", "word": _("Its key was revoked")}
    return {"kind": "ok", "word": certificate.get_state_display()}


def certificate_or_404(request: HttpRequest, uid: UUID) -> Certificate:
    """The certificate, if it is open to the person."""
    return found_or_404(selectors.certificate_of(request.user, uid))


@require_safe
@login_required
def certificate_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One certificate: what it says, its status with reasons, the path, who sees it."""
    certificate = certificate_or_404(request, uid)
    demand(person(request), "credentials.view_certificate", certificate)
    user = request.user
    is_holder = certificate.holder_id == user.pk
    if certificate.holder is not None:
        accounts.note_look(viewer=person(request), person=certificate.holder, page="credentials:certificate")
    may_change = user.has_perm("credentials.change_status", certificate) and not certificate.is_erased
    may_path = user.has_perm("credentials.view_path", certificate)
    context = {
        "certificate": certificate,
        "version": certificate.version,
        "state": sign(certificate, timezone.now()),
        "facts": _facts(certificate, selectors.holder_names(user, [certificate]).get(certificate.pk)),
        "shown": _shown(user, certificate),
        "skills": certificate.version.skills.select_related("skill") if certificate.version else [],
        "changes": _changes(certificate, shows_notes=may_change or is_holder),
        "path": _path(certificate) if may_path else [],
        "may_path": may_path,
        "shares": selectors.shares_of(certificate) if is_holder else [],
        "now": timezone.now(),
        "is_holder": is_holder,
        "may_change": may_change,
        "may_download": user.has_perm("credentials.download_bundle", certificate) and not certificate.is_erased,
        "follower": getattr(certificate, "replaced_by", None),
        "recognised": selectors.recognition_of(certificate.version.achievement) if certificate.version else None,
    }
    return render(request, "credentials/certificate.html", context)


def _facts(certificate: Certificate, holder: str | None) -> list[tuple[str, Any]]:
    version = certificate.version
    until = certificate.valid_until
    facts = [
        (_("Holder"), holder or _("erased")),
        (_("Issuer"), certificate.issuer.organisation.name),
        (_("Code"), certificate.code),
        (_("Kind"), version.get_type_display() if version else None),
        (_("Eight-level worker"), version.get_worker_level_display() if version and version.worker_level else None),
        (_("Version"), version.number if version else None),
        (_("Issued"), timezone.localtime(certificate.issued_at).strftime("%Y-%m-%d")),
        (_("Valid until"), timezone.localtime(until).strftime("%Y-%m-%d") if until else _("does not run out")),
        (_("Signed with"), certificate.key.name),
    ]
    return [(term, value) for term, value in facts if value is not None]


def _shown(user: Any, certificate: Certificate) -> list[str]:
    """The events that the holder shows to the enterprise of the user."""
    share = selectors.shares_with(user, [certificate]).get(certificate.pk)
    if share is None:
        return []
    words = selectors.event_words(certificate.path, get_language() or "zh")
    return [said for place, said in words if place in share.disclosed]


def _changes(certificate: Certificate, *, shows_notes: bool) -> list[dict[str, Any]]:
    signs = {"revoked": "bad", "suspended": "warn", "lifted": "ok"}
    return [
        {
            "time": change.changed_at,
            "title": change.get_kind_display(),
            "text": " · ".join(filter(None, [change.get_reason_display(), change.note if shows_notes else ""])),
            "state": signs[change.kind],
        }
        for change in certificate.changes.all()
    ]


def _path(certificate: Certificate) -> list[dict[str, Any]]:
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return [
        {"time": row["content"]["on"], "title": row["content"][language]}
        if "content" in row
        else {"time": "", "title": _("erased; its proof stays")}
        for row in certificate.path
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("credentials.issue_certificate", raise_exception=True)
def issue(request: HttpRequest) -> HttpResponse:
    """Issue one certificate."""
    versions = selectors.issuable_versions()
    chosen = next((one for one in versions if one.key_text == request.GET.get("version")), None)
    form = IssueForm(request.POST or None, versions=versions, initial={"version": chosen})
    return form_page(
        request,
        form,
        lambda said: services.issue(actor=person(request), version=said["version"], person=said["student"]),
        title=_("Issue a certificate"),
        lead=_("It is signed, written to the ledger with its path, and given a slot in the status lists."),
        submit=_("Issue it"),
        back=reverse("credentials:overview"),
        back_label=_("Certificates"),
        done=_("The certificate is issued."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("credentials.change_status", raise_exception=True)
def change_status(request: HttpRequest, uid: UUID, kind: str) -> HttpResponse:
    """Revoke, suspend, or lift a suspension, with the reason."""
    certificate = certificate_or_404(request, uid)
    if kind not in StatusChange.Kind.values:
        found_or_404(None)
    title, danger = _KINDS[StatusChange.Kind(kind)]
    return form_page(
        request,
        StatusForm(request.POST or None, kind=kind),
        lambda said: services.change_status(
            actor=person(request), certificate=certificate, kind=kind, reason=said["reason"], note=said["note"]
        ),
        title=_(title),
        lead=_("Revoked is for good.") if kind == StatusChange.Kind.REVOKED else "",
        submit=_(title),
        danger=danger,
        back=certificate.get_absolute_url(),
        back_label=certificate.code,
        done=_("The status is changed; the lists say so from the next question on."),
    )


@require_POST
@login_required
def correct(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Revoke a certificate that holds a mistake and issue a new one in its place."""
    certificate = certificate_or_404(request, uid)
    return deed(
        request,
        lambda: services.correct(actor=person(request), certificate=certificate),
        done=_("The certificate is revoked, and a new one is issued in its place."),
        back=certificate,
    )


@require_POST
@login_required
def renew(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Issue a certificate anew."""
    certificate = certificate_or_404(request, uid)
    return deed(
        request,
        lambda: services.renew(actor=person(request), certificate=certificate),
        done=_("A new certificate is issued. The earlier one holds until its time is over."),
        back=certificate,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def bundle(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Choose the events to show, and take the file that verifies without this site."""
    certificate = certificate_or_404(request, uid)
    demand(person(request), "credentials.download_bundle", certificate)
    events = selectors.event_words(certificate.path, get_language() or "zh")
    form = DiscloseForm(request.POST or None, events=events)
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            data = services.download_bundle(
                actor=person(request), certificate=certificate, disclosed=form.cleaned_data["disclosed"]
            )
        except BundleUnavailable as refused:
            problem = str(refused)
        else:
            answer = HttpResponse(data, content_type=paper.media_type(data))
            answer["Content-Disposition"] = f'attachment; filename="{paper.bundle_name(certificate, data)}"'
            answer["Cache-Control"] = "no-store"
            return answer
    context = {"form": form, "certificate": certificate, "has_events": bool(events), "problem": problem}
    return render(request, "credentials/bundle.html", context, status=422 if problem or form.errors else 200)


@require_safe
@login_required
def credential_file(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The signed credential alone, as a wallet takes it."""
    certificate = certificate_or_404(request, uid)
    demand(person(request), "credentials.download_bundle", certificate)
    if certificate.document is None:
        found_or_404(None)
    answer = HttpResponse(certificate.document, content_type="application/vc")
    answer["Content-Disposition"] = f'attachment; filename="{certificate.code}.json"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
@login_required
def learning_model(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The certificate in the words of the European Learning Model."""
    certificate = certificate_or_404(request, uid)
    demand(person(request), "credentials.download_bundle", certificate)
    answer = JsonResponse(elm.credential(certificate), json_dumps_params={"ensure_ascii": False})
    answer["Content-Type"] = "application/ld+json"
    answer["Content-Disposition"] = f'attachment; filename="{certificate.code}.elm.json"'
    answer["Cache-Control"] = "no-store"
    return answer
