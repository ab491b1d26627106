"""Inserts rows of the log past the ORM: an event costs five rows, and one is written on every change of anything.

Values are given as the database takes them; `for_database` converts those that differ between databases.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, Model

from ronghe.apps.ledger.models import Event


def insert(
    cursor: CursorWrapper, model: type[Model], columns: tuple[str, ...], values: Sequence[Sequence[Any]]
) -> None:
    """Insert one row for each sequence of values, in order."""
    sql = _insert_statement(model._meta.db_table, columns)
    if len(values) == 1:
        cursor.execute(sql, values[0])
    elif values:
        cursor.executemany(sql, values)


@cache
def _insert_statement(table: str, columns: tuple[str, ...]) -> str:
    # Both databases quote names alike, and all of these are ours.
    names = ", ".join(f'"{column}"' for column in columns)
    return f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(["%s"] * len(columns))})'  # noqa: S608


def uuid_for_database(value: UUID) -> UUID | str:
    """Return `value` as this database stores it in a column of UUIDs."""
    return value if connection.features.has_native_uuid_field else value.hex


def for_database(model: type[Model], field: str, value: Any) -> Any:
    """Return `value` of `field` as this database stores it."""
    column = model._meta.get_field(field)
    if not isinstance(column, Field):
        raise TypeError(f"{field} is no column of {model.__name__}")
    return column.get_db_prep_save(value, connection)


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
