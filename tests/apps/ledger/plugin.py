"""Gives every test its own folder of checkpoints and a fixed key, and lets Django flush the append-only tables."""

import base64
import itertools
from collections.abc import Iterable, Iterator

import pytest
from django.db import connection
from django.test import TransactionTestCase, override_settings

KEY = base64.b64encode(bytes(range(32))).decode()
_numbers = itertools.count()


@pytest.fixture(scope="session")
def _checkpoints_of_this_run(tmp_path_factory: pytest.TempPathFactory):
    return tmp_path_factory.mktemp("checkpoints")


@pytest.fixture(autouse=True)
def _own_checkpoints(_checkpoints_of_this_run) -> Iterator[None]:
    with override_settings(
        RONGHE_CHECKPOINT_DIR=_checkpoints_of_this_run / str(next(_numbers)),
        RONGHE_LEDGER_KEY=KEY,
        RONGHE_LEDGER_EVENT_KEY="",
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def _flushable_ledger() -> Iterator[None]:
    """A test that commits is followed by a flush of all tables, which the triggers rightly refuse."""
    from ronghe.apps.ledger import triggers

    flush = TransactionTestCase._fixture_teardown

    def flush_without_triggers(case: TransactionTestCase) -> None:
        if connection.vendor == "postgresql":
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(connection.ops, "sql_flush", _delete_past_triggers)
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


def _delete_past_triggers(style: object, tables: Iterable[str], **options: object) -> list[str]:
    """As a replica PostgreSQL asks no trigger; and deleting a few rows is far quicker than truncating all tables."""
    deletions = [f'DELETE FROM "{table}"' for table in sorted(tables)]
    return ["SET session_replication_role = replica", *deletions, "SET session_replication_role = origin"]
