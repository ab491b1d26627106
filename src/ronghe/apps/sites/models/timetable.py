"""When cohorts study: terms, sections of a day, sessions; and where work booked for the same time overlaps them."""

import uuid
from datetime import date, datetime
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual, CohortMembership, RoleKind
from ronghe.apps.ledger.revision import RevisedRecord
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord
from ronghe.apps.sites.models.places import known_zone
from ronghe.apps.sites.zones import A_DAY, clock

MONDAY = 0


class TeachingTermQuerySet(models.QuerySet["TeachingTerm"]):
    """Reads of terms."""

    def visible_to(self, user: Any) -> Self:
        """Open to everyone who takes part."""
        return self if standing.is_signed_in(user) else self.none()


class TeachingTerm(Bilingual, RevisedRecord):
    """A university's term: the Monday of its first week, and how many weeks are taught."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("community.Organisation", on_delete=models.PROTECT, related_name="teaching_terms")
    academic_year = models.ForeignKey(
        "community.AcademicYear",
        on_delete=models.PROTECT,
        related_name="teaching_terms",
        verbose_name=_("academic year"),
    )
    starts_on = models.DateField(_("Monday of the first week"))
    weeks = models.PositiveSmallIntegerField(_("weeks"), default=18)
    zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai", validators=[known_zone])
    keeps_holidays = models.BooleanField(_("no classes on public holidays"), default=True)

    objects = TeachingTermQuerySet.as_manager()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms of teaching")
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "starts_on"], name="sites_term_starts_once"),
            models.CheckConstraint(condition=Q(weeks__range=(1, 53)), name="sites_term_weeks_in_range"),
        ]

    def clean(self) -> None:
        """The first day is a Monday, because weeks are counted from it."""
        day: date | None = self.starts_on
        if day is not None and day.weekday() != MONDAY:
            raise ValidationError({"starts_on": _("Weeks are counted from a Monday; this day is none.")})


class SectionTime(DatedRecord):
    """When a numbered section of the day begins and ends at a university; dated, as summer times differ."""

    organisation = models.ForeignKey("community.Organisation", on_delete=models.PROTECT, related_name="section_times")
    number = models.PositiveSmallIntegerField(_("section"))
    begins = models.PositiveSmallIntegerField(_("begins (minute of the day)"))
    ends = models.PositiveSmallIntegerField(_("ends (minute of the day)"))

    objects: DatedQuerySet["SectionTime"] = DatedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(DatedRecord.Meta):
        verbose_name = _("section of the day")
        verbose_name_plural = _("sections of the day")
        ordering = ["number"]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(number__gte=1, ends__gt=F("begins"), ends__lte=A_DAY), name="sites_section_is_a_span"
            ),
            models.UniqueConstraint(
                fields=["organisation", "number"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="sites_section_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {clock(self.begins)}–{clock(self.ends)}"


class SessionQuerySet(models.QuerySet["Session"]):
    """Reads of timetables."""

    def visible_to(self, user: Any) -> Self:
        """When a cohort is taught is no secret among those who take part."""
        return self if standing.is_signed_in(user) else self.none()

    def standing(self) -> Self:
        """Sessions that were not taken back."""
        return self.filter(withdrawn_at__isnull=True)

    def known(self, at: datetime | None) -> Self:
        """Sessions as they were known at a moment; today's knowledge when it is None."""
        if at is None:
            return self.standing()
        return self.filter(recorded_at__lte=at).filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=at))

    def during(self, start: datetime, end: datetime) -> Self:
        """Sessions of which a part lies between two moments."""
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class Session(models.Model):
    """One time that a cohort is taught."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    term = models.ForeignKey(TeachingTerm, on_delete=models.PROTECT, related_name="sessions")
    cohort = models.ForeignKey("community.Cohort", on_delete=models.PROTECT, related_name="sessions")
    course = models.CharField(_("course"), max_length=160)
    room = models.CharField(_("room"), max_length=80, blank=True)
    campus = models.ForeignKey(
        "community.Campus", null=True, blank=True, on_delete=models.PROTECT, related_name="sessions"
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("class session")
        verbose_name_plural = _("class sessions")
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["cohort", "starts_at"], name="sites_sessions_of_cohort")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="sites_session_ends_after_it_starts"),
            models.UniqueConstraint(
                fields=["cohort", "course", "starts_at"],
                condition=Q(withdrawn_at__isnull=True),
                name="sites_session_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cohort}: {self.course}"


class OverlapQuerySet(models.QuerySet["Overlap"]):
    """Reads of overlaps."""

    def visible_to(self, user: Any) -> Self:
        """One's own; teachers their students'; the office all."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        taught = standing.organisations(user, RoleKind.TEACHER)
        pupils = CohortMembership.objects.known().filter(cohort__organisation__in=taught).values("person")
        return self.filter(Q(person=user) | Q(person__in=pupils))

    def known(self, at: datetime | None) -> Self:
        """Overlaps as they were known at a moment; today's knowledge when it is None."""
        if at is None:
            return self.filter(gone_at__isnull=True)
        return self.filter(noted_at__lte=at).filter(Q(gone_at__isnull=True) | Q(gone_at__gt=at))


class Overlap(models.Model):
    """Study and work of one person booked for the same time, as noted when it came about; kept when it is gone."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="study_work_overlaps")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="overlaps")
    # Which kind of work, by the name its app registered, and which piece of it.
    source = models.CharField(max_length=40)
    reference = models.CharField(max_length=80)
    label = models.CharField(_("work"), max_length=200)
    booking = models.ForeignKey("sites.Booking", null=True, on_delete=models.CASCADE, related_name="overlaps")
    week = models.DateField(_("week of"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    travel_minutes = models.PositiveSmallIntegerField(_("minutes of travel in it"), default=0)
    noted_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, editable=False)

    objects = OverlapQuerySet.as_manager()

    class Meta:
        verbose_name = _("study–work overlap")
        verbose_name_plural = _("study–work overlaps")
        ordering = ["starts_at"]
        indexes = [
            models.Index(fields=["person", "starts_at"], name="sites_overlaps_of_person"),
            models.Index(fields=["week"], condition=Q(gone_at__isnull=True), name="sites_overlaps_of_week"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="sites_overlap_ends_after_it_starts"),
            models.UniqueConstraint(
                fields=["person", "session", "source", "reference", "week"],
                condition=Q(gone_at__isnull=True),
                name="sites_overlap_noted_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.label}"
