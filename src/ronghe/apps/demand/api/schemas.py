"""What the API of demand takes and gives."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from ninja import Field, Schema

from ronghe.apps.demand import selectors
from ronghe.apps.demand.figures import Scope
from ronghe.apps.demand.models import Posting, Requirement, RequirementAnswer
from ronghe.apps.metrics.measurement import Window

LARGEST_PAGE = 100
LONGEST_TEXT = 20_000
_LARGEST_OFFSET = 10_000_000
_LARGEST = 2**31 - 1
_LONGEST_PERIOD = 20 * 366


class Label(Schema):
    """A field or group of the lexicon."""

    code: str
    name_zh: str
    name_en: str


class SkillOut(Label):
    """A skill of the lexicon."""

    group: Label
    field: Label


class Figure(Schema):
    """One number. `value` null means "no data". `records` opens what was counted, as far as you may see it."""

    value: float | None
    unit: str
    low: float | None
    high: float | None
    count: int
    as_of: date
    definition: str
    note: str
    records: str


class SkillFiguresOut(Schema):
    """A skill with its figures in the period."""

    skill: SkillOut
    postings: Figure
    share: Figure
    growth: Figure
    head_count: Figure


class Page(Schema):
    """Which part of all rows this is."""

    total: int
    offset: int


class SkillsOut(Page):
    """A page of skills, most asked for first unless sorted otherwise."""

    start: date
    end: date
    postings: Figure
    items: list[SkillFiguresOut]


class MonthOut(Schema):
    """The postings of one month."""

    month: date
    postings: Figure


class LinkOut(Schema):
    """The counterpart of a skill in another taxonomy."""

    scheme: str
    identifier: str
    label: str
    method: str


class SkillPageOut(SkillFiguresOut):
    """What is known of one skill."""

    start: date
    end: date
    gap: Figure
    months: list[MonthOut]
    links: list[LinkOut]


class PostingOut(Schema):
    """A posting without its text."""

    id: int
    source: str
    external_id: str
    published_on: date
    heading: str
    organisation: str
    city: str
    region: str
    field: str
    head_count: int | None
    language: str
    duplicate_of: int | None

    @staticmethod
    def resolve_source(posting: Posting) -> str:
        return posting.source.name

    @staticmethod
    def resolve_organisation(posting: Posting) -> str:
        return posting.organisation_name

    @staticmethod
    def resolve_duplicate_of(posting: Posting) -> int | None:
        return posting.duplicate_of_id


class PostingsOut(Page):
    """A page of postings, newest first."""

    items: list[PostingOut]


class SpanOut(Schema):
    """A skill in a span of code points; `tier` null: kept by a person's decision only."""

    start: int
    end: int
    text: str
    skill: str
    name: str
    tier: int | None
    score: float | None
    verdict: str
    counts: bool


class PostingPageOut(Schema):
    """A posting with its text, the skills found in it and its duplicates."""

    posting: PostingOut
    text: str
    spans: list[SpanOut]
    duplicates: list[int]


class DecisionIn(Schema):
    """A verdict on a skill in a span; "" takes it back. `seen` is the verdict that you were shown, "" for none."""

    skill: str = Field(max_length=80)
    start: int = Field(ge=0, le=_LARGEST)
    end: int = Field(ge=1, le=_LARGEST)
    verdict: Literal["accepted", "rejected", ""]
    seen: Literal["accepted", "rejected", ""] = ""


class AnswerOut(Schema):
    """An answer of the office."""

    kind: str
    text: str
    planned_for: date | None
    answered_at: datetime


class RequirementOut(Schema):
    """A need of an enterprise."""

    uid: UUID
    revision: int
    organisation: UUID
    organisation_name: str
    skill: str
    skill_level: int | None
    head_count: int
    needed_by: date
    severity: int
    reason: str
    state: str
    raised_on: date
    answered_on: date | None
    closed_on: date | None
    answers: list[AnswerOut]

    @staticmethod
    def resolve_organisation(requirement: Requirement) -> UUID:
        return requirement.organisation.uid

    @staticmethod
    def resolve_organisation_name(requirement: Requirement) -> str:
        return requirement.organisation.name

    @staticmethod
    def resolve_skill(requirement: Requirement) -> str:
        return requirement.skill.code

    @staticmethod
    def resolve_answers(requirement: Requirement) -> list[RequirementAnswer]:
        return list(requirement.answers.all())


class RequirementsOut(Page):
    """A page of requirements, the most urgent first."""

    items: list[RequirementOut]


class RequirementIn(Schema):
    """A need to be raised."""

    organisation: UUID
    skill: str = Field(max_length=160, description="lexicon id, or any name of the skill")
    skill_level: int | None = Field(None, ge=1, le=5)
    head_count: int = Field(ge=1, le=_LARGEST)
    needed_by: date
    severity: int = Field(ge=1, le=5)
    reason: str = Field("", max_length=2_000)


class AnswerIn(Schema):
    """An answer; `revision` is that of the requirement you answer."""

    revision: int = Field(ge=1, le=_LARGEST)
    kind: Literal["planned", "question", "declined"]
    text: str = Field(min_length=1, max_length=2_000)
    planned_for: date | None = None


class ExtractIn(Schema):
    """A text to find skills in."""

    text: str = Field(max_length=LONGEST_TEXT)


class MentionOut(Schema):
    """A skill found in a span of code points."""

    start: int
    end: int
    text: str
    skill: str
    name_zh: str
    name_en: str
    tier: int
    score: float


class ExtractOut(Schema):
    """What was found, and by which lexicon and rules."""

    extractor: str
    mentions: list[MentionOut]


class Paged(Schema):
    """Which part of all rows."""

    offset: int = Field(0, ge=0, le=_LARGEST_OFFSET)
    limit: int = Field(20, ge=1, le=LARGEST_PAGE)


class PeriodQuery(Schema):
    """The days counted, both included; the last twelve months with postings when neither is given."""

    start: date | None = Field(None, alias="from")
    end: date | None = Field(None, alias="to")
    source: int | None = Field(None, ge=1, le=_LARGEST)
    region: str = Field("", max_length=80)

    def window(self) -> Window | None:
        """The window asked for. Raises ValidationError for one that ends before it starts."""
        if self.start is None and self.end is None:
            return None
        usual = selectors.default_window()
        start = self.start or min(usual.start, self.end or usual.start)
        end = self.end or max(usual.end, start)
        if start > end:
            raise ValidationError(_("The first day comes after the last one."))
        if (end - start).days > _LONGEST_PERIOD:
            raise ValidationError(_("Ask for at most twenty years at a time."))
        return Window(start, end)

    def scope(self) -> Scope:
        """The postings asked for."""
        return Scope(self.source, plain(self.region))


class SkillsQuery(PeriodQuery, Paged):
    """Which skills."""

    field: str = Field("", max_length=80)
    group: str = Field("", max_length=80)
    text: str = Field("", max_length=160)
    sort: Literal["-postings", "postings", "-growth", "growth", "name", "-name"] = "-postings"


class PostingsQuery(PeriodQuery, Paged):
    """Which postings."""

    text: str = Field("", max_length=160)
    field: str = Field("", max_length=20)
    language: str = Field("", max_length=10)
    skill: str = Field("", max_length=80)
    duplicates: bool = False


class RequirementsQuery(Paged):
    """Which requirements."""

    state: str = Field("", max_length=10)
    skill: str = Field("", max_length=80)
    field: str = Field("", max_length=80)
    text: str = Field("", max_length=160)


def plain(text: str) -> str:
    """The text without the one character that PostgreSQL does not store."""
    return text.replace("\0", "")
