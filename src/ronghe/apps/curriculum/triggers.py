"""The triggers that make released versions and frozen results immutable, for SQLite and PostgreSQL.

A released version refuses every change to itself, its units and its declarations. Only the name of a person can be
taken out of it, when that person is erased, and the day on which the next version took its place is written once.
A later migration that alters one of these tables on SQLite rebuilds it and must call `install` again.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ronghe.apps.ledger.freezing import Trigger, create, drop, must_stand, person_only_leaves

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


def triggers() -> Iterator[Trigger]:
    """Every trigger that a database must have."""
    for table, condition in _IS_FROZEN.items():
        old, new = condition.format(row="OLD"), condition.format(row="NEW")
        columns = ", ".join(f'"{column}"' for column in _CONTENT[table])
        changed = f"{old} OR {new}" if table in _NO_INSERT else old
        yield Trigger(f"{table}_keeps", table, "UPDATE", f"UPDATE OF {columns}", f"({changed})", _WHY)
        yield Trigger(f"{table}_stays", table, "DELETE", "DELETE", f"({old})", _WHY)
        if table in _NO_INSERT:
            yield Trigger(f"{table}_full", table, "INSERT", "INSERT", f"({new})", _WHY)
        if table == "curriculum_packageversion":
            yield Trigger(
                f"{table}_superseded_once",
                table,
                "UPDATE",
                "UPDATE OF superseded_on",
                f"({old}) AND OLD.superseded_on IS NOT NULL",
                _WHY,
            )
        for column in _PEOPLE[table]:
            yield person_only_leaves(table, column, old, _WHY)


must_stand(triggers)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers; those that stand already are made anew."""
    create(connection, triggers())


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers, for a migration that goes back or a test that empties the tables."""
    drop(connection, triggers())
