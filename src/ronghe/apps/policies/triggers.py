"""The triggers that make published versions, signed decisions and steps of claims immutable, on SQLite and PostgreSQL.

Only a person can be taken out of such a row, when that person is erased. A later migration that alters one of these
tables on SQLite rebuilds it and must call `install` again.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ronghe.apps.ledger.freezing import Trigger, create, drop, must_stand, person_only_leaves

_VERSION, _DECISION, _STEP = "policies_rulesetversion", "policies_decision", "policies_claimstep"
_CONTENT = {
    _VERSION: (
        "rule_set_id", "number", "source_text", "content", "digest", "note", "state", "proposed_at", "decided_at",
        "decision_note",
    ),
    _DECISION: (
        "uid", "subject_kind", "subject_key", "day", "known_at", "lines", "digest", "note", "signed_at",
    ),
    _STEP: ("claim_id", "state", "day", "amount", "note", "recorded_at"),
}  # fmt: skip
_PEOPLE = {_VERSION: ("proposed_by_id", "decided_by_id"), _DECISION: ("signed_by_id",), _STEP: ("by_id",)}
_IS_FROZEN = {_VERSION: "OLD.state = 'published'", _DECISION: "1 = 1", _STEP: "1 = 1"}
_WHY = "what was published or signed cannot change: {verb} on {table} is refused"


def triggers() -> Iterator[Trigger]:
    """Every trigger that the tables of policies must have."""
    for table, columns in _CONTENT.items():
        frozen = f"({_IS_FROZEN[table]})"
        named = ", ".join(f'"{column}"' for column in columns)
        yield Trigger(f"{table}_keeps", table, "UPDATE", f"UPDATE OF {named}", frozen, _WHY)
        yield Trigger(f"{table}_stays", table, "DELETE", "DELETE", frozen, _WHY)
        for column in _PEOPLE[table]:
            yield person_only_leaves(table, column, _IS_FROZEN[table], _WHY)


must_stand(triggers)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers of policies."""
    create(connection, triggers())


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers of policies."""
    drop(connection, triggers())
