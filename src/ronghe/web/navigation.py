"""The navigation of each role: which pages stand in the menu of the person who looks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class Entry:
    """One line of the menu, with an icon of the sprite: shown to whoever holds `permission` (empty: all signed in).

    `also` names the first pages of what belongs to the entry and has an address of its own.
    """

    label: StrPromise
    url_name: str
    icon: str
    permission: str = ""
    also: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses under which all pages of the entry lie; the first is its own."""
        return tuple(reverse(name) for name in (self.url_name, *self.also))


ENTRIES = (
    Entry(_("Overview"), "home", "home"),
    Entry(_("Demand"), "demand:overview", "demand"),
    Entry(_("Postings"), "demand:posting_list", "posting", "demand.view_posting"),
    Entry(_("Requirements"), "demand:requirement_list", "requirement", "demand.view_requirement"),
    Entry(
        _("White papers"),
        "demand:round_list",
        "file",
        "demand.view_round",
        ("demand:panel_list", "demand:forecast_list"),
    ),
    Entry(_("Curriculum"), "curriculum:overview", "curriculum", "curriculum.view_programme"),
    Entry(_("Certificates"), "credentials:overview", "credentials"),
    Entry(_("Achievements"), "credentials:achievement_list", "check", "credentials.view_achievement"),
    Entry(_("Credit bank"), "credits:overview", "credentials"),
    Entry(_("Chains"), "community:chain_list", "chain"),
    Entry(_("Agreements"), "agreements:list", "file", "agreements.view_agreement"),
    Entry(_("Organisations"), "community:organisation_list", "organisation"),
    Entry(_("Cohorts"), "community:cohort_list", "calendar"),
    Entry(_("People"), "community:person_list", "people", "community.view_people"),
    Entry(_("Obligations"), "policies:obligations", "evaluation", "policies.view_obligations"),
    Entry(_("Incentives"), "policies:incentives", "key", "policies.view_incentives"),
    Entry(_("Pay by level"), "policies:pay_tables", "people", "policies.view_pay_table", ("policies:payslips",)),
    Entry(_("Metrics"), "metrics:registry", "metrics"),
    Entry(_("Tasks"), "jobs:list", "jobs"),
    Entry(_("Ledger"), "ledger:overview", "ledger", "ledger.view_event"),
)


@dataclass(frozen=True)
class Link:
    """A menu line as a template shows it."""

    label: StrPromise
    url: str
    icon: str
    current: bool


def links_for(request: HttpRequest) -> Iterator[Link]:
    """Yield the menu of the person who asks; the longest address that fits the page is the current one."""
    shown = [
        (entry, entry.addresses) for entry in ENTRIES if not entry.permission or request.user.has_perm(entry.permission)
    ]
    current, length = None, 0
    for entry, addresses in shown:
        for url in addresses:
            if request.path.startswith(url) and len(url) > length and (url != "/" or request.path == "/"):
                current, length = entry, len(url)
    for entry, addresses in shown:
        yield Link(entry.label, addresses[0], entry.icon, entry is current)


def context(request: HttpRequest) -> dict[str, Any]:
    """Template context: `navigation` for signed-in people, empty for everyone else."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": []}
    return {"navigation": list(links_for(request))}
