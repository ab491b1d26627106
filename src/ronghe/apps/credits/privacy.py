"""What the credit bank knows about a person. The book outlasts an erasure, and then no longer says whose it was."""

from typing import Any

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person
from ronghe.apps.credits.models import Account, Achievement, Correction, Entry, ProgrammeTarget, Stated, Transaction


def _export(person: Person) -> dict[str, Any]:
    account = Account.objects.filter(person=person).first()
    entries = Entry.objects.none()
    if account is not None:
        entries = Entry.objects.filter(destination=account) | Entry.objects.filter(source=account)
    return {
        "achievements": list(
            Achievement.objects.filter(person=person)
            .order_by("pk")
            .values(
                "uid",
                "source",
                "name_zh",
                "name_en",
                "quantity",
                "first_day",
                "last_day",
                "evidence",
                "state",
                "reason",
            )
        ),
        "corrections": list(
            Correction.objects.filter(achievement__person=person)
            .order_by("pk")
            .values("achievement__uid", "reason", "asked_at", "is_done", "answer")
        ),
        "statements": [one.content for one in Stated.objects.filter(account__person=person).order_by("pk")],
        "entries": [
            {
                "kind": entry.transaction.kind,
                "day": entry.transaction.happened_on,
                "credits": entry.amount if entry.destination_id == (account.pk if account else None) else -entry.amount,
                "is_practice": entry.lot.is_practice,
                "reason": entry.transaction.reason,
            }
            for entry in entries.select_related("transaction", "lot").order_by("pk")
        ],
    }


def _erase(person: Person) -> int:
    of_account = Transaction.objects.filter(entries__lot__account__person=person)
    rows = Transaction.objects.filter(pk__in=of_account.values("pk")).exclude(reason="").update(reason="")
    rows += Correction.objects.filter(achievement__person=person).update(reason="—", answer="")
    # Files that were handed out stay provable: the log keeps the hash, and whoever holds the file its words.
    rows += Stated.objects.filter(account__person=person).delete()[0]
    rows += Account.objects.filter(person=person).update(person=None)
    rows += Achievement.objects.filter(person=person).update(
        person=None, evidence="", reason="", name_zh="—", name_en=""
    )
    for model, column in (
        (Achievement, "claimed_by"),
        (Achievement, "decided_by"),
        (Transaction, "actor"),
        (Correction, "asked_by"),
        (Correction, "settled_by"),
        (ProgrammeTarget, "set_by"),
        (Stated, "made_by"),
    ):
        rows += model._default_manager.filter(**{column: person}).update(**{column: None})
    return rows


privacy.register("credits", export=_export, erase=_erase)
