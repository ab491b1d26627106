"""Writes calendars as RFC 5545 says: lines of at most 75 octets, escaped texts, moments in UTC. It reads none.

Moments in UTC need no time zone component, so every calendar program shows them by its own clock.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

PRODUCT = "-//Ronghe//Sites and machines//ZH"
_OCTETS = 75
CONTENT_TYPE = "text/calendar; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a calendar. `uid` stays the same for as long as the thing exists; `changed` is when it last did."""

    uid: str
    start: datetime
    end: datetime
    summary: str
    changed: datetime
    location: str = ""
    description: str = ""
    url: str = ""
    status: str = "CONFIRMED"


def escaped(text: str) -> str:
    """A TEXT value (3.3.11): backslash, semicolon, comma and line break escaped, other control characters left out."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(character for character in plain if character == "\n" or ord(character) >= ord(" "))
    for character, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        plain = plain.replace(character, written)
    return plain


def folded(line: str) -> Iterator[str]:
    """A content line (3.1) cut into lines of at most 75 octets, never within a character; later ones begin blank."""
    part, room = "", _OCTETS
    for character in line:
        size = len(character.encode("utf-8"))
        if size > room:
            yield part
            part, room = " ", _OCTETS - 1
        part += character
        room -= size
    yield part


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _event(event: Event) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(event.uid)}"
    yield f"DTSTAMP:{_utc(event.changed)}"
    yield f"DTSTART:{_utc(event.start)}"
    yield f"DTEND:{_utc(event.end)}"
    yield f"SUMMARY:{escaped(event.summary)}"
    if event.location:
        yield f"LOCATION:{escaped(event.location)}"
    if event.description:
        yield f"DESCRIPTION:{escaped(event.description)}"
    if event.url:
        yield f"URL:{event.url}"
    yield f"STATUS:{event.status}"
    yield "END:VEVENT"


def calendar(name: str, events: Iterable[Event]) -> bytes:
    """A whole calendar as bytes, lines ended as the standard asks (CRLF)."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    # Two names for one thing: RFC 7986 has NAME, and most programs read the older X- property.
    lines += [f"NAME:{escaped(name)}", f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H"]
    for event in events:
        lines.extend(_event(event))
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in folded(line)).encode("utf-8")
