"""Where achievements come from: stations register what they confirmed, and the bank collects it by name.

Each app that confirms something has an `achievement_sources.py`; the stations below this floor are registered by
`credits` itself.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a second party has confirmed elsewhere. People and organisations are primary keys."""

    key: str
    source: str
    person: int
    quantity: Decimal
    first_day: date
    last_day: date
    name_zh: str
    name_en: str = ""
    host: int | None = None
    confirmed_by: int | None = None
    covers: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Behind:
    """One record that an achievement is made of; `url` is empty for whoever may not open it."""

    title: str
    text: str
    url: str = ""


# Given the students asked for (None: all), everything confirmed that the bank may not know yet.
Confirmed = Callable[[Iterable[int] | None], Iterable[Found]]
# Given an achievement whose key begins with the source's name, and who looks: what it is made of.
Opened = Callable[[Any, Any], Iterable[Behind]]


@dataclass(frozen=True, slots=True)
class AchievementSource:
    """A station that confirms achievements."""

    name: str
    label: StrPromise
    confirmed: Confirmed
    behind: Opened | None = None


_registered: dict[str, AchievementSource] = {}


def register(name: str, *, label: StrPromise, confirmed: Confirmed, behind: Opened | None = None) -> None:
    """Register a station's confirmed achievements; called from an app's `achievement_sources.py`."""
    if name in _registered:
        raise ValueError(f"achievements of {name!r} are registered twice")
    _registered[name] = AchievementSource(name, label, confirmed, behind)


def registered() -> list[AchievementSource]:
    """All stations, by name."""
    return [_registered[name] for name in sorted(_registered)]


def records_behind(achievement: Any, viewer: Any) -> list[Behind]:
    """What an achievement that a station confirmed is made of, as the station shows it to `viewer`."""
    source = _registered.get(achievement.key.partition(":")[0])
    return list(source.behind(achievement, viewer)) if source is not None and source.behind is not None else []
