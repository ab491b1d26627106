"""Registers the accounts app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "ronghe.apps.accounts"
    label = "accounts"
    verbose_name = _("Accounts")
