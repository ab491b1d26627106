"""Demand rounds and forecasts for pages and programs."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from ronghe.apps.demand.forecast_words import refusal_text
from ronghe.apps.demand.models import DemandRound, Forecast, ForecastMonth, ForecastOf
from ronghe.apps.metrics.records import SMALLEST_GROUP, RecordView, view_of
from ronghe.methods import forecasting

# Databases take only so many values at a time; nobody pages through more records than these.
_AT_ONCE = 10_000
_MOST_LISTED = 20_000


def round_tabs(user: Any) -> list[dict[str, Any]]:
    """The pages that belong to demand rounds, as tabs."""
    return [
        {"label": _("White papers"), "url": reverse("demand:round_list")},
        {"label": _("Panels of experts"), "url": reverse("demand:panel_list")},
        {"label": _("Forecasts"), "url": reverse("demand:forecast_list")},
    ]


def rounds(user: Any) -> QuerySet[DemandRound]:
    """The rounds that `user` may see, the latest first, without their content."""
    return DemandRound.objects.visible_to(user).select_related("field").defer("content")


def round_of(user: Any, uid: Any) -> DemandRound | None:
    """The round `uid`; None when there is none, or none that `user` may see."""
    return DemandRound.objects.visible_to(user).select_related("field", "panel").filter(uid=uid).first()


@dataclass(frozen=True, slots=True)
class FrozenRecords:
    """The records behind a frozen figure as `user` may see them today.

    `rows` is None for a small group of people; `gone` counts records that no longer exist, `hidden` those that are not
    open to this person.
    """

    view: RecordView
    count: int
    digest: str
    rows: QuerySet[Any] | None
    gone: int
    hidden: int


def frozen_records(user: Any, of: DemandRound, key: str) -> FrozenRecords | None:
    """The records kept under `key` in a white paper; None when there are none."""
    kept = (of.content or {}).get("records", {}).get(key)
    if kept is None:
        return None
    view = view_of(kept["model"])
    manager = apps.get_model(kept["model"])._default_manager
    there = _count(manager.all(), kept["ids"])
    if view.personal and kept["count"] < SMALLEST_GROUP:
        return FrozenRecords(view, kept["count"], kept["digest"], None, kept["count"] - there, 0)
    found = manager.all()
    rows = found.visible_to(user) if hasattr(found, "visible_to") else found.none()
    visible = _count(rows, kept["ids"])
    return FrozenRecords(
        view,
        kept["count"],
        kept["digest"],
        rows.filter(pk__in=kept["ids"][:_MOST_LISTED]).select_related(*view.related).order_by("pk"),
        kept["count"] - there,
        there - visible,
    )


def _count(rows: QuerySet[Any], keys: list[int]) -> int:
    parts = (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))
    return sum(rows.filter(pk__in=part).order_by().values("pk").distinct().count() for part in parts)


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One line of the list of forecasts: the newest of its skill or field."""

    forecast: Forecast
    months: list[ForecastMonth]

    @property
    def is_refused(self) -> bool:
        """Whether no claim was made."""
        return self.forecast.of == ForecastOf.REFUSED

    @property
    def refusal(self) -> str:
        """Why no claim was made; empty where one was."""
        return refusal_text(self.forecast.refusal) if self.is_refused else ""

    @property
    def is_group(self) -> bool:
        """Whether the field was forecast in place of the skill."""
        return self.forecast.of == ForecastOf.GROUP

    @property
    def last(self) -> ForecastMonth | None:
        """The month furthest ahead."""
        return self.months[-1] if self.months else None

    @property
    def share_percent(self) -> list[float]:
        """The skill's share of its field in per cent, where the field was forecast."""
        return [] if self.forecast.share is None else [self.forecast.share * 100]

    @property
    def ceiling_percent(self) -> float | None:
        """The noise ceiling in per cent."""
        return None if self.forecast.ceiling is None else self.forecast.ceiling * 100


def newest_forecasts() -> list[ForecastRow]:
    """The newest forecast of each field and skill, fields first, then by postings a month: two queries."""
    newest: dict[tuple[Any, Any], Forecast] = {}
    for one in Forecast.objects.select_related("skill__group__field", "field").prefetch_related("months"):
        newest.setdefault((one.skill_id, one.field_id), one)
    ordered = sorted(newest.values(), key=lambda one: (one.field_id is None, -one.rate))
    return [ForecastRow(one, list(one.months.all())) for one in ordered]


def forecast_row(uid: Any) -> ForecastRow | None:
    """One forecast."""
    found = Forecast.objects.select_related("skill__group__field", "field").filter(uid=uid).first()
    return ForecastRow(found, list(found.months.all())) if found else None


def kept_accuracy() -> tuple[forecasting.LedgerScore, ...]:
    """How right the forecasts were whose months are over, by horizon, within their 80% intervals.

    A field that stands in for a skill is left out: its own forecast counts already.
    """
    known = ForecastMonth.objects.filter(outcome__isnull=False, forecast__of=ForecastOf.SERIES)
    known = known.select_related("forecast")
    return forecasting.score(
        forecasting.ForecastEntry(
            subject=str(one.forecast_id),
            made_on=one.forecast.made_on,
            method=one.forecast.method,
            version=one.forecast.version,
            inputs_hash=one.forecast.inputs_hash,
            month=one.month,
            horizon=one.horizon,
            mean=one.mean,
            low=float("nan") if one.low_80 is None else one.low_80,
            high=float("nan") if one.high_80 is None else one.high_80,
            confidence=0.8,
            naive=one.naive,
            outcome=one.outcome,
        )
        for one in known
    )
