"""The one file that verifies without this site: credential, chosen events, log proof, witnesses, status of today."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credentials import events, paths, signing
from ronghe.apps.credentials.models import Certificate, CertificateState
from ronghe.apps.credentials.services.issuing import signer_at
from ronghe.apps.ledger import publishing as log
from ronghe.apps.ledger import services as ledger
from ronghe.trust import strict_json
from ronghe.trust.bundle import Bundle, BundleTooLarge
from ronghe.trust.log_proof import LogProof
from ronghe.trust.path import DisclosedPath, PathError, disclose
from ronghe.trust.status_statement import CredentialMark, Status, status_statement

# For so long a verifier believes the status in a file.
STATUS_COUNTS_FOR = timedelta(days=7)
_STATUS = {
    CertificateState.VALID: Status.GOOD,
    CertificateState.SUSPENDED: Status.SUSPENDED,
    CertificateState.REVOKED: Status.REVOKED,
}


class BundleUnavailable(Exception):
    """The file cannot be made now; the text says why and what to do."""


@transaction.atomic
def download_bundle(*, actor: Person, certificate: Certificate, disclosed: Collection[int] = ()) -> bytes:
    """Return the file with the events at the places `disclosed`, for the holder and the office.

    Raises `BundleUnavailable` for a certificate that is not sealed yet or was erased, and for too many events.
    """
    demand(actor, "credentials.download_bundle", certificate)
    data = make_bundle(certificate, disclosed)
    ledger.record(
        actor=actor,
        type=events.BUNDLE_DOWNLOADED,
        subject=certificate,
        payload={"holder": certificate.holder or actor, "disclosed": sorted(set(disclosed))},
    )
    return data


def make_bundle(certificate: Certificate, disclosed: Collection[int] = ()) -> bytes:
    """Return the file for a certificate, with what the caller has decided to disclose."""
    if certificate.document is None:
        raise BundleUnavailable(_("The holder's data were erased."))
    leaf = getattr(certificate.event, "leaf", None)
    proof, anchor = _place(leaf.index) if leaf is not None else (None, None)
    event = log.logged_event(certificate.event)
    if proof is None or event is None:
        raise BundleUnavailable(_("The ledger has not sealed this certificate yet. Try again in a minute."))
    now = timezone.now().replace(microsecond=0)
    try:
        _key, signer = signer_at(certificate.issuer, now)
    except signing.KeyUnavailable as error:
        raise BundleUnavailable(str(error)) from error
    mark = CredentialMark(
        id=certificate.credential_id,
        issuer=certificate.issuer.did,
        digest=bytes(certificate.digest).hex(),
    )
    made = Bundle(
        credential=strict_json.parse(certificate.document),
        event=event,
        proof=proof,
        status=status_statement(
            mark, _STATUS[CertificateState(certificate.state)], at=now, until=now + STATUS_COUNTS_FOR, signer=signer
        ),
        path=_shown(certificate, disclosed),
        anchor=anchor,
    )
    try:
        return made.encode()
    except BundleTooLarge as error:
        raise BundleUnavailable(_("The file would be larger than 6 kB. Show fewer events.")) from error


def _place(index: int) -> tuple[LogProof | None, Mapping[str, Any] | None]:
    """Return where the log has the certificate: in an anchored checkpoint if there is one, else in the newest."""
    if (anchored := log.anchored_proof(index)) is not None:
        return anchored
    newest = log.log_proof(index)
    return newest, log.anchor_for(newest.size) if newest is not None else None


def _shown(certificate: Certificate, disclosed: Collection[int]) -> DisclosedPath | None:
    if not disclosed:
        return None
    try:
        return disclose(paths.read(certificate.path), disclosed)
    except PathError as error:
        raise BundleUnavailable(_("One of these events is not in the path any more.")) from error
