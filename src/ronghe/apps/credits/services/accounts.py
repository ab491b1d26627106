"""Accounts are opened by what needs them; long ones are closed from time to time so that they open quickly."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max, Sum

from ronghe.apps.accounts.models import Person
from ronghe.apps.credits.models import Account, AccountKind, Closing, Entry
from ronghe.apps.curriculum.models import Programme

# Below this number of entries since the last closing a sum is quick enough.
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
    """Keep the balances of accounts that gained many entries since they were last closed; returns how many."""
    if connection.vendor == "postgresql":
        # An entry with a smaller id may still be uncommitted elsewhere; wait until there is none.
        with connection.cursor() as cursor:
            cursor.execute(f'LOCK TABLE "{Entry._meta.db_table}" IN SHARE MODE')
    last = Entry.objects.aggregate(last=Max("pk"))["last"]
    closings = []
    # A student's account never grows long.
    for account in Account.objects.exclude(kind=AccountKind.STUDENT):
        closed = account.closings.order_by("-through").first()
        since, balance = (closed.through_id, closed.balance) if closed else (0, 0)
        number = 0
        for side, sign in (("destination", 1), ("source", -1)):
            found = Entry.objects.filter(**{side: account}, pk__gt=since).aggregate(n=Count("pk"), of=Sum("hundredths"))
            number += found["n"]
            balance += sign * (found["of"] or 0)
        if number >= WORTH_CLOSING:
            closings.append(Closing(account=account, through_id=last, balance=balance))
    return len(Closing.objects.bulk_create(closings))
