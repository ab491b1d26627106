"""Registers the community app with Django, and what of its own hangs on memberships."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunityConfig(AppConfig):
    name = "ronghe.apps.community"
    label = "community"
    verbose_name = _("Community")

    def ready(self) -> None:
        from ronghe.apps.community import supplies

        supplies.register()
