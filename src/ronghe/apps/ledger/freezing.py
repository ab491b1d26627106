"""Triggers by which the database itself refuses to change rows that are frozen, on SQLite and PostgreSQL.

An app names its tables and when a row of them is frozen; the log's own tables have stricter ones (`triggers.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger: when it fires, under which condition on the old or new row, and what it says then."""

    name: str
    table: str
    verb: str
    moment: str
    condition: str
    says: str

    @property
    def why(self) -> str:
        """What the refused writer is told."""
        return self.says.format(verb=self.verb, table=self.table)

    @property
    def sqlite(self) -> str:
        """How SQLite makes it."""
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.moment} ON {self.table} FOR EACH ROW WHEN {self.condition} "
            f"BEGIN SELECT RAISE(ABORT, '{self.why}'); END"
        )

    @property
    def postgresql(self) -> str:
        """How PostgreSQL makes it: with a function that asks, as a WHEN there cannot look up rows."""
        answer = "OLD" if self.verb == "DELETE" else "NEW"
        return (
            f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN "
            f"IF {self.condition} THEN RAISE EXCEPTION '{self.why}' USING ERRCODE = 'restrict_violation'; END IF; "
            f"RETURN {answer}; END $body$; "
            f"CREATE TRIGGER {self.name} BEFORE {self.moment} ON {self.table} FOR EACH ROW "
            f"EXECUTE FUNCTION {self.name}()"
        )


def person_only_leaves(table: str, column: str, condition: str, says: str) -> Trigger:
    """A trigger that lets a person be taken out of `column` and nobody be put in, while `condition` holds."""
    changed = f"NEW.{column} IS NOT NULL AND (OLD.{column} IS NULL OR OLD.{column} <> NEW.{column})"
    name = f"{table}_{column}"
    return Trigger(name, table, "UPDATE", f"UPDATE OF {column}", f"({condition}) AND {changed}", says)


def create(connection: BaseDatabaseWrapper, wanted: Iterable[Trigger]) -> None:
    """Create triggers; those that stand already are made anew."""
    wanted = list(wanted)
    drop(connection, wanted)
    with connection.cursor() as cursor:
        for trigger in wanted:
            cursor.execute(trigger.sqlite if connection.vendor == "sqlite" else trigger.postgresql)


def drop(connection: BaseDatabaseWrapper, wanted: Iterable[Trigger]) -> None:
    """Drop triggers, for a migration that goes back."""
    with connection.cursor() as cursor:
        for trigger in wanted:
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name} ON {trigger.table}")
                cursor.execute(f"DROP FUNCTION IF EXISTS {trigger.name}()")
