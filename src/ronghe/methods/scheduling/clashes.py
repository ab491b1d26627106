"""What fixed times and authorisations leave free, and which slots no person can take together; plans nothing."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from datetime import datetime, timedelta

from ronghe.methods.scheduling.week import Authorised, Busy, Slot, Week


def authorised(held: Iterable[Authorised], family: str, slot: Slot) -> bool:
    """Whether an authorisation for the family holds from the start of the slot to its end."""
    return any(
        one.family == family and one.since <= slot.start and (one.until is None or slot.end <= one.until)
        for one in held
    )


class Clashes:
    """Which slots a person cannot take beside fixed times, and which pairs of slots one person cannot both take."""

    def __init__(self, week: Week) -> None:
        self.week = week
        self.rest = timedelta(hours=week.rules.rest_hours)
        first: dict[int, datetime] = {}
        for slot in week.slots:
            first.setdefault(slot.day, slot.start)
        self._opens = [first[day] for day in sorted(first)]
        self._days = sorted(first)

    def day_of(self, moment: datetime) -> int:
        """The working day that a moment falls in; before the first opening the day before."""
        at = bisect.bisect_right(self._opens, moment) - 1
        return self._days[at] if at >= 0 else self._days[0] - 1

    def free(self, slot: int, campus: str, taken: Iterable[Busy]) -> bool:
        """Whether a slot at a campus leaves the fixed times alone: no overlap, time to travel, rest between days."""
        here = self.week.slots[slot]
        for busy in taken:
            way = self.week.journey(campus, busy.campus)
            if busy.start < here.end + way and here.start < busy.end + way:
                return False
            if self.day_of(busy.start) > here.day and busy.start - here.end < self.rest:
                return False
            if self.day_of(busy.start) < here.day and here.start - busy.end < self.rest:
                return False
        return True

    def pairs(self, way: timedelta = timedelta(0)) -> list[tuple[int, int]]:
        """Slots of two working days in a row with too little rest (and way) between them."""
        return [
            (early, late)
            for early, one in enumerate(self.week.slots)
            for late in range(early + 1, len(self.week.slots))
            if self.week.slots[late].day == one.day + 1 and self.week.slots[late].start - one.end < self.rest + way
        ]
