"""Registers the rotations app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RotationsConfig(AppConfig):
    name = "ronghe.apps.rotations"
    label = "rotations"
    verbose_name = _("Rotations")
