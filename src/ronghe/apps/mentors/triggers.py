"""What the database itself refuses: two students in one slot, two lessons of a mentor at once, edits of fees.

On SQLite, which has one writer at a time, triggers are enough. On PostgreSQL two writers do not see each other's rows
in a trigger, so exclusion constraints stand beside them; they need no extension. A later migration that alters one of
these tables on SQLite rebuilds it and must call `install` again.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ronghe.apps.ledger.freezing import Trigger, create, drop, must_stand, person_only_leaves

_FROZEN = {
    "mentors_statement": ("uid", "mentor_id", "month", "class_hours", "amount", "issued_at", "issued_by_uid"),
    "mentors_feeentry": ("hour_id", "kind", "dispute_id", "class_hours", "rate", "amount", "recorded_at"),
}
_ALWAYS = "1 = 1"
_WHY = "what a mentor earns is only added to; correct it by a counter-line: {verb} on {table} is refused"
_SLOT_TAKEN = "this slot of the mentor is taken on one of the days: {verb} on {table} is refused"
_TWO_LESSONS = "the mentor taught elsewhere at that time: {verb} on {table} is refused"
_HOUR = ("mentor_id", "taught_on", "start_minute", "minutes", "class_hours", "kind", "standard_id", "benchmark_id")

_SLOT_MEETS = (
    "NEW.superseded_at IS NULL AND EXISTS (SELECT 1 FROM mentors_slot o WHERE o.mentor_id = NEW.mentor_id "
    "AND o.number = NEW.number AND o.superseded_at IS NULL AND o.valid_from < NEW.valid_until "
    "AND o.valid_until > NEW.valid_from{other})"
)
_LESSON_MEETS = (
    "NEW.state IN ('claimed', 'confirmed') AND EXISTS (SELECT 1 FROM mentors_classhour o "
    "WHERE o.mentor_id = NEW.mentor_id AND o.taught_on = NEW.taught_on AND o.state IN ('claimed', 'confirmed') "
    "AND o.start_minute < NEW.start_minute + NEW.minutes AND o.start_minute + o.minutes > NEW.start_minute{other})"
)
_OTHER = " AND o.id <> NEW.id"

# Numbers as ranges of one number: their operators are PostgreSQL's own, so that no extension is needed.
_EXCLUSIONS = {
    ("mentors_slot", "mentors_slot_once_a_day"): (
        "EXCLUDE USING gist (int8range(mentor_id, mentor_id, '[]') WITH &&, "
        "int4range(number::int, number::int, '[]') WITH &&, "
        "daterange(valid_from, valid_until, '[)') WITH &&) WHERE (superseded_at IS NULL)"
    ),
    ("mentors_classhour", "mentors_classhour_one_at_a_time"): (
        "EXCLUDE USING gist (int8range(mentor_id, mentor_id, '[]') WITH &&, "
        "daterange(taught_on, taught_on, '[]') WITH &&, "
        "int4range(start_minute::int, start_minute::int + minutes::int, '[)') WITH &&) "
        "WHERE (state IN ('claimed', 'confirmed'))"
    ),
}


def triggers() -> Iterator[Trigger]:
    """Every trigger that a database must have."""
    slot_columns = "mentor_id, number, valid_from, valid_until, superseded_at"
    hour_columns = "mentor_id, taught_on, start_minute, minutes, state"
    for table, columns, meets, why in (
        ("mentors_slot", slot_columns, _SLOT_MEETS, _SLOT_TAKEN),
        ("mentors_classhour", hour_columns, _LESSON_MEETS, _TWO_LESSONS),
    ):
        yield Trigger(f"{table}_comes", table, "INSERT", "INSERT", meets.format(other=""), why)
        yield Trigger(f"{table}_moves", table, "UPDATE", f"UPDATE OF {columns}", meets.format(other=_OTHER), why)
    for table, content in _FROZEN.items():
        named = ", ".join(f'"{column}"' for column in content)
        yield Trigger(f"{table}_keeps", table, "UPDATE", f"UPDATE OF {named}", _ALWAYS, _WHY)
        yield Trigger(f"{table}_stays", table, "DELETE", "DELETE", _ALWAYS, _WHY)
    yield Trigger(
        "mentors_feeentry_issued_once",
        "mentors_feeentry",
        "UPDATE",
        "UPDATE OF statement_id",
        "OLD.statement_id IS NOT NULL",
        _WHY,
    )
    confirmed = "OLD.state = 'confirmed'"
    named = ", ".join(f'"{column}"' for column in (*_HOUR, "state"))
    yield Trigger("mentors_classhour_keeps", "mentors_classhour", "UPDATE", f"UPDATE OF {named}", confirmed, _WHY)
    yield Trigger("mentors_classhour_stays", "mentors_classhour", "DELETE", "DELETE", confirmed, _WHY)
    yield person_only_leaves("mentors_classhour", "decided_by_id", confirmed, _WHY)


must_stand(triggers)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers and constraints; those that stand already are made anew."""
    remove(connection)
    create(connection, triggers())
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for (table, name), constraint in _EXCLUSIONS.items():
                cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {constraint}")


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop them, for a migration that goes back."""
    drop(connection, triggers())
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table, name in _EXCLUSIONS:
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
