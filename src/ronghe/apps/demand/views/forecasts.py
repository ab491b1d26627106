"""Forecasts: the newest of each field and skill, one with its intervals, and how right the kept ones were."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.demand import figures, forecasts, selectors, services
from ronghe.apps.demand.forecast_words import refusal_text
from ronghe.apps.demand.models import Forecast, ForecastOf
from ronghe.apps.demand.selectors import ForecastRow
from ronghe.apps.metrics.measurement import Measurement, Records, Unit

_MONTHS_BEFORE = 24
_METHOD_LABELS = ("averaged_smoothing", "naive", "seasonal_naive", "ets", "theta")


@require_safe
@login_required
@permission_required("demand.view_forecast", raise_exception=True)
def forecast_list(request: HttpRequest) -> HttpResponse:
    """The newest forecasts, and the accuracy ledger."""
    context = {
        "rows": selectors.newest_forecasts(),
        "scores": [
            {
                "horizon": one.horizon,
                "count": one.count,
                "accuracy": _percent(one.accuracy),
                "naive": _percent(one.naive_accuracy),
                "covered": _percent(one.covered),
            }
            for one in selectors.kept_accuracy()
        ],
        "may_make": request.user.has_perm("demand.make_forecasts"),
        "tabs": selectors.round_tabs(request.user),
    }
    return render(request, "demand/forecast_list.html", context)


@require_POST
@login_required
@permission_required("demand.make_forecasts", raise_exception=True)
def forecast_make(request: HttpRequest) -> HttpResponse:
    """Queue the run and show its progress."""
    return redirect("jobs:status", services.start_forecasts(actor=person(request)).uid)


@require_safe
@login_required
@permission_required("demand.view_forecast", raise_exception=True)
def forecast_page(request: HttpRequest, uid: Any) -> HttpResponse:
    """One forecast beside the months known when it was made, and what came."""
    row = selectors.forecast_row(uid)
    if row is None:
        raise Http404(_("There is no such forecast."))
    context = {
        "row": row,
        "forecast": row.forecast,
        "name": str(row.forecast.skill or row.forecast.field),
        "refusal": refusal_text(row.forecast.refusal),
        **_drawn(row),
        "rate": _rate(row.forecast),
        "behind": _behind(row.forecast),
        "accuracies": _accuracies(row.forecast),
        "later": [one.outcome for one in row.months if one.outcome is not None],
    }
    return render(request, "demand/forecast.html", context)


@require_safe
@login_required
@permission_required("demand.view_forecast", raise_exception=True)
def skill_forecast(request: HttpRequest, code: str) -> HttpResponse:
    """The newest forecast of a skill; the list where none was made."""
    newest = Forecast.objects.filter(skill__code=code).first()
    if newest is None:
        messages.info(request, _("No forecast of this skill has been made: it is not among those asked for most."))
        return redirect("demand:forecast_list")
    return redirect(newest)


def _drawn(row: ForecastRow) -> dict[str, Any]:
    """The months before, the forecast with its 80% interval, the naive one, and what came, as series of one plot."""
    forecast = row.forecast
    subject = forecasts.subject_of(forecast)
    if forecast.skill is not None and forecast.of == ForecastOf.GROUP:
        subject = ("field", forecast.skill.group.field_id)
    before_it = forecasts.known_months(figures.shift_month(forecast.last_month, 1))[-_MONTHS_BEFORE:]
    known = list(zip(before_it, forecasts.counted(subject, before_it), strict=True))
    ahead = row.months
    before = [None] * len(known)
    drawn = [
        {"label": _("Postings"), "values": [one.value for _month, one in known] + [one.outcome for one in ahead]},
    ]
    if ahead:
        drawn += [
            {
                "label": _("Forecast"),
                "values": before + [one.mean for one in ahead],
                "low": before + [one.low_80 for one in ahead],
                "high": before + [one.high_80 for one in ahead],
            },
            {"label": _("Naive forecast"), "values": before + [one.naive for one in ahead]},
        ]
    months = [month for month, _count in known] + [one.month for one in ahead]
    return {"series": drawn, "months": [f"{month:%Y-%m}" for month in months], "counted": known}


def _rate(forecast: Forecast) -> Measurement:
    """The postings a month as the forecast knew them, with the postings of those months as they stand now."""
    window = forecasts.rate_window(forecast.last_month)
    records = forecasts.postings_behind(forecasts.subject_of(forecast), window)
    return Measurement(forecast.rate, Unit.COUNT, window.end, "demand.forecast.rate@1", records.count, records=records)


def _behind(forecast: Forecast) -> list[tuple[str, Measurement]]:
    """The postings that it was computed from, as they were then: of the thing itself, and of the field instead."""
    names = [str(forecast.skill or forecast.field), str(forecast.skill.group.field) if forecast.skill else ""]
    of_field = "demand.field.postings@1"
    definitions = ["demand.skill.postings@1" if forecast.skill else of_field, of_field]
    kept = [Records(**one) for one in forecast.records]
    return [
        (name, Measurement(one.count, Unit.COUNT, forecast.made_on, definition, one.count, records=one))
        for name, definition, one in zip(names, definitions, kept, strict=False)
    ]


def _accuracies(forecast: Forecast) -> list[dict[str, Any]]:
    """By method the accuracy at 1, 3 and 6 months in the rolling origin, in per cent."""
    names = {
        "averaged_smoothing": _("This forecast"),
        "naive": _("Naive"),
        "seasonal_naive": _("Seasonal naive"),
        "ets": "ETS",
        "theta": "Theta",
    }
    return [
        {"label": names[name], "figures": [_percent(forecast.accuracy[name][place]) for place in (0, 2, 5)]}
        for name in _METHOD_LABELS
        if name in forecast.accuracy
    ]


def _percent(share: float | None) -> float | None:
    return None if share is None or share != share else share * 100
