"""Recording stands or falls with the transaction that causes the event."""

import json
import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from ronghe.apps.accounts.models import Person
from ronghe.apps.ledger import outside, services
from ronghe.apps.ledger.errors import InvalidPayload, NotInTransaction, UnknownEventType
from ronghe.apps.ledger.models import Event, Mention, Payload, Unsealed
from tests.apps.ledger import independent
from tests.apps.ledger.events import HOURS_CONFIRMED
from tests.apps.ledger.helpers import record

pytestmark = pytest.mark.postgres


@pytest.fixture
def mentor(db):
    return Person.objects.create_user("mentor@example.org", name="导师")


@pytest.fixture
def student(db):
    return Person.objects.create_user("student@example.org", name="学生")


@pytest.mark.django_db
def test_an_event_has_its_payload_its_place_in_the_queue_and_its_people(mentor, student):
    with transaction.atomic():
        event = services.record(
            actor=mentor,
            type=HOURS_CONFIRMED,
            subject="training.evidence:7",
            payload={"hours": 8, "student": student, "note": "焊接"},
        )
    event.refresh_from_db()
    assert (event.type, event.subject) == ("tests.hours.confirmed", "training.evidence:7")
    payload = Payload.objects.get(event=event)
    assert json.loads(payload.content) == {
        "actor": str(mentor.uid),
        "fields": {"hours": 8, "note": "焊接", "student": str(student.uid)},
    }
    assert Unsealed.objects.get().event_id == event.pk
    assert set(Mention.objects.values_list("person", "role")) == {(student.uid, "about"), (mentor.uid, "actor")}


@pytest.mark.django_db
def test_the_same_payload_twice_has_different_digests():
    first, second = record(2, hours=8)
    assert len(first.digest) == 32
    assert first.digest != second.digest


@pytest.mark.django_db
def test_an_event_about_a_person_mentions_the_person(student):
    with transaction.atomic():
        services.record(actor=None, type=HOURS_CONFIRMED, subject=student, payload={"hours": 1})
    assert Mention.objects.values_list("person", "role").get() == (student.uid, "about")


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_recorded():
    with pytest.raises(NotInTransaction):
        services.record(actor=None, type=HOURS_CONFIRMED, subject="training.evidence:1", payload={"hours": 1})
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_of_a_transaction_that_fails_is_in_neither_database_nor_journal():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(3)
        raise ZeroDivisionError
    assert not Event.objects.exists()
    assert not Unsealed.objects.exists()
    assert outside.journal_parts() == []


@pytest.mark.django_db(transaction=True)
def test_what_was_committed_stands_in_the_journal():
    events = record(3)
    (part,) = outside.journal_parts()
    entries = list(outside.journal_entries(part))
    assert [entry.event_id for entry in entries] == [event.pk for event in events]
    for entry, event in zip(entries, events, strict=True):
        event.refresh_from_db()
        bytes_of = independent.entry(event.type, event.subject, event.recorded_at, event.digest)
        assert entry.leaf == independent.root([bytes_of])


@pytest.mark.django_db(transaction=True)
def test_a_journal_that_cannot_be_written_does_not_undo_the_event(settings, tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    settings.RONGHE_CHECKPOINT_DIR = tmp_path / "file"
    record()
    assert Event.objects.count() == 1
    assert "journal cannot be written" in caplog.text


@pytest.mark.django_db
def test_many_events_keep_their_order_and_their_payloads():
    with transaction.atomic():
        ids = services.record_many(
            actor=None,
            entries=(
                services.Entry(HOURS_CONFIRMED, f"training.evidence:{number}", {"hours": number})
                for number in range(2_345)
            ),
        )
    assert len(ids) == 2_345
    rows = Event.objects.in_bulk(ids)
    assert [rows[id_].subject for id_ in ids] == [f"training.evidence:{number}" for number in range(2_345)]
    contents = dict(Payload.objects.values_list("event_id", "content"))
    assert [json.loads(contents[id_])["fields"]["hours"] for id_ in ids] == list(range(2_345))


@pytest.mark.django_db
def test_one_wrong_entry_among_many_records_none_of_its_batch():
    entries = [
        services.Entry(HOURS_CONFIRMED, f"training.evidence:{number}", {"hours": number}) for number in range(10)
    ]
    entries.append(services.Entry(HOURS_CONFIRMED, "training.evidence:10", {"hours": "ten"}))
    with pytest.raises(InvalidPayload), transaction.atomic():
        services.record_many(actor=None, entries=entries)
    assert not Event.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"type": "tests.nothing.done"}, UnknownEventType),
        ({"subject": "evidence 7"}, InvalidPayload),
        ({"payload": {"hours": 1, "mood": "good"}}, InvalidPayload),
        ({"payload": None}, InvalidPayload),
        ({"actor": object()}, InvalidPayload),
    ],
)
def test_an_event_that_does_not_fit_its_type_is_refused(changes, error):
    fitting = {"actor": None, "type": HOURS_CONFIRMED, "subject": "training.evidence:7", "payload": {"hours": 1}}
    with transaction.atomic(), pytest.raises(error):
        services.record(**{**fitting, **changes})
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_one_event_takes_five_statements(mentor):
    with (
        transaction.atomic(),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        services.record(actor=mentor, type=HOURS_CONFIRMED, subject="training.evidence:7", payload={"hours": 1})
    statements = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) == 5


def test_a_person_may_be_given_by_uid_alone():
    uid = uuid.uuid4()
    assert HOURS_CONFIRMED.write({"hours": 1, "student": str(uid)})["student"] == str(uid)
