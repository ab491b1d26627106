"""On each day a window of work for each person, so chosen that any slots within keep the rest and night rules.

Two slots of days in a row leave enough rest when both lie in a window of (a day − rest) whose opening hour does not
move back from one day to the next; after a day off it may. It chooses windows, never slots.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.scheduling.week import Slot, Week

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
_NEVER = -1e18


class Windows:
    """The windows a grid of slots allows, with `rest_hours` between days (and the way between campuses added)."""

    def __init__(self, week: Week, rest_hours: float) -> None:
        days = sorted({slot.day for slot in week.slots})
        openings = {day: min(slot.start for slot in week.slots if slot.day == day) for day in days}
        between = [openings[late] - openings[early] for early, late in pairwise(days)]
        # Where the clocks change a day is an hour shorter; the shortest one rules.
        length = min([timedelta(days=1), *between]) - timedelta(hours=rest_hours)
        begins = [slot.start - openings[slot.day] for slot in week.slots]
        ends = [slot.end - openings[slot.day] for slot in week.slots]
        starts = sorted(set(begins))
        last = max(ends)
        useful = [start for start in starts if start == starts[0] or start + length <= last + timedelta(hours=1)]
        rest = timedelta(hours=rest_hours)
        # Slots of two days in a row with too little rest between them.
        self.clash = np.array(
            [
                [
                    abs(one.day - other.day) == 1
                    and max(one, other, key=_day).start - min(one, other, key=_day).end < rest
                    for other in week.slots
                ]
                for one in week.slots
            ]
        )
        self.days = [np.array([slot.day == day for slot in week.slots]) for day in days]
        self.night = np.array([slot.night for slot in week.slots])
        self.inside = np.array(
            [
                [start <= begin and end <= start + length for begin, end in zip(begins, ends, strict=True)]
                for start in useful
            ]
        )

    def choose(self, worth: Floats, nights: int) -> Booleans:
        """For persons × slots of worth, the slots of the windows of greatest total worth with at most so many nights.

        Dynamic programming over days; the state is the window of the day before (or a day off) and the nights so far.
        """
        persons, slots = worth.shape
        kinds = len(self.inside)
        # Choice 0 is a day off; then each window without its night slots, then each window with them.
        masks = [np.zeros(slots, dtype=bool)]
        masks += [window & ~self.night for window in self.inside]
        masks += [window.copy() for window in self.inside]
        value = np.full((persons, kinds + 1, nights + 1), _NEVER)
        value[:, 0, 0] = 0.0
        back: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = []
        for day in self.days:
            gains = [worth[:, mask & day].sum(axis=1) for mask in masks]
            fresh = np.full_like(value, _NEVER)
            from_window = np.zeros(value.shape, dtype=np.int64)
            from_night = np.zeros(value.shape, dtype=np.int64)
            chosen = np.zeros(value.shape, dtype=np.int64)
            for choice, gain in enumerate(gains):
                window = 0 if choice == 0 else (choice - 1) % kinds + 1
                uses_night = choice > kinds
                before = value[:, : window + 1, :] if window else value
                which = before.argmax(axis=1)
                reached = before.max(axis=1)
                for used in range(nights + 1 - uses_night):
                    total = reached[:, used] + gain
                    at = used + uses_night
                    better = total > fresh[:, window, at]
                    fresh[better, window, at] = total[better]
                    from_window[better, window, at] = which[better, used]
                    from_night[better, window, at] = used
                    chosen[better, window, at] = choice
            back.append((from_window, from_night, chosen))
            value = fresh
        flat = value.reshape(persons, (kinds + 1) * (nights + 1)).argmax(axis=1)
        window, night = flat // (nights + 1), flat % (nights + 1)
        everyone = np.arange(persons)
        allowed = np.zeros((persons, slots), dtype=bool)
        table = np.array(masks)
        for (from_window, from_night, chosen), day in zip(reversed(back), reversed(self.days), strict=True):
            choice = chosen[everyone, window, night]
            allowed |= table[choice] & day
            window, night = from_window[everyone, window, night], from_night[everyone, window, night]
        return self._widened(allowed, nights)

    def _widened(self, allowed: Booleans, nights: int) -> Booleans:
        """All slots beside the windows that clash with none of the days around, nights up to their number."""
        working = np.array([(allowed & day & self.night).any(axis=1) for day in self.days])
        for number, day in enumerate(self.days):
            around = (allowed & ~day).astype(np.int32) @ self.clash.astype(np.int32) > 0
            night = working[number] | (working.sum(axis=0) < nights)
            allowed |= day & ~around & (~self.night | night[:, None])
            working[number] = (allowed & day & self.night).any(axis=1)
        return allowed


def _day(slot: Slot) -> int:
    return slot.day
