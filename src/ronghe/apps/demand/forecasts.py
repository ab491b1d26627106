"""Monthly series of demand's own counts, and their forecast; keeps nothing (see `services.forecasts`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db.models import Count, F, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone
from numpy.typing import NDArray

from ronghe.apps.demand import figures
from ronghe.apps.demand.figures import EVERYTHING
from ronghe.apps.demand.models import AskedSkill, Forecast, Posting
from ronghe.apps.demand.selectors.catalogue import choices
from ronghe.apps.metrics.measurement import Measurement, Records, Unit, Window
from ronghe.methods import forecasting
from ronghe.methods.forecasting.series import RATE_MONTHS

HORIZON = 6
# Older months say little of those to come and cost time.
MOST_MONTHS = 120

_POSTINGS_OF = {"skill": "asked__skill", "field": "asked__skill__group__field"}
_COUNTED_AS = {"skill": "demand.skill.postings@1", "field": "demand.field.postings@1"}

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Series:
    """The postings of each month that ask for one thing, and those of the field that it belongs to."""

    months: Sequence[date]
    values: Floats
    group: Floats | None = None


def known_months(today: date) -> list[date]:
    """The months from the first posting to the last one, without the month that still runs."""
    running = today.replace(day=1)
    return [month for month in choices().months if month < running][-MOST_MONTHS:]


def series_of(skills: Mapping[int, int], fields: Sequence[int], today: date) -> dict[tuple[str, int], Series]:
    """The series of `skills` (by the key of their field) and of `fields`, under ("skill", key) and ("field", key).

    Two queries. A posting counts once in a series, however many skills of a field it asks for.
    """
    months = known_months(today)
    if not months:
        return {}
    window = figures.month_window(months[0], months[-1])
    place = {month: index for index, month in enumerate(months)}
    asked = figures.asked_skills(figures.data_state(), window, EVERYTHING).order_by()
    of_field = _table(asked, "skill__group__field", place)
    of_skill = _table(asked.filter(skill__in=skills), "skill", place)
    nothing = np.zeros(len(months))
    found = {("field", key): Series(months, of_field.get(key, nothing)) for key in fields}
    for key, field in skills.items():
        found["skill", key] = Series(months, of_skill.get(key, nothing), of_field.get(field, nothing))
    return found


def _table(asked: QuerySet[AskedSkill], by: str, place: Mapping[date, int]) -> dict[int, Floats]:
    rows = (
        asked.annotate(month=TruncMonth("published_on"))
        .values("month", key=F(by))
        .annotate(postings=Count("posting", distinct=True))
    )
    table: dict[int, Floats] = {}
    for key, month, postings in rows.values_list("key", "month", "postings"):
        table.setdefault(key, np.zeros(len(place)))[place[month]] = postings
    return table


def subject_of(forecast: Forecast) -> tuple[str, int]:
    """What the forecast was asked for, as `series_of` names it."""
    return ("field", forecast.field_id or 0) if forecast.skill_id is None else ("skill", forecast.skill_id)


def rate_window(last_month: date) -> Window:
    """The months whose mean is the rate of a forecast; `forecasting.rate` reads as many."""
    return figures.month_window(figures.shift_month(last_month, 1 - RATE_MONTHS), last_month)


def postings_behind(subject: tuple[str, int], window: Window) -> Records:
    """The postings of `window` that a series of `subject` counts, each once, as they stand now: one query."""
    filters = _lookups(subject, window)
    found = Posting.objects.filter(**filters).order_by().values_list("pk", flat=True).distinct()
    return Records.of("demand.posting", filters, found)


def counted(subject: tuple[str, int], months: Sequence[date]) -> list[Measurement]:
    """The postings of each of `months`, which follow one another, with their records: one query."""
    if not months:
        return []
    rows = Posting.objects.filter(**_lookups(subject, figures.month_window(months[0], months[-1])))
    keys: dict[date, list[int]] = {month: [] for month in months}
    for key, day in rows.order_by().values_list("pk", "published_on").distinct():
        keys[day.replace(day=1)].append(key)
    found = []
    for month in months:
        window = figures.month_window(month, month)
        records = Records.of("demand.posting", _lookups(subject, window), keys[month])
        count, definition = len(keys[month]), _COUNTED_AS[subject[0]]
        found.append(Measurement(count, Unit.COUNT, window.end, definition, count, records=records))
    return found


def _lookups(subject: tuple[str, int], window: Window) -> dict[str, Any]:
    kind, key = subject
    return {_POSTINGS_OF[kind]: key, "published_on__range": [window.start.isoformat(), window.end.isoformat()]}


def records_of(skills: Mapping[int, int], fields: Sequence[int], today: date) -> dict[tuple[str, int], Records]:
    """The postings behind each of the series that `series_of` gives, as they are known now: two queries.

    The selector names the moment, so that postings imported later are not found by it.
    """
    months = known_months(today)
    if not months:
        return {}
    window = figures.month_window(months[0], months[-1])
    asked = figures.asked_skills(figures.data_state(), window, EVERYTHING).order_by()
    wanted = {"skill": asked.filter(skill__in=skills), "field": asked.filter(skill__group__field__in=fields)}
    keys: dict[tuple[str, int], set[int]] = {("skill", key): set() for key in skills}
    keys |= {("field", key): set() for key in fields}
    for kind, by in (("skill", "skill"), ("field", "skill__group__field")):
        for key, posting in wanted[kind].values_list(by, "posting_id").iterator(chunk_size=10_000):
            keys[kind, key].add(posting)
    known = {"recorded_at__lte": timezone.now().isoformat()}
    return {
        subject: Records.of("demand.posting", _lookups(subject, window) | known, found)
        for subject, found in keys.items()
    }


def window_of(series: Series) -> Window:
    """The days that a series covers."""
    return figures.month_window(series.months[0], series.months[-1])


def forecast_of(series: Series, today: date) -> forecasting.ForecastResult:
    """The forecast of the six months after the series. Raises UnmetAssumption where none can be claimed."""
    return forecasting.forecast(
        forecasting.ForecastInputs(
            months=series.months, values=series.values, as_of=today, group=series.group, horizon=HORIZON
        )
    )
