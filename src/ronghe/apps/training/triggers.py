"""The triggers by which what was handed in, confirmed and rated stays as it was, on SQLite and PostgreSQL.

A later migration that alters one of these tables on SQLite rebuilds it and must call `install` again.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ronghe.apps.ledger.freezing import Trigger, create, drop, must_stand, person_only_leaves

_CONTENT = {
    "training_entry": ("uid", "placement_id", "week", "version", "hours", "handed_in_at"),
    "training_confirmation": ("entry_id", "verdict", "side", "link_id", "decided_at"),
    "training_rating": ("assessment_id", "side", "skill_id", "skill_level", "rated_at"),
}
_PEOPLE = {
    "training_entry": "handed_in_by_id",
    "training_confirmation": "decided_by_id",
    "training_rating": "rated_by_id",
}
# What people wrote may name somebody: when a student is erased it is emptied, and can be nothing else.
_WORDS = {
    "training_entry": ("text", "text_digest", "commit_url"),
    "training_confirmation": ("comment",),
    "training_rating": ("comment",),
}
_ALWAYS = "1 = 1"
_WHY = "evidence and what was decided about it is never edited; hand in a new version: {verb} on {table} is refused"


def triggers() -> Iterator[Trigger]:
    """Every trigger that a database must have."""
    for table, content in _CONTENT.items():
        columns = ", ".join(f'"{column}"' for column in content)
        yield Trigger(f"{table}_keeps", table, "UPDATE", f"UPDATE OF {columns}", _ALWAYS, _WHY)
        yield Trigger(f"{table}_stays", table, "DELETE", "DELETE", _ALWAYS, _WHY)
        yield person_only_leaves(table, _PEOPLE[table], _ALWAYS, _WHY)
        for column in _WORDS[table]:
            moment, condition = f'UPDATE OF "{column}"', f"NEW.{column} <> '' AND NEW.{column} <> OLD.{column}"
            yield Trigger(f"{table}_{column}", table, "UPDATE", moment, condition, _WHY)


must_stand(triggers)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers; those that stand already are made anew."""
    create(connection, triggers())


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers, for a migration that goes back or a test that empties the tables."""
    drop(connection, triggers())
