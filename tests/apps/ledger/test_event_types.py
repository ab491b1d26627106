"""What may be recorded: types, fields, and how each kind of value is written."""

import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.utils import translation

from ronghe.apps.accounts.models import Person
from ronghe.apps.ledger.errors import InvalidPayload, UnknownEventType
from ronghe.apps.ledger.event_types import EventType, Field, Kind, find, reference, register
from tests.apps.ledger.events import HOURS_CONFIRMED

UID = uuid.UUID("0e2f6b1c-58a0-4d0c-8a3d-6a4f6cde0001")
ALL_KINDS = EventType("tests.kinds.tried", "Kinds tried", tuple(Field(kind.name.lower(), kind) for kind in Kind))
VALUES = {
    "text": "嵌入式",
    "integer": 3,
    "number": 0.5,
    "decimal": Decimal("1200.50"),
    "boolean": False,
    "date": date(2026, 3, 1),
    "time": datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=8))),
    "person": Person(uid=UID),
    "reference": "demand.requirement:12",
}


def test_each_kind_of_value_is_written_in_one_way():
    assert ALL_KINDS.write(VALUES) == {
        "text": "嵌入式",
        "integer": 3,
        "number": 0.5,
        "decimal": "1200.50",
        "boolean": False,
        "date": "2026-03-01",
        "time": "2026-03-01T00:00:00.000000Z",
        "person": str(UID),
        "reference": "demand.requirement:12",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", 3),
        ("text", "a" * 4_001),
        ("integer", True),
        ("integer", 2**53),
        ("integer", "3"),
        ("number", "0.5"),
        ("decimal", 1.5),
        ("decimal", Decimal("NaN")),
        ("boolean", 1),
        ("date", datetime(2026, 3, 1, tzinfo=UTC)),
        ("date", "2026-03-01"),
        ("time", datetime(2026, 3, 1)),
        ("time", date(2026, 3, 1)),
        ("person", "张伟"),
        ("person", 17),
        ("reference", "demand.requirement"),
        ("reference", "demand.requirement:1 2"),
        ("reference", 17),
    ],
)
def test_a_value_of_another_kind_is_refused_and_the_field_named(name, value):
    with pytest.raises(InvalidPayload, match=rf"tests\.kinds\.tried: {name}"):
        ALL_KINDS.write({**VALUES, name: value})


def test_an_unknown_field_is_refused():
    with pytest.raises(InvalidPayload, match="no field 'hour'"):
        HOURS_CONFIRMED.write({"hours": 3, "hour": 3})


def test_a_missing_field_is_refused_unless_it_is_optional():
    with pytest.raises(InvalidPayload, match="needs its field 'hours'"):
        HOURS_CONFIRMED.write({"note": "late"})
    assert HOURS_CONFIRMED.write({"hours": 3, "note": None}) == {"hours": 3}


def test_a_list_is_written_item_by_item_and_text_is_no_list():
    assert HOURS_CONFIRMED.write({"hours": 3, "skills": ("C", "Verilog")}) == {"hours": 3, "skills": ["C", "Verilog"]}
    with pytest.raises(InvalidPayload, match="a list, each a text"):
        HOURS_CONFIRMED.write({"hours": 3, "skills": "Verilog"})


@pytest.mark.parametrize("name", ["hours.confirmed", "Tests.hours.confirmed", "tests.hours.confirmed.twice", "a.b.c d"])
def test_a_type_is_named_app_thing_happened(name):
    with pytest.raises(ValueError, match=r"not app\.thing\.happened"):
        EventType(name, "")


def test_a_field_has_an_ascii_name():
    with pytest.raises(ValueError, match="not ASCII"):
        EventType("tests.hours.spelt", "", (Field("学时", Kind.INTEGER),))


def test_half_a_character_is_refused_before_anything_is_hashed():
    with pytest.raises(InvalidPayload, match=r"note: .* half characters"):
        HOURS_CONFIRMED.write({"hours": 3, "note": "\ud83d"})


def test_two_types_of_one_name_are_refused_and_the_same_type_twice_is_not():
    assert register(HOURS_CONFIRMED) is HOURS_CONFIRMED
    with pytest.raises(ValueError, match=r"two event types are called tests\.hours\.confirmed"):
        register(EventType("tests.hours.confirmed", "Hours confirmed", ()))


def test_a_type_that_nobody_registered_is_not_found():
    with pytest.raises(UnknownEventType, match=r"tests\.kinds\.tried"):
        find(ALL_KINDS)
    with pytest.raises(UnknownEventType, match=r"tests\.nothing\.done"):
        find("tests.nothing.done")
    assert find("tests.hours.confirmed") is HOURS_CONFIRMED


def test_a_person_is_named_by_uid_and_never_by_row_id():
    assert reference(Person(id=7, uid=UID)) == f"accounts.person:{UID}"


def test_a_row_that_was_not_saved_has_no_name():
    from ronghe.apps.ledger.models import Event

    assert reference(Event(id=7)) == "ledger.event:7"
    with translation.override("en"), pytest.raises(InvalidPayload, match="save the event"):
        reference(Event())
