"""Lists of postings, and the page of one with its spans."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from ronghe.apps.demand.models import Mention, MentionDecision, Posting, Verdict
from ronghe.apps.demand.selectors.catalogue import SkillLabel, catalogue
from ronghe.apps.metrics.measurement import Window


def postings(
    user: Any,
    *,
    text: str = "",
    source: int | None = None,
    region: str = "",
    field: str = "",
    language: str = "",
    skill: str = "",
    organisation: int | None = None,
    window: Window | None = None,
    duplicates: bool = False,
) -> QuerySet[Posting]:
    """The postings that `user` may see, newest first; duplicates only when asked for.

    `skill` is a lexicon id: postings that ask for it. `text` is looked for in title, enterprise and text.
    """
    found = Posting.objects.visible_to(user).select_related("source")
    if not duplicates:
        found = found.counted()
    for name, value in (
        ("source", source),
        ("region", region),
        ("field", field),
        ("language", language),
        ("organisation", organisation),
        ("asked__skill__code", skill),
    ):
        if value:
            found = found.filter(**{name: value})
    if window is not None:
        found = found.filter(published_on__range=(window.start, window.end))
    if text := text.strip():
        found = found.filter(Q(title__icontains=text) | Q(organisation_name__icontains=text) | Q(text__icontains=text))
    return found.order_by("-published_on", "-pk")


@dataclass(frozen=True, slots=True)
class Span:
    """A skill in a span of a posting. `verdict` is "" while nobody has decided; `tier` is None for a span that only a
    decision keeps, because the latest extraction no longer finds it."""

    start: int
    end: int
    text: str
    skill: SkillLabel
    tier: int | None
    score: float | None
    verdict: str = ""
    decided_by: str = ""
    decided_at: Any = None

    @property
    def counts(self) -> bool:
        """Whether it makes the posting ask for the skill."""
        return self.verdict == Verdict.ACCEPTED or (self.tier is not None and self.verdict != Verdict.REJECTED)


@dataclass(frozen=True, slots=True)
class PostingPage:
    """All that the page of a posting shows."""

    posting: Posting
    spans: list[Span]
    skills: list[SkillLabel]
    original: Posting | None
    duplicates: list[Posting]
    may_decide: bool = field(default=False)


def posting_page(user: Any, key: int) -> PostingPage | None:
    """A posting with the skills found in it; None when there is none, or none that `user` may see. Five queries."""
    posting = (
        Posting.objects.visible_to(user).select_related("source", "organisation", "duplicate_of").filter(pk=key).first()
    )
    if posting is None:
        return None
    spans = spans_of(posting)
    return PostingPage(
        posting=posting,
        spans=spans,
        skills=list({span.skill.key: span.skill for span in spans if span.counts}.values()),
        original=posting.duplicate_of,
        duplicates=list(posting.duplicates.select_related("source").order_by("published_on", "pk")),
        may_decide=user.has_perm("demand.decide_mention", posting),
    )


def spans_of(posting: Posting) -> list[Span]:
    """The spans of a posting in order of their start, with what people decided on them. Two queries."""
    known = catalogue().skills
    found: dict[tuple[int, int, int], Mention] = {
        (mention.start, mention.end, mention.skill_id): mention for mention in posting.mentions.all()
    }
    decided: dict[tuple[int, int, int], MentionDecision] = {
        (decision.start, decision.end, decision.skill_id): decision
        for decision in posting.decisions.select_related("decided_by")
    }
    spans = []
    for place in sorted(found.keys() | decided.keys()):
        start, end, key = place
        mention, decision = found.get(place), decided.get(place)
        if key not in known or (mention is None and decision is not None and decision.verdict == Verdict.REJECTED):
            continue
        spans.append(
            Span(
                start=start,
                end=end,
                text=posting.text[start:end],
                skill=known[key],
                tier=mention.tier if mention else None,
                score=mention.score if mention else None,
                verdict=decision.verdict if decision else "",
                decided_by=str(decision.decided_by or "") if decision else "",
                decided_at=decision.decided_at if decision else None,
            )
        )
    return spans
