"""Rounds of a Delphi study against a criterion fixed before the first: consensus, stability, when to stop, feedback.

Concordance of the panel as a whole is in `concordance`, the experts' authority in `authority`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from ronghe.methods.delphi.ratings import Floats, Ratings, Scale
from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash
from ronghe.methods.intervals import wilson_bounds

VERSION = 1
# Answers that can be traced to a person are not shown; product rule for everything that is told anonymously.
FEWEST_SHOWN = 5
_LEAST_RESPONSE = 0.70


class Rule(Enum):
    """What makes consensus: the share within the band, the spread (CV and IQR), either of them, or both."""

    SHARE = "share"
    SPREAD = "spread"
    EITHER = "either"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Criterion:
    """What will count as consensus and as stability, fixed before the first round.

    Consensus: at least `least_share` of the answers within `band` (both ends included), and/or coefficient of variation
    ≤ `most_variation` and interquartile range ≤ `most_spread` (a quarter of the scale unless given: 1 on five points).
    Stability: less than `most_change` of the answers changed place between two rounds (Scheibe, Skutsch and Schofer, in
    Linstone and Turoff, The Delphi Method, 1975: 15%). The study ends after `most_rounds` at the latest. With fewer
    than `least_answers` answers nothing is said of an item.
    """

    band: tuple[float, float]
    scale: Scale = field(default_factory=Scale)
    rule: Rule = Rule.EITHER
    least_share: float = 0.75
    most_variation: float = 0.25
    most_spread: float | None = None
    most_change: float = 0.15
    most_rounds: int = 3
    least_answers: int = FEWEST_SHOWN

    def __post_init__(self) -> None:
        low, high = self.band
        if not self.scale.low <= low <= high <= self.scale.high:
            raise UnmetAssumption(
                "delphi.band",
                f"the band {low:g} to {high:g} does not lie on the scale {self.scale.low:g} to {self.scale.high:g}",
                "give a band within the scale, such as 4 to 5 on five points",
            )
        if not (0 < self.least_share <= 1 and 0 < self.most_change <= 1):
            raise UnmetAssumption(
                "delphi.criterion",
                f"the shares {self.least_share:g} and {self.most_change:g} are not between 0 and 1",
                "write 75% as 0.75",
            )
        limits = {"coefficient of variation": self.most_variation, "interquartile range": self.spread_limit}
        for name, limit in limits.items():
            if not 0 <= limit < math.inf:
                raise UnmetAssumption(
                    "delphi.criterion", f"the largest {name} is {limit:g}", "give a number of 0 or more, such as 0.25"
                )
        if self.most_rounds < 2:
            raise UnmetAssumption(
                "delphi.criterion", f"{self.most_rounds} round(s) cannot show stability", "plan at least two rounds"
            )

    @property
    def spread_limit(self) -> float:
        """The largest interquartile range that counts as consensus."""
        return (self.scale.high - self.scale.low) / 4 if self.most_spread is None else self.most_spread

    @property
    def hash(self) -> str:
        """The digest to record before the first round; a decision repeats it."""
        return inputs_hash(self)


@dataclass(frozen=True, slots=True)
class ItemAgreement:
    """How far the answers to one item agree. All figures but `answers` are None below the criterion's least number.

    `share` is that of the answers within the band, with its 95% Wilson interval `share_low` to `share_high`;
    `variation` is s / mean (None unless the mean is positive), `full_marks` the share of the highest mark; quartiles
    interpolate linearly between answers (type 7 of Hyndman and Fan 1996).
    """

    item: str
    answers: int
    mean: float | None = None
    deviation: float | None = None
    variation: float | None = None
    median: float | None = None
    lower_quartile: float | None = None
    upper_quartile: float | None = None
    share: float | None = None
    share_low: float | None = None
    share_high: float | None = None
    full_marks: float | None = None
    consensus: bool | None = None

    @property
    def spread(self) -> float | None:
        """The interquartile range."""
        if self.upper_quartile is None or self.lower_quartile is None:
            return None
        return self.upper_quartile - self.lower_quartile


@dataclass(frozen=True, slots=True)
class RoundQuestion:
    """One round's answers and the criterion to hold them against."""

    ratings: Ratings
    criterion: Criterion


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement on every item of one round, in the order of its items."""

    items: tuple[ItemAgreement, ...]
    explanation: Explanation


def agreement(question: RoundQuestion) -> Agreement:
    """Consensus on each item of a round. Raises `UnmetAssumption` (`delphi.on_scale`) for an answer off the scale."""
    ratings, criterion = question.ratings, question.criterion
    ratings.require_on(criterion.scale)
    items = tuple(_item_agreement(item, ratings.of_item(item), criterion) for item in ratings.items)
    few = [entry.item for entry in items if entry.consensus is None]
    warnings: tuple[Caution, ...] = ()
    if few:
        text = f"Fewer than {criterion.least_answers} answers: nothing is said of {', '.join(few)}."
        warnings = (Caution("delphi.few_answers", text),)
    answered = float(np.mean(~np.isnan(ratings.values)))
    return Agreement(
        items,
        Explanation(
            "delphi.agreement",
            VERSION,
            inputs_hash(question),
            (
                Assumption("delphi.on_scale", True, f"all answers are on the scale {_written(criterion.scale)}"),
                Assumption("delphi.answered", answered == 1, f"{answered:.0%} of the questions were answered"),
            ),
            warnings,
        ),
    )


def _item_agreement(item: str, answers: Floats, criterion: Criterion) -> ItemAgreement:
    given = answers[~np.isnan(answers)]
    count = len(given)
    if count < max(criterion.least_answers, 2):
        return ItemAgreement(item, count)
    low, high = criterion.band
    inside = int(np.sum((given >= low) & (given <= high)))
    share_low, share_high = wilson_bounds(inside, count)
    mean, deviation = float(np.mean(given)), float(np.std(given, ddof=1))
    variation = deviation / mean if mean > 0 else None
    lower, median, upper = np.quantile(given, [0.25, 0.5, 0.75]).tolist()
    by_share = inside / count >= criterion.least_share
    by_spread = (
        variation is not None
        and variation <= criterion.most_variation
        and upper - lower <= criterion.spread_limit + 1e-12
    )
    consensus = {
        Rule.SHARE: by_share,
        Rule.SPREAD: by_spread,
        Rule.EITHER: by_share or by_spread,
        Rule.BOTH: by_share and by_spread,
    }[criterion.rule]
    return ItemAgreement(
        item,
        count,
        mean,
        deviation,
        variation,
        median,
        lower,
        upper,
        inside / count,
        float(share_low),
        float(share_high),
        float(np.mean(given == criterion.scale.high)),
        consensus,
    )


@dataclass(frozen=True, slots=True)
class ItemStability:
    """How far answers to one item moved between two rounds, by experts who answered both.

    `change` is the net change of the distribution: half the sum of the differences between the two histograms, as a
    share of the experts; `moved` is the share who changed their own answer. None below the least number of answers.
    """

    item: str
    answers: int
    change: float | None = None
    moved: float | None = None
    median_before: float | None = None
    median_after: float | None = None
    stable: bool | None = None


def stability(item: str, before: Ratings, after: Ratings, criterion: Criterion) -> ItemStability:
    """Stability of one item between two rounds that both asked it (Scheibe, Skutsch and Schofer 1975)."""
    earlier = dict(zip(before.experts, before.of_item(item).tolist(), strict=True))
    later = dict(zip(after.experts, after.of_item(item).tolist(), strict=True))
    both = np.array([(earlier[expert], value) for expert, value in later.items() if expert in earlier]).reshape(-1, 2)
    both = both[~np.isnan(both).any(axis=1)]
    count = len(both)
    if count < max(criterion.least_answers, 1):
        return ItemStability(item, count)
    points = np.unique(both)
    histograms = np.stack([np.sum(both[:, [side]] == points, axis=0) for side in (0, 1)])
    change = float(np.abs(histograms[0] - histograms[1]).sum()) / 2 / count
    medians = np.median(both, axis=0).tolist()
    moved = float(np.mean(both[:, 0] != both[:, 1]))
    return ItemStability(item, count, change, moved, medians[0], medians[1], change < criterion.most_change)


class State(Enum):
    """Where an item stands: agreed and stable, stable without consensus, or still moving (or asked only once)."""

    AGREED = "agreed"
    DIVIDED = "divided"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class ItemDecision:
    """The state of one item after the last round that asked it (numbered from 1), and what it rests on."""

    item: str
    state: State
    last_round: int
    agreement: ItemAgreement
    stability: ItemStability | None


@dataclass(frozen=True, slots=True)
class StudyQuestion:
    """All rounds so far, in order, and the criterion that was fixed before the first.

    A later round may leave out items that are settled and may add new ones. `recorded_hash` is the criterion's digest
    as it was recorded then, if it was.
    """

    rounds: tuple[Ratings, ...]
    criterion: Criterion
    recorded_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to stop after these rounds and why (`settled`, `last_round` or `continue`), and what to ask next."""

    stop: bool
    reason: str
    items: tuple[ItemDecision, ...]
    ask_again: tuple[str, ...]
    criterion_hash: str
    explanation: Explanation


def decide(question: StudyQuestion) -> Decision:
    """Apply the stop rule: stop when every item is stable, agreed or not, or when the planned rounds are over.

    Raises `UnmetAssumption` when there is no round, when there are more than the criterion plans, when the criterion is
    not the one that was recorded, and for an answer off the scale.
    """
    rounds, criterion = question.rounds, question.criterion
    _check_study(question)
    asked: dict[str, list[int]] = {}
    for number, ratings in enumerate(rounds):
        for item in ratings.items:
            asked.setdefault(item, []).append(number)
    items = tuple(_decided(item, numbers, rounds, criterion) for item, numbers in asked.items())
    still = tuple(entry.item for entry in items if entry.state is State.OPEN)
    reason = "settled" if not still else "last_round" if len(rounds) >= criterion.most_rounds else "continue"
    return Decision(
        stop=reason != "continue",
        reason=reason,
        items=items,
        ask_again=still if reason == "continue" else (),
        criterion_hash=criterion.hash,
        explanation=_study_explanation(question, still, reason),
    )


def _check_study(question: StudyQuestion) -> None:
    rounds, criterion = question.rounds, question.criterion
    if not rounds:
        raise UnmetAssumption("delphi.rounds", "there is no round yet", "give the answers of at least one round")
    if len(rounds) > criterion.most_rounds:
        raise UnmetAssumption(
            "delphi.rounds",
            f"there are {len(rounds)} rounds and the criterion planned {criterion.most_rounds}",
            "decide by the rounds that were planned",
        )
    if question.recorded_hash is not None and question.recorded_hash != criterion.hash:
        raise UnmetAssumption(
            "delphi.criterion_recorded",
            f"the criterion's digest is {criterion.hash}, the one recorded before the first round "
            f"{question.recorded_hash}",
            "use the criterion that was recorded; a new one needs a new study",
        )
    for ratings in rounds:
        ratings.require_on(criterion.scale)


def _decided(item: str, numbers: Sequence[int], rounds: Sequence[Ratings], criterion: Criterion) -> ItemDecision:
    last = rounds[numbers[-1]]
    agreed = _item_agreement(item, last.of_item(item), criterion)
    moved = stability(item, rounds[numbers[-2]], last, criterion) if len(numbers) > 1 else None
    state = State.OPEN
    if moved is not None and moved.stable and agreed.consensus is not None:
        state = State.AGREED if agreed.consensus else State.DIVIDED
    return ItemDecision(item, state, numbers[-1] + 1, agreed, moved)


def _study_explanation(question: StudyQuestion, still: Sequence[str], reason: str) -> Explanation:
    rounds = question.rounds
    first, last = set(rounds[0].experts), set(rounds[-1].experts)
    stayed = len(first & last) / len(first)
    recorded = question.recorded_hash
    assumptions = (
        Assumption(
            "delphi.criterion_recorded",
            None if recorded is None else True,
            "no record of the criterion was given" if recorded is None else "the criterion is the recorded one",
        ),
        Assumption(
            "delphi.response",
            stayed >= _LEAST_RESPONSE,
            f"{stayed:.0%} of the experts of the first round are in the last; {_LEAST_RESPONSE:.0%} are asked for",
        ),
    )
    warnings = []
    if stayed < _LEAST_RESPONSE:
        warnings.append(
            Caution("delphi.dropout", "Those who left may have disagreed: agreement among the others says less.")
        )
    if reason == "last_round":
        warnings.append(
            Caution("delphi.unsettled", f"The rounds are over and these are not settled: {', '.join(still)}.")
        )
    return Explanation("delphi.decide", VERSION, inputs_hash(question), assumptions, tuple(warnings))


@dataclass(frozen=True, slots=True)
class FeedbackQuestion:
    """What to tell one expert of a round: all answers, and which expert asks. `least_answers` protects the others."""

    ratings: Ratings
    expert: str
    least_answers: int = FEWEST_SHOWN


@dataclass(frozen=True, slots=True)
class ItemFeedback:
    """What an expert is told of one item: the panel's median and quartiles, None below the least number of answers.

    `asked_for_reason` when the own answer lies outside the quartiles.
    """

    item: str
    answers: int
    own: float | None
    median: float | None = None
    lower_quartile: float | None = None
    upper_quartile: float | None = None
    asked_for_reason: bool = False


@dataclass(frozen=True, slots=True)
class Feedback:
    """The feedback to one expert on every item of a round."""

    items: tuple[ItemFeedback, ...]
    explanation: Explanation


def feedback(question: FeedbackQuestion) -> Feedback:
    """Median and quartiles of the panel beside the expert's own answers, and where a reason is asked for.

    Raises `UnmetAssumption` (`delphi.known_expert`) for an expert who is not in the round.
    """
    ratings = question.ratings
    if question.expert not in ratings.experts:
        raise UnmetAssumption(
            "delphi.known_expert", "this expert has no answers in this round", "feedback goes to those who answered"
        )
    row = ratings.values[ratings.experts.index(question.expert)]
    items = []
    for item, own in zip(ratings.items, row.tolist(), strict=True):
        given = ratings.of_item(item)
        given = given[~np.isnan(given)]
        mine = None if np.isnan(own) else own
        if len(given) < question.least_answers:
            items.append(ItemFeedback(item, len(given), mine))
            continue
        lower, median, upper = np.quantile(given, [0.25, 0.5, 0.75]).tolist()
        outside = mine is not None and not lower <= mine <= upper
        items.append(ItemFeedback(item, len(given), mine, median, lower, upper, outside))
    withheld = sum(entry.median is None for entry in items)
    warnings: tuple[Caution, ...] = ()
    if withheld:
        text = f"{withheld} items have fewer than {question.least_answers} answers, which stay hidden."
        warnings = (Caution("delphi.few_answers", text),)
    return Feedback(tuple(items), Explanation("delphi.feedback", VERSION, inputs_hash(question), (), warnings))


def _written(scale: Scale) -> str:
    return f"{scale.low:g} to {scale.high:g}"
