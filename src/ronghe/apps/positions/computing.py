"""One computation of a market, with reasons, in a form that crosses processes. It knows no table of the site."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from ronghe.methods import matching
from ronghe.methods.explained import UnmetAssumption

SECONDS = {"stable": 60.0, "maximal": 150.0}


@dataclass(frozen=True, slots=True)
class Reasoned:
    """Where a student goes, and each better wish with why not, as plain values."""

    student: str
    position: str | None
    rank: int | None
    fit: float | None
    is_fixed: bool
    why: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Computed:
    """What came of a market: a standing with figures and reasons, or a refusal."""

    standing: str
    digest: str
    figures: dict[str, Any]
    students: tuple[Reasoned, ...]
    refusal: dict[str, Any]


def compute(market: matching.Market, mode: str, seconds: float) -> Computed:
    """Match and give reasons. What cannot be met comes back as a refusal with what would have to give way."""
    try:
        if mode == "stable":
            found = matching.stable_matching(market, seconds)
        else:
            found = matching.maximal_matching(market, matching.Aims(seconds=seconds))
    except matching.ImpossibleQuotas as impossible:
        return _refused(impossible, [asdict(one) for one in impossible.relaxations], impossible.conflict)
    except UnmetAssumption as unmet:
        return _refused(unmet, [])
    given = matching.reasons(market, found)
    return Computed(
        standing=found.standing.value,
        digest=found.explanation.inputs_hash,
        figures=figures_of(found),
        students=tuple(
            Reasoned(
                student=one.student,
                position=one.position,
                rank=one.rank,
                fit=one.fit,
                is_fixed=one.locked,
                why=[{**asdict(refusal), "why": refusal.why.value} for refusal in one.refusals],
            )
            for one in given.values()
        ),
        refusal={},
    )


def _refused(error: UnmetAssumption, relaxations: list[dict[str, Any]], conflict: Iterable[str] = ()) -> Computed:
    refusal = {
        "code": error.code,
        "found": error.found,
        "remedy": error.remedy,
        "relaxations": relaxations,
        "conflict": list(conflict),
    }
    return Computed("", "", {}, (), refusal)


def figures_of(found: matching.Allocation) -> dict[str, Any]:
    """The figures of an allocation as plain values."""
    fairness = found.fairness
    return {
        "overall": asdict(fairness.overall),
        "groups": {name: asdict(treatment) for name, treatment in fairness.groups.items()},
        "ranks": {str(rank): count for rank, count in fairness.ranks.items()},
        "unlisted": fairness.unlisted,
        "unplaced": fairness.unplaced,
        "envious": fairness.envious,
        "justified": fairness.justified,
        "blocking_pairs": len(found.blocking_pairs),
        "none_stable": found.none_stable,
        "proofs": [{"aim": one.aim, "value": one.value, "bound": one.bound, "gap": one.gap} for one in found.proofs],
        "closed": list(found.closed),
        "claims": dict(found.claims),
        "method": found.explanation.method,
        "version": found.explanation.version,
    }
