"""What assets earned and how it was distributed, in fen. Rows are added and never changed."""

import uuid
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.pool.models.assets import Asset
from ronghe.apps.pool.models.shares import Share, ShareVersion
from ronghe.apps.pool.models.use import Licence

FEN = 100


def yuan(fen: int) -> Decimal:
    """Fen as yuan."""
    return Decimal(fen) / FEN


class IncomeKind(models.TextChoices):
    """For what was paid."""

    FEE = "fee", _("Licence fee")
    ROYALTY = "royalty", _("Royalty")
    PRICE = "price", _("Price of a transfer")
    OTHER = "other", pgettext_lazy("kind of income", "Other")


class IncomeQuerySet(models.QuerySet["Income"]):
    """Reads of income."""

    def visible_to(self, user: Any) -> Self:
        """As far as the money of the asset is open."""
        return self.filter(asset__in=Asset.objects.with_money_for(user))

    def undistributed(self) -> Self:
        """What waits to be distributed: not reversed, no reversal, and without a distribution."""
        return self.filter(distribution__isnull=True, reversal__isnull=True, reverses__isnull=True)


class Income(models.Model):
    """An amount that an asset earned on a day, or, negative, the reversal of one."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="income")
    licence = models.ForeignKey(
        Licence, null=True, blank=True, on_delete=models.PROTECT, related_name="income", verbose_name=_("licence")
    )
    kind = models.CharField(_("kind"), max_length=7, choices=IncomeKind.choices)
    fen = models.BigIntegerField(_("amount in fen"))
    received_on = models.DateField(_("received on"))
    document = models.CharField(_("voucher"), max_length=120)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    recorded_at = models.DateTimeField(editable=False)
    reverses = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="reversal", editable=False
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = IncomeQuerySet.as_manager()

    class Meta:
        verbose_name = _("income")
        verbose_name_plural = pgettext_lazy("plural", "income")
        ordering = ["-received_on", "-pk"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["received_on"], name="pool_income_by_day")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=IncomeKind.values), name="pool_income_kind_known"),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, fen__gt=0) | Q(reverses__isnull=False, fen__lt=0),
                name="pool_income_negative_when_it_reverses",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.received_on} {self.amount}"

    @property
    def amount(self) -> Decimal:
        """In yuan."""
        return yuan(self.fen)


class Distribution(models.Model):
    """That an income was divided by a version of the shares; its portions make the income exactly."""

    income = models.OneToOneField(Income, primary_key=True, on_delete=models.PROTECT, related_name="distribution")
    version = models.ForeignKey(ShareVersion, on_delete=models.PROTECT, related_name="distributions")
    distributed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    distributed_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("distribution")
        verbose_name_plural = _("distributions")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return str(self.income)


class Portion(models.Model):
    """What one share got of a distribution."""

    distribution = models.ForeignKey(Distribution, on_delete=models.PROTECT, related_name="portions")
    share = models.ForeignKey(Share, on_delete=models.PROTECT, related_name="portions")
    fen = models.BigIntegerField(_("amount in fen"))

    class Meta:
        verbose_name = _("portion")
        verbose_name_plural = _("portions")
        ordering = ["distribution", "share__place"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["distribution", "share"], name="pool_portion_once"),
        ]

    def __str__(self) -> str:
        return f"{self.share.holder}: {self.amount}"

    @property
    def amount(self) -> Decimal:
        """In yuan."""
        return yuan(self.fen)
