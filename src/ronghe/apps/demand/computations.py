"""Results that take too long for a page: the last one is kept, and a task makes the next while people read it.

What is computed belongs to whoever asks, under a key of theirs; here are only the keeping, the asking and the waiting.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from ronghe.apps.demand.figures import DataState, kept
from ronghe.apps.demand.models import AskedSkill, Computation
from ronghe.apps.jobs import services as jobs
from ronghe.apps.jobs.models import Job


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a computation stands: what is kept, whether it tells of today's data, and the task that makes the next.

    `failed` says that the task for this state of the data ended without a result, and `why`.
    """

    key: str
    computed_at: datetime | None
    is_current: bool
    job: Job | None = None
    failed: bool = False
    why: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether there is a result, of today's data or of earlier."""
        return self.computed_at is not None

    @property
    def is_waiting(self) -> bool:
        """Whether a task makes the next result."""
        return self.job is not None


def rows_counted(state: DataState) -> int:
    """How many skills all counted postings ask for together: what the cost of a computation is estimated by."""
    return kept(state, "rows counted", AskedSkill.objects.count)


def standing(key: str, mark: str) -> Standing:
    """Where the computation `key` stands against the state of the data `mark`: one query, nothing started."""
    row = Computation.objects.filter(key=key).defer("content").select_related("job").first()
    return _standing(key, mark, row)


def _standing(key: str, mark: str, row: Computation | None) -> Standing:
    if row is None:
        return Standing(key, None, False)
    job = row.job
    if row.mark == mark:
        return Standing(key, row.computed_at, True)
    if job is not None and not job.is_finished and not job.is_lost:
        return Standing(key, row.computed_at, False, job)
    if row.asked_mark == mark:
        # A task that has ended without a result for this state is not started again by everyone who looks.
        return Standing(key, row.computed_at, False, failed=True, why=job.error if job is not None else "")
    return Standing(key, row.computed_at, False)


def running(key: str) -> Standing | None:
    """Where the computation `key` stands against the state it was last asked for; None where nobody asked."""
    row = Computation.objects.filter(key=key).defer("content").select_related("job").first()
    return None if row is None else _standing(key, row.asked_mark, row)


def content_of(key: str) -> bytes | None:
    """The kept result."""
    found = Computation.objects.filter(key=key).values_list("content", flat=True).first()
    return None if found is None else bytes(found)


def ask(*, actor: Any, key: str, mark: str, kind: str, again: bool = False, **arguments: Any) -> Standing:
    """Where the computation stands, after starting the task `kind` where the kept result is not of today's data.

    Of many who ask at once one starts it. A task that failed is started again only where `again` says so.
    """
    found = standing(key, mark)
    if found.is_current or found.is_waiting or (found.failed and not again):
        return found
    with transaction.atomic():
        Computation.objects.get_or_create(key=key)
        row = Computation.objects.select_for_update().defer("content").get(key=key)
        found = _standing(key, mark, row)
        if found.is_current or found.is_waiting or (found.failed and not again):
            return found
        row.job, row.asked_mark = jobs.start(actor=actor, kind=kind, **arguments), mark
        row.save(update_fields=["job", "asked_mark"])
    # Where no worker stands by, the task was carried out when the transaction ended.
    return standing(key, mark)


def keep(key: str, mark: str, content: bytes) -> None:
    """Keep a result, in place of the one before."""
    values: Mapping[str, Any] = {"mark": mark, "content": content, "computed_at": timezone.now()}
    Computation.objects.update_or_create(key=key, defaults=values)
