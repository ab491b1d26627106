"""The Corporate Response Index with its exact decompositions and what-if answers; reads no clock and draws nothing.

For enterprise e and skill s, with the letters of the definition:

    a_es  = k_s · min(1, p_s / r_es) · 2^(−ℓ_s / 18)          M_e = Σ_s w_es a_es
    R_e   = (Σ_i v_i · 2^(−max(0, d_i − 30) / 90) + 0.5) / (Σ_i v_i + 1)      over requirements i raised
    Q_e   = Σ_s w_es · min(1, π_s / π*_s)
    CRI_e = 100 · M_e^0.60 · R_e^0.25 · Q_e^0.15              CRI = Σ_e ω_e CRI_e
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ronghe.methods.cri.definition import (
    FEWEST,
    CriInputs,
    Requirements,
    Teaching,
    check,
    check_teaching,
    required_levels,
)
from ronghe.methods.demand import Floats
from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash

FACTORS = ("matching", "response", "practice")


@dataclass(frozen=True, slots=True)
class CriResult:
    """CRI, what it consists of and what is missing to 100.

    NaN marks an enterprise without demand ("no data"): it is left out of CRI, and `weight` ω shares its part among the
    others. With E enterprises, S skills, N requirements:

    - `cri`; `by_enterprise` (E,), in points of 100; `matching`, `response`, `practice` (E,): M, R, Q ∈ [0, 1];
    - `enterprise_share` (E,): ω_e CRI_e, which sum to `cri`;
    - `demand_share` w (E, S); `answered` a (E, S); `practised` min(1, π/π*) (S,);
    - `skill_gap` (E, S): w(1 − a), which sum to 1 − M_e over the skills;
    - `factor_loss` (E, 3): Shapley values of M, R, Q, which sum to 100 − CRI_e;
    - `skill_loss` (S,): points of CRI that each skill costs by matching and practice over all enterprises;
      `requirement_loss` (N,): points that each requirement's waiting costs; `prior_loss`: points that the prior in R
      costs. All of them sum to 100 − CRI.
    """

    inputs: CriInputs
    cri: float
    by_enterprise: Floats
    weight: Floats
    matching: Floats
    response: Floats
    practice: Floats
    demand_share: Floats
    answered: Floats
    practised: Floats
    required_level: Floats
    enterprise_share: Floats
    skill_gap: Floats
    factor_loss: Floats
    skill_loss: Floats
    requirement_loss: Floats
    prior_loss: float
    explanation: Explanation

    @property
    def community_factor_loss(self) -> Floats:
        """Points of CRI that M, R and Q cost over all enterprises, (3,); they sum to 100 − CRI."""
        return np.asarray(np.nansum(self.weight[:, None] * self.factor_loss, axis=0))

    @property
    def community_factors(self) -> Floats:
        """The ω-weighted means of M, R and Q, (3,); CRI is the mean of products, not the product of these means."""
        factors = np.stack([self.matching, self.response, self.practice], axis=1)
        return np.asarray(np.nansum(self.weight[:, None] * factors, axis=0))


def corporate_response(inputs: CriInputs) -> CriResult:
    """Return CRI with its decompositions.

    Raises `UnmetAssumption` with the codes `cri.shapes`, `cri.range`, `cri.definition`, `cri.no_data`, `cri.no_weight`.
    """
    check(inputs)
    definition, teaching, asked = inputs.definition, inputs.teaching, inputs.requirements
    total = inputs.demand.sum(axis=1)
    known = total > 0
    weight = np.where(known, inputs.enterprise_weight, 0.0)
    weight = weight / weight.sum()
    share = np.where(known[:, None], inputs.demand / np.where(known, total, 1.0)[:, None], np.nan)
    levels, unstated = required_levels(inputs)
    met = answered(teaching, levels, definition.lag_half_life_months)
    practised = practice_met(teaching)
    skill_gap = share * (1.0 - met)
    practice_gap = share * (1.0 - practised)
    matching = _share_left(skill_gap.sum(axis=1))
    practice = _share_left(practice_gap.sum(axis=1))
    response, waiting, denominator = _response(inputs)
    response = np.where(known, response, np.nan)
    factors = np.stack([matching, response, practice], axis=1)
    by_enterprise = index_of(factors, definition.exponents)
    loss = shapley(factors, definition.exponents)
    # Each factor's loss is shared out in proportion to the gaps that make up 1 − factor; a factor of 1 has no loss.
    weighted = weight[:, None] * np.where(known[:, None], loss, 0.0)
    per_gap = np.divide(weighted, 1.0 - factors, out=np.zeros_like(weighted), where=factors < 1.0)
    skill_loss = np.nansum(skill_gap * per_gap[:, :1] + practice_gap * per_gap[:, 2:], axis=0)
    requirement_loss = waiting / denominator[asked.enterprise] * per_gap[asked.enterprise, 1]
    prior = (definition.response_prior_weight - definition.response_prior) / denominator
    enterprise_share = weight * np.where(known, by_enterprise, 0.0)
    return CriResult(
        inputs,
        float(enterprise_share.sum()),
        by_enterprise,
        weight,
        matching,
        response,
        practice,
        share,
        met,
        practised,
        levels,
        enterprise_share,
        skill_gap,
        loss,
        skill_loss,
        requirement_loss,
        float((prior * per_gap[:, 1]).sum()),
        _explanation(inputs, known, unstated),
    )


def answered(teaching: Teaching, required_level: Floats, lag_half_life_months: float) -> Floats:
    """Return a_es = k_s · min(1, p_s / r_es) · 2^(−ℓ_s / h), of the shape of `required_level`."""
    attained = np.minimum(1.0, teaching.level / required_level)
    return np.asarray(teaching.coverage * attained * np.exp2(-teaching.lag / lag_half_life_months))


def practice_met(teaching: Teaching) -> Floats:
    """Return min(1, π_s / π*_s), (skills,); 1 where π*_s = 0."""
    none = teaching.practice_asked == 0
    ratio = teaching.practice / np.where(none, 1.0, teaching.practice_asked)
    return np.where(none, 1.0, np.minimum(1.0, ratio))


def index_of(factors: Floats, exponents: Floats) -> Floats:
    """Return 100 · M^α · R^β · Q^γ over the last axis."""
    return np.asarray(100.0 * np.prod(factors**exponents, axis=-1))


def shapley(factors: Floats, exponents: Floats) -> Floats:
    """Return each factor's Shapley value in 100 − CRI_e, of the shape of `factors` (…, 3).

    A factor left out of a coalition counts as 1. With f = factor^exponent, the value of f₁ is
    100 · (1 − f₁) · (1/3 + (f₂ + f₃)/6 + f₂ f₃/3): its loss averaged over the six orders in which the three may come.
    Source: Shapley, "A value for n-person games", 1953.
    """
    powers = factors**exponents
    following, last = np.roll(powers, -1, axis=-1), np.roll(powers, -2, axis=-1)
    return np.asarray(100.0 * (1.0 - powers) * (1 / 3 + (following + last) / 6 + following * last / 3))


@dataclass(frozen=True, slots=True)
class SkillChange:
    """What a unit to be released, or a plan, would change of one skill; None leaves the value as it is."""

    skill: int
    coverage: float | None = None
    level: float | None = None
    lag: float | None = None
    practice: float | None = None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The result to start from, and what would change; the last change of a skill counts."""

    base: CriResult
    changes: Sequence[SkillChange]


@dataclass(frozen=True, slots=True)
class WhatIfAnswer:
    """CRI as it would be and the difference, `by_enterprise` and the factors M and Q likewise (enterprises,)."""

    cri: float
    gain: float
    by_enterprise: Floats
    enterprise_gain: Floats
    matching: Floats
    practice: Floats
    explanation: Explanation


def what_if(question: WhatIf) -> WhatIfAnswer:
    """Return CRI after the changes, from the changed skills alone.

    Raises `UnmetAssumption` (`cri.range`) for a skill that is not there or a value outside its scale.
    """
    base = question.base
    teaching = changed(base.inputs.teaching, question.changes)
    skills = np.unique(np.array([change.skill for change in question.changes], dtype=np.int64))
    part = Teaching(*(getattr(teaching, name)[skills] for name in Teaching.__slots__))
    definition = base.inputs.definition
    share = base.demand_share[:, skills]
    met = answered(part, base.required_level[:, skills], definition.lag_half_life_months)
    gained = (share * (met - base.answered[:, skills])).sum(axis=1)
    practised = (share * (practice_met(part) - base.practised[skills])).sum(axis=1)
    matching = np.clip(base.matching + gained, 0.0, 1.0)
    practice = np.clip(base.practice + practised, 0.0, 1.0)
    by_enterprise = index_of(np.stack([matching, base.response, practice], axis=1), definition.exponents)
    cri = float(np.nansum(base.weight * by_enterprise))
    return WhatIfAnswer(
        cri,
        cri - base.cri,
        by_enterprise,
        by_enterprise - base.by_enterprise,
        matching,
        practice,
        replace(
            base.explanation,
            method="cri.what_if",
            inputs_hash=inputs_hash(base.explanation.inputs_hash, list(question.changes)),
        ),
    )


def changed(teaching: Teaching, changes: Sequence[SkillChange]) -> Teaching:
    """Return the teaching after the changes. Raises `UnmetAssumption` (`cri.range`)."""
    values = {name: getattr(teaching, name).astype(np.float64, copy=True) for name in Teaching.__slots__}
    for change in changes:
        if not 0 <= change.skill < len(teaching.coverage):
            raise UnmetAssumption(
                "cri.range", f"there is no skill {change.skill}", f"name one of the {len(teaching.coverage)} skills"
            )
        for name in ("coverage", "level", "lag", "practice"):
            value = getattr(change, name)
            if value is not None:
                values[name][change.skill] = value
    after = Teaching(**values)
    check_teaching(after)
    return after


def _share_left(gap: Floats) -> Floats:
    # Rounding of the shares may carry the sum of the gaps past 1 by an ulp, where a power would be undefined.
    return np.clip(1.0 - gap, 0.0, 1.0)


def _response(inputs: CriInputs) -> tuple[Floats, Floats, Floats]:
    """R_e (enterprises,), v(1 − 2^…) (requirements,), and R_e's denominator (enterprises,)."""
    asked: Requirements = inputs.requirements
    definition = inputs.definition
    late = np.maximum(0.0, asked.days - definition.response_grace_days)
    waiting = asked.severity * (1.0 - np.exp2(-late / definition.response_half_life_days))
    count = len(inputs.demand)
    raised = np.bincount(asked.enterprise, weights=asked.severity, minlength=count)
    waited = np.bincount(asked.enterprise, weights=waiting, minlength=count)
    denominator = np.asarray(raised + definition.response_prior_weight, dtype=np.float64)
    lost = waited + definition.response_prior_weight - definition.response_prior
    return 1.0 - lost / denominator, waiting, denominator


def _explanation(inputs: CriInputs, known: np.ndarray, unstated: int) -> Explanation:
    silent, present = int((~known).sum()), int(known.sum())
    warnings = []
    if silent:
        warnings.append(Caution("cri.enterprises_without_demand", f"{silent} enterprises ask for no skill"))
    if unstated:
        warnings.append(
            Caution(
                "cri.unstated_levels",
                f"nobody states a level for {unstated} skills in demand; they count at "
                f"{inputs.definition.unstated_level:g}",
            )
        )
    if present < FEWEST:
        warnings.append(Caution("cri.few_enterprises", f"only {present} enterprises have demand"))
    return Explanation(
        "cri.corporate_response",
        inputs.definition.version,
        inputs_hash(inputs),
        (
            Assumption("cri.declared_teaching", None, "coverage, level and practice are as declared by units"),
            Assumption("cri.practice_in_hours", None, "practice is a share of hours, not of credits"),
        ),
        tuple(warnings),
    )
