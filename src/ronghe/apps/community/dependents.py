"""What hangs on a membership of a chain: higher apps say so here, and how it is settled when the member leaves.

    hangs("agreements", label=_("Agreements"), find=find_agreements, settle=settle_agreements)

Community itself knows only that something hangs there. Without a named choice for each nobody leaves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import ChainMembership, Organisation


class Settlement(StrEnum):
    """What becomes of what hangs on a membership that ends."""

    KEEP = "keep"
    TRANSFER = "transfer"
    END = "end"

    @property
    def label(self) -> StrPromise:
        """The choice on a page."""
        return _LABELS[self]


_LABELS = {
    Settlement.KEEP: _("Keep until its own end"),
    Settlement.TRANSFER: _("Transfer to the successor"),
    Settlement.END: _("End on the same day"),
}


@dataclass(frozen=True, slots=True)
class Hanging:
    """One thing that hangs on a membership: what it is, its page, and until when it runs if that is known."""

    label: str
    url: str = ""
    until: date | None = None


class Settle(Protocol):
    """Settles all that hangs on `membership`; runs in the transaction that ends it. `successor` with TRANSFER only."""

    def __call__(
        self,
        *,
        actor: Person,
        membership: ChainMembership,
        on: date,
        choice: Settlement,
        successor: Organisation | None,
    ) -> None: ...


Find = Callable[[ChainMembership, date], Sequence[Hanging]]


@dataclass(frozen=True, slots=True)
class Dependent:
    """A kind of thing that hangs on memberships."""

    name: str
    label: StrPromise
    find: Find
    settle: Settle
    choices: tuple[Settlement, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What of one kind hangs on one membership on a day."""

    dependent: Dependent
    items: tuple[Hanging, ...]


_dependents: dict[str, Dependent] = {}


def hangs(
    name: str,
    *,
    label: StrPromise,
    find: Find,
    settle: Settle,
    choices: Sequence[Settlement] = tuple(Settlement),
) -> None:
    """Register a kind of thing; `find(membership, day)` gives what would outlive a membership that ends on `day`.

    Call it in your app's AppConfig.ready. A second registration of a name is refused.
    """
    if name in _dependents:
        raise ValueError(f"what hangs on a membership is registered twice as {name!r}")
    _dependents[name] = Dependent(name, label, find, settle, tuple(choices))


def hanging(membership: ChainMembership, day: date) -> list[Found]:
    """All that hangs on `membership` and would outlive `day`, by kind; kinds with nothing are left out."""
    found = [Found(dependent, tuple(dependent.find(membership, day))) for dependent in _dependents.values()]
    return [one for one in found if one.items]


def forget(name: str) -> None:
    """Take a kind out again; for tests that register one."""
    _dependents.pop(name, None)
