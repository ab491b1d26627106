"""Registers the ledger app with Django, loads every app's `events.py` and `triggers.py`, checks the configuration."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "ronghe.apps.ledger"
    label = "ledger"
    verbose_name = _("Ledger")

    def ready(self) -> None:
        from ronghe.apps.ledger import anchor_triggers, checks, freezing, witnesses

        autodiscover_modules("events", "triggers")
        freezing.must_stand(witnesses.triggers)
        freezing.must_stand(anchor_triggers.triggers)
        register(checks.writers_queue)
