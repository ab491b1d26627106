"""Achievements: what can be certified, defined and changed as drafts, with what each version asks for."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credentials import selectors, services
from ronghe.apps.credentials.forms import AchievementForm
from ronghe.apps.credentials.models import Achievement, AchievementVersion, Issuer
from ronghe.apps.credentials.views.frame import deed, form_page, found_or_404


@require_safe
@login_required
@permission_required("credentials.view_achievement", raise_exception=True)
def achievement_list(request: HttpRequest) -> HttpResponse:
    """Everything that can be certified, with its newest version and its certificates."""
    context = {
        "rows": selectors.achievements(request.user),
        "may_define": request.user.has_perm("credentials.define_achievement") and Issuer.objects.exists(),
        "may_issue": request.user.has_perm("credentials.issue_certificate"),
        "may_found": request.user.has_perm("credentials.found_issuer"),
        "has_issuer": Issuer.objects.exists(),
    }
    return render(request, "credentials/achievement_list.html", context)


def _achievement(request: HttpRequest, uid: UUID) -> Achievement:
    return found_or_404(selectors.achievement_of(request.user, uid))


@require_safe
@login_required
@permission_required("credentials.view_achievement", raise_exception=True)
def achievement_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One achievement: its versions with skills and conditions, and how it stands outside."""
    achievement = _achievement(request, uid)
    versions = list(selectors.versions_of(achievement))
    newest = versions[0]
    context = {
        "achievement": achievement,
        "newest": newest,
        "versions": versions,
        "facts": _facts(achievement, newest),
        "unmeasured": selectors.unmeasured_conditions(newest),
        "recognised": selectors.recognition_of(achievement),
        "may_define": request.user.has_perm("credentials.define_achievement", achievement),
        "may_issue": request.user.has_perm("credentials.issue_certificate", achievement)
        and achievement.retired_on is None,
        "may_record": request.user.has_perm("credentials.record_recognition", achievement),
    }
    return render(request, "credentials/achievement.html", context)


def _facts(achievement: Achievement, newest: AchievementVersion) -> list[tuple[str, Any]]:
    months = _("%(months)s months") % {"months": newest.months_valid} if newest.months_valid else _("does not run out")
    facts = [
        (_("Issuer"), achievement.issuer.organisation.name),
        (_("Code"), achievement.code),
        (_("Kind"), newest.get_type_display()),
        (_("Eight-level worker"), newest.get_worker_level_display() if newest.worker_level else None),
        (_("EQF level, our own reading"), newest.eqf_level),
        (_("A certificate holds for"), months),
        (_("Issued until"), achievement.retired_on.isoformat() if achievement.retired_on else None),
    ]
    return [(term, value) for term, value in facts if value is not None]


def _issuers(request: HttpRequest) -> list[Issuer]:
    """The issuers for which this person defines achievements."""
    return [
        issuer
        for issuer in Issuer.objects.select_related("organisation")
        if request.user.has_perm("credentials.define_achievement", issuer)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("credentials.define_achievement", raise_exception=True)
def achievement_new(request: HttpRequest) -> HttpResponse:
    """Define an achievement."""
    form = AchievementForm(request.POST or None, issuers=_issuers(request))
    return form_page(
        request,
        form,
        lambda said: services.define_achievement(
            actor=person(request), issuer=said["issuer"], code=said["code"], data=form.data_of_version
        ),
        title=_("Define an achievement"),
        lead=_("It stays a draft until the first certificate is issued; from then on this version cannot change."),
        submit=_("Save the draft"),
        back=reverse("credentials:achievement_list"),
        back_label=_("Achievements"),
        done=_("The achievement is saved as a draft."),
        template="credentials/achievement_form.html",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def achievement_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Change the draft, or start the next version where the newest one is frozen."""
    achievement = _achievement(request, uid)
    demand(person(request), "credentials.define_achievement", achievement)
    newest = selectors.versions_of(achievement)[0]
    form = AchievementForm(request.POST or None, version=newest)

    def act(said: dict[str, Any]) -> AchievementVersion:
        if newest.is_frozen:
            return services.start_version(actor=person(request), achievement=achievement, data=form.data_of_version)
        return services.change_version(
            actor=person(request), version=newest, revision=said["revision"], data=form.data_of_version
        )

    return form_page(
        request,
        form,
        act,
        title=_("Start version %(number)s") % {"number": newest.number + 1}
        if newest.is_frozen
        else _("Change the draft"),
        lead=_("Certificates of the earlier versions stay what they are.") if newest.is_frozen else "",
        submit=_("Save the draft"),
        back=achievement.get_absolute_url(),
        back_label=newest.name,
        done=_("The draft is saved."),
        template="credentials/achievement_form.html",
    )


@require_POST
@login_required
def achievement_retire(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Issue it no more from today on."""
    achievement = _achievement(request, uid)
    return deed(
        request,
        lambda: services.retire_achievement(actor=person(request), achievement=achievement),
        done=_("It is issued no more. Certificates of it stay what they are."),
        back=achievement,
    )
