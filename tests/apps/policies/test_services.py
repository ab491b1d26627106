"""Four eyes on rules and exemptions, decisions that stay as signed, claims that are dated, pay that stays private."""

import hashlib
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from ronghe.apps.accounts import privacy
from ronghe.apps.ledger.models import Event
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.policies import levels, services
from ronghe.apps.policies.levels import HeldLevel
from ronghe.apps.policies.loading import RuleSetRefused
from ronghe.apps.policies.models import (
    ClaimState,
    Decision,
    IncentiveClaim,
    PayLink,
    Payslip,
    RuleSetVersion,
    UpliftKind,
)
from ronghe.apps.policies.selectors.incentives import offers
from ronghe.apps.policies.selectors.obligations import Moment, current_versions, of_subject
from ronghe.apps.policies.selectors.pay import checks, table_of
from ronghe.apps.policies.subjects import SubjectKind
from ronghe.methods.rules import Verdict
from ronghe.trust.canonical import canonical_json
from tests.apps.policies.conftest import HEAD, MEMBERS
from tests.factories import ChainFactory, ChainMembershipFactory

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def chain(firm_a):
    found = ChainFactory.create(name_en="Chips")
    ChainMembershipFactory.create(chain=found, organisation=firm_a, tier="leader")
    return found


def types():
    return list(Event.objects.filter(type__startswith="policies.").order_by("pk").values_list("type", flat=True))


# Rule sets


def test_who_proposed_a_rule_set_does_not_publish_it(office, reviewer):
    version = services.propose_version(actor=office, text=HEAD + MEMBERS, note="new")
    with pytest.raises(PermissionDenied):
        services.publish_version(actor=office, version=version)
    assert current_versions() == []
    services.publish_version(actor=reviewer, version=version)
    assert [one.pk for one in current_versions()] == [version.pk]
    assert types() == ["policies.version.proposed", "policies.version.published"]


@pytest.mark.parametrize("who", ["hr", "teacher", "student", "mentor", "stranger"])
def test_only_office_and_reviewers_propose_rule_sets(who, request, office):
    with pytest.raises(PermissionDenied):
        services.propose_version(actor=request.getfixturevalue(who), text=HEAD + MEMBERS, note="mine")


def test_a_refused_file_leaves_nothing_behind(office):
    with pytest.raises(RuleSetRefused):
        services.propose_version(actor=office, text=HEAD + "x = ", note="typo")
    assert not RuleSetVersion.objects.exists()
    assert types() == []


def test_one_proposal_waits_at_a_time_and_changing_nothing_is_refused(office, reviewer, rules):
    with pytest.raises(ValidationError, match="Nothing would change"):
        services.propose_version(actor=office, text=rules.source_text + "\n# a remark", note="x")
    with pytest.raises(ValidationError, match="not “other-set”"):
        services.propose_version(actor=office, text=HEAD + MEMBERS, note="x", code="other-set")
    waiting = services.propose_version(actor=office, text=HEAD + MEMBERS, note="drop one")
    with pytest.raises(ValidationError, match="waits already"):
        services.propose_version(actor=reviewer, text=HEAD, note="drop all")
    services.refuse_version(actor=office, version=waiting, note="changed my mind")
    assert services.propose_version(actor=reviewer, text=HEAD, note="drop all").number == 3
    with pytest.raises(services.NotProposed):
        services.publish_version(actor=reviewer, version=waiting)


@pytest.mark.postgres
def test_the_database_keeps_a_published_version_as_it_is(rules):
    for change in (
        lambda: RuleSetVersion.objects.filter(pk=rules.pk).update(content="{}"),
        lambda: RuleSetVersion.objects.filter(pk=rules.pk).update(state="refused"),
        lambda: RuleSetVersion.objects.filter(pk=rules.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert RuleSetVersion.objects.filter(pk=rules.pk).update(proposed_by=None) == 1


@pytest.mark.postgres
def test_the_database_wants_two_people(office, rules):
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleSetVersion.objects.create(
            rule_set=rules.rule_set, number=9, source_text="", content="{}", digest="", note="x", state="published",
            proposed_by=office, decided_by=office, decided_at=timezone.now(),
        )  # fmt: skip


def test_the_rule_sets_of_the_platform_are_published_once(office):
    published = services.load_shipped(actor=office)
    assert len(published) == 6
    assert services.load_shipped(actor=office) == []
    assert {one.state for one in published} == {"published"}


# Exemptions


def ask(actor, rules, chain, **changes):
    said = {"reason": "fire in the plant", "first_day": TODAY, "last_day": TODAY + timedelta(days=90)} | changes
    return services.ask_exemption(
        actor=actor, rule_set=rules.rule_set, rule_key="members", kind=SubjectKind.CHAIN, key=chain.pk, **said
    )


def verdict(chain, day=TODAY, known_at=None):
    return of_subject(SubjectKind.CHAIN, chain, Moment(day, known_at))[0].verdict


def test_an_exemption_lifts_the_rule_only_once_a_second_person_grants_it(office, reviewer, rules, chain):
    exemption = ask(office, rules, chain)
    assert verdict(chain) is Verdict.RED
    with pytest.raises(PermissionDenied):
        services.decide_exemption(actor=office, exemption=exemption, is_granted=True)
    before = timezone.now()
    services.decide_exemption(actor=reviewer, exemption=exemption, is_granted=True)
    assert verdict(chain) is Verdict.NOT_APPLICABLE
    assert verdict(chain, known_at=before) is Verdict.RED
    assert verdict(chain, TODAY + timedelta(days=91)) is Verdict.RED
    services.revoke_exemption(actor=reviewer, exemption=exemption, from_day=TODAY + timedelta(days=30), note="rebuilt")
    assert verdict(chain, TODAY + timedelta(days=29)) is Verdict.NOT_APPLICABLE
    assert verdict(chain, TODAY + timedelta(days=30)) is Verdict.RED


def test_a_refused_exemption_lifts_nothing_and_says_why(hr, office, rules, chain):
    exemption = ask(hr, rules, chain)
    with pytest.raises(ValidationError, match="Say why"):
        services.decide_exemption(actor=office, exemption=exemption, is_granted=False)
    services.decide_exemption(actor=office, exemption=exemption, is_granted=False, note="not a reason")
    assert verdict(chain) is Verdict.RED
    with pytest.raises(services.AlreadyDecided):
        services.decide_exemption(actor=office, exemption=exemption, is_granted=True)


@pytest.mark.parametrize("who", ["other_hr", "teacher", "mentor", "student", "stranger", "reviewer"])
def test_only_the_office_and_the_leaders_hr_ask_for_an_exemption(who, request, rules, chain):
    with pytest.raises(PermissionDenied):
        ask(request.getfixturevalue(who), rules, chain)


def test_an_exemption_needs_a_reason_an_end_and_a_rule_that_is_asked(office, rules, chain):
    for field, changes in {
        "reason": {"reason": " "}, "last_day": {"last_day": TODAY - timedelta(days=1)},
    }.items():  # fmt: skip
        with pytest.raises(ValidationError) as refused:
            ask(office, rules, chain, **changes)
        assert field in refused.value.message_dict
    with pytest.raises(ValidationError, match="Two years"):
        ask(office, rules, chain, last_day=TODAY + timedelta(days=1000))
    with pytest.raises(ValidationError, match="no such rule"):
        services.ask_exemption(
            actor=office, rule_set=rules.rule_set, rule_key="staff", kind=SubjectKind.CHAIN, key=chain.pk,
            reason="x", first_day=TODAY, last_day=TODAY,
        )  # fmt: skip


# Decisions and questions


def test_a_decision_keeps_rule_hash_measurement_records_and_explanation(reviewer, rules, chain):
    decision = services.sign_decision(
        actor=reviewer, kind=SubjectKind.CHAIN, key=chain.pk, moment=Moment(TODAY), note="as expected"
    )
    (line,) = decision.lines
    assert (line["rule_set_digest"], line["verdict"], line["measurement"]["value"]) == (rules.digest, "red", 1)
    assert line["measurement"]["records"]["count"] == 1
    assert "off by 1" in line["explanation"]["en"]
    signed = {
        "subject": ["chain", chain.pk], "day": TODAY.isoformat(), "known_at": decision.known_at.isoformat(),
        "lines": decision.lines, "note": "as expected",
    }  # fmt: skip
    assert hashlib.sha256(canonical_json(signed)).hexdigest() == decision.digest
    event = Event.objects.get(type="policies.decision.signed")
    assert json.loads(event.payload.content)["fields"]["digest"] == decision.digest


@pytest.mark.postgres
def test_what_was_signed_stays_when_the_facts_and_rules_change(reviewer, office, rules, chain, firm_b):
    decision = services.sign_decision(actor=reviewer, kind=SubjectKind.CHAIN, key=chain.pk, moment=Moment(TODAY))
    ChainMembershipFactory.create(chain=chain, organisation=firm_b)
    assert verdict(chain) is Verdict.AMBER
    assert Decision.objects.get(pk=decision.pk).lines[0]["verdict"] == "red"
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(note="never mind")


@pytest.mark.parametrize("who", ["office", "hr", "teacher", "student"])
def test_only_a_reviewer_signs_and_asks(who, request, rules, chain):
    person = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        services.sign_decision(actor=person, kind=SubjectKind.CHAIN, key=chain.pk, moment=Moment(TODAY))
    with pytest.raises(PermissionDenied):
        question(person, rules, chain)


def question(actor, rules, chain):
    return services.ask_question(
        actor=actor, kind=SubjectKind.CHAIN, key=chain.pk, rule_set=rules.rule_set, rule_key="members", day=TODAY,
        text="Who is the second member?",
    )  # fmt: skip


def test_a_question_is_answered_once_by_the_office_or_the_leaders_hr(reviewer, hr, other_hr, office, rules, chain):
    asked = question(reviewer, rules, chain)
    with pytest.raises(PermissionDenied):
        services.answer_question(actor=other_hr, question=asked, answer="we are")
    services.answer_question(actor=hr, question=asked, answer="it left in June")
    with pytest.raises(services.AlreadyAnswered):
        services.answer_question(actor=office, question=asked, answer="nobody")


# Incentives


DECLARED = {"expense": Decimal(100_000), "payroll": Decimal(1_000_000), "brought": Decimal(0)}


def draft(actor, firm, year=TODAY.year, **declared):
    return services.draft_claim(
        actor=actor, organisation=firm, code="training-expense-deduction-2018",
        incentive_key="training-expense-deduction", year=year, declared=DECLARED | declared,
    )  # fmt: skip


@pytest.fixture
def shipped(office):
    return services.load_shipped(actor=office)


def test_a_deduction_is_drafted_filed_and_granted_with_dates(hr, office, firm_a, shipped):
    claim = draft(hr, firm_a)
    assert (claim.amount, claim.declared["carried"]) == (Decimal("80000.00"), "20000.00")
    filed = services.move_claim(actor=hr, claim=claim, revision=1, state=ClaimState.FILED, day=TODAY)
    with pytest.raises(StaleRevision):
        services.move_claim(actor=office, claim=claim, revision=1, state=ClaimState.GRANTED, day=TODAY)
    granted = services.move_claim(
        actor=office, claim=filed, revision=filed.revision, state=ClaimState.GRANTED, day=TODAY, amount=Decimal(79_000)
    )
    assert [(step.state, step.amount) for step in granted.steps.all()] == [
        ("drafted", 80_000), ("filed", 80_000), ("granted", 79_000),
    ]  # fmt: skip
    with pytest.raises(services.ClaimClosed):
        services.move_claim(
            actor=hr, claim=granted, revision=granted.revision, state=ClaimState.DRAFTED, day=TODAY, note="again"
        )


def test_a_draft_can_be_corrected_and_is_claimed_once_a_year(hr, firm_a, shipped):
    claim = draft(hr, firm_a)
    again = services.redraft_claim(actor=hr, claim=claim, revision=1, declared=DECLARED | {"expense": Decimal(10_000)})
    assert (again.amount, again.revision) == (Decimal("10000.00"), 2)
    with pytest.raises(ValidationError, match="claimed for that year already"):
        draft(hr, firm_a)
    with pytest.raises(ValidationError, match="not in force in that year"):
        draft(hr, firm_a, year=TODAY.year + 1)
    with pytest.raises(ValidationError, match="not a possible amount"):
        draft(hr, firm_a, year=TODAY.year - 1, expense=Decimal(-1))


@pytest.mark.parametrize("who", ["office", "other_hr", "mentor", "reviewer", "stranger"])
def test_only_a_firms_own_hr_claims_for_it(who, request, firm_a, shipped):
    with pytest.raises(PermissionDenied):
        draft(request.getfixturevalue(who), firm_a)


def test_claims_are_seen_by_the_firm_and_the_office_alone(
    hr, colleague_hr, other_hr, office, reviewer, firm_a, shipped
):
    claim = draft(hr, firm_a)
    for person, sees in ((hr, True), (colleague_hr, True), (office, True), (other_hr, False), (reviewer, False)):
        assert IncentiveClaim.objects.visible_to(person).filter(pk=claim.pk).exists() is sees


def test_a_firm_without_apprentices_is_entitled_to_no_subsidy_for_them(firm_a, shipped):
    verdicts = {one.incentive.key: one.eligibility.verdict for one in offers([firm_a], TODAY)[firm_a.pk]}
    assert verdicts == {
        "apprenticeship-subsidy": Verdict.RED,
        "training-expense-deduction": Verdict.GREEN,
        "mentor-fees": Verdict.GREEN,
    }


# Pay


def promise(actor, firm, level=4, kind=UpliftKind.RELATIVE, uplift=Decimal(40), day=TODAY):
    return services.publish_pay_link(
        actor=actor, organisation=firm, level=level, post_zh="封装工艺", kind=kind, uplift=uplift, valid_from=day
    )


def test_a_new_promise_takes_the_place_of_the_old_one_from_its_day_on(hr, firm_a):
    promise(hr, firm_a)
    later = TODAY + timedelta(days=30)
    promise(hr, firm_a, kind=UpliftKind.YUAN, uplift=Decimal(1500), day=later)
    assert [(one.kind, one.uplift) for one in table_of(firm_a.pk, TODAY)] == [("relative", 40)]
    assert [(one.kind, one.uplift) for one in table_of(firm_a.pk, later)] == [("yuan", 1500)]
    with pytest.raises(ValidationError, match="begins on that day or later"):
        promise(hr, firm_a, day=later)
    with pytest.raises(ValidationError, match="today or later"):
        promise(hr, firm_a, day=TODAY - timedelta(days=1))
    with pytest.raises(ValidationError, match="not a possible uplift"):
        promise(hr, firm_a, uplift=Decimal(501), day=later)


@pytest.mark.parametrize("who", ["office", "other_hr", "mentor", "stranger"])
def test_only_a_firms_own_hr_promises_pay(who, request, firm_a):
    with pytest.raises(PermissionDenied):
        promise(request.getfixturevalue(who), firm_a)


def test_a_promise_ends_today_at_the_earliest(hr, firm_a):
    link = promise(hr, firm_a)
    with pytest.raises(ValidationError):
        services.end_pay_link(actor=hr, link=link, day=TODAY - timedelta(days=1))
    services.end_pay_link(actor=hr, link=link, day=TODAY + timedelta(days=10))
    assert table_of(firm_a.pk, TODAY + timedelta(days=10)) == []
    assert PayLink.objects.count() == 2


def slip(actor, firm, person=None, paid=Decimal(11_900), month=TODAY):
    return services.declare_payslip(
        actor=actor, organisation=firm, month=month, post_zh="封装工艺", base_pay=Decimal(8_500), paid=paid,
        person=person,
    )  # fmt: skip


def test_a_payslip_is_compared_with_the_promise_on_the_level_held_that_month(hr, mentor, firm_a, monkeypatch):
    PayLink.objects.create(
        organisation=firm_a, level=4, post_zh="封装工艺", kind="relative", uplift=40, valid_from=date(2020, 1, 1)
    )
    payslip = slip(mentor, firm_a)
    monkeypatch.setattr(levels, "_sources", {})
    assert checks([payslip])[0].verdict is Verdict.NO_DATA
    held = [HeldLevel(4, date(2025, 1, 1), None, "certificate 7")]
    monkeypatch.setitem(levels._sources, "test", lambda people: dict.fromkeys(people, held))
    (kept,) = checks([payslip])
    assert (kept.verdict, kept.promised) == (Verdict.GREEN, Decimal("11900.00"))
    payslip.paid = Decimal("11899.99")
    (broken,) = checks([payslip])
    assert (broken.verdict, broken.missing) == (Verdict.RED, Decimal("0.01"))
    held[0] = HeldLevel(4, TODAY + timedelta(days=60), None, "later")
    assert checks([payslip])[0].verdict is Verdict.NOT_APPLICABLE


def test_a_payslip_is_private_to_worker_and_firm(hr, colleague_hr, other_hr, office, reviewer, mentor, firm_a):
    own, by_firm = slip(mentor, firm_a), slip(hr, firm_a, person=mentor)

    def seen(person):
        return set(Payslip.objects.visible_to(person))

    assert seen(mentor) == {own, by_firm}
    assert seen(hr) == seen(colleague_hr) == {by_firm}
    assert seen(other_hr) == seen(office) == seen(reviewer) == set()
    with pytest.raises(PermissionDenied):
        slip(other_hr, firm_a, person=mentor)
    with pytest.raises(PermissionDenied):
        services.withdraw_payslip(actor=hr, payslip=own)
    with pytest.raises(ValidationError, match="declared already"):
        slip(mentor, firm_a)
    services.withdraw_payslip(actor=mentor, payslip=own)
    assert not any("11900" in event.payload.content for event in Event.objects.filter(type__contains="payslip"))


# Mail and privacy


def test_the_weekly_mail_goes_to_whom_it_concerns_in_their_language_and_not_twice(
    office, hr, other_hr, reviewer, student, rules, chain
):
    hr.language = "zh-hans"
    hr.save()
    services.set_digest(actor=reviewer, is_wanted=False)
    assert services.send_digests(actor=office) == 2
    sent = {message.to[0]: message for message in mail.outbox}
    assert set(sent) == {office.email, hr.email}
    assert "Chips" in sent[office.email].body
    assert "Members" in sent[office.email].body
    assert "成员数" in sent[hr.email].body
    call_command("policies_digest")
    assert len(mail.outbox) == 2
    with pytest.raises(PermissionDenied):
        services.send_digests(actor=hr)


def test_someone_who_leaves_takes_their_payslips_along_and_the_rules_stay(office, hr, mentor, firm_a, rules):
    slip(hr, firm_a, person=mentor)
    services.set_digest(actor=office, is_wanted=False)
    part = next(one for one in privacy.registered() if one.name == "policies")
    assert len(part.export(mentor)["payslips"]) == 1
    assert part.erase(mentor) == 1
    assert part.erase(office) >= 2
    rules.refresh_from_db()
    assert (rules.proposed_by, rules.state) == (None, "published")
    assert not Payslip.objects.exists()


def test_both_sides_of_the_migration_of_triggers_run():
    from ronghe.apps.policies import triggers

    triggers.remove(connection)
    triggers.install(connection)
    assert len(list(triggers.triggers())) == 10
