"""The first line of every service: may this person do it, to this thing?"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person


def demand(actor: Person, permission: str, thing: Any = None) -> None:
    """Raise PermissionDenied unless `actor` holds `permission` (on `thing`)."""
    if not (actor.has_perm(permission) if thing is None else actor.has_perm(permission, thing)):
        raise PermissionDenied(_("Your role in the community does not allow this. Ask the community office."))
