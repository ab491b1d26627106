"""Registers the metrics app with Django and loads every app's `metrics.py`."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class MetricsConfig(AppConfig):
    name = "ronghe.apps.metrics"
    label = "metrics"
    verbose_name = _("Metrics")

    def ready(self) -> None:
        autodiscover_modules("metrics")
