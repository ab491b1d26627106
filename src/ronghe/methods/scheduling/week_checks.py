"""The independent check of a week from plain rows: it shares no step with the planner and trusts nothing it says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from ronghe.methods.scheduling.checks import Breach
from ronghe.methods.scheduling.week import Busy, Session, Week

Event = tuple[datetime, datetime, str | None, int, bool]


def week_breaches(week: Week, sessions: Iterable[Session]) -> tuple[Breach, ...]:
    """Every rule of a week broken by the sessions."""
    rows = sorted(sessions)
    found: list[Breach] = []
    machines = {one.id: one for one in week.machines}
    mentors = {one.id: one for one in week.mentors}
    groups = {one.id: one for one in week.groups}
    known = []
    for row in rows:
        if (
            row.machine in machines
            and row.mentor in mentors
            and row.group in groups
            and 0 <= row.slot < len(week.slots)
        ):
            known.append(row)
        else:
            found.append(Breach("week.unknown", row.group, f"slot {row.slot}: {row.machine} with {row.mentor}"))
    for what in ("group", "machine", "mentor"):
        for (name, at), count in Counter((getattr(row, what), row.slot) for row in known).items():
            if count > 1:
                found.append(Breach(f"week.{what}_once", name, f"{count} times at {week.slots[at].start}"))
    events: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for row in known:
        slot, machine, group = week.slots[row.slot], machines[row.machine], groups[row.group]
        mentor = mentors[row.mentor]
        if (machine.family, machine.campus) != (group.family, group.campus):
            found.append(Breach("week.place", row.group, f"{machine.id} is {machine.family} at {machine.campus}"))
        if machine.campus not in mentor.campuses:
            found.append(Breach("week.mentor_campus", row.mentor, f"does not work at {machine.campus}"))
        if group.size > week.rules.load:
            found.append(Breach("week.load", row.mentor, f"{group.size} trainees"))
        for who, held in ((row.mentor, mentor.authorised), (row.group, group.authorised)):
            spans = [one for one in held if one.family == machine.family]
            if not any(one.since <= slot.start and (one.until is None or one.until >= slot.end) for one in spans):
                found.append(Breach("week.authorised", who, f"not for {machine.family} at {slot.start}"))
        found += [
            Breach("week.machine_closed", machine.id, f"at {slot.start}")
            for one in machine.closed
            if max(one.start, slot.start) < min(one.end, slot.end)
        ]
        event = slot.start, slot.end, machine.campus, slot.day, slot.night
        events["group", row.group].append(event)
        events["mentor", row.mentor].append(event)
    for (what, name), mine in sorted(events.items()):
        taken = groups[name].study if what == "group" else mentors[name].busy
        found += _person(week, what, name, mine, taken)
    had = Counter(row.group for row in known)
    for group in week.groups:
        if not group.least <= had[group.id] <= group.wanted:
            found.append(Breach("week.sessions", group.id, f"{had[group.id]}, not {group.least} to {group.wanted}"))
    return tuple(found)


def _person(week: Week, what: str, name: str, mine: list[Event], taken: Iterable[Busy]) -> list[Breach]:
    """Days, nights, the week's total, one campus a day, overlaps, journeys and rest of one person or group."""
    rules, found = week.rules, []
    per_day, nights = (
        (rules.group_day, rules.group_nights) if what == "group" else (rules.mentor_day, rules.mentor_nights)
    )
    for day, count in Counter(day for *_, day, _ in mine).items():
        if count > per_day:
            found.append(Breach(f"week.{what}_day", name, f"{count} slots on day {day + 1}"))
        places = {campus for _, _, campus, on, _ in mine if on == day}
        if len(places) > 1:
            found.append(Breach("week.one_campus", name, f"{', '.join(sorted(map(str, places)))} on day {day + 1}"))
    worked = {day for *_, day, night in mine if night}
    if len(worked) > nights:
        found.append(Breach(f"week.{what}_nights", name, f"{len(worked)} nights"))
    if what == "mentor" and len(mine) > rules.mentor_week:
        found.append(Breach("week.mentor_week", name, f"{len(mine)} slots"))
    opening: dict[int, datetime] = {}
    for slot in week.slots:
        opening[slot.day] = min(opening.get(slot.day, slot.start), slot.start)
    fixed: list[Event] = []
    for busy in taken:
        began = [day for day, start in opening.items() if start <= busy.start]
        fixed.append((busy.start, busy.end, busy.campus, max(began, default=min(opening) - 1), False))
    both = [*((event, True) for event in mine), *((event, False) for event in fixed)]
    both.sort(key=lambda one: one[0][0])
    rest = timedelta(hours=rules.rest_hours)
    for index, (one, planned) in enumerate(both):
        for other, also in both[index + 1 :]:
            if not (planned or also):
                continue
            pause = other[0] - one[1]
            way = week.journey(one[2], other[2])
            if pause < way:
                found.append(Breach("week.overlap", name, f"{one[0]} and {other[0]}"))
            if one[3] != other[3] and pause < (rest + way if planned and also else rest):
                found.append(Breach("week.rest", name, f"{pause} between {one[1]} and {other[0]}"))
    return found
