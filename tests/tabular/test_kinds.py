"""Cells become typed values or say why not."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from ronghe.tabular import (
    Boolean,
    CellRefused,
    Choice,
    Date,
    DecimalNumber,
    Email,
    Integer,
    Kind,
    ListOf,
    Month,
    SchemaError,
    Text,
    as_text,
    neutralise,
    restore,
)

STATES = Choice({"open": ("开放", "Open"), "closed": ("关闭", "Closed")}, {"open": ["招聘中"]})


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (Text(), "  工程师 ", "工程师"),
        (Text(strip=False), " a ", " a "),
        (Text(), 1, "1"),
        (Text(), Decimal("1E+2"), "100"),
        (Text(), date(2026, 3, 1), "2026-03-01"),
        (Text(), "1.1E+17", "1.1E+17"),
        (Integer(), "12", 12),
        (Integer(), "１２", 12),
        (Integer(), "1,200", 1200),
        (Integer(), "1200.0", 1200),
        (Integer(), "-3", -3),
        (Integer(), "−3", -3),
        (Integer(), Decimal("7.0"), 7),
        (DecimalNumber(), "0.1", Decimal("0.1")),
        (DecimalNumber(), "1,234,567.50", Decimal("1234567.5")),
        (DecimalNumber(places=2), "1.5000", Decimal("1.5")),
        (DecimalNumber(), "1e3", Decimal(1000)),
        (DecimalNumber(), 3, Decimal(3)),
        (DecimalNumber(), ".5", Decimal("0.5")),
        (Date(), "2026-03-01", date(2026, 3, 1)),
        (Date(), "2026/3/1", date(2026, 3, 1)),
        (Date(), "2026.3.1", date(2026, 3, 1)),
        (Date(), "2026年3月1日", date(2026, 3, 1)),
        (Date(), "２０２６年３月１日", date(2026, 3, 1)),
        (Date(), "20260301", date(2026, 3, 1)),
        (Date(), 20260301, date(2026, 3, 1)),
        (Date(), "2026-03-01 00:00:00", date(2026, 3, 1)),
        (Date(), "2026-03-01T00:00:00.000Z", date(2026, 3, 1)),
        (Date(), datetime(2026, 3, 1), date(2026, 3, 1)),
        (Month(), "2026-03", date(2026, 3, 1)),
        (Month(), "2026年3月", date(2026, 3, 1)),
        (Month(), "202603", date(2026, 3, 1)),
        (Month(), date(2026, 3, 1), date(2026, 3, 1)),
        (Boolean(), "是", True),
        (Boolean(), " NO ", False),
        (Boolean(), 1, True),
        (Boolean(), False, False),
        (STATES, "Open ", "open"),
        (STATES, "招聘中", "open"),
        (STATES, "关 闭", "closed"),
        (Email(), " Zhang.Wei@Example.COM ", "Zhang.Wei@example.com"),
        (Email(), "a＠b.cn", "a@b.cn"),
        (ListOf(), "C++； 5G ;;Linux", ("C++", "5G", "Linux")),
        (ListOf(), ["a", 2], ("a", "2")),
        (ListOf(Integer()), "1;2", (1, 2)),
    ],
)
def test_a_cell_is_read(kind: Kind, cell: Any, value: Any) -> None:
    assert kind.parse(cell) == value


@pytest.mark.parametrize(
    ("kind", "cell", "code"),
    [
        (Text(3), "four", "cell.too_long"),
        (Text(), "a\0b", "text.character"),
        (Text(), "\ud800", "text.character"),
        (Text(identifier=True), "1.10101E+17", "text.scientific"),
        (Text(), {"a": 1}, "cell.nested"),
        (Integer(), "1.5", "number.integer"),
        (Integer(), "twelve", "number.integer"),
        (Integer(), "1,2", "number.integer"),
        (Integer(), "9" * 101, "number.integer"),
        (Integer(), "1e999", "number.maximum"),
        (Integer(), True, "number.integer"),
        (Integer(), date(2026, 1, 1), "number.integer"),
        (Integer(minimum=0), "-1", "number.minimum"),
        (Integer(), 2**63, "number.maximum"),
        (DecimalNumber(places=2), "1.234", "number.places"),
        (DecimalNumber(6, 2), "10000", "number.digits"),
        (DecimalNumber(), "nan", "number.decimal"),
        (DecimalNumber(), "Infinity", "number.decimal"),
        (DecimalNumber(), "1e-999", "number.places"),
        (DecimalNumber(minimum=Decimal("0.5")), "0.4", "number.minimum"),
        (Date(), "03/04/2026", "date.order"),
        (Date(), "2026-02-30", "date.no_such_day"),
        (Date(), "20261301", "date.no_such_day"),
        (Date(), 46082, "date.serial"),
        (Date(), "46082", "date.serial"),
        (Date(), "yesterday", "date.format"),
        (Date(), time(8), "date.format"),
        (Date(), datetime(2026, 3, 1, 8), "date.time"),
        (Date(), "2026-03-01 08:00", "date.time"),
        (Date(), "1850-01-01", "date.minimum"),
        (Month(), "2026-13", "date.no_such_day"),
        (Month(), "March", "month.format"),
        (Month(), "2026-03-15", "month.day"),
        (Boolean(), "maybe", "boolean.format"),
        (STATES, "ajar", "choice.unknown"),
        (Email(), "zhang wei@example.com", "email.format"),
        (Email(), "a@b", "email.format"),
        (Email(), "a@-b.com", "email.format"),
        (ListOf(max_items=2), "1;2;3", "list.too_many"),
        (ListOf(), ["a;b"], "list.separator"),
        (ListOf(), [["a"]], "cell.nested"),
        (ListOf(Integer()), "1;x", "number.integer"),
    ],
)
def test_a_cell_is_refused_with_a_reason_in_both_languages(kind: Kind, cell: Any, code: str) -> None:
    with pytest.raises(CellRefused) as refused:
        kind.parse(cell)
    assert refused.value.code == code
    assert refused.value.message_zh.endswith(("。", "？"))
    assert refused.value.message_en.endswith((".", "?"))


def test_a_choice_names_what_may_be_chosen() -> None:
    with pytest.raises(CellRefused) as refused:
        STATES.parse("x")
    assert "开放、关闭" in refused.value.message_zh
    assert "Open, Closed" in refused.value.message_en


def test_a_choice_whose_labels_collide_is_a_mistake_in_the_schema() -> None:
    with pytest.raises(SchemaError, match="belongs to both"):
        Choice({"a": ("是", "Yes"), "b": ("是", "Sure")})


@pytest.mark.parametrize(
    "text", ["=1+1", "+8613800000000", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "'=1", "''=1", "'a", "a=1", ""]
)
def test_neutralising_is_undone_exactly(text: str) -> None:
    neutral = neutralise(text)
    assert restore(neutral) == text
    assert not neutral.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))


def test_text_is_the_same_whatever_the_cell_was() -> None:
    assert [as_text(cell) for cell in (None, True, 5, Decimal("2.50"), datetime(2026, 1, 2, 3, 4), time(8))] == [
        "",
        "true",
        "5",
        "2.5",
        "2026-01-02 03:04:00",
        "08:00:00",
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Text(), 5),
        (Integer(), True),
        (Integer(), "5"),
        (DecimalNumber(), 0.1),
        (DecimalNumber(places=1), Decimal("0.11")),
        (Date(), datetime(2026, 1, 1)),
        (Month(), date(2026, 1, 2)),
        (Boolean(), 1),
        (STATES, "ajar"),
        (Email(), 1),
        (ListOf(), "a"),
        (ListOf(), ["a;b"]),
    ],
)
def test_a_value_of_another_kind_is_not_written(kind: Kind, value: Any) -> None:
    with pytest.raises(CellRefused):
        kind.write(value, None)
