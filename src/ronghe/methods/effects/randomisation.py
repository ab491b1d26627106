"""Randomisation inference: which effects the arrangements of treatment leave possible; knows no panel and no plan.

Sources: Fisher, "The Design of Experiments", 1935; Rosenbaum, "Observational Studies", 2002, chapter 2 (intervals by
inverting the test); Phipson and Smyth, Statistical Applications in Genetics and Molecular Biology 9, 2010 (a sampled
test counts the observed arrangement, so that its p-value is never too small).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ronghe.methods.effects.estimate import Booleans, Floats, Interval, checked_level, finite, flags, same_length
from ronghe.methods.explained import Assumption, Explanation, UnmetAssumption, inputs_hash

# Two-sided at 5%: with 40 arrangements the most extreme one has p = 2/40.
FEWEST_ARRANGEMENTS = 40
EXACT_UP_TO = 20_000
_TIE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Randomisation:
    """One number a unit (a change, a gap, a score) and the flag `treated`; treatment could have fallen on any others.

    Up to 20,000 arrangements all are taken; above, `draws` of them by chance from `seed`.
    """

    value: Floats
    treated: Booleans
    level: float = 0.05
    draws: int = 9_999
    seed: int = 1


@dataclass(frozen=True, slots=True)
class RandomisationTest:
    """The difference of means, the interval of constant effects not rejected, and the two-sided p-value of none.

    `p_value` is twice the smaller tail. `exact` says whether all `arrangements` were taken or `taken` of them.
    """

    difference: float
    interval: Interval
    p_value: float
    p_greater: float
    p_less: float
    arrangements: int
    taken: int
    exact: bool
    explanation: Explanation


def randomisation_test(parameters: Randomisation) -> RandomisationTest:
    """Test that treatment changed no unit, by the difference of means over all C(G, k) arrangements.

    Raises `UnmetAssumption` below 40 arrangements: no result could reach 5%, whatever happened.
    """
    checked_level(parameters.level)
    value, treated = finite("value", parameters.value), flags("treated", parameters.treated)
    same_length(value=value, treated=treated)
    units, number = len(treated), int(treated.sum())
    total = checked_arrangements(units, number)
    taken = arrangements(treated, draws=parameters.draws, seed=parameters.seed)
    tails = invert(value[None, :], treated, taken, parameters.level)
    return RandomisationTest(
        difference=float(value[treated].mean() - value[~treated].mean()),
        interval=Interval(float(tails.low[0]), float(tails.high[0])),
        p_value=float(tails.p_value[0]),
        p_greater=float(tails.p_greater[0]),
        p_less=float(tails.p_less[0]),
        arrangements=total,
        taken=len(taken),
        exact=total <= EXACT_UP_TO,
        explanation=Explanation(
            "effects.randomisation_test",
            1,
            inputs_hash(value, treated, parameters.level, parameters.draws, parameters.seed),
            (
                Assumption("effects.enough_arrangements", True, f"treatment could have fallen in {total} ways"),
                Assumption("effects.exchangeable", None, "any other units might as well have been treated"),
                Assumption("effects.constant_effect", None, "the interval takes the effect as the same for every unit"),
            ),
        ),
    )


def checked_arrangements(units: int, treated: int) -> int:
    """C(units, treated); raises `UnmetAssumption` below 40 or without units on either side."""
    if not 0 < treated < units:
        raise UnmetAssumption(
            "effects.one_group", f"{treated} of {units} units are treated", "give treated and untreated units"
        )
    total = math.comb(units, treated)
    if total < FEWEST_ARRANGEMENTS:
        raise UnmetAssumption(
            "effects.too_few_arrangements",
            f"{treated} treated of {units} units can be arranged in {total} ways, fewer than {FEWEST_ARRANGEMENTS}",
            "compare with more units (8 with 4 treated, or 10 with 2, are enough)",
        )
    return total


def arrangements(treated: Booleans, *, draws: int, seed: int, exact_up_to: int = EXACT_UP_TO) -> Booleans:
    """Arrangements (P, G) with as many treated: all of them, or the observed one and `draws` by chance."""
    units, number = len(treated), int(treated.sum())
    total = math.comb(units, number)
    if total <= exact_up_to:
        taken = np.zeros((total, units), dtype=bool)
        chosen = np.fromiter((unit for chosen in combinations(range(units), number) for unit in chosen), dtype=np.int64)
        taken[np.repeat(np.arange(total), number), chosen] = True
        return taken
    order = np.random.default_rng(seed).random((draws, units)).argsort(axis=1)
    taken = np.zeros((draws + 1, units), dtype=bool)
    taken[0] = treated
    np.put_along_axis(taken[1:], order[:, :number], values=True, axis=1)
    return taken


@dataclass(frozen=True, slots=True, eq=False)
class Tails:
    """For each of R samples (R,): the ends of the interval, both one-sided p-values and the two-sided one."""

    low: Floats
    high: Floats
    p_greater: Floats
    p_less: Floats

    @property
    def p_value(self) -> Floats:
        """Twice the smaller tail, at most 1."""
        return np.asarray(np.minimum(1.0, 2 * np.minimum(self.p_greater, self.p_less)))


def invert(values: Floats, treated: Booleans, taken: Booleans, level: float) -> Tails:
    """Test every constant effect τ on samples `values` (R, G) over the arrangements `taken` (P, G).

    With a_π the difference of means under arrangement π and b_π its overlap with the observed one, arrangement π
    reaches the observed difference of Y − τ·d exactly when τ ≥ r_π = (a − a_π)/(1 − b_π). So the p-value of every τ
    follows from one sorted list of r.
    """
    ratios, own = _ratios(values, treated, taken)
    tie = _TIE * np.maximum(np.abs(values).max(axis=1), 1e-300)[:, None]
    low, high = _ends(ratios, own, level)
    return Tails(
        low,
        high,
        p_greater=(own + (ratios <= tie).sum(axis=1)) / len(taken),
        p_less=(own + (ratios >= -tie).sum(axis=1)) / len(taken),
    )


def interval_ends(values: Floats, treated: Booleans, taken: Booleans, level: float) -> tuple[Floats, Floats]:
    """The ends of the interval alone, as `invert` gives them, for simulations."""
    return _ends(*_ratios(values, treated, taken), level)


def _ratios(values: Floats, treated: Booleans, taken: Booleans) -> tuple[Floats, int]:
    """r (R, P') of every other arrangement, and how many of those taken are the observed one."""
    number, units = int(treated.sum()), len(treated)
    contrast = np.where(taken, 1 / number, -1 / (units - number))
    overlap = contrast @ treated
    same = overlap > 1 - _TIE
    observed = np.where(treated, 1 / number, -1 / (units - number))
    directions = (observed - contrast[~same]) / (1 - overlap[~same])[:, None]
    return np.asarray(values @ directions.T.astype(values.dtype)), int(same.sum())


def _ends(ratios: Floats, own: int, level: float) -> tuple[Floats, Floats]:
    rank = math.floor(level / 2 * (ratios.shape[1] + own) + _TIE) - own
    if rank < 0:
        unbounded = np.full(len(ratios), np.inf)
        return -unbounded, unbounded
    last = ratios.shape[1] - 1 - rank
    ordered = np.partition(ratios, sorted({rank, last}), axis=1)
    return ordered[:, rank].copy(), ordered[:, last].copy()
