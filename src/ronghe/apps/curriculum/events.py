"""What the curriculum records in the ledger: one event a deed. A release carries the hash of its whole content."""

from django.utils.translation import gettext_lazy as _

from ronghe.apps.ledger.event_types import EventType, Field, Kind, register

PROGRAMME_FOUNDED = register(
    EventType(
        "curriculum.programme.founded",
        _("Programme founded"),
        (
            Field("organisation", Kind.REFERENCE),
            Field("name_zh", Kind.TEXT),
            Field("name_en", Kind.TEXT),
            Field("field", Kind.TEXT),
            Field("months", Kind.INTEGER),
        ),
    )
)
PROGRAMME_AMENDED = register(
    EventType(
        "curriculum.programme.amended",
        _("Programme amended"),
        (
            Field("name_zh", Kind.TEXT),
            Field("name_en", Kind.TEXT),
            Field("field", Kind.TEXT),
            Field("months", Kind.INTEGER),
            Field("cohorts", Kind.INTEGER, many=True),
        ),
    )
)
COURSE_ADDED = register(
    EventType(
        "curriculum.course.added",
        _("Course added"),
        (
            Field("programme", Kind.REFERENCE),
            Field("code", Kind.TEXT),
            Field("name_zh", Kind.TEXT),
            Field("name_en", Kind.TEXT),
            Field("credits", Kind.DECIMAL),
        ),
    )
)
PACKAGE_OPENED = register(
    EventType(
        "curriculum.package.opened",
        _("Course package opened"),
        (Field("course", Kind.REFERENCE), Field("name_zh", Kind.TEXT), Field("name_en", Kind.TEXT)),
    )
)
PACKAGE_RETIRED = register(
    EventType("curriculum.package.retired", _("Course package retired"), (Field("explanation", Kind.TEXT),))
)
VERSION_STARTED = register(
    EventType(
        "curriculum.version.started",
        _("New version begun"),
        (Field("package", Kind.REFERENCE), Field("number", Kind.INTEGER), Field("units", Kind.INTEGER)),
    )
)
VERSION_DISCARDED = register(
    EventType(
        "curriculum.version.discarded",
        _("Draft discarded"),
        (Field("package", Kind.REFERENCE), Field("number", Kind.INTEGER)),
    )
)
UNIT_WRITTEN = register(
    EventType(
        "curriculum.unit.written",
        _("Unit written"),
        (
            Field("version", Kind.REFERENCE),
            Field("name_zh", Kind.TEXT),
            Field("hours", Kind.DECIMAL),
            Field("practice_hours", Kind.DECIMAL),
            Field("skills", Kind.TEXT, many=True),
            Field("content_hash", Kind.TEXT),
            Field("university_author", Kind.PERSON, optional=True),
            Field("enterprise_author", Kind.PERSON, optional=True),
        ),
    )
)
UNIT_REMOVED = register(
    EventType(
        "curriculum.unit.removed",
        _("Unit removed from a draft"),
        (Field("version", Kind.REFERENCE), Field("name_zh", Kind.TEXT)),
    )
)
UNITS_ARRANGED = register(
    EventType(
        "curriculum.units.arranged",
        _("Units put in order"),
        (Field("order", Kind.TEXT, many=True),),
    )
)
SUGGESTION_DECIDED = register(
    EventType(
        "curriculum.suggestion.decided",
        _("Suggested skill decided on"),
        (
            Field("unit", Kind.REFERENCE),
            Field("skill", Kind.TEXT),
            Field("accepted", Kind.BOOLEAN),
            Field("reason", Kind.TEXT),
        ),
    )
)
VERSION_SUBMITTED = register(
    EventType(
        "curriculum.version.submitted",
        _("Version sent to review"),
        (Field("round", Kind.INTEGER), Field("content_hash", Kind.TEXT)),
    )
)
VERSION_REVIEWED = register(
    EventType(
        "curriculum.version.reviewed",
        _("Version reviewed"),
        (
            Field("round", Kind.INTEGER),
            Field("side", Kind.TEXT),
            Field("verdict", Kind.TEXT),
            Field("comment", Kind.TEXT),
            Field("organisation", Kind.REFERENCE),
            Field("content_hash", Kind.TEXT),
        ),
    )
)
VERSION_RECALLED = register(
    EventType("curriculum.version.recalled", _("Version taken back from review"), (Field("round", Kind.INTEGER),))
)
VERSION_RELEASED = register(
    EventType(
        "curriculum.version.released",
        _("Version released"),
        (
            Field("package", Kind.REFERENCE),
            Field("number", Kind.INTEGER),
            Field("released_on", Kind.DATE),
            Field("units", Kind.INTEGER),
            Field("replaced", Kind.INTEGER),
            Field("skills", Kind.TEXT, many=True),
            Field("requirements", Kind.TEXT, many=True),
            Field("content_hash", Kind.TEXT),
        ),
    )
)
PROJECT_REGISTERED = register(
    EventType(
        "curriculum.project.registered",
        _("Project of industry registered"),
        (
            Field("organisation", Kind.REFERENCE),
            Field("name_zh", Kind.TEXT),
            Field("started_on", Kind.DATE),
            Field("ended_on", Kind.DATE, optional=True),
        ),
    )
)
PART_ADDED = register(
    EventType(
        "curriculum.part.added",
        _("Part of a project described"),
        (Field("project", Kind.REFERENCE), Field("name_zh", Kind.TEXT)),
    )
)
PROJECT_BROKEN = register(
    EventType(
        "curriculum.project.broken",
        _("Project broken into units"),
        (Field("version", Kind.REFERENCE), Field("parts", Kind.INTEGER, many=True)),
    )
)
CASE_REGISTERED = register(
    EventType(
        "curriculum.case.registered",
        _("Teaching case registered"),
        (
            Field("organisation", Kind.REFERENCE),
            Field("name_zh", Kind.TEXT),
            Field("licence", Kind.TEXT),
            Field("happened_on", Kind.DATE),
        ),
    )
)
CASE_CHECKED = register(
    EventType("curriculum.case.checked", _("Teaching case found current"), (Field("checked_on", Kind.DATE),))
)
PROGRAMME_IMPORTED = register(
    EventType(
        "curriculum.programme.imported",
        _("Programme imported"),
        (
            Field("courses", Kind.INTEGER),
            Field("packages", Kind.INTEGER),
            Field("units", Kind.INTEGER),
            Field("format", Kind.TEXT),
        ),
    )
)
CRI_FROZEN = register(
    EventType(
        "curriculum.cri.frozen",
        _("CRI frozen"),
        (
            Field("as_of", Kind.DATE),
            Field("value", Kind.NUMBER, optional=True),
            Field("method", Kind.TEXT),
            Field("inputs_hash", Kind.TEXT),
        ),
    )
)
