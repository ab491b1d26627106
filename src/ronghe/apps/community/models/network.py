"""Who supplies whom within a chain, and which regions are cores and which their satellites; all of it dated."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models.registry import Chain, Organisation, Region
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord


class SupplyRelationQuerySet(DatedQuerySet["SupplyRelation"]):
    """Reads of supply relations."""

    def visible_to(self, user: Any) -> Self:
        """As open as the chains: what is delivered is named in general terms only."""
        return self if standing.is_signed_in(user) else self.none()


class SupplyRelation(DatedRecord):
    """One member of a chain supplies another with something, from a day on."""

    uid = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="supplies")
    supplier = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="supplies_given")
    customer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="supplies_taken")
    goods_zh = models.CharField(_("what is supplied (Chinese)"), max_length=120)
    goods_en = models.CharField(_("what is supplied (English)"), max_length=160, blank=True)

    objects = SupplyRelationQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("supply relation")
        verbose_name_plural = _("supply relations")
        indexes = [models.Index(fields=["chain", "superseded_at", "valid_from"])]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=~Q(supplier=F("customer")), name="community_supply_to_another"),
            models.UniqueConstraint(
                fields=["chain", "supplier", "customer", "goods_zh"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="community_supply_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier} → {self.customer}: {self.goods}"

    @property
    def goods(self) -> str:
        """What is supplied, in the language of the page."""
        return self.goods_zh if (get_language() or "").startswith("zh") else self.goods_en or self.goods_zh


class Standing(models.TextChoices):
    """What a region is in the network."""

    CORE = "core", _("Core city")
    SATELLITE = "satellite", _("Satellite city")


class RegionStandingQuerySet(DatedQuerySet["RegionStanding"]):
    """Reads of the network of regions."""

    def visible_to(self, user: Any) -> Self:
        """Everyone who is signed in."""
        return self if standing.is_signed_in(user) else self.none()


class RegionStanding(DatedRecord):
    """A region's place in the network, dated: a core, or the satellite of one."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="standings")
    standing = models.CharField(pgettext_lazy("region", "standing"), max_length=10, choices=Standing.choices)
    core = models.ForeignKey(
        Region, null=True, blank=True, on_delete=models.PROTECT, related_name="satellites", verbose_name=_("its core")
    )

    objects = RegionStandingQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("standing of a region")
        verbose_name_plural = _("standings of regions")
        indexes = [models.Index(fields=["region", "superseded_at", "valid_from"])]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(
                condition=(Q(standing="core") & Q(core__isnull=True))
                | (Q(standing="satellite") & Q(core__isnull=False) & ~Q(core=F("region"))),
                name="community_region_satellite_has_core",
            ),
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="community_region_stands_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} · {self.get_standing_display()}"
