"""The status lists as they are served: both bit strings of a row, signed, and kept until they change or grow old."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from ronghe.apps.credentials import dids, suites
from ronghe.apps.credentials.models import StatusList
from ronghe.apps.credentials.services.issuing import signer_at
from ronghe.trust import status_list
from ronghe.trust.did import did_key, key_method
from ronghe.trust.proof import RDFC, SUITES, DataSigner, add_proofs

PURPOSES = ("revocation", "suspension")
# A verifier asks again after this long; the lists are signed anew well before.
COUNTS_FOR = timedelta(hours=24)
_SIGN_AGAIN = timedelta(hours=12)
# A verifier that began to check a moment ago, or whose clock is behind, must not find a list of the future.
_CLOCKS_MAY_DIFFER_BY = timedelta(minutes=5)


def address(row: StatusList, purpose: str) -> str:
    """Return where one of the two lists is served."""
    return dids.public_address("credentials:status_list", row.uid, purpose)


def signed(row: StatusList, purpose: str) -> dict[str, Any]:
    """Return the signed list, freshly signed where it changed or grew old. Raises `signing.KeyUnavailable`."""
    now = timezone.now()
    is_current = row.signed_at is not None and now < row.signed_at + _SIGN_AGAIN
    if not is_current:
        lists = {name: _sign(row, name, now) for name in PURPOSES}
        row.signed, row.signed_at = lists, now
        # What was signed is kept only if no status has changed meanwhile.
        StatusList.objects.filter(pk=row.pk, changed_at=row.changed_at).update(signed=lists, signed_at=now)
    found: dict[str, Any] = row.signed[purpose]
    return found


def signed_by_key(row: StatusList, purpose: str) -> dict[str, Any]:
    """Return the list under the did:key of the key that signs it, with one proof, for suites. Raises the same."""
    now = timezone.now()
    key, signer = signer_at(row.issuer, now)
    public_key = bytes(key.public_key)
    renamed = suites.Renamed(signer, key_method(public_key))
    place = address(row, purpose) + suites.BY_KEY
    return _secured(row, purpose, now, place, did_key(public_key), renamed, (RDFC,))


def _sign(row: StatusList, purpose: str, now: datetime) -> dict[str, Any]:
    _key, signer = signer_at(row.issuer, now)
    return _secured(row, purpose, now, address(row, purpose), row.issuer.did, signer, SUITES)


def _secured(
    row: StatusList,
    purpose: str,
    now: datetime,
    place: str,
    issuer: str,
    signer: DataSigner,
    cryptosuites: Collection[str],
) -> dict[str, Any]:
    bits = bytes(row.revoked if purpose == "revocation" else row.suspended)
    unsigned = status_list.build_status_list_credential(
        id=place,
        issuer=issuer,
        status_list=status_list.StatusList(purpose, bits),
        valid_from=now - _CLOCKS_MAY_DIFFER_BY,
        valid_until=now + COUNTS_FOR,
    )
    return add_proofs(unsigned, signer=signer, created=now.replace(microsecond=0), suites=cryptosuites)
