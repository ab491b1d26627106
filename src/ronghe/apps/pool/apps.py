"""Registers the pool app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PoolConfig(AppConfig):
    name = "ronghe.apps.pool"
    label = "pool"
    verbose_name = _("Intellectual-property pool")
