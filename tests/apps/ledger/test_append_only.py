"""The tables of the log refuse every change but an erasure, whoever asks the database."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import override_settings

from ronghe.apps.ledger import services, triggers
from ronghe.apps.ledger.models import Checkpoint, Event, Leaf, Payload, Subtree
from tests.apps.ledger.helpers import record
from tests.apps.ledger.plugin import KEY

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
MODELS = (Event, Payload, Leaf, Subtree, Checkpoint)


@pytest.fixture(scope="module")
def log(django_db_setup, django_db_blocker, tmp_path_factory):
    """A log long enough for a subtree. It takes longer to make than all that is tried on it, each in a savepoint."""
    settings = {
        "RONGHE_CHECKPOINT_DIR": tmp_path_factory.mktemp("append-only"),
        "RONGHE_LEDGER_KEY": KEY,
        "RONGHE_LEDGER_EVENT_KEY": "",
    }
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(**settings):
            record(256)
            services.seal()
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("model", MODELS)
def test_rows_cannot_be_deleted(log, model):
    count = model.objects.count()
    assert count
    with pytest.raises(IntegrityError, match="the ledger only grows"), transaction.atomic():
        model.objects.all()._raw_delete("default")
    assert model.objects.count() == count


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Event, {"subject": "training.evidence:0"}),
        (Event, {"recorded_at": "2020-01-01T00:00:00Z"}),
        (Payload, {"content": "{}"}),
        (Payload, {"salt": b"0" * 32}),
        (Leaf, {"hash": b"0" * 32}),
        (Subtree, {"hash": b"0" * 32}),
        (Checkpoint, {"root": b"0" * 32}),
    ],
)
def test_rows_cannot_be_updated(log, model, values):
    with pytest.raises(IntegrityError, match="the ledger only grows"), transaction.atomic():
        model.objects.update(**values)


def test_a_payload_cannot_be_emptied_without_naming_the_event_that_erases_it(log):
    with pytest.raises(IntegrityError), transaction.atomic():
        Payload.objects.update(content=None, salt=None)


def test_an_erased_payload_cannot_be_filled_again(log):
    erasure = record()[0]
    Payload.objects.exclude(event=erasure).update(content=None, salt=None, erased_by=erasure)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payload.objects.filter(content__isnull=True).update(content="{}", salt=b"0" * 32, erased_by=None)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="INSERT OR REPLACE is SQLite's")
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO ledger_event "
        "SELECT id, type, 'a.b:1', recorded_at, digest, authentication FROM ledger_event",
        "INSERT OR REPLACE INTO ledger_payload (event_id, salt, content, erased_by_id) "
        "SELECT event_id, salt, '{}', erased_by_id FROM ledger_payload",
        'INSERT OR REPLACE INTO ledger_leaf SELECT "index", event_id, authentication, hash FROM ledger_leaf',
        "INSERT OR REPLACE INTO ledger_subtree SELECT level, number, zeroblob(32) FROM ledger_subtree",
        "INSERT OR REPLACE INTO ledger_checkpoint SELECT size, zeroblob(32), note, signed_at FROM ledger_checkpoint",
    ],
)
def test_rows_cannot_be_replaced(log, statement):
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="REPLACE on"):
        cursor.execute(statement)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="TRUNCATE is PostgreSQL's")
@pytest.mark.parametrize("model", MODELS)
def test_tables_cannot_be_truncated(log, model):
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="TRUNCATE"), transaction.atomic():
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE")


def test_the_expected_triggers_stand_after_migration():
    assert triggers.problems(connection) == []
