"""The triggers that make the book append-only, on SQLite and PostgreSQL: nobody edits an entry, not even by SQL.

A later migration that alters one of these tables on SQLite rebuilds it and must call `install` again.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ronghe.apps.ledger.freezing import Trigger, create, drop, must_stand, person_only_leaves

_CONTENT = {
    "credits_transaction": (
        "uid", "kind", "happened_on", "recorded_at", "rule_id", "achievement_id", "reverses_id", "statement",
    ),
    "credits_lot": ("transaction_id", "account_id", "hundredths", "is_practice", "earned_on", "lapses_on"),
    "credits_entry": ("transaction_id", "lot_id", "source_id", "destination_id", "hundredths"),
}  # fmt: skip
_ALWAYS = "1 = 1"
_WHY = "the book of the credit bank is only added to; reverse the transaction instead: {verb} on {table} is refused"


def triggers() -> Iterator[Trigger]:
    """Every trigger that a database must have."""
    for table, content in _CONTENT.items():
        columns = ", ".join(f'"{column}"' for column in content)
        yield Trigger(f"{table}_keeps", table, "UPDATE", f"UPDATE OF {columns}", _ALWAYS, _WHY)
        yield Trigger(f"{table}_stays", table, "DELETE", "DELETE", _ALWAYS, _WHY)
    yield person_only_leaves("credits_transaction", "actor_id", _ALWAYS, _WHY)
    # A reason may name somebody: when a student is erased it is emptied, and can be nothing else.
    yield Trigger(
        "credits_transaction_reason", "credits_transaction", "UPDATE", "UPDATE OF reason", "NEW.reason <> ''", _WHY
    )


must_stand(triggers)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers; those that stand already are made anew."""
    create(connection, triggers())


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers, for a migration that goes back or a test that empties the tables."""
    drop(connection, triggers())
