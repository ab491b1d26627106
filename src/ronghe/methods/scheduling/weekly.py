"""Stage 2, the week: which group works at which machine with which mentor in which slot, with a proven gap."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ronghe.methods.explained import Assumption, Explanation, UnmetAssumption, inputs_hash
from ronghe.methods.scheduling.checks import Breach
from ronghe.methods.scheduling.flowing import most, network_of, search
from ronghe.methods.scheduling.proof import Proof, Standing, standing
from ronghe.methods.scheduling.seating import seat
from ronghe.methods.scheduling.week import Session, Week, check_week
from ronghe.methods.scheduling.week_checks import week_breaches
from ronghe.methods.scheduling.weekly_reasons import explain_rest, explain_week

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

    Raises `UnmetAssumption` as `check_week` does, `Unschedulable` (`scheduling.possible`) where it is proven that the
    least of all groups cannot be met, naming rules that together leave no plan and what each would bring were it
    lifted, and `scheduling.time` where that is not proven but none was found.
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
        explain_rest(week, tuple(short))
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
