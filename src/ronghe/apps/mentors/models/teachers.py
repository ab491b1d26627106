"""Dual-teacher training: plans of teachers, their stays with a host firm, certificates with expiry, satisfaction.

Answers about satisfaction say nothing of who gave them; fewer than `SMALLEST_ROUND` of a year are never shown.
"""

import uuid
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind

SMALLEST_ROUND = 5
BEST = 5


class PlanState(models.TextChoices):
    """How far a training plan has come."""

    PLANNED = "planned", _("Planned")
    TRAINED = "trained", _("Trained")
    STOPPED = "stopped", pgettext_lazy("plan", "Stopped")


class TrainingPlanQuerySet(models.QuerySet["TrainingPlan"]):
    """Reads of plans."""

    def visible_to(self, user: Any) -> Self:
        """The teacher, colleagues of the university, people of the host firm, office and reviewers."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE) or standing.holds(user, RoleKind.REVIEWER):
            return self
        taught = standing.organisations(user, RoleKind.TEACHER)
        hosts = standing.organisations(user, {RoleKind.ENTERPRISE_HR, RoleKind.MENTOR})
        return self.filter(Q(teacher=user) | Q(university__in=taught) | Q(host__in=hosts))


class TrainingPlan(models.Model):
    """What a teacher is to learn, with which host firm, in how many days of stay there."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="training_plans")
    university = models.ForeignKey(
        "community.Organisation",
        on_delete=models.PROTECT,
        related_name="teacher_training_plans",
        verbose_name=_("university"),
    )
    host = models.ForeignKey(
        "community.Organisation",
        on_delete=models.PROTECT,
        related_name="hosted_training_plans",
        verbose_name=_("host firm"),
    )
    aims = models.TextField(_("aims"), max_length=1000)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    planned_days = models.PositiveSmallIntegerField(_("days with the host firm"))
    state = models.CharField(max_length=7, choices=PlanState.choices, default=PlanState.PLANNED, editable=False)
    trained_on = models.DateField(null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    has_answered = models.BooleanField(default=False, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    objects = TrainingPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("training plan of a teacher")
        verbose_name_plural = _("training plans of teachers")
        ordering = ["-first_day", "-pk"]
        indexes = [models.Index(fields=["state", "trained_on"], name="mentors_plans_by_state")]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="mentors_plan_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(planned_days__gte=1), name="mentors_plan_has_days"),
            models.CheckConstraint(condition=Q(state__in=PlanState.values), name="mentors_plan_state_known"),
            models.CheckConstraint(
                condition=Q(state="trained", trained_on__isnull=False) | (~Q(state="trained") & Q(trained_on=None)),
                name="mentors_plan_trained_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.teacher} · {self.host}"

    def get_absolute_url(self) -> str:
        return reverse("mentors:plan", args=[self.uid])


class StayState(models.TextChoices):
    """Whether the host has confirmed a stay."""

    RECORDED = "recorded", _("Waits for the host firm")
    CONFIRMED = "confirmed", _("Confirmed")
    REFUSED = "refused", _("Refused")


class StayQuerySet(models.QuerySet["Stay"]):
    """Reads of stays."""

    def visible_to(self, user: Any) -> Self:
        """As open as their plans."""
        return self.filter(plan__in=TrainingPlan.objects.visible_to(user))


class Stay(models.Model):
    """Days that a teacher worked with the host firm, recorded by the teacher and confirmed by the host."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="stays")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    days = models.PositiveSmallIntegerField(_("days there"))
    report = models.TextField(_("what was done"), max_length=2000)
    state = models.CharField(max_length=9, choices=StayState.choices, default=StayState.RECORDED, editable=False)
    recorded_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)

    objects = StayQuerySet.as_manager()

    class Meta:
        verbose_name = _("stay with a host firm")
        verbose_name_plural = _("stays with host firms")
        ordering = ["first_day", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="mentors_stay_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(days__gte=1), name="mentors_stay_has_days"),
            models.CheckConstraint(condition=Q(state__in=StayState.values), name="mentors_stay_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.plan} · {self.first_day}"


class CertificationQuerySet(models.QuerySet["Certification"]):
    """Reads of certifications."""

    def visible_to(self, user: Any) -> Self:
        """The teacher, colleagues of the university, office and reviewers."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE) or standing.holds(user, RoleKind.REVIEWER):
            return self
        return self.filter(Q(teacher=user) | Q(university__in=standing.organisations(user, RoleKind.TEACHER)))

    def on(self, day: date) -> Self:
        """Those that hold on `day`."""
        ended = Q(ended_on__isnull=True) | Q(ended_on__gt=day)
        return self.filter(ended, granted_on__lte=day, expires_on__gte=day)

    def unrenewed(self, day: date) -> Self:
        """Those that no later one of the same teacher had taken up by `day`."""
        return self.filter(granted_on__lte=day).exclude(renewal__granted_on__lte=day)


class Certification(models.Model):
    """That a teacher is a dual teacher, through `expires_on`; a renewal is another row that names the one before."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="dual_certifications")
    university = models.ForeignKey(
        "community.Organisation", on_delete=models.PROTECT, related_name="dual_certifications"
    )
    plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="certifications")
    number = models.CharField(_("number of the certificate"), max_length=60)
    granted_on = models.DateField(_("granted on"))
    expires_on = models.DateField(_("valid through"))
    renews = models.OneToOneField("self", null=True, editable=False, on_delete=models.PROTECT, related_name="renewal")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    ended_on = models.DateField(null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)

    objects = CertificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("dual-teacher certification")
        verbose_name_plural = _("dual-teacher certifications")
        ordering = ["teacher", "-expires_on", "-pk"]
        indexes = [models.Index(fields=["expires_on"], name="mentors_certification_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__gt=F("granted_on")), name="mentors_certification_expires_later"
            ),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("teacher")),
                name="mentors_certification_not_granted_to_oneself",
            ),
            models.UniqueConstraint(fields=["university", "number"], name="mentors_certification_number_once"),
            models.UniqueConstraint(fields=["plan"], name="mentors_certification_one_a_plan"),
        ]

    def __str__(self) -> str:
        return f"{self.teacher} · {self.number}"


class SatisfactionQuerySet(models.QuerySet["Satisfaction"]):
    """Reads of answers: nobody opens a single one."""

    def visible_to(self, user: Any) -> Self:
        return self.none()


class Satisfaction(models.Model):
    """One anonymous answer: how satisfied, in which year. Its key is random, so that its place says nothing either."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    year = models.PositiveSmallIntegerField(_("year"))
    score = models.PositiveSmallIntegerField(_("satisfaction"))

    objects = SatisfactionQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer about satisfaction")
        verbose_name_plural = _("answers about satisfaction")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(score__range=(1, BEST)), name="mentors_satisfaction_on_the_scale"),
        ]

    def __str__(self) -> str:
        return f"{self.year}: {self.score}"
