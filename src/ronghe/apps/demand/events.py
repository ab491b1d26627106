"""What demand records in the ledger: one event a deed of a person, one a batch for work on many rows."""

from django.utils.translation import gettext_lazy as _

from ronghe.apps.ledger.event_types import EventType, Field, Kind, register

LEXICON_LOADED = register(
    EventType(
        "demand.lexicon.loaded",
        _("Lexicon loaded"),
        (
            Field("version", Kind.TEXT),
            Field("skills", Kind.INTEGER),
            Field("added", Kind.INTEGER),
            Field("changed", Kind.INTEGER),
            Field("retired", Kind.TEXT, many=True),
        ),
    )
)

CROSSWALK_IMPORTED = register(
    EventType(
        "demand.crosswalk.imported",
        _("Crosswalk imported"),
        (
            Field("scheme", Kind.TEXT),
            Field("lexicon_version", Kind.TEXT),
            Field("links", Kind.INTEGER),
            Field("digest", Kind.TEXT),
        ),
    )
)

SOURCE_REGISTERED = register(
    EventType(
        "demand.source.registered",
        _("Source of postings registered"),
        (
            Field("name", Kind.TEXT),
            Field("licence", Kind.TEXT),
            Field("address", Kind.TEXT),
            Field("is_example", Kind.BOOLEAN),
        ),
    )
)

POSTINGS_IMPORTED = register(
    EventType(
        "demand.postings.imported",
        _("Postings imported"),
        (
            Field("written", Kind.INTEGER),
            Field("skipped", Kind.INTEGER),
            Field("first_day", Kind.DATE, optional=True),
            Field("last_day", Kind.DATE, optional=True),
            Field("digest", Kind.TEXT),
        ),
    )
)

POSTINGS_COMPARED = register(
    EventType(
        "demand.postings.compared",
        _("Postings compared for duplicates"),
        (
            Field("compared", Kind.INTEGER),
            Field("duplicates", Kind.INTEGER),
            Field("changed", Kind.INTEGER),
            Field("digest", Kind.TEXT),
        ),
    )
)

POSTINGS_EXTRACTED = register(
    EventType(
        "demand.postings.extracted",
        _("Skills extracted from postings"),
        (
            Field("extractor", Kind.TEXT),
            Field("postings", Kind.INTEGER),
            Field("mentions", Kind.INTEGER),
            Field("digest", Kind.TEXT),
        ),
    )
)

_MENTION = (
    Field("skill", Kind.TEXT),
    Field("start", Kind.INTEGER),
    Field("end", Kind.INTEGER),
    Field("verdict", Kind.TEXT),
)

MENTION_DECIDED = register(
    EventType(
        "demand.mention.decided",
        _("Decided on a mention"),
        (*_MENTION, Field("before", Kind.TEXT, optional=True)),
    )
)

DECISION_UNDONE = register(EventType("demand.decision.undone", _("Decision on a mention undone"), _MENTION))

_NEED = (
    Field("organisation", Kind.REFERENCE),
    Field("skill", Kind.TEXT),
    Field("skill_level", Kind.INTEGER, optional=True),
    Field("head_count", Kind.INTEGER),
    Field("needed_by", Kind.DATE),
    Field("severity", Kind.INTEGER),
    Field("reason", Kind.TEXT),
)

REQUIREMENT_RAISED = register(EventType("demand.requirement.raised", _("Requirement raised"), _NEED))

REQUIREMENT_AMENDED = register(
    EventType(
        "demand.requirement.amended",
        _("Requirement amended"),
        (*_NEED, Field("revision", Kind.INTEGER), Field("changed", Kind.TEXT, many=True)),
    )
)

REQUIREMENT_WITHDRAWN = register(
    EventType("demand.requirement.withdrawn", _("Requirement withdrawn"), (Field("explanation", Kind.TEXT),))
)

REQUIREMENT_TAUGHT = register(
    EventType(
        "demand.requirement.taught",
        _("Requirement met by a release"),
        (Field("skill_level", Kind.INTEGER), Field("closed_on", Kind.DATE)),
    )
)

REQUIREMENT_ANSWERED = register(
    EventType(
        "demand.requirement.answered",
        _("Requirement answered"),
        (
            Field("answer", Kind.TEXT),
            Field("text", Kind.TEXT),
            Field("planned_for", Kind.DATE, optional=True),
        ),
    )
)

_PANEL = (
    Field("name", Kind.TEXT),
    Field("items", Kind.INTEGER),
    Field("question", Kind.TEXT),
    Field("experts_school", Kind.INTEGER),
    Field("experts_enterprise", Kind.INTEGER),
    Field("points", Kind.INTEGER),
    Field("band_from", Kind.INTEGER),
    Field("rule", Kind.TEXT),
    Field("least_share", Kind.NUMBER),
    Field("most_variation", Kind.NUMBER),
    Field("most_spread", Kind.NUMBER),
    Field("most_change", Kind.NUMBER),
    Field("most_rounds", Kind.INTEGER),
    Field("criterion", Kind.TEXT),
    Field("revision", Kind.INTEGER),
)

PANEL_PREPARED = register(EventType("demand.panel.prepared", _("Panel of experts prepared"), _PANEL))
PANEL_AMENDED = register(EventType("demand.panel.amended", _("Panel of experts amended"), _PANEL))
PANEL_OPENED = register(EventType("demand.panel.opened", _("Panel of experts opened, its criterion fixed"), _PANEL))

PANEL_ROUND_OPENED = register(
    EventType(
        "demand.panel_round.opened",
        _("Round of a panel opened"),
        (
            Field("round", Kind.INTEGER),
            Field("kind", Kind.TEXT),
            Field("due_on", Kind.DATE),
            Field("new_tokens", Kind.BOOLEAN),
        ),
    )
)

PANEL_TOKENS_RENEWED = register(
    EventType(
        "demand.panel_tokens.renewed",
        _("Tokens of a panel renewed, its round begun again"),
        (Field("round", Kind.INTEGER), Field("answers_dropped", Kind.INTEGER)),
    )
)

# The only event that answers leave: all at once, without anyone's name and without the time of any of them.
PANEL_ROUND_CLOSED = register(
    EventType(
        "demand.panel_round.closed",
        _("Round of a panel closed"),
        (
            Field("round", Kind.INTEGER),
            Field("answers", Kind.INTEGER),
            Field("receipts", Kind.TEXT),
            Field("result", Kind.TEXT),
        ),
    )
)

PANEL_ENDED = register(EventType("demand.panel.ended", _("Panel of experts ended"), (Field("rounds", Kind.INTEGER),)))

_ROUND = (
    Field("name", Kind.TEXT),
    Field("first_day", Kind.DATE),
    Field("last_day", Kind.DATE),
    Field("field", Kind.TEXT, optional=True),
    Field("panel", Kind.REFERENCE, optional=True),
)

ROUND_STARTED = register(EventType("demand.round.started", _("Demand round started"), _ROUND))
ROUND_AMENDED = register(EventType("demand.round.amended", _("Demand round amended"), _ROUND))

ROUND_FROZEN = register(
    EventType(
        "demand.round.frozen",
        _("White paper frozen"),
        (Field("digest", Kind.TEXT), Field("figures", Kind.INTEGER), Field("format", Kind.INTEGER)),
    )
)

FORECASTS_MADE = register(
    EventType(
        "demand.forecasts.made",
        _("Forecasts made and outcomes kept"),
        (
            Field("made", Kind.INTEGER),
            Field("refused", Kind.INTEGER),
            Field("outcomes", Kind.INTEGER),
            Field("digest", Kind.TEXT),
        ),
    )
)
