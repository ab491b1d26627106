"""Verifying what comes from outside against this site's own issuers and status lists: credentials and presentations.

The checks are `trust`'s; here is decided whom this site trusts and where it looks lists up. Nothing is fetched.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import resolve
from django.urls.exceptions import Resolver404
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.credentials import dids, slots, status_lists, suites
from ronghe.apps.credentials.codes import read_code
from ronghe.apps.credentials.models import Certificate, Issuer, StatusList
from ronghe.apps.credentials.signing import KeyUnavailable
from ronghe.apps.ledger import publishing as log
from ronghe.trust import did, strict_json
from ronghe.trust.bundle import Bundle, BundleError, refused_form, verify_parts
from ronghe.trust.canonical import canonical_json
from ronghe.trust.credential import ANY, OURS, Policy, check_status, verify_credential
from ronghe.trust.credential_form import BADGE_TYPES, FormError, address_of, as_list, types_of
from ronghe.trust.credential_form import check_credential as check_form
from ronghe.trust.credit_statement import CreditStatement, is_statement, verify_statement
from ronghe.trust.log_proof import LogProof, check_log_proof
from ronghe.trust.presentation import verify_presentation
from ronghe.trust.status_list import ENTRY_TYPE, REVOCATION, SLOTS, StatusListError, UnknownStatusError, parse_entry
from ronghe.trust.trusted_keys import TrustedKeys
from ronghe.trust.verdicts import REQUIRED_OF_A_CREDENTIAL, Check, CheckName, Report, Verdict
from ronghe.trust.witness import check_witnesses

_MOST_BYTES = 512 * 1024
REQUIRED_OF_A_PRESENTATION = frozenset({CheckName.FORM, CheckName.SIGNATURE})


class OwnLists:
    """This site's status lists, by the address at which they are served; others' are unknown here."""

    def get(self, address: str) -> Mapping[str, Any] | None:
        """Return the signed list, or None where it is none of ours or cannot be signed."""
        place = _place_of(address)
        if place is None or place[1] not in status_lists.PURPOSES:
            return None
        uid, purpose = place
        row = StatusList.objects.select_related("issuer__organisation").filter(uid=uid).first()
        if row is None:
            return None
        by_key = suites.is_open() and address.endswith(suites.BY_KEY)
        try:
            return (status_lists.signed_by_key if by_key else status_lists.signed)(row, purpose)
        except KeyUnavailable:
            return None


def check_credential(
    document: Mapping[str, Any],
    *,
    challenge: str | None = None,
    domain: str | Collection[str] | None = None,
    any_did_key: bool = False,
) -> Report:
    """Return what this site finds of a credential: ours by the strict policy, others' by the standard's.

    With `any_did_key` a did:key vouches for itself, as conformance suites need it.
    """
    return _check_credential(document, _Site(any_did_key=any_did_key), challenge=challenge, domain=domain)


@dataclass(slots=True)
class _Site:
    """What this site knows at one moment, read once however many certificates are asked about."""

    now: datetime = field(default_factory=timezone.now)
    issuers: Sequence[did.Issuer] = field(default_factory=dids.own_issuers)
    any_did_key: bool = False
    # By the list's own name and by who issued what names it.
    lists: dict[tuple[str, str], StatusList | None] = field(default_factory=dict)
    proofs: Mapping[int, LogProof] = field(default_factory=dict)
    # Whether enough witnesses signed the checkpoint of the proofs, which is one for all of them.
    witnessed: tuple[Check, ...] = ()

    def resolver(self) -> did.KeyResolver:
        """Whose keys count."""
        return did.TrustedIssuers(self.issuers, any_did_key=self.any_did_key)


def _check_credential(
    document: Mapping[str, Any],
    site: _Site,
    *,
    challenge: str | None = None,
    domain: str | Collection[str] | None = None,
) -> Report:
    policy = _policy(document, site.issuers)
    checks = verify_credential(
        document,
        resolver=site.resolver(),
        at=site.now,
        policy=replace(policy, status=False),
        challenge=challenge,
        domain=domain,
    )
    if checks[0].verdict is Verdict.VALID:
        checks += _status_today(document, policy, site)
    return Report(tuple(checks), REQUIRED_OF_A_CREDENTIAL)


def _status_today(document: Mapping[str, Any], policy: Policy, site: _Site) -> list[Check]:
    """Return the status of a credential in good form, as this site's own bits have it, else by the list that it names.

    The site would sign its lists to verify its own signature; it asks the slot itself.
    """
    issuer = address_of(document["issuer"], "issuer")
    entries = as_list(document.get("credentialStatus", []))
    resolver, now = site.resolver(), site.now
    checks = []
    for entry in entries:
        if (own := _own_bit(entry, issuer, site.lists)) is not None:
            checks.append(own)
            continue
        checks += check_status(
            {"credentialStatus": entry}, issuer=issuer, resolver=resolver, at=now, source=OwnLists(), policy=policy
        )
    if not entries:
        return check_status(document, issuer=issuer, resolver=resolver, at=now, source=None, policy=policy)
    return checks


def _own_bit(entry: Any, issuer: str, rows: dict[tuple[str, str], StatusList | None]) -> Check | None:
    """Return what the slot of an entry says, or None where it is in no list of this issuer here."""
    try:
        purpose, index, address = parse_entry(entry)
    except StatusListError:
        return None
    place = _list_named(address)
    if place is None or place[1] != purpose or purpose not in status_lists.PURPOSES or index >= SLOTS:
        return None
    uid, _purpose = place
    if (uid, issuer) not in rows:
        by_issuer = _by_key(issuer) if address.endswith(suites.BY_KEY) else Q(issuer__did=issuer)
        rows[uid, issuer] = StatusList.objects.filter(by_issuer, uid=uid).only("revoked", "suspended").first()
    row = rows[uid, issuer]
    if row is None:
        return None
    if not slots.is_set(row.revoked if purpose == REVOCATION else row.suspended, index):
        return Check.valid(CheckName.STATUS, "status-is-good", purpose)
    code = "status-is-revoked" if purpose == REVOCATION else "status-is-suspended"
    return Check.invalid(CheckName.STATUS, code, f"{purpose} is set at {address}")


def _by_key(issuer: str) -> Q:
    """The lists of whoever holds the key that a did:key states."""
    try:
        return Q(issuer__keys__public_key=did.public_key_of_did_key(issuer))
    except did.DidError:
        return Q(pk=None)


def _place_of(address: str) -> tuple[str, str] | None:
    """Return which of this site's lists is served at an address, and for which purpose; None where none is."""
    base = settings.RONGHE_PUBLIC_URL.rstrip("/")
    return _list_named(address) if address.startswith(f"{base}/") else None


# Each certificate names the same few lists, and an address means the same for as long as the site runs.
@lru_cache(maxsize=256)
def _list_named(address: str) -> tuple[str, str] | None:
    """Return which list an address names, wherever this site was reached when the certificate was issued.

    An issuer of this site signed the address, so the list is looked up among that issuer's own.
    """
    try:
        found = resolve(urlsplit(address).path)
    except (Resolver404, Http404, ValueError):
        return None
    if found.view_name != "credentials:status_list":
        return None
    return str(found.kwargs["uid"]), str(found.kwargs["purpose"])


def check_presentation(
    document: Mapping[str, Any],
    *,
    challenge: str | None = None,
    domain: str | Collection[str] | None = None,
    any_did_key: bool = False,
) -> Report:
    """Return what this site finds of a presentation: its holder's proof, and each credential in it."""
    issuers = dids.own_issuers()
    checks = verify_presentation(
        document,
        resolver=did.TrustedIssuers(issuers, any_did_key=any_did_key),
        at=timezone.now(),
        challenge=challenge,
        domain=domain,
        policy=ANY,
        # A holder signs with a key of their own, which nobody has to have heard of.
        holders=did.TrustedIssuers(issuers, any_did_key=True),
        status=OwnLists(),
        proof_required=not suites.is_open(),
    )
    required = set(REQUIRED_OF_A_PRESENTATION if "proof" in document else {CheckName.FORM})
    if document.get("verifiableCredential"):
        # The holder's own signature says nothing of what others are said to have signed.
        required |= REQUIRED_OF_A_CREDENTIAL
    return Report(tuple(checks), required)


def trusted_keys() -> TrustedKeys:
    """Return whom this site trusts: its own issuers, its own log, and the witnesses that its settings name."""
    return _trusted_by(dids.own_issuers())


def _trusted_by(issuers: Iterable[did.Issuer]) -> TrustedKeys:
    return TrustedKeys(tuple(issuers), log.trusted_logs(), log.witness_policy())


def check_bundle_with_parts(data: bytes) -> tuple[Report, Mapping[str, Any] | None]:
    """Return what `check_bundle` returns, and the credential in the file where it is one."""
    site = _Site()
    try:
        bundle = Bundle.decode(data)
    except BundleError as error:
        return refused_form(error), None
    report, document = verify_parts(bundle, trust=_trusted_by(site.issuers), at=site.now), bundle.credential
    if report.verdict_on(CheckName.FORM) is not Verdict.VALID:
        return report, document
    today = _status_today(document, _policy(document, site.issuers), site)
    worse = [check for check in today if check.verdict is Verdict.INVALID]
    return Report((*report.checks, *worse), report.required), document


def check_bundle(data: bytes) -> Report:
    """Return what the file of a certificate comes to at this moment, by this site's keys and, beyond what the file
    itself states, by what this site knows today of the certificate's status."""
    return check_bundle_with_parts(data)[0]


@dataclass(frozen=True, slots=True)
class Found:
    """A certificate that was found, what its checks came to, and the credential as it was handed in or kept.

    Of a credit statement, which is no certificate: what its checks came to, and what it states.
    """

    certificate: Certificate | None
    report: Report
    document: Mapping[str, Any] | None = None
    statement: CreditStatement | None = None


def verification_of(what: str | bytes) -> Found:
    """Return the certificate that a code names or a file holds, and every check of it.

    A code is answered from what this site keeps: the credential as it was signed, its place in the log, its status.
    Bytes are a bundle, a credential on its own, or a statement of the credit bank.
    """
    if isinstance(what, str):
        certificate = _kept().filter(code=read_code(what) or "-").first()
        if certificate is None:
            return Found(None, _refusal("form-is-broken", "no certificate of this site has that code"))
        return Found(certificate, *_report_on(certificate, _site_for([certificate])))
    if is_statement(what):
        report, stated = verify_statement(what, trust=trusted_keys(), at=timezone.now())
        return Found(None, report, statement=stated)
    report, credential = check_bundle_with_parts(what)
    if credential is None:
        try:
            credential = strict_json.parse(what, max_bytes=_MOST_BYTES)
        except strict_json.StrictJsonError as error:
            return Found(None, _refusal("form-is-broken", str(error)))
        if not isinstance(credential, dict):
            return Found(None, _refusal("form-is-broken", "a credential is an object"))
        report = check_credential(credential)
    digest = hashlib.sha256(canonical_json(credential)).digest()
    return Found(Certificate.objects.filter(digest=digest).only("code", "issuer").first(), report, credential)


def reports_of_codes(codes: Iterable[str]) -> list[tuple[str, Report]]:
    """Return each code with what its certificate comes to."""
    wanted = {code: read_code(code) for code in codes}
    found = {one.code: one for one in _kept().filter(code__in=[code for code in wanted.values() if code])}
    site = _site_for(found.values())
    unknown = _refusal("form-is-broken", "no certificate of this site has that code")
    reports = {code: _report_on(one, site)[0] for code, one in found.items()}
    return [(code, reports.get(read, unknown)) for code, read in wanted.items()]


def _kept() -> QuerySet[Certificate]:
    # Each column that is asked for costs as much as a step of a proof.
    needed = ["code", "document", "issuer", "event__type", "event__subject", "event__recorded_at", "event__leaf__index"]
    needed += ["event__payload__salt", "event__payload__content"]
    needed += ["status_list__uid", "status_list__revoked", "status_list__suspended", "status_list__issuer__did"]
    related = ("event__leaf", "event__payload", "status_list__issuer")
    return Certificate.objects.select_related(*related).only(*needed).order_by()


def _site_for(certificates: Collection[Certificate]) -> _Site:
    """Return what this site knows, with the certificates' status lists and their places in the log."""
    lists = [one.status_list for one in certificates]
    indexes = [index for one in certificates if (index := _index_of(one)) is not None]
    proofs, now = log.log_proofs(indexes) if indexes else {}, timezone.now()
    notes = {proof.checkpoint for proof in proofs.values()}
    policy = log.witness_policy()
    return _Site(
        now=now,
        lists={(str(one.uid), one.issuer.did): one for one in lists},
        proofs=proofs,
        witnessed=tuple(check_witnesses(note, policy, at=now) for note in notes) if policy.keys else (),
    )


def _index_of(certificate: Certificate) -> int | None:
    leaf = getattr(certificate.event, "leaf", None)
    return None if leaf is None else int(leaf.index)


def _report_on(certificate: Certificate, site: _Site) -> tuple[Report, Mapping[str, Any] | None]:
    if certificate.document is None:
        missing = Check.unknown(CheckName.SIGNATURE, "signature-is-missing", "the holder's data were erased here")
        return Report((missing,), REQUIRED_OF_A_CREDENTIAL), None
    document = strict_json.parse(certificate.document)
    report = _check_credential(document, site)
    logged = _logged(certificate, site)
    witnessed = site.witnessed if logged.verdict is Verdict.VALID else ()
    return Report((*report.checks, logged, *witnessed), REQUIRED_OF_A_CREDENTIAL | {CheckName.LOG}), document


def _logged(certificate: Certificate, site: _Site) -> Check:
    """Whether the log holds the hash of the credential that this site keeps."""
    index = _index_of(certificate)
    proof = site.proofs.get(index) if index is not None else None
    event = log.logged_event(certificate.event)
    if proof is None or event is None:
        return Check.unknown(CheckName.LOG, "log-proof-is-missing", "the ledger has not sealed it yet")
    digest = hashlib.sha256((certificate.document or "").encode()).hexdigest()
    if event.payload.get("fields", {}).get("credential") != digest:
        return Check.invalid(CheckName.LOG, "log-is-of-another", "the event logged is about another certificate")
    return check_log_proof(proof, leaf=event.leaf(), logs=log.verifiers(), at=site.now).check


def _refusal(code: str, detail: str) -> Report:
    return Report((Check.invalid(CheckName.FORM, code, detail),), REQUIRED_OF_A_CREDENTIAL)


def issuable(credential: dict[str, Any], issuer: Issuer) -> dict[str, Any]:
    """Return what a program hands in with the issuer filled in. Raises ValidationError for what is no credential."""
    document = {**credential}
    if "proof" in document:
        raise ValidationError(_("The credential has a proof already."))
    here = (suites.is_open() and suites.name_of_key(issuer, timezone.now())) or issuer.did
    stated = document.setdefault("issuer", here)
    if suites.is_open():
        # Suites whose list of implementations has no id for an issuer hand in an empty one.
        stated = document["issuer"] = suites.named(stated, here)
    identifier = stated.get("id") if isinstance(stated, dict) else stated
    if identifier != issuer.did and not suites.is_open():
        raise ValidationError(_("The issuer of the credential must be %(did)s.") % {"did": issuer.did})
    try:
        check_form(document, inline_contexts=True)
        for entry in as_list(document.get("credentialStatus", [])):
            if ENTRY_TYPE in types_of(entry):
                _check_entry(entry)
    except (FormError, StatusListError) as error:
        raise ValidationError(str(error)) from error
    if identifier != issuer.did:
        # Suites hand in issuers of their own; nobody is named here whose key is not at hand.
        document["issuer"] = suites.renamed(stated, here)
    return document


def _check_entry(entry: Mapping[str, Any]) -> None:
    try:
        parse_entry(entry)
    except UnknownStatusError:
        # In good form, though not of a kind that this site reads.
        return


def _policy(document: Mapping[str, Any], issuers: Sequence[did.Issuer]) -> Policy:
    issuer = document.get("issuer")
    identifier = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    is_own = any(one.did == identifier for one in issuers)
    # A type may be any value in a document that nobody has checked yet.
    is_badge = any(kind in BADGE_TYPES for kind in types_of(document) if isinstance(kind, str))
    return OURS if is_own and is_badge else ANY
