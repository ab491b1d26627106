"""Shares are exact, make one whole, and split every amount without losing or making a fen."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ronghe.methods.shares import NoShare, NotWhole, check_whole, read_share, shares_of_points, split

POINTS = some.lists(some.integers(1, 1000), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("typed", "exact"),
    [
        ("1/3", Fraction(1, 3)),
        (" 2 / 6 ", Fraction(1, 3)),
        ("33.5%", Fraction(67, 200)),
        ("12.5％", Fraction(1, 8)),
        ("0.1", Fraction(1, 10)),
        ("100%", Fraction(1)),
        ("1", Fraction(1)),
    ],
)
def test_a_share_is_read_as_the_exact_fraction_that_was_written(typed: str, exact: Fraction) -> None:
    assert read_share(typed) == exact


@pytest.mark.parametrize("typed", ["", "0", "0%", "1/0", "101%", "3/2", "-1/2", "a third", "1e-3", "nan", "40"])
def test_what_is_no_share_of_a_whole_is_refused(typed: str) -> None:
    with pytest.raises(NoShare):
        read_share(typed)


def test_a_hundred_and_one_percent_is_not_a_whole_nor_are_three_times_thirty_three() -> None:
    with pytest.raises(NotWhole) as over:
        check_whole([read_share("50%"), read_share("51%")])
    assert over.value.total == Fraction(101, 100)
    with pytest.raises(NotWhole):
        check_whole([read_share("33.33%")] * 3)
    check_whole([read_share("1/3")] * 3)


def test_the_largest_remainders_are_served_first_and_of_equal_ones_the_first() -> None:
    # 100 / 3: each remainder is a third, one fen is left.
    assert split(100, [Fraction(1, 3)] * 3) == (34, 33, 33)
    # Exact parts 41.6, 41.6 and 16.8 of 100: two are left, first for .8, then for the first .6.
    fifths = [Fraction(416, 1000), Fraction(416, 1000), Fraction(168, 1000)]
    assert split(100, fifths) == (42, 41, 17)
    assert split(-100, fifths) == (-42, -41, -17)
    assert split(0, fifths) == (0, 0, 0)


@given(POINTS, some.integers(-(10**13), 10**13))
def test_parts_make_the_amount_exactly_and_are_less_than_one_unit_from_their_share(
    points: list[int], amount: int
) -> None:
    shares = shares_of_points(points)
    parts = split(amount, shares)
    assert sum(parts) == amount
    assert all(abs(part - amount * share) < 1 for part, share in zip(parts, shares, strict=True))


@given(POINTS)
def test_points_make_exactly_one_whole_in_their_proportion(points: list[int]) -> None:
    shares = shares_of_points(points)
    check_whole(shares)
    assert all(share * points[0] == shares[0] * point for share, point in zip(shares, points, strict=True))


def test_points_below_one_are_refused() -> None:
    for wrong in ([], [0, 1], [-1]):
        with pytest.raises(NoShare):
            shares_of_points(wrong)
