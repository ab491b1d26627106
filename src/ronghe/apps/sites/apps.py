"""Registers the sites app with Django and loads what apps above say about when people are bound."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class SitesConfig(AppConfig):
    name = "ronghe.apps.sites"
    label = "sites"
    verbose_name = _("Sites and machines")

    def ready(self) -> None:
        autodiscover_modules("busy")
