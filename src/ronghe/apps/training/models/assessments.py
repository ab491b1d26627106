"""Assessments of a student's skills against a teaching unit: rated by mentor and teacher, numbered attempts."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.training.models.placements import Placement


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    """Reads of assessments."""

    def visible_to(self, user: Any) -> Self:
        """As the placements are."""
        return self.filter(placement__in=Placement.objects.visible_to(user).order_by().values("pk"))

    def open(self) -> Self:
        """Not settled."""
        return self.filter(settled_at__isnull=True)


class Assessment(models.Model):
    """One attempt of a student at a unit: settled once both sides agree, or by the office where they differ."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="assessments")
    unit = models.ForeignKey("curriculum.Unit", on_delete=models.PROTECT, related_name="assessments")
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    opened_on = models.DateField(_("opened on"), default=timezone.localdate, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    settled_at = models.DateTimeField(null=True, editable=False)
    settled_on = models.DateField(_("settled on"), null=True, editable=False)
    is_passed = models.BooleanField(_("passed"), null=True, editable=False)
    reason = models.CharField(_("reason of the office"), max_length=500, blank=True, editable=False)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("training", "assessment")
        verbose_name_plural = pgettext_lazy("training", "assessments")
        ordering = ["-opened_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_on__isnull=True, is_passed__isnull=True)
                | Q(settled_at__isnull=False, settled_on__isnull=False, is_passed__isnull=False),
                name="training_assessment_settled_whole",
            ),
            models.CheckConstraint(condition=Q(attempt__gte=1), name="training_assessment_attempt_numbered"),
            models.UniqueConstraint(fields=["placement", "unit", "attempt"], name="training_assessment_attempt_once"),
            models.UniqueConstraint(
                fields=["placement", "unit"],
                condition=Q(settled_at__isnull=True),
                name="training_assessment_one_open",
            ),
            models.UniqueConstraint(
                fields=["placement", "unit"], condition=Q(is_passed=True), name="training_assessment_passed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.attempt}"

    def get_absolute_url(self) -> str:
        return reverse("training:assessment", args=[self.uid])


class Side(models.TextChoices):
    """From which side a skill is rated."""

    MENTOR = "mentor", pgettext_lazy("training", "Mentor")
    TEACHER = "teacher", pgettext_lazy("training", "Teacher")
    OFFICE = "office", pgettext_lazy("training", "Office")


class Rating(models.Model):
    """The skill level that one side saw. Each side rates each skill once an attempt; 0 is "not shown"."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="ratings")
    side = models.CharField(_("side"), max_length=8, choices=Side.choices)
    skill = models.ForeignKey("demand.Skill", on_delete=models.PROTECT, related_name="+")
    skill_level = models.PositiveSmallIntegerField(_("skill level"))
    comment = models.CharField(_("comment"), max_length=500, blank=True)
    # Empty once the person has been erased.
    rated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    rated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = pgettext_lazy("training", "rating")
        verbose_name_plural = pgettext_lazy("training", "ratings")
        ordering = ["skill", "side"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(side__in=Side.values), name="training_rating_side_known"),
            models.CheckConstraint(condition=Q(skill_level__range=(0, 5)), name="training_rating_level_in_scale"),
            models.UniqueConstraint(fields=["assessment", "side", "skill"], name="training_rating_once_a_side"),
        ]

    def __str__(self) -> str:
        return f"{self.skill} {self.skill_level}"
