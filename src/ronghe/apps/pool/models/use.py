"""How assets are put to use: licences, and conversions that whoever adopted the technology has confirmed."""

import uuid
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.agreements.models.agreements import speaks_for
from ronghe.apps.community import standing
from ronghe.apps.community.models import StudyField
from ronghe.apps.pool.models.assets import Asset


class LicenceKind(models.TextChoices):
    """Whom a licence keeps out: everyone, everyone but the owners, or nobody."""

    EXCLUSIVE = "exclusive", _("Exclusive licence")
    SOLE = "sole", _("Sole licence")
    ORDINARY = "ordinary", _("Ordinary licence")


class LicenceState(models.TextChoices):
    """How far a licence has come."""

    OFFERED = "offered", _("Waits for the licensee")
    GRANTED = "granted", pgettext_lazy("of an asset", "Granted")
    REFUSED = "refused", pgettext_lazy("of an asset", "Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class LicenceQuerySet(models.QuerySet["Licence"]):
    """Reads of licences."""

    def visible_to(self, user: Any) -> Self:
        """Owners' side, contributors, the licensee and the office."""
        if not standing.is_signed_in(user):
            return self.none()
        mine = Q(licensee__in=speaks_for(user)) | Q(asset__in=Asset.objects.with_money_for(user))
        return self.filter(mine)

    def overlapping(self, first_day: date, last_day: date | None) -> Self:
        """Licences that run on a day from `first_day` to `last_day`, both included."""
        found = self.filter(Q(last_day__isnull=True) | Q(last_day__gte=first_day))
        return found if last_day is None else found.filter(first_day__lte=last_day)


class Licence(models.Model):
    """That an organisation may use an asset, in which fields, from when to when and for which fee."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="licences")
    licensee = models.ForeignKey(
        "community.Organisation", on_delete=models.PROTECT, related_name="licences", verbose_name=_("licensee")
    )
    kind = models.CharField(_("kind"), max_length=9, choices=LicenceKind.choices, default=LicenceKind.ORDINARY)
    # Codes of StudyField; none: every field.
    fields = models.JSONField(_("fields of use"), default=list, blank=True)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"), null=True, blank=True)
    fee = models.DecimalField(_("fee in yuan"), max_digits=14, decimal_places=2, default=0)
    royalty = models.CharField(_("royalty"), max_length=200, blank=True)
    agreement = models.ForeignKey(
        "agreements.Agreement", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(_("state"), max_length=9, choices=LicenceState.choices, default=LicenceState.OFFERED)
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    offered_at = models.DateTimeField(editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = LicenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("licence")
        verbose_name_plural = _("licences")
        ordering = ["-first_day", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LicenceKind.values), name="pool_licence_kind_known"),
            models.CheckConstraint(condition=Q(state__in=LicenceState.values), name="pool_licence_state_known"),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="pool_licence_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=Q(fee__gte=0), name="pool_licence_fee_not_negative"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("offered_by")),
                name="pool_licence_decided_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.licensee} · {self.get_kind_display()}"

    @property
    def keeps_others_out(self) -> bool:
        """Whether no other licence may stand beside it."""
        return self.kind in (LicenceKind.EXCLUSIVE, LicenceKind.SOLE)

    @property
    def field_names(self) -> list[str]:
        """The fields of use, in the language of the page; none: every field."""
        return [str(StudyField(code).label) for code in self.fields if code in StudyField.values]

    def meets(self, other: "Licence") -> bool:
        """Whether both are for the same field of use somewhere."""
        return not self.fields or not other.fields or bool(set(self.fields) & set(other.fields))


class ConversionKind(models.TextChoices):
    """How a technology went into use."""

    ADOPTION = "adoption", _("Adoption")
    LICENCE = "licence", _("Licence")
    TRANSFER = "transfer", pgettext_lazy("of an asset", "Transfer")


class ConversionState(models.TextChoices):
    """How far a conversion has come."""

    CLAIMED = "claimed", _("Waits for whoever adopted it")
    CONFIRMED = "confirmed", _("Confirmed")
    REFUSED = "refused", pgettext_lazy("of an asset", "Refused")


class ConversionQuerySet(models.QuerySet["Conversion"]):
    """Reads of conversions."""

    def visible_to(self, user: Any) -> Self:
        """As far as the asset is visible, and to the party that is said to have adopted it."""
        if not standing.is_signed_in(user):
            return self.none()
        return self.filter(Q(asset__in=Asset.objects.visible_to(user)) | Q(party__in=speaks_for(user)))


class Conversion(models.Model):
    """That an organisation put an asset to use, with what shows it; it counts once that organisation confirms it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="conversions")
    kind = models.CharField(_("kind"), max_length=8, choices=ConversionKind.choices)
    party = models.ForeignKey(
        "community.Organisation", on_delete=models.PROTECT, related_name="conversions", verbose_name=_("adopted by")
    )
    happened_on = models.DateField(_("day"))
    licence = models.OneToOneField(Licence, null=True, blank=True, on_delete=models.PROTECT, related_name="conversion")
    evidence = models.TextField(_("supporting evidence"), max_length=2000)
    state = models.CharField(_("state"), max_length=9, choices=ConversionState.choices, default=ConversionState.CLAIMED)
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    claimed_at = models.DateTimeField(editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    # A conversion that proved untrue counts no more from then on; what was known before is kept.
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = ConversionQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversion")
        verbose_name_plural = _("conversions")
        ordering = ["-happened_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ConversionKind.values), name="pool_conversion_kind_known"),
            models.CheckConstraint(condition=Q(state__in=ConversionState.values), name="pool_conversion_state_known"),
            models.CheckConstraint(
                condition=Q(state="claimed", decided_at__isnull=True)
                | (~Q(state="claimed") & Q(decided_at__isnull=False)),
                name="pool_conversion_decided_when_not_claimed",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("claimed_by")),
                name="pool_conversion_decided_by_a_second_person",
            ),
            models.UniqueConstraint(
                fields=["asset", "party", "kind", "happened_on"],
                condition=Q(withdrawn_at__isnull=True, licence__isnull=True) & ~Q(state="refused"),
                name="pool_conversion_claimed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.party}"
