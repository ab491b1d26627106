"""Verifiable presentations: a holder shows credentials to one verifier, signed over that one's challenge.

The credentials in it are checked like any others.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from ronghe.trust.contexts import VC_V2
from ronghe.trust.credential import OURS, Policy, verify_credential
from ronghe.trust.credential_form import FormError, address_of, as_list, check_presentation, types_of
from ronghe.trust.did import KeyResolver
from ronghe.trust.proof import AUTHENTICATION, verify_proofs
from ronghe.trust.status_list import StatusSource
from ronghe.trust.verdicts import Check, CheckName

MAX_CREDENTIALS = 50


def build_presentation(
    credentials: Sequence[Mapping[str, Any]], *, holder: str, id: str | None = None
) -> dict[str, Any]:
    """Return the unsigned presentation of `credentials` by `holder`, a DID whose key then signs it."""
    presentation: dict[str, Any] = {"@context": [VC_V2], "type": ["VerifiablePresentation"], "holder": holder}
    if id is not None:
        presentation["id"] = id
    if credentials:
        presentation["verifiableCredential"] = [dict(credential) for credential in credentials]
    return presentation


def verify_presentation(
    document: Any,
    *,
    resolver: KeyResolver,
    at: datetime,
    challenge: str | None = None,
    domain: str | Collection[str] | None = None,
    policy: Policy = OURS,
    holders: KeyResolver | None = None,
    status: StatusSource | None = None,
    proof_required: bool = True,
) -> list[Check]:
    """Answer on the presentation's form and proofs, then on each credential in it.

    `holders` knows the holder's keys (`resolver` where it is not given); the proofs must be for authentication, over
    the challenge and domain, and by the stated holder. Without `proof_required` a presentation may have none.
    """
    try:
        check_presentation(document, inline_contexts=policy.inline_contexts)
        holder = address_of(document["holder"], "holder") if "holder" in document else None
    except FormError as error:
        return [Check.invalid(CheckName.FORM, "form-is-broken", str(error))]
    credentials = as_list(document.get("verifiableCredential", []))
    if len(credentials) > MAX_CREDENTIALS:
        return [Check.invalid(CheckName.FORM, "form-is-too-large", f"more than {MAX_CREDENTIALS} credentials")]
    checks = [Check.valid(CheckName.FORM, "form-holds")]
    if proof_required or "proof" in document or challenge is not None:
        checks += verify_proofs(
            document,
            resolver=holders or resolver,
            at=at,
            required=(),
            purpose=AUTHENTICATION,
            challenge=challenge,
            domain=domain,
            controller=holder,
        )
    for credential in credentials:
        if "EnvelopedVerifiableCredential" in types_of(credential):
            checks.append(
                Check.unknown(CheckName.SIGNATURE, "signature-suite-is-unknown", "an enveloped credential is not read")
            )
        else:
            checks += verify_credential(credential, resolver=resolver, at=at, policy=policy, status=status)
    return checks
