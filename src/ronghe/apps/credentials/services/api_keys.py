"""Keys of programs: made once and shown once, limited by scope and rate, revocable. Only a hash is kept."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credentials import events
from ronghe.apps.credentials.models import ApiKey, Issuer, Scope
from ronghe.apps.ledger import services as ledger

_BEGINNING = 8
MOST_PER_MINUTE = 6_000


@transaction.atomic
def make_api_key(
    *,
    actor: Person,
    organisation: Organisation,
    name: str,
    scopes: Collection[str],
    per_minute: int = 60,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key for a program of an organisation; return it with the secret, which nobody can read again.

    Only the office lets a program issue, and only for an organisation that is an issuer. Raises ValidationError.
    """
    demand(actor, "credentials.keep_api_keys", organisation)
    chosen = sorted({str(Scope(scope)) for scope in scopes})
    if not chosen:
        raise ValidationError({"scopes": _("Choose what the program may do.")})
    if Scope.ISSUE in chosen:
        demand(actor, "credentials.let_issue", organisation)
        if not Issuer.objects.filter(organisation=organisation).exists():
            raise ValidationError({"scopes": _("This organisation is not an issuer, so its programs cannot issue.")})
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        raise ValidationError(
            {"per_minute": _("Between 1 and %(most)s requests a minute.") % {"most": MOST_PER_MINUTE}}
        )
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError({"expires_at": _("Choose a day to come.")})
    beginning, secret = secrets.token_hex(_BEGINNING // 2), secrets.token_urlsafe(32)
    key = ApiKey(
        organisation=organisation,
        name=name.strip(),
        beginning=beginning,
        secret_hash=_hash(beginning, secret),
        scopes=chosen,
        per_minute=per_minute,
        made_by=actor,
        expires_at=expires_at,
    )
    key.full_clean()
    key.save()
    ledger.record(
        actor=actor,
        type=events.API_KEY_MADE,
        subject=key,
        payload={"organisation": organisation, "scopes": chosen},
    )
    return key, f"rk_{beginning}_{secret}"


@transaction.atomic
def revoke_api_key(*, actor: Person, key: ApiKey) -> ApiKey:
    """Let a key open nothing more; revoking twice changes nothing."""
    demand(actor, "credentials.keep_api_keys", key.organisation)
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        ledger.record(actor=actor, type=events.API_KEY_REVOKED, subject=key, payload={"organisation": key.organisation})
    return key


def find_api_key(text: str) -> ApiKey | None:
    """Return the key that `text` is, if it still opens anything."""
    prefix, _sign, rest = text.strip().partition("_")
    beginning, _sign, secret = rest.partition("_")
    if prefix != "rk" or not secret:
        return None
    # Found by its hash alone: a wrong secret and a wrong beginning take the same way.
    found = (
        ApiKey.objects.select_related("organisation", "organisation__issuer")
        .filter(secret_hash=_hash(beginning, secret))
        .first()
    )
    return found if found is not None and found.is_open_at(timezone.now()) else None


def note_use(key: ApiKey) -> None:
    """Remember that a key was used, at most once a minute."""
    now = timezone.now()
    if key.last_used_at is None or (now - key.last_used_at).total_seconds() > 60:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def _hash(beginning: str, secret: str) -> str:
    return hashlib.sha256(f"ronghe program key {beginning} {secret}".encode()).hexdigest()
