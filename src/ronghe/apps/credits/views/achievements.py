"""Achievements: claim one's own, decide about another's, deposit what is confirmed."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.credits import services, sources
from ronghe.apps.credits.forms import ClaimForm, ReasonForm
from ronghe.apps.credits.models import Achievement, AchievementState, Correction
from ronghe.apps.credits.views.frame import found_or_404


def _found(request: HttpRequest, uid: UUID) -> Achievement:
    open_ = Achievement.objects.visible_to(person(request)).select_related("person", "host", "decided_by")
    return found_or_404(open_.filter(uid=uid).distinct().first())


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("credits.claim", raise_exception=True)
def claim(request: HttpRequest) -> HttpResponse:
    """Claim something achieved where no station of the platform saw it."""
    return form_page(
        request,
        ClaimForm(request.POST or None),
        lambda data: services.claim_achievement(actor=person(request), **data),
        title=_("Claim an achievement"),
        lead=_("It counts once a second party has confirmed it: the enterprise, or a teacher of your university."),
        submit=_("Claim it"),
        back=reverse("credits:overview"),
        back_label=_("Credit bank"),
        done=_("Your claim is recorded and waits for a second party."),
    )


@require_safe
@login_required
def achievement_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One achievement: what shows it, who confirmed it, and what came of it in the book."""
    achievement = _found(request, uid)
    user = person(request)
    is_open = achievement.state == AchievementState.CLAIMED
    transactions = achievement.transactions.select_related("rule", "lot", "reversal").order_by("pk")
    booked = [one for one in transactions if not hasattr(one, "reversal")]
    context = {
        "achievement": achievement,
        "transactions": transactions,
        "behind": sources.records_behind(achievement, user),
        "corrections": (corrections := list(achievement.corrections.select_related("asked_by", "settled_by"))),
        "may_correct": user.has_perm("credits.reverse") and achievement.person_id != user.pk,
        "may_ask": achievement.state == AchievementState.CONFIRMED
        and all(one.settled_at for one in corrections)
        and user.has_perm("credits.ask_correction", achievement),
        "may_decide": is_open and user.has_perm("credits.decide", achievement),
        "may_deposit": achievement.state == AchievementState.CONFIRMED
        and not booked
        and user.has_perm("credits.deposit", achievement),
    }
    return render(request, "credits/achievement.html", context)


def _address(achievement: Achievement) -> str:
    return reverse("credits:achievement", args=[achievement.uid])


@require_POST
@login_required
def confirm(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Confirm a claim."""
    achievement = _found(request, uid)
    return deed(
        request,
        lambda: services.confirm_achievement(actor=person(request), achievement=achievement),
        done=_("It is confirmed and can be deposited."),
        back=_address(achievement),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def refuse(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Refuse a claim, with the reason."""
    achievement = _found(request, uid)
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.refuse_achievement(actor=person(request), achievement=achievement, **data),
        title=_("Refuse “%(name)s”") % {"name": achievement.name},
        submit=_("Send it back"),
        back=_address(achievement),
        back_label=achievement.name,
        done=_("It is refused; the student reads your reason."),
        danger=True,
    )


@require_POST
@login_required
def deposit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Deposit a confirmed achievement."""
    achievement = _found(request, uid)
    return deed(
        request,
        lambda: services.deposit(actor=person(request), achievement=achievement),
        done=_("It is deposited."),
        back=_address(achievement),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def correction_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Ask for a correction."""
    achievement = _found(request, uid)
    if not request.user.has_perm("credits.ask_correction", achievement):
        raise PermissionDenied(_("The student and who confirmed it for the enterprise or the university ask for this."))
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.ask_correction(actor=person(request), achievement=achievement, **data),
        title=_("Ask for a correction of “%(name)s”") % {"name": achievement.name},
        lead=_("Correct the week itself first and have it confirmed; the office then puts the credits right."),
        submit=_("Ask for it"),
        back=_address(achievement),
        back_label=achievement.name,
        done=_("The office will see to it."),
        goes_back=True,
    )


def _correction(request: HttpRequest, uid: UUID) -> Correction:
    open_ = Correction.objects.visible_to(person(request)).select_related("achievement")
    return found_or_404(open_.filter(uid=uid).first())


@require_POST
@login_required
def correct(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Reverse and deposit anew, in one deed."""
    asked = _correction(request, uid)

    def act() -> None:
        done = services.correct(actor=person(request), correction=asked)
        for one in done.refused:
            messages.warning(request, f"{one.achievement.name}: {one.reason}")

    return deed(
        request,
        act,
        done=_("It is corrected: the old deposit is reversed, and what stands now is in the book."),
        back=_address(asked.achievement),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("credits.reverse", raise_exception=True)
def correction_refuse(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Leave it as it is, with a word why."""
    asked = _correction(request, uid)
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.refuse_correction(actor=person(request), correction=asked, answer=data["reason"]),
        title=_("Leave “%(name)s” as it is") % {"name": asked.achievement.name},
        submit=_("Leave it as it is"),
        back=_address(asked.achievement),
        back_label=asked.achievement.name,
        done=_("It stays as it is; who asked reads your reason."),
        goes_back=True,
    )
