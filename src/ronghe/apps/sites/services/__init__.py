"""What can be done at sites: register places, say when they are open, book, check in, teach, note overlaps."""

from ronghe.apps.sites.services.booking import (
    MeetsStudy,
    SlotTaken,
    book,
    book_many,
    cancel_booking,
    cancel_plan,
    check_in,
    mark_missed,
    record_use,
    study_meetings,
)
from ronghe.apps.sites.services.calendars import (
    HolidayData,
    call_off_maintenance,
    except_day,
    plan_maintenance,
    record_holidays,
    restore_day,
    set_hours,
)
from ronghe.apps.sites.services.checking import Wish
from ronghe.apps.sites.services.feeds import feed_of, make_feed, revoke_feed
from ronghe.apps.sites.services.overlaps import note_overlaps
from ronghe.apps.sites.services.permits import authorise, end_authorisation, set_quota
from ronghe.apps.sites.services.places import (
    amend_family,
    amend_machine,
    amend_site,
    register_family,
    register_machine,
    register_site,
    set_terms,
    set_travel,
)
from ronghe.apps.sites.services.timetable import (
    Lesson,
    amend_term,
    open_term,
    schedule_sessions,
    set_sections,
    withdraw_sessions,
)
from ronghe.apps.sites.services.waiting import (
    accept_offer,
    decline_offer,
    join_waiting_list,
    lapse_offers,
    leave_waiting_list,
)

__all__ = [
    "HolidayData",
    "Lesson",
    "MeetsStudy",
    "SlotTaken",
    "Wish",
    "accept_offer",
    "amend_family",
    "amend_machine",
    "amend_site",
    "amend_term",
    "authorise",
    "book",
    "book_many",
    "call_off_maintenance",
    "cancel_booking",
    "cancel_plan",
    "check_in",
    "decline_offer",
    "end_authorisation",
    "except_day",
    "feed_of",
    "join_waiting_list",
    "lapse_offers",
    "leave_waiting_list",
    "make_feed",
    "mark_missed",
    "note_overlaps",
    "open_term",
    "plan_maintenance",
    "record_holidays",
    "record_use",
    "register_family",
    "register_machine",
    "register_site",
    "restore_day",
    "revoke_feed",
    "schedule_sessions",
    "set_hours",
    "set_quota",
    "set_sections",
    "set_terms",
    "set_travel",
    "study_meetings",
    "withdraw_sessions",
]
