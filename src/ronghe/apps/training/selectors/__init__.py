"""Reads of training: placements and who is where, weeks and what is due, what waits for a person."""

from ronghe.apps.training.selectors.placements import (
    PlacementRow,
    current_placements,
    find,
    find_entry,
    links_of,
    mentored_by,
    rows,
    shown_on,
    to_confirm,
    to_start,
    unconfirmed,
)
from ronghe.apps.training.selectors.waiting import waiting_for
from ronghe.apps.training.selectors.weeks import Week, missing_weeks, weeks_of

__all__ = [
    "PlacementRow",
    "Week",
    "current_placements",
    "find",
    "find_entry",
    "links_of",
    "mentored_by",
    "missing_weeks",
    "rows",
    "shown_on",
    "to_confirm",
    "to_start",
    "unconfirmed",
    "waiting_for",
    "weeks_of",
]
