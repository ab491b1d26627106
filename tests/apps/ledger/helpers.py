"""Makes logs for the tests, and the intruder who writes to the database past the ledger."""

import contextlib
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction

from ronghe.apps.ledger import services, triggers
from ronghe.apps.ledger.models import Event
from tests.apps.ledger.events import HOURS_CONFIRMED


def record(count: int = 1, start: int = 0, **payload: Any) -> list[Event]:
    """Record `count` events, all in one transaction of their own."""
    with transaction.atomic():
        return [
            services.record(
                actor=None,
                type=HOURS_CONFIRMED,
                subject=f"training.evidence:{number}",
                payload={"hours": number, **payload},
            )
            for number in range(start, start + count)
        ]


def make_log(batches: int = 4, width: int = 10, waiting: int = 5) -> None:
    """Make a log of `batches` checkpoints, each of `width` leaves, and some events that wait."""
    for batch in range(batches):
        record(width, start=batch * width)
        services.seal()
    record(waiting, start=batches * width)


@contextlib.contextmanager
def intruder() -> Iterator[Any]:
    """Yield a cursor for someone who owns the database: nothing stops them, and all triggers stand again after."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
        else:
            cursor.execute("PRAGMA foreign_keys = OFF")
            triggers.remove(connection)
        try:
            yield cursor
        finally:
            if connection.vendor == "postgresql":
                cursor.execute("SET session_replication_role = origin")
            else:
                triggers.install(connection)
                cursor.execute("PRAGMA foreign_keys = ON")


def event_at(index: int) -> int:
    """The id of the event at a leaf."""
    with connection.cursor() as cursor:
        cursor.execute('SELECT event_id FROM ledger_leaf WHERE "index" = %s', [index])
        return int(cursor.fetchone()[0])
