"""The demand overview: skills by volume, growth and interval, within filters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.utils import timezone

from ronghe.apps.demand import figures
from ronghe.apps.demand.figures import EVERYTHING, DataState, Scope, SkillFigures
from ronghe.apps.demand.selectors.catalogue import MONTHS_SHOWN, SkillLabel, catalogue, default_window
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Measurement, Window

PAGE_SIZE = 20
# What the overview can be sorted by; with a minus sign in front the other way round.
SORTS = ("postings", "growth", "name")

_Asked = tuple[SkillLabel, int, int]


@dataclass(frozen=True, slots=True)
class SkillRow:
    """One line of the overview."""

    skill: SkillLabel
    postings: Measurement
    share: Measurement
    growth: Measurement
    head_count: Measurement
    trend: tuple[int, ...]
    urls: Mapping[str, str]


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
    page_size: int = PAGE_SIZE,
) -> Overview:
    """Skills by volume, growth and interval. Few queries, and when the data stand as they stood, three.

    `field` and `group` are codes of the lexicon; `text` is looked for in the names of both languages and the code;
    `sort` is one of SORTS, with a minus sign or without; an unknown sort is the default, an unknown page the nearest.
    """
    state = figures.data_state()
    window = state.pinned(window or default_window(state))
    asked = _asked(state, window, scope, field, group, text)
    paginator = Paginator(_sorted(asked, sort), page_size)
    shown = paginator.get_page(page)
    keys = [skill.key for skill, _recent, _before in shown.object_list]
    found = figures.skill_figures(keys, window, scope, state=state) if keys else {}
    rows: Page[SkillRow] = Page(
        [skill_row(skill, found[skill.key]) for skill, _recent, _before in shown.object_list],
        shown.number,
        paginator,  # type: ignore[arg-type]
    )
    today = _today(state)
    return Overview(
        window=window,
        before=figures.previous(window),
        months=figures.months_of(window),
        postings=figures.posting_count(window, scope, state=state),
        skills_asked=len(asked),
        requirements_open=figures.kept(
            state, ("open", today), lambda: registry.measure_community("demand.requirements.open", today)
        ),
        waiting_days=figures.kept(
            state,
            ("days", today),
            lambda: registry.measure_community("demand.requirements.waiting_days", today),
        ),
        page=rows,
    )


@dataclass(frozen=True, slots=True)
class AllRows:
    """Lines of the overview within its filters, and how many there are."""

    window: Window
    total: int
    rows: list[SkillRow]


def all_rows(
    *,
    window: Window | None = None,
    scope: Scope = EVERYTHING,
    field: str = "",
    group: str = "",
    text: str = "",
    sort: str = "-postings",
    offset: int = 0,
    limit: int | None = None,
) -> AllRows:
    """The overview without its pages, for exports and for programs."""
    state = figures.data_state()
    window = state.pinned(window or default_window(state))
    asked = _sorted(_asked(state, window, scope, field, group, text), sort)
    total = len(asked)
    asked = asked[offset:] if limit is None else asked[offset : offset + limit]
    found = figures.skill_figures([row[0].key for row in asked], window, scope, state=state) if asked else {}
    return AllRows(window, total, [skill_row(skill, found[skill.key]) for skill, _recent, _before in asked])


def _asked(state: DataState, window: Window, scope: Scope, field: str, group: str, text: str) -> list[_Asked]:
    known = catalogue(state).skills
    return [
        (known[skill], recent, before)
        for skill, (recent, before) in figures.counts_by_skill(state, window, scope).items()
        if recent and skill in known and _matches(known[skill], field, group, text)
    ]


def _today(state: DataState) -> Window:
    today = timezone.localdate()
    return state.pinned(Window(figures.shift_month(today, -MONTHS_SHOWN), today))


def _matches(skill: SkillLabel, field: str, group: str, text: str) -> bool:
    if (field and skill.field.code != field) or (group and skill.group.code != group):
        return False
    wanted = text.strip().casefold()
    return not wanted or any(wanted in name.casefold() for name in (skill.name_zh, skill.name_en, skill.code))


def _sorted(asked: list[_Asked], sort: str) -> list[_Asked]:
    name, down = sort.lstrip("-"), sort.startswith("-")
    if name == "name":
        return sorted(asked, key=lambda row: row[0].name.casefold(), reverse=down)
    if name == "growth":
        # The ratio orders as the growth of shares does; what had too few postings to grow from comes last.
        enough = [row for row in asked if row[2] >= figures.FEWEST]
        few = [row for row in asked if row[2] < figures.FEWEST]
        ordered = sorted(enough, key=lambda row: ((row[1] + 0.5) / (row[2] + 0.5), row[1], row[0].code), reverse=down)
        return ordered + sorted(few, key=lambda row: (-row[1], row[0].code))
    down = down or name != "postings"
    return sorted(asked, key=lambda row: (-row[1] if down else row[1], row[0].code))


def skill_row(skill: SkillLabel, found: SkillFigures) -> SkillRow:
    """A line of the overview from a skill's figures."""
    return SkillRow(skill, found.postings, found.share, found.growth, found.head_count, found.trend, found.urls)
