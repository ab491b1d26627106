"""Who sees what of the log: anyone its size and checkpoint, office and reviewers its events, few what is personal."""

import json

import pytest
from django.db import transaction
from django.test import Client

from ronghe.apps.ledger import services
from ronghe.apps.ledger.models import Checkpoint, Event, Leaf
from ronghe.trust.checkpoint import VerifierKey, decode_base64, open_checkpoint
from ronghe.trust.merkle import verify_inclusion
from tests.apps.ledger.events import HOURS_CONFIRMED
from tests.apps.ledger.helpers import intruder, record

pytestmark = pytest.mark.django_db

SECRET = "焊接手册第七章"


@pytest.fixture
def event(mentor, student):
    """A sealed event with personal data."""
    with transaction.atomic():
        event = services.record(
            actor=mentor,
            type=HOURS_CONFIRMED,
            subject="training.evidence:7",
            payload={"hours": 8, "student": student, "note": SECRET, "skills": ["C", "Verilog"]},
        )
    services.seal()
    return event


@pytest.mark.parametrize("who", ["anonymous", "stranger", "student", "mentor", "hr"])
def test_whoever_may_not_see_events_sees_size_and_checkpoint_and_nothing_else(request, sign_in, event, who):
    client = Client() if who == "anonymous" else sign_in(request.getfixturevalue(who))
    page = client.get("/ledger/").content.decode()
    assert Checkpoint.objects.get().note.splitlines()[2] in page
    assert "training.evidence:7" not in page
    assert "Hours confirmed" not in page


@pytest.mark.parametrize("who", ["office", "reviewer"])
def test_office_and_reviewer_see_recent_events(request, sign_in, event, who):
    page = sign_in(request.getfixturevalue(who)).get("/ledger/").content.decode()
    assert "training.evidence:7" in page
    assert f"/ledger/events/{event.pk}/" in page
    assert SECRET not in page


@pytest.mark.parametrize("who", ["stranger", "student", "mentor", "hr", "other_hr"])
def test_an_event_is_closed_to_everyone_else(request, sign_in, event, who):
    response = sign_in(request.getfixturevalue(who)).get(f"/ledger/events/{event.pk}/")
    assert response.status_code == 403
    assert SECRET not in response.content.decode()


def test_an_anonymous_visitor_is_asked_to_sign_in_for_an_event(anonymous, event):
    response = anonymous.get(f"/ledger/events/{event.pk}/")
    assert response.status_code == 302
    assert "login" in response["Location"]


def test_the_office_sees_the_whole_payload_and_who_acted(sign_in, office, event, mentor, student):
    page = sign_in(office).get(f"/ledger/events/{event.pk}/").content.decode()
    assert SECRET in page
    assert str(student.uid) in page
    assert mentor.name in page
    assert "C、Verilog" in page


def test_the_reviewer_sees_the_proof_but_nothing_personal(sign_in, reviewer, event, mentor, student):
    page = sign_in(reviewer).get(f"/ledger/events/{event.pk}/").content.decode()
    assert bytes(Leaf.objects.get().hash).hex() in page
    assert "state--ok" in page
    assert SECRET not in page
    assert str(student.uid) not in page
    assert str(mentor.uid) not in page


def test_an_event_that_waits_says_so(sign_in, office):
    (event,) = record(1)
    page = sign_in(office).get(f"/ledger/events/{event.pk}/").content.decode()
    assert "state--progress" in page
    assert "state--ok" not in page


def test_an_erased_payload_leads_to_the_event_that_erased_it(sign_in, office, event, student):
    services.erase_payloads(actor=student, person=student, reason="asked for")
    page = sign_in(office).get(f"/ledger/events/{event.pk}/").content.decode()
    erasure = Event.objects.get(type="ledger.payloads.erased")
    assert f"/ledger/events/{erasure.pk}/" in page
    assert SECRET not in page


def test_an_event_of_a_type_that_no_app_knows_any_more_withholds_its_fields(sign_in, reviewer, event, monkeypatch):
    from ronghe.apps.ledger import event_types

    monkeypatch.delitem(event_types._registered, HOURS_CONFIRMED.name)
    page = sign_in(reviewer).get(f"/ledger/events/{event.pk}/").content.decode()
    assert "tests.hours.confirmed" in page
    assert SECRET not in page


@pytest.mark.django_db(transaction=True)
def test_a_proof_that_does_not_hold_is_never_shown_as_holding(sign_in, office, event):
    with intruder() as cursor:
        cursor.execute("UPDATE ledger_event SET subject = 'training.evidence:8'")
    page = sign_in(office).get(f"/ledger/events/{event.pk}/").content.decode()
    assert "state--bad" in page
    assert "state--ok" not in page


@pytest.mark.parametrize(
    "address", ["/ledger/events/999999/", "/ledger/events/0/", "/ledger/events/99999999999999999999/"]
)
def test_an_event_that_is_not_there_is_not_found(sign_in, office, address):
    assert sign_in(office).get(address).status_code == 404


def test_events_come_twenty_a_page_and_older_ones_follow(sign_in, office):
    record(45)
    client, seen, address = sign_in(office), [], "/ledger/"
    for expected in (20, 20, 5):
        response = client.get(address)
        rows = [event.subject for event, _ in response.context["rows"]]
        assert len(rows) == expected
        seen += rows
        address = f"/ledger/{response.context['older']}"
    assert response.context["older"] is None
    assert seen == [f"training.evidence:{number}" for number in reversed(range(45))]


def test_events_are_filtered_by_what_happened_and_to_what(sign_in, office, event, student):
    record(3)
    services.erase_payloads(actor=None, person=student, reason="asked for")
    client = sign_in(office)

    def subjects(query):
        return [event.subject for event, _ in client.get(f"/ledger/?{query}").context["rows"]]

    assert subjects("type=ledger.payloads.erased") == [f"accounts.person:{student.uid}"]
    assert subjects("subject=training.evidence:7") == ["training.evidence:7"]
    assert len(subjects("type=tests.hours.confirmed&subject=training.")) == 4
    assert subjects("subject=nothing.like:it") == []


@pytest.mark.parametrize(
    "query", ["type=nonsense", "before=x", "before=-1", "before=99999999999999999999", "subject=%00"]
)
def test_a_senseless_filter_is_answered_with_a_page(sign_in, office, query):
    record(1)
    assert sign_in(office).get(f"/ledger/?{query}").status_code == 200


def test_the_pages_take_a_bounded_number_of_queries(sign_in, office, django_assert_max_num_queries):
    record(600)
    services.seal()
    client = sign_in(office)
    client.get("/ledger/")
    with django_assert_max_num_queries(14):
        client.get("/ledger/")
    event_id = Leaf.objects.get(index=300).event_id
    with django_assert_max_num_queries(14):
        client.get(f"/ledger/events/{event_id}/")


@pytest.mark.parametrize("address", ["/ledger/", "/ledger/events/1/"])
def test_the_pages_only_answer_reading(sign_in, office, address):
    assert sign_in(office).post(address).status_code == 405


def test_the_pages_speak_chinese_and_english(anonymous):
    assert "溯源账本" in anonymous.get("/ledger/", headers={"accept-language": "zh-hans"}).content.decode()
    assert "A log that only grows" in anonymous.get("/ledger/", headers={"accept-language": "en"}).content.decode()


def test_a_late_sealer_is_said_out_loud_to_the_office_only(sign_in, office, anonymous, monkeypatch):
    from datetime import timedelta

    from django.utils import timezone

    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() - timedelta(minutes=5))
    record(1)
    monkeypatch.undo()
    assert "ronghe ledger fsck" in sign_in(office).get("/ledger/").content.decode()
    assert "ronghe ledger fsck" not in anonymous.get("/ledger/").content.decode()


def test_the_api_gives_the_signed_checkpoint_to_anyone(anonymous, event, settings):
    from ronghe.apps.ledger import keys

    response = anonymous.get("/api/ledger/checkpoint")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert open_checkpoint(response.content, [keys.signer().verifier()]).checkpoint.size == 1
    other = VerifierKey(settings.RONGHE_LEDGER_ORIGIN, bytes(31) + b"\x01")
    with pytest.raises(ValueError, match="no known key"):
        open_checkpoint(response.content, [other])


def test_the_api_gives_a_proof_that_anyone_can_verify(anonymous):
    record(300)
    services.seal()
    for index in (0, 255, 256, 299):
        answer = json.loads(anonymous.get(f"/api/ledger/proof/{index}").content)
        head = open_checkpoint(answer["checkpoint"], [_key()]).checkpoint
        verify_inclusion(
            index=answer["index"],
            size=head.size,
            leaf=decode_base64(answer["leaf_hash"], "leaf"),
            path=[decode_base64(step, "step") for step in answer["path"]],
            root=head.root,
        )


def _key():
    from ronghe.apps.ledger import keys

    return keys.signer().verifier()


@pytest.mark.parametrize("index", ["1", "-1", "99999999999999999999"])
def test_the_api_says_that_a_leaf_is_not_there(anonymous, event, index):
    response = anonymous.get(f"/api/ledger/proof/{index}", headers={"accept-language": "en"})
    assert response.status_code == 404
    assert response.json() == {"detail": "The newest checkpoint has no such leaf."}


def test_the_api_refuses_an_index_that_is_no_number(anonymous):
    assert anonymous.get("/api/ledger/proof/first").status_code == 422


def test_the_api_says_when_nothing_is_sealed_yet(anonymous):
    response = anonymous.get("/api/ledger/checkpoint", headers={"accept-language": "en"})
    assert response.status_code == 404
    assert "Nothing has been sealed yet" in response.json()["detail"]
