"""Difference-in-differences of few units by randomisation: changes from a baseline to a window; gives no verdict.

Definitions, section 4, tier B. With Δ_i the mean of unit i's outcome in the window less its mean in the baseline, the
effect is the difference of the mean Δ between treated and compared; inference by randomisation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ronghe.methods.effects.estimate import Booleans, Floats, Interval, checked_level
from ronghe.methods.effects.guards import Guard, pre_trend_guard
from ronghe.methods.effects.panel import Panel, WidePanel, wide
from ronghe.methods.effects.randomisation import arrangements, checked_arrangements, invert
from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash

_FEWEST_BASELINE_PERIODS = 4


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods from `first` to `last`, both included."""

    first: float
    last: float

    def within(self, period: Floats) -> Booleans:
        """Which of `period` lie inside."""
        return np.asarray((period >= self.first) & (period <= self.last))


@dataclass(frozen=True, slots=True, eq=False)
class FewUnits:
    """A panel whose treated all start between `baseline` and `window`; see `randomisation` for `draws` and `seed`.

    `least_effect` is signed as the outcome is; with it the result also tests whether the effect can be that large.
    """

    panel: Panel
    baseline: Periods
    window: Periods
    least_effect: float | None = None
    level: float = 0.05
    draws: int = 9_999
    seed: int = 1


@dataclass(frozen=True, slots=True)
class FewUnitsEffect:
    """The effect in the outcome's unit, its interval by inversion and p-values by randomisation.

    `p_value` tests no effect; `p_least` (None without a least effect) that the effect equals the least one, or more
    in its direction. `pre_trend` compares the second half of the baseline with the first.
    """

    effect: float
    interval: Interval
    p_value: float
    p_least: float | None
    pre_trend: Guard
    units: int
    treated: int
    explanation: Explanation


def few_units(parameters: FewUnits) -> FewUnitsEffect:
    """Estimate and test the effect on few units.

    Raises `UnmetAssumption` where there are fewer than 40 arrangements, where baseline and window overlap, have no
    period or are in the wrong order, and where a unit starts inside one of them.
    """
    checked_level(parameters.level)
    panel = wide(parameters.panel)
    treated = _treated(panel, parameters)
    checked_arrangements(len(treated), int(treated.sum()))
    baseline = panel.outcome[:, parameters.baseline.within(panel.period)]
    change = panel.outcome[:, parameters.window.within(panel.period)].mean(axis=1) - baseline.mean(axis=1)
    half = baseline.shape[1] // 2
    testable = baseline.shape[1] >= _FEWEST_BASELINE_PERIODS
    earlier = baseline[:, half:].mean(axis=1) - baseline[:, :half].mean(axis=1) if testable else np.zeros(len(change))
    samples = [change, earlier]
    if parameters.least_effect is not None:
        samples.append(change - parameters.least_effect * treated)
    taken = arrangements(treated, draws=parameters.draws, seed=parameters.seed)
    tails = invert(np.array(samples), treated, taken, parameters.level)
    p_least = None
    if parameters.least_effect is not None:
        one_sided = tails.p_less[2] if parameters.least_effect > 0 else tails.p_greater[2]
        p_least = min(1.0, 2 * float(one_sided))
    short = Caution("effects.short_baseline", "the baseline is too short to test trends before the start")
    return FewUnitsEffect(
        effect=float(change[treated].mean() - change[~treated].mean()),
        interval=Interval(float(tails.low[0]), float(tails.high[0])),
        p_value=float(tails.p_value[0]),
        p_least=p_least,
        pre_trend=pre_trend_guard(float(tails.p_value[1]) if testable else None, parameters.level),
        units=len(treated),
        treated=int(treated.sum()),
        explanation=Explanation(
            "effects.few_units",
            1,
            inputs_hash(
                *(panel.unit, panel.period, panel.outcome, panel.start, parameters.baseline, parameters.window),
                *(parameters.least_effect, parameters.level, parameters.draws, parameters.seed),
            ),
            (
                Assumption("effects.enough_arrangements", True, f"{len(taken)} arrangements were taken"),
                Assumption("effects.exchangeable", None, "any other units might as well have been treated"),
                Assumption("effects.constant_effect", None, "the interval takes the effect as the same for every unit"),
            ),
            () if testable else (short,),
        ),
    )


def _treated(panel: WidePanel, parameters: FewUnits) -> Booleans:
    baseline, window = parameters.baseline, parameters.window
    if not baseline.last < window.first:
        raise UnmetAssumption(
            "effects.windows_overlap",
            f"the baseline ends at {baseline.last:g} and the window begins at {window.first:g}",
            "end the baseline before the window begins",
        )
    for name, periods in (("baseline", baseline), ("window", window)):
        if not periods.within(panel.period).any():
            raise UnmetAssumption(
                "effects.empty_window", f"no period of the panel lies in the {name}", f"move the {name} into the panel"
            )
    inside = np.isfinite(panel.start) & (panel.start <= window.last)
    if (inside & ((panel.start <= baseline.last) | (panel.start > window.first))).any():
        raise UnmetAssumption(
            "effects.start_inside_window",
            "a unit starts inside the baseline or the window",
            "choose windows that no start falls into, or estimate staggered effects",
        )
    return np.asarray(inside)
