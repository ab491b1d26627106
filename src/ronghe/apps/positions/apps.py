"""Registers the positions app with Django, and that positions hang on memberships of chains."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PositionsConfig(AppConfig):
    name = "ronghe.apps.positions"
    label = "positions"
    verbose_name = _("Positions")

    def ready(self) -> None:
        from ronghe.apps.positions import leaving

        leaving.register()
