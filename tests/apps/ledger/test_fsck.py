"""Whoever owns the database but not the keys and the outside folder is found out, at the first bad leaf."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from ronghe.apps.ledger import outside, services, triggers
from ronghe.apps.ledger.errors import TamperedLedger
from ronghe.apps.ledger.models import Checkpoint, Event, Leaf, Payload, Subtree
from ronghe.apps.ledger.services import Reason, checking, fsck
from ronghe.trust.checkpoint import NoteError
from ronghe.trust.merkle import Frontier, leaf_hash
from tests.apps.ledger import independent
from tests.apps.ledger.events import HOURS_CONFIRMED
from tests.apps.ledger.helpers import event_at, intruder, make_log, record

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

# What the intruder does to a log of 40 leaves in four checkpoints and five events that wait.
GONE = ("ledger_unsealed", "ledger_mention", "ledger_payload", "ledger_leaf")


def run(*statements: str) -> None:
    with intruder() as cursor:
        for statement in statements:
            cursor.execute(statement)


def remove_event(event_id: int) -> None:
    run(
        *(f"DELETE FROM {table} WHERE event_id = {event_id}" for table in GONE),
        f"DELETE FROM ledger_event WHERE id = {event_id}",
    )


def first_waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(event_id) FROM ledger_unsealed")
        return int(cursor.fetchone()[0])


def first_finding(**arguments):
    report = fsck(**arguments)
    assert report.findings, "the tampering was not found"
    return report.findings[0]


def test_a_log_that_nobody_touched_is_clean():
    make_log()
    report = fsck()
    assert report.clean
    assert (report.size, report.unsealed) == (40, 5)


def test_an_empty_ledger_is_clean():
    assert fsck().clean


def test_an_erased_payload_is_no_finding():
    make_log()
    services.erase_payloads(actor=None, subject="training.evidence:17", reason="asked for")
    services.erase_payloads(actor=None, subject="training.evidence:42", reason="asked for")
    services.seal()
    assert fsck().clean


@pytest.mark.parametrize("column", ["type", "subject", "digest", "authentication", "recorded_at"])
def test_a_changed_event_is_found(column):
    make_log()
    value = {"recorded_at": "'2026-01-01 00:00:00+00:00'", "type": "'a.b.c'", "subject": "'a.b:1'"}.get(
        column, f"(SELECT {column} FROM ledger_event WHERE id = {event_at(3)})"
    )
    run(f"UPDATE ledger_event SET {column} = {value} WHERE id = {event_at(17)}")
    finding = first_finding()
    assert (finding.reason, finding.index, finding.event_id) == (Reason.CHANGED, 17, event_at(17))


def test_a_changed_payload_is_found():
    make_log()
    run(f"UPDATE ledger_payload SET content = replace(content, '17', '71') WHERE event_id = {event_at(17)}")
    finding = first_finding()
    assert (finding.reason, finding.index) == (Reason.CHANGED, 17)


def rewrite_from(index: int) -> None:
    """Change an event and compute anew all that follows from it: what an intruder can do who lacks only the keys."""
    event = Event.objects.get(leaf__index=index)
    with intruder() as cursor:
        cursor.execute("UPDATE ledger_event SET subject = 'a.b:1' WHERE id = %s", [event.pk])
        new = leaf_hash(independent.entry(event.type, "a.b:1", event.recorded_at, event.digest))
        cursor.execute('UPDATE ledger_leaf SET hash = %s WHERE "index" = %s', [new, index])
        hashes = [bytes(leaf.hash) for leaf in Leaf.objects.order_by("index")]
        for number in range(len(hashes) // 256):
            root = Frontier().append(hashes[number * 256 : number * 256 + 256])[0].root()
            cursor.execute("UPDATE ledger_subtree SET hash = %s WHERE level = 1 AND number = %s", [root, number])
        for checkpoint in Checkpoint.objects.filter(size__gt=index):
            root = Frontier().append(hashes[: checkpoint.size])[0].root()
            cursor.execute("UPDATE ledger_checkpoint SET root = %s WHERE size = %s", [root, checkpoint.size])


def test_a_log_rewritten_from_one_leaf_on_is_found_at_that_leaf():
    make_log(batches=3, width=100)
    rewrite_from(150)
    report = fsck()
    assert report.findings[0].index == 150
    assert report.findings[0].reason == Reason.CHANGED
    # The signed notes were out of reach.
    assert [finding.reason for finding in report.findings[1:]] == [Reason.CHECKPOINT, Reason.CHECKPOINT]


def test_without_the_event_key_a_rewritten_log_is_found_at_the_stretch_of_its_checkpoint(monkeypatch):
    make_log(batches=3, width=100)
    verifier = checking.keys.signer().verifier()
    rewrite_from(150)

    def unavailable():
        raise checking.KeyUnavailable("the key is elsewhere")

    monkeypatch.setattr(checking.keys, "event_key", unavailable)
    report = fsck(verifier=verifier)
    assert report.unchecked
    finding = next(finding for finding in report.findings if finding.reason == Reason.CHANGED)
    assert finding.index == 0 or finding.index == 100


def test_a_removed_event_is_found():
    make_log()
    remove_event(event_at(17))
    assert (first_finding().reason, first_finding().index) == (Reason.REMOVED, 17)


def test_an_event_removed_from_under_its_leaf_is_found():
    make_log()
    gone = event_at(17)
    run(f"DELETE FROM ledger_payload WHERE event_id = {gone}", f"DELETE FROM ledger_event WHERE id = {gone}")
    finding = first_finding()
    assert (finding.reason, finding.index, finding.event_id) == (Reason.REMOVED, 17, gone)


def test_a_removed_payload_is_found():
    make_log()
    run(f"DELETE FROM ledger_payload WHERE event_id = {event_at(17)}")
    finding = first_finding()
    assert (finding.reason, finding.index) == (Reason.CHANGED, 17)
    assert "payload is gone" in finding.detail


def test_a_removed_event_whose_place_was_closed_up_is_found():
    make_log()
    remove_event(event_at(17))
    with intruder() as cursor:
        for index in range(18, 40):
            cursor.execute('UPDATE ledger_leaf SET "index" = %s WHERE "index" = %s', [index - 1, index])
    finding = first_finding()
    assert (finding.reason, finding.index) == (Reason.REMOVED, 17)


@pytest.mark.parametrize(("first", "second"), [(12, 17), (3, 30), (38, 39)])
def test_two_leaves_that_changed_places_are_found(first, second):
    make_log()
    run(
        f'UPDATE ledger_leaf SET "index" = 1000 WHERE "index" = {first}',
        f'UPDATE ledger_leaf SET "index" = {first} WHERE "index" = {second}',
        f'UPDATE ledger_leaf SET "index" = {second} WHERE "index" = 1000',
    )
    finding = first_finding()
    assert (finding.reason, finding.index) == (Reason.REORDERED, first)
    assert f"now stands at {second}" in finding.detail


def test_two_events_that_changed_leaves_are_found():
    make_log()
    first, second = event_at(3), event_at(30)
    run(
        'UPDATE ledger_leaf SET event_id = 100000 WHERE "index" = 3',
        f'UPDATE ledger_leaf SET event_id = {first} WHERE "index" = 30',
        f'UPDATE ledger_leaf SET event_id = {second} WHERE "index" = 3',
    )
    finding = first_finding()
    assert (finding.reason, finding.index) == (Reason.REORDERED, 3)


def test_a_leaf_moved_far_away_is_found_where_it_is_missing():
    make_log()
    run('UPDATE ledger_leaf SET "index" = 1000 WHERE "index" = 17')
    finding = first_finding()
    assert (finding.reason, finding.index) == (Reason.REORDERED, 17)


def test_an_event_recorded_with_a_clock_set_back_is_found_after_it_was_sealed(monkeypatch):
    make_log(waiting=0)
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() - timedelta(days=1))
    event = record(1, start=99)[0]
    monkeypatch.undo()
    assert (first_finding().reason, first_finding().event_id) == (Reason.BACK_DATED, event.pk)
    services.seal()
    finding = first_finding()
    assert (finding.reason, finding.index) == (Reason.BACK_DATED, 40)


def test_an_event_that_took_less_than_the_tolerance_to_commit_is_not_called_back_dated(monkeypatch):
    make_log(waiting=0)
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() - checking.TOLERANCE + timedelta(minutes=1))
    record(1, start=99)
    monkeypatch.undo()
    services.seal()
    assert fsck().clean


def forge(**changes) -> int:
    """Put an event in by hand, complete with payload and queue, its authentication copied from another."""
    salt, text = b"s" * 32, '{"actor":null,"fields":{"hours":240}}'
    values = {
        "type": "tests.hours.confirmed",
        "subject": "training.evidence:500",
        "recorded_at": timezone.now(),
        "digest": hashlib.sha256(salt + text.encode()).digest(),
        "authentication": bytes(Event.objects.order_by("id").values_list("authentication", flat=True)[0]),
        **changes,
    }
    with transaction.atomic():
        event = Event.objects.create(**values)
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO ledger_unsealed (event_id) VALUES (%s)", [event.pk])
        Payload.objects.create(event=event, salt=salt, content=text)
    return event.pk


def test_an_event_put_in_with_an_earlier_date_is_found_before_it_is_sealed():
    make_log()
    forged = forge(recorded_at=datetime(2026, 1, 1, tzinfo=UTC))
    report = fsck()
    assert [(finding.reason, finding.event_id) for finding in report.findings] == [(Reason.BACK_DATED, forged)]


def test_an_event_put_in_with_todays_date_is_found_before_it_is_sealed():
    make_log()
    forged = forge()
    finding = first_finding()
    assert (finding.reason, finding.event_id) == (Reason.CHANGED_BEFORE_SEALING, forged)


def test_an_event_recorded_once_and_put_in_twice_is_found():
    make_log()
    original = Event.objects.get(pk=event_at(17))
    values = {name: getattr(original, name) for name in ("type", "subject", "digest", "authentication", "recorded_at")}
    forged = forge(**values)
    with intruder() as cursor:
        copied = f"(SELECT {{}} FROM ledger_payload WHERE event_id = {original.pk})"
        cursor.execute(
            f"UPDATE ledger_payload SET salt = {copied.format('salt')}, content = {copied.format('content')} "
            f"WHERE event_id = {forged}"
        )
    finding = first_finding()
    assert (finding.reason, finding.event_id) == (Reason.CHANGED_BEFORE_SEALING, forged)
    with pytest.raises(TamperedLedger):
        services.seal()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("type", "tests.hours.disputed"),
        ("subject", "training.evidence:1"),
        ("digest", b"d" * 32),
        ("authentication", b"a" * 32),
        ("recorded_at", "2099-01-01 00:00:00+00:00"),
    ],
)
def test_an_event_edited_before_sealing_is_found(column, value):
    make_log()
    waiting = first_waiting()
    with intruder() as cursor:
        cursor.execute(f"UPDATE ledger_event SET {column} = %s WHERE id = %s", [value, waiting])
    finding = first_finding()
    expected = Reason.BACK_DATED if column == "recorded_at" else Reason.CHANGED_BEFORE_SEALING
    assert (finding.reason, finding.event_id) == (expected, waiting)


def test_a_payload_edited_before_sealing_is_found_even_with_a_new_digest():
    make_log()
    waiting = first_waiting()
    salt = bytes(Payload.objects.get(event_id=waiting).salt)
    text = '{"actor":null,"fields":{"hours":240}}'
    with intruder() as cursor:
        cursor.execute("UPDATE ledger_payload SET content = %s WHERE event_id = %s", [text, waiting])
    assert (first_finding().reason, first_finding().event_id) == (Reason.CHANGED_BEFORE_SEALING, waiting)
    with intruder() as cursor:
        digest = hashlib.sha256(salt + text.encode()).digest()
        cursor.execute("UPDATE ledger_event SET digest = %s WHERE id = %s", [digest, waiting])
    assert (first_finding().reason, first_finding().event_id) == (Reason.CHANGED_BEFORE_SEALING, waiting)


def test_an_event_removed_before_sealing_is_found_before_and_after_the_others_are_sealed():
    make_log()
    waiting = first_waiting()
    remove_event(waiting)
    assert (first_finding().reason, first_finding().event_id) == (Reason.REMOVED_BEFORE_SEALING, waiting)
    services.seal()
    assert (first_finding().reason, first_finding().event_id) == (Reason.REMOVED_BEFORE_SEALING, waiting)


def test_all_events_removed_before_anything_was_sealed_are_found():
    record(3)
    run("DELETE FROM ledger_unsealed", "DELETE FROM ledger_payload", "DELETE FROM ledger_event")
    assert [finding.reason for finding in fsck().findings] == [Reason.REMOVED_BEFORE_SEALING] * 3


def test_an_event_taken_out_of_the_queue_is_found():
    make_log()
    waiting = first_waiting()
    run(f"DELETE FROM ledger_unsealed WHERE event_id = {waiting}")
    assert (first_finding().reason, first_finding().event_id) == (Reason.QUEUE, waiting)


def test_a_sealed_event_put_back_into_the_queue_is_found():
    make_log()
    run(f"INSERT INTO ledger_unsealed (event_id) VALUES ({event_at(5)})")
    assert (first_finding().reason, first_finding().index) == (Reason.QUEUE, 5)


def cut_off(index: int) -> None:
    """Remove the tail of the log with all its traces in the database."""
    with connection.cursor() as cursor:
        cursor.execute('SELECT event_id FROM ledger_leaf WHERE "index" >= %s', [index])
        events = [row[0] for row in cursor.fetchall()]
    for event in events:
        remove_event(event)
    run(
        f"DELETE FROM ledger_checkpoint WHERE size > {index}",
        f"DELETE FROM ledger_subtree WHERE number >= {index // 256}",
    )


@pytest.mark.parametrize("index", [35, 30, 0])
def test_a_tail_that_was_cut_off_is_found(index):
    make_log(waiting=0)
    cut_off(index)
    finding = first_finding()
    assert (finding.reason, finding.index) == (Reason.TRUNCATED, index)


def test_a_tail_that_was_cut_off_is_found_by_a_checkpoint_from_elsewhere(tmp_path, settings):
    make_log(waiting=0)
    note = outside.read_latest()
    settings.RONGHE_CHECKPOINT_DIR = tmp_path / "another host"
    cut_off(30)
    assert not fsck().findings
    assert fsck().unchecked, "without any checkpoint outside it says what it cannot tell"
    finding = first_finding(checkpoint=note)
    assert (finding.reason, finding.index) == (Reason.TRUNCATED, 30)


def test_a_tail_that_was_cut_off_and_grown_again_is_found():
    make_log(waiting=0)
    kept = {path.name: path.read_text() for path in outside.kept_notes()}
    cut_off(30)
    for path in outside.kept_notes():
        path.unlink()
    record(15, start=100)
    services.seal()
    for name, note in kept.items():
        (outside.folder() / name).write_text(note)
    finding = next(finding for finding in fsck().findings if finding.reason is Reason.CHANGED)
    assert finding.index == 30


def test_leaves_turned_back_into_waiting_events_are_found():
    make_log(waiting=0)
    run(
        'INSERT INTO ledger_unsealed (event_id) SELECT event_id FROM ledger_leaf WHERE "index" >= 30',
        'DELETE FROM ledger_leaf WHERE "index" >= 30',
        "DELETE FROM ledger_checkpoint WHERE size > 30",
    )
    finding = first_finding()
    assert (finding.reason, finding.index) == (Reason.TRUNCATED, 30)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_checkpoint SET root = (SELECT root FROM ledger_checkpoint WHERE size = 10) WHERE size = 20",
        "UPDATE ledger_checkpoint SET note = replace(note, '20', '21') WHERE size = 20",
        "UPDATE ledger_checkpoint SET signed_at = '2026-01-01 00:00:00+00:00' WHERE size = 20",
        "UPDATE ledger_checkpoint SET size = 21 WHERE size = 20",
    ],
)
def test_an_altered_checkpoint_is_found(statement):
    make_log()
    run(statement)
    assert first_finding().reason == Reason.CHECKPOINT


def test_a_removed_newest_checkpoint_is_found():
    make_log()
    run("DELETE FROM ledger_checkpoint WHERE size = 40")
    assert first_finding().reason == Reason.CHECKPOINT


def test_an_altered_subtree_is_found():
    make_log(batches=1, width=300)
    run('UPDATE ledger_subtree SET hash = (SELECT hash FROM ledger_leaf WHERE "index" = 0)')
    assert (first_finding().reason, first_finding().index) == (Reason.CHANGED, 0)
    assert Subtree.objects.count() == 1


def test_a_payload_emptied_without_an_erasure_is_found():
    make_log()
    other = event_at(5)
    run(
        f"UPDATE ledger_payload SET salt = NULL, content = NULL, erased_by_id = {other} WHERE event_id = {event_at(17)}"
    )
    finding = first_finding()
    assert (finding.reason, finding.event_id) == (Reason.ERASURE, event_at(17))


def test_one_payload_more_than_an_erasure_erased_is_found():
    make_log()
    services.erase_payloads(actor=None, subject="training.evidence:17", reason="asked for")
    erasure = Event.objects.order_by("id").last()
    Payload.objects.filter(event_id=event_at(18)).update(salt=None, content=None, erased_by=erasure)
    assert first_finding().reason == Reason.ERASURE


def test_every_removed_trigger_is_found():
    make_log()
    for trigger in triggers.sqlite_triggers() if connection.vendor == "sqlite" else triggers.postgresql_triggers():
        with connection.cursor() as cursor:
            on = "" if connection.vendor == "sqlite" else f" ON {trigger.table}"
            cursor.execute(f"DROP TRIGGER {trigger.name}{on}")
            assert [str(finding) for finding in fsck().findings] == [
                f"the log: trigger: trigger {trigger.name} is missing"
            ]
            cursor.execute(trigger.sql)
    assert fsck().clean


def test_a_trigger_replaced_by_one_that_does_nothing_is_found():
    make_log()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER ledger_event_no_delete")
            cursor.execute("CREATE TRIGGER ledger_event_no_delete BEFORE DELETE ON ledger_event BEGIN SELECT 1; END")
            assert "ledger_event_no_delete was changed" in str(first_finding())
        else:
            body = "BEGIN RETURN NULL; END"
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"
            )
            assert "ledger_event_no_change was changed" in str(first_finding())
    triggers.install(connection)
    assert fsck().clean


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite cannot disable a trigger")
def test_a_disabled_trigger_is_found():
    make_log()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_event DISABLE TRIGGER ledger_event_no_change")
        assert "is disabled" in str(first_finding())
        cursor.execute("ALTER TABLE ledger_event ENABLE TRIGGER ledger_event_no_change")
        cursor.execute("SET session_replication_role = replica")
        assert "no trigger fires" in str(first_finding())
        cursor.execute("SET session_replication_role = origin")


COLUMNS = {
    "ledger_event": ("id", "type", "subject", "recorded_at", "digest", "authentication"),
    "ledger_payload": ("event_id", "salt", "content"),
    "ledger_leaf": ("index", "event_id", "hash", "authentication"),
    "ledger_subtree": ("level", "number", "hash"),
    "ledger_checkpoint": ("size", "root", "note", "signed_at"),
    "ledger_unsealed": ("event_id",),
}


@pytest.mark.parametrize("table", COLUMNS)
def test_no_value_of_any_row_can_be_changed_unnoticed(table):
    """Each column of the first, a middle and the last row of each table."""
    make_log(batches=2, width=150)
    assert fsck().clean
    key = "number" if table == "ledger_subtree" else COLUMNS[table][0]
    for column in COLUMNS[table]:
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT "{key}", "{column}" FROM {table} ORDER BY 1')
            rows = cursor.fetchall()
        for place, value in {rows[0], rows[len(rows) // 2], rows[-1]}:
            set_value(table, column, key, place, to := other_than(column, value))
            assert fsck().findings, f"{table}.{column} at {place} was changed"
            set_value(table, column, key, to if key == column else place, value)
    assert fsck().clean


def set_value(table, column, key, place, value):
    with intruder() as cursor:
        cursor.execute(f'UPDATE {table} SET "{column}" = %s WHERE "{key}" = %s', [value, place])
        assert cursor.rowcount == 1


def other_than(column, value):
    """A value of the same kind, as near as can be."""
    if isinstance(value, int):
        return value + 7_000
    if isinstance(value, bytes | memoryview):
        return bytes([bytes(value)[0] ^ 1]) + bytes(value)[1:]
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if column in ("recorded_at", "signed_at"):
        return str(datetime.fromisoformat(value) + timedelta(microseconds=1))
    return value[:-2] + ("0" if value[-2] != "0" else "1") + value[-1]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL keeps the types of its columns")
@pytest.mark.parametrize(
    ("column", "value"),
    [("recorded_at", "'yesterday'"), ("digest", "7"), ("subject", "x'ff'"), ("type", "x'00ff'"), ("digest", "'text'")],
)
@pytest.mark.parametrize("waiting", [False, True])
def test_a_value_of_another_type_is_found_and_does_not_stop_the_check(column, value, waiting):
    make_log()
    event_id = first_waiting() if waiting else event_at(17)
    run(f"UPDATE ledger_event SET {column} = {value} WHERE id = {event_id}")
    assert any(finding.reason in (Reason.CHANGED, Reason.CHANGED_BEFORE_SEALING) for finding in fsck().findings)


def test_a_file_that_is_no_checkpoint_of_this_log_is_refused():
    make_log()
    with pytest.raises(NoteError):
        fsck(checkpoint="nonsense")
    with pytest.raises(NoteError, match="does not hold"):
        fsck(checkpoint=outside.read_latest().replace("\n40\n", "\n41\n"))


def test_a_checkpoint_outside_that_was_altered_is_found():
    make_log()
    path = outside.folder() / "checkpoint"
    path.write_text(path.read_text().replace("\n40\n", "\n39\n"))
    assert first_finding().reason == Reason.CHECKPOINT


def test_a_half_written_line_of_the_journal_is_passed_over():
    make_log()
    (part,) = outside.journal_parts()
    with part.path.open("ab") as file:
        file.write(b"\n4")
    record(1, start=77)
    assert fsck().clean
    part = outside.journal_parts()[0]
    assert len(list(outside.journal_entries(part))) == 46


def test_progress_is_told_up_to_the_whole(monkeypatch):
    monkeypatch.setattr(checking, "_CHUNK", 16)
    make_log()
    told = []
    assert fsck(progress=lambda done, total: told.append((done, total))).clean
    assert told == [(16, 40), (32, 40), (40, 40)]


def test_the_check_reads_one_state_while_others_write_and_seal(monkeypatch):
    """Events recorded and sealed during the check are neither missed nor called missing."""
    make_log()
    monkeypatch.setattr(checking, "_CHUNK", 16)
    import threading

    def meanwhile():
        record(3, start=200)
        services.seal()
        connection.close()

    started = []

    def progress(done, total):
        if not started and connection.vendor == "postgresql":
            started.append(thread := threading.Thread(target=meanwhile))
            thread.start()
            thread.join()

    report = fsck(progress=progress)
    assert report.clean
    assert report.size == 40
    assert HOURS_CONFIRMED.name == Event.objects.order_by("id").first().type
