"""The days on which certificates run out as iCalendar (RFC 5545), with an alarm a month before. Knows no request."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.credentials.models import Certificate, CertificateState

_LINE = 75


def expiries(certificates: Iterable[Certificate], *, site: str, now: datetime) -> str:
    """Return a calendar with the last day of every certificate that runs out and still counts."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Ronghe//Certificates//EN", "CALSCALE:GREGORIAN"]
    for certificate in certificates:
        if (
            certificate.valid_until is not None
            and certificate.state != CertificateState.REVOKED
            and not certificate.replaced
        ):
            lines += _event(certificate, timezone.localtime(certificate.valid_until).date(), site, now)
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line))


def _event(certificate: Certificate, day: date, site: str, now: datetime) -> list[str]:
    name = certificate.version.name if certificate.version else certificate.code
    title = _("Certificate runs out: %(name)s") % {"name": name}
    return [
        "BEGIN:VEVENT",
        f"UID:{certificate.uid}@{site}",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(title)}",
        f"DESCRIPTION:{_escaped(certificate.code)}",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_escaped(title)}",
        "TRIGGER:-P30D",
        "END:VALARM",
        "END:VEVENT",
    ]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 bytes, broken between characters (RFC 5545 §3.1)."""
    part = ""
    for character in line:
        if len((part + character).encode()) > _LINE:
            yield part
            part = " "
        part += character
    yield part
