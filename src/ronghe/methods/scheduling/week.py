"""What a week is planned from: slots, machines, mentors, groups with their study timetable, and the rules of work.

Times are moments with a zone. These are plain records; `check_week` refuses those that contradict each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ronghe.methods.explained import UnmetAssumption

NIGHT_FROM, NIGHT_UNTIL = time(22), time(6)


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot of the grid; `day` counts working days from 0, which may end after midnight."""

    start: datetime
    end: datetime
    day: int
    night: bool


@dataclass(frozen=True, slots=True)
class Busy:
    """A time that is taken: study, maintenance, other work. `campus` is where (None: no journey is needed)."""

    start: datetime
    end: datetime
    campus: str | None = None


@dataclass(frozen=True, slots=True)
class Authorised:
    """May use machines of a family from `since` on, before `until` (None: no end)."""

    family: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine of a family on a campus, and when it is closed."""

    id: str
    family: str
    campus: str
    closed: tuple[Busy, ...] = ()


@dataclass(frozen=True, slots=True)
class Mentor:
    """A mentor, the campuses he or she works at (one a day), authorisations, and times taken."""

    id: str
    campuses: tuple[str, ...]
    authorised: tuple[Authorised, ...]
    busy: tuple[Busy, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A group of `size` trainees at one family's machines on one campus this week.

    It wants `wanted` slots and must have `least`; `study` is the timetable of any of its trainees, kept free.
    """

    id: str
    family: str
    campus: str
    size: int
    wanted: int
    least: int = 0
    authorised: tuple[Authorised, ...] = ()
    study: tuple[Busy, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of work: rest between working days in hours, most slots, most nights, most trainees of one mentor.

    A mentor leads one group at a time, of at most `load` trainees.
    """

    rest_hours: float = 11.0
    group_day: int = 3
    mentor_day: int = 4
    mentor_week: int = 20
    group_nights: int = 2
    mentor_nights: int = 3
    load: int = 5


@dataclass(frozen=True, slots=True)
class Week:
    """All that a week is planned from; `travel` gives the hours between two campuses, the same both ways (0 else)."""

    slots: tuple[Slot, ...]
    machines: tuple[Machine, ...]
    mentors: tuple[Mentor, ...]
    groups: tuple[Group, ...]
    rules: Rules = Rules()
    travel: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def journey(self, one: str | None, other: str | None) -> timedelta:
        """How long the way between two campuses takes; none where a campus is not known."""
        if one is None or other is None or one == other:
            return timedelta(0)
        return timedelta(hours=self.travel.get((one, other), self.travel.get((other, one), 0.0)))


@dataclass(frozen=True, slots=True, order=True)
class Session:
    """A group at a machine with a mentor in a slot (its number in the week's grid)."""

    slot: int
    group: str
    machine: str
    mentor: str


def slots_of_week(
    first_day: date, zone: str, *, opens: time = time(6), hours: float = 2.0, per_day: int = 11, days: int = 6
) -> tuple[Slot, ...]:
    """The grid of a week: on each day `per_day` slots of `hours` real hours from the local time `opens` on.

    Slots run on in real time after the opening, so a change of the clocks neither doubles nor swallows one. Night is
    what overlaps 22:00–06:00 local. Raises `UnmetAssumption` (`scheduling.zone`, `scheduling.opening`) for a zone that
    is not known, an opening that the clocks skip or show twice on a day, and slots that run into the next opening.
    """
    try:
        local = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UnmetAssumption(
            "scheduling.zone", f"no time zone is called {zone}", "write it as Asia/Shanghai"
        ) from error
    utc = ZoneInfo("UTC")
    starts = []
    for day in range(days + 1):
        on = first_day + timedelta(days=day)
        opening = datetime.combine(on, opens, local)
        if opening.utcoffset() != opening.replace(fold=1).utcoffset():
            raise UnmetAssumption(
                "scheduling.opening",
                f"on {on} the clocks change at {opens:%H:%M}, which comes twice or never",
                "open an hour earlier or later in this week",
            )
        starts.append(opening.astimezone(utc))
    slots = []
    length = timedelta(hours=hours)
    for day in range(days):
        if starts[day] + per_day * length > starts[day + 1]:
            raise UnmetAssumption(
                "scheduling.opening",
                f"{per_day} slots of {hours:g} h from {opens:%H:%M} run into the next day's first",
                "take fewer or shorter slots",
            )
        for number in range(per_day):
            start = starts[day] + number * length
            slots.append(Slot(start, start + length, day, _night(start.astimezone(local), hours)))
    return tuple(slots)


def _night(start: datetime, hours: float) -> bool:
    """Whether the local time from `start` on, so many hours, overlaps 22:00–06:00."""
    begin = start.hour + start.minute / 60
    until = begin + hours
    return begin < NIGHT_UNTIL.hour or until > NIGHT_FROM.hour


def check_week(week: Week) -> None:
    """Refuse what contradicts itself: `UnmetAssumption` with `scheduling.week` says what and how to mend it."""
    for kind, names in (
        ("machine", [one.id for one in week.machines]),
        ("mentor", [one.id for one in week.mentors]),
        ("group", [one.id for one in week.groups]),
    ):
        seen: set[str] = set()
        for name in names:
            if name in seen:
                raise _refusal(f"the {kind} {name} is there twice", "give each one once")
            seen.add(name)
    if not week.slots:
        raise _refusal("a week without slots", "give the grid of its slots")
    previous: Slot | None = None
    for slot in week.slots:
        if slot.start.tzinfo is None or slot.end.tzinfo is None:
            raise _refusal(f"the slot at {slot.start} has no time zone", "give moments with a zone")
        if slot.end <= slot.start or (previous and (slot.start < previous.end or slot.day < previous.day)):
            raise _refusal(f"the slot at {slot.start} overlaps the one before or ends early", "give slots in order")
        previous = slot
    stands = {(machine.family, machine.campus) for machine in week.machines}
    for group in week.groups:
        if (group.family, group.campus) not in stands:
            raise _refusal(f"{group.id} is to use {group.family} at {group.campus}, and none stands there", "move it")
        if not 0 <= group.least <= group.wanted:
            raise _refusal(
                f"{group.id} must have {group.least} slots and wants {group.wanted}", "ask for as many as it wants"
            )
        if not 1 <= group.size <= week.rules.load:
            raise _refusal(
                f"{group.id} has {group.size} trainees, and a mentor takes 1 to {week.rules.load}", "split the group"
            )
    for who, taken in [
        *((one.id, one.busy) for one in week.mentors),
        *((one.id, one.study) for one in week.groups),
        *((one.id, one.closed) for one in week.machines),
    ]:
        for busy in taken:
            if busy.start.tzinfo is None or busy.end.tzinfo is None:
                raise _refusal(f"{who} is busy at {busy.start}, a time without a zone", "give moments with a zone")
            if busy.end <= busy.start:
                raise _refusal(f"{who} is busy until {busy.end}, before it begins", "mend the times")


def _refusal(found: str, remedy: str) -> UnmetAssumption:
    return UnmetAssumption("scheduling.week", found, remedy)
