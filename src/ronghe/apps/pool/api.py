"""Intellectual-property pool for programs."""

from ninja import Router

router = Router(tags=["pool"])
