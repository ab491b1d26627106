"""What a person may be asked to agree to: each app registers its purposes, with a version and both languages' text."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Purpose:
    """One use of personal data that needs consent. A new `version` asks again; older consent then no longer counts."""

    name: str
    version: int
    label: StrPromise
    text: StrPromise


_purposes: dict[str, Purpose] = {}


def register(purpose: Purpose) -> Purpose:
    """Register a purpose; its name is unique."""
    if purpose.name in _purposes:
        raise ValueError(f"purpose {purpose.name!r} is registered twice")
    _purposes[purpose.name] = purpose
    return purpose


def registered() -> list[Purpose]:
    """Every purpose, by name."""
    return [_purposes[name] for name in sorted(_purposes)]


def find(name: str) -> Purpose:
    """The purpose `name`; KeyError when there is none."""
    return _purposes[name]


STATISTICS = register(
    Purpose(
        "statistics",
        1,
        _("Statistics of the community"),
        _(
            "Your training and outcomes may be counted in figures about groups. A figure about fewer than five people "
            "is never shown."
        ),
    )
)
CONTACT = register(
    Purpose(
        "contact",
        1,
        _("Contact by enterprises"),
        _("Enterprises of your chain may see your name and write to you about positions."),
    )
)
RESEARCH = register(
    Purpose(
        "research",
        1,
        _("Research on education"),
        _("Records without your name may be used to study whether an improvement of the teaching worked."),
    )
)
