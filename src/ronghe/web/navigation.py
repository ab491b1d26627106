"""The navigation of each role: which pages stand in the menu of the person who looks, under the station they belong to.

What a menu shows depends on few things, so a process draws each one once.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise


@dataclass(frozen=True, eq=False)
class Entry:
    """One line of the menu, with an icon of the sprite: shown to whoever holds `permission` (empty: all signed in).

    `also` names the first pages of what belongs to the entry and has an address of its own.
    """

    label: StrPromise
    url_name: str
    icon: str
    permission: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Section:
    """Lines of the menu that belong to one station; a section with no line to show is not shown."""

    label: StrPromise | str
    entries: tuple[Entry, ...]


SECTIONS = (
    Section("", (Entry(_("Overview"), "home", "home"),)),
    Section(
        _("Demand"),
        (
            Entry(_("Skills in demand"), "demand:overview", "demand"),
            Entry(_("Postings"), "demand:posting_list", "posting", "demand.view_posting"),
            Entry(_("Requirements"), "demand:requirement_list", "requirement", "demand.view_requirement"),
            Entry(
                _("White papers"),
                "demand:round_list",
                "file",
                "demand.view_round",
                ("demand:panel_list", "demand:forecast_list"),
            ),
        ),
    ),
    Section(
        _("Curriculum and training"),
        (
            Entry(_("Curriculum"), "curriculum:overview", "curriculum", "curriculum.view_programme"),
            Entry(_("Positions and matching"), "positions:overview", "training", "positions.view_position"),
            Entry(_("Placements"), "training:overview", "training", "training.list_placements"),
            Entry(_("Mentors"), "mentors:overview", "people", "mentors.view_mentors"),
            Entry(_("Sites and machines"), "sites:overview", "calendar"),
            Entry(_("Rotations"), "rotations:overview", "calendar", "rotations.view_plan"),
            Entry(_("Intellectual-property pool"), "pool:overview", "key", "pool.view_pool"),
        ),
    ),
    Section(
        _("Credits and certificates"),
        (
            Entry(_("Credit bank"), "credits:overview", "credentials"),
            Entry(_("Certificates"), "credentials:overview", "credentials"),
            Entry(_("Achievements"), "credentials:achievement_list", "check", "credentials.view_achievement"),
        ),
    ),
    Section(
        _("Community"),
        (
            Entry(_("Chains"), "community:chain_list", "chain"),
            Entry(_("Agreements"), "agreements:list", "file", "agreements.view_agreement"),
            Entry(_("Organisations"), "community:organisation_list", "organisation"),
            Entry(_("Cohorts"), "community:cohort_list", "calendar"),
            Entry(_("People"), "community:person_list", "people", "community.view_people"),
        ),
    ),
    Section(
        _("Policy"),
        (
            Entry(_("Obligations"), "policies:obligations", "evaluation", "policies.view_obligations"),
            Entry(_("Incentives"), "policies:incentives", "key", "policies.view_incentives"),
            Entry(
                _("Pay by level"), "policies:pay_tables", "people", "policies.view_pay_table", ("policies:payslips",)
            ),
        ),
    ),
    Section(
        _("Metrics and ledger"),
        (
            Entry(_("Metrics"), "metrics:registry", "metrics"),
            Entry(_("Tasks"), "jobs:list", "jobs"),
            Entry(_("Ledger"), "ledger:overview", "ledger", "ledger.view_event"),
        ),
    ),
)
ENTRIES = tuple(entry for section in SECTIONS for entry in section.entries)
_MENUS_KEPT = 1000


@cache
def _addresses(entry: Entry) -> tuple[str, ...]:
    """The addresses under which all pages of the entry lie; the first is its own."""
    return tuple(reverse(name) for name in (entry.url_name, *entry.also))


def shown_to(user: Any) -> tuple[Entry, ...]:
    """The lines that `user` sees."""
    return tuple(entry for entry in ENTRIES if not entry.permission or user.has_perm(entry.permission))


def current_of(entries: tuple[Entry, ...], path: str) -> Entry | None:
    """The line that a page belongs to: the one with the longest address that the page's begins with."""
    current, length = None, 0
    for entry in entries:
        for url in _addresses(entry):
            if path.startswith(url) and len(url) > length and (url != "/" or path == "/"):
                current, length = entry, len(url)
    return current


@lru_cache(_MENUS_KEPT)
def _menu(entries: tuple[Entry, ...], current: Entry | None, language: str | None) -> SafeString:
    shown = set(entries)
    sections = [
        {
            "label": section.label,
            "links": [
                {
                    "label": entry.label,
                    "url": _addresses(entry)[0],
                    "icon": entry.icon,
                    "current": entry is current,
                }
                for entry in section.entries
                if entry in shown
            ],
        }
        for section in SECTIONS
    ]
    return render_to_string("ui/menu.html", {"stations": [section for section in sections if section["links"]]})


def context(request: HttpRequest) -> dict[str, Any]:
    """Template context: `navigation`, the drawn menu of signed-in people, empty for everyone else."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": ""}
    entries = shown_to(user)
    return {"navigation": _menu(entries, current_of(entries, request.path), get_language())}
