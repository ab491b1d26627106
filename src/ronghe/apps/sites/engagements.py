"""What binds a person's time: apps register in their `busy.py` where it stands, and sites ask all of them at once.

Study and work are the two kinds: where one person has both at a time, that is the conflict the credit bank is to ease.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.urls import reverse
from django_stubs_ext import StrPromise

if TYPE_CHECKING:
    from ronghe.apps.sites.models import Overlap

LONGEST_NAME = 40


class BusyKind(StrEnum):
    """What somebody is bound by."""

    STUDY = "study"
    WORK = "work"


@dataclass(frozen=True, slots=True)
class Busy:
    """A span in which a person is bound. `reference` names it within its `source`; `campus` is a primary key.

    `house` is the organisation (primary key) in whose house it is spent: to use a machine of that house then is part
    of it, and no second engagement.
    """

    start: datetime
    end: datetime
    kind: BusyKind
    label: str
    source: str
    reference: str = ""
    campus: int | None = None
    house: int | None = None


@dataclass(frozen=True, slots=True)
class Remedy:
    """What somebody can do about an overlap besides moving a booking: what it is called, and its page."""

    label: StrPromise
    view: str
    arguments: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """The address of the page."""
        return reverse(self.view, args=self.arguments)


# Given people (primary keys) and two moments: each person's spans of which a part lies between them.
Find = Callable[[Sequence[int], datetime, datetime], Iterable[tuple[int, Busy]]]


@dataclass(frozen=True, slots=True)
class Provider:
    """An app's source of spans."""

    name: str
    kind: BusyKind
    label: StrPromise
    find: Find
    remedy: "Callable[[Overlap], Remedy] | None" = None


_registered: dict[str, Provider] = {}


def register_busy(
    name: str,
    *,
    kind: BusyKind,
    label: StrPromise,
    find: Find,
    remedy: "Callable[[Overlap], Remedy] | None" = None,
) -> None:
    """Register a source of spans under `name` (at most 40 characters); called from an app's `busy.py`.

    `remedy` says what can be done about an overlap of such a span with a class.

    Whoever changes such spans calls `sites.services.note_overlaps` in the same transaction.
    """
    if name in _registered:
        raise ValueError(f"busy times of {name!r} are registered twice")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"{name!r} is longer than {LONGEST_NAME} characters")
    _registered[name] = Provider(name, kind, label, find, remedy)


def providers(kind: BusyKind | None = None) -> list[Provider]:
    """All sources, or those of one kind, by name."""
    return [_registered[name] for name in sorted(_registered) if kind in (None, _registered[name].kind)]


def remedy_of(overlap: "Overlap") -> Remedy | None:
    """What the app of that work offers against an overlap, if anything."""
    provider = _registered.get(overlap.source)
    return provider.remedy(overlap) if provider is not None and provider.remedy is not None else None
