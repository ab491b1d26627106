"""Background work as a person sees it: what it does, how far it is, what came of it."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    """A job moves from waiting to running to one of the three ends."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class JobQuerySet(models.QuerySet["Job"]):
    """Reads of jobs."""

    def visible_to(self, user: Any) -> "JobQuerySet":
        """One's own jobs; all of them for whoever may watch the work of others."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("jobs.view_all_jobs"):
            return self
        return self.filter(owner=user)

    def unfinished(self) -> "JobQuerySet":
        """Jobs that wait or run."""
        return self.filter(state__in=[JobState.WAITING, JobState.RUNNING])


class Job(models.Model):
    """One piece of long work, its progress and its result."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs")
    arguments = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=JobState.choices, default=JobState.WAITING)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), null=True)
    message = models.CharField(_("message"), max_length=300, blank=True)
    result = models.JSONField(null=True)
    error = models.TextField(_("error"), blank=True)
    cancel_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    heard_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["owner", "-created_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="jobs_job_state_known"),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(done__lte=models.F("total")),
                name="jobs_job_done_within_total",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=[JobState.WAITING, JobState.RUNNING], finished_at__isnull=True)
                    | Q(
                        state__in=[JobState.DONE, JobState.FAILED, JobState.CANCELLED],
                        finished_at__isnull=False,
                    )
                ),
                name="jobs_job_finished_when_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"

    @property
    def is_finished(self) -> bool:
        return self.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}
