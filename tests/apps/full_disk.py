"""A database that fails when the ledger is written: what a service did before must be undone, files too."""

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError


def no_event_is_written(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """For `connection.execute_wrapper`."""
    if sql.startswith("INSERT") and "ledger_event" in sql:
        raise DatabaseError("the disk is full")
    return execute(sql, params, many, context)
