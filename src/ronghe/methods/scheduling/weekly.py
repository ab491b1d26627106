"""Stage 2, the week: which group works at which machine with which mentor in which slot, with a proven gap."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ronghe.methods.explained import Assumption, Explanation, UnmetAssumption, inputs_hash
from ronghe.methods.scheduling.checks import Breach
from ronghe.methods.scheduling.flowing import Network, augment, most, network_of, nothing, search
from ronghe.methods.scheduling.proof import Proof, Relaxation, Standing, Unschedulable, standing
from ronghe.methods.scheduling.seating import seat
from ronghe.methods.scheduling.week import Authorised, Rules, Session, Week, check_week
from ronghe.methods.scheduling.week_checks import week_breaches

VERSION = 1


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """The sessions of a week; `proofs` bounds how many could be placed at all, `open_slots` counts machine × slot.

    `breaches` is what the independent check found: none in a plan that may be published.
    """

    sessions: tuple[Session, ...]
    wanted: int
    open_slots: int
    standing: Standing
    proofs: tuple[Proof, ...]
    breaches: tuple[Breach, ...]
    explanation: Explanation

    @property
    def used(self) -> float:
        """The share of the open machine slots that is used: the denominator is what is open, not the day."""
        return len(self.sessions) / self.open_slots if self.open_slots else 0.0


def plan_week(
    week: Week,
    *,
    seed: int = 1,
    rounds: int = 150,
    gap: float = 0.0,
    seconds: float = 60.0,
    progress: Callable[[float], None] = lambda _: None,
) -> WeekPlan:
    """The plan that places the most sessions found in so many `rounds`, and a bound on what any plan could place.

    Rest and night rules keep to windows of work (`windows`); within them the most sessions are a maximum flow
    (`flowing`). The bound is the flow without those rules. It stops early at a gap of `gap`, or after `seconds`; where
    the time does not cut it short the same seed gives the same plan. `progress` is told the share of the rounds done.

    Raises `UnmetAssumption` as `check_week` does, `Unschedulable` (`scheduling.possible`) where the least of all groups
    cannot be met, naming which rule would have to give, and `scheduling.time` where that is not proven but none was
    found.
    """
    check_week(week)
    net = network_of(week)
    explain_week(week, net)
    bound = most(net)
    end = time.monotonic() + seconds

    def running(turn: int) -> bool:
        progress(turn / rounds)
        return time.monotonic() < end

    flow = search(net, bound, rounds, seed, gap, running)
    groups, mentors = week.groups, week.mentors
    placed = [
        (groups[g].id, int(at)) for g, at in zip(net.group[flow.groups], net.group_slot[flow.groups], strict=True)
    ]
    leads = [
        (mentors[m].id, int(at), net.kinds[kind])
        for m, at, kind in zip(
            net.mentor[flow.mentors], net.mentor_slot[flow.mentors], net.mentor_kind[flow.mentors], strict=True
        )
    ]
    had = np.bincount(net.group[flow.groups], minlength=len(groups))
    short = [group.id for group, got in zip(groups, had.tolist(), strict=True) if got < group.least]
    if short:
        raise UnmetAssumption(
            "scheduling.time",
            f"no plan was found that gives {', '.join(short[:5])}{' and others' if len(short) > 5 else ''} their least",
            "allow more rounds, lower their least, or ease rest and night rules",
        )
    sessions = seat(week, placed, leads)
    proofs = (Proof("placed", float(flow.placed), float(bound)),)
    breaches = week_breaches(week, sessions)
    return WeekPlan(
        sessions=sessions,
        wanted=sum(group.wanted for group in groups),
        open_slots=int(net.open.sum()),
        standing=standing(proofs),
        proofs=proofs,
        breaches=breaches,
        explanation=Explanation(
            "scheduling.week",
            VERSION,
            inputs_hash(week, seed, rounds),
            (
                Assumption("scheduling.rules_kept", not breaches, f"{len(breaches)} breaches by the independent check"),
                Assumption("scheduling.machines_alike", None, "machines of a family on a campus are taken as alike"),
            ),
        ),
    )


def explain_week(week: Week, net: Network) -> None:
    """Raise `Unschedulable` where the groups' least cannot be met even without rest and night rules.

    It names the groups that fall short in one such best attempt, and for each kind of rule by how many sessions they
    would still fall short were it lifted alone.
    """
    asked = sum(group.least for group in week.groups)
    reached, short = _least_flow(net)
    if reached == asked:
        return
    lifted = {
        "mentor_hours": replace(
            week, rules=replace(week.rules, mentor_day=len(week.slots), mentor_week=len(week.slots))
        ),
        "mentor_authorised": replace(
            week,
            mentors=tuple(
                replace(mentor, authorised=tuple(Authorised(family, week.slots[0].start) for family in families))
                for families in [sorted({machine.family for machine in week.machines})]
                for mentor in week.mentors
            ),
        ),
        "mentor_busy": replace(week, mentors=tuple(replace(mentor, busy=()) for mentor in week.mentors)),
        "machine_closed": replace(week, machines=tuple(replace(machine, closed=()) for machine in week.machines)),
        "group_authorised": replace(
            week,
            groups=tuple(
                replace(group, authorised=(Authorised(group.family, week.slots[0].start),)) for group in week.groups
            ),
        ),
        "group_study": replace(week, groups=tuple(replace(group, study=()) for group in week.groups)),
        "group_day": replace(week, rules=_without_day(week.rules, len(week.slots))),
    }
    gains = []
    for kind, eased in lifted.items():
        better, _ = _least_flow(network_of(eased))
        if better > reached:
            gains.append(Relaxation(kind, short[:5], float(asked - reached), float(better - reached)))
    gains.sort(key=lambda one: -one.by)
    said = "; ".join(f"without {one.kind} {one.by:g} more" for one in gains) or "no single rule would help"
    raise Unschedulable(
        f"{asked - reached} of the {asked} sessions that must be find no place ({', '.join(short[:5])}): {said}",
        "ease one of these rules, add machines or mentors, or lower the least",
        tuple(gains),
    )


def _without_day(rules: Rules, slots: int) -> Rules:
    return replace(rules, group_day=slots)


def _least_flow(net: Network) -> tuple[int, tuple[str, ...]]:
    least = np.array([group.least for group in net.week.groups], dtype=np.int64)
    everything = np.ones(len(net.group), dtype=bool), np.ones(len(net.mentor), dtype=bool)
    flow = augment(net, nothing(net), *everything, least)
    had = np.bincount(net.group[flow.groups], minlength=len(least))
    return flow.placed, tuple(net.week.groups[at].id for at in np.flatnonzero(had < least))
