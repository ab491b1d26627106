"""Wall clocks of places: minutes of a day, and the one moment that a local time names, where it names one.

Everything stored is a moment; only here is a local time turned into one, and refused where the clock skips or
repeats it.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

A_DAY = 24 * 60
AN_HOUR = 60


def is_zone(name: str) -> bool:
    """Whether the machine knows a zone of that name."""
    return name in available_timezones()


def clock(minute: int) -> str:
    """A minute of the day as a clock shows it; those beyond midnight belong to the next day ("+1")."""
    hours, minutes = divmod(minute, AN_HOUR)
    if minute > A_DAY:
        return f"{hours - 24:02}:{minutes:02} +1"
    return f"{hours:02}:{minutes:02}"


def moment(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment (UTC) that the naive `local` names in `zone`.

    Raises ValidationError for a time that the clock skips (it is put forward) or shows twice (it is put back).
    """
    earlier, later = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    if earlier.utcoffset() == later.utcoffset():
        return earlier.astimezone(UTC)
    said = {"time": f"{local:%Y-%m-%d %H:%M}", "zone": zone.key}
    if earlier.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise ValidationError(
            _("The clock in %(zone)s skips %(time)s: it is put forward that night. Choose another time.") % said
        )
    raise ValidationError(
        _("The clock in %(zone)s shows %(time)s twice: it is put back that night. Choose a time outside that hour.")
        % said
    )


def wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the clock of `zone` shows at a moment, without a zone: a page must not carry it over to the reader's."""
    return instant.astimezone(zone).replace(tzinfo=None)


def at_minute(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The moment (UTC) at which a clock shows `minute` of `day`, for calendars, which nobody types for that night.

    A skipped time is the moment the clock is put forward; of a repeated one it is the first.
    """
    local = datetime.combine(day, time()) + timedelta(minutes=minute)
    found = local.replace(tzinfo=zone).astimezone(UTC)
    back = found.astimezone(zone).replace(tzinfo=None)
    if back == local:
        return found
    # Read with the offset before the change, a skipped time lies as far behind the change as it is into the gap.
    after = local.replace(tzinfo=zone, fold=1).utcoffset()
    before = local.replace(tzinfo=zone, fold=0).utcoffset()
    if after is None or before is None:
        raise ValueError(f"{zone.key} has no offset on {day}")
    low, high = found - (after - before), found
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def day_span(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the midnight that begins `first` to the one that ends `last`, as moments."""
    return at_minute(first, 0, zone), at_minute(last + timedelta(days=1), 0, zone)


def week_of(instant: datetime, zone: ZoneInfo) -> date:
    """The Monday of the week in which `instant` lies, by the clock of `zone`."""
    day = instant.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def parse_clock(text: str) -> int:
    """The minute of the day of "08:30" or "24:00". Raises ValueError for anything else."""
    hours, separator, minutes = text.strip().replace("：", ":").partition(":")
    if not separator or not hours.isdigit() or not minutes.isdigit():
        raise ValueError(text)
    minute = int(hours) * AN_HOUR + int(minutes)
    if int(minutes) >= AN_HOUR or minute > A_DAY:
        raise ValueError(text)
    return minute
