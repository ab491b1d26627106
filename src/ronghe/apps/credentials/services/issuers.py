"""Issuers and their keys: found, add, retire, revoke, seal anew. Old certificates stay verifiable through all of it.

The rule for keys. A retired key signs no more from `valid_until` on; what it signed before holds. A revoked key is one
that somebody else may have: nothing that it signed counts any more, because a thief can write any date into a proof.
Its certificates are issued anew with the next key.
"""

from datetime import datetime, timedelta
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credentials import dids, events, signing
from ronghe.apps.credentials.models import Issuer, IssuerKey
from ronghe.apps.ledger import services as ledger

_SECOND = timedelta(seconds=1)


@transaction.atomic
def found_issuer(*, actor: Person, organisation: Organisation, for_site: bool = False) -> Issuer:
    """Let `organisation` issue under a DID of its own (`for_site`: under the site's), with its first key.

    Raises ValidationError when it issues already or another one speaks for the site.
    """
    demand(actor, "credentials.found_issuer")
    if Issuer.objects.filter(organisation=organisation).exists():
        raise ValidationError({"organisation": _("This organisation issues already.")})
    if for_site and Issuer.objects.filter(is_site=True).exists():
        raise ValidationError({"for_site": _("Another issuer speaks for the site already.")})
    uid = uuid4()
    issuer = Issuer(
        uid=uid,
        organisation=organisation,
        did=dids.site_did() if for_site else dids.did_of_issuer(str(uid)),
        is_site=for_site,
    )
    issuer.full_clean()
    issuer.save()
    ledger.record(
        actor=actor,
        type=events.ISSUER_FOUNDED,
        subject=issuer,
        payload={"organisation": organisation, "did": issuer.did},
    )
    _add_key(actor, issuer, valid_from=_this_second(), valid_until=None, public_key=None)
    return issuer


@transaction.atomic
def add_key(
    *,
    actor: Person | None,
    issuer: Issuer,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    public_key: bytes | None = None,
) -> IssuerKey:
    """Give an issuer another key, made here and sealed; or, with `public_key`, one that a signing service keeps.

    The newest key that is valid signs. `actor` is None for the commands of the machine's own keeper.
    """
    if actor is not None:
        demand(actor, "credentials.keep_keys", issuer)
    return _add_key(
        actor, issuer, valid_from=valid_from or _this_second(), valid_until=valid_until, public_key=public_key
    )


@transaction.atomic
def rotate_key(*, actor: Person | None, issuer: Issuer) -> IssuerKey:
    """Make a new key that signs from now on, and retire those before it. Certificates signed with them stay valid."""
    if actor is not None:
        demand(actor, "credentials.keep_keys", issuer)
    now = _this_second()
    before = list(IssuerKey.objects.select_for_update().filter(issuer=issuer).signing_at(now))
    made = _add_key(actor, issuer, valid_from=now, valid_until=None, public_key=None)
    for key in before:
        _retire(actor, key, now + _SECOND)
    return made


@transaction.atomic
def retire_key(*, actor: Person | None, key: IssuerKey, at: datetime | None = None) -> IssuerKey:
    """Let a key sign no more from `at` (now) on; what it has signed stays valid."""
    if actor is not None:
        demand(actor, "credentials.keep_keys", key.issuer)
    at = max(at or timezone.now(), timezone.now())
    if key.revoked_at is not None or (key.valid_until is not None and key.valid_until <= at):
        raise ValidationError(_("This key signs no more already."))
    return _retire(actor, key, at)


@transaction.atomic
def revoke_key(*, actor: Person | None, key: IssuerKey, reason: str) -> IssuerKey:
    """Say that somebody else may have a key. Its private half is destroyed here.

    What it signed is to be issued anew: see `certificates_of_key` in the selectors.
    """
    if actor is not None:
        demand(actor, "credentials.keep_keys", key.issuer)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the key is not safe any more.")})
    if key.revoked_at is not None:
        raise ValidationError(_("This key is revoked already."))
    key.revoked_at = timezone.now()
    key.sealed = None
    key.save(update_fields=["revoked_at", "sealed"])
    ledger.record(
        actor=actor,
        type=events.KEY_REVOKED,
        subject=key,
        payload={"key": key.verification_method, "revoked_at": key.revoked_at, "reason": reason.strip()},
    )
    return key


@transaction.atomic
def seal_anew(*, actor: Person | None, old: bytes, new: bytes) -> int:
    """Seal every private key under `new` instead of `old`; return how many. Raises `signing.KeyUnavailable`."""
    if actor is not None:
        demand(actor, "credentials.keep_keys")
    keys = list(IssuerKey.objects.select_for_update().filter(sealed__isnull=False).select_related("issuer"))
    for key in keys:
        seed = signing.unseal(bytes(key.sealed or b""), did=key.issuer.did, name=key.name, under=old)
        key.sealed = signing.seal(seed, did=key.issuer.did, name=key.name, under=new)
    IssuerKey.objects.bulk_update(keys, ["sealed"])
    ledger.record(
        actor=actor, type=events.KEYS_SEALED_ANEW, subject="credentials.keys:all", payload={"count": len(keys)}
    )
    return len(keys)


def _add_key(
    actor: Person | None,
    issuer: Issuer,
    *,
    valid_from: datetime,
    valid_until: datetime | None,
    public_key: bytes | None,
) -> IssuerKey:
    name = f"key-{IssuerKey.objects.filter(issuer=issuer).count() + 1}"
    sealed = None
    if public_key is None:
        private = Ed25519PrivateKey.generate()
        public_key = private.public_key().public_bytes_raw()
        sealed = signing.seal(private.private_bytes_raw(), did=issuer.did, name=name)
    if valid_until is not None and valid_until <= valid_from:
        raise ValidationError({"valid_until": _("A key ends after it begins.")})
    key = IssuerKey(
        issuer=issuer,
        name=name,
        public_key=public_key,
        sealed=sealed,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    key.full_clean()
    key.save()
    payload = {
        "key": key.verification_method,
        "public_key": public_key.hex(),
        "valid_from": valid_from,
        "valid_until": valid_until,
    }
    ledger.record(actor=actor, type=events.KEY_ADDED, subject=key, payload=payload)
    return key


def _retire(actor: Person | None, key: IssuerKey, at: datetime) -> IssuerKey:
    key.valid_until = max(at, key.valid_from + _SECOND)
    key.save(update_fields=["valid_until"])
    ledger.record(
        actor=actor,
        type=events.KEY_RETIRED,
        subject=key,
        payload={"key": key.verification_method, "valid_until": key.valid_until},
    )
    return key


def _this_second() -> datetime:
    # Proofs are dated to the second: a key that began within it could not have made them.
    return timezone.now().replace(microsecond=0)
