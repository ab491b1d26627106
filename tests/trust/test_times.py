"""Moments as XML Schema writes them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ronghe.trust.times import TimestampError, parse_timestamp, timestamp


def test_moments_are_written_in_utc_to_the_second():
    moment = datetime(2026, 11, 23, 12, 0, 5, 999, tzinfo=timezone(timedelta(hours=8)))
    assert timestamp(moment) == "2026-11-23T04:00:05Z"
    with pytest.raises(TimestampError):
        timestamp(datetime(2026, 11, 23))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T04:00:05Z", datetime(2026, 11, 23, 4, 0, 5, tzinfo=UTC)),
        ("2026-11-23T12:00:05+08:00", datetime(2026, 11, 23, 4, 0, 5, tzinfo=UTC)),
        ("2026-11-23T04:00:05.1234567Z", datetime(2026, 11, 23, 4, 0, 5, 123456, tzinfo=UTC)),
        ("2026-11-23T24:00:00Z", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026-11-23T04:00:05-14:00", datetime(2026, 11, 23, 18, 0, 5, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read(text, moment):
    assert parse_timestamp(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23", "2026-11-23T04:00:05", "2026-11-23 04:00:05Z", "2026-11-23T04:00Z", "2026-13-23T04:00:05Z",
        "2026-02-30T04:00:05Z", "2026-11-23T25:00:00Z", "2026-11-23T24:00:01Z", "2026-11-23T04:00:05+14:01",
        "2026-11-23T04:00:05z", "26-11-23T04:00:05Z", "２026-11-23T04:00:05Z", "9999-12-31T24:00:00Z", "", None, 5,
        "2026-11-23T04:00:05Z\n", "2026-11-23T04:00:05." + "1" * 60 + "Z",
    ],
)  # fmt: skip
def test_what_is_no_moment_with_an_offset_is_refused(text):
    with pytest.raises(TimestampError):
        parse_timestamp(text)


def test_where_no_offset_is_needed_a_moment_without_one_is_of_utc():
    assert parse_timestamp("2026-11-23T04:00:05", needs_offset=False) == datetime(2026, 11, 23, 4, 0, 5, tzinfo=UTC)
    assert parse_timestamp("2026-11-23T12:00:05+08:00", needs_offset=False).utcoffset() == timedelta(hours=8)
    for text in ("2026-11-23", "2026-11-23T04:00", "2026-13-23T04:00:05", ""):
        with pytest.raises(TimestampError):
            parse_timestamp(text, needs_offset=False)
