"""What training writes into the ledger: what people wrote is personal; days, hours and digests are not."""

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from ronghe.apps.ledger.event_types import EventType, Field, Kind, register

_STUDENT = Field("student", Kind.PERSON, optional=True)
_REASON = Field("reason", Kind.TEXT, personal=True, optional=True)
_ON = Field("on", Kind.DATE)


def _type(name: str, label: StrPromise, *fields: Field) -> EventType:
    return register(EventType(f"training.{name}", label, fields))


PLACEMENT_PLANNED = _type(
    "placement.planned",
    _("Placement planned"),
    _STUDENT,
    Field("position", Kind.REFERENCE, optional=True),
    Field("hosts", Kind.REFERENCE, many=True),
    Field("shares", Kind.INTEGER, many=True),
    Field("starts_on", Kind.DATE),
    Field("ends_on", Kind.DATE),
)
AGREEMENT_ATTACHED = _type(
    "agreement.attached", _("Three-party agreement of a placement named"), _STUDENT, Field("agreement", Kind.REFERENCE)
)
PAPER_STATED = _type(
    "paper.stated",
    _("Paper of a three-party agreement stated"),
    _STUDENT,
    Field("number", Kind.TEXT),
    Field("signed_on", Kind.DATE),
)
PLACEMENT_STARTED = _type(
    "placement.started",
    _("Placement begun"),
    _STUDENT,
    _ON,
    Field("agreement", Kind.REFERENCE, optional=True),
    Field("without_agreement", Kind.BOOLEAN),
    _REASON,
)
PLACEMENT_PAUSED = _type("placement.paused", _("Placement paused"), _STUDENT, _ON, _REASON)
PLACEMENT_RESUMED = _type("placement.resumed", _("Placement resumed"), _STUDENT, _ON)
PLACEMENT_STOPPED = _type("placement.stopped", _("Placement stopped"), _STUDENT, _ON, _REASON)
PLACEMENT_FINISHED = _type("placement.finished", _("Placement finished"), _STUDENT, _ON)
SUPERVISOR_CHANGED = _type(
    "supervisor.changed",
    _("Mentor or teacher of a placement changed"),
    _STUDENT,
    Field("side", Kind.TEXT),
    Field("person", Kind.PERSON),
    _ON,
)
PLACEMENT_CHANGED = _type(
    "placement.changed",
    _("Days, host or mentor of a placement changed"),
    _STUDENT,
    Field("starts_on", Kind.DATE),
    Field("ends_on", Kind.DATE),
    Field("hosts", Kind.REFERENCE, many=True),
    Field("shares", Kind.INTEGER, many=True),
    Field("days", Kind.TEXT),
    Field("hours", Kind.TEXT, many=True),
    Field("mentor", Kind.PERSON, optional=True),
    Field("agreement", Kind.REFERENCE, optional=True),
    _ON,
    _REASON,
)
ABSENCE_REPORTED = _type(
    "absence.reported",
    _("Absence reported"),
    _STUDENT,
    Field("kind", Kind.TEXT, personal=True),
    Field("first_day", Kind.DATE),
    Field("last_day", Kind.DATE),
)
ABSENCE_DECIDED = _type("absence.decided", _("Absence decided"), _STUDENT, Field("excused", Kind.BOOLEAN))
INCIDENT_REPORTED = _type(
    "incident.reported",
    _("Incident reported"),
    _STUDENT,
    Field("severity", Kind.INTEGER),
    Field("happened_on", Kind.DATE),
    Field("answer_by", Kind.TIME),
    Field("what", Kind.TEXT, personal=True),
)
INCIDENT_ESCALATED = _type("incident.escalated", _("Incident handed to the office"), _STUDENT)
INCIDENT_ANSWERED = _type(
    "incident.answered", _("Incident answered"), _STUDENT, Field("answer", Kind.TEXT, personal=True)
)
INCIDENT_CLOSED = _type("incident.closed", _("Incident closed"), _STUDENT, Field("outcome", Kind.TEXT, personal=True))
RELATION_DECLARED = _type(
    "relation.declared", _("Relation declared"), Field("person", Kind.PERSON), Field("other", Kind.PERSON)
)
RELATION_ENDED = _type(
    "relation.ended", _("Declared relation ended"), Field("person", Kind.PERSON), Field("other", Kind.PERSON)
)
EVIDENCE_HANDED_IN = _type(
    "evidence.handed_in",
    _("Evidence handed in"),
    _STUDENT,
    Field("placement", Kind.REFERENCE),
    Field("week", Kind.DATE),
    Field("version", Kind.INTEGER),
    Field("hours", Kind.DECIMAL),
    Field("text", Kind.TEXT, personal=True),
    Field("commit", Kind.TEXT, personal=True, optional=True),
    Field("files", Kind.TEXT, many=True),
    Field("marks", Kind.TEXT, many=True),
)
HOURS_CONFIRMED = _type(
    "hours.confirmed",
    _("Hours confirmed"),
    _STUDENT,
    Field("placement", Kind.REFERENCE),
    Field("week", Kind.DATE),
    Field("version", Kind.INTEGER),
    Field("hours", Kind.DECIMAL),
    Field("link", Kind.TEXT, optional=True),
)
EVIDENCE_RETURNED = _type(
    "evidence.returned", _("Evidence returned"), _STUDENT, Field("link", Kind.TEXT, optional=True), _REASON
)
EVIDENCE_ASKED = _type(
    "evidence.asked",
    _("Question about evidence"),
    _STUDENT,
    Field("link", Kind.TEXT, optional=True),
    Field("question", Kind.TEXT, personal=True),
)
EVIDENCE_ANSWERED = _type(
    "evidence.answered",
    _("Question about evidence answered"),
    _STUDENT,
    Field("answer", Kind.TEXT, personal=True),
)
LINK_MADE = _type(
    "link.made",
    _("Confirmation link sent"),
    Field("mentor", Kind.PERSON),
    Field("week", Kind.DATE),
    Field("link", Kind.TEXT),
    Field("expires_at", Kind.TIME),
)
LINK_REVOKED = _type("link.revoked", _("Confirmation link revoked"), Field("link", Kind.TEXT))
ASSESSMENT_OPENED = _type(
    "assessment.opened",
    _("Assessment opened"),
    _STUDENT,
    Field("unit", Kind.REFERENCE),
    Field("attempt", Kind.INTEGER),
)
ASSESSMENT_RATED = _type(
    "assessment.rated",
    _("Assessment rated"),
    _STUDENT,
    Field("side", Kind.TEXT),
    Field("skills", Kind.TEXT, many=True, personal=True),
)
ASSESSMENT_SETTLED = _type(
    "assessment.settled",
    _("Assessment settled"),
    _STUDENT,
    Field("unit", Kind.REFERENCE),
    Field("attempt", Kind.INTEGER),
    Field("passed", Kind.BOOLEAN, personal=True),
    Field("by_office", Kind.BOOLEAN),
)
PRIOR_WORK_STATED = _type(
    "prior_work.stated",
    _("Work before the studies stated"),
    _STUDENT,
    Field("months", Kind.INTEGER, personal=True),
    Field("paper", Kind.TEXT, personal=True),
)
REMINDERS_SENT = _type("reminders.sent", _("Reminders of training sent"), Field("people", Kind.INTEGER))
