"""What contributors agree to, as the plain JSON that is hashed: it names them by uid and salted digests only.

Reads models and writes nothing. Once a person is erased their salt is gone, and the hash still holds.
"""

from collections.abc import Sequence
from typing import Any

from ronghe.apps.agreements.content import digest_of, name_digest
from ronghe.apps.pool.models import Asset, Share, ShareVersion

FORMAT = 1


def _holder(share: Share) -> dict[str, Any]:
    if share.organisation is not None:
        return {"organisation": str(share.organisation.uid), "zh": share.organisation.name_zh}
    if share.person is None:
        raise ValueError("a share is a person's or an organisation's")
    return {"person": str(share.person.uid), "name": name_digest(share.salt, share.person.name)}


def content_of(asset: Asset, version: ShareVersion, shares: Sequence[Share], before: str | None) -> dict[str, Any]:
    """A version of the shares as it is agreed to; `before` is the digest of the one that it replaces."""
    return {
        "format": FORMAT,
        "asset": {"uid": str(asset.uid), "kind": asset.kind, "number": asset.number, "zh": asset.name_zh},
        "version": version.number,
        "valid_from": version.valid_from.isoformat(),
        "replaces": before,
        "shares": [
            {
                "place": share.place,
                "holder": _holder(share),
                "share": f"{share.numerator}/{share.denominator}",
                "points": share.points,
                "contribution": name_digest(share.salt, share.contribution),
            }
            for share in shares
        ],
    }


def holds(version: ShareVersion, shares: Sequence[Share]) -> bool:
    """Whether a version still says what was agreed to: its hash, its rows, and what each contributor agreed to.

    Holders are compared by uid, as names change; what an erased person contributed is known to nobody any more.
    """
    if digest_of(version.content) != version.digest:
        return False
    rows = version.content["shares"]
    return len(rows) == len(shares) and all(
        _same(share, row) and (share.agreed_at is None or share.agreed_digest == version.digest)
        for share, row in zip(shares, rows, strict=True)
    )


def _same(share: Share, row: dict[str, Any]) -> bool:
    kind = "organisation" if share.organisation_id is not None else "person"
    return (
        row["place"] == share.place
        and row["share"] == f"{share.numerator}/{share.denominator}"
        and row["holder"].get(kind) == _holder(share)[kind]
        and (not share.salt or row["contribution"] == name_digest(share.salt, share.contribution))
    )
