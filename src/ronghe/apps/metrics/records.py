"""The records behind a number: how a measurement names them, how they are found again, what a viewer is shown.

Each app says in its `metrics.py` how rows of its models look when a number is opened:

    show_records("demand.posting", columns=[RecordColumn(_("Title"), lambda posting: posting.title)])
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from ronghe.apps.metrics.measurement import Measurement, Records, Window, digest_of

# Of fewer people than this nobody is shown who they are.
SMALLEST_GROUP = 5
# In `Records.filters`: the rows of a dated model that hold on some day, as they were known at a moment.
DURING = "@during"


@dataclass(frozen=True, slots=True)
class RecordColumn:
    """One column of the page that opens a number: `value` and `url` take a row."""

    label: StrPromise
    value: Callable[[Any], Any]
    url: Callable[[Any], str] | None = None


@dataclass(frozen=True, slots=True)
class RecordView:
    """How rows of a model are shown. `personal`: they are about people, so that small groups stay closed."""

    model: str
    columns: tuple[RecordColumn, ...]
    related: tuple[str, ...] = ()
    personal: bool = False
    opened: Callable[[Any, Sequence[Any]], None] | None = None


_views: dict[str, RecordView] = {}


def show_records(
    model: str,
    *,
    columns: Sequence[RecordColumn],
    related: Sequence[str] = (),
    personal: bool = False,
    opened: Callable[[Any, Sequence[Any]], None] | None = None,
) -> None:
    """Say how rows of `model` ("demand.posting") look. Its default manager must offer `visible_to(user)`.

    `related` is handed to `select_related`. `opened(viewer, rows)` is called with the rows shown on a page, for
    models whose viewers are recorded. A second registration of a model is refused.
    """
    key = model.lower()
    if key in _views:
        raise ValueError(f"how records of {model} look is registered twice")
    _views[key] = RecordView(key, tuple(columns), tuple(related), personal, opened)


def view_of(model: str) -> RecordView:
    """How rows of `model` are shown: by their name alone, as if personal, when no app has said more."""
    return _views.get(model.lower(), RecordView(model.lower(), (RecordColumn(_("Record"), str),), personal=True))


def dated(window: Window) -> dict[str, Any]:
    """The part of `Records.filters` that finds the rows of a dated model which hold in `window`."""
    known_at = window.pinned().known_at
    return {DURING: [window.start.isoformat(), window.end.isoformat(), known_at.isoformat() if known_at else None]}


def select(records: Records) -> QuerySet[Any]:
    """The rows that `records` names, each once, as they are found today; whoever shows them asks `visible_to` first."""
    model: type[Model] = apps.get_model(records.model)
    filters = dict(records.filters)
    found = model._default_manager.all()
    during = filters.pop(DURING, None)
    if during is not None:
        first, last, *known = during
        known_at = datetime.fromisoformat(known[0]) if known and known[0] else None
        span = (date.fromisoformat(first), date.fromisoformat(last))
        found = found.during(*span, known_at=known_at) if known_at else found.during(*span)  # type: ignore[attr-defined]
    # A filter over related rows finds a row as often as it is related.
    return model._default_manager.filter(pk__in=found.filter(**filters).order_by().values("pk"))


@dataclass(frozen=True, slots=True)
class Opened:
    """What one viewer is shown of the records behind a number.

    `rows` is None when the group is too small to be opened. `unchanged`: the rows found today are those counted then.
    """

    view: RecordView
    found: int
    unchanged: bool
    rows: QuerySet[Any] | None
    visible: int

    @property
    def hidden(self) -> int:
        """How many of the rows this viewer may not see."""
        return self.found - self.visible


def open_records(records: Records, viewer: Any) -> Opened:
    """Find the rows behind a number and what of them `viewer` may see. Raises LookupError for a model that is gone."""
    view = view_of(records.model)
    found = select(records)
    keys = list(found.order_by().values_list("pk", flat=True))
    unchanged = digest_of(keys) == records.digest
    if view.personal and len(keys) < SMALLEST_GROUP:
        return Opened(view, len(keys), unchanged, None, 0)
    visible_to = getattr(found, "visible_to", None)
    rows = visible_to(viewer) if visible_to is not None else found.none()
    visible = rows.order_by().values("pk").distinct().count()
    return Opened(view, len(keys), unchanged, rows.select_related(*view.related), visible)


def cells(view: RecordView, row: Any) -> list[Mapping[str, Any]]:
    """The cells of one row: label, value, and the address of its own page if it has one."""
    return [
        {"label": column.label, "value": column.value(row), "url": column.url(row) if column.url else ""}
        for column in view.columns
    ]


def records_url(measurement: Measurement) -> str:
    """The page that opens the records behind `measurement`; empty when it names none."""
    return measurement.url
