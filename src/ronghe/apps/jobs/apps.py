"""Registers the jobs app with Django and loads every app's `tasks.py` and `imports.py`, where work is registered."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "ronghe.apps.jobs"
    label = "jobs"
    verbose_name = _("Background tasks")

    def ready(self) -> None:
        autodiscover_modules("tasks", "imports")
