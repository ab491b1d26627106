"""Registers the sites app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SitesConfig(AppConfig):
    name = "ronghe.apps.sites"
    label = "sites"
    verbose_name = _("Sites and machines")
