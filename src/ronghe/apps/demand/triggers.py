"""The triggers that make frozen white papers immutable, on SQLite and PostgreSQL.

A frozen round refuses every change and its deletion; only who started it can be taken out, when that person is erased.
A later migration that alters the table on SQLite rebuilds it and must call `install` again.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ronghe.apps.ledger.freezing import Trigger, create, drop, must_stand, person_only_leaves

_TABLE = "demand_demandround"
_CONTENT = (
    "uid", "name_zh", "name_en", "first_day", "last_day", "field_id", "panel_id", "state", "started_on", "frozen_at",
    "content", "digest", "revision",
)  # fmt: skip
_IS_FROZEN = "OLD.state = 'frozen'"
_WHY = "a frozen white paper cannot change: {verb} on {table} is refused"


def triggers() -> Iterator[Trigger]:
    """Every trigger that demand's tables must have."""
    columns = ", ".join(f'"{column}"' for column in _CONTENT)
    yield Trigger(f"{_TABLE}_keeps", _TABLE, "UPDATE", f"UPDATE OF {columns}", f"({_IS_FROZEN})", _WHY)
    yield Trigger(f"{_TABLE}_stays", _TABLE, "DELETE", "DELETE", f"({_IS_FROZEN})", _WHY)
    yield person_only_leaves(_TABLE, "started_by_id", _IS_FROZEN, _WHY)


must_stand(triggers)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers of demand."""
    create(connection, triggers())


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers of demand."""
    drop(connection, triggers())
