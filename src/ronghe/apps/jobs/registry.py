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
    words: Mapping[str, StrPromise] = field(default_factory=dict)


_kinds: dict[str, JobKind] = {}


def job(
    name: str, *, label: StrPromise, words: Mapping[str, StrPromise] | None = None
) -> Callable[[Callable[..., JobResult]], Callable[..., JobResult]]:
    """Register the decorated function as the work of kind `name`.

    `words` says what figures of its result are called on the page; those without a word are for programs alone.
    """

    def register(run: Callable[..., JobResult]) -> Callable[..., JobResult]:
        if name in _kinds:
            raise ValueError(f"background work {name!r} is registered twice")
        _kinds[name] = JobKind(name, label, run, words or {})
        return run

    return register


def kind(name: str) -> JobKind:
    """The kind `name`; KeyError when no app registered it."""
    return _kinds[name]


def label_of(name: str) -> str:
    """What the work `name` is called on a page; its bare name when an upgrade has removed it."""
    found = _kinds.get(name)
    return str(found.label) if found else name


def named_figures(name: str, figures: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The figures of a result under the words that people read."""
    found = _kinds.get(name)
    return [(str(word), figures[key]) for key, word in found.words.items() if key in figures] if found else []
