"""Projects, the intellectual property that they made, and whose it is."""

import uuid
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.agreements.models.agreements import speaks_for
from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual, RoleKind, StudyField
from ronghe.apps.ledger.revision import RevisedRecord
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord


class ProjectQuerySet(models.QuerySet["Project"]):
    """Reads of projects."""

    def visible_to(self, user: Any) -> Self:
        """That a project is or was done is open to everyone who takes part."""
        return self if standing.is_signed_in(user) else self.none()


class Project(Bilingual, RevisedRecord):
    """A project of enterprises and universities, from which assets come; time to conversion counts from its close."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("project number"), max_length=60, blank=True)
    host = models.ForeignKey(
        "community.Organisation",
        on_delete=models.PROTECT,
        related_name="hosted_projects",
        verbose_name=_("lead organisation"),
    )
    partners = models.ManyToManyField(
        "community.Organisation", blank=True, related_name="joined_projects", verbose_name=_("partner organisations")
    )
    field = models.CharField(_("field"), max_length=10, choices=StudyField.choices)
    started_on = models.DateField(_("started on"))
    closed_on = models.DateField(_("closing day"), null=True, editable=False)
    closed_recorded_at = models.DateTimeField(null=True, editable=False)
    summary = models.TextField(_("summary"), max_length=2000, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["-started_on", "name_zh"]
        indexes = [models.Index(fields=["closed_on"], name="pool_projects_by_close")]
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="pool_project_number_once"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("started_on")),
                name="pool_project_closes_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True, closed_recorded_at__isnull=True)
                | Q(closed_on__isnull=False, closed_recorded_at__isnull=False),
                name="pool_project_close_recorded",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("pool:project", args=[self.uid])

    def first_conversion(self) -> date | None:
        """The day on which something that it made first went into use, as confirmed and as known now."""
        confirmed = Q(assets__conversions__state="confirmed", assets__conversions__withdrawn_at__isnull=True)
        found: date | None = Project.objects.filter(confirmed, pk=self.pk).aggregate(
            first=models.Min("assets__conversions__happened_on")
        )["first"]
        return found


class AssetKind(models.TextChoices):
    """What an asset is."""

    PATENT = "patent", _("Patent")
    SOFTWARE = "software", _("Software copyright")
    LAYOUT = "layout", _("Layout design of an integrated circuit")
    CASE = "case", _("Teaching case")
    DATASET = "dataset", _("Data set")
    COURSE = "course", _("Course material")
    KNOW_HOW = "know_how", _("Know-how")
    OTHER = "other", pgettext_lazy("kind of asset", "Other")


class AssetQuerySet(models.QuerySet["Asset"]):
    """Reads of assets."""

    def visible_to(self, user: Any) -> Self:
        """Open ones to everyone who takes part; the others as far as their insides are open."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE) or standing.holds(user, RoleKind.REVIEWER):
            return self
        mine = standing.organisations(user, {RoleKind.ENTERPRISE_HR, RoleKind.TEACHER, RoleKind.MENTOR}) | speaks_for(
            user
        )
        return self.filter(
            Q(is_open=True)
            | Exists(Ownership.objects.filter(asset=OuterRef("pk"), organisation__in=mine, superseded_at__isnull=True))
            | self._concerns(user)
        )

    def with_money_for(self, user: Any) -> Self:
        """Those whose shares and income `user` may see: the office, whoever speaks for an owner, and contributors."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        return self.filter(
            Exists(
                Ownership.objects.filter(
                    asset=OuterRef("pk"), organisation__in=speaks_for(user), superseded_at__isnull=True
                )
            )
            | self._concerns(user)
        )

    @staticmethod
    def _concerns(user: Any) -> Q:
        """Assets in which the user, or an organisation that they speak for, was ever asked to share."""
        holds = Q(share_versions__shares__person=user) | Q(share_versions__shares__organisation__in=speaks_for(user))
        return Q(pk__in=Asset.objects.filter(holds).values("pk"))


class Asset(Bilingual, RevisedRecord):
    """One piece of intellectual property. Whose it is stands in `Ownership`, who shares in it in `ShareVersion`."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="assets", verbose_name=_("project"))
    kind = models.CharField(_("kind"), max_length=10, choices=AssetKind.choices)
    number = models.CharField(
        _("registered number"), max_length=60, blank=True, help_text=_("As on the certificate; empty where none is.")
    )
    registered_on = models.DateField(_("registered on"), null=True, blank=True)
    summary = models.TextField(_("summary"), max_length=2000, blank=True)
    is_open = models.BooleanField(
        _("open to the community"),
        default=True,
        help_text=_("Otherwise only owners, contributors, the office and reviewers know of it."),
    )
    lapsed_on = models.DateField(_("lapsed on"), null=True, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = AssetQuerySet.as_manager()

    class Meta:
        verbose_name = _("asset")
        verbose_name_plural = _("assets")
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AssetKind.values), name="pool_asset_kind_known"),
            models.UniqueConstraint(fields=["kind", "number"], condition=~Q(number=""), name="pool_asset_number_once"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("pool:asset", args=[self.uid])


class OwnershipQuerySet(DatedQuerySet["Ownership"]):
    """Reads of owners."""

    def visible_to(self, user: Any) -> Self:
        """As far as the asset is visible."""
        return self.filter(asset__in=Asset.objects.visible_to(user))


class Ownership(DatedRecord):
    """That an asset is an organisation's, alone or with others, from a day on."""

    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="ownerships")
    organisation = models.ForeignKey("community.Organisation", on_delete=models.PROTECT, related_name="owned_assets")

    objects = OwnershipQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("ownership")
        verbose_name_plural = _("ownerships")
        constraints = [
            *DatedRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["asset", "organisation"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="pool_owner_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset} · {self.organisation}"
