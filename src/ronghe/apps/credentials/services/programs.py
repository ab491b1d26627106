"""What programs let an issuer sign over the VC-API: each credential gets a slot, a row and an event like our own."""

import hashlib
from collections.abc import Collection, Mapping
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.credentials import documents, events, slots, suites
from ronghe.apps.credentials.codes import new_code
from ronghe.apps.credentials.models import (
    ApiKey,
    Certificate,
    CertificateState,
    Issuer,
    Scope,
    StatusChange,
    StatusReason,
)
from ronghe.apps.credentials.services import status
from ronghe.apps.credentials.services.issuing import signer_at
from ronghe.apps.ledger import services as ledger
from ronghe.trust.canonical import canonical_json
from ronghe.trust.credential_form import address_of
from ronghe.trust.did import key_method
from ronghe.trust.proof import RDFC, SUITES, add_proofs
from ronghe.trust.rdf import quads_of


@transaction.atomic
def sign_credential(
    *,
    key: ApiKey | None,
    issuer: Issuer,
    credential: Mapping[str, Any],
    cryptosuites: Collection[str] = SUITES,
    with_status: bool = True,
    credential_id: str = "",
    purpose: str | None = None,
) -> dict[str, Any]:
    """Sign what a program of the issuer's organisation hands in, and keep it; return the verifiable credential.

    `purpose` asks for one status entry instead of one for each purpose. The caller has checked its form. Raises
    PermissionDenied, ValidationError, or `signing.KeyUnavailable`.
    """
    _demand_issue(key, issuer)
    now = timezone.now().replace(microsecond=0)
    signing_key, signer = signer_at(issuer, now)
    if by_its_key := address_of(credential["issuer"], "issuer") != issuer.did:
        # An open site signs under the did:key of the very key, which a suite resolves without asking anyone.
        signer = suites.Renamed(signer, key_method(bytes(signing_key.public_key)))
    uid = uuid4()
    ((row, slot),) = slots.take(issuer, 1)
    unsigned = dict(credential)
    if with_status and "credentialStatus" not in unsigned:
        unsigned["credentialStatus"] = documents.status_entries(row, slot, purpose, by_key=by_its_key)
    try:
        if RDFC not in cryptosuites:
            # A word that no vocabulary defines is signed under neither suite.
            quads_of(unsigned)
        secured = add_proofs(unsigned, signer=signer, created=now, suites=cryptosuites)
    except ValueError as error:
        raise ValidationError(str(error)) from error
    document = canonical_json(secured).decode()
    digest = hashlib.sha256(document.encode()).digest()
    made = Certificate(
        uid=uid,
        code=new_code(),
        issuer=issuer,
        key=signing_key,
        issued_at=now,
        valid_from=now,
        status_list=row,
        slot=slot,
        credential_id=(credential_id or str(credential.get("id") or documents.credential_id(uid)))[:300],
        document=document,
        digest=digest,
    )
    event = ledger.record(
        actor=None,
        type=events.CREDENTIAL_SIGNED,
        subject=made,
        payload={"organisation": issuer.organisation, "credential": digest.hex()},
    )
    made.event = event
    made.save()
    return secured


@transaction.atomic
def revoke_signed(*, key: ApiKey | None, issuer: Issuer, credential_id: str, purpose: str, on: bool) -> Certificate:
    """Set or clear the status of what a program let an issuer sign. Raises ValidationError for what it never signed."""
    _demand_issue(key, issuer)
    found = (
        Certificate.objects.select_for_update()
        .filter(issuer=issuer, credential_id=credential_id, version__isnull=True)
        .order_by("-pk")
        .first()
    )
    if found is None:
        raise ValidationError(_("No credential of this id was signed here for this organisation."))
    if purpose == "revocation":
        if not on:
            raise ValidationError(_("Revoked is for good. Sign a new credential."))
        wanted, kind, reason = CertificateState.REVOKED, StatusChange.Kind.REVOKED, StatusReason.HOLDER
    elif purpose == "suspension":
        wanted = CertificateState.SUSPENDED if on else CertificateState.VALID
        kind = StatusChange.Kind.SUSPENDED if on else StatusChange.Kind.LIFTED
        reason = StatusReason.ENQUIRY if on else StatusReason.CLEARED
    else:
        raise ValidationError(_("The purpose of a status is revocation or suspension."))
    if found.state == wanted:
        return found
    if found.state == CertificateState.REVOKED:
        raise ValidationError(_("Revoked is for good. Sign a new credential."))
    status.apply(None, [found], kind, reason, "")
    return found


def usable_issuer(key: ApiKey | None) -> Issuer | None:
    """Return the issuer for which a program signs: its organisation's; the site's on a loopback site that is open."""
    if key is not None:
        return Issuer.objects.filter(organisation=key.organisation_id).select_related("organisation").first()
    if suites.is_open():
        return Issuer.objects.filter(is_site=True).select_related("organisation").first()
    return None


def _demand_issue(key: ApiKey | None, issuer: Issuer) -> None:
    if key is None and suites.is_open():
        return
    if key is None or Scope.ISSUE not in key.scopes or key.organisation_id != issuer.organisation_id:
        raise PermissionDenied(_("This key may not issue for this organisation."))
