"""Reads of demand for pages, for the API and for the floors above: few queries, typed rows, nothing written.

Whoever shows rows asks `visible_to` first; selectors that take a `user` have done so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Min, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from ronghe.apps.demand import figures
from ronghe.apps.demand.figures import EVERYTHING, DataState, MonthFigure, Scope, SkillFigures
from ronghe.apps.demand.models import (
    Mention,
    MentionDecision,
    Posting,
    Requirement,
    RequirementAnswer,
    Skill,
    SkillField,
    SkillLink,
    Source,
    Verdict,
)
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Measurement, Window

PAGE_SIZE = 20
TAUGHT = "curriculum.skills.taught"
# What the overview can be sorted by; with a minus sign in front the other way round.
SORTS = ("postings", "growth", "name")
_MONTHS_SHOWN = 12
_NEWEST = 10
_COMPANIONS = 12


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


@dataclass(frozen=True, slots=True)
class Label:
    """A name in both languages, of a field, a group or a skill."""

    key: int
    code: str
    name_zh: str
    name_en: str

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return self.name_zh if _chinese() else self.name_en

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class SkillLabel(Label):
    """A skill with its group and field."""

    group: Label
    field: Label


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The lexicon's skills as pages need them, kept while the data stand."""

    fields: tuple[Label, ...]
    groups: tuple[tuple[Label, Label], ...]
    skills: Mapping[int, SkillLabel]
    by_code: Mapping[str, SkillLabel]

    def groups_of(self, field: str) -> list[Label]:
        """The groups of a field, or all of them."""
        return [group for group, of in self.groups if not field or of.code == field]


def catalogue(state: DataState | None = None) -> Catalogue:
    """The fields, groups and skills that stand in the lexicon: two queries, then kept."""
    return figures.kept(state or figures.data_state(), "catalogue", _catalogue)


def _catalogue() -> Catalogue:
    fields: dict[int, Label] = {}
    groups: dict[int, tuple[Label, Label]] = {}
    for one in SkillField.objects.filter(retired_at__isnull=True).prefetch_related("groups"):
        fields[one.pk] = Label(one.pk, one.code, one.name_zh, one.name_en)
        for group in one.groups.all():
            if group.retired_at is None:
                label = Label(group.pk, group.code, group.name_zh, group.name_en)
                groups[group.pk] = (label, fields[one.pk])
    skills = {
        skill.pk: SkillLabel(skill.pk, skill.code, skill.name_zh, skill.name_en, *groups[skill.group_id])
        for skill in Skill.objects.current()
    }
    by_code = {skill.code: skill for skill in skills.values()}
    return Catalogue(tuple(fields.values()), tuple(groups.values()), skills, by_code)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters of demand offer."""

    fields: Sequence[Label]
    groups: Sequence[Label]
    sources: Sequence[tuple[int, str]]
    regions: Sequence[str]
    months: Sequence[date]


def choices(field: str = "", state: DataState | None = None) -> Choices:
    """The filters' choices; the groups are those of `field`. Three queries, then kept."""
    state = state or figures.data_state()
    known = catalogue(state)
    sources, regions, months = figures.kept(state, "choices", _choices)
    return Choices(known.fields, known.groups_of(field), sources, regions, months)


def _choices() -> tuple[list[tuple[int, str]], list[str], list[date]]:
    sources = list(Source.objects.values_list("pk", "name"))
    regions = list(Posting.objects.exclude(region="").order_by("region").values_list("region", flat=True).distinct())
    ends = Posting.objects.aggregate(first=Min("published_on"), last=Max("published_on"))
    months = figures.months_of(Window(ends["first"], ends["last"])) if ends["first"] else []
    return sources, regions, months


def default_window(state: DataState | None = None) -> Window:
    """The twelve months up to the latest posting; up to this month while there are none."""
    months = choices(state=state).months
    last = months[-1] if months else timezone.localdate()
    first = figures.shift_month(last, 1 - _MONTHS_SHOWN)
    return figures.month_window(max(first, months[0]) if months else first, last)


@dataclass(frozen=True, slots=True)
class SkillRow:
    """One line of the overview."""

    skill: SkillLabel
    postings: Measurement
    share: Measurement
    growth: Measurement
    head_count: Measurement
    trend: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The demand overview: totals, and one page of skills. `page.object_list` has SkillRows."""

    window: Window
    before: Window
    months: list[date]
    postings: Measurement
    skills_asked: int
    requirements_open: Measurement
    waiting_days: Measurement
    page: Page[SkillRow]


def overview(
    *,
    window: Window | None = None,
    scope: Scope = EVERYTHING,
    field: str = "",
    group: str = "",
    text: str = "",
    sort: str = "-postings",
    page: int | str | None = 1,
) -> Overview:
    """Skills by volume, growth and interval. Few queries, and when the data stand as they stood, three.

    `field` and `group` are codes of the lexicon; `text` is looked for in the names of both languages and the code;
    `sort` is one of SORTS, with a minus sign or without. An unknown sort is the default one, an unknown page the nearest.
    """
    state = figures.data_state()
    window = state.pinned(window or default_window(state))
    known = catalogue(state)
    counts = figures.counts_by_skill(state, window, scope)
    asked = [
        (known.skills[skill], recent, before)
        for skill, (recent, before) in counts.items()
        if recent and skill in known.skills and _matches(known.skills[skill], field, group, text)
    ]
    paginator = Paginator(_sorted(asked, sort), PAGE_SIZE)
    shown = paginator.get_page(page)
    keys = [skill.key for skill, _recent, _before in shown.object_list]
    found = figures.skill_figures(keys, window, scope, state=state) if keys else {}
    rows: Page[SkillRow] = Page(
        [_row(skill, found[skill.key]) for skill, _recent, _before in shown.object_list],
        shown.number,
        paginator,  # type: ignore[arg-type]
    )
    return Overview(
        window=window,
        before=figures.previous(window),
        months=figures.months_of(window),
        postings=figures.posting_count(window, scope, state=state),
        skills_asked=len(asked),
        requirements_open=figures.kept(
            state, ("open", window), lambda: registry.measure_community("demand.requirements.open", _today(state))
        ),
        waiting_days=figures.kept(
            state,
            ("days", window),
            lambda: registry.measure_community("demand.requirements.waiting_days", _today(state)),
        ),
        page=rows,
    )


def _today(state: DataState) -> Window:
    today = timezone.localdate()
    return state.pinned(Window(figures.shift_month(today, -_MONTHS_SHOWN), today))


def _matches(skill: SkillLabel, field: str, group: str, text: str) -> bool:
    if (field and skill.field.code != field) or (group and skill.group.code != group):
        return False
    wanted = text.strip().casefold()
    return not wanted or any(wanted in name.casefold() for name in (skill.name_zh, skill.name_en, skill.code))


_Asked = tuple[SkillLabel, int, int]


def _sorted(asked: list[_Asked], sort: str) -> list[_Asked]:
    name, down = sort.lstrip("-"), sort.startswith("-")
    if name == "name":
        return sorted(asked, key=lambda row: row[0].name.casefold(), reverse=down)
    if name == "growth":
        # The ratio orders as the growth of shares does; what has too few postings for a growth comes last.
        enough = [row for row in asked if max(row[1], row[2]) >= figures.FEWEST]
        few = [row for row in asked if max(row[1], row[2]) < figures.FEWEST]
        ordered = sorted(enough, key=lambda row: ((row[1] + 0.5) / (row[2] + 0.5), row[1], row[0].code), reverse=down)
        return ordered + sorted(few, key=lambda row: (-row[1], row[0].code))
    down = down or name != "postings"
    return sorted(asked, key=lambda row: (-row[1] if down else row[1], row[0].code))


def _row(skill: SkillLabel, found: SkillFigures) -> SkillRow:
    return SkillRow(skill, found.postings, found.share, found.growth, found.head_count, found.trend)


@dataclass(frozen=True, slots=True)
class Companion:
    """A skill that the same postings ask for: how many of them, and their share of the postings with the first."""

    skill: SkillLabel
    postings: int
    share: float


@dataclass(frozen=True, slots=True)
class SkillPage:
    """All that the page of a skill shows. `taught` is None while no curriculum measures it."""

    skill: SkillLabel
    window: Window
    before: Window
    row: SkillRow
    gap: Measurement
    months: list[MonthFigure]
    newest: list[Posting]
    requirements: list[Requirement]
    links: list[SkillLink]
    companions: list[Companion]
    taught: Measurement | None


def skill_page(user: Any, code: str, *, window: Window | None = None, scope: Scope = EVERYTHING) -> SkillPage | None:
    """What is known of the skill `code`, as far as `user` may see it; None when the lexicon has no such skill."""
    state = figures.data_state()
    skill = catalogue(state).by_code.get(code)
    if skill is None:
        return None
    window = state.pinned(window or default_window(state))
    found = figures.skill_figures([skill.key], window, scope, state=state)[skill.key]
    newest = (
        Posting.objects.visible_to(user)
        .filter(asked__skill=skill.key, **scope.filters())
        .filter(published_on__lte=window.end)
        .select_related("source")
        .order_by("-published_on", "-pk")
    )
    requirements = (
        Requirement.objects.visible_to(user)
        .filter(skill=skill.key, closed_on__isnull=True)
        .select_related("organisation", "skill")
    )
    return SkillPage(
        skill=skill,
        window=window,
        before=figures.previous(window),
        row=_row(skill, found),
        gap=registry.measure("demand.skill.gap", [skill.key], window)[skill.key],
        months=figures.skill_by_month(skill.key, window, scope, state=state),
        newest=list(newest[:_NEWEST]),
        requirements=list(requirements),
        links=list(SkillLink.objects.filter(skill=skill.key)),
        companions=figures.kept(
            state, ("companions", skill.key, window, scope), lambda: _companions(state, skill, window, scope)
        ),
        taught=registry.measure(TAUGHT, [skill.key], window)[skill.key] if registry.is_registered(TAUGHT) else None,
    )


def _companions(state: DataState, skill: SkillLabel, window: Window, scope: Scope) -> list[Companion]:
    asked = figures.asked_skills(state, window, scope)
    total = asked.filter(skill=skill.key).count()
    known = catalogue(state).skills
    rows = (
        asked.filter(posting__in=asked.filter(skill=skill.key).values("posting"))
        .exclude(skill=skill.key)
        .order_by()
        .values("skill_id")
        .annotate(postings=Count("pk"))
        .order_by("-postings", "skill_id")[:_COMPANIONS]
    )
    return [
        Companion(known[row["skill_id"]], row["postings"], row["postings"] / total)
        for row in rows
        if row["skill_id"] in known
    ]


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


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """One card of the board."""

    requirement: Requirement
    answers: list[RequirementAnswer]
    days_waited: int
    is_overdue: bool
    may_amend: bool
    may_answer: bool


def requirements(
    user: Any,
    *,
    state: str = "",
    skill: str = "",
    field: str = "",
    organisation: int | None = None,
    text: str = "",
) -> QuerySet[Requirement]:
    """The requirements that `user` may see, most urgent first; `text` is looked for in skill, enterprise and reason."""
    found = Requirement.objects.visible_to(user).select_related("organisation", "skill__group__field")
    for name, value in (
        ("state", state),
        ("skill__code", skill),
        ("skill__group__field__code", field),
        ("organisation", organisation),
    ):
        if value:
            found = found.filter(**{name: value})
    if text := text.strip():
        found = found.filter(
            Q(skill__name_zh__icontains=text)
            | Q(skill__name_en__icontains=text)
            | Q(organisation__name_zh__icontains=text)
            | Q(organisation__name_en__icontains=text)
            | Q(reason__icontains=text)
        )
    return found.prefetch_related(
        Prefetch("answers", RequirementAnswer.objects.select_related("answered_by"))
    ).order_by("needed_by", "-severity", "pk")


def requirement_rows(user: Any, found: Sequence[Requirement] | QuerySet[Requirement]) -> list[RequirementRow]:
    """The cards of a board, without further queries."""
    today = timezone.localdate()
    return [
        RequirementRow(
            requirement=requirement,
            answers=list(requirement.answers.all()),
            days_waited=requirement.days_waited(today),
            is_overdue=not requirement.is_closed and requirement.needed_by < today,
            may_amend=not requirement.is_closed and user.has_perm("demand.amend_requirement", requirement),
            may_answer=not requirement.is_closed and user.has_perm("demand.answer_requirement", requirement),
        )
        for requirement in found
    ]


def requirement_row(user: Any, uid: Any) -> RequirementRow | None:
    """One requirement with its answers; None when there is none, or none that `user` may see."""
    return next(iter(requirement_rows(user, requirements(user).filter(uid=uid))), None)
