"""What waits for a person: positions to approve, wishes to state, offers to answer, runs to publish, appeals."""

from datetime import date

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronghe.apps.accounts.inbox import Waiting
from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.positions.models import (
    Acceptance,
    AcceptanceState,
    Appeal,
    AppealState,
    Assignment,
    ClassMember,
    MemberState,
    OrderClass,
    OrderState,
    Participation,
    Position,
    PositionState,
    Round,
    RoundState,
    StudentSkill,
)
from ronghe.apps.positions.selectors.orders import work_waiting

_SHOWN = 6


def waiting_for(person: Person, on: date | None = None) -> list[Waiting]:
    """What waits for `person`, by the roles held today; a bounded number of queries."""
    day = on or timezone.localdate()
    found: list[Waiting] = []
    if standing.holds(person, RoleKind.OFFICE):
        found += _office(day)
    if standing.holds(person, RoleKind.ENTERPRISE_HR):
        found += _firm(person)
    if standing.holds(person, RoleKind.ENTERPRISE_HR) or standing.holds(person, RoleKind.MENTOR):
        found += _to_accept(person)
    if standing.holds(person, RoleKind.STUDENT):
        found += _student(person, day)
    if standing.holds(person, RoleKind.TEACHER):
        found += _teacher(person)
    return found


def _office(day: date) -> list[Waiting]:
    found = []
    submitted = Position.objects.filter(state=PositionState.SUBMITTED)
    shown = list(submitted.select_related("organisation").order_by("submitted_at")[: _SHOWN + 1])
    found += [
        Waiting(
            _("Approve: %(title)s") % {"title": one.title},
            f"{one.organisation.name} · "
            + ngettext("%(count)s seat", "%(count)s seats", one.seats) % {"count": one.seats},
            one.starts_on,
            one.get_absolute_url(),
        )
        for one in shown[:_SHOWN]
    ]
    if len(shown) > _SHOWN:
        found.append(
            Waiting(_("More positions wait for approval"), "", None, reverse("positions:overview") + "?state=submitted")
        )
    found += [
        Waiting(
            _("Approve: %(title)s") % {"title": one.name},
            one.organisation.name,
            one.starts_on,
            one.get_absolute_url(),
        )
        for one in OrderClass.objects.filter(state=OrderState.SUBMITTED).select_related("organisation")[:_SHOWN]
    ]
    rounds = Round.objects.filter(state__in=[RoundState.PROPOSED, RoundState.COLLECTING])
    for one in rounds.annotate(
        missing=Count("participations", filter=Q(participations__submitted_at=None, participations__excused=""))
    )[:_SHOWN]:
        if one.state == RoundState.PROPOSED:
            found.append(Waiting(_("Publish or compute again"), one.name, one.starts_on, one.get_absolute_url()))
        elif day > one.closes_on:
            found.append(Waiting(_("Compute the matching"), one.name, one.starts_on, one.get_absolute_url()))
        elif one.opens_on <= day and (missing := getattr(one, "missing", 0)):
            said = ngettext(
                "%(count)s student has not stated preferences yet",
                "%(count)s students have not stated preferences yet",
                missing,
            ) % {"count": missing}
            found.append(Waiting(one.name, said, one.closes_on, one.get_absolute_url(), "progress"))
    unplaced = (
        Assignment.objects.published()
        .filter(position=None, person__isnull=False, round__starts_on__gte=day)
        .order_by()
        .values_list("round__uid", "round__starts_on")
        .annotate(Count("pk"))
    )
    for uid, starts_on, count in unplaced[:_SHOWN]:
        found.append(
            Waiting(
                ngettext("%(count)s unplaced student", "%(count)s unplaced students", count) % {"count": count},
                _("A published round has left them without a position."),
                starts_on,
                reverse("positions:round", args=[uid]),
                "bad",
            )
        )
    found += [
        Waiting(
            _("Answer an appeal"),
            one.assignment.round.name,
            one.assignment.round.appeals_until,
            reverse("positions:answer_appeal", args=[one.uid]),
        )
        for one in Appeal.objects.filter(state=AppealState.OPEN).select_related("assignment__round")[:_SHOWN]
    ]
    return found


def _to_accept(person: Person) -> list[Waiting]:
    """Work on tasks of the own firms' classes."""
    firms = standing.organisations(person, (RoleKind.ENTERPRISE_HR, RoleKind.MENTOR))
    return [
        Waiting(
            _("Accept the work of %(student)s") % {"student": one.member.person.name if one.member.person else "—"},
            one.task.title,
            None,
            one.get_absolute_url(),
        )
        for one in work_waiting(person).filter(member__order_class__organisation__in=firms)[:_SHOWN]
    ]


def _firm(person: Person) -> list[Waiting]:
    firms = standing.organisations(person, RoleKind.ENTERPRISE_HR)
    returned = Position.objects.filter(organisation__in=firms, state=PositionState.DRAFT).exclude(note="")
    return [
        Waiting(_("Mend and submit again: %(title)s") % {"title": one.title}, one.note, None, one.get_absolute_url())
        for one in returned[:_SHOWN]
    ]


def _student(person: Person, day: date) -> list[Waiting]:
    rows = Participation.objects.filter(
        person=person,
        excused="",
        round__state=RoundState.COLLECTING,
        round__opens_on__lte=day,
        round__closes_on__gte=day,
        submitted_at=None,
    ).select_related("round")
    found = [
        Waiting(
            _("State your preferences"),
            row.round.name,
            row.round.closes_on,
            reverse("positions:wishes", args=[row.round.uid]),
        )
        for row in rows
    ]
    offers = ClassMember.objects.filter(person=person, state=MemberState.OFFERED, answer_by__gte=day)
    found += [
        Waiting(
            _("Answer the offer of an order class"),
            one.order_class.name,
            one.answer_by,
            one.order_class.get_absolute_url(),
        )
        for one in offers.select_related("order_class")
    ]
    found += _to_mend(person)
    published = Assignment.objects.published().filter(person=person, round__starts_on__gte=day)
    found += [
        Waiting(
            _("You are matched: see where, and why") if one.position_id else _("You have no position: see why"),
            one.position.name if one.position else one.round.name,
            one.round.appeals_until,
            one.get_absolute_url(),
            "ok" if one.position_id else "bad",
        )
        for one in published.select_related("round", "position__organisation")
    ]
    return found


def _to_mend(person: Person) -> list[Waiting]:
    """Work on tasks that the firm returned and that was not handed in again."""
    later = Acceptance.objects.filter(task=OuterRef("task"), member=OuterRef("member"), pk__gt=OuterRef("pk"))
    returned = Acceptance.objects.filter(
        ~Exists(later),
        state=AcceptanceState.RETURNED,
        member__person=person,
        member__state=MemberState.ACCEPTED,
        member__order_class__state=OrderState.OPEN,
        task__retired_on=None,
    )
    return [
        Waiting(
            _("Mend and hand in again: %(task)s") % {"task": one.task.title},
            one.comment,
            None,
            reverse("positions:task_hand_in", args=[one.task.uid]),
        )
        for one in returned.select_related("task").order_by("decided_at", "pk")[:_SHOWN]
    ]


def _teacher(person: Person) -> list[Waiting]:
    waiting = StudentSkill.objects.visible_to(person).filter(confirmed_at=None).exclude(person=person).count()
    if not waiting:
        return []
    said = ngettext("%(count)s skill to confirm", "%(count)s skills to confirm", waiting) % {"count": waiting}
    return [Waiting(said, _("Students declared them for the matching."), None, reverse("positions:skills"))]
