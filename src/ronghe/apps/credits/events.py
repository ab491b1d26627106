"""What the credit bank writes into the ledger: whose credits is personal, how many moved by which rule is not."""

from django.utils.translation import gettext_lazy as _

from ronghe.apps.ledger.event_types import EventType, Field, Kind, register

RULE_PROPOSED = register(
    EventType(
        "credits.rule.proposed",
        _("Conversion rule proposed"),
        (
            Field("source", Kind.TEXT),
            Field("programme", Kind.REFERENCE, optional=True),
            Field("per", Kind.DECIMAL),
            Field("credits", Kind.DECIMAL),
            Field("step", Kind.DECIMAL),
            Field("most_a_year", Kind.DECIMAL, optional=True),
            Field("is_practice", Kind.BOOLEAN),
            Field("months_valid", Kind.INTEGER, optional=True),
            Field("clause", Kind.TEXT),
            Field("valid_from", Kind.DATE),
            Field("valid_until", Kind.DATE, optional=True),
        ),
    )
)
RULE_PUBLISHED = register(
    EventType("credits.rule.published", _("Conversion rule published"), (Field("proposed_by", Kind.PERSON),))
)
RULE_ENDED = register(EventType("credits.rule.ended", _("Conversion rule ended"), (Field("valid_until", Kind.DATE),)))
RULE_WITHDRAWN = register(EventType("credits.rule.withdrawn", _("Proposed conversion rule withdrawn"), ()))
TARGET_SET = register(
    EventType(
        "credits.target.set",
        _("Credits that a programme asks for set"),
        (
            Field("credits", Kind.DECIMAL),
            Field("practice_share", Kind.DECIMAL),
            Field("valid_from", Kind.DATE),
        ),
    )
)
ACHIEVEMENT_CLAIMED = register(
    EventType(
        "credits.achievement.claimed",
        _("Achievement claimed"),
        (
            Field("student", Kind.PERSON),
            Field("source", Kind.TEXT),
            Field("quantity", Kind.DECIMAL),
            Field("first_day", Kind.DATE),
            Field("last_day", Kind.DATE),
            Field("host", Kind.REFERENCE, optional=True),
            Field("evidence", Kind.TEXT, personal=True, optional=True),
        ),
    )
)
ACHIEVEMENT_CONFIRMED = register(
    EventType(
        "credits.achievement.confirmed",
        _("Achievement confirmed"),
        (Field("student", Kind.PERSON), Field("quantity", Kind.DECIMAL)),
    )
)
ACHIEVEMENT_REFUSED = register(
    EventType(
        "credits.achievement.refused",
        _("Achievement refused"),
        (Field("student", Kind.PERSON), Field("reason", Kind.TEXT, personal=True)),
    )
)
CREDITS_DEPOSITED = register(
    EventType(
        "credits.credits.deposited",
        _("Credits deposited"),
        (
            Field("student", Kind.PERSON),
            Field("achievement", Kind.REFERENCE),
            Field("rule", Kind.TEXT),
            Field("credits", Kind.DECIMAL),
            Field("is_practice", Kind.BOOLEAN),
        ),
    )
)
CREDITS_REDEEMED = register(
    EventType(
        "credits.credits.redeemed",
        _("Credits redeemed"),
        (Field("student", Kind.PERSON), Field("programme", Kind.REFERENCE), Field("credits", Kind.DECIMAL)),
    )
)
CREDITS_LAPSED = register(
    EventType(
        "credits.credits.lapsed",
        _("Credits lapsed"),
        (Field("student", Kind.PERSON, optional=True), Field("credits", Kind.DECIMAL)),
    )
)
CREDITS_SENT = register(
    EventType(
        "credits.credits.sent",
        _("Credits transferred to another institution"),
        (
            Field("student", Kind.PERSON),
            Field("holder", Kind.TEXT, personal=True),
            Field("institution", Kind.TEXT),
            Field("credits", Kind.DECIMAL),
            Field("is_practice", Kind.BOOLEAN),
            Field("earned_on", Kind.DATE),
        ),
    )
)
CREDITS_RECEIVED = register(
    EventType(
        "credits.credits.received",
        _("Credits transferred from another institution"),
        (
            Field("student", Kind.PERSON),
            Field("institution", Kind.TEXT),
            Field("credits", Kind.DECIMAL),
            Field("is_practice", Kind.BOOLEAN),
            Field("statement", Kind.TEXT),
        ),
    )
)
PARTNER_NAMED = register(
    EventType(
        "credits.partner.named",
        _("Institution named for transfers"),
        (Field("name_zh", Kind.TEXT), Field("log_key", Kind.TEXT)),
    )
)
PARTNER_CONFIRMED = register(
    EventType("credits.partner.confirmed", _("Institution confirmed for transfers"), (Field("named_by", Kind.PERSON),))
)
PARTNER_ENDED = register(
    EventType("credits.partner.ended", _("Transfers with an institution ended"), (Field("reason", Kind.TEXT),))
)
TRANSACTION_REVERSED = register(
    EventType(
        "credits.transaction.reversed",
        _("Transaction of the credit bank reversed"),
        (
            Field("student", Kind.PERSON, optional=True),
            Field("reversed", Kind.REFERENCE),
            Field("reason", Kind.TEXT, personal=True),
        ),
    )
)
CORRECTION_ASKED = register(
    EventType(
        "credits.correction.asked",
        _("Correction of an achievement asked for"),
        (Field("student", Kind.PERSON, optional=True), Field("reason", Kind.TEXT, personal=True)),
    )
)
CORRECTION_SETTLED = register(
    EventType(
        "credits.correction.settled",
        _("Correction of an achievement settled"),
        (
            Field("student", Kind.PERSON, optional=True),
            Field("done", Kind.BOOLEAN),
            Field("instead", Kind.REFERENCE, many=True),
            Field("reason", Kind.TEXT, personal=True, optional=True),
        ),
    )
)
STATEMENT_MADE = register(
    EventType(
        "credits.statement.made",
        _("Statement with proof made"),
        (
            Field("student", Kind.PERSON),
            Field("statement", Kind.TEXT),
            Field("lines", Kind.INTEGER),
            Field("credits", Kind.DECIMAL),
        ),
    )
)
