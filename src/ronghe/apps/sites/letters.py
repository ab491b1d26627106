"""Mail about bookings, in the reader's language: an offer of the waiting list, a booking that others cancelled."""

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ronghe.apps.agreements.letters import mail, where
from ronghe.apps.sites.models import Booking


def _time(booking: Booking) -> str:
    zone = booking.machine.site.zone_info
    start, end = booking.starts_at.astimezone(zone), booking.ends_at.astimezone(zone)
    return f"{date_format(start, 'Y-m-d H:i')}–{date_format(end, 'H:i')}"


def offer(booking: Booking) -> None:
    """Tell who waits that the time is free, and until when it is kept."""
    person = booking.person
    if person is None:
        return

    def word() -> tuple[str, str]:
        deadline = booking.answer_by.astimezone(booking.machine.site.zone_info) if booking.answer_by else None
        return (
            _("%(machine)s has become free for you") % {"machine": booking.machine.name},
            _("%(machine)s, %(time)s, is kept for you until %(deadline)s. Take it or leave it here:\n\n%(where)s")
            % {
                "machine": booking.machine.name,
                "time": _time(booking),
                "deadline": date_format(deadline, "Y-m-d H:i") if deadline else "",
                "where": where(booking.get_absolute_url()),
            },
        )

    transaction.on_commit(lambda: mail([(person, word)]), robust=True)


def cancelled(booking: Booking, reason: str) -> None:
    """Tell who booked that others cancelled it, and why."""
    person = booking.person
    if person is None:
        return

    def word() -> tuple[str, str]:
        return (
            _("Your booking of %(machine)s was cancelled") % {"machine": booking.machine.name},
            _("%(machine)s, %(time)s: %(reason)s\n\nOther free times:\n\n%(where)s")
            % {
                "machine": booking.machine.name,
                "time": _time(booking),
                "reason": reason,
                "where": where(booking.machine.get_absolute_url()),
            },
        )

    transaction.on_commit(lambda: mail([(person, word)]), robust=True)
