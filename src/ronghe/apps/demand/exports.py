"""Demand as files: the figures of skills, and postings and requirements in the columns that `imports` reads back."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.http import FileResponse

from ronghe.apps.demand import selectors
from ronghe.apps.demand.imports import POSTINGS, REQUIREMENTS
from ronghe.apps.demand.models import Posting, Requirement
from ronghe.apps.demand.selectors import PanelPage, SkillRow
from ronghe.apps.jobs.exports import table_response
from ronghe.apps.metrics.measurement import Measurement, Window
from ronghe.tabular import Boolean, Column, Date, DecimalNumber, Integer, RowSchema, Text

_PLACES = 6
_ROWS_AT_ONCE = 500
_FIGURE = DecimalNumber(digits=18, places=_PLACES)


def _bounded(name: str, kind: Any, zh: str, en: str) -> list[Column]:
    """A figure with the two ends of its 95% interval."""
    return [
        Column(name, kind, zh=zh, en=en),
        Column(f"{name}_low", _FIGURE, zh=f"{zh} 95% 下限", en=f"{en}, 95% low"),
        Column(f"{name}_high", _FIGURE, zh=f"{zh} 95% 上限", en=f"{en}, 95% high"),
    ]


SKILLS = RowSchema(
    [
        Column("code", Text(80), zh="技能编号", en="Skill id"),
        Column("name_zh", Text(120), zh="中文名称", en="Chinese name"),
        Column("name_en", Text(160), zh="英文名称", en="English name"),
        Column("field", Text(160), zh="领域", en="Field"),
        Column("group", Text(160), zh="类别", en="Group"),
        *_bounded("postings", Integer(), "招聘信息数", "Postings"),
        *_bounded("share", _FIGURE, "占比", "Share"),
        *_bounded("growth", _FIGURE, "增长", "Growth"),
        *_bounded("head_count", _FIGURE, "招聘人数", "People sought"),
        Column("first_day", Date(), zh="起始日期", en="First day"),
        Column("last_day", Date(), zh="截止日期", en="Last day"),
        Column("definition", Text(200), zh="定义版本", en="Definitions"),
    ]
)


def _ends(name: str, measurement: Measurement) -> dict[str, Any]:
    """The figure and its interval, to as many places as a file carries."""
    values = {name: measurement.value, f"{name}_low": measurement.low, f"{name}_high": measurement.high}
    return {
        key: Decimal(f"{value:.{_PLACES}f}") if isinstance(value, float) else value for key, value in values.items()
    }


def skill_records(rows: Iterable[SkillRow], window: Window) -> Iterator[dict[str, Any]]:
    """One record a skill, in the columns of `SKILLS`."""
    for row in rows:
        figures = {
            "postings": row.postings,
            "share": row.share,
            "growth": row.growth,
            "head_count": row.head_count,
        }
        record: dict[str, Any] = {
            "code": row.skill.code,
            "name_zh": row.skill.name_zh,
            "name_en": row.skill.name_en,
            "field": row.skill.field.name,
            "group": row.skill.group.name,
            "first_day": window.start,
            "last_day": window.end,
            "definition": " ".join(measurement.definition for measurement in figures.values()),
        }
        for name, measurement in figures.items():
            record |= _ends(name, measurement)
        yield record


def skills_response(kind: str, **filters: Any) -> FileResponse:
    """Every skill within the overview's `filters`, in the order of the page. Raises Http404 for an unknown kind."""
    found = selectors.all_rows(**filters)
    return table_response(skill_records(found.rows, found.window), SKILLS, kind=kind, filename="skills-in-demand")


def postings_response(user: Any, kind: str, **filters: Any) -> FileResponse:
    """The postings that `user` may see, as a file that the import reads. Raises Http404 for an unknown kind."""
    found = selectors.postings(user, **filters).iterator(chunk_size=_ROWS_AT_ONCE)
    return table_response((_posting(posting) for posting in found), POSTINGS, kind=kind, filename="postings")


def _posting(posting: Posting) -> dict[str, Any]:
    return {
        "external_id": posting.external_id,
        "published_on": posting.published_on,
        "title": posting.title,
        "organisation": posting.organisation_name,
        "city": posting.city,
        "region": posting.region,
        "field": posting.field or None,
        "head_count": posting.head_count,
        "language": posting.language,
        "text": posting.text,
    }


def requirements_response(user: Any, kind: str, **filters: Any) -> FileResponse:
    """The requirements that `user` may see, as a file that the import reads. Raises Http404 for an unknown kind."""
    found = selectors.requirements(user, **filters).prefetch_related(None).iterator(chunk_size=_ROWS_AT_ONCE)
    return table_response(
        (_requirement(requirement) for requirement in found), REQUIREMENTS, kind=kind, filename="requirements"
    )


def _requirement(requirement: Requirement) -> dict[str, Any]:
    return {
        "organisation": requirement.organisation.name_zh,
        "skill": requirement.skill.name,
        "level": requirement.skill_level,
        "head_count": requirement.head_count,
        "needed_by": requirement.needed_by,
        "severity": requirement.severity,
        "reason": requirement.reason,
    }


PANEL_RESULTS = RowSchema(
    [
        Column("round", Integer(), zh="轮次", en="Round"),
        Column("kind", Text(20), zh="方式", en="Kind"),
        Column("item_zh", Text(300), zh="条目", en="Item in Chinese"),
        Column("item_en", Text(300), zh="条目英文", en="Item in English"),
        Column("answers", Integer(), zh="作答数", en="Answers"),
        Column("median", _FIGURE, zh="中位数", en="Median"),
        Column("lower", _FIGURE, zh="下四分位数", en="Lower quartile"),
        Column("upper", _FIGURE, zh="上四分位数", en="Upper quartile"),
        Column("mean", _FIGURE, zh="均值", en="Mean"),
        Column("variation", _FIGURE, zh="变异系数", en="Coefficient of variation"),
        Column("share", _FIGURE, zh="认同占比", en="Share in agreement"),
        Column("agreed", Boolean(), zh="达成一致", en="Agreed"),
        Column("change", _FIGURE, zh="与上轮变动占比", en="Share of changes"),
        Column("stable", Boolean(), zh="稳定", en="Stable"),
        Column("weight", _FIGURE, zh="权重", en="Weight"),
        Column("low", _FIGURE, zh="权重 95% 下限", en="Weight, 95% low"),
        Column("high", _FIGURE, zh="权重 95% 上限", en="Weight, 95% high"),
    ]
)


def panel_response(page: PanelPage, kind: str) -> FileResponse:
    """The results of a panel's closed rounds, an item a row; rounds under five answers are left out.

    Raises Http404 for an unknown kind.
    """
    names = ("median", "lower", "upper", "mean", "variation", "share", "change", "weight", "low", "high")
    records = (
        {
            "round": one.round.number,
            "kind": one.round.get_kind_display(),
            "item_zh": row.item.text_zh,
            "item_en": row.item.text_en or None,
            "answers": row.figures.get("answers", (one.round.result or {}).get("answers")),
            "agreed": row.figures.get("agreed"),
            "stable": row.figures.get("stable"),
            **{name: _places(row.figures.get(name)) for name in names},
        }
        for one in page.rounds
        for row in one.rows
    )
    return table_response(records, PANEL_RESULTS, kind=kind, filename="panel")


def _places(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.{_PLACES}f}")
