"""The triggers that make certificates, changes of status and used versions immutable, for SQLite and PostgreSQL.

A certificate lets its holder go, and with that its document and the content of its path; its digest, root, slot and
dates never change. A later migration that alters one of these tables on SQLite rebuilds it and must call `install`
again.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ronghe.apps.ledger.freezing import Trigger, create, drop, must_stand, person_only_leaves

_WHY = "what was issued cannot change: {verb} on {table} is refused"
_CERTIFICATE = (
    "uid", "code", "version_id", "issuer_id", "key_id", "batch_id", "replaces_id", "issued_at", "valid_from",
    "valid_until", "status_list_id", "slot", "credential_id", "digest", "path_root", "event_id",
)  # fmt: skip
_VERSION = (
    "uid", "achievement_id", "number", "name_zh", "name_en", "type", "criteria_zh", "criteria_en", "worker_level",
    "eqf_level", "months_valid", "frozen_at",
)  # fmt: skip
_KEY = ("issuer_id", "name", "public_key", "valid_from")
_PARTS = {
    "credentials_achievementskill": ("version_id", "skill_id", "skill_level"),
    "credentials_condition": (
        "version_id", "metric", "least", "months", "name_zh", "name_en", "is_waived", "waiver_reason",
    ),
}  # fmt: skip
_OF_FROZEN = (
    "EXISTS (SELECT 1 FROM credentials_achievementversion v WHERE v.id = {row}.version_id AND v.frozen_at IS NOT NULL)"
)


def triggers() -> Iterator[Trigger]:
    """Every trigger that a database must have."""
    yield _keeps("credentials_certificate", _CERTIFICATE, "1 = 1")
    yield Trigger(
        "credentials_certificate_document",
        "credentials_certificate",
        "UPDATE",
        "UPDATE OF document",
        "NEW.document IS NOT NULL AND (OLD.document IS NULL OR OLD.document <> NEW.document)",
        _WHY,
    )
    yield Trigger(
        "credentials_certificate_revoked_for_good",
        "credentials_certificate",
        "UPDATE",
        "UPDATE OF state",
        "OLD.state = 'revoked' AND NEW.state <> 'revoked'",
        _WHY,
    )
    yield person_only_leaves("credentials_certificate", "holder_id", "1 = 1", _WHY)
    yield _stays("credentials_certificate", "1 = 1")
    yield _keeps("credentials_statuschange", ("certificate_id", "kind", "reason", "changed_at"), "1 = 1")
    yield person_only_leaves("credentials_statuschange", "changed_by_id", "1 = 1", _WHY)
    yield _stays("credentials_statuschange", "1 = 1")
    yield _keeps("credentials_achievementversion", _VERSION, "OLD.frozen_at IS NOT NULL")
    yield _stays("credentials_achievementversion", "OLD.frozen_at IS NOT NULL")
    for table, columns in _PARTS.items():
        old, new = _OF_FROZEN.format(row="OLD"), _OF_FROZEN.format(row="NEW")
        yield _keeps(table, columns, f"{old} OR {new}")
        yield _stays(table, old)
        yield Trigger(f"{table}_full", table, "INSERT", "INSERT", f"({new})", _WHY)
    yield _keeps("credentials_issuerkey", _KEY, "1 = 1")
    yield _stays("credentials_issuerkey", "1 = 1")
    yield Trigger(
        "credentials_issuerkey_revoked_for_good",
        "credentials_issuerkey",
        "UPDATE",
        "UPDATE OF revoked_at",
        "OLD.revoked_at IS NOT NULL",
        _WHY,
    )
    yield _keeps("credentials_issuer", ("uid", "organisation_id", "did"), "1 = 1")


must_stand(triggers)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers; those that stand already are made anew."""
    create(connection, triggers())


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers, for a migration that goes back or a test that empties the tables."""
    drop(connection, triggers())


def _keeps(table: str, columns: tuple[str, ...], condition: str) -> Trigger:
    names = ", ".join(f'"{column}"' for column in columns)
    return Trigger(f"{table}_keeps", table, "UPDATE", f"UPDATE OF {names}", f"({condition})", _WHY)


def _stays(table: str, condition: str) -> Trigger:
    return Trigger(f"{table}_stays", table, "DELETE", "DELETE", f"({condition})", _WHY)
