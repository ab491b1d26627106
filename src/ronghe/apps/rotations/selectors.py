"""Reads of plans of rotations for pages: plans, stays as a calendar, weeks as tables, what is next for somebody."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.rotations.models import Member, Plan, PlanState, Session, Stay, Week
from ronghe.apps.sites.models import HOLDING, Booking

FORTNIGHT = timedelta(days=14)


def plans(user: Any) -> QuerySet[Plan]:
    """Plans that `user` may see."""
    return Plan.objects.visible_to(user).order_by("-first_day", "-pk")


def find(user: Any, uid: UUID | str) -> Plan | None:
    """A plan by its uid, where `user` may see it."""
    return Plan.objects.visible_to(user).select_related("job").filter(uid=uid).first()


def groups_of(plan: Plan, user: Any) -> list[tuple[Any, list[Person]]]:
    """The groups of a plan with those of their trainees whom `user` may see; two queries."""
    people: dict[int, list[Person]] = defaultdict(list)
    members = Member.objects.visible_to(user).filter(group__plan=plan, person__isnull=False).select_related("person")
    for member in members:
        if member.person is not None:
            people[member.group_id].append(member.person)
    found = plan.groups.select_related("campus").order_by("number")
    return [(group, people[group.pk]) for group in found if people[group.pk]]


def calendar(plan: Plan, groups: Iterable[int]) -> list[dict[str, Any]]:
    """The stays of some groups as stretches of a calendar: fortnights at one place in a row are one stretch."""
    rows: list[dict[str, Any]] = []
    stays = Stay.objects.filter(group__in=list(groups)).select_related("group", "family", "campus")
    last: Stay | None = None
    for stay in stays.order_by("group__number", "fortnight"):
        start = plan.first_day + stay.fortnight * FORTNIGHT
        end = start + FORTNIGHT - timedelta(days=1)
        if (
            last is not None
            and (last.group_id, last.family_id, last.campus_id) == (stay.group_id, stay.family_id, stay.campus_id)
            and last.fortnight + 1 == stay.fortnight
        ):
            rows[-1]["end"] = end
        else:
            rows.append(
                {"label": f"{stay.group} · {stay.family.name}", "note": stay.campus.name, "start": start, "end": end}
            )
        last = stay
    return rows


@dataclass(slots=True)
class Line:
    """One line of a week's table: a group, machine or mentor, with the sessions of each day."""

    label: str
    days: list[list[tuple[str, Session]]] = field(default_factory=list)


def table(week: Week, user: Any, by: str) -> tuple[list[date], list[Line]]:
    """A week as a table by group, machine or mentor: its days, and for each line each day's sessions by the clock."""
    plan = week.plan
    zone = ZoneInfo(plan.zone)
    days = [week.first_day + timedelta(days=number) for number in range(plan.days)]
    rows = (
        Session.objects.standing()
        .visible_to(user)
        .filter(week=week)
        .select_related("group", "machine__family", "mentor", "week__plan")
    )
    lines: dict[tuple[Any, ...], Line] = {}
    for one in rows.order_by("starts_at"):
        key: tuple[Any, ...]
        if by == "machine":
            key, label = (one.machine.code, one.machine_id), f"{one.machine.name} · {one.machine.code}"
        elif by == "mentor":
            label = one.mentor.name if one.mentor is not None else "—"
            key = (label, one.mentor_id)
        else:
            key, label = (one.group.number,), str(one.group)
        line = lines.setdefault(key, Line(label, [[] for _day in days]))
        # Slots after midnight belong to the day on which work began.
        day = one.slot // plan.slots_a_day
        line.days[day].append((one.starts_at.astimezone(zone).strftime("%H:%M"), one))
    return days, [lines[key] for key in sorted(lines, key=lambda key: tuple(map(str, key)) if by != "group" else key)]


def coming(person: Person, until: datetime | None = None) -> QuerySet[Session]:
    """Sessions ahead of somebody, as trainee or mentor, in published plans."""
    now = timezone.now()
    groups = Member.objects.filter(person=person).values("group")
    ahead = Session.objects.standing().filter(week__plan__state=PlanState.PUBLISHED, ends_at__gt=now)
    if until is not None:
        ahead = ahead.filter(starts_at__lt=until)
    mine = ahead.filter(group__in=groups) | ahead.filter(mentor=person)
    return mine.select_related("group", "machine__site__campus", "mentor", "week__plan").order_by("starts_at")


def displaced() -> QuerySet[Session]:
    """Sessions ahead, of published plans, whose machine is no longer booked for them: a repair has to find another."""
    held = Booking.objects.filter(
        plan__startswith="rotations:",
        machine=OuterRef("machine"),
        starts_at=OuterRef("starts_at"),
        state__in=HOLDING,
    )
    ahead = Session.objects.standing().filter(week__plan__state=PlanState.PUBLISHED, starts_at__gt=timezone.now())
    return ahead.exclude(Exists(held))


def plans_to_repair() -> list[Plan]:
    """Published plans with sessions whose machine is gone, the earliest first; one query."""
    return list(Plan.objects.filter(pk__in=displaced().values("week__plan")).order_by("first_day"))


Move = tuple[Session | None, Session | None]


def moves(ended: Sequence[Session], made: Sequence[Session]) -> list[Move]:
    """What a repair does, session by session: what a group loses beside what it gets instead, the same hour first."""
    groups: dict[int, tuple[list[Session], list[Session]]] = defaultdict(lambda: ([], []))
    for one in sorted(ended, key=lambda one: one.starts_at):
        groups[one.group_id][0].append(one)
    for one in sorted(made, key=lambda one: one.starts_at):
        groups[one.group_id][1].append(one)
    found: list[Move] = []
    for before, after in groups.values():
        there = {one.starts_at: one for one in after}
        same: list[Move] = [(one, there.pop(one.starts_at)) for one in before if one.starts_at in there]
        kept = {old.pk for old, _new in same if old is not None}
        found += same + list(zip_longest([one for one in before if one.pk not in kept], there.values()))
    return sorted(found, key=lambda pair: (pair[0] or pair[1]).starts_at)  # type: ignore[union-attr]
