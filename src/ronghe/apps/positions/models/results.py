"""What was computed of a round, each run kept, who was assigned where and why, and appeals against it.

A published round's assignments never change; triggers (`triggers.py`) hold that.
"""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.positions.models.positions import Position
from ronghe.apps.positions.models.rounds import Mode, Round, RoundState


class Run(models.Model):
    """One computation of a round: the mode, what is proven of it, and its figures. `figures` is empty until done."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="runs")
    number = models.PositiveIntegerField(_("run"))
    mode = models.CharField(_("mode"), max_length=8, choices=Mode.choices)
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    computed_at = models.DateTimeField(null=True, editable=False)
    standing = models.CharField(max_length=20, blank=True, editable=False)
    digest = models.CharField(max_length=80, blank=True, editable=False)
    figures = models.JSONField(default=dict, editable=False)
    # What could not be met, with what would have to give way; empty where the round is possible.
    refusal = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["round", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="positions_run_numbered_once"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="positions_run_mode_known"),
        ]

    def __str__(self) -> str:
        return f"{self.round} · {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("positions:run", args=[self.round.uid, self.number])

    @property
    def is_possible(self) -> bool:
        """Whether it ended with a matching."""
        return self.computed_at is not None and not self.refusal


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Reads of assignments."""

    def published(self) -> Self:
        """Those that were published."""
        return self.filter(round__state=RoundState.PUBLISHED, run=F("round__published_run"))

    def visible_to(self, user: Any) -> Self:
        """All for the office; published ones for the student, the firm's HR and the university's teachers."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        open_ = Q(person=user)
        open_ |= Q(position__organisation__in=standing.organisations(user, RoleKind.ENTERPRISE_HR))
        if taught := standing.organisations(user, RoleKind.TEACHER):
            open_ |= Q(cohort__organisation__in=taught)
        return self.published().filter(open_)


class Assignment(models.Model):
    """Where a run puts a student (no position: nowhere), which wish that is, and why no better one."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="assignments")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="assignments")
    # Empty once the student has been erased.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="assignments"
    )
    cohort = models.ForeignKey("community.Cohort", on_delete=models.PROTECT, related_name="+")
    position = models.ForeignKey(Position, null=True, on_delete=models.PROTECT, related_name="assignments")
    rank = models.PositiveSmallIntegerField(_("rank"), null=True)
    fit = models.FloatField(_("skill fit"), null=True)
    is_fixed = models.BooleanField(_("fixed by the office"), default=False)
    why = models.JSONField(default=list)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["run", "pk"]
        indexes = [models.Index(fields=["person", "run"], name="positions_assignment_of_person")]
        constraints = [
            models.UniqueConstraint(fields=["run", "person"], name="positions_assigned_once_a_run"),
            models.CheckConstraint(
                condition=Q(position__isnull=False) | Q(rank__isnull=True), name="positions_rank_of_a_position"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.position}"

    def get_absolute_url(self) -> str:
        return reverse("positions:assignment", args=[self.uid])


class AppealState(models.TextChoices):
    """Where an appeal stands."""

    OPEN = "open", _("Waiting for an answer")
    UPHELD = "upheld", _("Upheld")
    DISMISSED = "dismissed", _("Dismissed")


class AppealQuerySet(models.QuerySet["Appeal"]):
    """Reads of appeals."""

    def visible_to(self, user: Any) -> Self:
        """One's own, and all for the office."""
        if not standing.is_signed_in(user):
            return self.none()
        return self if standing.holds(user, RoleKind.OFFICE) else self.filter(assignment__person=user)


class Appeal(models.Model):
    """A student's word against the own assignment, and the office's answer."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="appeal")
    text = models.TextField(_("what is wrong and what you ask for"), max_length=2000)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=AppealState.choices, default=AppealState.OPEN)
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    answered_at = models.DateTimeField(null=True, editable=False)

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=AppealState.values), name="positions_appeal_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", answered_at__isnull=True)
                | (~Q(state="open") & Q(answered_at__isnull=False) & ~Q(answer="")),
                name="positions_appeal_answered_in_words",
            ),
        ]

    def __str__(self) -> str:
        return str(self.assignment)
