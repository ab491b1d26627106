"""Issuing: what a certificate holds, who is refused and why, many at once, corrections and renewals."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.credentials import paths, second_signer, selectors, services, slots, verification
from ronghe.apps.credentials.models import (
    AchievementVersion,
    Certificate,
    CertificateState,
    Issuer,
    StatusList,
)
from ronghe.apps.credentials.services import AchievementData, ConditionData, IssueRefused, issuing
from ronghe.apps.ledger import selectors as ledger
from ronghe.apps.ledger.models import Event
from ronghe.trust.credential import path_root_of
from ronghe.trust.path import disclose, path_root, verify_path
from ronghe.trust.verdicts import CheckName, Verdict

pytestmark = pytest.mark.django_db


def document_of(certificate: Certificate) -> dict[str, Any]:
    assert certificate.document is not None
    found: dict[str, Any] = json.loads(certificate.document)
    return found


def verdict_of(certificate: Certificate) -> Verdict:
    return verification.check_credential(document_of(certificate)).verdict


def codes(version: AchievementVersion, person: Person) -> list[str]:
    return [reason.code for reason in selectors.refusals(version, [person])[person.pk]]


@pytest.mark.postgres
def test_a_certificate_verifies_and_the_ledger_holds_its_digest_and_the_root_of_its_path(
    certificate: Certificate, holder: Person
) -> None:
    document = document_of(certificate)
    assert verdict_of(certificate) is Verdict.VALID
    payload = ledger.payload_of(certificate.event)
    assert payload is not None
    assert payload["actor"] is None
    assert payload["fields"]["credential"] == hashlib.sha256((certificate.document or "").encode()).hexdigest()
    root = path_root_of(document)
    assert root is not None and root.root == bytes(certificate.path_root or b"")
    assert root.size == len(certificate.path) == 1
    assert certificate.valid_until is not None and certificate.valid_until > timezone.now() + timedelta(days=1000)
    assert certificate.version is not None and certificate.version.is_frozen


def test_a_certificate_names_its_holder_by_a_salted_hash_and_a_masked_name(
    certificate: Certificate, holder: Person
) -> None:
    assert holder.email not in (certificate.document or "")
    subject = document_of(certificate)["credentialSubject"]
    assert subject["name"] == "s**"
    (identifier,) = subject["identifier"]
    expected = hashlib.sha256((holder.email + identifier["salt"]).encode()).hexdigest()
    assert identifier["identityHash"] == f"sha256${expected}"


def test_a_changed_byte_in_a_certificate_is_refused(certificate: Certificate) -> None:
    text = (certificate.document or "").replace("芯片验证微证书", "芯片设计微证书")
    report = verification.check_credential(json.loads(text))
    assert report.verdict is Verdict.INVALID
    assert report.first_refusal is not None and report.first_refusal.name is CheckName.SIGNATURE


def test_any_event_of_the_path_can_be_shown_alone(
    office: Person, version: AchievementVersion, certificate: Certificate, holder: Person, data: AchievementData
) -> None:
    second = services.define_achievement(actor=office, issuer=certificate.issuer, code="IC-UVM-2", data=data)
    larger = services.issue(actor=office, version=second, person=holder)
    events = paths.read(larger.path)
    assert [row["content"]["what"] for row in larger.path] == [
        "community.cohort.entered",
        "credentials.certificate.issued",
    ]
    leaves = [event if isinstance(event, bytes) else event.leaf() for event in events]
    verify_path(disclose(events, [1]), path_root(leaves))


def test_whoever_is_no_student_or_has_not_agreed_is_refused_with_every_reason(
    office: Person, version: AchievementVersion, stranger: Person, student: Person
) -> None:
    assert codes(version, stranger) == ["not-a-student", "no-consent"]
    assert codes(version, student) == ["no-consent"]
    with pytest.raises(IssueRefused, match="not a student of the community"):
        services.issue(actor=office, version=version, person=stranger)
    assert not Certificate.objects.exists()


def test_a_second_certificate_of_the_same_achievement_is_refused_until_the_first_is_revoked(
    office: Person, version: AchievementVersion, certificate: Certificate, holder: Person
) -> None:
    assert codes(version, holder) == ["duplicate"]
    services.revoke(actor=office, certificate=certificate, reason="not_earned")
    assert codes(version, holder) == []


def test_a_condition_whose_metric_no_station_measures_refuses_with_that_reason(
    office: Person, issuer: Issuer, data: AchievementData, holder: Person
) -> None:
    asked = AchievementData(
        name_zh=data.name_zh,
        criteria_zh=data.criteria_zh,
        type=data.type,
        conditions=[ConditionData("simulation.person.runs", 20, "学分", "Credits")],
    )
    version = services.define_achievement(actor=office, issuer=issuer, code="NEEDS-CREDITS", data=asked)
    (reason,) = selectors.refusals(version, [holder])[holder.pk]
    assert reason.code == "unmeasured"
    assert reason.text == "Credits: no station measures simulation.person.runs yet."


def test_a_condition_that_is_openly_waived_is_not_asked_for(
    office: Person, issuer: Issuer, data: AchievementData, holder: Person
) -> None:
    waived = ConditionData("simulation.person.runs", 20, "学分", "Credits", waiver_reason="先行试点，学分银行尚未开通")
    asked = AchievementData(name_zh=data.name_zh, criteria_zh=data.criteria_zh, type=data.type, conditions=[waived])
    version = services.define_achievement(actor=office, issuer=issuer, code="WAIVED", data=asked)
    assert codes(version, holder) == []


def test_a_condition_on_certificates_held_is_measured(
    office: Person, issuer: Issuer, data: AchievementData, version: AchievementVersion, holder: Person
) -> None:
    stacked = AchievementData(
        name_zh="芯片验证证书",
        criteria_zh="持有微证书。",
        type="Certificate",
        conditions=[ConditionData("credentials.person.certificates", 1, "微证书", "Micro-credentials")],
    )
    larger = services.define_achievement(actor=office, issuer=issuer, code="STACK", data=stacked)
    assert codes(larger, holder) == ["too-little"]
    services.issue(actor=office, version=version, person=holder)
    assert codes(larger, holder) == []


@pytest.mark.postgres
def test_many_are_issued_at_once_each_with_a_slot_of_its_own(
    office: Person, version: AchievementVersion, agreeing: Callable[..., Person]
) -> None:
    people = [agreeing() for _number in range(5)]
    heard: list[tuple[int, int]] = []
    batch = services.issue_many(
        actor=office, version=version, people=people, report=lambda done, total: heard.append((done, total))
    )
    made = list(Certificate.objects.filter(batch=batch))
    assert {one.holder for one in made} == set(people)
    assert len({one.slot for one in made}) == 5
    (row,) = StatusList.objects.all()
    assert row.free == 131_072 - 5
    assert all(slots.is_set(row.taken, one.slot) for one in made)
    assert {verdict_of(one) for one in made} == {Verdict.VALID}
    # What many are inserted by is not what one is: the columns hold the same kinds of values.
    alone = services.issue(actor=office, version=version, person=agreeing())
    alone.refresh_from_db()
    kinds = [
        {field.attname: type(getattr(row, field.attname)) for field in Certificate._meta.concrete_fields}
        for row in (made[0], alone)
    ]
    assert kinds[0] == kinds[1] | {"batch_id": int}
    assert (made[0].state, made[0].replaced, made[0].path) == (alone.state, False, made[0].path)


def test_one_refusal_among_many_issues_nothing(
    office: Person, version: AchievementVersion, agreeing: Callable[..., Person], stranger: Person
) -> None:
    with pytest.raises(IssueRefused) as refused:
        services.issue_many(actor=office, version=version, people=[agreeing(), stranger])
    assert refused.value.person == stranger
    assert not Certificate.objects.exists()


def test_only_the_office_issues(version: AchievementVersion, holder: Person, teacher: Person, hr: Person) -> None:
    for person in (teacher, hr, holder):
        with pytest.raises(PermissionDenied):
            services.issue(actor=person, version=version, person=holder)


def test_a_correction_revokes_the_certificate_and_issues_a_new_one_in_its_place(
    office: Person, certificate: Certificate
) -> None:
    made = services.correct(actor=office, certificate=certificate)
    certificate.refresh_from_db()
    assert (certificate.state, certificate.replaced) == (CertificateState.REVOKED, True)
    assert made.replaces == certificate and made.state == CertificateState.VALID
    assert verdict_of(certificate) is Verdict.INVALID
    assert verdict_of(made) is Verdict.VALID


def test_a_renewal_leaves_the_earlier_certificate_valid_until_its_time_is_over(
    office: Person, certificate: Certificate
) -> None:
    made = services.renew(actor=office, certificate=certificate)
    certificate.refresh_from_db()
    assert (certificate.state, certificate.replaced) == (CertificateState.VALID, True)
    assert verdict_of(certificate) is verdict_of(made) is Verdict.VALID
    with pytest.raises(ValidationError, match="renewed already"):
        services.renew(actor=office, certificate=certificate)


def test_an_issue_that_fails_half_way_leaves_nothing(
    office: Person, version: AchievementVersion, holder: Person, certificate: Certificate
) -> None:
    with pytest.raises(IssueRefused):
        services.correct(actor=office, certificate=_without_consent(certificate))
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.VALID
    assert Certificate.objects.count() == 1


def _without_consent(certificate: Certificate) -> Certificate:
    assert certificate.holder is not None
    accounts.withdraw_consent(actor=certificate.holder, person=certificate.holder, purpose="certificates")
    return certificate


@pytest.mark.postgres
def test_the_database_itself_refuses_to_change_what_was_issued(certificate: Certificate) -> None:
    attempts = (
        ("UPDATE credentials_certificate SET slot = 7", "is refused"),
        ("UPDATE credentials_certificate SET document = '{}'", "is refused"),
        ("DELETE FROM credentials_certificate", "is refused"),
        ("UPDATE credentials_achievementversion SET name_zh = 'x'", "is refused"),
        ("DELETE FROM credentials_achievementskill", "is refused"),
        ("UPDATE credentials_issuerkey SET valid_from = valid_until", "is refused"),
    )
    for statement, said in attempts:
        with pytest.raises(DatabaseError, match=said), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.postgres
def test_erasing_a_person_empties_the_certificate_and_leaves_its_proofs(
    certificate: Certificate, holder: Person
) -> None:
    copy, root = document_of(certificate), bytes(certificate.path_root or b"")
    accounts.erase_own_data(actor=holder, person=holder)
    certificate.refresh_from_db()
    assert certificate.is_erased and certificate.holder is None
    assert set(certificate.path[0]) == {"leaf"}
    leaves = [event if isinstance(event, bytes) else event.leaf() for event in paths.read(certificate.path)]
    assert path_root(leaves).root == root
    assert verification.check_credential(copy).verdict is Verdict.VALID
    payload = ledger.payload_of(Event.objects.get(pk=certificate.event_id))
    assert payload == {"actor": None, "fields": {"credential": bytes(certificate.digest).hex()}}


@pytest.mark.parametrize("program", [None, "/bin/false"])
def test_a_second_process_signs_along_and_what_it_fails_to_deliver_is_signed_here(
    office: Person,
    version: AchievementVersion,
    agreeing: Callable[..., Person],
    monkeypatch: pytest.MonkeyPatch,
    program: str | None,
) -> None:
    monkeypatch.setattr(second_signer, "WORTH_IT", 10)
    monkeypatch.setattr(issuing, "_TO_LEARN", 4)
    monkeypatch.setattr("os.sched_getaffinity", lambda _process: {0, 1})
    if program is not None:
        monkeypatch.setattr("sys.executable", program)
    came: list[int] = []
    real = second_signer.signing_along

    @contextmanager
    def waited_for(*given: Any) -> Iterator[Mapping[int, str]]:
        with real(*given) as delivered:
            # The first process is otherwise through before the second one has begun.
            deadline = time.monotonic() + 60
            while program is None and len(delivered) < 8 and time.monotonic() < deadline:
                time.sleep(0.05)
            came.append(len(delivered))
            yield delivered

    monkeypatch.setattr(second_signer, "signing_along", waited_for)
    batch = services.issue_many(actor=office, version=version, people=[agreeing() for _number in range(12)])
    assert came == [0 if program else 8]
    made = list(Certificate.objects.filter(batch=batch))
    assert len({one.document for one in made}) == 12
    assert {verdict_of(one) for one in made} == {Verdict.VALID}
