"""Erasing takes the data and leaves the proofs."""

import json

import pytest
from django.db import transaction

from ronghe.apps.accounts.models import Person
from ronghe.apps.ledger import selectors, services, tree
from ronghe.apps.ledger.errors import InvalidPayload
from ronghe.apps.ledger.models import Checkpoint, Event, Leaf, Mention, Payload
from ronghe.trust.merkle import verify_inclusion
from tests.apps.ledger.events import HOURS_CONFIRMED
from tests.apps.ledger.helpers import record

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def mentor():
    return Person.objects.create_user("mentor@example.org", name="导师")


@pytest.fixture
def student():
    return Person.objects.create_user("student@example.org", name="学生")


@pytest.fixture
def confirmed(mentor, student):
    """Hours of the student that the mentor confirmed, and an event that has nothing to do with either."""
    with transaction.atomic():
        event = services.record(
            actor=mentor,
            type=HOURS_CONFIRMED,
            subject="training.evidence:7",
            payload={"hours": 8, "student": student, "note": "焊接"},
        )
    record(1, start=50)
    services.seal()
    return event


def test_what_is_about_a_person_goes_and_the_rest_stays(confirmed, student):
    assert services.erase_payloads(actor=student, person=student, reason="asked for") == 1
    erased = Payload.objects.get(event=confirmed)
    assert (erased.salt, erased.content) == (None, None)
    assert Payload.objects.filter(content__isnull=False).count() == 2
    assert not Mention.objects.filter(event=confirmed).exists()
    assert services.fsck().findings == []


def test_the_erasure_is_an_event_that_counts_and_hashes_what_went(confirmed, student):
    services.erase_payloads(actor=student, person=student, reason="asked for")
    erasure = Event.objects.get(type="ledger.payloads.erased")
    assert erasure.subject == f"accounts.person:{student.uid}"
    fields = json.loads(erasure.payload.content)["fields"]
    assert (fields["count"], fields["reason"]) == (1, "asked for")
    assert Payload.objects.get(event=confirmed).erased_by == erasure


def test_the_inclusion_proof_of_an_erased_event_still_holds(confirmed, student):
    services.erase_payloads(actor=student, person=student, reason="asked for")
    services.seal()
    leaf, head = Leaf.objects.get(event=confirmed), Checkpoint.objects.order_by("-size")[0]
    verify_inclusion(
        index=leaf.index,
        size=head.size,
        leaf=bytes(leaf.hash),
        path=tree.inclusion_proof(leaf.index, head.size),
        root=bytes(head.root),
    )


def test_what_a_person_merely_did_stays(confirmed, mentor):
    assert services.erase_payloads(actor=None, person=mentor, reason="asked for") == 0
    assert not Event.objects.filter(type="ledger.payloads.erased").exists()


def test_erasing_twice_erases_once(confirmed, student):
    services.erase_payloads(actor=None, person=student.uid, reason="asked for")
    assert services.erase_payloads(actor=None, person=student.uid, reason="asked for") == 0


def test_the_payloads_of_one_subject_can_be_erased(confirmed):
    assert services.erase_payloads(actor=None, subject="training.evidence:50", reason="kept too long") == 1
    assert Payload.objects.filter(content__isnull=True).count() == 1


def test_a_person_or_a_subject_must_be_named(student):
    for arguments in ({}, {"person": student, "subject": "training.evidence:7"}):
        with pytest.raises(InvalidPayload, match="either the person or the subject"):
            services.erase_payloads(actor=None, reason="asked for", **arguments)


def test_many_payloads_are_erased_in_one_erasure(student):
    with transaction.atomic():
        services.record_many(
            actor=None,
            entries=[
                services.Entry(HOURS_CONFIRMED, f"training.evidence:{number}", {"hours": number, "student": student})
                for number in range(1_203)
            ],
        )
    assert services.erase_payloads(actor=None, person=student, reason="asked for") == 1_203
    services.seal()
    assert services.fsck().findings == []


def test_a_persons_export_has_what_is_about_them_and_what_they_did(confirmed, mentor, student):
    (about,) = selectors.events_about(student)
    assert about["type"] == "tests.hours.confirmed"
    assert about["subject"] == "training.evidence:7"
    assert about["fields"] == {"hours": 8, "note": "焊接", "student": str(student.uid)}
    assert about["roles"] == ["about"]
    (done,) = selectors.events_about(mentor.uid)
    assert done["roles"] == ["actor"]
    # What the mentor did is about somebody else: the export says that it was done, not what it says of them.
    assert done["fields"] is None
    assert selectors.events_about("00000000-0000-4000-8000-000000000000") == []
