"""What waits for a person in training, by what they are, as the first screens and the task inbox show it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.inbox import Waiting
from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.training.models import (
    Assessment,
    Entry,
    EntryState,
    Incident,
    Placement,
    Supervision,
    SupervisionKind,
)
from ronghe.apps.training.selectors.placements import to_confirm, to_start
from ronghe.apps.training.selectors.weeks import missing_weeks

_MOST = 30


def waiting_for(person: Person, on: date | None = None) -> list[Waiting]:
    """What waits for `person`: own weeks, evidence to confirm or rate, starts, incidents; what is late comes first."""
    day = on or timezone.localdate()
    found: list[Waiting] = []
    if standing.holds(person, RoleKind.STUDENT):
        found += _own(person, day)
    if any(standing.holds(person, kind) for kind in (RoleKind.MENTOR, RoleKind.TEACHER)):
        found += _confirmations(person, day) + _ratings(person, day)
    firms = standing.organisations(person, RoleKind.ENTERPRISE_HR)
    if firms:
        found += _starts(firms, day)
    if standing.holds(person, RoleKind.OFFICE) or standing.holds(person, RoleKind.TEACHER):
        found += _incidents(person)
    return sorted(found, key=lambda one: (one.state != "bad", one.due or date.max, one.title))


def _own(person: Person, day: date) -> list[Waiting]:
    own = list(Placement.objects.filter(person=person, state__in=["running", "paused"]))
    if not own:
        return []
    found = [
        Waiting(
            title=_("Work of the week of %(week)s") % {"week": week.monday.isoformat()},
            text=week.placement.work,
            due=week.due_on,
            url=reverse("training:week", args=[week.placement.uid, week.monday]),
            state="bad" if week.due_on < day else "warn",
            action_label=_("Hand it in"),
            kind="entry",
        )
        for week in missing_weeks(day, placements=own)
    ]
    asked = Entry.objects.filter(placement__in=own, state=EntryState.ASKED).order_by("week")
    return found + [
        Waiting(
            title=_("Answer your mentor: %(week)s") % {"week": entry},
            text="",
            due=None,
            url=reverse("training:answer", args=[entry.uid]),
            state="warn",
            action_label=_("Answer"),
            kind="answer",
        )
        for entry in asked
    ]


def _confirmations(person: Person, day: date) -> list[Waiting]:
    return [
        Waiting(
            title=_("%(student)s: %(week)s") % {"student": entry.placement.student_name, "week": entry},
            text=_("something strikes") if entry.marks.all() else entry.placement.work,
            due=entry.due_on,
            url=entry.get_absolute_url(),
            state="bad" if entry.due_on < day else "progress",
            action_label=_("Confirm"),
            kind="confirm",
        )
        for entry in to_confirm(person)[:_MOST]
    ]


def _ratings(person: Person, day: date) -> list[Waiting]:
    """Open attempts that this person's side has not rated."""
    found = []
    mine = Supervision.objects.on(day).filter(person=person)
    for kind in SupervisionKind:
        there = mine.filter(kind=kind).values("placement")
        open_ = Assessment.objects.open().filter(placement__in=there).exclude(ratings__side=kind)
        for one in open_.select_related("placement__person", "unit").order_by("opened_on")[:_MOST]:
            found.append(
                Waiting(
                    title=_("Rate %(student)s") % {"student": one.placement.student_name},
                    text=one.unit.name,
                    due=None,
                    url=reverse("training:rate", args=[one.uid]),
                    state="progress",
                    action_label=_("Rate"),
                    kind="rate",
                )
            )
    return found


def _starts(firms: Iterable[int], day: date) -> list[Waiting]:
    return [
        Waiting(
            title=_("Confirm the start of %(student)s") % {"student": placement.student_name},
            text=placement.work,
            due=placement.starts_on,
            url=reverse("training:start", args=[placement.uid]),
            state="bad" if placement.starts_on < day else "warn",
            action_label=_("Confirm the start"),
            kind="start",
        )
        for placement in to_start(firms, day)[:_MOST]
    ]


def _incidents(user: Any) -> list[Waiting]:
    open_ = Incident.objects.visible_to(user).unanswered().select_related("placement__person")
    if not standing.holds(user, RoleKind.OFFICE):
        open_ = open_.filter(with_office=False)
    return [
        Waiting(
            title=_("Incident: %(student)s") % {"student": incident.placement.student_name},
            text=str(incident.get_severity_display()),
            due=timezone.localdate(incident.answer_by),
            url=incident.get_absolute_url(),
            state="bad" if incident.is_late or incident.with_office else "warn",
            action_label=_("Answer"),
            kind="incident",
        )
        for incident in open_.order_by("answer_by")[:_MOST]
    ]
