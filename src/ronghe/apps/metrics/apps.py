"""Registers the metrics app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MetricsConfig(AppConfig):
    name = "ronghe.apps.metrics"
    label = "metrics"
    verbose_name = _("Metrics")
