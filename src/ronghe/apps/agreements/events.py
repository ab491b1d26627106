"""What the ledger remembers of agreements: hashes and typed facts, never the text of a paper."""

from django.utils.translation import gettext_lazy as _

from ronghe.apps.ledger.event_types import EventType, Field, Kind, register

_PAPER = (Field("paper", Kind.INTEGER), Field("kind", Kind.TEXT))
_DIGEST = Field("digest", Kind.TEXT)
_REASON = Field("reason", Kind.TEXT, personal=True, optional=True)

TEMPLATE_WRITTEN = register(
    EventType(
        "agreements.template.written",
        _("Template written"),
        (Field("name_zh", Kind.TEXT), Field("version", Kind.INTEGER), _DIGEST),
    )
)
TEMPLATE_RETIRED = register(
    EventType("agreements.template.retired", _("Template retired"), (Field("name_zh", Kind.TEXT),))
)
AGREEMENT_DRAFTED = register(
    EventType(
        "agreements.agreement.drafted",
        _("Agreement drafted"),
        (
            Field("kind", Kind.TEXT),
            Field("chain", Kind.REFERENCE, optional=True),
            Field("organisations", Kind.REFERENCE, many=True),
            Field("people", Kind.PERSON, many=True),
            Field("first_day", Kind.DATE),
            Field("last_day", Kind.DATE, optional=True),
        ),
    )
)
PAPER_DRAFTED = register(
    EventType(
        "agreements.paper.drafted",
        _("Paper drafted"),
        (*_PAPER, Field("first_day", Kind.DATE), Field("last_day", Kind.DATE, optional=True), _REASON),
    )
)
PAPER_CHANGED = register(EventType("agreements.paper.changed", _("Paper changed"), (*_PAPER, _DIGEST)))
PAPER_SUBMITTED = register(EventType("agreements.paper.submitted", _("Paper handed in for the check"), _PAPER))
PAPER_CHECKED = register(
    EventType("agreements.paper.checked", _("Paper checked"), (*_PAPER, Field("passed", Kind.BOOLEAN), _REASON))
)
PAPER_SENT = register(
    EventType(
        "agreements.paper.sent",
        _("Paper sent for signature"),
        (*_PAPER, _DIGEST, Field("sign_by", Kind.DATE), Field("signatories", Kind.PERSON, many=True)),
    )
)
PAPER_SIGNED = register(
    EventType(
        "agreements.paper.signed",
        _("Paper signed"),
        (
            *_PAPER,
            _DIGEST,
            Field("signature", Kind.TEXT),
            Field("party", Kind.INTEGER),
            Field("signatory", Kind.PERSON),
            Field("organisation", Kind.REFERENCE, optional=True),
            Field("method", Kind.TEXT),
            Field("confirmed_by", Kind.TEXT, optional=True),
        ),
    )
)
SIGNATURE_DECLINED = register(
    EventType(
        "agreements.signature.declined", _("Signature declined"), (*_PAPER, Field("party", Kind.INTEGER), _REASON)
    )
)
SIGNATURE_HANDED_OVER = register(
    EventType(
        "agreements.signature.handed",
        _("Signature handed over"),
        (
            *_PAPER,
            Field("party", Kind.INTEGER),
            Field("before", Kind.PERSON),
            Field("after", Kind.PERSON),
            _REASON,
        ),
    )
)
PAPER_RECALLED = register(
    EventType(
        "agreements.paper.recalled", _("Paper recalled"), (*_PAPER, Field("digest", Kind.TEXT, optional=True), _REASON)
    )
)
PAPER_WITHDRAWN = register(EventType("agreements.paper.withdrawn", _("Paper withdrawn"), (*_PAPER, _REASON)))
PAPER_CONCLUDED = register(
    EventType(
        "agreements.paper.concluded",
        _("Paper signed by all"),
        (
            *_PAPER,
            _DIGEST,
            Field("first_day", Kind.DATE),
            Field("last_day", Kind.DATE, optional=True),
            Field("promises", Kind.INTEGER),
        ),
    )
)
SCAN_UPLOADED = register(
    EventType(
        "agreements.scan.uploaded",
        _("Paper signed outside uploaded"),
        (*_PAPER, _DIGEST, Field("size", Kind.INTEGER), Field("signed_on", Kind.DATE)),
    )
)
SCAN_DECIDED = register(
    EventType(
        "agreements.scan.decided",
        _("Paper signed outside decided on"),
        (*_PAPER, _DIGEST, Field("confirmed", Kind.BOOLEAN), _REASON),
    )
)
AGREEMENT_ENDED = register(
    EventType(
        "agreements.agreement.ended",
        _("Agreement ended before its time"),
        (
            Field("party", Kind.INTEGER),
            Field("notice_given_on", Kind.DATE),
            Field("ended_on", Kind.DATE),
            Field("promises", Kind.INTEGER),
            _REASON,
        ),
    )
)
AGREEMENT_IMPORTED = register(
    EventType(
        "agreements.agreement.imported",
        _("Agreement signed outside imported"),
        (
            Field("number", Kind.TEXT),
            _DIGEST,
            Field("organisations", Kind.REFERENCE, many=True),
            Field("first_day", Kind.DATE),
            Field("last_day", Kind.DATE, optional=True),
            Field("promises", Kind.INTEGER),
        ),
    )
)
SIGNATORY_APPOINTED = register(
    EventType(
        "agreements.signatory.appointed",
        _("Signatory appointed"),
        (
            Field("person", Kind.PERSON),
            Field("organisation", Kind.REFERENCE),
            Field("title", Kind.TEXT),
            Field("valid_from", Kind.DATE),
            Field("valid_until", Kind.DATE, optional=True),
        ),
    )
)
SIGNATORY_ENDED = register(
    EventType(
        "agreements.signatory.ended",
        _("Standing of a signatory ended"),
        (
            Field("person", Kind.PERSON),
            Field("organisation", Kind.REFERENCE),
            Field("valid_until", Kind.DATE),
            Field("handed_over", Kind.INTEGER),
        ),
    )
)
REMINDERS_SENT = register(
    EventType(
        "agreements.reminders.sent",
        _("Reminders sent"),
        (Field("signatures", Kind.INTEGER), Field("agreements", Kind.INTEGER), Field("people", Kind.INTEGER)),
    )
)
