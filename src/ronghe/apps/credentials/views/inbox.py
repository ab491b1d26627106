"""Reports of mismatches (sent by anyone, answered by the office), keys of programs, and recognition."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.community.standing import holds, organisations
from ronghe.apps.credentials import selectors, services
from ronghe.apps.credentials.forms import AnswerForm, ApiKeyForm, MappingForm, RecognitionForm, ReportForm, end_of
from ronghe.apps.credentials.limits import too_many
from ronghe.apps.credentials.models import AchievementMapping, ApiKey, MismatchReport, RecognitionAgreement
from ronghe.apps.credentials.views.certificates import office_links
from ronghe.apps.credentials.views.frame import deed, form_page, found_or_404

REPORTS_AN_HOUR = 5


@require_http_methods(["GET", "HEAD", "POST"])
def report_new(request: HttpRequest) -> HttpResponse:
    """Anyone may say that a certificate and what they see do not fit together."""
    form = ReportForm(request.POST or None, initial={"code": request.GET.get("code", "")[:40]})
    if request.method == "POST" and form.is_valid():
        if too_many(request, "report", most=REPORTS_AN_HOUR, seconds=3600):
            return render(request, "429.html", status=429)
        report = services.report_mismatch(**form.cleaned_data)
        return render(request, "credentials/report_sent.html", {"report": report})
    return render(request, "credentials/report_new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@login_required
@permission_required("credentials.answer_report", raise_exception=True)
def report_list(request: HttpRequest) -> HttpResponse:
    """Reports, those that wait first."""
    context = {"reports": selectors.reports()[:200], "links": office_links(request)}
    return render(request, "credentials/report_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("credentials.answer_report", raise_exception=True)
def report_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One report and its answer."""
    report = get_object_or_404(MismatchReport.objects.select_related("certificate", "answered_by"), uid=uid)
    return form_page(
        request,
        AnswerForm(request.POST or None),
        lambda said: services.answer_report(actor=person(request), report=report, **said),
        goes_back=True,
        title=_("Report of a mismatch"),
        lead=report.text,
        submit=_("Answer"),
        back=reverse("credentials:report_list"),
        back_label=_("Reports of mismatches"),
        done=_("The report is answered."),
        template="credentials/report.html",
        more={"report": report},
    )


def _organisations(request: HttpRequest) -> list[Organisation]:
    """The organisations whose programs this person looks after."""
    found = Organisation.objects.exclude(kind="government")
    if not holds(request.user, RoleKind.OFFICE):
        found = found.filter(pk__in=organisations(request.user, RoleKind.ENTERPRISE_HR))
    return list(found)


@require_safe
@login_required
@permission_required("credentials.keep_api_keys", raise_exception=True)
def program_list(request: HttpRequest) -> HttpResponse:
    """The keys of programs that this person looks after."""
    now = timezone.now()
    context = {
        "rows": [(key, key.is_open_at(now)) for key in selectors.programs(request.user)],
        "links": office_links(request),
    }
    return render(request, "credentials/program_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("credentials.keep_api_keys", raise_exception=True)
def program_new(request: HttpRequest) -> HttpResponse:
    """Make a key for a program; its secret is shown this once."""
    form = ApiKeyForm(
        request.POST or None,
        organisations=_organisations(request),
        may_let_issue=request.user.has_perm("credentials.let_issue"),
    )

    def act(said: dict[str, Any]) -> HttpResponse:
        key, secret = services.make_api_key(
            actor=person(request),
            organisation=said["organisation"],
            name=said["name"],
            scopes=said["scopes"],
            per_minute=said["per_minute"],
            expires_at=end_of(said["until"]) if said["until"] else None,
        )
        answer = render(request, "credentials/program_made.html", {"key": key, "secret": secret})
        answer["Cache-Control"] = "no-store"
        return answer

    return form_page(
        request,
        form,
        act,
        title=_("Key for a program"),
        lead=_("A personnel system can verify certificates with it, and read what candidates share with you."),
        submit=_("Make the key"),
        back=reverse("credentials:program_list"),
        back_label=_("Programs"),
        done="",
    )


@require_POST
@login_required
def program_revoke(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Let a key open nothing more."""
    key = get_object_or_404(ApiKey.objects.visible_to(request.user).select_related("organisation"), uid=uid)
    return deed(
        request,
        lambda: services.revoke_api_key(actor=person(request), key=key),
        done=_("The key opens nothing more."),
        back="credentials:program_list",
    )


@require_safe
@login_required
@permission_required("credentials.view_recognition", raise_exception=True)
def recognition(request: HttpRequest) -> HttpResponse:
    """What is recognised today, by whom, and what is only our own reading."""
    today = timezone.localdate()
    agreements = list(selectors.agreements_on(today))
    user = request.user
    context = {
        "agreements": [one for one in agreements if one.confirmed_at is not None],
        "unconfirmed": [
            (one, user.has_perm("credentials.confirm_recognition", one) and one.recorded_by_id != user.pk)
            for one in agreements
            if one.confirmed_at is None
        ],
        "mappings": selectors.mappings_on(today),
        "may_record": user.has_perm("credentials.record_recognition"),
        "may_read_papers": user.has_perm("credentials.confirm_recognition"),
        "today": today,
        "links": office_links(request),
    }
    return render(request, "credentials/recognition.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("credentials.record_recognition", raise_exception=True)
def recognition_new(request: HttpRequest) -> HttpResponse:
    """Record an agreement with its paper."""
    return form_page(
        request,
        RecognitionForm(request.POST or None, request.FILES or None),
        lambda said: services.record_recognition(actor=person(request), **said),
        title=_("Record an agreement of recognition"),
        lead=_("It counts once a second person has read the paper and confirmed it."),
        submit=_("Record it"),
        back=reverse("credentials:recognition"),
        back_label=_("Recognition"),
        done=_("The agreement is recorded. Ask a colleague to confirm it."),
    )


def _agreement(request: HttpRequest, key: int) -> RecognitionAgreement:
    found = RecognitionAgreement.objects.visible_to(request.user).known()
    return found_or_404(found.filter(pk=key).first())


@require_POST
@login_required
def recognition_confirm(request: HttpRequest, key: int) -> HttpResponse:
    """Say that one has read the paper and it says so."""
    agreement = _agreement(request, key)
    return deed(
        request,
        lambda: services.confirm_recognition(actor=person(request), agreement=agreement),
        done=_("The agreement is confirmed and counts."),
        back="credentials:recognition",
    )


@require_POST
@login_required
def recognition_end(request: HttpRequest, key: int) -> HttpResponse:
    """Say that an agreement holds no longer."""
    agreement = _agreement(request, key)
    return deed(
        request,
        lambda: services.end_recognition(actor=person(request), agreement=agreement),
        done=_("The agreement holds no longer from today on."),
        back="credentials:recognition",
    )


@require_safe
@login_required
def recognition_paper(request: HttpRequest, key: int) -> HttpResponseBase:
    """The paper itself, for those who confirm."""
    agreement = _agreement(request, key)
    demand(person(request), "credentials.confirm_recognition", agreement)
    if not agreement.evidence:
        found_or_404(None)
    return FileResponse(agreement.evidence.open("rb"), as_attachment=True)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def mapping_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Map an achievement to a framework."""
    achievement = found_or_404(selectors.achievement_of(request.user, uid))
    demand(person(request), "credentials.record_recognition", achievement)
    return form_page(
        request,
        MappingForm(request.POST or None),
        lambda said: services.record_mapping(actor=person(request), achievement=achievement, **said),
        goes_back=True,
        title=_("Map to a framework"),
        lead=_("A mapping says what an achievement corresponds to. It is no recognition by anybody."),
        submit=_("Record it"),
        back=achievement.get_absolute_url(),
        back_label=achievement.code,
        done=_("The mapping is recorded."),
    )


@require_POST
@login_required
def mapping_end(request: HttpRequest, key: int) -> HttpResponse:
    """Say that a mapping holds no longer."""
    found = AchievementMapping.objects.known().select_related("achievement__issuer")
    mapping = get_object_or_404(found, pk=key)
    return deed(
        request,
        lambda: services.end_mapping(actor=person(request), mapping=mapping),
        done=_("The mapping holds no longer from today on."),
        back=mapping.achievement,
    )
