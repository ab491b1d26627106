"""The triggers by which a published plan stays as it was published, on SQLite and PostgreSQL: repairs add rows.

A later migration that alters one of these tables on SQLite rebuilds it and must call `install` again.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ronghe.apps.ledger.freezing import Trigger, create, drop, must_stand, person_only_leaves

_WHY = "a published plan is frozen: {verb} on {table} is refused"
_SESSION = "rotations_session"
_STAY = "rotations_stay"
_CONTENT = ("week_id", "group_id", "machine_id", "slot", "starts_at", "ends_at", "made_by_id")
_PUBLISHED = "EXISTS (SELECT 1 FROM rotations_plan AS p JOIN {table} AS t ON t.plan_id = p.id WHERE t.id = {key} AND p.published_at IS NOT NULL)"  # noqa: E501


def triggers() -> Iterator[Trigger]:
    """Every trigger that a database must have."""
    old = _PUBLISHED.format(table="rotations_week", key="OLD.week_id")
    columns = ", ".join(f'"{column}"' for column in _CONTENT)
    yield Trigger(f"{_SESSION}_keeps", _SESSION, "UPDATE", f"UPDATE OF {columns}", old, _WHY)
    yield Trigger(
        f"{_SESSION}_ends_once", _SESSION, "UPDATE", 'UPDATE OF "ended_by_id"', "OLD.ended_by_id IS NOT NULL", _WHY
    )
    yield Trigger(f"{_SESSION}_stays", _SESSION, "DELETE", "DELETE", old, _WHY)
    yield person_only_leaves(_SESSION, "mentor_id", old, _WHY)
    stayed = _PUBLISHED.format(table="rotations_group", key="OLD.group_id")
    yield Trigger(f"{_STAY}_keeps", _STAY, "UPDATE", "UPDATE", stayed, _WHY)
    yield Trigger(f"{_STAY}_stays", _STAY, "DELETE", "DELETE", stayed, _WHY)


must_stand(triggers)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers; those that stand already are made anew."""
    create(connection, triggers())


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers, for a migration that goes back or a test that empties the tables."""
    drop(connection, triggers())
