"""The credit bank: who confirms, what a rule gives, that nothing counts twice, that balances are sums of entries."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.credits import selectors, services
from ronghe.apps.credits.models import (
    Account,
    AccountKind,
    Achievement,
    AchievementState,
    ConversionRule,
    Counted,
    Entry,
    Lot,
    Transaction,
)
from ronghe.apps.credits.services.accounts import WORTH_CLOSING, close_accounts
from ronghe.apps.credits.sources import Found
from ronghe.apps.curriculum.models import Programme
from ronghe.apps.ledger.models import Event
from tests.apps.credits.conftest import LONG_AGO, Claimer, RuleMaker

pytestmark = pytest.mark.django_db


def _balance(person: Person) -> Decimal:
    account = Account.objects.get(person=person)
    return selectors.balances([account])[account.pk]


@pytest.mark.postgres
def test_forty_hours_confirmed_by_the_mentor_become_two_and_a_half_credits(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person, student: Person, firm_a: Organisation
) -> None:
    rule = rule_of()
    done = services.deposit(actor=teacher, achievement=confirmed())
    assert done.lot.amount == Decimal("2.5")
    assert done.rule == rule
    assert _balance(student) == Decimal("2.5")
    granted = Account.objects.get(kind=AccountKind.ENTERPRISE, organisation=firm_a)
    assert selectors.balances([granted])[granted.pk] == Decimal("-2.5")
    assert list(Event.objects.order_by("pk").values_list("type", flat=True))[-1] == "credits.credits.deposited"


def test_a_student_cannot_confirm_their_own_claim_even_as_a_teacher(
    claimed: Claimer, student: Person, university: Organisation
) -> None:
    from tests.factories import RoleFactory

    claim = claimed()
    RoleFactory.create(person=student, organisation=university, kind="teacher")
    with pytest.raises(PermissionDenied, match="second party"):
        services.confirm_achievement(actor=student, achievement=claim)
    claim.state, claim.decided_by = AchievementState.CONFIRMED, student
    with pytest.raises(IntegrityError), transaction.atomic():
        claim.save()


def test_only_the_host_and_the_university_decide_about_a_claim(
    programme: Programme, claimed: Claimer, other_hr: Person, other_teacher: Person, teacher: Person, hr: Person
) -> None:
    claim = claimed()
    for outsider in (other_hr, other_teacher):
        with pytest.raises(PermissionDenied):
            services.confirm_achievement(actor=outsider, achievement=claim)
    assert services.confirm_achievement(actor=hr, achievement=claim).decided_by == hr
    with pytest.raises(ValidationError, match="decided about this already"):
        services.refuse_achievement(actor=teacher, achievement=claim, reason="too late")


def test_a_refused_claim_keeps_its_reason_and_can_be_made_again(claimed: Claimer, mentor: Person) -> None:
    claim = services.refuse_achievement(actor=mentor, achievement=claimed(), reason="没有第三周的周报")
    assert claim.reason == "没有第三周的周报"
    assert claimed().state == AchievementState.CLAIMED


def test_the_same_hours_at_the_same_place_cannot_be_claimed_twice(claimed: Claimer, firm_b: Organisation) -> None:
    claimed()
    with pytest.raises(ValidationError, match="counts once"):
        claimed(name_zh="别的名字", first_day=date(2026, 3, 27), last_day=date(2026, 4, 3))
    assert claimed(host=firm_b).pk


def test_what_nobody_confirmed_is_not_deposited(
    programme: Programme, rule_of: RuleMaker, claimed: Claimer, teacher: Person
) -> None:
    rule_of()
    with pytest.raises(services.NoDeposit, match="second party"):
        services.deposit(actor=teacher, achievement=claimed())


@pytest.mark.postgres
def test_an_achievement_is_deposited_once_and_after_a_reversal_once_more(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person, office: Person, student: Person
) -> None:
    rule_of()
    achievement = confirmed()
    done = services.deposit(actor=teacher, achievement=achievement)
    with pytest.raises(services.NoDeposit, match="counts once"):
        services.deposit(actor=teacher, achievement=achievement)
    services.reverse(actor=office, done=done, reason="wrong hours")
    assert _balance(student) == 0
    with pytest.raises(ValidationError, match="reversed already"):
        services.reverse(actor=office, done=done, reason="again")
    services.deposit(actor=teacher, achievement=achievement)
    assert _balance(student) == Decimal("2.5")


def test_a_certificate_and_the_hours_it_was_earned_by_do_not_both_count(
    programme: Programme, rule_of: RuleMaker, office: Person, student: Person, mentor: Person
) -> None:
    rule_of()
    rule_of(source="certificate", name_zh="证书折算", per=Decimal(1), credits=Decimal(3))
    day = date(2026, 3, 6)
    hours = Found("training:1", "hours", student.pk, Decimal(32), day, day, "实习", confirmed_by=mentor.pk)
    certificate = Found("certificate:9", "certificate", student.pk, Decimal(1), day, day, "证书", covers=(hours.key,))
    found = [hours, certificate]
    achievements = services.collect_achievements(actor=office, found=found)
    done = services.deposit_many(actor=office, achievements=achievements)
    assert [one.achievement.key for one in done.transactions] == ["training:1"]
    assert [one.achievement.key for one in done.refused] == ["certificate:9"]
    assert "training:1" in done.refused[0].reason
    assert services.collect_achievements(actor=office, found=found) == []


def test_the_database_itself_holds_a_counted_fact_once(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person
) -> None:
    rule_of()
    achievement = confirmed()
    done = services.deposit(actor=teacher, achievement=achievement)
    with pytest.raises(IntegrityError), transaction.atomic():
        Counted.objects.create(fact=achievement.key, transaction=done)


def test_a_rule_changed_after_a_deposit_changes_only_later_achievements(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person, office: Person
) -> None:
    first = rule_of()
    before = services.deposit(actor=teacher, achievement=confirmed())
    services.end_rule(actor=office, rule=first, valid_until=date(2026, 4, 1))
    second = rule_of(credits=Decimal(2), valid_from=date(2026, 4, 1))
    after = services.deposit(
        actor=teacher, achievement=confirmed(first_day=date(2026, 4, 6), last_day=date(2026, 4, 24))
    )
    late = services.deposit(
        actor=teacher,
        achievement=confirmed(first_day=date(2026, 2, 2), last_day=date(2026, 2, 27)),
    )
    before.refresh_from_db()
    assert (before.rule, before.lot.amount) == (first, Decimal("2.5"))
    assert (after.rule, after.lot.amount) == (second, Decimal(5))
    assert late.lot.amount == Decimal("2.5"), "what was finished in February is worth what it was in February"


def test_a_rule_of_the_programme_goes_before_a_general_one(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person
) -> None:
    rule_of()
    own = rule_of(programme=programme, per=Decimal(20))
    assert services.deposit(actor=teacher, achievement=confirmed()).rule == own


def test_two_rules_for_the_same_on_one_day_are_refused_with_the_other_ones_name(rule_of: RuleMaker) -> None:
    rule_of(valid_until=date(2026, 5, 1))
    with pytest.raises(ValidationError, match="Practice at an enterprise"):
        rule_of(valid_from=date(2026, 4, 30))
    assert rule_of(valid_from=date(2026, 5, 1)).pk


def test_nobody_publishes_their_own_rule(office: Person) -> None:
    rule = services.propose_rule(
        actor=office,
        name_zh="自拟",
        source="hours",
        per=Decimal(16),
        credits=Decimal(1),
        clause="§1",
        valid_from=LONG_AGO,
    )
    with pytest.raises(ValidationError, match="second person"):
        services.publish_rule(actor=office, rule=rule)
    with pytest.raises(IntegrityError), transaction.atomic():
        ConversionRule.objects.filter(pk=rule.pk).update(published_by_uid=office.uid, published_at="2026-01-01T00:00Z")


def test_a_teacher_writes_rules_for_their_own_university_only(
    programme: Programme, teacher: Person, other_teacher: Person
) -> None:
    fields = {
        "name_zh": "自拟", "source": "hours", "per": Decimal(16), "credits": Decimal(1), "clause": "§1",
        "valid_from": LONG_AGO,
    }  # fmt: skip
    assert services.propose_rule(actor=teacher, programme=programme, **fields).pk
    for actor, where in ((other_teacher, programme), (teacher, None)):
        with pytest.raises(PermissionDenied):
            services.propose_rule(actor=actor, programme=where, **fields)


def test_a_cap_a_year_gives_what_is_left_and_then_refuses(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person
) -> None:
    rule_of(most_a_year=Decimal(4))
    first = services.deposit(actor=teacher, achievement=confirmed())
    second = services.deposit(
        actor=teacher, achievement=confirmed(first_day=date(2026, 4, 6), last_day=date(2026, 4, 24))
    )
    assert (first.lot.amount, second.lot.amount) == (Decimal("2.5"), Decimal("1.5"))
    third = confirmed(first_day=date(2026, 5, 4), last_day=date(2026, 5, 8))
    with pytest.raises(services.NoDeposit, match="at most 4"):
        services.deposit(actor=teacher, achievement=third)
    next_year = confirmed(first_day=date(2025, 3, 2), last_day=date(2025, 3, 27))
    assert services.deposit(actor=teacher, achievement=next_year).lot.amount == Decimal("2.5")


@pytest.mark.parametrize(("change", "why"), [({"quantity": Decimal(7)}, "too little"), ({}, "No published rule")])
def test_a_deposit_that_cannot_be_says_why(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person, change: dict[str, Decimal], why: str
) -> None:
    if change:
        rule_of()
    with pytest.raises(services.NoDeposit, match=why):
        services.deposit(actor=teacher, achievement=confirmed(**change))


def test_who_follows_no_programme_is_told_so(rule_of: RuleMaker, confirmed: Claimer, office: Person) -> None:
    rule_of()
    with pytest.raises(services.NoDeposit, match="followed no programme"):
        services.deposit(actor=office, achievement=confirmed())


def test_credits_are_redeemed_from_those_that_lapse_first(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person, student: Person
) -> None:
    rule_of()
    lasting = services.deposit(
        actor=teacher, achievement=confirmed(first_day=date(2025, 3, 3), last_day=date(2025, 3, 7))
    )
    rule_of(source="prior", name_zh="先前学习", per=Decimal(1), credits=Decimal(1), months_valid=240)
    prior = confirmed(source="prior", name_zh="竞赛", quantity=Decimal(2))
    lapsing = services.deposit(actor=teacher, achievement=prior)
    done = services.redeem(actor=teacher, student=student, programme=programme, credits=Decimal("2.5"))
    assert {entry.lot_id: entry.amount for entry in done.entries.all()} == {
        lapsing.pk: Decimal(2),
        lasting.pk: Decimal("0.5"),
    }
    assert _balance(student) == Decimal(2)


@pytest.mark.parametrize("credits", [Decimal("2.51"), Decimal(0), Decimal("0.001")])
def test_what_is_not_there_cannot_be_redeemed(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person, student: Person, credits: Decimal
) -> None:
    rule_of()
    services.deposit(actor=teacher, achievement=confirmed())
    with pytest.raises(ValidationError) as refused:
        services.redeem(actor=teacher, student=student, programme=programme, credits=credits)
    assert "credits" in refused.value.message_dict
    assert _balance(student) == Decimal("2.5")


def test_a_deposit_whose_credits_are_used_is_reversed_only_after_their_use(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person, office: Person, student: Person
) -> None:
    rule_of()
    done = services.deposit(actor=teacher, achievement=confirmed())
    used = services.redeem(actor=teacher, student=student, programme=programme, credits=Decimal(1))
    with pytest.raises(ValidationError, match="used already"):
        services.reverse(actor=office, done=done, reason="wrong")
    services.reverse(actor=office, done=used, reason="wrong")
    services.reverse(actor=office, done=done, reason="wrong")
    assert _balance(student) == 0


def test_credits_lapse_on_their_day_and_still_count_as_earned(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person, student: Person
) -> None:
    rule_of(months_valid=1)
    done = services.deposit(actor=teacher, achievement=confirmed(last_day=date(2026, 3, 31)))
    assert done.lot.lapses_on == date(2026, 4, 30)
    assert services.lapse_due(on=date(2026, 4, 29)) == 0
    assert services.lapse_due(on=date(2026, 4, 30)) == 1
    assert services.lapse_due(on=date(2026, 5, 30)) == 0
    assert _balance(student) == 0
    assert selectors.still_needed(student)[0].earned == Decimal("2.5")


@pytest.mark.postgres
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE credits_entry SET hundredths = hundredths + 1",
        "DELETE FROM credits_entry",
        "UPDATE credits_lot SET lapses_on = NULL, is_practice = is_practice",
        "UPDATE credits_transaction SET happened_on = '2020-01-01'",
        "UPDATE credits_transaction SET reason = 'better'",
        "DELETE FROM credits_transaction",
    ],
)
def test_the_book_refuses_to_be_edited_even_by_sql(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person, statement: str
) -> None:
    rule_of()
    services.deposit(actor=teacher, achievement=confirmed())
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_erasing_a_student_keeps_the_book_and_forgets_whose_it_was(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person, office: Person, student: Person
) -> None:
    from ronghe.apps.accounts import privacy

    rule_of()
    done = services.deposit(actor=teacher, achievement=confirmed())
    back = services.reverse(actor=office, done=done, reason="student 42 told us")
    part = next(one for one in privacy.registered() if one.name == "credits")
    assert part.export(student)["entries"][0]["credits"] == Decimal("2.5")
    part.erase(student)
    back.refresh_from_db()
    assert back.reason == ""
    assert not Account.objects.filter(person=student).exists()
    assert Entry.objects.count() == 2
    assert Achievement.objects.get().evidence == ""


def test_targets_are_dated_and_say_what_is_missing(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person, student: Person
) -> None:
    rule_of()
    services.deposit(actor=teacher, achievement=confirmed())
    services.set_target(
        actor=teacher, programme=programme, credits=Decimal(30), practice_share=Decimal("0.3"), valid_from=LONG_AGO
    )
    services.set_target(
        actor=teacher,
        programme=programme,
        credits=Decimal(32),
        practice_share=Decimal("0.25"),
        valid_from=date(2026, 2, 1),
    )
    needed = selectors.still_needed(student)[0]
    assert (needed.missing, needed.practice_missing) == (Decimal("29.5"), Decimal("5.5"))
    before = selectors.still_needed(student, on=date(2026, 1, 31))[0]
    assert (before.target, before.earned) == (Decimal(30), 0)
    with pytest.raises(ValidationError, match="stands already"):
        services.set_target(
            actor=teacher, programme=programme, credits=Decimal(1), practice_share=Decimal(0), valid_from=LONG_AGO
        )


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    deeds=st.lists(
        st.tuples(st.sampled_from(["deposit", "redeem", "reverse", "lapse"]), st.integers(1, 60)), max_size=12
    )
)
def test_whatever_happens_balances_are_sums_of_entries_and_all_accounts_sum_to_nothing(
    programme: Programme,
    rule_of: RuleMaker,
    office: Person,
    student: Person,
    deeds: list[tuple[str, int]],
) -> None:
    expected = Decimal(0)
    with transaction.atomic():
        rule = ConversionRule.objects.published().first() or rule_of(months_valid=2)
        for number, (deed, size) in enumerate(deeds):
            try:
                if deed == "deposit":
                    day = date(2026, 1, 5) + timedelta(days=number)
                    found = Found(f"x:{number}", "hours", student.pk, Decimal(size), day, day, "实习")
                    done = services.deposit_many(
                        actor=office, achievements=services.collect_achievements(actor=office, found=[found])
                    )
                    expected += sum((one.lot.amount for one in done.transactions), Decimal(0))
                elif deed == "redeem":
                    services.redeem(actor=office, student=student, programme=programme, credits=Decimal(size) / 10)
                    expected -= Decimal(size) / 10
                elif deed == "reverse":
                    done_ = Transaction.objects.order_by("pk")[size % max(1, Transaction.objects.count())]
                    back = services.reverse(actor=office, done=done_, reason="test")
                    account = Account.objects.get(person=student)
                    for entry in back.entries.all():
                        expected += entry.amount if entry.destination == account else -entry.amount
                else:
                    account = Account.objects.filter(person=student).first()
                    before = _balance(student) if account else Decimal(0)
                    services.lapse_due(on=date(2026, 1, 1) + timedelta(days=size))
                    expected -= before - (_balance(student) if account else Decimal(0))
            except (ValidationError, IndexError):
                continue
        accounts = list(Account.objects.all())
        held = selectors.balances(accounts)
        assert sum(held.values()) == 0
        own = Account.objects.filter(person=student).first()
        if own is not None:
            shown = selectors.statement(own, length=3)
            assert held[own.pk] == expected == shown.balance
            assert held[own.pk] >= 0
            left = Lot.objects.filter(account=own).aggregate(of=Sum("hundredths"))["of"]
            assert held[own.pk] <= Decimal(left) / 100
        assert rule.pk
        transaction.set_rollback(True)


def test_a_statement_is_read_in_stretches_that_join_without_a_gap(
    programme: Programme, rule_of: RuleMaker, office: Person, student: Person
) -> None:
    rule_of()
    found = [
        Found(f"x:{n}", "hours", student.pk, Decimal(16 + n), date(2026, 1, 1), date(2026, 1, 1), "实习")
        for n in range(0, 64, 8)
    ]
    services.deposit_many(actor=office, achievements=services.collect_achievements(actor=office, found=found))
    account = Account.objects.get(person=student)
    whole = selectors.statement(account)
    pieces, before = [], None
    while True:
        piece = selectors.statement(account, before=before, length=3)
        assert piece.balance == whole.balance
        pieces += piece.lines
        before = piece.before
        if before is None:
            break
    assert [(line.entry.pk, line.balance) for line in pieces] == [(line.entry.pk, line.balance) for line in whole.lines]
    assert whole.lines[0].balance == whole.balance == sum(line.change for line in whole.lines)


def test_a_long_account_is_closed_and_reads_the_same(
    programme: Programme, rule_of: RuleMaker, claimed: Claimer, confirmed: Claimer, teacher: Person,
    firm_a: Organisation, firm_b: Organisation, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert WORTH_CLOSING > 1
    rule_of()
    services.deposit(actor=teacher, achievement=confirmed())
    claim = services.confirm_achievement(actor=teacher, achievement=claimed(host=firm_b))
    elsewhere = services.deposit(actor=teacher, achievement=claim)
    monkeypatch.setattr("ronghe.apps.credits.services.accounts.WORTH_CLOSING", 1)
    granted = Account.objects.get(organisation=firm_a)
    before = selectors.statement(granted)
    assert close_accounts() == 2
    assert close_accounts() == 0
    # By its own newest entry, whatever came later elsewhere: a later one would close nothing of its first page.
    assert [one.through_id for one in granted.closings.all()] == [before.lines[0].entry.pk]
    assert before.lines[0].entry.pk < elsewhere.entries.get().pk
    assert selectors.statement(granted) == before
    services.deposit(actor=teacher, achievement=confirmed(first_day=date(2026, 4, 6), last_day=date(2026, 4, 24)))
    assert selectors.statement(granted).balance == Decimal(-5)
    own = Account.objects.get(kind=AccountKind.STUDENT)
    assert selectors.balances([granted, own]) == {granted.pk: Decimal(-5), own.pk: Decimal("7.5")}
