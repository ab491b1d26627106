"""How many months teaching came after demand, skill by skill, from monthly demand; decides nothing about coverage.

ℓ_s = first release that teaches s − the month in which its demand share, over three months, first reached 25% of
today's; for a skill that is not taught, now − that month; never below 0.
"""

from dataclasses import dataclass

import numpy as np

from ronghe.methods.cri.definition import CRI_1, CriDefinition, check_definition, check_range
from ronghe.methods.demand import Floats
from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash

FEW_PEOPLE = 12.0
"""Below so many people asked for in the last window, a quarter of today's share is some three people: mostly chance."""


@dataclass(frozen=True, slots=True)
class LagInputs:
    """Demand by month and the first releases.

    `demand` (skills, months) in people, not recency-weighted, of the whole community; the last month is now.
    `first_release` (skills,) is a month on the same axis (negative: before the record), NaN where nothing released
    teaches the skill.
    """

    demand: Floats
    first_release: Floats
    definition: CriDefinition = CRI_1


@dataclass(frozen=True, slots=True)
class LagResult:
    """Lags in months, all (skills,).

    `onset` is the month in which demand began by the definition, NaN for a skill never asked for, whose lag is 0.
    `at_start` says that it began in the first month of the record or before, so that the lag is "at least"; `recent` is
    the number of people asked for in the last window, on which the threshold rests.
    """

    lag: Floats
    onset: Floats
    at_start: np.ndarray
    recent: Floats
    explanation: Explanation


def estimate_lags(inputs: LagInputs) -> LagResult:
    """Return ℓ_s of each skill.

    Raises `UnmetAssumption`: `cri.shapes`, `cri.range`, `cri.definition`, `cri.no_months` for a record without a month,
    `cri.future_release` for a release after the last month.
    """
    demand, release, definition = inputs.demand, inputs.first_release, inputs.definition
    check_definition(definition)
    if demand.ndim != 2 or release.shape != demand.shape[:1]:
        raise UnmetAssumption(
            "cri.shapes",
            f"demand has the shape {demand.shape}, first_release {release.shape}",
            "give skills × months and one release a skill",
        )
    check_range("demand", demand, 0, np.inf)
    months = demand.shape[1]
    if months == 0:
        raise UnmetAssumption("cri.no_months", "the record of demand has no month", "import dated postings first")
    late = np.flatnonzero(release > months - 1)
    if len(late):
        raise UnmetAssumption(
            "cri.future_release",
            f"skill {late[0]} is first released in month {release[late[0]]:g}, after the last one ({months - 1})",
            "count only what is released by the day asked about",
        )
    onset = onset_months(demand, definition)
    recent = demand[:, -definition.onset_window_months :].sum(axis=1)
    asked = ~np.isnan(onset)
    warnings = []
    unsure = int((asked & (recent < FEW_PEOPLE)).sum())
    if unsure:
        warnings.append(
            Caution("cri.few_people", f"{unsure} skills were asked of fewer than {FEW_PEOPLE:g} people of late")
        )
    at_start = onset == 0
    if at_start.any():
        warnings.append(
            Caution("cri.lag_at_least", f"{int(at_start.sum())} skills were in demand when the record began")
        )
    return LagResult(
        lag_months(onset, release, months),
        onset,
        at_start,
        recent,
        Explanation(
            "cri.lag",
            definition.version,
            inputs_hash(inputs),
            (Assumption("cri.record_covers_onset", not at_start.any(), "demand began within the record"),),
            tuple(warnings),
        ),
    )


def onset_months(demand: np.ndarray, definition: CriDefinition = CRI_1) -> Floats:
    """Return the month in which demand reached the onset share of today's, (…, skills), from (…, skills, months).

    A month's share X_t / N_t is that of all skills' demand over the window that ends with it, shorter at the start of
    the record. Today's is the last window's; a skill without demand there is compared with its latest window that has
    any. NaN for a skill never asked for. The month is argmax_t Σ_{u ≥ t} (X_u − θ N_u), θ the share to reach: where the
    share only grows this is the first month that reaches θ, and in a noisy record the first month in which its monotone
    (isotonic) fit does, so that one early advertisement is no onset. Source: Barlow et al., "Statistical inference
    under order restrictions", 1972, section 1.2 (level sets of the isotonic fit from its cumulative sums).
    """
    months = demand.shape[-1]
    summed = np.cumsum(demand, axis=-1, dtype=np.float64)
    width = definition.onset_window_months
    window = summed.copy()
    window[..., width:] -= summed[..., :-width]
    # Differences of running sums leave rounding behind where there is nothing.
    window[window < 1e-9 * summed[..., -1:]] = 0.0
    everything = window.sum(axis=-2, keepdims=True)
    present = window > 0
    latest = (months - 1 - np.argmax(present[..., ::-1], axis=-1))[..., None]
    today = np.take_along_axis(window, latest, axis=-1) / np.maximum(
        np.take_along_axis(np.broadcast_to(everything, window.shape), latest, axis=-1), np.finfo(float).tiny
    )
    # A hair below, so that a share of exactly a quarter is reached whatever the rounding.
    excess = window - definition.onset_share * (1.0 - 1e-9) * today * everything
    from_here = np.cumsum(excess[..., ::-1], axis=-1)[..., ::-1]
    return np.where(present.any(axis=-1), np.argmax(from_here, axis=-1), np.nan)


def lag_months(onset: Floats, first_release: Floats, months: int) -> Floats:
    """Return ℓ of the shape of `onset` (…, skills): first release, or the last month, minus onset; at least 0."""
    end = np.where(np.isnan(first_release), months - 1.0, first_release)
    return np.where(np.isnan(onset), 0.0, np.maximum(0.0, end - onset))
