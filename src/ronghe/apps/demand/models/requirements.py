"""Needs that an enterprise raises, and what the office answers."""

import uuid
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.demand.models.skills import Skill
from ronghe.apps.ledger.revision import RevisedRecord


class RequirementState(models.TextChoices):
    """Where a requirement stands: raised, answered by the office, closed by what was released, or withdrawn."""

    OPEN = "open", _("Waiting for an answer")
    ANSWERED = "answered", _("Answered")
    RELEASED = "released", _("Taught")
    WITHDRAWN = "withdrawn", _("Withdrawn")


NEVER = date(9999, 12, 31)
CLOSED_STATES = (RequirementState.RELEASED, RequirementState.WITHDRAWN)


class RequirementQuerySet(models.QuerySet["Requirement"]):
    """Reads of requirements."""

    def visible_to(self, user: Any) -> Self:
        """All for office, reviewers and teachers; one's own firm's for enterprise HR; none for anyone else."""
        if not standing.is_signed_in(user):
            return self.none()
        if user.has_perm("demand.view_all_requirements"):
            return self
        return self.filter(organisation__in=standing.organisations(user, "enterprise_hr"))

    def standing_on(self, day: date) -> Self:
        """Requirements raised by `day` and not closed then."""
        return self.filter(raised_on__lte=day).filter(Q(closed_on__isnull=True) | Q(closed_on__gt=day))

    def waiting_on(self, day: date) -> Self:
        """Requirements raised by `day` and neither answered nor closed then."""
        return self.filter(raised_on__lte=day, waits_until__gt=day)


class Requirement(RevisedRecord):
    """A need raised by an enterprise: a skill at a level, for how many heads, by when, and how much it hurts."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("community.Organisation", on_delete=models.PROTECT, related_name="requirements")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="requirements")
    skill_level = models.PositiveSmallIntegerField(
        _("skill level"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    head_count = models.PositiveIntegerField(_("head count"), validators=[MinValueValidator(1)])
    needed_by = models.DateField(_("needed by"))
    severity = models.PositiveSmallIntegerField(_("severity"), validators=[MinValueValidator(1), MaxValueValidator(5)])
    reason = models.TextField(_("what it is needed for"), max_length=2000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=RequirementState.choices, default=RequirementState.OPEN)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="requirements_raised"
    )
    raised_on = models.DateField(_("raised on"))
    answered_on = models.DateField(_("answered on"), null=True, blank=True, editable=False)
    closed_on = models.DateField(_("closed on"), null=True, blank=True, editable=False)
    # The day on which it no longer waited; a day that never comes while it waits.
    waits_until = models.GeneratedField(
        expression=Coalesce("answered_on", "closed_on", Value(NEVER)), output_field=models.DateField(), db_persist=True
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = RequirementQuerySet.as_manager()

    class Meta:
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        ordering = ["needed_by", "-severity", "pk"]
        indexes = [models.Index(fields=["state", "needed_by"]), models.Index(fields=["skill", "raised_on"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(skill_level__isnull=True) | Q(skill_level__range=(1, 5)),
                name="demand_requirement_level_in_scale",
            ),
            models.CheckConstraint(condition=Q(severity__range=(1, 5)), name="demand_requirement_severity_in_scale"),
            models.CheckConstraint(condition=Q(head_count__gte=1), name="demand_requirement_head_count_positive"),
            models.CheckConstraint(
                condition=Q(state__in=RequirementState.values), name="demand_requirement_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=CLOSED_STATES, closed_on__isnull=False)
                | (~Q(state__in=CLOSED_STATES) & Q(closed_on__isnull=True)),
                name="demand_requirement_closed_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("raised_on")),
                name="demand_requirement_closed_after_raised",
            ),
            models.CheckConstraint(
                condition=~Q(state="answered") | Q(answered_on__isnull=False),
                name="demand_requirement_answered_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.skill}"

    def get_absolute_url(self) -> str:
        return reverse("demand:requirement", args=[self.uid])

    @property
    def is_closed(self) -> bool:
        """Whether it was withdrawn, or what it asked for is taught."""
        return self.state in CLOSED_STATES

    def days_waited(self, on: date) -> int:
        """Days from raised to answered or closed, or its age on `on` while it waits for an answer."""
        until: date = self.answered_on or self.closed_on or on
        return (min(until, on) - self.raised_on).days


class AnswerKind(models.TextChoices):
    """What the office answers."""

    PLANNED = "planned", _("Will be taught")
    QUESTION = "question", _("Needs more information")
    DECLINED = "declined", _("Will not be taught")


class RequirementAnswer(models.Model):
    """One answer of the office to a requirement; answers are added, never edited."""

    requirement = models.ForeignKey(Requirement, on_delete=models.CASCADE, related_name="answers")
    kind = models.CharField(_("answer"), max_length=10, choices=AnswerKind.choices)
    text = models.TextField(_("explanation"), max_length=2000)
    planned_for = models.DateField(_("planned for"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="requirement_answers"
    )
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("answer to a requirement")
        verbose_name_plural = _("answers to requirements")
        ordering = ["answered_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AnswerKind.values), name="demand_answer_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind="planned") | Q(planned_for__isnull=False), name="demand_answer_planned_has_a_date"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.requirement}: {self.get_kind_display()}"
