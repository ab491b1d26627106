"""The rows of sites: places and machines, when they are open, who uses them when, what is taught when."""

from ronghe.apps.sites.models.bookings import (
    HOLDING,
    Authorisation,
    Booking,
    BookingSource,
    BookingState,
    Companion,
    Quota,
    Waiting,
    WaitingState,
)
from ronghe.apps.sites.models.calendars import CalendarException, Maintenance, OpeningHours, PublicHoliday
from ronghe.apps.sites.models.feeds import Feed
from ronghe.apps.sites.models.places import Machine, MachineFamily, MachineTerms, Site, TravelTime
from ronghe.apps.sites.models.timetable import Overlap, SectionTime, Session, TeachingTerm

__all__ = [
    "HOLDING",
    "Authorisation",
    "Booking",
    "BookingSource",
    "BookingState",
    "CalendarException",
    "Companion",
    "Feed",
    "Machine",
    "MachineFamily",
    "MachineTerms",
    "Maintenance",
    "OpeningHours",
    "Overlap",
    "PublicHoliday",
    "Quota",
    "SectionTime",
    "Session",
    "Site",
    "TeachingTerm",
    "TravelTime",
    "Waiting",
    "WaitingState",
]
