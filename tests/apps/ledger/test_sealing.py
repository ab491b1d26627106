"""Sealing numbers every event once, extends the tree and signs; it signs nothing that does not follow."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ronghe.apps.ledger import keys, outside, services, tree
from ronghe.apps.ledger.errors import TamperedLedger
from ronghe.apps.ledger.models import Checkpoint, Leaf, Subtree, Unsealed
from ronghe.apps.ledger.services import sealing
from ronghe.trust.checkpoint import open_checkpoint
from ronghe.trust.merkle import verify_consistency, verify_inclusion
from tests.apps.ledger import independent
from tests.apps.ledger.helpers import intruder, make_log, record

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_sealing_an_empty_log_signs_nothing():
    assert services.seal() == (0, None)
    assert outside.read_latest() is None


def test_every_checkpoint_has_the_root_that_an_independent_reading_gives():
    for count in (1, 2, 5, 300, 1, 250):
        record(count)
        sealed = services.seal()
        assert sealed.events == count
        assert sealed.checkpoint is not None
        assert bytes(sealed.checkpoint.root) == independent.root(independent.sealed_entries())
    assert not Unsealed.objects.exists()
    assert Subtree.objects.count() == 2


def test_a_long_queue_is_sealed_in_batches_each_with_its_checkpoint(monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 100)
    record(250)
    assert services.seal().events == 250
    assert list(Checkpoint.objects.order_by("size").values_list("size", flat=True)) == [100, 200, 250]
    assert bytes(Checkpoint.objects.get(size=250).root) == independent.root(independent.sealed_entries())


def test_the_note_is_signed_and_dated_and_kept_outside():
    before = timezone.now().replace(microsecond=0)
    record(3)
    sealed = services.seal().checkpoint
    note = outside.read_latest()
    assert note == sealed.note
    opened = open_checkpoint(note, [keys.signer().verifier()])
    assert (opened.checkpoint.size, opened.checkpoint.root) == (3, bytes(sealed.root))
    assert before.timestamp() <= opened.time <= timezone.now().timestamp()
    names = {path.name for path in outside.folder().iterdir()}
    assert {"checkpoint", "ledger.vkey", f"{sealed.signed_at:%Y-%m-%d}.checkpoint"} <= names
    assert (outside.folder() / "ledger.vkey").read_text().strip() == keys.signer().verifier().encode()


def test_every_leaf_has_a_proof_and_every_checkpoint_follows_from_the_last():
    make_log(batches=5, width=61, waiting=0)
    newest = Checkpoint.objects.get(size=305)
    for leaf in Leaf.objects.all():
        path = tree.inclusion_proof(leaf.index, 305)
        verify_inclusion(index=leaf.index, size=305, leaf=bytes(leaf.hash), path=path, root=bytes(newest.root))
    for older in Checkpoint.objects.all():
        verify_consistency(
            first=older.size,
            second=305,
            first_root=bytes(older.root),
            second_root=bytes(newest.root),
            path=tree.consistency_proof(older.size, 305),
        )


def test_the_number_of_statements_does_not_grow_with_the_log():
    counts = []
    for _ in range(2):
        record(511)
        services.seal()
        record(1)
        with CaptureQueriesContext(connection) as queries:
            services.seal()
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 1
    assert counts[0] < 30


def test_an_idle_sealer_takes_no_lock():
    make_log(waiting=0)
    with CaptureQueriesContext(connection) as queries:
        assert services.seal().events == 0
    assert [query["sql"] for query in queries if "BEGIN" in query["sql"]] == []


def test_a_checkpoint_that_was_not_kept_outside_is_kept_by_the_next_call():
    record(3)
    services.seal()
    (outside.folder() / "checkpoint").unlink()
    services.seal()
    assert outside.read_latest() == Checkpoint.objects.get().note


def test_a_clock_set_back_does_not_date_a_checkpoint_before_the_last(monkeypatch):
    record()
    first = services.seal().checkpoint
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() - timedelta(days=2))
    record()
    assert services.seal().checkpoint.signed_at == first.signed_at


@pytest.mark.parametrize(
    ("column", "value"), [("subject", "training.evidence:999"), ("recorded_at", "2020-01-01 00:00:00+00:00")]
)
def test_an_event_changed_before_sealing_is_not_signed(column, value):
    make_log()
    with intruder() as cursor:
        waiting = "(SELECT max(event_id) FROM ledger_unsealed)"
        cursor.execute(f"UPDATE ledger_event SET {column} = %s WHERE id = {waiting}", [value])
    with pytest.raises(TamperedLedger, match="changed before it was sealed"):
        services.seal()
    assert Checkpoint.objects.count() == 4
    assert Unsealed.objects.count() == 5


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL keeps the types of its columns")
def test_an_event_that_cannot_be_read_stops_the_sealer_plainly():
    make_log()
    with intruder() as cursor:
        cursor.execute(
            "UPDATE ledger_event SET recorded_at = 'x' WHERE id = (SELECT max(event_id) FROM ledger_unsealed)"
        )
    with pytest.raises(TamperedLedger, match="cannot be read"):
        services.seal()


@pytest.mark.parametrize(
    "statements",
    [
        ["DELETE FROM ledger_checkpoint"],
        ["DELETE FROM ledger_checkpoint WHERE size = 40"],
        ['DELETE FROM ledger_leaf WHERE "index" = 33'],
        ["UPDATE ledger_leaf SET hash = authentication WHERE event_id = (SELECT min(event_id) FROM ledger_leaf)"],
        ["DELETE FROM ledger_checkpoint WHERE size > 20", 'DELETE FROM ledger_leaf WHERE "index" >= 20'],
    ],
)
def test_a_log_that_was_altered_is_not_extended(statements):
    make_log()
    with intruder() as cursor:
        for statement in statements:
            cursor.execute(statement)
    leaves, checkpoints = Leaf.objects.count(), Checkpoint.objects.count()
    with pytest.raises(TamperedLedger):
        services.seal()
    assert (Leaf.objects.count(), Checkpoint.objects.count()) == (leaves, checkpoints)


def test_a_foreign_checkpoint_outside_stops_the_sealer(settings):
    make_log()
    note = outside.read_latest()
    (outside.folder() / "checkpoint").write_text(note.replace("\n40\n", "\n41\n"))
    with pytest.raises(TamperedLedger, match="does not hold"):
        services.seal()


def test_the_command_seals_once_and_says_so(capsys):
    record(3)
    call_command("ledger_seal")
    assert capsys.readouterr().out == "3 events sealed; the log has 3 leaves\n"


def test_the_command_fails_plainly_when_the_log_was_altered():
    make_log()
    with intruder() as cursor:
        cursor.execute("DELETE FROM ledger_checkpoint WHERE size = 40")
    with pytest.raises(CommandError, match="leaves after checkpoint 30"):
        call_command("ledger_seal")


def test_the_watching_sealer_goes_on_after_a_failure(caplog):
    make_log()
    note = (outside.folder() / "checkpoint").read_text()
    (outside.folder() / "checkpoint").write_text("nonsense")
    rounds = []

    def mend(seconds):
        rounds.append(seconds)
        (outside.folder() / "checkpoint").write_text(note)

    services.seal_forever(interval=0.25, stop=lambda: len(rounds) == 2, sleep=mend)
    assert rounds == [0.25, 0.25]
    assert "sealing failed" in caplog.text
    assert Checkpoint.objects.filter(size=45).exists()


def test_journals_go_when_all_their_events_are_sealed_and_stay_as_evidence_otherwise(monkeypatch):
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() - timedelta(hours=5))
    sealed_event = record()[0]
    monkeypatch.setattr(timezone, "now", lambda: real() - timedelta(hours=4))
    removed_event = record()[0]
    monkeypatch.undo()
    with intruder() as cursor:
        for table, column in (("unsealed", "event_id"), ("payload", "event_id"), ("event", "id")):
            cursor.execute(f"DELETE FROM ledger_{table} WHERE {column} = %s", [removed_event.pk])
    services.seal()
    (part,) = outside.journal_parts()
    assert [entry.event_id for entry in outside.journal_entries(part)] == [removed_event.pk]
    assert Leaf.objects.get().event_id == sealed_event.pk


def test_sealing_inside_a_transaction_that_fails_leaves_nothing_outside():
    record(3)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.seal()
        raise ZeroDivisionError
    assert outside.read_latest() is None
    assert Unsealed.objects.count() == 3
    assert services.seal().events == 3
    assert outside.read_latest() == Checkpoint.objects.get().note
