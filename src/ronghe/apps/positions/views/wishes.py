"""A student's ranked wishes, reordered by plain buttons, and what a firm sees of who wished for its position."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.accounts.pages import deed, person
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.positions import selectors, services
from ronghe.apps.positions.consent import MATCHING
from ronghe.apps.positions.models import Participation
from ronghe.apps.positions.views.frame import found_or_404
from ronghe.apps.positions.views.rounds import address_of, found_round

_LONGEST_LIST = 200
_LONGEST_REVISION = 10


def _participation(request: HttpRequest, uid: UUID) -> Participation:
    round = found_round(request, uid)
    row = Participation.objects.filter(round=round, person=person(request), excused="")
    return found_or_404(row.select_related("round", "person", "cohort").first())


def moved(listed: list[str], deed: str) -> list[str]:
    """The list after one button was pressed: `up:`, `down:`, `drop:` or `add:` and the position it stood at."""
    verb, _colon, uid = deed.partition(":")
    if verb == "add":
        return [*listed, uid] if uid not in listed else listed
    if uid not in listed:
        return listed
    place = listed.index(uid)
    rest = [one for one in listed if one != uid]
    if verb == "drop":
        return rest
    target = {"up": place - 1, "down": place + 1}.get(verb, place)
    return [*rest[: max(target, 0)], uid, *rest[max(target, 0) :]]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def wishes(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Rank positions and hand the list in; a button that moves a line saves nothing yet."""
    row = _participation(request, uid)
    user = person(request)
    choices = {str(one.position.uid): one for one in selectors.choices(row)}
    listed = [str(one.uid) for one in selectors.own_list(row)]
    agrees, problems, status, revision, touched = row.consented_at is not None, [], 200, row.revision, ""
    if request.method == "POST":
        touched = request.POST.get("do", "")
        listed = [one for one in dict.fromkeys(request.POST.getlist("wish")) if one in choices][:_LONGEST_LIST]
        agrees = request.POST.get("agrees") == "on"
        text = request.POST.get("revision", "")
        revision = int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST_REVISION else revision
        if touched == "save":
            try:
                services.state_wishes(
                    actor=user,
                    participation=row,
                    revision=revision,
                    positions=[choices[one].position for one in listed],
                    agrees=agrees,
                )
            except ValidationError as error:
                problems, status = error.messages, 422
            except StaleRevision as stale:
                problems, status, revision = [str(stale)], 409, stale.current.revision
            else:
                messages.success(request, _("Your preferences are handed in. You may change them until they close."))
                return redirect(address_of(row.round))
        else:
            listed = moved(listed, touched)
    gone = [one for one in listed if one not in choices]
    context = {
        "round": row.round,
        "row": row,
        "revision": revision,
        "listed": [choices[one] for one in listed if one in choices],
        "others": [one for uid_, one in choices.items() if uid_ not in listed],
        "gone": len(gone),
        "agrees": agrees,
        "purpose": MATCHING,
        "problems": problems,
        "touched": touched,
        "takes_wishes": row.round.takes_wishes(timezone.localdate()),
        "unsaved": request.method == "POST",
    }
    return render(request, "positions/wishes.html", context, status=status)


@require_POST
@login_required
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take one's wishes back."""
    row = _participation(request, uid)
    return deed(
        request,
        lambda: services.withdraw_from_round(actor=person(request), participation=row),
        done=_("Your preferences are taken back; you are not matched in this round unless you hand in again."),
        back=address_of(row.round),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def applicants(request: HttpRequest, uid: UUID, position: UUID) -> HttpResponse:
    """Who wished for a firm's position, and whom it would take first."""
    user, round = person(request), found_round(request, uid)
    place = found_or_404(
        round.round_positions.select_related("round", "position__organisation").filter(position__uid=position).first()
    )
    found_or_404(place if user.has_perm("positions.give_priority", place) else None)
    found = selectors.applicants(place)
    accounts.note_looks(viewer=user, people=[one.person for one in found], page=request.path)
    typed = {
        one.person.pk: (
            str(one.priority.place) if one.priority else "",
            one.priority.reason if one.priority else "",
        )
        for one in found
    }
    problems, status = [], 200
    if request.method == "POST":
        typed = {
            one.person.pk: (
                request.POST.get(f"place_{one.person.uid}", "").strip()[:4],
                request.POST.get(f"reason_{one.person.uid}", "").strip()[:300],
            )
            for one in found
        }
        try:
            services.give_priorities(actor=user, place=place, ranked=_ranked(found, typed))
        except ValidationError as error:
            problems, status = error.messages, 422
        else:
            messages.success(request, _("Saved: it counts in the next run."))
            return redirect(reverse("positions:applicants", args=[round.uid, place.position.uid]))
    context = {
        "round": round,
        "place": place,
        "lines": [(one, *typed[one.person.pk]) for one in found],
        "problems": problems,
        "may_change": round.state in ("collecting", "proposed"),
    }
    return render(request, "positions/applicants.html", context, status=status)


def _ranked(found: list[Any], typed: dict[int, tuple[str, str]]) -> list[tuple[Person, str]]:
    """Who was given a place, in order. Raises ValidationError for a place that is no number or is given twice."""
    places: dict[int, tuple[Person, str]] = {}
    for one in found:
        text, reason = typed[one.person.pk]
        if not text:
            continue
        if not (text.isascii() and text.isdigit() and int(text)):
            raise ValidationError(_("A place is a whole number from 1; leave it empty for everyone else."))
        if int(text) in places:
            raise ValidationError(_("Place %(place)s is given twice.") % {"place": text})
        places[int(text)] = (one.person, reason)
    return [places[place] for place in sorted(places)]
