"""Pages of numbers: the registry, one metric in a window, and the records behind a number."""

from itertools import groupby
from typing import Any

from django.apps import apps
from django.core import signing
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ronghe.apps.metrics import records, registry
from ronghe.apps.metrics.forms import WindowForm
from ronghe.apps.metrics.measurement import Measurement, Window
from ronghe.apps.metrics.permission import may_view_registry, subjects
from ronghe.apps.metrics.registry import Metric


def _subject_name(metric: Metric) -> str:
    if not metric.subject:
        return _("the community")
    try:
        return str(apps.get_model(metric.subject)._meta.verbose_name)
    except LookupError:
        return metric.subject


def _app_name(metric: Metric) -> str:
    label = metric.name.split(".", 1)[0]
    return str(apps.get_app_config(label).verbose_name) if apps.is_installed(f"ronghe.apps.{label}") else label


@require_safe
@may_view_registry
def registry_page(request: HttpRequest) -> HttpResponse:
    """Every metric: name, unit, of what, definition, version and source."""
    shown = [
        {"metric": metric, "subject": _subject_name(metric), "app": _app_name(metric)}
        for metric in registry.all_metrics()
    ]
    groups = [(app, list(rows)) for app, rows in groupby(shown, key=lambda row: row["app"])]
    return render(request, "metrics/registry.html", {"groups": groups, "total": len(shown)})


@require_safe
@may_view_registry
def metric_page(request: HttpRequest, name: str) -> HttpResponse:
    """One metric: its definition, and its value for the community or for each subject in the window asked for."""
    try:
        metric = registry.get(name)
    except registry.UnknownMetric:
        raise Http404(_("No station measures this. The registry lists what is measured.")) from None
    form = WindowForm(request.GET or None)
    window = form.window()
    context: dict[str, Any] = {
        "metric": metric,
        "subject": _subject_name(metric),
        "form": form,
        "window": window,
        "source": metric.source,
    }
    if metric.subject:
        context.update(_by_subject(request, metric, window))
    else:
        context["measurement"] = registry.measure_community(name, window)
    return render(request, "metrics/metric.html", context)


def _by_subject(request: HttpRequest, metric: Metric, window: Window) -> dict[str, Any]:
    """A page of subjects that the viewer may see, measured in one call."""
    visible = subjects(metric, request.user)
    if not visible.query.order_by and not visible.query.get_meta().ordering:
        visible = visible.order_by("pk")
    page = Paginator(visible, 20).get_page(request.GET.get("page"))
    measured = registry.measure(metric.name, [subject.pk for subject in page.object_list], window)
    rows: list[tuple[Any, Measurement]] = [(subject, measured[subject.pk]) for subject in page.object_list]
    return {"page": page, "rows": rows}


@require_safe
@may_view_registry
def records_page(request: HttpRequest) -> HttpResponse:
    """The records behind a number, as far as the viewer may see them, the newest first."""
    try:
        measurement = Measurement.from_sealed(request.GET.get("of", ""))
        opened = records.open_records(measurement.records, request.user) if measurement.records else None
    except (signing.BadSignature, LookupError):
        raise Http404(_("This address is incomplete. Open the records from the number once more.")) from None
    if opened is None:
        raise Http404(_("This number names no records."))
    name, _at, version = measurement.definition.partition("@")
    metric = registry.get(name) if registry.is_registered(name) else None
    page = None
    rows: list[Any] = []
    if opened.rows is not None:
        ordered = opened.rows if opened.rows.ordered else opened.rows.order_by("-pk")
        page = Paginator(ordered, 25).get_page(request.GET.get("page"))
        shown = list(page.object_list)
        rows = [records.cells(opened.view, row) for row in shown]
        if opened.view.opened is not None:
            opened.view.opened(request.user, shown)
    context = {
        "measurement": measurement,
        "metric": metric,
        "name": name,
        "version": version,
        "opened": opened,
        "page": page,
        "rows": rows,
        "labels": [column.label for column in opened.view.columns],
        "smallest": records.SMALLEST_GROUP,
    }
    return render(request, "metrics/records.html", context)
