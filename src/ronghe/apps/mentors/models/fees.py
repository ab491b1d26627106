"""What mentors earn: entries that are only added to, monthly statements that are frozen when issued, disputes."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind


class StatementQuerySet(models.QuerySet["Statement"]):
    """Reads of statements."""

    def visible_to(self, user: Any) -> Self:
        """What a mentor earns is for the mentor and the office."""
        if not standing.is_signed_in(user):
            return self.none()
        return self if standing.holds(user, RoleKind.OFFICE) else self.filter(mentor=user)


class Statement(models.Model):
    """The fees of a mentor for one month, as issued. Frozen: what was wrong is put right by lines of a later one."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="fee_statements")
    month = models.DateField(_("month"), help_text=_("Its first day."))
    class_hours = models.DecimalField(_("class hours"), max_digits=7, decimal_places=1)
    amount = models.DecimalField(_("amount in yuan"), max_digits=10, decimal_places=2)
    issued_at = models.DateTimeField(_("issued"))
    issued_by_uid = models.UUIDField(editable=False)

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement of fees")
        verbose_name_plural = _("statements of fees")
        default_permissions = ("view",)
        ordering = ["-month", "mentor"]
        constraints = [
            models.UniqueConstraint(fields=["mentor", "month"], name="mentors_statement_once_a_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="mentors_statement_month_by_its_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.mentor} · {self.month:%Y-%m}"

    def get_absolute_url(self) -> str:
        return reverse("mentors:statement", args=[self.uid])


class EntryKind(models.TextChoices):
    """Why an entry stands."""

    FEE = "fee", _("Class-hour fee")
    COUNTER = "counter", _("Counter-line")
    CORRECTION = "correction", _("Corrected fee")


class FeeEntryQuerySet(models.QuerySet["FeeEntry"]):
    """Reads of entries."""

    def visible_to(self, user: Any) -> Self:
        """As open as statements."""
        if not standing.is_signed_in(user):
            return self.none()
        return self if standing.holds(user, RoleKind.OFFICE) else self.filter(hour__mentor=user)


class FeeEntry(models.Model):
    """Yuan earned for class hours, or taken back by the opposite. Its statement is set once; nothing else changes."""

    hour = models.ForeignKey("mentors.ClassHour", on_delete=models.PROTECT, related_name="fee_entries")
    kind = models.CharField(max_length=10, choices=EntryKind.choices)
    dispute = models.ForeignKey(
        "mentors.Dispute", null=True, editable=False, on_delete=models.PROTECT, related_name="entries"
    )
    class_hours = models.DecimalField(_("class hours"), max_digits=5, decimal_places=1)
    rate = models.DecimalField(_("yuan a class hour"), max_digits=8, decimal_places=2)
    amount = models.DecimalField(_("amount in yuan"), max_digits=10, decimal_places=2)
    recorded_at = models.DateTimeField()
    statement = models.ForeignKey(Statement, null=True, on_delete=models.PROTECT, related_name="entries")

    objects = FeeEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of fees")
        verbose_name_plural = _("entries of fees")
        default_permissions = ("view",)
        ordering = ["hour__taught_on", "hour__start_minute", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="mentors_entry_kind_known"),
            models.CheckConstraint(
                condition=Q(kind="fee", dispute__isnull=True) | (~Q(kind="fee") & Q(dispute__isnull=False)),
                name="mentors_entry_corrections_have_a_dispute",
            ),
            models.CheckConstraint(
                condition=Q(kind="counter", amount__lte=0) | (~Q(kind="counter") & Q(amount__gte=0)),
                name="mentors_entry_sign_of_its_kind",
            ),
            models.UniqueConstraint(fields=["hour"], condition=Q(kind="fee"), name="mentors_entry_one_fee_an_hour"),
            models.UniqueConstraint(fields=["dispute", "kind"], name="mentors_entry_corrected_once_a_dispute"),
        ]

    def __str__(self) -> str:
        return f"{self.hour} · {self.amount}"


class Outcome(models.TextChoices):
    """How a dispute ended."""

    OPEN = "open", pgettext_lazy("dispute", "Waits for an answer")
    UPHELD = "upheld", pgettext_lazy("dispute", "Corrected")
    REJECTED = "rejected", pgettext_lazy("dispute", "Stands as issued")


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Reads of disputes."""

    def visible_to(self, user: Any) -> Self:
        """The mentor and the office."""
        if not standing.is_signed_in(user):
            return self.none()
        return self if standing.holds(user, RoleKind.OFFICE) else self.filter(entry__hour__mentor=user)


class Dispute(models.Model):
    """A mentor says that a line of a statement is wrong; somebody else answers, with a correction or a reason."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entry = models.ForeignKey(FeeEntry, on_delete=models.PROTECT, related_name="disputes")
    text = models.TextField(_("what is wrong"), max_length=1000)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    raised_at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.OPEN, editable=False)
    answer = models.TextField(_("answer"), max_length=1000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    answered_at = models.DateTimeField(null=True, editable=False)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute about a fee")
        verbose_name_plural = _("disputes about fees")
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="mentors_dispute_outcome_known"),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(outcome="open"), name="mentors_dispute_one_open_a_line"
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | Q(raised_by__isnull=True) | ~Q(answered_by=F("raised_by")),
                name="mentors_dispute_answered_by_another_person",
            ),
        ]

    def __str__(self) -> str:
        return str(self.entry)


def sum_of(entries: Any) -> tuple[Decimal, Decimal]:
    """Class hours and yuan of entries."""
    rows = list(entries)
    return sum((row.class_hours for row in rows), Decimal(0)), sum((row.amount for row in rows), Decimal(0))


def month_of(day: date) -> date:
    """The first day of the month of `day`."""
    return day.replace(day=1)
