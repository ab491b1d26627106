"""Which weeks of placements are due, and what stands of each week."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from ronghe.apps.training.models import DUE_AFTER, WEEK, Entry, Placement, PlacementState, Stay
from ronghe.apps.training.weeks import monday_of

# Older weeks are asked for no more by mail and on the first screen; they may still be handed in.
LOOK_BACK = 4 * WEEK


@dataclass(frozen=True, slots=True)
class Week:
    """A week of a placement and the newest entry of it, if there is one."""

    placement: Placement
    monday: date
    entry: Entry | None = None
    counted: Entry | None = None

    @property
    def last_day(self) -> date:
        """The Sunday of the week."""
        return self.monday + timedelta(days=6)

    @property
    def due_on(self) -> date:
        """The day until which the evidence is handed in on time."""
        return self.monday + DUE_AFTER


def missing_weeks(day: date, *, placements: Iterable[Placement] | None = None) -> list[Week]:
    """Past weeks of the last month in which a placement ran and for which nothing is handed in; two queries.

    A returned entry waits for its student as a week does that nothing is handed in for.
    """
    first, last = monday_of(day) - LOOK_BACK, monday_of(day) - timedelta(days=1)
    stays = Stay.objects.during(first, last).filter(state=PlacementState.RUNNING)
    if placements is not None:
        stays = stays.filter(placement__in=[one.pk for one in placements])
    stays = stays.filter(placement__person__isnull=False).select_related("placement__person").order_by("pk")
    ran: dict[tuple[int, date], Placement] = {}
    for stay in stays:
        monday = max(first, monday_of(stay.valid_from))
        while monday <= last and (stay.valid_until is None or monday < stay.valid_until):
            ran[stay.placement_id, monday] = stay.placement
            monday += WEEK
    done = Entry.objects.filter(week__gte=first, state__in=["waiting", "asked", "confirmed"])
    handed_in = set(done.filter(placement__in={key for key, _monday in ran}).values_list("placement_id", "week"))
    return [
        Week(placement, monday) for (key, monday), placement in sorted(ran.items()) if (key, monday) not in handed_in
    ]


def weeks_of(placement: Placement, day: date) -> list[Week]:
    """Every week of a placement up to `day` in which it ran, newest first, with what stands of it; two queries."""
    entries: dict[date, list[Entry]] = {}
    found = Entry.objects.filter(placement=placement).select_related("unit").prefetch_related("marks", "attachments")
    for entry in found.order_by("week", "version"):
        entries.setdefault(entry.week, []).append(entry)
    mondays = set(entries)
    for stay in Stay.objects.known().filter(placement=placement, state=PlacementState.RUNNING):
        monday = monday_of(stay.valid_from)
        while monday <= day and (stay.valid_until is None or monday < stay.valid_until):
            mondays.add(monday)
            monday += WEEK
    return [
        Week(
            placement,
            monday,
            entries[monday][-1] if monday in entries else None,
            next((one for one in entries.get(monday, ()) if one.state == "confirmed"), None),
        )
        for monday in sorted(mondays, reverse=True)
    ]
