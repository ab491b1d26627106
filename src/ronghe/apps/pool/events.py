"""What the pool writes into the ledger: whose a share is and what they get is personal, what an asset earned is not."""

from django.utils.translation import gettext_lazy as _

from ronghe.apps.ledger.event_types import EventType, Field, Kind, register

PROJECT_RECORDED = register(
    EventType(
        "pool.project.recorded",
        _("Project recorded"),
        (
            Field("name_zh", Kind.TEXT),
            Field("host", Kind.REFERENCE),
            Field("partners", Kind.REFERENCE, many=True),
            Field("started_on", Kind.DATE),
        ),
    )
)
PROJECT_CLOSED = register(
    EventType(
        "pool.project.closed",
        _("Project closed"),
        (Field("closed_on", Kind.DATE), Field("before", Kind.DATE, optional=True)),
    )
)
ASSET_RECORDED = register(
    EventType(
        "pool.asset.recorded",
        _("Asset recorded"),
        (
            Field("project", Kind.REFERENCE),
            Field("kind", Kind.TEXT),
            Field("name_zh", Kind.TEXT),
            Field("number", Kind.TEXT, optional=True),
            Field("registered_on", Kind.DATE, optional=True),
            Field("owners", Kind.REFERENCE, many=True),
        ),
    )
)
ASSET_CHANGED = register(EventType("pool.asset.changed", _("Asset changed"), (Field("changed", Kind.TEXT, many=True),)))
ASSET_LAPSED = register(EventType("pool.asset.lapsed", _("Asset lapsed"), (Field("lapsed_on", Kind.DATE),)))
SHARES_PROPOSED = register(
    EventType(
        "pool.shares.proposed",
        _("Shares proposed"),
        (
            Field("number", Kind.INTEGER),
            Field("digest", Kind.TEXT),
            Field("valid_from", Kind.DATE),
            Field("contributors", Kind.PERSON, many=True),
            Field("organisations", Kind.REFERENCE, many=True),
        ),
    )
)
SHARE_AGREED = register(
    EventType(
        "pool.share.agreed",
        _("Share agreed to"),
        (
            Field("number", Kind.INTEGER),
            Field("digest", Kind.TEXT),
            Field("share", Kind.TEXT),
            Field("contributor", Kind.PERSON),
            Field("organisation", Kind.REFERENCE, optional=True),
            Field("confirmed_by", Kind.TEXT, optional=True),
        ),
    )
)
SHARES_IN_FORCE = register(
    EventType(
        "pool.shares.agreed",
        _("Shares agreed by all"),
        (Field("number", Kind.INTEGER), Field("digest", Kind.TEXT), Field("valid_from", Kind.DATE)),
    )
)
SHARES_DECLINED = register(
    EventType(
        "pool.shares.declined",
        _("Shares declined"),
        (
            Field("number", Kind.INTEGER),
            Field("contributor", Kind.PERSON),
            Field("reason", Kind.TEXT, personal=True),
        ),
    )
)
SHARES_WITHDRAWN = register(
    EventType("pool.shares.withdrawn", _("Proposed shares withdrawn"), (Field("number", Kind.INTEGER),))
)
LICENCE_OFFERED = register(
    EventType(
        "pool.licence.offered",
        _("Licence offered"),
        (
            Field("asset", Kind.REFERENCE),
            Field("licensee", Kind.REFERENCE),
            Field("kind", Kind.TEXT),
            Field("fields", Kind.TEXT, many=True),
            Field("first_day", Kind.DATE),
            Field("last_day", Kind.DATE, optional=True),
            Field("fee", Kind.DECIMAL),
        ),
    )
)
LICENCE_GRANTED = register(
    EventType(
        "pool.licence.granted",
        _("Licence granted"),
        (Field("asset", Kind.REFERENCE), Field("licensee", Kind.REFERENCE)),
    )
)
LICENCE_REFUSED = register(
    EventType("pool.licence.refused", _("Licence refused"), (Field("reason", Kind.TEXT, personal=True),))
)
LICENCE_WITHDRAWN = register(EventType("pool.licence.withdrawn", _("Offered licence withdrawn"), ()))
LICENCE_ENDED = register(
    EventType("pool.licence.ended", _("Licence ended"), (Field("last_day", Kind.DATE), Field("reason", Kind.TEXT)))
)
CONVERSION_CLAIMED = register(
    EventType(
        "pool.conversion.claimed",
        _("Conversion claimed"),
        (
            Field("asset", Kind.REFERENCE),
            Field("kind", Kind.TEXT),
            Field("party", Kind.REFERENCE),
            Field("happened_on", Kind.DATE),
            Field("evidence", Kind.TEXT, personal=True),
        ),
    )
)
CONVERSION_CONFIRMED = register(
    EventType(
        "pool.conversion.confirmed",
        _("Conversion confirmed"),
        (
            Field("asset", Kind.REFERENCE),
            Field("kind", Kind.TEXT),
            Field("party", Kind.REFERENCE),
            Field("happened_on", Kind.DATE),
        ),
    )
)
CONVERSION_REFUSED = register(
    EventType("pool.conversion.refused", _("Conversion refused"), (Field("reason", Kind.TEXT, personal=True),))
)
CONVERSION_WITHDRAWN = register(
    EventType("pool.conversion.withdrawn", _("Conversion withdrawn"), (Field("reason", Kind.TEXT, personal=True),))
)
INCOME_RECORDED = register(
    EventType(
        "pool.income.recorded",
        _("Income recorded"),
        (
            Field("asset", Kind.REFERENCE),
            Field("kind", Kind.TEXT),
            Field("fen", Kind.INTEGER),
            Field("received_on", Kind.DATE),
            Field("document", Kind.TEXT),
        ),
    )
)
INCOME_DISTRIBUTED = register(
    EventType(
        "pool.income.distributed",
        _("Income distributed"),
        (
            Field("version", Kind.INTEGER),
            Field("digest", Kind.TEXT),
            Field("shares", Kind.TEXT, many=True),
            Field("fen", Kind.INTEGER, many=True),
        ),
    )
)
INCOME_REVERSED = register(
    EventType(
        "pool.income.reversed",
        _("Income reversed"),
        (Field("reversed", Kind.REFERENCE), Field("reason", Kind.TEXT, personal=True)),
    )
)
