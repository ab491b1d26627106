"""Coming into a chain: invitations that open once, three gates, evidence, decisions by somebody else, reminders."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from django.utils import timezone, translation

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import evidence_files, selectors, services
from ronghe.apps.community.models import (
    Admission,
    AdmissionState,
    AdmissionStep,
    Chain,
    ChainInvitation,
    ChainMembership,
    GateCriterion,
    GateDecision,
    Organisation,
    RoleKind,
    Stage,
    StepState,
    Tier,
)
from ronghe.apps.community.services.gates import FORGET_AFTER
from ronghe.apps.ledger.models import Event
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.metrics.measurement import Window
from ronghe.apps.metrics.registry import measure_community
from tests.apps.full_disk import no_event_is_written
from tests.factories import ChainFactory, ChainMembershipFactory, OrganisationFactory, PersonFactory, RoleFactory

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
PDF = b"%PDF-1.7 nothing to see"
CODE = "914403001922038216"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """What is refused is quoted here in English."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _criteria() -> None:
    """The gates' own criteria, also where a database was emptied before."""
    if not GateCriterion.objects.exists():
        for stage in Stage.values:
            GateCriterion.objects.create(
                code=f"asked-{stage}", stage=stage, text_zh="要求", text_en="Asked", valid_from="2020-01-01"
            )


@pytest.fixture
def chain(firm_b: Organisation) -> Chain:
    """A chain that firm B leads."""
    chain = ChainFactory.create()
    ChainMembershipFactory.create(chain=chain, organisation=firm_b, tier=Tier.LEADER)
    return chain


@pytest.fixture
def admission(hr: Person, chain: Chain, firm_a: Organisation) -> Admission:
    """Firm A has applied."""
    return services.apply_to_chain(actor=hr, chain=chain, organisation=firm_a, statement="we need testers")


def _show_all(actor: Person, admission: Admission) -> None:
    step = admission.steps.get(state=StepState.GATHERING)
    for criterion in selectors.criteria_of(step):
        if criterion.is_required:
            services.add_evidence(actor=actor, admission=admission, criterion=criterion, text="here it is")


def _decide(actor: Person, admission: Admission, verdict: str, **more: Any) -> GateDecision:
    revision = Admission.objects.get(pk=admission.pk).revision
    return services.decide_gate(
        actor=actor, admission=admission, revision=revision, verdict=verdict, reason="because", **more
    )


def _pass(hr: Person, office: Person, admission: Admission) -> None:
    _show_all(hr, admission)
    services.submit_gate(actor=hr, admission=admission)
    _decide(office, admission, "passed")


# Gates


@pytest.mark.postgres
def test_three_gates_lead_into_the_chain(hr: Person, office: Person, admission: Admission, chain: Chain) -> None:
    for stage in (1, 2, 3):
        assert admission.steps.get(state=StepState.GATHERING).stage == stage
        _pass(hr, office, admission)
    admission.refresh_from_db()
    assert admission.state == AdmissionState.ADMITTED and admission.closed_on == TODAY
    membership = ChainMembership.objects.known().get(chain=chain, organisation=admission.organisation)
    assert (membership.tier, membership.valid_from) == (Tier.MEMBER, TODAY)
    window = Window(TODAY, TODAY)
    for name in ("applied", "demand_passed", "resources_passed", "quality_passed"):
        assert measure_community(f"community.admissions.{name}", window).value == 1, name
    assert measure_community("community.admissions.days", window).value == 0
    assert Event.objects.filter(type="community.gate.decided").count() == 3


def test_a_gate_is_handed_in_only_with_what_it_asks_for(hr: Person, admission: Admission) -> None:
    with pytest.raises(ValidationError, match="Still missing"):
        services.submit_gate(actor=hr, admission=admission)
    _show_all(hr, admission)
    services.submit_gate(actor=hr, admission=admission)
    with pytest.raises(ValidationError, match="not open"):
        services.add_evidence(actor=hr, admission=admission, text="one more")


def test_nobody_decides_where_they_had_a_hand(hr: Person, office: Person, admission: Admission) -> None:
    _show_all(hr, admission)
    services.add_evidence(actor=office, admission=admission, text="seen by the office")
    services.submit_gate(actor=hr, admission=admission)
    with pytest.raises(PermissionDenied, match="another person"):
        _decide(office, admission, "passed")
    with pytest.raises(PermissionDenied):
        _decide(hr, admission, "passed")
    other = PersonFactory.create()
    RoleFactory.create(person=other, kind=RoleKind.OFFICE)
    _decide(other, admission, "passed")


def test_the_office_that_is_also_hr_of_the_firm_does_not_decide(
    hr: Person, colleague_hr: Person, admission: Admission, firm_a: Organisation
) -> None:
    RoleFactory.create(person=colleague_hr, organisation=firm_a, kind=RoleKind.OFFICE)
    _show_all(hr, admission)
    services.submit_gate(actor=hr, admission=admission)
    with pytest.raises(PermissionDenied, match="another person"):
        _decide(Person.objects.get(pk=colleague_hr.pk), admission, "passed")


def test_a_returned_gate_waits_for_the_firm_again(hr: Person, office: Person, admission: Admission) -> None:
    _show_all(hr, admission)
    services.submit_gate(actor=hr, admission=admission)
    due = TODAY + timedelta(days=9)
    _decide(office, admission, "returned", due_on=due)
    step = admission.steps.get()
    assert (step.state, step.due_on) == (StepState.GATHERING, due)
    (first, *_rest) = step.evidence.all()
    with pytest.raises(ValidationError, match="submitted already"):
        services.remove_evidence(actor=hr, evidence=first)
    services.add_evidence(actor=hr, admission=admission, text="what was missing")
    services.submit_gate(actor=hr, admission=admission)
    _decide(office, admission, "passed")
    assert list(step.decisions.values_list("verdict", flat=True)) == ["returned", "passed"]


def test_a_refusal_names_its_ground_and_ends_the_application(hr: Person, office: Person, admission: Admission) -> None:
    _show_all(hr, admission)
    services.submit_gate(actor=hr, admission=admission)
    with pytest.raises(ValidationError, match="ground"):
        _decide(office, admission, "refused")
    _decide(office, admission, "refused", ground="no_demand")
    admission.refresh_from_db()
    assert admission.state == AdmissionState.REFUSED
    funnel = selectors.funnel(TODAY, TODAY)
    assert (funnel.applied, funnel.admitted, funnel.stages[0].refused) == (1, 0, 1)
    assert funnel.grounds == (("No matching demand", 1),)
    with pytest.raises(ValidationError):
        services.add_evidence(actor=hr, admission=admission, text="but")
    assert services.apply_to_chain(actor=hr, chain=admission.chain, organisation=admission.organisation)


def test_the_second_of_two_deciders_is_told(hr: Person, office: Person, admission: Admission) -> None:
    _show_all(hr, admission)
    services.submit_gate(actor=hr, admission=admission)
    read = Admission.objects.get(pk=admission.pk).revision
    _decide(office, admission, "returned")
    services.submit_gate(actor=hr, admission=admission)
    with pytest.raises(StaleRevision):
        services.decide_gate(actor=office, admission=admission, revision=read, verdict="passed", reason="fine")


def test_a_firm_nobody_confirmed_passes_no_gate(office: Person, chain: Chain) -> None:
    person = PersonFactory.create()
    firm = OrganisationFactory.create(confirmed=False)
    RoleFactory.create(person=person, organisation=firm)
    admission = services.apply_to_chain(actor=person, chain=chain, organisation=firm)
    _show_all(person, admission)
    services.submit_gate(actor=person, admission=admission)
    with pytest.raises(ValidationError, match="not confirmed"):
        _decide(office, admission, "passed")
    services.confirm_organisation(actor=office, organisation=firm, basis="licence seen")
    _decide(office, admission, "passed")


def test_a_withdrawn_application_is_closed_and_kept(hr: Person, admission: Admission) -> None:
    services.withdraw_admission(actor=hr, admission=admission, revision=1, reason="other plans")
    admission.refresh_from_db()
    assert (admission.state, admission.steps.get().state) == ("withdrawn", "withdrawn")


@pytest.mark.postgres
def test_only_one_open_application_and_none_of_a_member(
    hr: Person, other_hr: Person, admission: Admission, firm_b: Organisation
) -> None:
    with pytest.raises(ValidationError, match="applied already"):
        services.apply_to_chain(actor=hr, chain=admission.chain, organisation=admission.organisation)
    with pytest.raises(ValidationError, match="in this chain already"):
        services.apply_to_chain(actor=other_hr, chain=admission.chain, organisation=firm_b)
    with pytest.raises(PermissionDenied):
        services.apply_to_chain(actor=other_hr, chain=ChainFactory.create(), organisation=admission.organisation)


def test_a_metric_that_says_no_is_missing_whatever_else_is_shown(
    hr: Person, office: Person, admission: Admission
) -> None:
    services.set_criterion(
        actor=office,
        code="insured",
        stage=1,
        text_zh="参保",
        text_en="Insured staff",
        metric="community.organisation.insured_staff",
        at_least=300,
        valid_from=TODAY,
    )
    _show_all(hr, admission)
    services.submit_gate(actor=hr, admission=admission)
    fact = services.declare_fact(
        actor=hr,
        organisation=admission.organisation,
        kind="insured_staff",
        value=299,  # type: ignore[arg-type]
        valid_from=TODAY,
        evidence="list",
    )
    services.confirm_fact(actor=office, fact=fact)
    with pytest.raises(ValidationError, match="Still missing: Insured staff"):
        _decide(office, admission, "passed")


def test_a_gate_is_judged_by_what_was_asked_when_it_was_opened(office: Person, admission: Admission) -> None:
    step = admission.steps.get()
    before = [criterion.code for criterion in selectors.criteria_of(step)]
    services.set_criterion(
        actor=office, code="new", stage=1, text_zh="新", text_en="New", valid_from=TODAY + timedelta(days=1)
    )
    ended = selectors.criteria_of(step)[0]
    services.end_criterion(actor=office, criterion=ended, on=TODAY + timedelta(days=1))
    assert [criterion.code for criterion in selectors.criteria_of(step)] == before


# Evidence


def test_a_file_is_kept_by_its_content_and_goes_when_taken_back(
    hr: Person, admission: Admission, data_dir: Any, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    file = SimpleUploadedFile("../../etc/report.pdf", PDF)
    evidence = services.add_evidence(actor=hr, admission=admission, text="report", file=file)
    assert (evidence.file_name, evidence.media_type, evidence.size) == ("report.pdf", "application/pdf", len(PDF))
    path = evidence_files.path_of(evidence.uid)
    assert path.read_bytes() == PDF and path.is_relative_to(data_dir)
    path.write_bytes(b"%PDF-another")
    assert not evidence_files.is_whole(evidence.uid, evidence.digest)
    with django_capture_on_commit_callbacks(execute=True):
        services.remove_evidence(actor=hr, evidence=evidence)
    assert not path.exists() and not admission.steps.get().evidence.filter(removed_at__isnull=True).exists()


@pytest.mark.parametrize("content", [b"MZ\x90\x00 a program", b"<html>", b""])
def test_a_file_of_another_kind_is_refused(hr: Person, admission: Admission, content: bytes, data_dir: Any) -> None:
    with pytest.raises(ValidationError, match="PDF"):
        services.add_evidence(
            actor=hr, admission=admission, text="x", file=SimpleUploadedFile("paper.pdf", content or b"\0")
        )
    assert not list(data_dir.glob("evidence/*"))


def test_a_file_does_not_outlive_the_transaction_that_kept_it(hr: Person, admission: Admission, data_dir: Any) -> None:
    with connection.execute_wrapper(no_event_is_written), pytest.raises(DatabaseError, match="disk is full"):
        services.add_evidence(actor=hr, admission=admission, text="x", file=SimpleUploadedFile("report.pdf", PDF))
    assert not list(data_dir.glob("evidence/*"))


def test_evidence_points_into_the_platform_only(hr: Person, admission: Admission) -> None:
    for reference in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        with pytest.raises(ValidationError, match="beginning with /"):
            services.add_evidence(actor=hr, admission=admission, text="x", reference=reference)
    services.add_evidence(actor=hr, admission=admission, text="x", reference="/demand/")
    measured = services.add_evidence(actor=hr, admission=admission, text="x", metric="community.chain.members")
    assert measured.measured is not None and measured.measured["value"] == 1


# Invitations


def _link_key() -> str:
    found = re.search(r"/invitations/open/([\w-]+)/", mail.outbox[-1].body)
    assert found
    return found.group(1)


@pytest.fixture
def invited(
    office: Person, chain: Chain, firm_b: Organisation, django_capture_on_commit_callbacks: Callable[..., Any]
) -> str:
    """The key of a link that was mailed to a firm that nobody knows yet, on behalf of firm B."""
    with django_capture_on_commit_callbacks(execute=True):
        services.invite_to_chain(
            actor=office, chain=chain, email="New@Example.org", organisation_name="新企业", on_behalf_of=firm_b
        )
    return _link_key()


@pytest.mark.postgres
def test_a_link_registers_a_firm_once(invited: str, chain: Chain, firm_b: Organisation) -> None:
    (sent,) = mail.outbox
    assert sent.to == ["new@example.org"] and "新企业" in sent.body and "invites" in sent.body
    assert invited not in {*ChainInvitation.objects.values_list("key_digest", flat=True)}
    accepted = {"person_name": "王芳", "name_zh": "新企业有限公司", "registration_number": CODE}
    with pytest.raises(ValidationError):
        services.accept_invitation(key=invited, **(accepted | {"registration_number": CODE[:-1] + "X"}))
    admission = services.accept_invitation(key=invited, **accepted)
    firm = admission.organisation
    assert (admission.chain, admission.brought_in_by, admission.tier) == (chain, firm_b, Tier.MEMBER)
    assert not selectors.is_confirmed(firm)
    person = Person.objects.get(email="new@example.org")
    assert not person.has_usable_password() and person.has_perm("community.prepare_admission", admission)
    with pytest.raises(services.InvitationClosed, match="accepted already"):
        services.accept_invitation(key=invited, **accepted)


def test_a_link_ends(invited: str, office: Person) -> None:
    invitation = ChainInvitation.objects.get()
    ChainInvitation.objects.update(expires_at=timezone.now())
    with pytest.raises(services.InvitationClosed, match="expired"):
        services.find_invitation(invited)
    services.revoke_invitation(actor=office, invitation=invitation)
    with pytest.raises(services.InvitationClosed, match="taken back"):
        services.find_invitation(invited)
    with pytest.raises(services.InvitationClosed, match="no such"):
        services.find_invitation(invited[:-1])


def test_a_member_invites_for_its_own_confirmed_firm_only(
    hr: Person, other_hr: Person, chain: Chain, firm_a: Organisation, firm_b: Organisation
) -> None:
    def invite(actor: Person, firm: Organisation | None, **more: Any) -> ChainInvitation:
        return services.invite_to_chain(
            actor=actor, chain=chain, email="a@example.org", organisation_name="x", on_behalf_of=firm, **more
        )

    for actor, firm in ((hr, firm_a), (other_hr, firm_a), (other_hr, None)):
        with pytest.raises(PermissionDenied):
            invite(actor, firm)
    with pytest.raises(PermissionDenied):
        invite(other_hr, firm_b, tier=Tier.LEADER)
    firm_b.confirmations.all().delete()
    with pytest.raises(ValidationError, match="not confirmed"):
        invite(other_hr, firm_b)
    firm_b.confirmations.create(basis="x", valid_from=TODAY)
    invite(other_hr, firm_b)
    with pytest.raises(ValidationError, match="waits already"):
        invite(other_hr, firm_b)


def test_an_invited_firm_of_the_register_is_accepted_by_its_own_hr(
    office: Person,
    hr: Person,
    chain: Chain,
    firm_a: Organisation,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    for email in ("nobody@example.org", hr.email):
        with django_capture_on_commit_callbacks(execute=True):
            services.invite_to_chain(actor=office, chain=chain, email=email, organisation_name="", organisation=firm_a)
        if email == hr.email:
            assert services.accept_invitation(key=_link_key()).applied_by == hr
        else:
            with pytest.raises(ValidationError, match="nobody in HR"):
                services.accept_invitation(key=_link_key())


# Reminders


def test_a_late_gate_is_told_once_to_everyone_it_concerns(
    hr: Person,
    office: Person,
    other_hr: Person,
    admission: Admission,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    step = admission.steps.get()

    def remind(day: Any) -> tuple[int, int, set[str]]:
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            done = services.remind_of_gates(today=day)
        return done.reminded, done.escalated, {address for sent in mail.outbox for address in sent.to}

    assert remind(step.due_on - timedelta(days=8)) == (0, 0, set())
    assert remind(step.due_on) == (1, 0, {hr.email})
    assert remind(step.due_on) == (0, 0, set())
    late = step.due_on + timedelta(days=1)
    assert remind(late) == (0, 1, {hr.email, office.email, other_hr.email})
    assert remind(late) == (0, 0, set())
    assert [one.pk for one in selectors.gates_waiting_for(office, late)] == [step.pk]
    assert [one.pk for one in selectors.gates_waiting_for(hr, TODAY)] == [step.pk]
    assert selectors.gates_waiting_for(other_hr, late) == []
    AdmissionStep.objects.update(state=StepState.WAITING, escalated_on=None, reminded_on=None)
    assert remind(step.due_on) == (1, 0, {office.email})


def test_addresses_nobody_answered_from_are_forgotten(invited: str) -> None:
    ChainInvitation.objects.update(expires_at=timezone.now() - FORGET_AFTER - timedelta(days=1))
    assert services.remind_of_gates().forgotten == 1
    assert ChainInvitation.objects.get().email == ""
