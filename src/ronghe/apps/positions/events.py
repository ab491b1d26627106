"""What happens to positions, order classes and rounds, as the ledger writes it down."""

from django.utils.translation import gettext_lazy as _

from ronghe.apps.ledger.event_types import EventType, Field, Kind, register

_WHY = Field("reason", Kind.TEXT, personal=True)

POSITION_SUBMITTED = register(
    EventType(
        "positions.position.submitted",
        _("Position submitted for approval"),
        (Field("organisation", Kind.REFERENCE), Field("seats", Kind.INTEGER)),
    )
)
POSITION_OPENED = register(
    EventType(
        "positions.position.opened",
        _("Position approved"),
        (
            Field("organisation", Kind.REFERENCE),
            Field("chain", Kind.REFERENCE, optional=True),
            Field("agreement", Kind.REFERENCE, optional=True),
            Field("requirements", Kind.REFERENCE, many=True),
            Field("seats", Kind.INTEGER),
            Field("starts_on", Kind.DATE),
            Field("ends_on", Kind.DATE),
        ),
    )
)
POSITION_RETURNED = register(EventType("positions.position.returned", _("Position sent back"), (_WHY,)))
POSITION_AMENDED = register(
    EventType(
        "positions.position.amended",
        _("Position amended"),
        (
            Field("changed", Kind.TEXT, many=True),
            Field("seats", Kind.INTEGER),
            Field("from_day", Kind.DATE),
        ),
    )
)
POSITION_CLOSED = register(EventType("positions.position.closed", _("Position closed"), ()))
POSITION_WITHDRAWN = register(EventType("positions.position.withdrawn", _("Position withdrawn"), (_WHY,)))
POSITIONS_IMPORTED = register(
    EventType("positions.position.imported", _("Positions imported as drafts"), (Field("count", Kind.INTEGER),))
)
CHAIN_RULE_SET = register(
    EventType(
        "positions.rule.set",
        _("Rule of a chain on positions set"),
        (Field("asks_for_agreement", Kind.BOOLEAN), Field("clause", Kind.TEXT), Field("valid_from", Kind.DATE)),
    )
)
SKILL_DECLARED = register(
    EventType(
        "positions.skill.declared",
        _("Skill of a student declared"),
        (Field("student", Kind.PERSON), Field("skill", Kind.TEXT), Field("skill_level", Kind.INTEGER)),
    )
)
SKILL_CONFIRMED = register(
    EventType(
        "positions.skill.confirmed",
        _("Skill of a student confirmed"),
        (Field("student", Kind.PERSON), Field("skill", Kind.TEXT), Field("skill_level", Kind.INTEGER)),
    )
)
ORDER_SUBMITTED = register(
    EventType("positions.order.submitted", _("Order class submitted for approval"), (Field("size", Kind.INTEGER),))
)
ORDER_OPENED = register(
    EventType(
        "positions.order.opened",
        _("Order class approved"),
        (
            Field("organisation", Kind.REFERENCE),
            Field("university", Kind.REFERENCE),
            Field("agreement", Kind.REFERENCE, optional=True),
            Field("size", Kind.INTEGER),
            Field("seats_promised", Kind.INTEGER),
            Field("jobs_promised", Kind.INTEGER),
        ),
    )
)
ORDER_RETURNED = register(EventType("positions.order.returned", _("Order class sent back"), (_WHY,)))
ORDER_FINISHED = register(EventType("positions.order.finished", _("Order class finished"), ()))
ORDER_WITHDRAWN = register(EventType("positions.order.withdrawn", _("Order class withdrawn"), (_WHY,)))
TASK_HANDED_IN = register(
    EventType(
        "positions.task.handed_in",
        _("Work on a task of an order class handed in"),
        (
            Field("student", Kind.PERSON),
            Field("task", Kind.TEXT),
            Field("evidence", Kind.TEXT, personal=True),
        ),
    )
)
TASK_DECIDED = register(
    EventType(
        "positions.task.decided",
        _("Work on a task of an order class accepted or returned"),
        (
            Field("student", Kind.PERSON, optional=True),
            Field("task", Kind.TEXT),
            Field("accepted", Kind.BOOLEAN),
            Field("met", Kind.INTEGER, many=True),
            Field("criteria", Kind.INTEGER),
            Field("reason", Kind.TEXT, personal=True, optional=True),
        ),
    )
)
PLACE_OFFERED = register(
    EventType(
        "positions.place.offered",
        _("Place in an order class offered"),
        (Field("student", Kind.PERSON), Field("answer_by", Kind.DATE)),
    )
)
PLACE_ANSWERED = register(
    EventType(
        "positions.place.answered",
        _("Offer of a place answered"),
        (Field("student", Kind.PERSON), Field("accepted", Kind.BOOLEAN)),
    )
)
PLACE_LAPSED = register(
    EventType("positions.place.lapsed", _("Offer of a place lapsed"), (Field("student", Kind.PERSON),))
)
PLACE_LEFT = register(
    EventType("positions.place.left", _("Student left an order class"), (Field("student", Kind.PERSON), _WHY))
)
JOB_OFFERED = register(
    EventType("positions.job.offered", _("Job offered to a graduate"), (Field("student", Kind.PERSON),))
)
JOB_ACCEPTED = register(
    EventType("positions.job.accepted", _("Job accepted by a graduate"), (Field("student", Kind.PERSON),))
)
ROUND_OPENED = register(
    EventType(
        "positions.round.opened",
        _("Matching round opened"),
        (
            Field("students", Kind.INTEGER),
            Field("positions", Kind.INTEGER),
            Field("closes_on", Kind.DATE),
            Field("seed", Kind.INTEGER),
        ),
    )
)
ROUND_CHANGED = register(
    EventType("positions.round.changed", _("Matching round changed"), (Field("changed", Kind.TEXT, many=True),))
)
ROUND_CANCELLED = register(EventType("positions.round.cancelled", _("Matching round called off"), (_WHY,)))
WISHES_STATED = register(
    EventType(
        "positions.wishes.stated",
        _("Preferences handed in"),
        (Field("student", Kind.PERSON), Field("wishes", Kind.INTEGER)),
    )
)
PRIORITY_GIVEN = register(
    EventType(
        "positions.priority.given",
        _("Priority of a firm stated"),
        (Field("students", Kind.PERSON, many=True), Field("position", Kind.REFERENCE)),
    )
)
PAIR_DECIDED = register(
    EventType(
        "positions.pair.decided",
        _("Student fixed in a position, or a pair ruled out"),
        (
            Field("student", Kind.PERSON),
            Field("position", Kind.REFERENCE),
            Field("decision", Kind.TEXT),
            _WHY,
        ),
    )
)
PAIR_LIFTED = register(
    EventType(
        "positions.pair.lifted",
        _("Decision on a student and a position lifted"),
        (Field("student", Kind.PERSON), Field("position", Kind.REFERENCE), Field("decision", Kind.TEXT)),
    )
)
STUDENT_EXCUSED = register(
    EventType(
        "positions.student.excused",
        _("Student left out of a round, or taken in again"),
        (Field("student", Kind.PERSON), _WHY),
    )
)
ROUND_COMPUTED = register(
    EventType(
        "positions.round.computed",
        _("Matching computed"),
        (
            Field("run", Kind.INTEGER),
            Field("mode", Kind.TEXT),
            Field("standing", Kind.TEXT),
            Field("inputs", Kind.TEXT),
            Field("placed", Kind.INTEGER),
        ),
    )
)
ROUND_PUBLISHED = register(
    EventType(
        "positions.round.published",
        _("Matching published"),
        (
            Field("run", Kind.INTEGER),
            Field("inputs", Kind.TEXT),
            Field("assignments", Kind.TEXT),
            Field("placed", Kind.INTEGER),
            Field("students", Kind.INTEGER),
            Field("appeals_until", Kind.DATE),
        ),
    )
)
APPEAL_MADE = register(
    EventType("positions.appeal.made", _("Appeal against a matching made"), (Field("student", Kind.PERSON),))
)
APPEAL_ANSWERED = register(
    EventType(
        "positions.appeal.answered",
        _("Appeal against a matching answered"),
        (Field("student", Kind.PERSON), Field("upheld", Kind.BOOLEAN)),
    )
)
