"""Accounts are opened by what needs them; long ones are closed from time to time so that they open quickly."""

from collections.abc import Iterable, Iterator
from heapq import merge
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from ronghe.apps.accounts.models import Person
from ronghe.apps.credits.models import Account, AccountKind, Closing, Entry
from ronghe.apps.curriculum.models import Programme

# A sum of this many entries is quick enough: no stretch of a statement reads more of them for its balance.
WORTH_CLOSING = 2_000


def accounts_of_students(people: Iterable[Person | int]) -> dict[int, Account]:
    """The accounts of students by their primary key, opened where there is none."""
    keys = {one if isinstance(one, int) else one.pk for one in people}
    standing = {account.person_id: account for account in Account.objects.filter(person__in=keys)}
    missing = sorted(keys - standing.keys())
    if missing:
        Account.objects.bulk_create(
            [Account(kind=AccountKind.STUDENT, person_id=key) for key in missing], ignore_conflicts=True
        )
        standing |= {account.person_id: account for account in Account.objects.filter(person__in=missing)}
    return {key: account for key, account in standing.items() if key is not None}


def account_of(
    *,
    kind: AccountKind,
    organisation: int | None = None,
    programme: Programme | None = None,
    institution: str = "",
) -> Account:
    """The account of an organisation (by its key), a programme, another institution, or of what lapsed."""
    owner: dict[str, Any] = {"organisation_id": organisation, "programme": programme, "institution": institution}
    account, _made = Account.objects.get_or_create(kind=kind, **owner)
    return account


def lock(accounts: Iterable[Account]) -> None:
    """Hold accounts until the transaction ends, so that nobody spends the same credits meanwhile."""
    keys = sorted(account.pk for account in accounts)
    list(Account.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))


@transaction.atomic
def close_accounts() -> int:
    """Keep a balance after every `WORTH_CLOSING` entries of each long account; returns how many were added."""
    if connection.vendor == "postgresql":
        # An entry with a smaller id may still be uncommitted elsewhere; wait until there is none.
        with connection.cursor() as cursor:
            cursor.execute(f'LOCK TABLE "{Entry._meta.db_table}" IN SHARE MODE')
    closings: list[Closing] = []
    # A student's account never grows long.
    for account in Account.objects.exclude(kind=AccountKind.STUDENT):
        closed = account.closings.order_by("-through").first()
        since, balance = (closed.through_id, closed.balance) if closed else (0, 0)
        for number, (entry, change) in enumerate(_moves(account, since), start=1):
            balance += change
            if number % WORTH_CLOSING == 0:
                closings.append(Closing(account=account, through_id=entry, balance=balance))
    return len(Closing.objects.bulk_create(closings, batch_size=500))


def _moves(account: Account, since: int) -> Iterator[tuple[int, int]]:
    """Entries of an account after one of them, in their order: primary key and what it changed, in hundredths."""
    sides = []
    for side, sign in (("destination", 1), ("source", -1)):
        moved = Entry.objects.filter(**{side: account}, pk__gt=since).order_by("pk")
        signed = moved.values_list("pk", F("hundredths") * sign)
        sides.append(signed.iterator(chunk_size=5_000))
    return merge(*sides)
