"""Who issues and with what: issuers with their DIDs, their dated keys, their status lists, keys of programs.

No private key stands here in the clear; `signing.py` opens them.
"""

import uuid
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind

# 131,072 slots, the least that the Bitstring Status List allows, so that a slot tells nothing about its holder.
SLOTS = 131_072


class IssuerQuerySet(models.QuerySet["Issuer"]):
    """Reads of issuers."""

    def visible_to(self, user: Any) -> Self:
        """Who issues is public anyway; the pages about it are for those who take part."""
        return self if standing.is_signed_in(user) else self.none()


class Issuer(models.Model):
    """An organisation that issues under a DID of its own. The DID is written down: it outlives a change of address."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.OneToOneField(
        "community.Organisation", on_delete=models.PROTECT, related_name="issuer", verbose_name=_("organisation")
    )
    did = models.CharField(_("DID"), max_length=300, unique=True, editable=False)
    is_site = models.BooleanField(_("speaks for the site itself"), default=False, editable=False)
    founded_at = models.DateTimeField(_("issues since"), default=timezone.now, editable=False)

    objects = IssuerQuerySet.as_manager()

    class Meta:
        verbose_name = _("issuer")
        verbose_name_plural = _("issuers")
        ordering = ["-is_site", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["is_site"], condition=Q(is_site=True), name="credentials_one_site_issuer"),
            models.CheckConstraint(condition=Q(did__startswith="did:"), name="credentials_issuer_has_a_did"),
        ]

    def __str__(self) -> str:
        return self.organisation.name

    def get_absolute_url(self) -> str:
        return reverse("credentials:issuer", args=[self.uid])


class IssuerKeyQuerySet(models.QuerySet["IssuerKey"]):
    """Reads of keys."""

    def signing_at(self, moment: datetime) -> Self:
        """Keys that may sign at a moment, the newest first."""
        return (
            self.filter(valid_from__lte=moment, revoked_at__isnull=True)
            .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=moment))
            .order_by("-valid_from", "-pk")
        )


class IssuerKey(models.Model):
    """A key of an issuer: the public half, its window, and the private half sealed under the site's own key.

    `sealed` is empty where the private half is kept by a signing service, or was destroyed.
    """

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="keys")
    name = models.CharField(_("name"), max_length=60)
    public_key = models.BinaryField(max_length=32)
    sealed = models.BinaryField(max_length=200, null=True, editable=False)
    valid_from = models.DateTimeField(_("signs from"))
    valid_until = models.DateTimeField(_("signs until"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = IssuerKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("issuer's key")
        verbose_name_plural = _("issuers' keys")
        ordering = ["issuer", "-valid_from", "-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["issuer", "name"], name="credentials_key_named_once"),
            models.UniqueConstraint(fields=["public_key"], name="credentials_key_once"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="credentials_key_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def verification_method(self) -> str:
        """The address under which proofs name this key."""
        return f"{self.issuer.did}#{self.name}"

    def may_sign_at(self, moment: datetime) -> bool:
        """Whether a proof made at this moment may be made with it."""
        ended = self.valid_until is not None and self.valid_until <= moment
        return self.revoked_at is None and self.valid_from <= moment and not ended


class StatusList(models.Model):
    """A pair of lists of one issuer, for revocation and for suspension: one slot in both belongs to one certificate.

    `revoked`, `suspended` and `taken` are bit strings; `signed` keeps the two signed lists as they were last published.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="status_lists")
    revoked = models.BinaryField()
    suspended = models.BinaryField()
    taken = models.BinaryField()
    free = models.PositiveIntegerField(_("free slots"), default=SLOTS)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    signed = models.JSONField(default=dict, editable=False)
    signed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("status list")
        verbose_name_plural = _("status lists")
        ordering = ["issuer", "pk"]
        default_permissions = ("view",)
        constraints = [models.CheckConstraint(condition=Q(free__lte=SLOTS), name="credentials_list_free_within_size")]

    def __str__(self) -> str:
        return str(self.uid)


class Scope(models.TextChoices):
    """What a program may do with its key."""

    ISSUE = "issue", _("Issue and revoke credentials")
    VERIFY = "verify", _("Verify many credentials")
    CANDIDATES = "candidates", _("Read what candidates share with the organisation")


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Reads of the keys of programs."""

    def visible_to(self, user: Any) -> Self:
        """All for the office; their own organisation's for HR."""
        if standing.holds(user, RoleKind.OFFICE):
            return self
        return self.filter(organisation__in=standing.organisations(user, RoleKind.ENTERPRISE_HR))


class ApiKey(models.Model):
    """What a program of an organisation signs in with: only a hash is kept, and what it may do and how often."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("community.Organisation", on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80)
    beginning = models.CharField(max_length=12, unique=True, editable=False)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("may"), default=list)
    per_minute = models.PositiveIntegerField(_("requests a minute"), default=60)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("key of a program")
        verbose_name_plural = _("keys of programs")
        ordering = ["organisation", "-made_at"]
        constraints = [
            models.CheckConstraint(condition=Q(per_minute__gte=1), name="credentials_api_key_has_a_limit"),
        ]

    def __str__(self) -> str:
        return self.name

    def is_open_at(self, moment: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and (self.expires_at is None or moment < self.expires_at)

    @property
    def scope_labels(self) -> list[str]:
        """What it may do, in words."""
        return [str(Scope(scope).label) for scope in self.scopes]
