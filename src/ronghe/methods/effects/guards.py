"""What guards a verdict: attrition, a negative control, several plans at once, and looking early; decides nothing.

Sources: What Works Clearinghouse, Procedures and Standards Handbook 5.0, 2022 (attrition); Holm, Scandinavian Journal
of Statistics 6, 1979; Lan and DeMets, Biometrika 70, 1983, with the spending function of O'Brien–Fleming kind;
Armitage, McPherson and Rowe, Journal of the Royal Statistical Society A 132, 1969 (the recursion of the boundary).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

import numpy as np

from ronghe.methods.effects.estimate import NORMAL, Estimate, Floats, checked_level
from ronghe.methods.explained import UnmetAssumption

_GRID = 2001
_TAIL = 8.0


class Standing(Enum):
    """How a guard stands: holds, holds with an adjustment, fails, or cannot be told."""

    HOLDS = "holds"
    WEAK = "weak"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard of a verdict: its stable code, how it stands, and the figure behind it in English."""

    code: str
    standing: Standing
    detail: str


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's adjusted p-values in the order given: the largest of (m − i + 1)·p₍ᵢ₎ so far, at most 1.

    Raises `UnmetAssumption` for a p-value outside 0 … 1.
    """
    if any(not 0 <= p <= 1 for p in p_values):
        raise UnmetAssumption("effects.p_value", "a p-value lies outside 0 to 1", "give p-values between 0 and 1")
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return tuple(adjusted)


@dataclass(frozen=True, slots=True)
class Look:
    """One of several looks: share of information, level spent up to it (both sides), |z| to pass, and its own p."""

    information: float
    spent: float
    critical_value: float
    nominal_level: float


def alpha_spending(information: Sequence[float], level: float = 0.05) -> tuple[Look, ...]:
    """Two-sided boundaries for looks at the shares of `information` (ascending, at most 1), spending `level` in all.

    Each side spends α*(t) = 2·(1 − Φ(z₁₋α/₄ / √t)) of its α/2 (O'Brien–Fleming kind). Boundaries follow by
    numerical integration of the density of the statistic that has not crossed yet.
    Raises `UnmetAssumption` unless 0 < t₁ < … ≤ 1.
    """
    checked_level(level)
    shares = [0.0, *information]
    if not information or any(after <= before for before, after in pairwise(shares)):
        raise UnmetAssumption(
            "effects.looks", f"looks at {list(information)}", "name looks in ascending order, all above 0"
        )
    if shares[-1] > 1:
        raise UnmetAssumption("effects.looks", f"a look at {shares[-1]:g} of the information", "end at 1 at most")
    side = level / 2
    quantile = NORMAL.inv_cdf(1 - side / 2)
    looks = []
    # The score process B(t) = Z·√t has independent steps; `density` is its density on `grid` where it has not crossed.
    grid, density = np.zeros(1), np.ones(1)
    spacing = 1.0
    spent_before = 0.0
    for before, share in pairwise(shares):
        spent = 2 * (1 - NORMAL.cdf(quantile / math.sqrt(share)))
        step = math.sqrt(share - before)
        boundary = _boundary(grid, density * spacing, step, spent - spent_before, share)
        critical = boundary / math.sqrt(share)
        looks.append(Look(share, 2 * spent, critical, math.erfc(critical / math.sqrt(2))))
        following = np.linspace(-boundary, boundary, _GRID)
        kernel = np.exp(-0.5 * ((following[:, None] - grid) / step) ** 2) / (step * math.sqrt(2 * math.pi))
        # The trapezoid rule: half weight at both ends.
        density = kernel @ (density * spacing)
        grid, spacing = following, float(following[1] - following[0])
        density[[0, -1]] /= 2
        spent_before = spent
    return tuple(looks)


def _boundary(grid: Floats, mass: Floats, step: float, to_spend: float, share: float) -> float:
    """The b at which the upper side's crossing probability Σ mass·(1 − Φ((b − x)/step)) equals what is to be spent."""
    from scipy.special import ndtr

    low, high = 0.0, _TAIL * math.sqrt(share)
    for _ in range(80):
        middle = (low + high) / 2
        crossing = float(mass @ ndtr((grid - middle) / step))
        low, high = (middle, high) if crossing > to_spend else (low, middle)
    return high


def attrition_guard(treated: tuple[int, int], compared: tuple[int, int]) -> Guard:
    """Judge attrition from (started, followed up) of the treated and of the compared.

    The tolerated difference falls from 0.10 when few are lost to 0 when half are: |loss₁ − loss₀| ≤ 0.10 · (1 − L/0.5),
    L the overall loss; a difference of at most half of that holds, up to all of it is weak. This line is ours, of the
    Handbook's shape and stricter than its optimistic boundary.
    Raises `UnmetAssumption` where nobody started or more were followed up than started.
    """
    for started, followed in (treated, compared):
        if not 0 <= followed <= started or not started:
            raise UnmetAssumption(
                "effects.attrition",
                f"{followed} of {started} were followed up",
                "count those who started and, of these, those with an outcome",
            )
    lost = 1 - (treated[1] + compared[1]) / (treated[0] + compared[0])
    apart = abs(treated[1] / treated[0] - compared[1] / compared[0])
    tolerated = max(0.0, 0.10 * (1 - lost / 0.5))
    within = Standing.HOLDS if apart <= tolerated / 2 else Standing.WEAK
    standing = within if apart <= tolerated else Standing.FAILS
    detail = f"{lost:.0%} lost overall, {apart:.1%} more on one side; {tolerated:.1%} is tolerated"
    return Guard("effects.attrition", standing, detail)


def negative_control_guard(placebo: Estimate, level: float = 0.05) -> Guard:
    """A measure that the improvement cannot have touched must not move: `placebo` is its estimated effect."""
    checked_level(level)
    moved = placebo.p_value <= level
    found = f"the untouched measure moved by {placebo.value:.4g} (p = {placebo.p_value:.3f})"
    return Guard("effects.negative_control", Standing.FAILS if moved else Standing.HOLDS, found)


def pre_trend_guard(p_value: float | None, level: float = 0.05) -> Guard:
    """Trends before the start: fails where they part at `level`, unknown where they cannot be tested."""
    checked_level(level)
    if p_value is None:
        return Guard("effects.pre_trend", Standing.UNKNOWN, "trends before the start cannot be tested")
    standing = Standing.FAILS if p_value <= level else Standing.HOLDS
    return Guard("effects.pre_trend", standing, f"trends before the start part with p = {p_value:.3f}")
