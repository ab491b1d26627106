"""Registers the agreements app with Django, and that agreements hang on memberships."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgreementsConfig(AppConfig):
    name = "ronghe.apps.agreements"
    label = "agreements"
    verbose_name = _("Agreements")

    def ready(self) -> None:
        from ronghe.apps.agreements import leaving

        leaving.register()
