"""Deposits: a confirmed achievement becomes credits by the rule that was in force when it was finished, once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import AcademicYear, CohortMembership
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credits import events
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
    TransactionKind,
    credits_of,
    hundredths_of,
)
from ronghe.apps.credits.services.accounts import account_of, accounts_of_students, lock
from ronghe.apps.curriculum.models import Programme
from ronghe.apps.demand.figures import shift_month
from ronghe.apps.ledger import services as ledger


class NoDeposit(ValidationError):
    """The achievement cannot be deposited; the message says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One of many achievements that was not deposited, and why."""

    achievement: Achievement
    reason: str


@dataclass(frozen=True, slots=True)
class Deposited:
    """What came of a bulk deposit."""

    transactions: tuple[Transaction, ...]
    refused: tuple[Refused, ...]


@transaction.atomic
def deposit(*, actor: Person, achievement: Achievement) -> Transaction:
    """Deposit one achievement. Raises NoDeposit."""
    demand(actor, "credits.deposit", achievement)
    done = _deposit(actor, [achievement])
    if done.refused:
        raise NoDeposit(done.refused[0].reason)
    return done.transactions[0]


@transaction.atomic
def deposit_many(*, actor: Person, achievements: Iterable[Achievement]) -> Deposited:
    """Deposit what can be, in a handful of queries whatever the number; tell of each other why it cannot."""
    demand(actor, "credits.deposit_all")
    return _deposit(actor, list(achievements))


@dataclass(frozen=True, slots=True)
class _Planned:
    achievement: Achievement
    rule: ConversionRule
    programme: Programme
    hundredths: int


def _deposit(actor: Person, achievements: Sequence[Achievement]) -> Deposited:
    now = timezone.now()
    # Read again, locked: another deposit of the same achievement waits here, and then finds it counted.
    rows = Achievement.objects.select_for_update().filter(pk__in=[one.pk for one in achievements]).order_by("pk")
    locked = list(rows)
    planned, refused = _Plan(locked).make()
    students = accounts_of_students({_student(one.achievement) for one in planned})
    lock(students.values())
    transactions = _write(actor, planned, students, now)
    return Deposited(tuple(transactions), tuple(refused))


def _student(achievement: Achievement) -> int:
    if achievement.person_id is None:
        raise NoDeposit(_("The student of this achievement has been erased."))
    return achievement.person_id


class _Plan:
    """Which rule makes how much of each achievement, given what is counted already."""

    def __init__(self, achievements: Sequence[Achievement]) -> None:
        self.achievements = achievements
        facts = [fact for one in achievements for fact in one.facts]
        self.counted = set(Counted.objects.filter(fact__in=facts).values_list("fact", flat=True))
        self.rules: dict[tuple[str, int | None], list[ConversionRule]] = defaultdict(list)
        for rule in ConversionRule.objects.published().known().order_by("valid_from"):
            self.rules[rule.source, rule.programme_id].append(rule)
        self.programmes = self._programmes()
        self.years = list(AcademicYear.objects.all())
        self.given = self._given()

    def _programmes(self) -> dict[int, list[tuple[CohortMembership, Programme]]]:
        found: dict[int, list[tuple[CohortMembership, Programme]]] = defaultdict(list)
        people = {one.person_id for one in self.achievements}
        enrolments = CohortMembership.objects.known().filter(person__in=people)
        for enrolment in enrolments.prefetch_related("cohort__programmes__organisation"):
            for programme in enrolment.cohort.programmes.all():
                found[enrolment.person_id].append((enrolment, programme))
        return found

    def _given(self) -> dict[tuple[int, str, date], int]:
        """Hundredths that capped rules have given each student, by rule and first day of the year."""
        given: dict[tuple[int, str, date], int] = defaultdict(int)
        people = {one.person_id for one in self.achievements}
        deposits = Lot.objects.filter(
            account__person__in=people,
            transaction__rule__most_a_year__isnull=False,
            transaction__reversal__isnull=True,
        ).values_list("account__person", "transaction__rule__uid", "earned_on", "hundredths")
        for person, rule, day, hundredths in deposits:
            given[person, str(rule), self.year_of(day)] += hundredths
        return given

    def year_of(self, day: date) -> date:
        """First day of the academic year of `day`; without a recorded one, 1 September begins it."""
        for year in self.years:
            if year.starts_on <= day <= year.ends_on:
                return year.starts_on
        return date(day.year if day.month >= 9 else day.year - 1, 9, 1)

    def make(self) -> tuple[list[_Planned], list[Refused]]:
        planned, refused = [], []
        for achievement in self.achievements:
            try:
                one = self._one(achievement)
            except NoDeposit as error:
                refused.append(Refused(achievement, " ".join(error.messages)))
                continue
            self.counted.update(achievement.facts)
            if one.rule.most_a_year is not None:
                key = (_student(achievement), str(one.rule.uid), self.year_of(achievement.last_day))
                self.given[key] += one.hundredths
            planned.append(one)
        return planned, refused

    def _one(self, achievement: Achievement) -> _Planned:
        student = _student(achievement)
        if achievement.state != AchievementState.CONFIRMED:
            raise NoDeposit(_("Nobody has confirmed it yet: a second party must, before it can be deposited."))
        if twice := self.counted.intersection(achievement.facts):
            raise NoDeposit(
                _("It is deposited already, by itself or within something else (%(facts)s); it counts once.")
                % {"facts": ", ".join(sorted(twice))}
            )
        rule, programme = self._rule_of(student, achievement)
        hundredths = hundredths_of(rule.worth(achievement.quantity))
        if rule.most_a_year is not None:
            year = self.year_of(achievement.last_day)
            left = hundredths_of(rule.most_a_year) - self.given[student, str(rule.uid), year]
            if left <= 0:
                raise NoDeposit(
                    _("“%(rule)s” gives at most %(most)s credits a year, and has given them in the year from %(day)s.")
                    % {"rule": rule.name, "most": rule.most_a_year, "day": year}
                )
            hundredths = min(hundredths, left)
        if hundredths <= 0:
            raise NoDeposit(
                _("By “%(rule)s” it is too little for the smallest step of %(step)s credits.")
                % {"rule": rule.name, "step": rule.step}
            )
        return _Planned(achievement, rule, programme, hundredths)

    def _rule_of(self, student: int, achievement: Achievement) -> tuple[ConversionRule, Programme]:
        day = achievement.last_day
        followed = [programme for enrolment, programme in self.programmes[student] if enrolment.holds_on(day)]
        if not followed:
            raise NoDeposit(
                _("On %(day)s the student followed no programme: enrol them in a cohort whose programme is recorded.")
                % {"day": day}
            )
        for where in [*followed, None]:
            for rule in self.rules[achievement.source, where.pk if where else None]:
                if rule.holds_on(day):
                    return rule, where or followed[0]
        raise NoDeposit(
            _("No published rule converted “%(source)s” on %(day)s; publish one that is in force on that day.")
            % {"source": achievement.get_source_display(), "day": day}
        )


def _lapses_on(rule: ConversionRule, day: date) -> date | None:
    if rule.months_valid is None:
        return None
    first = shift_month(day, rule.months_valid)
    length = (shift_month(first, 1) - first).days
    return first.replace(day=min(day.day, length))


def _write(
    actor: Person, planned: Sequence[_Planned], students: dict[int, Account], now: datetime
) -> list[Transaction]:
    grantors = {
        key: account_of(kind=AccountKind.ENTERPRISE if key[0] == "host" else AccountKind.ISSUER, organisation=key[1])
        for key in {_grantor(one) for one in planned}
    }
    transactions = Transaction.objects.bulk_create(
        [
            Transaction(
                kind=TransactionKind.DEPOSIT,
                happened_on=timezone.localdate(now),
                recorded_at=now,
                rule=one.rule,
                achievement=one.achievement,
                actor=actor,
            )
            for one in planned
        ]
    )
    pairs = list(zip(planned, transactions, strict=True))
    Counted.objects.bulk_create(
        [Counted(fact=fact, transaction=done) for one, done in pairs for fact in one.achievement.facts]
    )
    Lot.objects.bulk_create(
        [
            Lot(
                transaction=done,
                account=students[_student(one.achievement)],
                hundredths=one.hundredths,
                is_practice=one.rule.is_practice,
                earned_on=one.achievement.last_day,
                lapses_on=_lapses_on(one.rule, one.achievement.last_day),
            )
            for one, done in pairs
        ]
    )
    Entry.objects.bulk_create(
        [
            Entry(
                transaction=done,
                lot_id=done.pk,
                source=grantors[_grantor(one)],
                destination=students[_student(one.achievement)],
                hundredths=one.hundredths,
            )
            for one, done in pairs
        ]
    )
    people = Person.objects.in_bulk({_student(one.achievement) for one in planned})
    ledger.record_many(
        actor=actor,
        entries=[
            ledger.Entry(
                events.CREDITS_DEPOSITED,
                done,
                {
                    "student": people[_student(one.achievement)],
                    "achievement": one.achievement,
                    "rule": one.rule.version,
                    "credits": credits_of(one.hundredths),
                    "is_practice": one.rule.is_practice,
                },
            )
            for one, done in pairs
        ],
    )
    return transactions


def _grantor(one: _Planned) -> tuple[str, int]:
    """Who gave the credits: the enterprise where they were earned, else the university of the programme."""
    if one.achievement.host_id is not None:
        return "host", one.achievement.host_id
    return "issuer", one.programme.organisation_id
