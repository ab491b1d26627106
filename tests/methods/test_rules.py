"""The rule engine: verdicts are exclusive, unknown is never folded into kept or broken, no money is lost or made."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronghe.methods.rules import (
    Judgement,
    OneOf,
    Operator,
    Reading,
    Reason,
    Rule,
    RuleError,
    Span,
    SpanKind,
    Threshold,
    Validity,
    Verdict,
    Within,
    applies,
    carry_forward,
    judge,
    months_before,
    overlapping,
)

DAY = date(2026, 11, 23)
numbers = st.one_of(st.integers(-10_000, 10_000), st.floats(-1e6, 1e6))
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
facts = st.fixed_dictionaries(
    {"tier": st.sampled_from([None, "leader", "member"]), "region": st.sampled_from([None, "440300", "510100"])}
)


def rule(operator=Operator.AT_LEAST, bounds=(300,), margin=0, unit="count", **changes):
    said = {"validity": Validity(date(2025, 1, 1)), "scope": ()} | changes
    return Rule("positions", "a.b.c", Threshold(operator, bounds, unit, margin), Span(SpanKind.DAY), **said)


@st.composite
def thresholds(draw):
    operator = draw(st.sampled_from(Operator))
    bounds = tuple(sorted(draw(numbers) for _each in range(2 if operator is Operator.BETWEEN else 1)))
    margin = 0 if operator is Operator.EQUAL_TO else draw(st.floats(0, 100))
    return Threshold(operator, bounds, "count", margin)


@pytest.mark.parametrize(
    ("operator", "bounds", "kept", "broken"),
    [
        (Operator.AT_LEAST, (300,), [300, 300.5, 1e9], [299.999, 0, -1]),
        (Operator.AT_MOST, (0.1,), [0.1, 0, 1 / 10], [0.1000001, 1]),
        (Operator.MORE_THAN, (0,), [1e-12], [0, -1]),
        (Operator.LESS_THAN, (0.03,), [0.0299], [0.03, 3 / 100]),
        (Operator.EQUAL_TO, (0,), [0, 0.0], [1, -1]),
        (Operator.BETWEEN, (6, 12), [6, 12, 9], [5.99, 12.01]),
    ],
)
def test_each_operator_compares_as_it_is_named(operator, bounds, kept, broken):
    threshold = Threshold(operator, bounds, "count")
    assert [threshold.is_kept(value) for value in kept] == [True] * len(kept)
    assert [threshold.is_kept(value) for value in broken] == [False] * len(broken)


def test_a_share_counted_as_six_of_ten_meets_sixty_percent_and_a_margin_is_read_as_typed():
    assert Threshold(Operator.AT_LEAST, (0.6,), "share", 0.05).grade(6 / 10) is Verdict.AMBER
    assert Threshold(Operator.AT_LEAST, (0.3,), "share", 0.01).grade(0.31) is Verdict.GREEN


@given(thresholds(), numbers)
def test_red_is_exactly_not_kept_and_amber_lies_within_the_margin(threshold, value):
    verdict = threshold.grade(value)
    assert (verdict is Verdict.RED) is (not threshold.is_kept(value))
    if verdict is Verdict.AMBER:
        assert threshold.margin > 0
        assert threshold.slack(value) < Decimal(repr(threshold.margin))


@given(numbers, numbers, st.floats(0, 50))
def test_more_of_what_a_floor_asks_for_never_makes_it_worse(value, more, margin):
    order = [Verdict.RED, Verdict.AMBER, Verdict.GREEN]
    low, high = sorted([value, more])
    floor = Threshold(Operator.AT_LEAST, (10,), "count", margin)
    ceiling = Threshold(Operator.AT_MOST, (10,), "count", margin)
    assert order.index(floor.grade(low)) <= order.index(floor.grade(high))
    assert order.index(ceiling.grade(low)) >= order.index(ceiling.grade(high))


@given(
    thresholds(),
    facts,
    st.one_of(st.none(), numbers, st.just(float("nan"))),
    st.sampled_from(["count", "share"]),
    days,
    st.booleans(),
)
def test_a_verdict_follows_from_its_reason_and_only_a_compared_value_is_coloured(
    threshold, known, value, unit, day, exempt
):
    scope = (OneOf("tier", frozenset({"leader"})), Within("region", "44"))
    asked = Rule("k", "a.b.c", threshold, Span(SpanKind.DAY), Validity(date(2000, 1, 1), date(2050, 1, 1)), scope)
    found = judge(asked, day=day, facts=known, reading=Reading(value, unit), is_exempt=exempt)
    coloured = found.verdict in (Verdict.RED, Verdict.AMBER, Verdict.GREEN)
    assert coloured is (found.slack is not None)
    if coloured:
        assert (value is not None, unit, exempt, asked.validity.holds_on(day)) == (True, "count", False, True)
        assert known == {"tier": "leader", "region": "440300"}
    else:
        assert found.reason not in (Reason.KEPT, Reason.KEPT_NARROWLY, Reason.BROKEN)


@pytest.mark.parametrize(
    ("changes", "known", "reading", "exempt", "expected"),
    [
        ({"validity": Validity(date(2027, 1, 1))}, {}, Reading(1, "count"), False, Reason.NOT_IN_FORCE),
        ({}, {}, Reading(1, "count"), True, Reason.EXEMPT),
        ({"scope": (OneOf("tier", frozenset({"x"})),)}, {"tier": "y"}, None, False, Reason.OUT_OF_SCOPE),
        ({"scope": (OneOf("tier", frozenset({"x"})),)}, {}, Reading(999, "count"), False, Reason.SCOPE_UNKNOWN),
        ({}, {}, None, False, Reason.NOT_MEASURED),
        ({}, {}, Reading(None, "count"), False, Reason.NO_VALUE),
        ({}, {}, Reading(999, "share"), False, Reason.OTHER_UNIT),
    ],
)
def test_what_cannot_be_compared_is_told_apart(changes, known, reading, exempt, expected):
    found = judge(rule(**changes), day=DAY, facts=known, reading=reading, is_exempt=exempt)
    assert found.reason is expected
    outside = (Reason.NOT_IN_FORCE, Reason.EXEMPT, Reason.OUT_OF_SCOPE)
    assert found.verdict is (Verdict.NOT_APPLICABLE if expected in outside else Verdict.NO_DATA)


def test_a_broken_rule_says_by_how_much():
    found = judge(rule(), day=DAY, facts={}, reading=Reading(287, "count"))
    assert found == Judgement(Verdict.RED, Reason.BROKEN, Decimal(-13))


@given(facts)
def test_one_failed_condition_settles_the_scope_whatever_else_is_unknown(known):
    scope = (OneOf("tier", frozenset({"leader"})), Within("region", "44"))
    answer = applies(scope, known)
    values = [condition.holds(known) for condition in scope]
    assert answer is (False if False in values else None if None in values else True)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Threshold(Operator.AT_LEAST, (), "count"),
        lambda: Threshold(Operator.AT_LEAST, (1, 2), "count"),
        lambda: Threshold(Operator.BETWEEN, (2, 1), "count"),
        lambda: Threshold(Operator.AT_LEAST, (float("inf"),), "count"),
        lambda: Threshold(Operator.AT_LEAST, (1,), "count", -1),
        lambda: Threshold(Operator.EQUAL_TO, (1,), "count", 1),
        lambda: Span(SpanKind.MONTHS),
        lambda: Span(SpanKind.DAY, 3),
        lambda: Validity(DAY, DAY),
        lambda: carry_forward(Decimal(2), []),
        lambda: carry_forward(Decimal("0.08"), [(Decimal(-1), Decimal(1))]),
        lambda: months_before(date(3, 1, 1), 40),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(RuleError):
        wrong()


@given(days, st.integers(1, 60))
def test_a_window_of_months_ends_on_the_day_and_windows_in_a_row_leave_no_gap(day, months):
    first, last = Span(SpanKind.MONTHS, months).days(day)
    assert last == day
    assert first - timedelta(days=1) == months_before(day, months)
    assert months * 28 <= (last - first).days + 1 <= months * 31


def test_windows_look_back_from_the_day_asked_about():
    assert Span(SpanKind.MONTHS, 6).days(date(2026, 8, 31)) == (date(2026, 3, 1), date(2026, 8, 31))
    assert Span(SpanKind.CALENDAR_YEAR).days(DAY) == (date(2026, 1, 1), DAY)
    assert months_before(date(2024, 3, 31), 1) == date(2024, 2, 29)
    assert months_before(date(9999, 12, 31), 0) == date(9999, 12, 31)


validities = st.builds(
    lambda first, length: Validity(first, first + timedelta(days=length) if length else None), days, st.integers(0, 900)
)


@given(validities, validities)
def test_rules_of_one_key_overlap_when_some_day_has_both(one, other):
    both = [rule(validity=one), rule(validity=other)]
    latest_start = max(one.first, other.first)
    assert bool(overlapping(both)) is (one.holds_on(latest_start) and other.holds_on(latest_start))
    assert one.overlaps(other) is other.overlaps(one)


money = st.decimals(0, 10_000_000, places=2)


@given(st.lists(st.tuples(money, money), max_size=8), money, st.decimals(0, 1, places=3))
def test_a_deduction_neither_loses_nor_makes_money(years, brought, rate):
    found = carry_forward(rate, years, brought)
    for year, (spent, payroll) in zip(found, years, strict=True):
        assert year.allowed + year.carried == year.brought + spent
        assert 0 <= year.allowed <= year.limit
        assert abs(year.limit - rate * payroll) <= Decimal("0.005")
    total = brought + sum((spent for spent, _payroll in years), Decimal(0))
    assert sum((year.allowed for year in found), Decimal(0)) + (found[-1].carried if found else brought) == total


def test_training_expense_above_eight_percent_of_payroll_counts_in_the_next_year():
    first, second = carry_forward(
        Decimal("0.08"), [(Decimal(100_000), Decimal(1_000_000)), (Decimal(50_000), Decimal(1_000_000))]
    )
    assert (first.allowed, first.carried) == (Decimal(80_000), Decimal(20_000))
    assert (second.allowed, second.carried) == (Decimal(70_000), Decimal(0))
