"""The triggers that keep money and agreed shares as they were, on SQLite and PostgreSQL: corrected only by a new row.

A later migration that alters one of these tables on SQLite rebuilds it and must call `install` again.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ronghe.apps.ledger.freezing import Trigger, create, drop, must_stand

_ALWAYS = "1 = 1"
_CONTENT = {
    "pool_income": (
        "uid", "asset_id", "licence_id", "kind", "fen", "received_on", "document", "recorded_at", "recorded_by_id",
        "reverses_id",
    ),
    "pool_distribution": ("income_id", "version_id", "distributed_at", "distributed_by_id"),
    "pool_portion": ("distribution_id", "share_id", "fen"),
    "pool_shareversion": ("uid", "asset_id", "number", "valid_from", "content", "digest", "proposed_at"),
    "pool_share": (
        "uid", "version_id", "place", "person_id", "organisation_id", "numerator", "denominator", "points",
    ),
}  # fmt: skip
_WHY = "income is reversed and shares are proposed anew, never edited: {verb} on {table} is refused"
_GIVEN = ("agreed_at", "agreed_by_id", "agreed_digest", "event")


def triggers() -> Iterator[Trigger]:
    """Every trigger that a database must have."""
    for table, content in _CONTENT.items():
        columns = ", ".join(f'"{column}"' for column in content)
        yield Trigger(f"{table}_keeps", table, "UPDATE", f"UPDATE OF {columns}", _ALWAYS, _WHY)
        yield Trigger(f"{table}_stays", table, "DELETE", "DELETE", _ALWAYS, _WHY)
    settled = "OLD.state <> 'asked'"
    yield Trigger("pool_shareversion_settled", "pool_shareversion", "UPDATE", "UPDATE OF state", settled, _WHY)
    given = ", ".join(f'"{column}"' for column in _GIVEN)
    yield Trigger("pool_share_given", "pool_share", "UPDATE", f"UPDATE OF {given}", "OLD.agreed_at IS NOT NULL", _WHY)
    # What somebody wrote may name them: when a person is erased it is emptied, and can be nothing else.
    for table, column in (("pool_share", "contribution"), ("pool_share", "salt"), ("pool_income", "reason")):
        says = f"NEW.{column} <> ''"
        yield Trigger(f"{table}_{column}", table, "UPDATE", f"UPDATE OF {column}", says, _WHY)


must_stand(triggers)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers; those that stand already are made anew."""
    create(connection, triggers())


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers, for a migration that goes back or a test that empties the tables."""
    drop(connection, triggers())
