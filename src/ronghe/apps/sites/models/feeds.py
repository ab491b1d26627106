"""Calendar feeds: secret addresses that a calendar program reads without signing in, each revocable."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.sites.models.places import Machine, Site


class FeedQuerySet(models.QuerySet["Feed"]):
    """Reads of feeds."""

    def visible_to(self, user: Any) -> Self:
        """One's own only: an address that opens a calendar is a key."""
        return self.filter(owner=user) if standing.is_signed_in(user) else self.none()

    def standing(self) -> Self:
        """Feeds that were not revoked."""
        return self.filter(revoked_at__isnull=True)


class Feed(models.Model):
    """A secret address for one person's calendar, a machine's or a site's. Only a digest of the secret is kept."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feeds")
    machine = models.ForeignKey(Machine, null=True, blank=True, on_delete=models.CASCADE, related_name="feeds")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.CASCADE, related_name="feeds")
    key_digest = models.CharField(max_length=64, unique=True, editable=False)
    language = models.CharField(max_length=10, editable=False)
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    last_read_on = models.DateField(_("last read on"), null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = FeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(machine__isnull=True) | Q(site__isnull=True), name="sites_feed_of_one_thing"
            ),
        ]

    def __str__(self) -> str:
        return str(self.machine or self.site or self.owner)
