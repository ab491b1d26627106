"""What `manage check` says of this app's settings: that a site which signs for anyone stands on a loopback address."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Warning

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def open_on_loopback_alone(app_configs: Sequence[Any] | None = None, **_options: Any) -> list[CheckMessage]:
    """Warn of a site that is open to conformance suites where others reach it."""
    if not settings.RONGHE_VC_API_OPEN or urlsplit(settings.RONGHE_PUBLIC_URL).hostname in _LOOPBACK:
        return []
    return [
        Warning(
            "RONGHE_VC_API_OPEN lets anyone have credentials signed, and RONGHE_PUBLIC_URL is no loopback address.",
            hint="Unset RONGHE_VC_API_OPEN, and give programs keys.",
            id="credentials.W001",
        )
    ]
