"""Registers the jobs app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "ronghe.apps.jobs"
    label = "jobs"
    verbose_name = _("Jobs")
