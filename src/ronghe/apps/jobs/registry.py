"""Which kinds of background work there are: each app registers its own in its `tasks.py`.

@job("demand.postings.import", label=_("Import of postings"))
def import_postings(progress: Progress, *, upload: str) -> JobResult: ...
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django_stubs_ext import StrPromise


class JobCancelled(Exception):
    """Raised inside a job's function when its owner asked to stop; what was not committed is rolled back."""


class Progress(Protocol):
    """What a job's function is given to say how far it is."""

    owner_id: int

    def report(self, done: int, total: int | None = None, message: str = "") -> None:
        """Show progress; raises JobCancelled when the owner asked to stop."""


@dataclass(frozen=True, slots=True)
class JobResult:
    """What came of a job: a sentence for its page, an address to go on to, figures to show."""

    message: str
    url: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobKind:
    """A registered kind of work."""

    name: str
    label: StrPromise
    run: Callable[..., JobResult]


_kinds: dict[str, JobKind] = {}


def job(name: str, *, label: StrPromise) -> Callable[[Callable[..., JobResult]], Callable[..., JobResult]]:
    """Register the decorated function as the work of kind `name`."""

    def register(run: Callable[..., JobResult]) -> Callable[..., JobResult]:
        if name in _kinds:
            raise ValueError(f"background work {name!r} is registered twice")
        _kinds[name] = JobKind(name, label, run)
        return run

    return register


def kind(name: str) -> JobKind:
    """The kind `name`; KeyError when no app registered it."""
    return _kinds[name]


def label_of(name: str) -> str:
    """What the work `name` is called on a page; its bare name when an upgrade has removed it."""
    found = _kinds.get(name)
    return str(found.label) if found else name
