"""The page of one skill: its trend, postings, requirements, links, companions, and who teaches it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from ronghe.apps.demand import figures, gap
from ronghe.apps.demand.figures import EVERYTHING, DataState, MonthFigure, Scope
from ronghe.apps.demand.models import Posting, Requirement, SkillLink
from ronghe.apps.demand.selectors.catalogue import SkillLabel, catalogue, default_window
from ronghe.apps.demand.selectors.overview import SkillRow, skill_row
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Measurement, Window

_NEWEST = 10
_COMPANIONS = 12


@dataclass(frozen=True, slots=True)
class Companion:
    """A skill that the same postings ask for: how many of them, and their share of the postings with the first."""

    skill: SkillLabel
    postings: int
    share: float


@dataclass(frozen=True, slots=True)
class SkillPage:
    """All that the page of a skill shows. `taught` is None while no curriculum measures it.

    `gap_behind` is what the gap is made of: postings, requirements, students, units; empty where there is no gap.
    """

    skill: SkillLabel
    window: Window
    before: Window
    row: SkillRow
    gap: Measurement
    gap_behind: tuple[Measurement, ...]
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
    latest = figures.asked_skills(state, window, scope).filter(skill=skill.key).order_by("-published_on", "-posting_id")
    newest = (
        Posting.objects.visible_to(user)
        .filter(pk__in=list(latest.values_list("posting_id", flat=True)[:_NEWEST]))
        .select_related("source")
        .order_by("-published_on", "-pk")
    )
    requirements = (
        Requirement.objects.visible_to(user)
        .filter(skill=skill.key, closed_on__isnull=True)
        .select_related("organisation", "skill")
    )
    missing = registry.measure("demand.skill.gap", [skill.key], window)[skill.key]
    return SkillPage(
        skill=skill,
        window=window,
        before=figures.previous(window),
        row=skill_row(skill, found),
        gap=missing,
        gap_behind=gap.behind(skill.key, missing, window),
        months=figures.skill_by_month(skill.key, window, scope, state=state),
        newest=list(newest),
        requirements=list(requirements),
        links=list(SkillLink.objects.filter(skill=skill.key)),
        companions=figures.kept(
            state, ("companions", skill.key, window, scope), lambda: _companions(state, skill, window, scope)
        ),
        taught=registry.measure(gap.TAUGHT, [skill.key], window)[skill.key]
        if registry.is_registered(gap.TAUGHT)
        else None,
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
