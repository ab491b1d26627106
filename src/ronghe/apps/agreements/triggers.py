"""The triggers that make concluded papers, given signatures and used template versions immutable, on both databases.

A later migration that alters one of these tables on SQLite rebuilds it and must call `install` again.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ronghe.apps.ledger.freezing import Trigger, create, drop

_FROZEN = (
    (
        "agreements_instrument",
        "OLD.state = 'concluded'",
        "agreement_id number kind state clauses reason first_day last_day code content changes digest sent_at "
        "concluded_at",
        "a paper signed by all cannot change: {verb} on {table} is refused",
    ),
    (
        "agreements_signature",
        "OLD.signed_at IS NOT NULL",
        "instrument_id party_id person_id asked_on signed_at method confirmed_by signed_digest title_zh title_en event",
        "a signature that was given cannot change: {verb} on {table} is refused",
    ),
    (
        "agreements_templateversion",
        "OLD.frozen_at IS NOT NULL",
        "template_id number clauses frozen_at digest",
        "a template that was used cannot change: {verb} on {table} is refused",
    ),
)


def triggers() -> Iterator[Trigger]:
    """Every trigger that this app's tables must have."""
    for table, frozen, names, why in _FROZEN:
        columns = ", ".join(f'"{column}"' for column in names.split())
        yield Trigger(f"{table}_keeps", table, "UPDATE", f"UPDATE OF {columns}", f"({frozen})", why)
        yield Trigger(f"{table}_stays", table, "DELETE", "DELETE", f"({frozen})", why)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers of agreements."""
    create(connection, triggers())


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers of agreements."""
    drop(connection, triggers())
