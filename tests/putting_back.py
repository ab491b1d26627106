"""Puts the database back as it was migrated after each test that commits.

Django's own flush announces a migration each time, which takes longer than most tests, and the triggers of append-only
tables rightly refuse it.
"""

import sqlite3
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import TransactionTestCase

# Filled by the migrations and by no test.
_KEPT = frozenset({"auth_permission", "django_content_type", "django_migrations"})


@pytest.fixture(scope="session", autouse=True)
def _putting_back() -> Iterator[None]:
    as_migrated = sqlite3.connect(":memory:")
    begin = TransactionTestCase._fixture_setup.__func__  # type: ignore[attr-defined]
    kept = False

    def keep_and_begin(case: type[TransactionTestCase]) -> None:
        nonlocal kept
        if connection.vendor == "sqlite" and not kept:
            connection.ensure_connection()
            connection.connection.backup(as_migrated)
            kept = True
        begin(case)

    def put_back(case: TransactionTestCase) -> None:
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            as_migrated.backup(connection.connection)
        else:
            _delete_past_triggers()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_setup", classmethod(keep_and_begin))
        patch.setattr(TransactionTestCase, "_fixture_teardown", put_back)
        yield
    as_migrated.close()


def _delete_past_triggers() -> None:
    """As a replica PostgreSQL asks no trigger; and deleting a few rows is far quicker than truncating all tables.

    A new connection takes a third of a second to look at all tables: only those are that were written to since they
    were last vacuumed, which gives the pages back of what is deleted here or was rolled back.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
            "AND pg_relation_size(oid) > 0"
        )
        written = sorted({name for (name,) in cursor.fetchall()} - _KEPT)
        if not written:
            return
        deletions = [f'DELETE FROM "{table}"' for table in written]
        cursor.execute(
            "; ".join(["SET session_replication_role = replica", *deletions, "SET session_replication_role = origin"])
        )
        cursor.execute("VACUUM " + ", ".join(f'"{table}"' for table in written))
