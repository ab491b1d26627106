"""What policies record in the ledger: one event a deed. A version and a decision carry the hash of what they say."""

from django.utils.translation import gettext_lazy as _

from ronghe.apps.ledger.event_types import EventType, Field, Kind, register


def _text(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, Kind.TEXT) for name in names)


_SUBJECT = (Field("subject_kind", Kind.TEXT), Field("subject_key", Kind.INTEGER))
_VERSION = (*_text("code", "digest"), Field("number", Kind.INTEGER), Field("note", Kind.TEXT, optional=True))
_EXEMPTION = (
    *_SUBJECT,
    *_text("rule_set", "rule", "reason"),
    Field("first_day", Kind.DATE),
    Field("last_day", Kind.DATE),
)
_PAY_LINK = (
    Field("organisation", Kind.REFERENCE),
    Field("level", Kind.INTEGER),
    *_text("post_zh", "kind"),
    Field("uplift", Kind.DECIMAL),
    Field("valid_from", Kind.DATE),
)

VERSION_PROPOSED = register(EventType("policies.version.proposed", _("Rule set proposed"), _VERSION))
VERSION_PUBLISHED = register(EventType("policies.version.published", _("Rule set published"), _VERSION))
VERSION_REFUSED = register(EventType("policies.version.refused", _("Rule set refused"), _VERSION))
EXEMPTION_ASKED = register(EventType("policies.exemption.asked", _("Exemption asked for"), _EXEMPTION))
EXEMPTION_GRANTED = register(EventType("policies.exemption.granted", _("Exemption granted"), _EXEMPTION))
EXEMPTION_REFUSED = register(EventType("policies.exemption.refused", _("Exemption refused"), _EXEMPTION))
EXEMPTION_REVOKED = register(EventType("policies.exemption.revoked", _("Exemption revoked"), _EXEMPTION))
DECISION_SIGNED = register(
    EventType(
        "policies.decision.signed",
        _("Decision signed"),
        (
            *_SUBJECT,
            Field("day", Kind.DATE),
            Field("known_at", Kind.TIME),
            Field("digest", Kind.TEXT),
            Field("rule_sets", Kind.TEXT, many=True),
        ),
    )
)
QUESTION_ASKED = register(
    EventType("policies.question.asked", _("Question asked"), (*_SUBJECT, *_text("rule_set", "rule", "text")))
)
QUESTION_ANSWERED = register(EventType("policies.question.answered", _("Question answered"), _text("answer")))
CLAIM_DRAFTED = register(
    EventType(
        "policies.claim.drafted",
        _("Claim drafted"),
        (
            Field("organisation", Kind.REFERENCE),
            *_text("incentive", "digest", "declared"),
            Field("year", Kind.INTEGER),
            Field("amount", Kind.DECIMAL),
        ),
    )
)
CLAIM_MOVED = register(
    EventType(
        "policies.claim.moved",
        _("Claim went on"),
        (
            *_text("state"),
            Field("day", Kind.DATE),
            Field("amount", Kind.DECIMAL),
            Field("note", Kind.TEXT, optional=True),
        ),
    )
)
PAY_LINK_PUBLISHED = register(EventType("policies.pay_link.published", _("Pay link published"), _PAY_LINK))
PAY_LINK_ENDED = register(
    EventType("policies.pay_link.ended", _("Pay link ended"), (*_PAY_LINK, Field("ends_on", Kind.DATE)))
)
# What somebody earned stays out of the log: only that it was declared.
PAYSLIP_DECLARED = register(
    EventType(
        "policies.payslip.declared",
        _("Payslip declared"),
        (Field("person", Kind.PERSON), Field("organisation", Kind.REFERENCE), *_text("declared_by")),
    )
)
PAYSLIP_WITHDRAWN = register(
    EventType("policies.payslip.withdrawn", _("Payslip withdrawn"), (Field("person", Kind.PERSON),))
)
