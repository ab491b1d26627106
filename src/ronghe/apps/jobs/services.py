"""Start, cancel and carry out background work. What the work does belongs to the app that registered it."""

import logging
import time
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ronghe.apps.jobs import registry
from ronghe.apps.jobs.models import SILENCE_THAT_MEANS_LOST, Job, JobState

logger = logging.getLogger(__name__)

# Progress is written at most this often, so that counting a million rows does not write a million times.
SECONDS_BETWEEN_REPORTS = 0.5


def start(*, actor: Any, kind: str, **arguments: Any) -> Job:
    """Queue work of `kind` for `actor`; it begins once the surrounding transaction has been committed."""
    from ronghe.apps.jobs.tasks import run_job

    registry.kind(kind)
    with transaction.atomic():
        job = Job.objects.create(kind=kind, owner=actor, arguments=arguments)
        transaction.on_commit(lambda: run_job.enqueue(str(job.uid)))
    return job


def cancel(*, actor: Any, job: Job) -> Job:
    """Ask `job` to stop. One that has not begun ends at once; a running one ends at its next report."""
    if not Job.objects.visible_to(actor).filter(pk=job.pk).exists():
        raise PermissionDenied(_("Only the person who started a task may cancel it."))
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job.pk)
        if job.is_finished:
            return job
        job.cancel_requested = True
        if job.state == JobState.WAITING:
            job.state, job.finished_at = JobState.CANCELLED, timezone.now()
        job.save(update_fields=["cancel_requested", "state", "finished_at"])
    return job


class JobProgress:
    """Writes a running job's progress and hears its owner's wish to stop.

    Inside a transaction it only listens: a report written there would be seen by nobody until the end, and its lock
    would keep the owner's wish to stop waiting.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._last_report = 0.0
        self.owner_id = job.owner_id

    def report(self, done: int, total: int | None = None, message: str = "") -> None:
        now = time.monotonic()
        if now - self._last_report < SECONDS_BETWEEN_REPORTS and done != total:
            return
        self._last_report = now
        if not connection.in_atomic_block:
            done = done if total is None else min(done, total)
            fields: dict[str, Any] = {"done": done, "total": total, "heard_at": timezone.now()}
            if message:
                fields["message"] = message[:300]
            Job.objects.filter(pk=self._job.pk).update(**fields)
        if Job.objects.filter(pk=self._job.pk, cancel_requested=True).exists():
            raise registry.JobCancelled


def carry_out(uid: str) -> None:
    """Run the job `uid` to its end and keep what came of it. Called by the worker; never by a page."""
    claimed = Job.objects.filter(uid=uid, state=JobState.WAITING).update(
        state=JobState.RUNNING, started_at=timezone.now(), heard_at=timezone.now()
    )
    if not claimed:
        return
    job = Job.objects.select_related("owner").get(uid=uid)
    # What a job says, it says to its owner.
    with translation.override(getattr(job.owner, "language", settings.LANGUAGE_CODE)):
        ended = _run(job)
    Job.objects.filter(pk=job.pk).update(**ended, finished_at=timezone.now())


def _run(job: Job) -> dict[str, Any]:
    try:
        result = registry.kind(job.kind).run(JobProgress(job), **job.arguments)
    except registry.JobCancelled:
        return {"state": JobState.CANCELLED}
    except Exception as error:
        # The page of the job must tell its owner, whatever went wrong; the log keeps the traceback.
        logger.exception("background work failed", extra={"job": str(job.uid), "kind": job.kind})
        return {"state": JobState.FAILED, "error": str(error) or type(error).__name__}
    return {
        "state": JobState.DONE,
        "message": str(result.message)[:300],
        "result": {"url": result.url, "figures": dict(result.figures)},
    }


def fail_lost() -> int:
    """End the running jobs whose worker has died, so that no page waits for ever; return how many there were."""
    now = timezone.now()
    return Job.objects.filter(state=JobState.RUNNING, heard_at__lt=now - SILENCE_THAT_MEANS_LOST).update(
        state=JobState.FAILED, error=_("The worker stopped. Start the task again."), finished_at=now
    )
