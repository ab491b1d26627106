"""Balances, statements and what a student still needs. A balance is the sum of the entries, never a stored figure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import CohortMembership
from ronghe.apps.credits.models import Account, Closing, Entry, Lot, ProgrammeTarget, Transaction, credits_of
from ronghe.apps.curriculum.models import Programme


def _moved(account: Account, *, after: int = 0, through: int | None = None) -> int:
    """Hundredths that came into an account less those that left it, by entries with ids in (after, through]."""
    total = 0
    for side, sign in (("destination", 1), ("source", -1)):
        rows = Entry.objects.filter(**{side: account}, pk__gt=after)
        if through is not None:
            rows = rows.filter(pk__lte=through)
        total += sign * (rows.aggregate(of=Sum("hundredths"))["of"] or 0)
    return total


def balance_through(account: Account, entry: int | None = None) -> int:
    """The balance in hundredths, up to and with an entry; the newest closing before it saves summing what is older."""
    closings = account.closings.order_by("-through")
    closed = (closings if entry is None else closings.filter(through__lte=entry)).first()
    if closed is None:
        return _moved(account, through=entry)
    return closed.balance + _moved(account, after=closed.through_id, through=entry)


def balances(accounts: Iterable[Account]) -> dict[int, Decimal]:
    """Balances by primary key, in three queries; of long accounts only what came after their newest closing is read."""
    keys = [account.pk for account in accounts]
    newest = Closing.objects.filter(account=OuterRef("account")).order_by("-through").values("pk")[:1]
    closings = Closing.objects.filter(account__in=keys, pk=Subquery(newest))
    closed = {one.account_id: (one.through_id, one.balance) for one in closings}
    total = {key: closed[key][1] if key in closed else 0 for key in keys}
    for side, sign in (("destination", 1), ("source", -1)):
        newer = Q(**{f"{side}__in": [key for key in keys if key not in closed]})
        for key, (through, _balance) in closed.items():
            newer |= Q(**{side: key}, pk__gt=through)
        for account, hundredths in Entry.objects.filter(newer).values_list(side).annotate(Sum("hundredths")).order_by():
            total[account] += sign * hundredths
    return {key: credits_of(hundredths) for key, hundredths in total.items()}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the owner of an account reads it: what came or went, between whom, and the balance after it."""

    entry: Entry
    change: Decimal
    balance: Decimal
    other: Account

    @property
    def done(self) -> Transaction:
        return self.entry.transaction


@dataclass(frozen=True, slots=True)
class Statement:
    """A stretch of an account, newest first. `before` is where the next page begins; None when this is the last."""

    account: Account
    lines: tuple[Line, ...]
    balance: Decimal
    before: int | None


def statement(account: Account, *, before: int | None = None, length: int = 50) -> Statement:
    """The newest `length` entries older than `before`, with running balances, whatever the account's length."""
    rows: QuerySet[Entry] = Entry.objects.none()
    # One index scan a side; an OR over both would sort the whole account.
    sides = []
    for side in ("destination", "source"):
        found = Entry.objects.filter(**{side: account})
        if before is not None:
            found = found.filter(pk__lt=before)
        sides += list(found.order_by("-pk").values_list("pk", flat=True)[: length + 1])
    keys = sorted(sides, reverse=True)
    shown = keys[:length]
    rows = Entry.objects.filter(pk__in=shown).select_related(
        "lot",
        "transaction__rule",
        "transaction__achievement",
        "transaction__reverses",
        "transaction__reversal",
        *(
            f"{side}__{owner}"
            for side in ("source", "destination")
            for owner in ("person", "programme", "organisation")
        ),
    )
    running = balance_through(account, shown[0]) if shown else 0
    lines = []
    for entry in rows.order_by("-pk"):
        came = entry.destination_id == account.pk
        change = entry.hundredths if came else -entry.hundredths
        other = entry.source if came else entry.destination
        lines.append(Line(entry, credits_of(change), credits_of(running), other))
        running -= change
    more = len(keys) > length
    whole = balance_through(account) if before is not None else (lines[0].balance if lines else Decimal(0))
    balance = credits_of(whole) if isinstance(whole, int) else whole
    return Statement(account, tuple(lines), balance, shown[-1] if more else None)


@dataclass(frozen=True, slots=True)
class Needed:
    """How far a student is in a programme. `target` is None while nobody has said how many credits it asks for."""

    programme: Programme
    earned: Decimal
    practice: Decimal
    target: Decimal | None
    practice_target: Decimal | None

    @property
    def missing(self) -> Decimal | None:
        """Credits still to earn."""
        return None if self.target is None else max(Decimal(0), self.target - self.earned)

    @property
    def practice_missing(self) -> Decimal | None:
        """Practice credits still to earn."""
        return None if self.practice_target is None else max(Decimal(0), self.practice_target - self.practice)


def earned_lots(*, on: date, people: Iterable[int] | None = None) -> QuerySet[Lot]:
    """Lots that were earned by `on` and not reversed: lapsed and redeemed credits were earned all the same."""
    lots = Lot.objects.filter(earned_on__lte=on, transaction__reversal__isnull=True)
    return lots if people is None else lots.filter(account__person__in=list(people))


def enrolled(on: date) -> QuerySet[CohortMembership, int]:
    """Primary keys of all students of a day."""
    return CohortMembership.objects.on(on).values_list("person", flat=True).distinct()


def students_progress(programme: Programme, *, on: date | None = None) -> list[tuple[Person, Needed]]:
    """Every student of a programme and how far they are, in four queries."""
    on = on or timezone.localdate()
    people = list(
        Person.objects.filter(
            pk__in=CohortMembership.objects.on(on).filter(cohort__programmes=programme).values("person")
        ).order_by("name")
    )
    target = _targets([programme], on).get(programme.pk)
    earned = _earned([person.pk for person in people], on)
    return [(person, _needed(programme, target, *earned.get(person.pk, (0, 0)))) for person in people]


def still_needed(person: Person, *, on: date | None = None) -> list[Needed]:
    """How far a student is in each programme they follow."""
    on = on or timezone.localdate()
    programmes = list(
        Programme.objects.filter(
            cohorts__in=CohortMembership.objects.on(on).filter(person=person).values("cohort")
        ).distinct()
    )
    targets = _targets(programmes, on)
    earned = _earned([person.pk], on).get(person.pk, (0, 0))
    return [_needed(programme, targets.get(programme.pk), *earned) for programme in programmes]


def _targets(programmes: Iterable[Programme], on: date) -> dict[int, ProgrammeTarget]:
    return {one.programme_id: one for one in ProgrammeTarget.objects.on(on).filter(programme__in=list(programmes))}


def _earned(people: Iterable[int], on: date) -> dict[int, tuple[int, int]]:
    rows = (
        earned_lots(on=on, people=people)
        .values("account__person")
        .annotate(whole=Sum("hundredths"), practice=Sum("hundredths", filter=Q(is_practice=True)))
        .order_by()
        .values_list("account__person", "whole", "practice")
    )
    return {person: (whole, practice or 0) for person, whole, practice in rows}


def _needed(programme: Programme, target: ProgrammeTarget | None, earned: int, practice: int) -> Needed:
    wanted = target.credits if target else None
    return Needed(
        programme,
        credits_of(earned),
        credits_of(practice),
        wanted,
        (target.credits * target.practice_share).quantize(Decimal("0.01")) if target else None,
    )
