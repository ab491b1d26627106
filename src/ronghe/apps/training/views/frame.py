"""What the pages of training have in common: finding what was asked for, and refusing before a form is shown."""

from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from ronghe.apps.training import selectors
from ronghe.apps.training.models import Entry, Placement

T = TypeVar("T")


def found_or_404(thing: T | None) -> T:
    """The thing, or the page that says that it is not there or not open."""
    if thing is None:
        raise Http404(_("There is no such page of training, or it is not open to you."))
    return thing


def placement_of(request: HttpRequest, uid: UUID) -> Placement:
    """The placement, or 404 for whoever may not see it."""
    return found_or_404(selectors.find(request.user, uid))


def entry_of(request: HttpRequest, uid: UUID) -> Entry:
    """The evidence, or 404 for whoever may not see it."""
    return found_or_404(selectors.find_entry(request.user, uid))


def allow(request: HttpRequest, permission: str, thing: Any = None) -> None:
    """Refuse before a form is shown what the service would refuse after it was filled in."""
    if not (request.user.has_perm(permission, thing) if thing is not None else request.user.has_perm(permission)):
        raise PermissionDenied(_("Your role in the community does not allow this. Ask the community office."))
