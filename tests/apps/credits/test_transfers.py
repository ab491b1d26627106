"""Credits between institutions: statements that the sender's log proves, taken over once, by keys that two compared."""

import base64
import json
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse

from ronghe.apps.accounts.models import Person
from ronghe.apps.credits import selectors, services
from ronghe.apps.credits.models import Account, Partner, Transaction
from ronghe.apps.credits.transfers import SENT, statement_of
from ronghe.apps.curriculum.models import Programme
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.event_types import reference
from ronghe.apps.ledger.keys import origin
from ronghe.apps.ledger.models import Event
from ronghe.trust.checkpoint import SignerKey, VerifierKey
from tests.apps.credits.conftest import Claimer, RuleMaker
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db
OTHER = SignerKey("other.example/ledger", Ed25519PrivateKey.from_private_bytes(bytes(32)))
# The log of these tests, seen from outside: `tests/apps/ledger/plugin.py` gives it this key.
SELF = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def partner(office: Person, second_office: Person) -> Partner:
    named = services.name_partner(actor=office, name_zh="他校", name_en="Other", log_key=OTHER.verifier().encode())
    return services.confirm_partner(actor=second_office, partner=named)


@pytest.fixture
def sent(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person, office: Person, student: Person,
    partner: Partner,
) -> Transaction:  # fmt: skip
    rule_of()
    services.deposit(actor=teacher, achievement=confirmed())
    return services.send(actor=office, student=student, partner=partner, credits=Decimal(2), is_practice=True)


def _statement(done: Transaction) -> bytes:
    ledger.seal()
    data = statement_of(Event.objects.get(subject=reference(done), type=SENT))
    assert data is not None
    return data


class _OtherSite:
    """The same database seen as the other institution: its log is called otherwise, and it trusts ours by its key."""

    def __init__(self) -> None:
        self.ours = VerifierKey(origin(), SELF.public_key().public_bytes_raw())

    def __enter__(self) -> Partner:
        self.change = override_settings(RONGHE_LEDGER_ORIGIN=OTHER.name)
        self.change.enable()
        return Partner.objects.create(
            name_zh="本校", origin=self.ours.name, log_key=self.ours.encode(),
            named_by_uid=uuid4(), confirmed_by_uid=uuid4(),
        )  # fmt: skip

    def __exit__(self, *_error: object) -> None:
        self.change.disable()


def test_credits_that_leave_one_bank_arrive_in_another_by_the_statement_alone(
    sent: Transaction, office: Person, stranger: Person, student: Person
) -> None:
    assert selectors.balances([Account.objects.get(person=student)]) == {
        Account.objects.get(person=student).pk: Decimal("0.5")
    }
    data = _statement(sent)
    with _OtherSite():
        taken = services.take_over(actor=office, student=stranger, statement=data)
    account = Account.objects.get(person=stranger)
    assert selectors.balances([account])[account.pk] == Decimal(2)
    assert (taken.lot.is_practice, taken.lot.earned_on) == (True, date(2026, 3, 27))


def test_a_statement_is_taken_over_once(sent: Transaction, office: Person, stranger: Person, student: Person) -> None:
    data = _statement(sent)
    with _OtherSite():
        services.take_over(actor=office, student=stranger, statement=data)
        for person in (stranger, student):
            with pytest.raises(services.NotTaken, match="already"):
                services.take_over(actor=office, student=person, statement=data)


def test_a_statement_made_out_to_somebody_else_is_refused(sent: Transaction, office: Person, stranger: Person) -> None:
    data = _statement(sent)
    ours = VerifierKey(origin(), SELF.public_key().public_bytes_raw())
    with override_settings(RONGHE_LEDGER_ORIGIN="third.example/ledger"):
        Partner.objects.create(
            name_zh="本校", origin=ours.name, log_key=ours.encode(),
            named_by_uid=uuid4(), confirmed_by_uid=uuid4(),
        )  # fmt: skip
        with pytest.raises(services.NotTaken, match=r"made out to other\.example"):
            services.take_over(actor=office, student=stranger, statement=data)


def test_every_changed_statement_is_refused_and_the_unchanged_one_taken(
    sent: Transaction, office: Person, stranger: Person
) -> None:
    data = _statement(sent)
    value = json.loads(data)
    changed = [
        data.replace(b'"credits":"2', b'"credits":"9'),
        data.replace(b"other.example/ledger", b"otter.example/ledger"),
        data[:-1],
        b" " + data,
        b"{}",
        b"\xff",
        json.dumps({**value, "more": 1}).encode(),
        data.replace(value["event"]["salt"].encode(), base64.b64encode(bytes(32))),
        data.replace(b'"is_practice":true', b'"is_practice":false'),
    ]
    with _OtherSite():
        for one in changed:
            assert one != data
            with pytest.raises(services.NotTaken) as refused:
                services.take_over(actor=office, student=stranger, statement=one)
            assert "statement" in refused.value.message_dict
        assert not Account.objects.filter(person=stranger).exists()
        services.take_over(actor=office, student=stranger, statement=data)


def test_a_log_that_nobody_confirmed_is_not_believed(sent: Transaction, office: Person, stranger: Person) -> None:
    data = _statement(sent)
    with _OtherSite() as ours:
        services.end_partner(actor=office, partner=ours, reason="test")
        with pytest.raises(services.NotTaken, match="add its key"):
            services.take_over(actor=office, student=stranger, statement=data)


def test_the_key_of_an_institution_is_confirmed_by_a_second_person(office: Person, hr: Person) -> None:
    with pytest.raises(ValidationError, match="no key of a log"):
        services.name_partner(actor=office, name_zh="他校", log_key="nonsense")
    named = services.name_partner(actor=office, name_zh="他校", log_key=OTHER.verifier().encode())
    with pytest.raises(ValidationError, match="second person"):
        services.confirm_partner(actor=office, partner=named)
    with pytest.raises(PermissionDenied):
        services.confirm_partner(actor=hr, partner=named)


def test_what_was_sent_cannot_be_reversed_here(sent: Transaction, office: Person) -> None:
    with pytest.raises(ValidationError, match="send the credits back"):
        services.reverse(actor=office, done=sent, reason="mistake")


def test_more_than_there_is_of_a_kind_cannot_be_sent(
    sent: Transaction, office: Person, student: Person, partner: Partner
) -> None:
    for credits, is_practice in ((Decimal(1), True), (Decimal("0.5"), False)):
        with pytest.raises(ValidationError, match="holds"):
            services.send(actor=office, student=student, partner=partner, credits=credits, is_practice=is_practice)


def test_the_statement_is_downloaded_by_those_who_see_the_account_once_the_log_is_sealed(
    sent: Transaction, sign_in: SignIn, student: Person, hr: Person, reviewer: Person
) -> None:
    url = reverse("credits:transfer_statement", args=[sent.uid])
    assert sign_in(student).get(url).status_code == 404
    data = _statement(sent)
    assert sign_in(student).get(url).content == data
    for outsider in (hr, reviewer):
        assert sign_in(outsider).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_the_pages_of_transfers_are_the_offices(
    sent: Transaction, partner: Partner, sign_in: SignIn, office: Person, teacher: Person, student: Person
) -> None:
    account = Account.objects.get(person=student)
    pages = [reverse("credits:transfers"), reverse("credits:take_over"), reverse("credits:partner_new")]
    pages += [reverse("credits:send", args=[account.uid]), reverse("credits:partner_end", args=[partner.pk])]
    for url in pages:
        assert sign_in(office).get(url).status_code == 200, url
        assert sign_in(teacher).get(url).status_code == 403, url
        assert sign_in(student).get(url).status_code == 403, url
    wrong = {"student_number": "none", "statement": SimpleUploadedFile("x.json", b"{}")}
    refused = sign_in(office).post(reverse("credits:take_over"), wrong)
    assert refused.status_code == 422
    assert "Exactly one student" in refused.content.decode()
