"""What holders do with their certificates: share by a link or with an enterprise, and withdraw."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts import purposes as all_purposes
from ronghe.apps.accounts.models import Consent, Person
from ronghe.apps.community.models import Organisation, OrganisationKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credentials import events
from ronghe.apps.credentials.models import Certificate, Share
from ronghe.apps.credentials.purposes import SHARING
from ronghe.apps.ledger import services as ledger

LONGEST = timedelta(days=366)


@transaction.atomic
def share(
    *,
    actor: Person,
    certificate: Certificate,
    expires_at: datetime,
    organisation: Organisation | None = None,
    disclosed: Collection[int] = (),
    shows_name: bool = False,
) -> tuple[Share, str]:
    """Share a certificate by a link (or with one enterprise) until a day; return the share and the link's token.

    `disclosed` are the places of the events of the path to show. The token is shown once: only its hash is kept.
    Raises ValidationError, also where the holder has not agreed to sharing at all.
    """
    demand(actor, "credentials.share_certificate", certificate)
    agreed = Consent.objects.filter(
        person=actor,
        purpose=SHARING.name,
        version=all_purposes.find(SHARING.name).version,
        withdrawn_at__isnull=True,
    )
    if not agreed.exists():
        raise ValidationError(_("First agree to “Sharing certificates” under “My account”, “What I agreed to”."))
    now = timezone.now()
    if not now < expires_at <= now + LONGEST:
        raise ValidationError({"expires_at": _("Choose a day within the next year.")})
    if organisation is not None and organisation.kind != OrganisationKind.ENTERPRISE:
        raise ValidationError({"organisation": _("Choose an enterprise.")})
    chosen = sorted(set(disclosed))
    shown = {place for place, row in enumerate(certificate.path) if "content" in row}
    if not shown.issuperset(chosen):
        raise ValidationError({"disclosed": _("One of the events is not in the path of this certificate.")})
    token = secrets.token_urlsafe(24) if organisation is None else ""
    made = Share(
        certificate=certificate,
        token_hash=hash_of(token) if token else None,
        organisation=organisation,
        shows_name=shows_name,
        disclosed=chosen,
        made_at=now,
        expires_at=expires_at,
    )
    made.full_clean()
    made.save()
    ledger.record(
        actor=actor,
        type=events.CERTIFICATE_SHARED,
        subject=certificate,
        payload={
            "holder": actor,
            "organisation": organisation,
            "expires_at": expires_at,
            "disclosed": chosen,
            "shows_name": shows_name,
        },
    )
    return made, token


@transaction.atomic
def withdraw_share(*, actor: Person, share: Share) -> Share:
    """Close a share; closing twice changes nothing."""
    demand(actor, "credentials.share_certificate", share.certificate)
    if share.withdrawn_at is None:
        share.withdrawn_at = timezone.now()
        share.save(update_fields=["withdrawn_at"])
        ledger.record(actor=actor, type=events.SHARE_WITHDRAWN, subject=share, payload={"holder": actor})
    return share


def open_share(token: str) -> Share | None:
    """Return the share that a link opens, and count the opening; None when it is closed or never was."""
    found = (
        Share.objects.standing()
        .filter(token_hash=hash_of(token))
        .select_related(
            "certificate__holder",
            "certificate__issuer__organisation",
            "certificate__key",
            "certificate__version__achievement",
        )
        .first()
    )
    if found is not None:
        Share.objects.filter(pk=found.pk).update(opened=F("opened") + 1, last_opened_at=timezone.now())
    return found


def withdraw_all(person: Person) -> int:
    """Close every share of a person, who has withdrawn the consent or is erased; return how many."""
    return Share.objects.standing().filter(certificate__holder=person).update(withdrawn_at=timezone.now())


def hash_of(token: str) -> str:
    """Return what is kept of a link."""
    return hashlib.sha256(f"ronghe certificate link {token}".encode()).hexdigest()
