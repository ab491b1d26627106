"""Class hours of mentors, and the dated standards and benchmarks by which an hour has its fee.

Hours stand as a local day, a local time and a length: no time zone and no summer time moves them.
"""

import uuid
from datetime import time
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual, RoleKind
from ronghe.apps.mentors.models.appointments import MentorKind, Title
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord

# A class hour lasts 45 minutes, as universities in China count; the fee is by the class hour, not by the clock.
MINUTES = 45
A_DAY = 24 * 60


class FeeStandardQuerySet(DatedQuerySet["FeeStandard"]):
    """Reads of standards."""

    def visible_to(self, user: Any) -> Self:
        """What an hour is paid is open to everyone who takes part."""
        return self if standing.is_signed_in(user) else self.none()

    def published(self) -> Self:
        """Standards that a second person has published; others are proposals and pay nothing."""
        return self.filter(published_by_uid__isnull=False)


class FeeStandard(Bilingual, DatedRecord):
    """Yuan for a class hour of a kind of mentor, perhaps with a title. An hour keeps the row that it was paid by."""

    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind of mentor"), max_length=10, choices=MentorKind.choices)
    title = models.CharField(
        _("professional title"),
        max_length=20,
        choices=Title.choices,
        blank=True,
        help_text=_("Empty: every mentor of the kind without a standard for their title."),
    )
    amount = models.DecimalField(_("yuan a class hour"), max_digits=8, decimal_places=2)
    clause = models.CharField(_("clause"), max_length=300, help_text=_("Where it was decided: document and paragraph."))
    proposed_by_uid = models.UUIDField(editable=False)
    published_by_uid = models.UUIDField(null=True, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)

    objects = FeeStandardQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("fee standard")
        verbose_name_plural = _("fee standards")
        ordering = ["kind", "title", "valid_from"]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=MentorKind.values), name="mentors_standard_kind_known"),
            models.CheckConstraint(condition=Q(title__in=Title.values), name="mentors_standard_title_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="mentors_standard_amount_positive"),
            models.CheckConstraint(
                condition=Q(published_by_uid__isnull=True, published_at__isnull=True)
                | (Q(published_at__isnull=False) & ~Q(published_by_uid=F("proposed_by_uid"))),
                name="mentors_standard_published_by_a_second_person",
            ),
        ]


class BenchmarkQuerySet(DatedQuerySet["Benchmark"]):
    """Reads of benchmarks."""

    def visible_to(self, user: Any) -> Self:
        return self if standing.is_signed_in(user) else self.none()


class Benchmark(DatedRecord):
    """What a class hour is paid elsewhere in a region, from a source that can be looked up."""

    region = models.ForeignKey(
        "community.Region",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="mentor_fee_benchmarks",
        verbose_name=_("region"),
        help_text=_("Empty: every region without a benchmark of its own."),
    )
    kind = models.CharField(_("kind of mentor"), max_length=10, choices=MentorKind.choices)
    amount = models.DecimalField(_("yuan a class hour"), max_digits=8, decimal_places=2)
    source = models.CharField(_("source"), max_length=300, help_text=_("Survey or document, with its date."))
    set_by_uid = models.UUIDField(editable=False)

    objects = BenchmarkQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("benchmark of fees")
        verbose_name_plural = _("benchmarks of fees")
        ordering = ["kind", "region__code", "valid_from"]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=MentorKind.values), name="mentors_benchmark_kind_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="mentors_benchmark_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.region or '—'} · {self.get_kind_display()} · {self.amount}"


class HourState(models.TextChoices):
    """How far a claim of class hours has come."""

    CLAIMED = "claimed", _("Waits for the other side")
    CONFIRMED = "confirmed", _("Confirmed")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("claim", "Withdrawn")


class ClassHourQuerySet(models.QuerySet["ClassHour"]):
    """Reads of class hours."""

    def visible_to(self, user: Any) -> Self:
        """The mentor, the office, teachers of the university where it was, HR of the mentor's firm."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        taught = standing.organisations(user, RoleKind.TEACHER)
        firms = standing.organisations(user, RoleKind.ENTERPRISE_HR)
        return self.filter(Q(mentor=user) | Q(university__in=taught) | Q(organisation__in=firms))


class ClassHour(models.Model):
    """Class hours that a mentor gave on one day, claimed by one side and confirmed by the other.

    With the confirmation the fee standard and the benchmark of that day are kept beside it, whatever changes later.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="class_hours")
    organisation = models.ForeignKey("community.Organisation", on_delete=models.PROTECT, related_name="hours_given")
    kind = models.CharField(_("kind of mentor"), max_length=10, choices=MentorKind.choices)
    title = models.CharField(_("professional title"), max_length=20, choices=Title.choices, blank=True)
    university = models.ForeignKey(
        "community.Organisation",
        on_delete=models.PROTECT,
        related_name="hours_received",
        verbose_name=_("university"),
    )
    taught_on = models.DateField(_("day"))
    start_minute = models.PositiveSmallIntegerField(_("begins"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    class_hours = models.DecimalField(_("class hours"), max_digits=4, decimal_places=1)
    subject = models.CharField(_("what was taught"), max_length=200)
    cohort = models.ForeignKey(
        "community.Cohort",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="mentor_hours",
        verbose_name=_("cohort"),
    )
    cause = models.CharField(_("what it is for"), max_length=200, blank=True)
    state = models.CharField(max_length=9, choices=HourState.choices, default=HourState.CLAIMED, editable=False)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    claimed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    standard = models.ForeignKey(
        FeeStandard, null=True, editable=False, on_delete=models.PROTECT, related_name="class_hours"
    )
    benchmark = models.ForeignKey(
        Benchmark, null=True, editable=False, on_delete=models.PROTECT, related_name="class_hours"
    )

    objects = ClassHourQuerySet.as_manager()

    class Meta:
        verbose_name = _("class hours of a mentor")
        verbose_name_plural = _("class hours of mentors")
        ordering = ["-taught_on", "-start_minute", "-pk"]
        indexes = [
            models.Index(fields=["mentor", "taught_on"], name="mentors_hours_of"),
            models.Index(fields=["university", "state"], name="mentors_hours_at"),
            models.Index(fields=["state", "taught_on"], name="mentors_hours_by_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=HourState.values), name="mentors_hours_state_known"),
            models.CheckConstraint(condition=Q(kind__in=MentorKind.values), name="mentors_hours_kind_known"),
            models.CheckConstraint(condition=Q(class_hours__gt=0), name="mentors_hours_positive"),
            models.CheckConstraint(
                condition=Q(minutes__gt=0, start_minute__lte=A_DAY - F("minutes")), name="mentors_hours_within_a_day"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["claimed", "withdrawn"])
                | Q(decided_by__isnull=True)
                | Q(claimed_by__isnull=True)
                | ~Q(decided_by=F("claimed_by")),
                name="mentors_hours_decided_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(standard__isnull=False), name="mentors_hours_confirmed_have_a_fee"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mentor} · {self.taught_on} · {self.subject}"

    def get_absolute_url(self) -> str:
        return reverse("mentors:hours", args=[self.uid])

    @property
    def begins(self) -> time:
        """The local time at which it began."""
        return time(self.start_minute // 60, self.start_minute % 60)

    @property
    def ends(self) -> time:
        """The local time at which it ended; midnight for the end of the day."""
        end = (self.start_minute + self.minutes) % A_DAY
        return time(end // 60, end % 60)

    @property
    def above_benchmark(self) -> Decimal | None:
        """How far the fee of an hour lies above the benchmark, as a share of it; None without a benchmark."""
        if self.standard is None or self.benchmark is None:
            return None
        return self.standard.amount / self.benchmark.amount - 1
