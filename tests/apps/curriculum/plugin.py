"""Lets Django flush the tables of released versions after tests that commit; the triggers rightly refuse it."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import TransactionTestCase


@pytest.fixture(scope="session", autouse=True)
def _flushable_curriculum(_flushable_ledger: None) -> Iterator[None]:
    """SQLite only: on PostgreSQL the ledger's flush asks no trigger at all."""
    from ronghe.apps.curriculum import triggers

    flush = TransactionTestCase._fixture_teardown

    def flush_without_triggers(case: TransactionTestCase) -> None:
        if connection.vendor != "sqlite":
            flush(case)
            return
        triggers.remove(connection)
        try:
            flush(case)
        finally:
            triggers.install(connection)

    TransactionTestCase._fixture_teardown = flush_without_triggers
    yield
    TransactionTestCase._fixture_teardown = flush
