"""The triggers that make the log's tables append-only, for SQLite and PostgreSQL, and the check that they stand.

They stop accidents and honest mistakes; who may drop a trigger is found out by `services.fsck`, not stopped here.
A later migration that alters one of these tables on SQLite rebuilds it and must call `install` again.
"""

from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

APPEND_ONLY_TABLES = ("ledger_event", "ledger_leaf", "ledger_subtree", "ledger_checkpoint")
PAYLOAD_TABLE = "ledger_payload"

_IS_ERASURE = (
    "OLD.content IS NOT NULL AND NEW.content IS NULL AND NEW.salt IS NULL "
    "AND NEW.erased_by_id IS NOT NULL AND NEW.event_id = OLD.event_id"
)
# What makes a row the same row: INSERT OR REPLACE would otherwise delete it without firing a DELETE trigger.
_KEYS = {
    "ledger_event": "id = NEW.id",
    "ledger_leaf": '"index" = NEW."index" OR event_id = NEW.event_id',
    "ledger_subtree": "level = NEW.level AND number = NEW.number",
    "ledger_checkpoint": "size = NEW.size",
    "ledger_payload": "event_id = NEW.event_id",
}

_RAISE = (
    "RAISE EXCEPTION 'the ledger only grows: % on % is refused', TG_OP, TG_TABLE_NAME "
    "USING ERRCODE = 'restrict_violation';"
)
_FUNCTIONS = {
    "ledger_refuse_change": f"BEGIN {_RAISE} END",
    "ledger_refuse_all_but_erasure": f"BEGIN IF {_IS_ERASURE} THEN RETURN NEW; END IF; {_RAISE} END",
}
# pg_trigger.tgtype is a sum of these (PostgreSQL's catalog/pg_trigger.h).
_ROW, _BEFORE, _DELETE, _UPDATE, _TRUNCATE = 1, 2, 8, 16, 32


@dataclass(frozen=True, slots=True)
class SqliteTrigger:
    """A trigger and the SQL that makes it, which SQLite keeps word for word."""

    name: str
    table: str
    sql: str


@dataclass(frozen=True, slots=True)
class PostgresqlTrigger:
    """A trigger, the function it calls and its `tgtype`."""

    name: str
    table: str
    moment: str
    function: str
    kind: int

    @property
    def sql(self) -> str:
        """The statement that makes it."""
        return f"CREATE TRIGGER {self.name} {self.moment} EXECUTE FUNCTION {self.function}()"


def sqlite_triggers() -> list[SqliteTrigger]:
    """Return the triggers that an SQLite database must have."""
    found = []
    for table in (*APPEND_ONLY_TABLES, PAYLOAD_TABLE):
        unless = f" WHEN NOT ({_IS_ERASURE})" if table == PAYLOAD_TABLE else ""
        moments = {
            "delete": f"BEFORE DELETE ON {table}",
            "update": f"BEFORE UPDATE ON {table}{unless}",
            "replace": f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {_KEYS[table]})",  # noqa: S608
        }
        for verb, moment in moments.items():
            name = f"{table}_no_{verb}"
            refuse = f"SELECT RAISE(ABORT, 'the ledger only grows: {verb.upper()} on {table} is refused');"
            found.append(SqliteTrigger(name, table, f"CREATE TRIGGER {name} {moment} BEGIN {refuse} END"))
    return found


def postgresql_triggers() -> list[PostgresqlTrigger]:
    """Return the triggers that a PostgreSQL database must have."""
    found = []
    for table in APPEND_ONLY_TABLES:
        found.append(
            PostgresqlTrigger(
                f"{table}_no_change",
                table,
                f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT",
                "ledger_refuse_change",
                _BEFORE | _UPDATE | _DELETE | _TRUNCATE,
            )
        )
    found += [
        PostgresqlTrigger(
            f"{PAYLOAD_TABLE}_no_delete",
            PAYLOAD_TABLE,
            f"BEFORE DELETE OR TRUNCATE ON {PAYLOAD_TABLE} FOR EACH STATEMENT",
            "ledger_refuse_change",
            _BEFORE | _DELETE | _TRUNCATE,
        ),
        PostgresqlTrigger(
            f"{PAYLOAD_TABLE}_no_update",
            PAYLOAD_TABLE,
            f"BEFORE UPDATE ON {PAYLOAD_TABLE} FOR EACH ROW",
            "ledger_refuse_all_but_erasure",
            _BEFORE | _UPDATE | _ROW,
        ),
    ]
    return found


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers; those that stand already are made anew."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for trigger in sqlite_triggers():
                cursor.execute(trigger.sql)
        elif connection.vendor == "postgresql":
            for name, body in _FUNCTIONS.items():
                cursor.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body${body}$body$")
            for statement in postgresql_triggers():
                cursor.execute(statement.sql)
        else:
            raise NotImplementedError(f"the ledger runs on SQLite and PostgreSQL, not on {connection.vendor}")


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers, for a migration that goes back or a test that tampers."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for trigger in sqlite_triggers():
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}")
        elif connection.vendor == "postgresql":
            for statement in postgresql_triggers():
                cursor.execute(f"DROP TRIGGER IF EXISTS {statement.name} ON {statement.table}")
            for name in _FUNCTIONS:
                cursor.execute(f"DROP FUNCTION IF EXISTS {name}()")


def problems(connection: BaseDatabaseWrapper) -> list[str]:
    """Return what is wrong with the triggers: each one that is missing, disabled or does something else."""
    return _sqlite_problems(connection) if connection.vendor == "sqlite" else _postgresql_problems(connection)


def _sqlite_problems(connection: BaseDatabaseWrapper) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        standing = dict(cursor.fetchall())
    found = []
    for trigger in sqlite_triggers():
        if trigger.name not in standing:
            found.append(f"trigger {trigger.name} is missing")
        elif standing[trigger.name] != trigger.sql:
            found.append(f"trigger {trigger.name} was changed")
    return found


def _postgresql_problems(connection: BaseDatabaseWrapper) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, c.relname, p.proname, t.tgtype, p.prosrc, t.tgenabled, "
            "t.tgqual IS NULL AND cardinality(t.tgattr::int2[]) = 0 "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)"
        )
        standing = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute("SHOW session_replication_role")
        role = cursor.fetchone()[0]
    found = []
    for trigger in postgresql_triggers():
        wanted = (trigger.table, trigger.function, trigger.kind, _FUNCTIONS[trigger.function])
        if trigger.name not in standing:
            found.append(f"trigger {trigger.name} is missing")
            continue
        *is_now, enabled, unconditional = standing[trigger.name]
        if enabled not in ("O", "A"):
            found.append(f"trigger {trigger.name} is disabled")
        elif tuple(is_now) != wanted or not unconditional:
            found.append(f"trigger {trigger.name} was changed")
    if role == "replica":
        found.append("session_replication_role is set to replica, so that no trigger fires")
    return found
