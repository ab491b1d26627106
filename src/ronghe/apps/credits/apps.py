"""Registers the credits app with Django and loads the sources of achievements that apps bring."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CreditsConfig(AppConfig):
    name = "ronghe.apps.credits"
    label = "credits"
    verbose_name = _("Credit bank")

    def ready(self) -> None:
        autodiscover_modules("achievement_sources")
