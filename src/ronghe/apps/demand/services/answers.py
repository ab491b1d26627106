"""Answering as an expert: the holder of a token reads and replaces one answer. No person takes part in any of this.

The ledger is told of answers when their round is closed, all at once: an event an answer would tell when each one came.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.demand import panel_results, tokens
from ronghe.apps.demand.models import Panel, PanelAnswer, PanelItem, PanelRound, PanelSeat, PanelState, RoundKind
from ronghe.apps.demand.panel_results import BASES, FAMILIARITY, SIZES
from ronghe.methods import ahp

LONGEST_REASON = 1_000
SAATY = tuple(range(1, 10))


class TokenUnknown(Exception):
    """The token opens nothing; the text says why it may not and what to do."""


class TooLate(Exception):
    """The round takes no answers any more; what was sent was not counted."""


@dataclass(frozen=True, slots=True)
class RatingAnswer:
    """An expert's ratings and reasons by item, and what they rest on: bases of judgment, and familiarity (0 to 1)."""

    ratings: Mapping[int, int]
    familiarity: float
    bases: Mapping[str, int]
    reasons: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PairwiseAnswer:
    """An expert's comparisons: by pair of items how many times as important the first is as the second."""

    ratios: Mapping[tuple[int, int], float]


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer. `receipt` is listed when the round is closed, `replaced` tells of an earlier one."""

    receipt: str
    replaced: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """What a token opens: the panel, the round that can be answered now (or why none), and the holder's own answers.

    `own` has the holder's content by number of round.
    """

    row: PanelSeat
    panel: Panel
    items: list[PanelItem]
    rounds: list[PanelRound]
    current: PanelRound | None
    own: Mapping[int, Mapping[str, Any]]

    @property
    def last_rated(self) -> PanelRound | None:
        """The latest closed round of ratings that may be shown."""
        rated = [
            one
            for one in self.rounds
            if one.kind == RoundKind.RATING and one.result is not None and not one.result["too_few"]
        ]
        return rated[-1] if rated else None


def take_seat(typed: str) -> Seat:
    """What the token opens. Raises TokenUnknown; writes nothing."""
    signs = tokens.read_token(typed)
    if signs is None:
        raise TokenUnknown(_("A token has twenty letters and digits, as in the mail. Copy it from there as a whole."))
    row = PanelSeat.objects.select_related("panel").filter(token_hash=tokens.hash_of(signs)).first()
    if row is None:
        raise TokenUnknown(_("No panel knows this token. Compare it with your mail, sign by sign."))
    if row.is_void:
        raise TokenUnknown(
            _("This token was replaced: everyone at the panel was sent a new one. Use the newest message you have.")
        )
    rounds = list(row.panel.rounds.all())
    today = timezone.localdate()
    current = next((one for one in rounds if not one.is_late(today)), None)
    answers = row.answers.filter(content__isnull=False).select_related("round")
    own = {answer.round.number: answer.content for answer in answers if answer.content is not None}
    return Seat(
        row,
        row.panel,
        list(row.panel.items.select_related("skill")),
        rounds,
        current if row.panel.state == PanelState.RUNNING else None,
        own,
    )


@transaction.atomic
def answer(*, token: str, number: int, content: RatingAnswer | PairwiseAnswer) -> Answered:
    """Give or replace the answer of the token's holder in round `number`.

    Raises TokenUnknown, TooLate, and ValidationError whose fields are named as in the form.
    """
    seat = take_seat(token)
    if seat.current is None or seat.current.number != number:
        raise TooLate(
            _("Round %(number)s takes no answers any more: it was closed, or its last day has passed.")
            % {"number": number}
        )
    # The round may be closed while somebody answers: of the two one waits, and a late answer is told so.
    current = PanelRound.objects.select_for_update().get(pk=seat.current.pk)
    if current.closed_on is not None:
        raise TooLate(_("Round %(number)s was closed at this moment.") % {"number": number})
    if isinstance(content, RatingAnswer) and current.kind == RoundKind.RATING:
        written = _rating(seat, content)
    elif isinstance(content, PairwiseAnswer) and current.kind == RoundKind.PAIRWISE:
        written = _pairwise(seat, content)
    else:
        raise TypeError(f"round {number} is not answered by a {type(content).__name__}")
    row = PanelAnswer.objects.select_for_update().get(round=current, seat=seat.row)
    replaced = row.content is not None
    row.content = written
    row.save(update_fields=["content"])
    return Answered(panel_results.receipt_of(current, seat.row.token_hash, written), replaced)


def _rating(seat: Seat, content: RatingAnswer) -> dict[str, Any]:
    wrong: dict[str, list[str]] = {}
    known = {item.pk: item for item in seat.items}
    points = seat.panel.points
    for key, rating in content.ratings.items():
        if key not in known:
            raise TypeError(f"item {key} is not of this panel")
        if not 1 <= rating <= points:
            wrong[f"rating_{key}"] = [_("Choose a point from 1 to %(points)s.") % {"points": points}]
    if not content.ratings:
        wrong["__all__"] = [_("Rate at least one item. Leave out what you cannot judge.")]
    if content.familiarity not in FAMILIARITY:
        wrong["familiarity"] = [_("Say how familiar you are with the matter.")]
    for name, size in content.bases.items():
        if name not in BASES or size not in SIZES:
            wrong[f"basis_{name}"] = [_("Choose large, middle or small.")]
    reasons = {key: text.strip() for key, text in content.reasons.items() if text.strip()}
    for key, text in reasons.items():
        if len(text) > LONGEST_REASON:
            wrong[f"reason_{key}"] = [_("Use at most 1,000 characters.")]
    for key in outlying(seat, content.ratings):
        if key not in reasons:
            wrong[f"reason_{key}"] = [
                _("Your rating lies outside the middle half of the last round. Say in a sentence why.")
            ]
    if wrong:
        raise ValidationError(wrong)
    return {
        "ratings": {str(key): int(rating) for key, rating in sorted(content.ratings.items())},
        "reasons": {str(key): text for key, text in sorted(reasons.items())},
        "familiarity": content.familiarity,
        "bases": {name: int(content.bases.get(name, SIZES[-1])) for name in BASES},
    }


def outlying(seat: Seat, ratings: Mapping[int, int]) -> list[int]:
    """The items whose rating lies below the lower or above the upper quartile of the last round that may be shown."""
    last = seat.last_rated
    if last is None or last.result is None:
        return []
    shown = {row["item"]: row for row in last.result["items"] if row["median"] is not None}
    return [
        key
        for key, rating in ratings.items()
        if key in shown and not shown[key]["lower"] <= rating <= shown[key]["upper"]
    ]


def _pairwise(seat: Seat, content: PairwiseAnswer) -> dict[str, Any]:
    known = {item.pk for item in seat.items}
    for (first, second), ratio in content.ratios.items():
        if first not in known or second not in known or first >= second:
            raise TypeError(f"{first} and {second} are no pair of this panel")
        if not any(abs(ratio - size) < 1e-9 or abs(ratio * size - 1) < 1e-9 for size in SAATY):
            raise ValidationError({f"pair_{first}_{second}": [_("Choose one of the steps of the scale.")]})
    written = {"ratios": {f"{first}:{second}": ratio for (first, second), ratio in sorted(content.ratios.items())}}
    apart = panel_results.unrelated(seat.items, written)
    if apart:
        raise ValidationError(
            _(
                "Your comparisons leave items that nothing relates: %(groups)s. Compare at least one item of each "
                "group with one of another; the rest may stay open."
            )
            % {"groups": " / ".join(f"[{' · '.join(group)}]" for group in apart)}
        )
    return written


@dataclass(frozen=True, slots=True)
class Check:
    """How far an expert's comparisons fit together, and the three that contradict each other most, in words."""

    ratio: float | None
    a: str = ""
    b: str = ""
    c: str = ""
    ab: str = ""
    bc: str = ""
    given: str = ""
    implied: str = ""


def check_of(seat: Seat) -> Check | None:
    """The check of the holder's own comparisons in the round that runs; None where there are none."""
    own = seat.own.get(seat.current.number) if seat.current else None
    if own is None or "ratios" not in own:
        return None
    found = ahp.priorities(ahp.PriorityQuestion(panel_results.comparisons_of(seat.items, own)))
    triad = found.worst_triad
    if triad is None:
        return Check(found.consistency_ratio)
    text = {str(item.pk): item.text for item in seat.items}
    return Check(
        found.consistency_ratio,
        text[triad.first.first],
        text[triad.first.second],
        text[triad.second.second],
        _in_words(triad.first.ratio),
        _in_words(triad.second.ratio),
        _in_words(triad.across.ratio),
        _in_words(triad.implied),
    )


def _in_words(ratio: float) -> str:
    return f"{ratio:.3g} : 1" if ratio >= 1 else f"1 : {1 / ratio:.3g}"
