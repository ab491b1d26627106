"""Whether an organisation is real and what it says of itself: confirmations, likely doubles, declared facts.

Nothing here finds doubles; that is `duplicates`. A fact counts only once a second person has confirmed it.
"""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community import standing
from ronghe.apps.community.models.registry import Organisation, RoleKind
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord


class OrganisationConfirmationQuerySet(DatedQuerySet["OrganisationConfirmation"]):
    """Reads of confirmations."""

    def visible_to(self, user: Any) -> Self:
        """As open as the register."""
        return self if standing.is_signed_in(user) else self.none()


class OrganisationConfirmation(DatedRecord):
    """A second person has found that the organisation is real; while it holds, the organisation may publish."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="confirmations")
    basis = models.CharField(
        _("what it rests on"),
        max_length=300,
        help_text=_("for example: licence seen, code found in the public register"),
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = OrganisationConfirmationQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")
        indexes = [models.Index(fields=["organisation", "superseded_at", "valid_from"])]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="community_confirmation_held_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.valid_from}"


class DuplicateVerdict(models.TextChoices):
    """What a person found about two entries that look like one organisation."""

    DIFFERENT = "different", _("Two different organisations")
    SAME = "same", _("The same organisation twice")


class DuplicateDecision(models.Model):
    """A person's decision on a pair that looks like one organisation; `first` is the older entry."""

    first = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    verdict = models.CharField(_("finding"), max_length=10, choices=DuplicateVerdict.choices)
    reason = models.CharField(_("reason"), max_length=300)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("decision on likely doubles")
        verbose_name_plural = _("decisions on likely doubles")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="community_duplicate_decided_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="community_duplicate_in_order"),
            models.CheckConstraint(
                condition=Q(verdict__in=DuplicateVerdict.values), name="community_duplicate_verdict_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} · {self.second} · {self.get_verdict_display()}"


class FactKind(models.TextChoices):
    """What an organisation declares of itself that a rule may ask for; each has one unit."""

    INSURED_STAFF = "insured_staff", _("Insured staff (persons)")
    STAFF = "staff", _("Staff (persons)")
    VIOLATIONS = "violations", _("Violations found (count)")
    PAYROLL = "payroll", _("Payroll of the period (yuan)")
    TRAINING_EXPENSE = "training_expense", _("Training expense of the period (yuan)")


class OrganisationFactQuerySet(DatedQuerySet["OrganisationFact"]):
    """Reads of facts."""

    def visible_to(self, user: Any) -> Self:
        """The office and reviewers see all of them, an enterprise its own."""
        if standing.holds(user, RoleKind.OFFICE) or standing.holds(user, RoleKind.REVIEWER):
            return self
        if not standing.is_signed_in(user):
            return self.none()
        return self.filter(organisation__in=standing.organisations(user, RoleKind.ENTERPRISE_HR))


class OrganisationFact(DatedRecord):
    """A number an organisation declares for a span of days, what proves it, and who confirmed it."""

    uid = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="facts")
    kind = models.CharField(_("fact"), max_length=20, choices=FactKind.choices)
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=2)
    evidence = models.CharField(
        pgettext_lazy("admission", "evidence"),
        max_length=300,
        help_text=_("what proves it and where it can be seen, such as a social-insurance list"),
    )
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = OrganisationFactQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("declared fact")
        verbose_name_plural = _("declared facts")
        indexes = [models.Index(fields=["organisation", "kind", "superseded_at", "valid_from"])]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=FactKind.values), name="community_fact_kind_known"),
            models.CheckConstraint(condition=Q(value__gte=0), name="community_fact_not_negative"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("declared_by")),
                name="community_fact_confirmed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.get_kind_display()} · {self.value}"
