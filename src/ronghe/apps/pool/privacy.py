"""What the pool knows about a person, and how it lets go of it: shares and sums stay, the words about them do not."""

from typing import Any

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person
from ronghe.apps.pool.models import Conversion, Income, Licence, Portion, Share, ShareVersion
from ronghe.apps.pool.services.shares import withdraw_for_erasure


def _export(person: Person) -> dict[str, Any]:
    shares = Share.objects.filter(person=person).select_related("version__asset").order_by("pk")
    portions = Portion.objects.filter(share__person=person).select_related("distribution__income__asset")
    return {
        "shares": [
            {
                "asset": share.version.asset.name_zh,
                "version": share.version.number,
                "state": share.version.state,
                "in_force_from": share.version.valid_from,
                "share": str(share.exact),
                "contribution": share.contribution,
                "agreed": share.agreed_at,
                "digest": share.agreed_digest,
            }
            for share in shares
        ],
        "portions": [
            {
                "asset": portion.distribution.income.asset.name_zh,
                "received": portion.distribution.income.received_on,
                "distributed": portion.distribution.distributed_at,
                "yuan": portion.amount,
            }
            for portion in portions.order_by("pk")
        ],
        "agreed_for_organisations": list(
            Share.objects.filter(agreed_by=person, organisation__isnull=False).values(
                "version__asset__name_zh", "organisation__name_zh", "agreed_at"
            )
        ),
        "conversions": list(
            Conversion.objects.filter(claimed_by=person).values("asset__name_zh", "kind", "happened_on", "evidence")
        ),
    }


def _erase(person: Person) -> int:
    """A share stays with its holder, who has no name any more; so every sum and every hash stays valid."""
    rows = withdraw_for_erasure(person=person)
    mine = Share.objects.filter(person=person)
    rows += mine.exclude(salt="").update(salt="", contribution="")
    rows += Conversion.objects.filter(claimed_by=person).exclude(evidence="").update(evidence="—")
    for model, column in (
        (Conversion, "decided_by"),
        (Licence, "decided_by"),
        (ShareVersion, "shares__person"),
        (Income, "recorded_by"),
    ):
        written = model._default_manager.filter(**{column: person}).exclude(reason="")
        rows += model._default_manager.filter(pk__in=written.values("pk")).update(reason="")
    return rows


privacy.register("pool", export=_export, erase=_erase)
