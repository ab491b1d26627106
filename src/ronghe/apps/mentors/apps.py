"""Registers the mentors app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MentorsConfig(AppConfig):
    name = "ronghe.apps.mentors"
    label = "mentors"
    verbose_name = _("Mentors")
