"""Registers the training app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    name = "ronghe.apps.training"
    label = "training"
    verbose_name = _("Training")

    def ready(self) -> None:
        from ronghe.apps.training import leaving

        leaving.register()
