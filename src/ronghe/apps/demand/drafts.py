"""Drafts of white papers: what would be frozen now, computed once for each state of all that it tells of.

A draft that takes longer than a page should is made by a task; what a paper says is `white_paper`'s.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max
from django.utils import timezone

from ronghe.apps.community.models import CohortMembership
from ronghe.apps.demand import computations, white_paper
from ronghe.apps.demand.computations import Standing
from ronghe.apps.demand.figures import DataState, data_state, kept
from ronghe.apps.demand.models import DemandRound, Forecast, Skill, Source
from ronghe.methods.explained import inputs_hash

KIND = "demand.white_paper.draft"
# A page computes the draft itself where that takes at most so long by `estimated_seconds`.
MOST_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft to read now; None while its first one is made. `standing` tells of the task, where one is needed."""

    content: Mapping[str, Any] | None
    standing: Standing | None = None

    @property
    def is_current(self) -> bool:
        """Whether it tells of today's data."""
        return self.standing is None or self.standing.is_current


def estimated_seconds(rows: int, skills: int) -> float:
    """How long a draft takes on one core: `rows` skills asked for by postings, `skills` in the lexicon.

    Read off 3,600 postings (2 s) and 100,000 postings (30 s) with 959 skills.
    """
    return 5e-5 * rows + 1e-3 * skills


def _estimate(state: DataState) -> float:
    return kept(
        state, "draft estimate", lambda: estimated_seconds(computations.rows_counted(state), Skill.objects.count())
    )


def _key(of: DemandRound) -> str:
    return f"demand.draft.{white_paper.FORMAT}:{of.uid}"


def mark_of(of: DemandRound, state: DataState) -> str:
    """Names everything that the paper of a round tells of: the data, the round, its panel, forecasts, students."""
    before = white_paper.last_frozen(of)
    students = CohortMembership.objects.aggregate(
        rows=Count("pk"), last=Max("pk"), recorded=Max("recorded_at"), superseded=Max("superseded_at")
    )
    panel = None
    if of.panel is not None:
        closed = of.panel.rounds.filter(closed_on__isnull=False).order_by("number").values_list("digest", flat=True)
        panel = (of.panel.revision, of.panel.state, of.panel.experts.count(), list(closed))
    return inputs_hash(
        str(state.mark),
        timezone.localdate(),
        of.revision,
        panel,
        Forecast.objects.aggregate(last=Max("pk"))["last"],
        list(Source.objects.order_by("pk").values_list("name", "licence", "is_example")),
        None if before is None else before.digest,
        [str(value) for value in students.values()],
    )


def draft(of: DemandRound, *, actor: Any, again: bool = False) -> Draft:
    """The draft of a round that runs; a task for it is started in the name of `actor`, where one is needed."""
    state = data_state()
    mark = mark_of(of, state)
    if _estimate(state) <= MOST_SECONDS:
        return Draft(kept(state, ("draft", of.pk, mark), lambda: white_paper.content_of(of)))
    standing = computations.ask(actor=actor, key=_key(of), mark=mark, kind=KIND, again=again, uid=str(of.uid))
    return Draft(_read(of) if standing.is_kept else None, standing)


def kept_content(of: DemandRound) -> dict[str, Any] | None:
    """The draft that a task has made, where it tells of the data as they stand in this very transaction."""
    standing = computations.standing(_key(of), mark_of(of, data_state()))
    return _read(of) if standing.is_current else None


def _read(of: DemandRound) -> dict[str, Any] | None:
    content = computations.content_of(_key(of))
    found: dict[str, Any] | None = None if content is None else json.loads(zlib.decompress(content))
    return found


def compute(of: DemandRound) -> None:
    """Make the draft and keep it; nothing is done where it is kept already."""
    mark = mark_of(of, data_state())
    if not computations.standing(_key(of), mark).is_current:
        computations.keep(_key(of), mark, zlib.compress(json.dumps(white_paper.content_of(of)).encode()))
