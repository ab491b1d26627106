"""Sites and machines for programs."""

from ninja import Router

router = Router(tags=["sites"])
