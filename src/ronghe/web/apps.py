"""Registers the frame as an app so that its templates, static files and catalogue are found first."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "ronghe.web"
    label = "web"
