"""Registers the accounts app with Django and loads every app's `privacy.py`."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "ronghe.apps.accounts"
    label = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        autodiscover_modules("privacy")
