"""The triggers that make released versions and frozen results immutable, for SQLite and PostgreSQL.

A released version refuses every change to itself, its units and its declarations. Only the name of a person can be
taken out of it, when that person is erased, and the day on which the next version took its place is written once.
A later migration that alters one of these tables on SQLite rebuilds it and must call `install` again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

_PEOPLE = {
    "curriculum_packageversion": ("created_by_id", "submitted_by_id", "released_by_id"),
    "curriculum_unit": ("university_author_id", "enterprise_author_id"),
    "curriculum_declaration": (),
    "curriculum_criresult": ("frozen_by_id",),
}
_CONTENT = {
    "curriculum_packageversion": (
        "uid", "package_id", "number", "state", "summary", "round", "revision", "created_on", "submitted_on",
        "released_on", "recorded_at", "content_hash",
    ),
    "curriculum_unit": (
        "uid", "version_id", "key", "position", "name_zh", "name_en", "content", "hours", "practice_hours", "revision",
        "source_part_id", "source_case_id", "change", "novelty", "renewed_on",
    ),
    "curriculum_declaration": ("unit_id", "skill_id", "skill_level", "hours", "practice_hours", "evidence"),
    "curriculum_criresult": (
        "uid", "enterprise_id", "programme_id", "as_of", "value", "low", "high", "method", "method_version",
        "inputs_hash", "parameters", "result", "frozen_at",
    ),
}  # fmt: skip
_OF_RELEASED = (
    "EXISTS (SELECT 1 FROM curriculum_packageversion v WHERE v.id = {row}.version_id AND v.state = 'released')"
)
_OF_RELEASED_UNIT = (
    "EXISTS (SELECT 1 FROM curriculum_unit u JOIN curriculum_packageversion v ON v.id = u.version_id "
    "WHERE u.id = {row}.unit_id AND v.state = 'released')"
)
_IS_FROZEN = {
    "curriculum_packageversion": "{row}.state = 'released'",
    "curriculum_unit": _OF_RELEASED,
    "curriculum_declaration": _OF_RELEASED_UNIT,
    "curriculum_criresult": "1 = 1",
}
# A released version is made by an update of a draft, so what must not be inserted are only its parts.
_NO_INSERT = ("curriculum_unit", "curriculum_declaration")
_WHY = "a released version or frozen result cannot change: {verb} on {table} is refused"


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger: when it fires and under which condition on the old or new row."""

    name: str
    table: str
    verb: str
    moment: str
    condition: str

    @property
    def sqlite(self) -> str:
        """How SQLite makes it."""
        why = _WHY.format(verb=self.verb, table=self.table)
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.moment} ON {self.table} FOR EACH ROW WHEN {self.condition} "
            f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
        )

    @property
    def postgresql(self) -> str:
        """How PostgreSQL makes it: with a function that asks, as a WHEN there cannot look up rows."""
        why = _WHY.format(verb=self.verb, table=self.table)
        answer = "OLD" if self.verb == "DELETE" else "NEW"
        return (
            f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN "
            f"IF {self.condition} THEN RAISE EXCEPTION '{why}' USING ERRCODE = 'restrict_violation'; END IF; "
            f"RETURN {answer}; END $body$; "
            f"CREATE TRIGGER {self.name} BEFORE {self.moment} ON {self.table} FOR EACH ROW "
            f"EXECUTE FUNCTION {self.name}()"
        )


def triggers() -> Iterator[Trigger]:
    """Every trigger that a database must have."""
    for table, condition in _IS_FROZEN.items():
        old, new = condition.format(row="OLD"), condition.format(row="NEW")
        columns = ", ".join(f'"{column}"' for column in _CONTENT[table])
        changed = f"{old} OR {new}" if table in _NO_INSERT else old
        yield Trigger(f"{table}_keeps", table, "UPDATE", f"UPDATE OF {columns}", f"({changed})")
        yield Trigger(f"{table}_stays", table, "DELETE", "DELETE", f"({old})")
        if table in _NO_INSERT:
            yield Trigger(f"{table}_full", table, "INSERT", "INSERT", f"({new})")
        if table == "curriculum_packageversion":
            yield Trigger(
                f"{table}_superseded_once",
                table,
                "UPDATE",
                "UPDATE OF superseded_on",
                f"({old}) AND OLD.superseded_on IS NOT NULL",
            )
        for column in _PEOPLE[table]:
            yield Trigger(
                f"{table}_{column}",
                table,
                "UPDATE",
                f"UPDATE OF {column}",
                f"({old}) AND NEW.{column} IS NOT NULL AND (OLD.{column} IS NULL OR OLD.{column} <> NEW.{column})",
            )


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers; those that stand already are made anew."""
    remove(connection)
    with connection.cursor() as cursor:
        for trigger in triggers():
            cursor.execute(trigger.sqlite if connection.vendor == "sqlite" else trigger.postgresql)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers, for a migration that goes back or a test that empties the tables."""
    with connection.cursor() as cursor:
        for trigger in triggers():
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name} ON {trigger.table}")
                cursor.execute(f"DROP FUNCTION IF EXISTS {trigger.name}()")
