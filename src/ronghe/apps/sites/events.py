"""What sites write into the ledger: who uses what is personal, what is open, taken and taught is not."""

from django.utils.translation import gettext_lazy as _

from ronghe.apps.ledger.event_types import EventType, Field, Kind, register

SITE_REGISTERED = register(
    EventType(
        "sites.site.registered",
        _("Site registered"),
        (Field("campus", Kind.REFERENCE), Field("name_zh", Kind.TEXT), Field("zone", Kind.TEXT)),
    )
)
SITE_AMENDED = register(EventType("sites.site.amended", _("Site amended"), (Field("changed", Kind.TEXT, many=True),)))
TRAVEL_SET = register(
    EventType(
        "sites.travel.set",
        _("Travel time set"),
        (Field("destination", Kind.REFERENCE), Field("minutes", Kind.INTEGER)),
    )
)
FAMILY_REGISTERED = register(
    EventType(
        "sites.family.registered",
        _("Machine family registered"),
        (Field("code", Kind.TEXT), Field("needs_authorisation", Kind.BOOLEAN)),
    )
)
FAMILY_AMENDED = register(
    EventType("sites.family.amended", _("Machine family amended"), (Field("changed", Kind.TEXT, many=True),))
)
MACHINE_REGISTERED = register(
    EventType(
        "sites.machine.registered",
        _("Machine registered"),
        (
            Field("site", Kind.REFERENCE),
            Field("family", Kind.TEXT),
            Field("code", Kind.TEXT),
            Field("in_use_from", Kind.DATE),
        ),
    )
)
MACHINE_AMENDED = register(
    EventType("sites.machine.amended", _("Machine amended"), (Field("changed", Kind.TEXT, many=True),))
)
TERMS_SET = register(
    EventType(
        "sites.terms.set",
        _("Terms of a machine set"),
        (
            Field("cost_per_hour", Kind.DECIMAL),
            Field("declared_hours", Kind.DECIMAL, optional=True),
            Field("valid_from", Kind.DATE),
        ),
    )
)
HOURS_SET = register(
    EventType(
        "sites.hours.set",
        _("Opening hours set"),
        (Field("hours", Kind.TEXT, many=True), Field("valid_from", Kind.DATE)),
    )
)
DAY_EXCEPTED = register(
    EventType(
        "sites.day.excepted",
        _("Exception of the calendar set"),
        (Field("day", Kind.DATE), Field("hours", Kind.TEXT, many=True), Field("reason", Kind.TEXT)),
    )
)
DAY_RESTORED = register(
    EventType(
        "sites.day.restored",
        _("Exception of the calendar called off"),
        (Field("day", Kind.DATE), Field("machine", Kind.REFERENCE, optional=True)),
    )
)
HOLIDAYS_RECORDED = register(
    EventType(
        "sites.holidays.recorded",
        _("Public holidays recorded"),
        (Field("days", Kind.DATE, many=True), Field("source", Kind.TEXT)),
    )
)
MAINTENANCE_PLANNED = register(
    EventType(
        "sites.maintenance.planned",
        _("Maintenance planned"),
        (
            Field("machine", Kind.REFERENCE),
            Field("starts_at", Kind.TIME),
            Field("ends_at", Kind.TIME),
            Field("is_breakdown", Kind.BOOLEAN),
            Field("displaced", Kind.INTEGER),
        ),
    )
)
MAINTENANCE_CALLED_OFF = register(
    EventType("sites.maintenance.cancelled", _("Maintenance called off"), (Field("machine", Kind.REFERENCE),))
)
PERSON_AUTHORISED = register(
    EventType(
        "sites.person.authorised",
        _("Authorised for a machine family"),
        (
            Field("person", Kind.PERSON),
            Field("family", Kind.TEXT),
            Field("valid_from", Kind.DATE),
            Field("valid_until", Kind.DATE),
            Field("basis", Kind.TEXT, personal=True, optional=True),
        ),
    )
)
AUTHORISATION_ENDED = register(
    EventType(
        "sites.authorisation.ended",
        _("Authorisation for a machine family ended"),
        (Field("person", Kind.PERSON), Field("family", Kind.TEXT), Field("reason", Kind.TEXT, personal=True)),
    )
)
QUOTA_SET = register(
    EventType(
        "sites.quota.set",
        _("Quota set"),
        (
            Field("site", Kind.REFERENCE, optional=True),
            Field("family", Kind.TEXT, optional=True),
            Field("cohort", Kind.REFERENCE, optional=True),
            Field("hours", Kind.DECIMAL),
            Field("valid_from", Kind.DATE),
        ),
    )
)
BOOKING_MADE = register(
    EventType(
        "sites.booking.made",
        _("Machine booked"),
        (
            Field("machine", Kind.REFERENCE),
            Field("person", Kind.PERSON, optional=True),
            Field("companions", Kind.PERSON, many=True, optional=True),
            Field("starts_at", Kind.TIME),
            Field("ends_at", Kind.TIME),
            Field("source", Kind.TEXT),
            Field("plan", Kind.TEXT, optional=True),
            Field("purpose", Kind.TEXT, personal=True, optional=True),
        ),
    )
)
BOOKING_CANCELLED = register(
    EventType(
        "sites.booking.cancelled",
        _("Booking cancelled"),
        (
            Field("person", Kind.PERSON, optional=True),
            Field("was_late", Kind.BOOLEAN),
            Field("reason", Kind.TEXT, personal=True, optional=True),
        ),
    )
)
BOOKING_OFFERED = register(
    EventType(
        "sites.booking.offered",
        _("Freed time offered to the first on the waiting list"),
        (Field("person", Kind.PERSON), Field("machine", Kind.REFERENCE), Field("answer_by", Kind.TIME)),
    )
)
BOOKING_ACCEPTED = register(
    EventType("sites.booking.accepted", _("Offer of the waiting list taken"), (Field("person", Kind.PERSON),))
)
BOOKING_LAPSED = register(
    EventType("sites.booking.lapsed", _("Offer of the waiting list lapsed"), (Field("person", Kind.PERSON),))
)
BOOKING_ATTENDED = register(
    EventType(
        "sites.booking.attended",
        _("Checked in at a machine"),
        (Field("person", Kind.PERSON, optional=True), Field("machine", Kind.REFERENCE)),
    )
)
BOOKING_MISSED = register(
    EventType(
        "sites.booking.missed",
        _("Did not come to a booking"),
        (Field("person", Kind.PERSON, optional=True), Field("machine", Kind.REFERENCE)),
    )
)
WAITING_JOINED = register(
    EventType(
        "sites.waiting.joined",
        _("Joined a waiting list"),
        (
            Field("person", Kind.PERSON),
            Field("machine", Kind.REFERENCE),
            Field("starts_at", Kind.TIME),
            Field("ends_at", Kind.TIME),
        ),
    )
)
WAITING_LEFT = register(EventType("sites.waiting.left", _("Left a waiting list"), (Field("person", Kind.PERSON),)))
TERM_OPENED = register(
    EventType(
        "sites.term.opened",
        _("Term opened"),
        (Field("organisation", Kind.REFERENCE), Field("starts_on", Kind.DATE), Field("weeks", Kind.INTEGER)),
    )
)
TERM_AMENDED = register(EventType("sites.term.amended", _("Term amended"), (Field("changed", Kind.TEXT, many=True),)))
SECTIONS_SET = register(
    EventType(
        "sites.sections.set",
        _("Sections of the day set"),
        (Field("sections", Kind.TEXT, many=True), Field("valid_from", Kind.DATE)),
    )
)
SESSIONS_SCHEDULED = register(
    EventType(
        "sites.sessions.scheduled",
        _("Timetable taken in"),
        (Field("cohort", Kind.REFERENCE), Field("sessions", Kind.INTEGER), Field("courses", Kind.TEXT, many=True)),
    )
)
SESSION_WITHDRAWN = register(
    EventType(
        "sites.sessions.withdrawn",
        _("Class sessions taken back"),
        (Field("cohort", Kind.REFERENCE), Field("sessions", Kind.INTEGER), Field("reason", Kind.TEXT)),
    )
)
OVERLAPS_NOTED = register(
    EventType(
        "sites.overlaps.noted",
        _("Study–work overlaps noted"),
        (Field("new", Kind.INTEGER), Field("gone", Kind.INTEGER), Field("people", Kind.PERSON, many=True)),
    )
)
FEED_MADE = register(EventType("sites.feed.made", _("Calendar feed made"), (Field("owner", Kind.PERSON),)))
FEED_REVOKED = register(EventType("sites.feed.revoked", _("Calendar feed revoked"), (Field("owner", Kind.PERSON),)))
