"""Calendar feeds: a secret address is made, shown once, and revoked; only its digest is kept."""

import hashlib
import secrets

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.sites import events
from ronghe.apps.sites.models import Feed, Machine, Site

MOST_FEEDS = 20
_SECRET_BYTES = 32


def digest_of(key: str) -> str:
    """How a secret is kept: SHA-256 of it, in hexadecimal. Its 256 random bits need no slower function."""
    return hashlib.sha256(key.encode("utf-8")).hexdigest()


@transaction.atomic
def make_feed(*, actor: Person, machine: Machine | None = None, site: Site | None = None) -> tuple[Feed, str]:
    """Make a feed of one's own calendar, or of a machine or site, and return it with its secret, shown this once."""
    demand(actor, "sites.view_site")
    if Feed.objects.standing().filter(owner=actor).count() >= MOST_FEEDS:
        raise ValidationError(_("You have %(most)s feeds. Revoke one that you no longer use.") % {"most": MOST_FEEDS})
    key = secrets.token_urlsafe(_SECRET_BYTES)
    feed = Feed.objects.create(
        owner=actor, machine=machine, site=site, key_digest=digest_of(key), language=actor.language
    )
    ledger.record(actor=actor, type=events.FEED_MADE, subject=feed, payload={"owner": actor})
    return feed, key


@transaction.atomic
def revoke_feed(*, actor: Person, feed: Feed) -> Feed:
    """Close the address of a feed for good."""
    feed = Feed.objects.select_for_update().get(pk=feed.pk)
    if feed.owner_id != actor.pk:
        raise PermissionDenied(_("Only who made a feed can revoke it."))
    if feed.revoked_at is None:
        feed.revoked_at = timezone.now()
        feed.save(update_fields=["revoked_at"])
        ledger.record(actor=actor, type=events.FEED_REVOKED, subject=feed, payload={"owner": actor})
    return feed


def feed_of(key: str) -> Feed | None:
    """The feed that a secret opens: not revoked, of somebody who may still sign in. Notes the day it was read."""
    found = Feed.objects.standing().select_related("owner", "machine__site", "site").filter(key_digest=digest_of(key))
    feed = found.first()
    if feed is None or not feed.owner.is_active:
        return None
    today = timezone.localdate()
    if feed.last_read_on != today:
        Feed.objects.filter(pk=feed.pk).update(last_read_on=today)
    return feed
