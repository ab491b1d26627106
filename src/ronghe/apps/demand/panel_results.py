"""What a closed round of a panel says: consensus, stability, concordance and authority, or weights. Never one answer.

The computing is `methods.delphi`'s and `methods.ahp`'s; here answers become their inputs, and results JSON that stays.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from ronghe.apps.demand.models import Panel, PanelItem, PanelRound, RoundKind
from ronghe.methods import ahp, delphi
from ronghe.methods.explained import Explanation, UnmetAssumption
from ronghe.trust.canonical import canonical_json

FEWEST = 5
FAMILIARITY = delphi.FAMILIARITY_GRADES
BASES = tuple(delphi.BASIS_WEIGHTS)
# The indexes of a large, a medium and a small influence in the table of weights.
SIZES = (0, 1, 2)

Answers = Mapping[str, Mapping[str, Any]]


def digest_of(value: Any) -> str:
    """`sha256:` and the digest of a JSON value's canonical form."""
    return f"sha256:{hashlib.sha256(canonical_json(value)).hexdigest()}"


def receipt_of(of: PanelRound, token_hash: str, content: Mapping[str, Any]) -> str:
    """What an expert keeps to find the own answer among those counted; without the token's hash it tells nothing."""
    said = {"panel": str(of.panel.uid), "round": of.number, "seat": token_hash, "answer": content}
    return hashlib.sha256(canonical_json(said)).hexdigest()[:16]


def criterion_of(panel: Panel) -> delphi.Criterion:
    """The criterion of a panel as the method takes it. Raises UnmetAssumption for an impossible one."""
    return delphi.Criterion(
        band=(float(panel.band_from), float(panel.points)),
        scale=delphi.Scale(1.0, float(panel.points)),
        rule=delphi.Rule(panel.rule),
        least_share=panel.least_share,
        most_variation=panel.most_variation,
        most_spread=panel.most_spread,
        most_change=panel.most_change,
        most_rounds=panel.most_rounds,
        least_answers=FEWEST,
    )


def result_of(closed: PanelRound, answers: Answers, seats: int) -> dict[str, Any]:
    """The result of a round from its answers by seat, as JSON; below five answers only how many there were."""
    result: dict[str, Any] = {
        "answers": len(answers),
        "seats": seats,
        "too_few": len(answers) < FEWEST,
        "receipts": sorted(receipt_of(closed, seat, content) for seat, content in answers.items()),
    }
    if result["too_few"]:
        return result
    items = list(closed.panel.items.all())
    if closed.kind == RoundKind.PAIRWISE:
        return result | _weights(items, answers)
    return result | _ratings(closed, items, answers)


def given_in(of: PanelRound) -> Answers:
    """The answers of a round by seat, in the order of the seats; blank ones left out."""
    rows = of.answers.order_by("seat")
    return {row.seat_id: row.content for row in rows if row.content is not None}


def _ratings(closed: PanelRound, items: Sequence[PanelItem], answers: Answers) -> dict[str, Any]:
    criterion = criterion_of(closed.panel)
    earlier = [
        _table(given_in(one))
        for one in closed.panel.rounds.filter(kind=RoundKind.RATING, number__lt=closed.number)
        if one.result is not None and not one.result["too_few"]
    ]
    table = _table(answers)
    decision = delphi.decide(delphi.StudyQuestion((*earlier, table), criterion))
    decided = {one.item: one for one in decision.items if one.last_round == len(earlier) + 1}
    return {
        "items": [_item(item, decided.get(str(item.pk)), answers) for item in items],
        "stop": decision.reason if decision.stop else "",
        "criterion": criterion.hash,
        "agreement": _agreement(table),
        "authority": _authority(answers),
        "explanation": _explained(decision.explanation),
    }


def _table(answers: Answers) -> delphi.Ratings:
    return delphi.Ratings.of_answers(
        (seat, item, float(rating))
        for seat, content in sorted(answers.items())
        for item, rating in content["ratings"].items()
    )


def _item(item: PanelItem, decided: delphi.ItemDecision | None, answers: Answers) -> dict[str, Any]:
    found = decided.agreement if decided else delphi.ItemAgreement(str(item.pk), 0)
    moved = decided.stability if decided else None
    return {
        "item": item.pk,
        "answers": found.answers,
        "median": found.median,
        "lower": found.lower_quartile,
        "upper": found.upper_quartile,
        "mean": found.mean,
        "variation": found.variation,
        "share": found.share,
        "share_low": found.share_low,
        "share_high": found.share_high,
        "agreed": found.consensus,
        "change": moved.change if moved else None,
        "stable": moved.stable if moved else None,
        "reasons": _reasons(str(item.pk), found, answers),
    }


def _reasons(item: str, found: delphi.ItemAgreement, answers: Answers) -> list[dict[str, str]]:
    """The reasons of those outside the middle half, in the order of their text, with the side they speak for."""
    if found.median is None or found.lower_quartile is None or found.upper_quartile is None:
        return []
    told = []
    for content in answers.values():
        text, rating = content["reasons"].get(item), content["ratings"].get(item)
        if text and rating is not None and not found.lower_quartile <= rating <= found.upper_quartile:
            told.append({"text": text, "side": "above" if rating > found.upper_quartile else "below"})
    return sorted(told, key=lambda one: (one["side"], one["text"]))


def _agreement(table: delphi.Ratings) -> dict[str, Any]:
    """W over the experts who rated every item, where at least five did; alpha over all."""
    said: dict[str, Any] = {"w": None, "chi_squared": None, "degrees": None, "p": None, "alpha": None}
    complete = [row for row in range(len(table.experts)) if not any(value != value for value in table.values[row])]
    if len(complete) >= FEWEST:
        whole = delphi.Ratings(tuple(table.experts[row] for row in complete), table.items, table.values[complete])
        try:
            found = delphi.kendalls_w(delphi.ConcordanceQuestion(whole))
            said |= {"w": found.w, "chi_squared": found.chi_squared, "degrees": found.degrees, "p": found.p}
        except UnmetAssumption as unmet:
            said["w_refused"] = unmet.code
    try:
        said["alpha"] = delphi.krippendorffs_alpha(delphi.ReliabilityQuestion(table, replicates=200)).alpha
    except UnmetAssumption as unmet:
        said["alpha_refused"] = unmet.code
    return said


def _authority(answers: Answers) -> dict[str, float]:
    found = delphi.authority(
        delphi.AuthorityQuestion(
            tuple(
                tuple(delphi.BASIS_WEIGHTS[name][content["bases"][name]] for name in BASES)
                for _seat, content in sorted(answers.items())
            ),
            tuple(content["familiarity"] for _seat, content in sorted(answers.items())),
        )
    )
    return {"ca": found.basis, "cs": found.familiarity, "cr": found.authority}


def comparisons_of(items: Sequence[PanelItem], content: Mapping[str, Any]) -> ahp.Comparisons:
    """One expert's comparisons as the method takes them, the items by their keys."""
    pairs = ((pair.split(":"), ratio) for pair, ratio in content["ratios"].items())
    judgments = (ahp.Judgment(first, second, ratio) for (first, second), ratio in pairs)
    return ahp.Comparisons(tuple(str(item.pk) for item in items), tuple(judgments))


def unrelated(items: Sequence[PanelItem], content: Mapping[str, Any]) -> list[list[str]]:
    """The groups of items between which an expert compared nothing, by their texts; empty when all are related."""
    text = {str(item.pk): item.text for item in items}
    groups = {key: {key} for key in text}
    for pair in content["ratios"]:
        first, second = pair.split(":")
        joined = groups[first] | groups[second]
        for key in joined:
            groups[key] = joined
    apart = {min(group): [text[key] for key in text if key in group] for group in groups.values()}
    return list(apart.values()) if len(apart) > 1 else []


def _weights(items: Sequence[PanelItem], answers: Answers) -> dict[str, Any]:
    given = tuple(comparisons_of(items, content) for _seat, content in sorted(answers.items()))
    question = ahp.PanelQuestion(given)
    found = ahp.panel_priorities(question)
    low, high = found.low or (None,) * len(items), found.high or (None,) * len(items)
    ratios = [one.consistency_ratio if one else None for one in found.individual]
    return {
        "items": [
            {"item": int(key), "weight": weight, "low": bottom, "high": top}
            for key, weight, bottom, top in zip(found.items, found.weights, low, high, strict=True)
        ],
        "stop": "",
        "consistent": sum(ratio is None or ratio < question.most_inconsistent for ratio in ratios),
        "explanation": _explained(found.explanation),
    }


def _explained(explanation: Explanation) -> dict[str, Any]:
    """Which method spoke, on which inputs and assumptions. Names of experts never enter: they are hashes of tokens."""
    return {
        "method": explanation.method,
        "version": explanation.version,
        "inputs": explanation.inputs_hash,
        "assumptions": [{"code": one.code, "holds": one.holds} for one in explanation.assumptions],
        "warnings": [one.code for one in explanation.warnings],
    }
