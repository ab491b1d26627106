"""Inserts rows of the log past the ORM: an event costs five rows, and one is written on every change of anything.

Values are given as the database takes them: `uuid_for_database` and `time_for_database` convert what differs.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from ronghe.apps.ledger.models import Event

# The few rows that one event has in a table go in one statement; a batch would need one of every length.
_AT_ONCE = 4


def insert(
    cursor: CursorWrapper, model: type[Model], columns: tuple[str, ...], values: Sequence[Sequence[Any]]
) -> None:
    """Insert one row for each sequence of values, in order."""
    table = model._meta.db_table
    if len(values) > _AT_ONCE:
        cursor.executemany(_insert_statement(table, columns, 1), values)
    elif values:
        cursor.execute(_insert_statement(table, columns, len(values)), list(chain.from_iterable(values)))


@cache
def _insert_statement(table: str, columns: tuple[str, ...], count: int) -> str:
    # Both databases quote names alike, and all of these are ours.
    names = ", ".join(f'"{column}"' for column in columns)
    row = f"({', '.join(['%s'] * len(columns))})"
    return f'INSERT INTO "{table}" ({names}) VALUES {", ".join([row] * count)}'  # noqa: S608


def uuid_for_database(value: UUID) -> UUID | str:
    """Return `value` as this database stores it in a column of UUIDs."""
    return value if connection.features.has_native_uuid_field else value.hex


def time_for_database(value: datetime) -> object:
    """Return `value` as this database stores it in a column of times."""
    return connection.ops.adapt_datetimefield_value(value)


def new_event_ids(cursor: CursorWrapper, count: int) -> list[int]:
    """Reserve ids for `count` events, ascending. Belongs inside the transaction that inserts them."""
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('ledger_event', 'id')) FROM generate_series(1, %s)", [count]
        )
        return sorted(row[0] for row in cursor.fetchall())
    # The transaction holds SQLite's write lock, so nobody else takes these.
    cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [Event._meta.db_table])
    row = cursor.fetchone()
    last = row[0] if row else 0
    return list(range(last + 1, last + 1 + count))
