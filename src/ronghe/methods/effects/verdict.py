"""The rule that turns a registered plan and its evidence into a verdict; estimates nothing and keeps no record.

Definitions, section 4, version 1. A plan is registered before its window opens; its tier follows from its design and
its size, whether it can be evaluated at all follows from both and from its power, and all of that is said then.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ronghe.methods.effects.estimate import NORMAL, Estimate, Interval, checked_level
from ronghe.methods.effects.few_units import Periods
from ronghe.methods.effects.guards import Guard, Standing, alpha_spending, holm
from ronghe.methods.effects.randomisation import FEWEST_ARRANGEMENTS
from ronghe.methods.explained import Assumption, Explanation, UnmetAssumption, inputs_hash

VERSION = 1
# Fewer units a side, and the errors of tier A are too small: see docs/methods/effects.md, "Honesty by simulation".
FEWEST_ON_A_SIDE = 20
LEAST_POWER = 0.5


class Tier(Enum):
    """How much a design can say: A and B verify or contradict, C suggests at most, D says whether a target was met."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Design(Enum):
    """How the improvement is evaluated."""

    STAGGERED = "staggered"
    FEW_UNITS = "few_units"
    COHORTS = "cohorts"
    INTERRUPTED_SERIES = "interrupted_series"
    SYNTHETIC_CONTROL = "synthetic_control"
    BEFORE_AFTER = "before_after"


class Direction(Enum):
    """Which way is better."""

    HIGHER = 1
    LOWER = -1


class Verdict(Enum):
    """What a plan came to. SUGGESTIVE is of tier C alone; TARGET_MET and TARGET_MISSED are of tier D alone."""

    VERIFIED = "verified"
    CONTRADICTED = "contradicted"
    INCONCLUSIVE = "inconclusive"
    NOT_EVALUABLE = "not_evaluable"
    SUGGESTIVE = "suggestive"
    TARGET_MET = "target_met"
    TARGET_MISSED = "target_missed"


@dataclass(frozen=True, slots=True)
class Plan:
    """An improvement plan as registered: everything that its verdict will depend on.

    `least_effect` is the least change that matters, above 0, in the indicator's unit; `target` the value hoped for.
    `units` are those compared in all, `treated` of them under the plan (people for COHORTS). `baseline` and `window`
    are periods of the indicator; `trigger` those whose low value gave rise to the plan. `power` is that of the design
    for the least effect, None where it has none (tiers C and D). `looks` are the shares of the information at which
    the outcome will be looked at; more than one spends the level over them.
    """

    indicator: str
    definition_version: int
    direction: Direction
    least_effect: float
    design: Design
    units: int
    treated: int
    baseline: Periods
    window: Periods
    target: float | None = None
    trigger: Periods | None = None
    power: float | None = None
    level: float = 0.05
    looks: tuple[float, ...] = (1.0,)

    @property
    def digest(self) -> str:
        """The hash that the ledger keeps; a changed plan has another and is another plan."""
        return inputs_hash(self, VERSION)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a plan cannot be evaluated, or why a verdict is not more: a stable code, and what was found in English."""

    code: str
    found: str


@dataclass(frozen=True, slots=True)
class Registration:
    """What a plan can come to, known before its window opens."""

    tier: Tier
    evaluable: bool
    reasons: tuple[Reason, ...]
    digest: str
    power: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the plan's method found: effect and interval in the indicator's unit, signed as the indicator is.

    `p_value` tests no effect; `p_least` tests that the effect is the least one that matters or more, twice the
    one-sided p-value. `value` is the indicator in the window, for its target. `guards` are all standings that were
    determined, `look` says which of the plan's looks this is, from 0 on.
    """

    effect: float | None = None
    interval: Interval | None = None
    p_value: float | None = None
    p_least: float | None = None
    value: float | None = None
    guards: tuple[Guard, ...] = ()
    look: int = 0

    @classmethod
    def of(cls, plan: Plan, found: Estimate, *, value: float | None = None, guards: Sequence[Guard] = ()) -> Evidence:
        """The evidence of an estimate with a standard error (tier A, cohorts, series)."""
        short = plan.least_effect - found.value * plan.direction.value
        return cls(
            effect=found.value,
            interval=found.interval,
            p_value=found.p_value,
            p_least=min(1.0, 2 * _upper_tail(short, found)),
            value=value,
            guards=tuple(guards),
        )


def _upper_tail(short: float, found: Estimate) -> float:
    """P(falling short of the least effect by as much or more), if the effect were the least one."""
    if found.standard_error == 0:
        return 0.0 if short > 0 else 1.0
    ratio = short / found.standard_error
    if found.degrees_of_freedom is None:
        return 1 - NORMAL.cdf(ratio)
    from scipy.special import stdtr

    return float(stdtr(found.degrees_of_freedom, -ratio))


@dataclass(frozen=True, slots=True)
class Decision:
    """A plan's verdict, its tier, what held it back, and the adjusted p-values that it rests on."""

    verdict: Verdict
    tier: Tier
    reasons: tuple[Reason, ...]
    target_met: bool | None
    p_adjusted: float | None
    p_least_adjusted: float | None
    digest: str
    explanation: Explanation


def register(plan: Plan) -> Registration:
    """Say before the window opens what the plan can come to.

    Raises `UnmetAssumption` for a plan without meaning: a least effect that is not above 0, or more treated than units.
    """
    checked_level(plan.level)
    if not plan.least_effect > 0 or not math.isfinite(plan.least_effect):
        raise UnmetAssumption(
            "effects.least_effect",
            f"the least effect that matters is {plan.least_effect:g}",
            "give an amount above 0 in the indicator's unit; the direction says which way",
        )
    if not 1 <= plan.treated <= plan.units:
        raise UnmetAssumption(
            "effects.one_group", f"{plan.treated} of {plan.units} units are treated", "count the units of both sides"
        )
    if plan.power is not None and not 0 <= plan.power <= 1:
        raise UnmetAssumption("effects.power", f"a power of {plan.power:g}", "give a probability")
    tier = _tier(plan)
    reasons = [] if tier is Tier.D else _window_reasons(plan)
    if tier in (Tier.A, Tier.B):
        reasons += _power_reasons(plan)
    if plan.design is Design.STAGGERED and tier is not Tier.A:
        sides = min(plan.treated, plan.units - plan.treated)
        found = f"a side of {sides} units is fewer than {FEWEST_ON_A_SIDE}: register a design of few units"
        reasons.append(Reason("effects.too_few_units", found))
    if plan.design is Design.FEW_UNITS:
        reasons += _arrangement_reasons(plan)
    if tier is Tier.D and plan.target is None:
        reasons.append(Reason("effects.no_target", "a plan without a comparison has no target to be met"))
    return Registration(tier, not reasons, tuple(reasons), plan.digest, plan.power)


def _tier(plan: Plan) -> Tier:
    """The tier that design and size allow: one treated unit never reaches B, few units never A."""
    match plan.design:
        case Design.BEFORE_AFTER:
            return Tier.D
        case Design.INTERRUPTED_SERIES | Design.SYNTHETIC_CONTROL:
            return Tier.C
        case Design.COHORTS:
            return Tier.B
        case Design.STAGGERED if min(plan.treated, plan.units - plan.treated) >= FEWEST_ON_A_SIDE:
            return Tier.A
        case _:
            return Tier.B if plan.treated > 1 else Tier.C


def _window_reasons(plan: Plan) -> list[Reason]:
    """The trigger is not the baseline, and stands no nearer to the baseline than to the window.

    A unit chosen for a low month drifts back from it on both sides alike. So a baseline nearer to that month than the
    window is makes recovery look like an effect; one as far away, or further, does not.
    """
    if not plan.baseline.last < plan.window.first:
        return [Reason("effects.windows_overlap", "the baseline does not end before the window begins")]
    if plan.trigger is None:
        return []
    if plan.trigger.first <= plan.baseline.last and plan.trigger.last >= plan.baseline.first:
        return [Reason("effects.trigger_in_baseline", "the low value that gave rise to the plan lies in its baseline")]
    if plan.trigger.last >= plan.window.first and plan.trigger.first <= plan.window.last:
        return [Reason("effects.trigger_in_window", "the value that gave rise to the plan lies in its window")]
    if plan.trigger.last < plan.baseline.first:
        return [
            Reason("effects.baseline_after_trigger", "the baseline lies after the low value, on the way back from it")
        ]
    before, after = plan.trigger.first - plan.baseline.last, plan.window.first - plan.trigger.last
    lengths = plan.baseline.last - plan.baseline.first, plan.window.last - plan.window.first
    if before < after or lengths[0] < lengths[1]:
        return [
            Reason(
                "effects.baseline_too_near",
                f"the baseline ends {before:g} periods before the low value and the window begins {after:g} after it;"
                " it must be no nearer and no shorter than the window",
            )
        ]
    return []


def _power_reasons(plan: Plan) -> list[Reason]:
    if plan.power is None:
        return [Reason("effects.power_unknown", "the power was not computed at registration")]
    if plan.power < LEAST_POWER:
        return [
            Reason(
                "effects.power_too_low",
                f"the least effect would be verified with a probability of {plan.power:.0%} only,"
                f" less than {LEAST_POWER:.0%}",
            )
        ]
    return []


def _arrangement_reasons(plan: Plan) -> list[Reason]:
    total = math.comb(plan.units, plan.treated)
    if total >= FEWEST_ARRANGEMENTS and plan.treated < plan.units:
        return []
    found = f"{plan.treated} of {plan.units} units can be arranged in {total} ways, fewer than {FEWEST_ARRANGEMENTS}"
    return [Reason("effects.too_few_arrangements", found)]


def decide(plan: Plan, evidence: Evidence) -> Decision:
    """The verdict on one plan that stands alone in its community's year."""
    return decide_year([(plan, evidence)])[0]


def decide_year(cases: Sequence[tuple[Plan, Evidence]]) -> tuple[Decision, ...]:
    """The verdicts on all plans of one community's year, in the order given, with Holm's adjustment over them.

    Contradicted: the adjusted test rejects that the effect is the least that matters or more. Verified: that it does
    not, the effect has the registered direction, and the adjusted p-value of no effect is at most the level.
    Inconclusive: neither. Not evaluable: so registered, or a guard failed, or the evidence lacks. Tier C says
    suggestive where A and B would say verified; tier D says whether the target was met.
    Raises `UnmetAssumption` for p-values outside 0 … 1.
    """
    registrations = [register(plan) for plan, _ in cases]
    held = [
        _hindrances(plan, registration, evidence)
        for registration, (plan, evidence) in zip(registrations, cases, strict=True)
    ]
    tested = {
        place: (evidence.p_value, evidence.p_least)
        for place, (_, evidence) in enumerate(cases)
        if not held[place]
        and registrations[place].tier is not Tier.D
        and evidence.p_value is not None
        and evidence.p_least is not None
    }
    effects = holm([p_value for p_value, _ in tested.values()])
    least = holm([p_least for _, p_least in tested.values()])
    adjusted = dict(zip(tested, zip(effects, least, strict=True), strict=True))
    return tuple(
        _decision(plan, evidence, registrations[place], held[place], adjusted.get(place), inputs_hash(cases))
        for place, (plan, evidence) in enumerate(cases)
    )


def _decision(
    plan: Plan,
    evidence: Evidence,
    registration: Registration,
    hindrances: tuple[Reason, ...],
    adjusted: tuple[float, float] | None,
    digest: str,
) -> Decision:
    verdict = Verdict.NOT_EVALUABLE if hindrances else _verdict(plan, registration.tier, evidence, adjusted)
    assumptions = tuple(Assumption(guard.code, _HOLDS[guard.standing], guard.detail) for guard in evidence.guards)
    return Decision(
        verdict=verdict,
        tier=registration.tier,
        reasons=hindrances,
        target_met=_target_met(plan, evidence),
        p_adjusted=adjusted[0] if adjusted else None,
        p_least_adjusted=adjusted[1] if adjusted else None,
        digest=registration.digest,
        explanation=Explanation("effects.verdict", VERSION, digest, assumptions),
    )


_HOLDS = {Standing.HOLDS: True, Standing.WEAK: True, Standing.FAILS: False, Standing.UNKNOWN: None}
_REQUIRED = {
    Design.STAGGERED: ("effects.pre_trend",),
    Design.FEW_UNITS: ("effects.pre_trend",),
    Design.COHORTS: ("effects.baseline_equivalence", "effects.attrition"),
}


def _hindrances(plan: Plan, registration: Registration, evidence: Evidence) -> tuple[Reason, ...]:
    """Why there is no verdict: as registered, by a failed guard, or for lack of evidence."""
    reasons = list(registration.reasons)
    reasons += [Reason(guard.code, guard.detail) for guard in evidence.guards if guard.standing is Standing.FAILS]
    known = {guard.code for guard in evidence.guards if guard.standing is not Standing.UNKNOWN}
    reasons += [
        Reason(code, "this guard is asked for and could not be told")
        for code in _REQUIRED.get(plan.design, ())
        if code not in known
        and not any(guard.code == code and guard.standing is Standing.FAILS for guard in evidence.guards)
    ]
    if not 0 <= evidence.look < len(plan.looks):
        reasons.append(Reason("effects.unplanned_look", f"look {evidence.look + 1} of {len(plan.looks)} registered"))
    if registration.tier is Tier.D:
        if evidence.value is None:
            reasons.append(Reason("effects.no_evidence", "the indicator has no value in the window"))
    elif evidence.effect is None or evidence.p_value is None or evidence.p_least is None:
        reasons.append(Reason("effects.no_evidence", "the method gave no effect with its p-values"))
    return tuple(reasons)


def _level(plan: Plan, look: int) -> float:
    """The level of this look: all of it for a plan with one look."""
    if len(plan.looks) == 1:
        return plan.level
    return alpha_spending(plan.looks, plan.level)[look].nominal_level


def _verdict(plan: Plan, tier: Tier, evidence: Evidence, adjusted: tuple[float, float] | None) -> Verdict:
    """The verdict of a plan that nothing holds back; `adjusted` p-values are None for tier D alone."""
    if adjusted is None or evidence.effect is None:
        return Verdict.TARGET_MET if _target_met(plan, evidence) else Verdict.TARGET_MISSED
    p_effect, p_least = adjusted
    level = _level(plan, evidence.look)
    effect = evidence.effect * plan.direction.value
    if p_least <= level and effect < plan.least_effect:
        return Verdict.CONTRADICTED if tier is not Tier.C else Verdict.INCONCLUSIVE
    if p_effect <= level and effect > 0:
        return Verdict.VERIFIED if tier is not Tier.C else Verdict.SUGGESTIVE
    return Verdict.INCONCLUSIVE


def _target_met(plan: Plan, evidence: Evidence) -> bool | None:
    if plan.target is None or evidence.value is None:
        return None
    return (evidence.value - plan.target) * plan.direction.value >= 0
