"""What the mentors app writes into the ledger: who taught and earned is personal, by which rule and how much is not."""

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from ronghe.apps.ledger.event_types import EventType, Field, Kind, register


def _event(name: str, label: StrPromise, *fields: Field) -> EventType:
    return register(EventType(f"mentors.{name}", label, fields))


def _reason(optional: bool = False) -> Field:
    return Field("reason", Kind.TEXT, personal=True, optional=optional)


_MENTOR = Field("mentor", Kind.PERSON)
_TEACHER = Field("teacher", Kind.PERSON)
_STUDENT = Field("student", Kind.PERSON)
_ORGANISATION = Field("organisation", Kind.REFERENCE)
_FROM, _UNTIL = Field("valid_from", Kind.DATE), Field("valid_until", Kind.DATE, optional=True)
_FIRST, _LAST = Field("first_day", Kind.DATE), Field("last_day", Kind.DATE)
_HOURS = Field("class_hours", Kind.DECIMAL)

MENTOR_APPOINTED = _event(
    "mentor.appointed",
    _("Mentor appointed"),
    _MENTOR,
    _ORGANISATION,
    Field("kind", Kind.TEXT),
    Field("title", Kind.TEXT, optional=True),
    _FROM,
    _UNTIL,
)
APPOINTMENT_ENDED = _event(
    "appointment.ended", _("Appointment of a mentor ended"), _MENTOR, _ORGANISATION, Field("valid_until", Kind.DATE)
)
PROFILE_CHANGED = _event(
    "profile.changed",
    _("Profile of a mentor changed"),
    _MENTOR,
    Field("languages", Kind.TEXT, personal=True, optional=True),
    Field("overseas_months", Kind.INTEGER),
    Field("overseas_note", Kind.TEXT, personal=True, optional=True),
)
QUALIFICATION_RECORDED = _event(
    "qualification.recorded",
    _("Qualification recorded"),
    _MENTOR,
    Field("name_zh", Kind.TEXT),
    Field("issuer", Kind.TEXT),
    Field("issued_on", Kind.DATE),
    Field("expires_on", Kind.DATE, optional=True),
    Field("renews", Kind.REFERENCE, optional=True),
)
QUALIFICATION_CONFIRMED = _event("qualification.confirmed", _("Qualification confirmed"), _MENTOR)
QUALIFICATION_WITHDRAWN = _event("qualification.withdrawn", _("Qualification withdrawn"), _MENTOR, _reason())
TERMS_OFFERED = _event(
    "terms.offered",
    _("Load and terms offered to a mentor"),
    _MENTOR,
    _ORGANISATION,
    Field("load", Kind.INTEGER),
    Field("terms", Kind.TEXT),
    _FROM,
    _UNTIL,
)
TERMS_ACCEPTED = _event(
    "terms.accepted",
    _("Load and terms accepted"),
    _MENTOR,
    Field("load", Kind.INTEGER),
    Field("terms", Kind.TEXT),
)
TERMS_DECLINED = _event("terms.declined", _("Load and terms declined"), _MENTOR, _reason())
TERMS_WITHDRAWN = _event("terms.withdrawn", _("Offer of load and terms withdrawn"), _MENTOR)
LIMIT_SET = _event("limit.set", _("Load limit set"), Field("trainees", Kind.INTEGER), Field("clause", Kind.TEXT), _FROM)
SLOT_TAKEN = _event(
    "slot.taken", _("Slot of a mentor taken"), _MENTOR, _STUDENT, _FIRST, _LAST, Field("cause", Kind.TEXT)
)
SLOT_FREED = _event("slot.freed", _("Slot of a mentor freed"), _MENTOR, _STUDENT, _LAST)
STANDARD_PROPOSED = _event(
    "standard.proposed",
    _("Fee standard proposed"),
    Field("kind", Kind.TEXT),
    Field("title", Kind.TEXT, optional=True),
    Field("amount", Kind.DECIMAL),
    Field("clause", Kind.TEXT),
    _FROM,
    _UNTIL,
)
STANDARD_PUBLISHED = _event("standard.published", _("Fee standard published"), Field("proposed_by", Kind.PERSON))
STANDARD_ENDED = _event("standard.ended", _("Fee standard ended"), Field("valid_until", Kind.DATE))
STANDARD_WITHDRAWN = _event("standard.withdrawn", _("Proposed fee standard withdrawn"))
BENCHMARK_SET = _event(
    "benchmark.set",
    _("Benchmark of fees set"),
    Field("kind", Kind.TEXT),
    Field("region", Kind.TEXT, optional=True),
    Field("amount", Kind.DECIMAL),
    Field("source", Kind.TEXT),
    _FROM,
)
HOURS_CLAIMED = _event(
    "hours.claimed",
    _("Class hours claimed"),
    _MENTOR,
    Field("university", Kind.REFERENCE),
    Field("taught_on", Kind.DATE),
    _HOURS,
    Field("subject", Kind.TEXT, personal=True),
)
HOURS_CONFIRMED = _event(
    "hours.confirmed",
    _("Class hours confirmed"),
    _MENTOR,
    _HOURS,
    Field("amount", Kind.DECIMAL, personal=True),
    Field("standard", Kind.REFERENCE),
)
HOURS_REFUSED = _event("hours.refused", _("Class hours refused"), _MENTOR, _reason())
HOURS_WITHDRAWN = _event("hours.withdrawn", _("Claim of class hours withdrawn"), _MENTOR)
STATEMENT_ISSUED = _event(
    "statement.issued",
    _("Statement of fees issued"),
    _MENTOR,
    Field("month", Kind.DATE),
    _HOURS,
    Field("amount", Kind.DECIMAL, personal=True),
    Field("lines", Kind.INTEGER),
)
FEE_DISPUTED = _event("fee.disputed", _("Fee disputed"), _MENTOR, Field("text", Kind.TEXT, personal=True))
DISPUTE_ANSWERED = _event(
    "dispute.answered",
    _("Dispute about a fee answered"),
    _MENTOR,
    Field("outcome", Kind.TEXT),
    Field("class_hours", Kind.DECIMAL, optional=True),
    Field("answer", Kind.TEXT, personal=True),
)
PLAN_MADE = _event(
    "plan.made",
    _("Training of a teacher planned"),
    _TEACHER,
    Field("university", Kind.REFERENCE),
    Field("host", Kind.REFERENCE),
    _FIRST,
    _LAST,
    Field("planned_days", Kind.INTEGER),
)
PLAN_STOPPED = _event("plan.stopped", _("Training of a teacher stopped"), _TEACHER, _reason())
STAY_RECORDED = _event(
    "stay.recorded", _("Stay with a host firm recorded"), _TEACHER, _FIRST, _LAST, Field("days", Kind.INTEGER)
)
STAY_CONFIRMED = _event(
    "stay.confirmed",
    _("Stay with a host firm confirmed"),
    _TEACHER,
    Field("days", Kind.INTEGER),
    Field("trained", Kind.BOOLEAN),
)
STAY_REFUSED = _event("stay.refused", _("Stay with a host firm refused"), _TEACHER, _reason())
CERTIFICATION_GRANTED = _event(
    "certification.granted",
    _("Dual-teacher certification granted"),
    _TEACHER,
    Field("number", Kind.TEXT),
    Field("granted_on", Kind.DATE),
    Field("expires_on", Kind.DATE),
    Field("renews", Kind.REFERENCE, optional=True),
)
CERTIFICATION_ENDED = _event(
    "certification.ended",
    _("Dual-teacher certification ended"),
    _TEACHER,
    Field("ended_on", Kind.DATE),
    _reason(),
)
REMINDERS_SENT = _event("reminders.sent", _("Reminders sent to mentors and teachers"), Field("people", Kind.INTEGER))
