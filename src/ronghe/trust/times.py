"""Moments as the standards of credentials write them: XML Schema `dateTimeStamp`, always with an offset."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

_STAMP = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?", re.ASCII
)
_MAX_OFFSET_MINUTES = 14 * 60
_MAX_LENGTH = 48


class TimestampError(ValueError):
    """Text that is no moment, or a moment without an offset."""


def timestamp(moment: datetime) -> str:
    """Return `moment`, which has a time zone, in UTC to the second, with `Z`."""
    if moment.tzinfo is None:
        raise TimestampError("a moment needs a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_timestamp(text: Any, *, needs_offset: bool = True) -> datetime:
    """Return the moment that an XML Schema 1.1 dateTimeStamp states; raises `TimestampError`.

    24:00:00 is the end of the day, as in the standard; fractions beyond microseconds are cut off. Where an offset is
    not needed, a text without one is of UTC.
    """
    if not isinstance(text, str) or len(text) > _MAX_LENGTH:
        raise TimestampError(f"{str(text)[:40]!r} is no moment with an offset, such as 2026-09-01T08:00:00Z")
    return _moment(text, needs_offset)


# One certificate says when it was issued four times over.
@lru_cache(maxsize=1024)
def _moment(text: str, needs_offset: bool) -> datetime:
    match = _STAMP.fullmatch(text)
    if match is None or (needs_offset and match[8] is None):
        raise TimestampError(f"{text[:40]!r} is no moment with an offset, such as 2026-09-01T08:00:00Z")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    microsecond = int((match[7] or "0")[:6].ljust(6, "0"))
    midnight = hour == 24 and minute == 0 and second == 0 and not int(match[7] or "0")
    try:
        moment = datetime(year, month, day, 0 if midnight else hour, minute, second, microsecond, _zone(match[8]))
        return moment + timedelta(days=1) if midnight else moment
    except (ValueError, OverflowError) as error:
        raise TimestampError(f"{text!r} is no moment: {error}") from None


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    if minutes > _MAX_OFFSET_MINUTES:
        raise ValueError("an offset is at most fourteen hours")
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
