"""What CRI would be by chance, and under other parameters; both stand beside the index and change nothing in it."""

from dataclasses import dataclass, replace

import numpy as np

from ronghe.methods.cri.definition import CriDefinition, Teaching
from ronghe.methods.cri.index import CriResult, answered, corporate_response, index_of, practice_met
from ronghe.methods.demand import Floats
from ronghe.methods.explained import Assumption, Explanation, UnmetAssumption, inputs_hash

PERMUTATIONS = 999


@dataclass(frozen=True, slots=True)
class Placebo:
    """The result to test, and how many permutations of the skills to draw."""

    base: CriResult
    permutations: int = PERMUTATIONS
    seed: int = 0


@dataclass(frozen=True, slots=True)
class PlaceboResult:
    """CRI, and matching Σ ω_e M_e, beside the same teaching on permuted skills.

    `mean` and `high` (95th percentile) are of the permutations; `p_value` = (1 + number of permutations with at least
    the observed CRI) / (1 + permutations), `matching_p_value` likewise.
    """

    cri: float
    mean: float
    high: float
    p_value: float
    matching: float
    matching_mean: float
    matching_high: float
    matching_p_value: float
    permutations: int
    explanation: Explanation


def placebo(question: Placebo) -> PlaceboResult:
    """Return how the same teaching would answer demand if its skills were others, drawn at random.

    Coverage, level, lag and practice move together from skill to skill; demand, levels asked for and requirements stay.
    Raises `UnmetAssumption` (`cri.range`) for fewer than 99 permutations.
    """
    base = question.base
    if question.permutations < 99:
        raise UnmetAssumption(
            "cri.range", f"{question.permutations} permutations", "ask for at least 99, so that p can fall below 0.05"
        )
    definition, teaching = base.inputs.definition, base.inputs.teaching
    generator = np.random.default_rng(question.seed)
    counts = base.weight > 0
    weight, share, level = base.weight[counts], base.demand_share[counts], base.required_level[counts]
    response = base.response[counts]
    cri, matching = np.empty(question.permutations), np.empty(question.permutations)
    for draw in range(question.permutations):
        order = generator.permutation(len(teaching.coverage))
        moved = Teaching(
            teaching.coverage[order],
            teaching.level[order],
            teaching.lag[order],
            teaching.practice[order],
            teaching.practice_asked,
        )
        met = (share * answered(moved, level, definition.lag_half_life_months)).sum(axis=1)
        factors = np.stack([np.clip(met, 0, 1), response, np.clip(share @ practice_met(moved), 0, 1)], axis=1)
        matching[draw] = weight @ factors[:, 0]
        cri[draw] = weight @ index_of(factors, definition.exponents)
    observed = float(base.community_factors[0])
    return PlaceboResult(
        base.cri,
        float(cri.mean()),
        float(np.quantile(cri, 0.95)),
        _p_value(base.cri, cri),
        observed,
        float(matching.mean()),
        float(np.quantile(matching, 0.95)),
        _p_value(observed, matching),
        question.permutations,
        Explanation(
            "cri.placebo",
            definition.version,
            inputs_hash(base.explanation.inputs_hash, question.permutations, question.seed),
            (Assumption("cri.skills_exchangeable", None, "a skill taught could as well have been any other"),),
        ),
    )


def _p_value(observed: float, drawn: Floats) -> float:
    return (1.0 + float((drawn >= observed - 1e-9).sum())) / (1.0 + len(drawn))


@dataclass(frozen=True, slots=True)
class SensitivityRow:
    """CRI with one parameter changed: its name, the values before and after, CRI and the difference in points.

    `rank_agreement` is Spearman's ρ of the enterprises' CRI_e before and after; NaN for fewer than three.
    """

    parameter: str
    before: float
    after: float
    cri: float
    change: float
    rank_agreement: float


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """One row a parameter and direction, and how it was computed."""

    cri: float
    rows: tuple[SensitivityRow, ...]
    explanation: Explanation


EXPONENTS = ("matching_exponent", "response_exponent", "practice_exponent")
FACTORED = ("lag_half_life_months", "response_grace_days", "response_half_life_days")


def sensitivity(base: CriResult) -> Sensitivity:
    """Return CRI under each exponent ± 0.10, the others keeping their proportion; each half-life and the grace halved
    and doubled; and the level of skills for which nobody states one, one step lower and higher.

    Lags are taken as they are: their onset share is a parameter of `estimate_lags`.
    """
    definition = base.inputs.definition
    variants: list[tuple[str, CriDefinition]] = []
    for name in EXPONENTS:
        variants += [(name, _tilted(definition, name, step)) for step in (-0.1, 0.1)]
    for name in FACTORED:
        variants += [(name, replace(definition, **{name: getattr(definition, name) * by})) for by in (0.5, 2.0)]
    for step in (-1.0, 1.0):
        level = min(5.0, max(1.0, definition.unstated_level + step))
        variants.append(("unstated_level", replace(definition, unstated_level=level)))
    rows = []
    for name, variant in variants:
        other = corporate_response(replace(base.inputs, definition=variant))
        rows.append(
            SensitivityRow(
                name,
                getattr(definition, name),
                getattr(variant, name),
                other.cri,
                other.cri - base.cri,
                rank_agreement(base.by_enterprise, other.by_enterprise),
            )
        )
    return Sensitivity(
        base.cri,
        tuple(rows),
        Explanation("cri.sensitivity", definition.version, base.explanation.inputs_hash),
    )


def _tilted(definition: CriDefinition, name: str, step: float) -> CriDefinition:
    value = min(1.0, max(0.0, getattr(definition, name) + step))
    others = [other for other in EXPONENTS if other != name]
    rest = sum(getattr(definition, other) for other in others)
    scaled = {other: getattr(definition, other) * (1.0 - value) / rest for other in others} if rest else {}
    return replace(definition, **{name: value, **scaled}) if rest else definition


def rank_agreement(before: Floats, after: Floats) -> float:
    """Return Spearman's ρ with mid-ranks, over what is known in both; NaN for fewer than three or all tied."""
    known = ~(np.isnan(before) | np.isnan(after))
    if known.sum() < 3:
        return float("nan")
    left, right = _ranks(before[known]), _ranks(after[known])
    left, right = left - left.mean(), right - right.mean()
    scale = float(np.sqrt((left**2).sum() * (right**2).sum()))
    return float((left * right).sum() / scale) if scale > 0 else float("nan")


def _ranks(values: Floats) -> Floats:
    # Values equal but for rounding must tie, or the order of tied enterprises would seem to change.
    _, place, count = np.unique(np.round(values, 9), return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2.0)[place])
