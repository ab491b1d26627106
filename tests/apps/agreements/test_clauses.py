"""Clauses: what is typed is read or refused by field, kept in one form, and said in both languages."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as some

from ronghe.apps.agreements.clauses import FIELDS, ClauseKind, read_clause, read_clauses, said
from ronghe.apps.agreements.codes import new_code, read_code, shown
from ronghe.apps.agreements.content import applied, changes_between
from tests.apps.agreements.conftest import clause

NAMES = {1: {"zh": "甲公司", "en": "Firm A"}, 2: {"zh": "大学", "en": "University"}}


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("positions", {"quantity": 0, "per": "year", "by": 1}, "quantity"),
        ("positions", {"quantity": "fifty", "per": "year", "by": 1}, "quantity"),
        ("positions", {"quantity": 5, "per": "week", "by": 1}, "per"),
        ("positions", {"quantity": 5, "per": "year", "by": 3}, "by"),
        ("positions", {"quantity": 5, "per": "year"}, "by"),
        ("positions", {"quantity": 5, "per": "year", "by": 1, "field": "law"}, "field"),
        (
            "mentors",
            {"quantity": 5, "by": 1, "first_day": "2027-01-01", "last_day": "2026-01-01"},
            "last_day",
        ),
        ("mentors", {"quantity": 5, "by": 1, "first_day": "soon"}, "first_day"),
        ("fees", {"amount": "-1", "per": "month", "by": 1, "to": 2}, "amount"),
        ("fees", {"amount": "NaN", "per": "month", "by": 1, "to": 2}, "amount"),
        ("fees", {"amount": "10", "per": "month", "by": 1, "to": 1}, "to"),
    ],
)
def test_what_cannot_be_counted_is_refused_by_field(kind, values, field):
    with pytest.raises(ValidationError) as refused:
        read_clause(clause(kind, **values), places=[1, 2], complete=True)
    assert field in refused.value.message_dict


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValidationError):
        read_clause(clause("dividends"), places=[1], complete=False)


def test_a_draft_may_leave_open_what_signing_may_not():
    open_clause = clause("positions", per="year")
    assert read_clause(open_clause, places=[1, 2], complete=False)["values"] == {"per": "year"}
    with pytest.raises(ValidationError) as refused:
        read_clauses([clause("text"), open_clause], places=[1, 2], complete=True)
    assert "Clause 2" in refused.value.messages[0]
    assert "Seats" in refused.value.messages[0]


@given(
    some.sampled_from(["positions", "mentors", "equipment", "talent_supply"]),
    some.integers(1, 10_000_000),
    some.dates(),
)
def test_reading_what_was_read_changes_nothing(kind, quantity, day):
    values = {"quantity": str(quantity), "per": "in_all", "by": "2", "to": "1", "what": "示波器", "first_day": day}
    once = read_clauses([clause(kind, **values)], places=[1, 2])
    assert read_clauses(once, places=[1, 2], complete=True) == once


def test_keys_stay_and_new_ones_are_free():
    first = read_clauses([clause("text"), clause("text"), clause("text")], places=[])
    keys = [one["key"] for one in first]
    assert len(set(keys)) == 3
    again = read_clauses([first[0], first[2], clause("text")], places=[])
    assert [one["key"] for one in again][:2] == [keys[0], keys[2]]
    assert len({one["key"] for one in again}) == 3


@pytest.mark.parametrize("kind", [kind for kind in ClauseKind.values if FIELDS[kind]])
def test_every_kind_says_its_values_in_both_languages(kind):
    samples = {"number": 7, "money": "7.50", "day": "2026-02-03", "party": 1, "words": "示波器"}
    values = {field.name: field.choices.values[0] if field.choices else samples[field.value] for field in FIELDS[kind]}
    sentence = said({"kind": kind, "values": values}, NAMES)
    assert "%" not in sentence["zh"] + sentence["en"]
    assert "…" not in sentence["en"]
    assert sentence["zh"] != sentence["en"]


_CLAUSES = some.dictionaries(some.sampled_from("abcdef"), some.integers(0, 3), max_size=6).map(
    lambda found: [{"key": key, "values": value} for key, value in found.items()]
)


@given(_CLAUSES, _CLAUSES)
def test_changes_turn_what_was_into_what_shall_be(before, after):
    changed = applied([[{"put": one} for one in before], changes_between(before, after)])
    assert sorted(changed, key=lambda one: one["key"]) == sorted(after, key=lambda one: one["key"])


def test_a_code_is_read_as_people_type_it():
    code = new_code()
    assert read_code(shown(code).lower().replace("0", "o").replace("1", "l")) == code
    assert read_code(code[:-1]) is None
