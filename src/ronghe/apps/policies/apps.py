"""Registers the policies app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PoliciesConfig(AppConfig):
    name = "ronghe.apps.policies"
    label = "policies"
    verbose_name = _("Policies")
