"""Who shares in an asset: versions of exact fractions, each agreed to by every contributor before it is in force."""

import uuid
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ronghe.apps.pool.models.assets import Asset


class VersionState(models.TextChoices):
    """How far a version of the shares has come."""

    ASKED = "asked", _("Waits for contributors")
    AGREED = "agreed", _("Agreed by all")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ShareVersionQuerySet(models.QuerySet["ShareVersion"]):
    """Reads of versions."""

    def visible_to(self, user: Any) -> Self:
        """As far as the money of the asset is open."""
        return self.filter(asset__in=Asset.objects.with_money_for(user))

    def in_force(self, day: date, *, known_at: datetime | None = None) -> Self:
        """Versions agreed by all whose first day has come; of an asset the first one is in force, later ones before."""
        agreed = self.filter(state=VersionState.AGREED, valid_from__lte=day)
        if known_at is not None:
            agreed = agreed.filter(settled_at__lte=known_at)
        return agreed.order_by("asset", "-valid_from", "-number")


class ShareVersion(models.Model):
    """One division of an asset among its contributors; `content` is what they agree to, `digest` its hash.

    In force from `valid_from` until a later one is. It names people by uid and salted digests, so that an erasure
    leaves the hash valid.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="share_versions")
    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=9, choices=VersionState.choices, default=VersionState.ASKED)
    valid_from = models.DateField(_("in force from"))
    content = models.JSONField(editable=False)
    digest = models.CharField(max_length=80, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    settled_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = ShareVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of shares")
        verbose_name_plural = _("versions of shares")
        ordering = ["asset", "-number"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=VersionState.values), name="pool_version_state_known"),
            models.UniqueConstraint(fields=["asset", "number"], name="pool_version_number_once"),
            models.UniqueConstraint(fields=["asset"], condition=Q(state="asked"), name="pool_version_one_asked"),
            models.CheckConstraint(
                condition=Q(state="asked", settled_at__isnull=True) | (~Q(state="asked") & Q(settled_at__isnull=False)),
                name="pool_version_settled_when_not_asked",
            ),
        ]

    def __str__(self) -> str:
        return gettext("Shares, version %(number)s") % {"number": self.number}

    def get_absolute_url(self) -> str:
        return reverse("pool:shares", args=[self.uid])


class Share(models.Model):
    """One contributor's part: a person's, or an organisation's for whom a signatory agrees."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(ShareVersion, on_delete=models.PROTECT, related_name="shares")
    place = models.PositiveSmallIntegerField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="shares_of_assets"
    )
    organisation = models.ForeignKey(
        "community.Organisation", null=True, on_delete=models.PROTECT, related_name="shares_of_assets"
    )
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField()
    points = models.PositiveIntegerField(_("points of contribution"), null=True)
    contribution = models.CharField(_("contribution"), max_length=300)
    salt = models.CharField(max_length=32, editable=False)
    agreed_at = models.DateTimeField(_("agreed at"), null=True, editable=False)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    agreed_digest = models.CharField(max_length=80, blank=True, editable=False)
    confirmed_by = models.CharField(_("identity confirmed by"), max_length=40, blank=True, editable=False)
    event = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("share of an asset")
        verbose_name_plural = _("shares of an asset")
        ordering = ["version", "place"]
        constraints = [
            models.UniqueConstraint(fields=["version", "place"], name="pool_share_place_once"),
            models.UniqueConstraint(
                fields=["version", "person"], condition=Q(person__isnull=False), name="pool_share_person_once"
            ),
            models.UniqueConstraint(
                fields=["version", "organisation"],
                condition=Q(organisation__isnull=False),
                name="pool_share_organisation_once",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, organisation__isnull=True)
                | Q(person__isnull=True, organisation__isnull=False),
                name="pool_share_of_a_person_or_an_organisation",
            ),
            models.CheckConstraint(
                condition=Q(numerator__gt=0, denominator__gt=0, numerator__lte=F("denominator")),
                name="pool_share_is_a_part",
            ),
            models.CheckConstraint(
                condition=Q(agreed_at__isnull=True, agreed_digest="", event__isnull=True)
                | (Q(agreed_at__isnull=False, agreed_by__isnull=False, event__isnull=False) & ~Q(agreed_digest="")),
                name="pool_share_agreed_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder}: {self.exact}"

    @property
    def exact(self) -> Fraction:
        """The share."""
        return Fraction(self.numerator, self.denominator)

    @property
    def percent(self) -> float:
        """The share in a hundred, for reading only."""
        return 100 * self.numerator / self.denominator

    @property
    def is_round(self) -> bool:
        """Whether the share has a short decimal form; a third has none and is shown as 1/3."""
        return 10_000 % self.denominator == 0

    @property
    def holder(self) -> str:
        """Who holds it, by name; an erased person has none."""
        if self.organisation is not None:
            return self.organisation.name
        if self.person is None or self.person.erased_at is not None:
            return gettext("Erased person")
        return self.person.name
