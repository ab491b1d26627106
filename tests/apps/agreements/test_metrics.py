"""The numbers of promises: windows by hand, dated both ways, one query whatever the number of chains."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ronghe.apps.agreements.metrics import seats_in, years_between
from ronghe.apps.agreements.models import Agreement, Promise, Term
from ronghe.apps.metrics.measurement import Window
from ronghe.apps.metrics.records import open_records
from ronghe.apps.metrics.registry import measure
from tests.factories import ChainFactory

DAYS = some.dates(date(2000, 1, 1), date(2060, 1, 1))


@pytest.mark.parametrize(
    ("first", "until", "years"),
    [
        (date(2026, 1, 1), date(2027, 1, 1), 1),
        (date(2024, 1, 1), date(2025, 1, 1), 1),
        (date(2024, 2, 29), date(2025, 3, 1), 1),
        (date(2026, 1, 1), date(2026, 7, 2), 182 / 365),
        (date(2026, 9, 1), date(2029, 3, 1), 2 + 181 / 365),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_years_are_counted_by_the_calendar(first, until, years):
    assert years_between(first, until) == pytest.approx(years)


@given(DAYS, some.integers(0, 5000), some.integers(0, 5000))
def test_years_of_spans_without_a_gap_add_up(first, days, more):
    middle, last = first + timedelta(days=days), first + timedelta(days=days + more)
    assert years_between(first, last) == pytest.approx(years_between(first, middle) + years_between(middle, last))


@given(DAYS)
def test_every_full_year_is_exactly_one(first):
    following = date(first.year + 1, 3, 1) if (first.month, first.day) == (2, 29) else first.replace(first.year + 1)
    assert years_between(first, following) == 1


@pytest.mark.parametrize(
    ("per", "first", "until", "seats"),
    [
        ("year", date(2026, 1, 1), None, 100),
        ("year", date(2020, 1, 1), date(2030, 1, 1), 100),
        ("year", date(2026, 7, 1), None, 50 * 184 / 365 + 50),
        ("in_all", date(2026, 1, 1), date(2028, 1, 1), 50),
        ("in_all", date(2026, 1, 1), date(2030, 1, 1), 50 * 730 / 1461),
        ("in_all", date(2027, 3, 1), None, 50),
        ("in_all", date(2020, 3, 1), None, 0),
        ("year", date(2029, 1, 1), None, 0),
    ],
)
def test_a_promise_counts_in_a_window_of_two_years(per, first, until, seats):
    window = Window(date(2026, 1, 1), date(2027, 12, 31))
    assert seats_in(window, 50, per, first, until) == pytest.approx(seats)


@given(DAYS, some.integers(1, 4000), some.integers(0, 4000))
def test_windows_that_cover_a_term_without_gaps_add_up_to_what_was_promised_in_all(first, days, cut):
    until = first + timedelta(days=days)
    middle = first + timedelta(days=cut % days)
    parts = [Window(first, middle), Window(middle + timedelta(days=1), until + timedelta(days=1))]
    assert sum(seats_in(window, 70, "in_all", first, until) for window in parts) == pytest.approx(70)


@pytest.fixture
def promises(db, firm_a, university):
    chains = ChainFactory.create_batch(12)
    agreements = Agreement.objects.bulk_create(
        Agreement(title_zh=f"协议{number}", kind="strategic", chain=chains[number % 12]) for number in range(240)
    )
    Term.objects.bulk_create(
        Term(agreement=one, chain=one.chain, valid_from=date(2026, 1, 1), valid_until=date(2027, 1, 1))
        for one in agreements
    )
    Promise.objects.bulk_create(
        Promise(
            agreement=one,
            chain=one.chain,
            clause="c1",
            kind="positions",
            quantity=3,
            per="year",
            by=firm_a,
            valid_from=date(2026, 1, 1),
            valid_until=date(2027, 1, 1),
        )
        for one in agreements
    )
    return chains


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("agreements.seats_promised", 60),
        ("agreements.seats_a_year", 60),
        ("agreements.in_force", 20),
        ("agreements.mentors_promised", 0),
        ("agreements.graduates_promised", 0),
        ("agreements.overdue_signatures", 0),
    ],
)
def test_every_chain_is_measured_in_one_query(promises, name, value, django_assert_num_queries, office):
    window = Window(date(2026, 1, 1), date(2026, 12, 31))
    with django_assert_num_queries(1):
        found = measure(name, [chain.pk for chain in promises], window)
    assert {one.value for one in found.values()} == {value}
    [one] = measure(name, [promises[0].pk], window).values()
    opened = open_records(one.records, office)
    assert opened.unchanged
    assert opened.found == one.count


def test_an_enterprise_has_what_it_promised(promises, firm_a, firm_b, university):
    window = Window(date(2026, 1, 1), date(2026, 12, 31))
    found = measure("agreements.enterprise_seats_promised", [firm_a.pk, firm_b.pk], window)
    assert (found[firm_a.pk].value, found[firm_b.pk].value) == (720, 0)
    assert measure("agreements.enterprise_in_force", [firm_a.pk], window)[firm_a.pk].value == 0


def test_typed_promises_are_open_to_reviewer_and_office_and_to_no_outsider(promises, office, reviewer, hr, other_hr):
    assert Promise.objects.visible_to(office).count() == Promise.objects.visible_to(reviewer).count() == 240
    assert not Promise.objects.visible_to(other_hr).exists()
    assert not Promise.objects.visible_to(hr).exists()
