"""Triggers by which the database itself refuses to change rows that are frozen, on SQLite and PostgreSQL.

An app names its tables and when a row of them is frozen, in its `triggers.py`, and registers there what must stand, so
that `fsck` finds one that was removed. The log's own tables have stricter ones (`ledger/triggers.py`).
"""

from collections.abc import Callable, Iterable, Mapping
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
    def columns(self) -> frozenset[str]:
        """The columns whose update fires it; none where every update of a row does."""
        return frozenset(name.strip(' "') for name in self.moment.partition(" OF ")[2].split(",") if name)

    @property
    def sqlite(self) -> str:
        """How SQLite makes it."""
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.moment} ON {self.table} FOR EACH ROW WHEN {self.condition} "
            f"BEGIN SELECT RAISE(ABORT, '{self.why}'); END"
        )

    @property
    def body(self) -> str:
        """What the function of PostgreSQL's trigger does."""
        answer = "OLD" if self.verb == "DELETE" else "NEW"
        return (
            f" BEGIN IF {self.condition} THEN RAISE EXCEPTION '{self.why}' USING ERRCODE = 'restrict_violation'; "
            f"END IF; RETURN {answer}; END "
        )

    @property
    def postgresql(self) -> str:
        """How PostgreSQL makes it: with a function that asks, as a WHEN there cannot look up rows."""
        return (
            f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $body${self.body}$body$; "
            f"CREATE TRIGGER {self.name} BEFORE {self.moment} ON {self.table} FOR EACH ROW "
            f"EXECUTE FUNCTION {self.name}()"
        )


def person_only_leaves(table: str, column: str, condition: str, says: str) -> Trigger:
    """A trigger that lets a person be taken out of `column` and nobody be put in, while `condition` holds."""
    changed = f"NEW.{column} IS NOT NULL AND (OLD.{column} IS NULL OR OLD.{column} <> NEW.{column})"
    name = f"{table}_{column}"
    return Trigger(name, table, "UPDATE", f"UPDATE OF {column}", f"({condition}) AND {changed}", says)


_registered: list[Callable[[], Iterable[Trigger]]] = []
# pg_trigger.tgtype is a sum of these (PostgreSQL's catalog/pg_trigger.h).
_ROW_BEFORE = 1 + 2
_KINDS = {"INSERT": _ROW_BEFORE + 4, "DELETE": _ROW_BEFORE + 8, "UPDATE": _ROW_BEFORE + 16}


def must_stand(triggers: Callable[[], Iterable[Trigger]]) -> None:
    """Register what an app's migrations have created; `fsck` names each one that is missing or was changed."""
    _registered.append(triggers)


def problems(connection: BaseDatabaseWrapper) -> list[str]:
    """What is wrong with the registered triggers: each one that is missing, disabled or does something else."""
    # A site that was not migrated whole lacks some tables, and nothing can be wrong with their rows.
    tables = set(connection.introspection.table_names())
    wanted = [trigger for triggers in _registered for trigger in triggers() if trigger.table in tables]
    found = _sqlite_state if connection.vendor == "sqlite" else _postgresql_state
    standing = found(connection, {trigger.name: trigger for trigger in wanted})
    return [
        f"trigger {trigger.name} {standing.get(trigger.name, 'is missing')}"
        for trigger in wanted
        if standing.get(trigger.name) != ""
    ]


def _sqlite_state(connection: BaseDatabaseWrapper, wanted: Mapping[str, Trigger]) -> dict[str, str]:
    """By name what is wrong with a trigger that stands: nothing, or that it was changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {name: "" if sql == wanted[name].sqlite else "was changed" for name, sql in cursor if name in wanted}


def _postgresql_state(connection: BaseDatabaseWrapper, wanted: Mapping[str, Trigger]) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, t.tgenabled, c.relname, p.proname, t.tgtype, p.prosrc, t.tgqual IS NULL, "
            "ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (t.tgattr)) "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)"
        )
        found = {}
        for name, enabled, *is_now, columns in cursor:
            if (one := wanted.get(name)) is None:
                continue
            same = [one.table, one.name, _KINDS[one.verb], one.body, True] == is_now and one.columns == set(columns)
            found[name] = "is disabled" if enabled not in ("O", "A") else "" if same else "was changed"
    return found


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
