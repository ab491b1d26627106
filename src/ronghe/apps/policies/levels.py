"""The eight levels of workers: ordinal and name both, as older lists count the other way round; and who holds which.

Certificates are a higher station's: it registers here who can say which level somebody holds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class WorkerLevel:
    """One of the eight: its ordinal from below, its name, and its number in the older five-grade list, if any."""

    ordinal: int
    name: StrPromise
    older_grade: int | None


# 人社部发〔2022〕14号 names the eight; the older grades 5 to 1 count downwards (the fourth level was "level three").
LEVELS: tuple[WorkerLevel, ...] = (
    WorkerLevel(1, pgettext_lazy("worker level", "apprentice"), None),
    WorkerLevel(2, pgettext_lazy("worker level", "junior worker"), 5),
    WorkerLevel(3, pgettext_lazy("worker level", "intermediate worker"), 4),
    WorkerLevel(4, pgettext_lazy("worker level", "senior worker"), 3),
    WorkerLevel(5, pgettext_lazy("worker level", "technician"), 2),
    WorkerLevel(6, pgettext_lazy("worker level", "senior technician"), 1),
    WorkerLevel(7, pgettext_lazy("worker level", "special technician"), None),
    WorkerLevel(8, pgettext_lazy("worker level", "chief technician"), None),
)
CHOICES = [(level.ordinal, level.name) for level in LEVELS]


def label(ordinal: int) -> StrPromise:
    """The name of a level."""
    return LEVELS[ordinal - 1].name


@dataclass(frozen=True, slots=True)
class HeldLevel:
    """A certified level: since when it is held, until when (the first day no longer), and which paper says so."""

    ordinal: int
    held_from: date
    held_until: date | None
    evidence: str
    url: str = ""


# Answers for people (primary keys) with the levels they hold by valid certificates, in a handful of queries.
Source = Callable[[Sequence[int]], Mapping[int, Sequence[HeldLevel]]]

_sources: dict[str, Source] = {}


def register_source(name: str, source: Source) -> None:
    """Register who can say which levels people hold; called by the app that issues certificates."""
    if name in _sources:
        raise ValueError(f"levels of {name!r} are registered twice")
    _sources[name] = source


def has_source() -> bool:
    """Whether any station can say which levels people hold."""
    return bool(_sources)


def held_by(people: Sequence[int]) -> dict[int, list[HeldLevel]]:
    """The levels of `people` by valid certificates, the highest first."""
    held: dict[int, list[HeldLevel]] = {person: [] for person in people}
    for source in _sources.values():
        for person, levels in source(people).items():
            held[person].extend(levels)
    for levels in held.values():
        levels.sort(key=lambda level: -level.ordinal)
    return held
