"""The triggers by which a published round and a decision on work stay as they are, on SQLite and PostgreSQL.

A later migration that alters one of these tables on SQLite rebuilds it and must call `install` again.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ronghe.apps.ledger.freezing import Trigger, create, drop, must_stand, person_only_leaves

_WHY = "a published round is frozen: {verb} on {table} is refused"
_TABLE = "positions_assignment"
_OLD = "EXISTS (SELECT 1 FROM positions_round WHERE id = OLD.round_id AND published_run_id = OLD.run_id)"
_NEW = "EXISTS (SELECT 1 FROM positions_round WHERE id = NEW.round_id AND published_run_id = NEW.run_id)"
_CONTENT = ("uid", "round_id", "run_id", "cohort_id", "position_id", "rank", "fit", "is_fixed")


def triggers() -> Iterator[Trigger]:
    """Every trigger that a database must have."""
    columns = ", ".join(f'"{column}"' for column in _CONTENT)
    yield Trigger(f"{_TABLE}_keeps", _TABLE, "UPDATE", f"UPDATE OF {columns}", _OLD, _WHY)
    yield Trigger(f"{_TABLE}_stays", _TABLE, "DELETE", "DELETE", _OLD, _WHY)
    yield Trigger(f"{_TABLE}_closed", _TABLE, "INSERT", "INSERT", _NEW, _WHY)
    yield person_only_leaves(_TABLE, "person_id", _OLD, _WHY)
    # The reasons name positions and figures of one student: when the student is erased they are emptied.
    yield Trigger(f"{_TABLE}_why", _TABLE, "UPDATE", 'UPDATE OF "why"', f"({_OLD}) AND NEW.person_id IS NOT NULL", _WHY)
    for column in ("state", "published_run_id", "published_at"):
        yield Trigger(
            f"positions_round_{column}_stays",
            "positions_round",
            "UPDATE",
            f'UPDATE OF "{column}"',
            f"OLD.published_run_id IS NOT NULL AND (NEW.{column} IS NULL OR NEW.{column} <> OLD.{column})",
            _WHY,
        )
    yield Trigger(
        "positions_round_published_stays",
        "positions_round",
        "DELETE",
        "DELETE",
        "OLD.published_run_id IS NOT NULL",
        _WHY,
    )
    yield Trigger(
        "positions_run_published_stays",
        "positions_run",
        "DELETE",
        "DELETE",
        "EXISTS (SELECT 1 FROM positions_round WHERE published_run_id = OLD.id)",
        _WHY,
    )


_WORK = "positions_acceptance"
_DECIDED = "OLD.decided_at IS NOT NULL"
_WORK_WHY = "work that was decided about is frozen: {verb} on {table} is refused"
_WORK_CONTENT = ("uid", "task_id", "member_id", "criteria", "met", "state", "handed_in_at", "decided_at")
# What is left of a text when its student is erased.
_EMPTIED = {"evidence": "—", "link": "", "comment": ""}


def acceptance_triggers() -> Iterator[Trigger]:
    """Those of work on tasks, whose table came later than the others."""
    columns = ", ".join(f'"{column}"' for column in _WORK_CONTENT)
    yield Trigger(f"{_WORK}_keeps", _WORK, "UPDATE", f"UPDATE OF {columns}", _DECIDED, _WORK_WHY)
    yield Trigger(f"{_WORK}_stays", _WORK, "DELETE", "DELETE", _DECIDED, _WORK_WHY)
    yield person_only_leaves(_WORK, "decided_by_id", _DECIDED, _WORK_WHY)
    for column, emptied in _EMPTIED.items():
        changed = f"NEW.{column} <> OLD.{column} AND NEW.{column} <> '{emptied}'"
        yield Trigger(
            f"{_WORK}_{column}", _WORK, "UPDATE", f'UPDATE OF "{column}"', f"{_DECIDED} AND {changed}", _WORK_WHY
        )


must_stand(triggers)
must_stand(acceptance_triggers)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers; those that stand already are made anew."""
    create(connection, triggers())


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers, for a migration that goes back or a test that empties the tables."""
    drop(connection, triggers())
