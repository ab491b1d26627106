"""What keeps a machine from being held twice at a time, in the database itself: no service can forget it.

SQLite has one writer at a time, so a trigger that looks for an overlapping booking is enough there. PostgreSQL has
many; an exclusion constraint over machine and time makes the second wait for the first and then refuses it. A later
migration that alters the table on SQLite rebuilds it and must call `install` again.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ronghe.apps.ledger.freezing import Trigger, create, drop, must_stand

TABLE = "sites_booking"
EXCLUSION = "sites_booking_one_at_a_time"
_HOLDING = "('offered', 'booked', 'attended')"
_OTHER = (
    f"NEW.state IN {_HOLDING} AND EXISTS (SELECT 1 FROM {TABLE} other WHERE other.machine_id = NEW.machine_id "  # noqa: S608
    f"AND other.ends_at > NEW.starts_at AND other.starts_at < NEW.ends_at AND other.state IN {_HOLDING}"
)
_WHY = "a machine is held once at a time: {verb} on {table} is refused"


def triggers() -> Iterator[Trigger]:
    """Every trigger that a database must have."""
    yield Trigger(f"{TABLE}_made", TABLE, "INSERT", "INSERT", f"{_OTHER})", _WHY)
    columns = "UPDATE OF machine_id, starts_at, ends_at, state"
    yield Trigger(f"{TABLE}_moved", TABLE, "UPDATE", columns, f"{_OTHER} AND other.id <> NEW.id)", _WHY)


must_stand(triggers)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers, and on PostgreSQL the constraint; those that stand already are made anew."""
    remove(connection)
    create(connection, triggers())
    if connection.vendor == "postgresql":
        # int8range instead of plain equality needs no extension (btree_gist) and thus no superuser.
        with connection.cursor() as cursor:
            cursor.execute(
                f"ALTER TABLE {TABLE} ADD CONSTRAINT {EXCLUSION} EXCLUDE USING gist "
                "(int8range(machine_id, machine_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&) "
                f"WHERE (state IN {_HOLDING})"
            )


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop them, for a migration that goes back."""
    drop(connection, triggers())
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT IF EXISTS {EXCLUSION}")
