"""What the pages of positions have in common: their 404, their tabs, and who stands behind a form."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.models import Agreement
from ronghe.apps.community import selectors as community
from ronghe.apps.community.models import Organisation, RoleKind

T = TypeVar("T")


def found_or_404(thing: T | None) -> T:
    """The thing, or the page that says that it is not there or not open."""
    if thing is None:
        raise Http404(_("There is no such page of positions, or it is not open to you."))
    return thing


def tabs(user: Person, current: str) -> list[dict[str, Any]]:
    """The parts of this station that are open to `user`."""
    parts = [
        (_("Positions"), "positions:overview", True),
        (_("Order classes"), "positions:order_list", True),
        (_("Matching rounds"), "positions:round_list", user.has_perm("positions.view_round")),
        (
            _("Skills of students"),
            "positions:skills",
            user.has_perm("positions.declare_skill") or user.has_perm("positions.confirm_skill"),
        ),
    ]
    return [
        {"label": label, "url": reverse(name), "current": name.endswith(f":{current}")}
        for label, name, is_open in parts
        if is_open
    ]


def own_firms(user: Person) -> list[Organisation]:
    """The enterprises whose HR `user` is."""
    return list(community.organisations_where(user, RoleKind.ENTERPRISE_HR))


def agreements_behind(firms: list[Organisation]) -> list[Agreement]:
    """Agreements that may stand behind a position of these firms: signed or not, the service says which will do."""
    kinds = ["talent_supply", "strategic"]
    return list(Agreement.objects.filter(parties__organisation__in=firms, kind__in=kinds, opened_at__isnull=False))


def revision_of(data: Mapping[str, Any], fallback: int) -> int:
    """The revision a form began from; the present one where a page without a form asks."""
    return data.get("revision") or fallback


def asked_revision(request: HttpRequest, fallback: int) -> int:
    """The revision that a button on a page was made with."""
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else fallback
