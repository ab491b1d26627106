"""Says at start what about the configuration would let the ledger lose or double events."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import connection


def writers_queue(**options: Any) -> Sequence[CheckMessage]:
    """On SQLite a transaction must take the write lock at its start: event ids and leaf indexes count on it."""
    mode = connection.settings_dict["OPTIONS"].get("transaction_mode")
    if connection.vendor != "sqlite" or mode in ("IMMEDIATE", "EXCLUSIVE"):
        return []
    return [
        Error(
            f"SQLite's transaction_mode is {mode or 'not set'}; the ledger needs IMMEDIATE.",
            hint='Put "transaction_mode": "IMMEDIATE" into the OPTIONS of the database.',
            id="ledger.E001",
        )
    ]
