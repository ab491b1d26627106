"""Names the machine and the mentor of each session once slots are settled; the same ones as before wherever it can."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ronghe.methods.scheduling.week import Session, Week

Kind = tuple[str, str]
Held = Mapping[tuple[str, int], tuple[str, str]]


def seat(
    week: Week,
    placed: Iterable[tuple[str, int]],
    leads: Iterable[tuple[str, int, Kind]],
    before: Held | None = None,
) -> tuple[Session, ...]:
    """Sessions from (group, slot) and (mentor, slot, kind), as many of the one as of the other for each kind and slot.

    `before` holds (machine, mentor) of an older plan by (group, slot), kept where both are still to be had; otherwise a
    group keeps to the machines and mentors it had most often so far.
    """
    old = before or {}
    kind_of = {group.id: (group.family, group.campus) for group in week.groups}
    machines: dict[Kind, list[str]] = defaultdict(list)
    closed: set[tuple[str, int]] = set()
    for machine in week.machines:
        machines[machine.family, machine.campus].append(machine.id)
        for at, slot in enumerate(week.slots):
            if any(busy.start < slot.end and slot.start < busy.end for busy in machine.closed):
                closed.add((machine.id, at))
    groups: dict[tuple[int, Kind], list[str]] = defaultdict(list)
    for group_id, at in placed:
        groups[at, kind_of[group_id]].append(group_id)
    mentors: dict[tuple[int, Kind], list[str]] = defaultdict(list)
    for mentor, at, kind in leads:
        mentors[at, kind].append(mentor)
    had: Counter[tuple[str, str]] = Counter()
    sessions = []
    for at, kind in sorted(groups):
        here = sorted(groups[at, kind])
        open_machines = [machine for machine in machines[kind] if (machine, at) not in closed]
        on = _pair(here, open_machines, {g: old[g, at][0] for g in here if (g, at) in old}, had)
        by = _pair(here, sorted(mentors[at, kind]), {g: old[g, at][1] for g in here if (g, at) in old}, had)
        for group_id in here:
            had[group_id, on[group_id]] += 1
            had[group_id, by[group_id]] += 1
            sessions.append(Session(at, group_id, on[group_id], by[group_id]))
    return tuple(sorted(sessions))


def _pair(
    groups: Sequence[str], others: Sequence[str], before: Mapping[str, str], had: Mapping[tuple[str, str], int]
) -> dict[str, str]:
    """One other for each group: an assignment that keeps most of what was before, then most of what is familiar."""
    from scipy.optimize import linear_sum_assignment  # SciPy is loaded where a plan is made, not with every page.

    worth = np.array(
        [
            [1000.0 * (before.get(group) == other) + min(had.get((group, other), 0), 50) for other in others]
            for group in groups
        ]
    )
    rows, columns = linear_sum_assignment(-worth)
    return {groups[row]: others[column] for row, column in zip(rows.tolist(), columns.tolist(), strict=True)}
