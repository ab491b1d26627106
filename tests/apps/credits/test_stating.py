"""Statements with proof: what the bank stated is checked by anyone, offline, and nothing can be left out of it."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.credentials.verification import trusted_keys
from ronghe.apps.credits import services
from ronghe.apps.credits.models import Account, Stated
from ronghe.apps.curriculum.models import Programme
from ronghe.apps.ledger import services as ledger
from ronghe.trust.credit_statement import CreditStatement, verify_statement
from ronghe.trust.verdicts import Report, Verdict
from ronghe.trust.witness import WitnessPolicy
from tests.apps.credits.conftest import Claimer, RuleMaker
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person, office: Person, student: Person
) -> Account:
    """Two deposits, of which some is used and one is reversed."""
    rule_of()
    services.deposit(actor=teacher, achievement=confirmed())
    wrong = services.deposit(
        actor=teacher, achievement=confirmed(first_day=date(2026, 4, 6), last_day=date(2026, 4, 24))
    )
    services.reverse(actor=office, done=wrong, reason="wrong week")
    services.redeem(actor=teacher, student=student, programme=programme, credits=Decimal(1))
    return Account.objects.get(person=student)


def _checked(data: bytes) -> tuple[Report, CreditStatement | None]:
    # The log of these tests has no witnesses; that they are asked for is the verifier's own test.
    trust = replace(trusted_keys(), witnesses=WitnessPolicy(threshold=0))
    return verify_statement(data, trust=trust, at=timezone.now())


@pytest.mark.postgres
def test_a_student_hands_out_a_statement_that_anyone_can_check_and_nobody_can_shorten(
    account: Account, student: Person
) -> None:
    stated = services.make_statement(actor=student, account=account)
    assert services.file_of(stated) is None, "the log has not sealed it yet"
    ledger.seal()
    data = services.file_of(Stated.objects.get())
    assert data is not None
    report, told = _checked(data)
    assert report.verdict is Verdict.VALID, report.as_json()
    assert told is not None
    assert (told.holder, told.balance, told.practice_balance) == (student.name, Decimal("1.5"), Decimal("1.5"))
    assert [(line.kind, line.credits) for line in told.lines] == [
        ("deposit", Decimal("2.5")),
        ("deposit", Decimal("2.5")),
        ("reversal", Decimal("-2.5")),
        ("redemption", Decimal(-1)),
    ]
    # The student leaves the reversal and the use out, sums and all: still refused.
    shorter = json.loads(data)
    shorter["statement"]["lines"] = shorter["statement"]["lines"][:2]
    shorter["statement"] |= {"balance": "5.00", "practice_balance": "5.00"}
    text = json.dumps(shorter, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    report, _told = _checked(text)
    assert [check.code for check in report.checks if check.verdict is Verdict.INVALID] == ["integrity-is-broken"]


def test_what_happens_later_is_in_the_next_statement_and_leaves_the_first_as_it_was(
    account: Account, student: Person, teacher: Person, confirmed: Claimer
) -> None:
    services.make_statement(actor=student, account=account)
    later = confirmed(first_day=date(2026, 5, 4), last_day=date(2026, 5, 29), name_zh="后来的实习")
    services.deposit(actor=teacher, achievement=later)
    services.make_statement(actor=student, account=account)
    ledger.seal()
    new, old = Stated.objects.all()
    assert (len(old.content["lines"]), len(new.content["lines"])) == (4, 5)
    for one in (old, new):
        data = services.file_of(one)
        assert data is not None
        assert _checked(data)[0].verdict is Verdict.VALID


def test_only_an_account_of_a_student_that_one_may_see_is_stated(
    account: Account, firm_a: Organisation, mentor: Person, hr: Person, stranger: Person, office: Person
) -> None:
    for outsider in (hr, mentor):
        with pytest.raises(PermissionDenied):
            services.make_statement(actor=outsider, account=account)
    with pytest.raises(ValidationError, match="of a student"):
        services.make_statement(actor=office, account=Account.objects.get(organisation=firm_a))
    empty = Account.objects.create(kind="student", person=stranger)
    with pytest.raises(ValidationError, match="no entries"):
        services.make_statement(actor=office, account=empty)


def test_an_erased_student_leaves_files_that_still_hold(account: Account, student: Person) -> None:
    stated = services.make_statement(actor=student, account=account)
    ledger.seal()
    data = services.file_of(stated)
    assert data is not None
    part = next(one for one in privacy.registered() if one.name == "credits")
    assert part.export(student)["statements"] == [stated.content]
    ledger.erase_payloads(actor=None, person=student, reason="asked")
    part.erase(student)
    assert not Stated.objects.exists()
    assert _checked(data)[0].verdict is Verdict.VALID


@override_settings(RONGHE_WITNESS_THRESHOLD=0)
def test_on_the_page_it_is_made_downloaded_and_checked_by_a_stranger(
    account: Account, sign_in: SignIn, student: Person, hr: Person, reviewer: Person
) -> None:
    client, make = sign_in(student), reverse("credits:state", args=[account.uid])
    page = client.post(make, follow=True).content.decode()
    assert "Waits to be sealed" in page
    url = reverse("credits:stated_file", args=[Stated.objects.get().uid])
    assert client.get(url).status_code == 404
    ledger.seal()
    assert url in client.get(account.get_absolute_url()).content.decode()
    data = client.get(url).content
    for outsider in (hr, reviewer):
        assert sign_in(outsider).get(url).status_code == 404
        assert sign_in(outsider).post(make).status_code == 404
    anyone = Client(headers={"accept-language": "en"})
    assert anyone.get(url).status_code == 302
    checked = anyone.post(reverse("verify:page"), {"file": SimpleUploadedFile("s.json", data)}).content.decode()
    assert "This statement is genuine" in checked
    assert "of them practice" in checked
    assert f">{student.name}<" not in checked
    changed = data.replace(b"wrong week", b"wrong year")
    refused = anyone.post(reverse("verify:page"), {"file": SimpleUploadedFile("s.json", changed)}).content.decode()
    assert "This statement does not hold" in refused


def test_programs_make_a_statement_and_fetch_its_file(
    account: Account, sign_in: SignIn, student: Person, hr: Person
) -> None:
    address = f"/api/credits/accounts/{account.uid}/statements"
    assert sign_in(hr).post(address, content_type="application/json").status_code == 404
    made = sign_in(student).post(address, content_type="application/json").json()
    assert (made["account"], made["lines"], made["balance"]) == (str(account.uid), 4, "1.50")
    file = f"/api/credits/statements/{made['uid']}"
    assert sign_in(student).get(file).status_code == 404
    ledger.seal()
    assert _checked(sign_in(student).get(file).content)[0].verdict is Verdict.VALID
    assert sign_in(hr).get(file).status_code == 404
