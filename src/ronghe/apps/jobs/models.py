"""Background work as a person sees it: what it does, how far it is, what came of it."""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# A running job reports at least this often; one that is silent for longer has lost its worker.
SILENCE_THAT_MEANS_LOST = timedelta(minutes=10)
WAIT_WORTH_A_WORD = timedelta(seconds=30)


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
    def is_lost(self) -> bool:
        """Whether it claims to run but has not been heard of for so long that its worker must have died."""
        heard_at = self.heard_at or self.started_at or self.created_at
        return self.state == JobState.RUNNING and timezone.now() - heard_at > SILENCE_THAT_MEANS_LOST

    @property
    def waits_long(self) -> bool:
        """Whether no worker has taken it up for a while: perhaps none is running."""
        return self.state == JobState.WAITING and timezone.now() - self.created_at > WAIT_WORTH_A_WORD

    @property
    def is_finished(self) -> bool:
        return self.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


class UploadQuerySet(models.QuerySet["Upload"]):
    """Reads of uploads."""

    def visible_to(self, user: Any) -> "UploadQuerySet":
        """One's own and nobody else's: a file of records may hold personal data."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def expired(self) -> "UploadQuerySet":
        """Uploads that have been kept long enough."""
        return self.filter(expires_at__lte=timezone.now()).select_related("write_job")


class Upload(models.Model):
    """A file of records between its upload and its import; the bytes lie in the data folder under `uid`."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    import_name = models.CharField(_("import"), max_length=80)
    subject = models.CharField(max_length=80, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    filename = models.CharField(_("file"), max_length=200)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    report = models.JSONField(null=True)
    check_job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="checked_uploads")
    write_job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="written_uploads")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, editable=False)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        indexes = [models.Index(fields=["expires_at"])]

    def __str__(self) -> str:
        return f"{self.import_name} · {self.filename}"

    def get_absolute_url(self) -> str:
        return reverse("jobs:import_report", args=[self.uid])

    @property
    def is_checked(self) -> bool:
        """Whether the dry run could read the file."""
        return bool(self.report) and "refused" not in (self.report or {})

    @property
    def is_being_written(self) -> bool:
        """Whether the import runs or has succeeded; one that failed or was cancelled may be tried again."""
        return self.write_job is not None and self.write_job.state in {
            JobState.WAITING,
            JobState.RUNNING,
            JobState.DONE,
        }

    @property
    def rows_total(self) -> int:
        return int((self.report or {}).get("rows_total", 0))

    @property
    def rows_valid(self) -> int:
        return int((self.report or {}).get("rows_valid", 0))

    @property
    def rows_bad(self) -> int:
        return self.rows_total - self.rows_valid
