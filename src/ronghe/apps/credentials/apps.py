"""Registers the credentials app with Django, and with policies who can say which worker level somebody holds."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class CredentialsConfig(AppConfig):
    name = "ronghe.apps.credentials"
    label = "credentials"
    verbose_name = _("Credentials")

    def ready(self) -> None:
        from ronghe.apps.credentials import levels
        from ronghe.apps.credentials.checks import open_on_loopback_alone
        from ronghe.apps.policies.levels import register_source

        register_source(self.label, levels.held)
        register(open_on_loopback_alone)
