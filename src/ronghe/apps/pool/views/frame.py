"""What the pages of the pool have in common: what is found or is not there, and refusals before a form is shown."""

from typing import Any, TypeVar
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from ronghe.apps.accounts.pages import person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.pool import selectors
from ronghe.apps.pool.models import Asset

T = TypeVar("T")


def found_or_404(thing: T | None) -> T:
    """The thing, or the page that says that it is not there or not open."""
    if thing is None:
        raise Http404(_("There is no such page of the pool, or it is not open to you."))
    return thing


def asset_for(request: HttpRequest, uid: UUID, permission: str) -> Asset:
    """The asset, for a person who may do this to it: 404 for whoever does not know of it, else 403."""
    asset = found_or_404(selectors.find_asset(request.user, uid))
    demand(person(request), permission, asset)
    return asset


def revision_of(data: dict[str, Any]) -> int:
    """The revision that the person saw."""
    return int(data.pop("revision", 0) or 0)
