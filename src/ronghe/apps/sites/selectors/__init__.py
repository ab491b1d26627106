"""Reads of sites for pages, for the API and for the floors above: few queries, typed rows, never a write."""

from ronghe.apps.sites.selectors.calendars import Calendar, free_intervals, open_intervals, taken
from ronghe.apps.sites.selectors.people import busy, busy_between, travel_times
from ronghe.apps.sites.selectors.places import machines

__all__ = [
    "Calendar",
    "busy",
    "busy_between",
    "free_intervals",
    "machines",
    "open_intervals",
    "taken",
    "travel_times",
]
