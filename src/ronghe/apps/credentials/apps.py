"""Registers the credentials app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CredentialsConfig(AppConfig):
    name = "ronghe.apps.credentials"
    label = "credentials"
    verbose_name = _("Credentials")
