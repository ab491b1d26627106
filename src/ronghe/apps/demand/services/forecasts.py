"""The accuracy ledger: forecasts are made and kept, and what came is written beside them once it is known."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.demand import events, figures, forecasts, selectors
from ronghe.apps.demand.forecasts import Series
from ronghe.apps.demand.models import Forecast, ForecastMonth, ForecastOf
from ronghe.apps.jobs import services as jobs
from ronghe.apps.jobs.models import Job
from ronghe.apps.jobs.registry import Progress
from ronghe.apps.ledger import services as ledger
from ronghe.apps.metrics.measurement import Records
from ronghe.methods import forecasting
from ronghe.methods.explained import UnmetAssumption, inputs_hash

# Of so many skills, those asked for most, the monthly run makes a forecast; a skill's page makes its own.
MOST_SKILLS = 60
_CONFIDENCES = (0.8, 0.9)


@dataclass(frozen=True, slots=True)
class ForecastsMade:
    """What a run did: forecasts claimed, refused, standing already, and outcomes written."""

    made: int
    refused: int
    standing: int
    outcomes: int


def start_forecasts(*, actor: Person) -> Job:
    """Queue the run for all fields and the skills asked for most."""
    demand(actor, "demand.make_forecasts")
    return jobs.start(actor=actor, kind="demand.forecasts.make")


def make_forecasts(
    *, actor: Person, progress: Progress, skills: Sequence[int] | None = None, today: date | None = None
) -> ForecastsMade:
    """Keep a forecast of every field and of `skills` (else those asked for most), and what came of earlier ones.

    Each is kept by itself, so that a run that is cancelled keeps what it has made; the run ends with one event.
    """
    demand(actor, "demand.make_forecasts")
    today = today or timezone.localdate()
    outcomes = record_outcomes(today=today)
    known = selectors.catalogue()
    if skills is None:
        counts = figures.counts_by_skill(figures.data_state(), selectors.default_window(), figures.EVERYTHING)
        skills = sorted(counts, key=lambda key: -counts[key][0])[:MOST_SKILLS]
    wanted = {key: known.skills[key].field.key for key in skills if key in known.skills}
    found = forecasts.series_of(wanted, [field.key for field in known.fields], today)
    behind = forecasts.records_of(wanted, [field.key for field in known.fields], today)
    made: list[Forecast | None] = []
    for done, ((kind, key), series) in enumerate(found.items()):
        progress.report(done, len(found))
        field = ("field", wanted[key]) if kind == "skill" else None
        made.append(_keep(kind, key, series, today, behind[kind, key], behind.get(field) if field else None))
    progress.report(len(found), len(found))
    new = [one for one in made if one is not None]
    refused = sum(one.of == ForecastOf.REFUSED for one in new)
    result = ForecastsMade(len(new) - refused, refused, len(made) - len(new), outcomes)
    with transaction.atomic():
        ledger.record(
            actor=actor,
            type=events.FORECASTS_MADE,
            subject="demand.forecast:all",
            payload={
                "made": result.made,
                "refused": refused,
                "outcomes": outcomes,
                "digest": inputs_hash(sorted(one.inputs_hash for one in new)),
            },
        )
    return result


@transaction.atomic
def record_outcomes(*, today: date | None = None) -> int:
    """Write what came beside every forecast month that is over and whose postings are imported; return how many.

    An outcome once written stays, also when postings of its month are imported later.
    """
    today = today or timezone.localdate()
    months = forecasts.known_months(today)
    waiting = list(
        ForecastMonth.objects.filter(outcome__isnull=True, month__in=months).select_related("forecast__skill__group")
    )
    if not waiting:
        return 0
    fields = {_counted(one.forecast)[1] for one in waiting if _counted(one.forecast)[0] == "field"}
    skills = {
        one.forecast.skill_id: one.forecast.skill.group.field_id
        for one in waiting
        if one.forecast.skill_id is not None and one.forecast.skill is not None
    }
    found = forecasts.series_of(skills, sorted(fields), today)
    for one in waiting:
        series = found[_counted(one.forecast)]
        one.outcome = float(series.values[list(series.months).index(one.month)])
        one.outcome_on = today
    ForecastMonth.objects.bulk_update(waiting, ["outcome", "outcome_on"], batch_size=500)
    return len(waiting)


def _counted(forecast: Forecast) -> tuple[str, int]:
    """Whose postings decide the outcome: the field's, where the field was forecast instead of the skill."""
    if forecast.skill is None:
        return "field", forecast.field_id or 0
    if forecast.of == ForecastOf.GROUP:
        return "field", forecast.skill.group.field_id
    return "skill", forecast.skill.pk


def _keep(
    kind: str, key: int, series: Series, today: date, behind: Records, behind_field: Records | None
) -> Forecast | None:
    """Make and keep one forecast with the postings behind it; None where the same one stands already."""
    of_what: dict[str, Any] = {f"{kind}_id": key}
    kept = Forecast(made_on=today, last_month=series.months[-1], **of_what)
    months: list[ForecastMonth] = []
    try:
        found = forecasts.forecast_of(series, today)
    except UnmetAssumption as unmet:
        kept.of, kept.refusal, kept.refusal_found = ForecastOf.REFUSED, unmet.code, str(unmet)[:300]
        kept.rate = forecasting.rate(series.values)
        kept.ceiling = forecasting.noise_ceiling(kept.rate)
        kept.method, kept.version = f"forecasting.{forecasting.METHOD}", forecasting.VERSION
        kept.inputs_hash = inputs_hash(list(series.months), series.values, series.group)
    else:
        kept.of = ForecastOf(found.of)
        kept.rate, kept.ceiling, kept.share = forecasting.rate(series.values), found.ceiling, found.share
        kept.accuracy = {
            name: [_number(value) for value in accuracy.accuracy] for name, accuracy in found.accuracy.items()
        }
        kept.method, kept.version = found.explanation.method, found.explanation.version
        kept.inputs_hash = found.explanation.inputs_hash
        months = [_month(found, place) for place in range(len(found.months))]
    stands_in = behind_field if kept.of == ForecastOf.GROUP else None
    kept.records = [json.loads(one.as_json()) for one in (behind, stands_in) if one is not None]
    try:
        with transaction.atomic():
            kept.save()
            for month in months:
                month.forecast = kept
            ForecastMonth.objects.bulk_create(months)
    except IntegrityError:
        if Forecast.objects.filter(**of_what, last_month=kept.last_month, inputs_hash=kept.inputs_hash).exists():
            return None
        raise
    return kept


def _month(found: forecasting.ForecastResult, place: int) -> ForecastMonth:
    ends = {}
    for row, confidence in enumerate(found.confidences):
        if confidence in _CONFIDENCES:
            ends[f"low_{confidence * 100:.0f}"] = _number(found.low[row][place])
            ends[f"high_{confidence * 100:.0f}"] = _number(found.high[row][place])
    return ForecastMonth(
        month=found.months[place],
        horizon=place + 1,
        mean=float(found.mean[place]),
        naive=float(found.naive[place]),
        share_mean=None if found.share_mean is None else float(found.share_mean[place]),
        **ends,
    )


def _number(value: Any) -> float | None:
    return None if math.isnan(value) else float(value)
