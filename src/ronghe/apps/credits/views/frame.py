"""What the pages of the credit bank have in common: its 404."""

from typing import TypeVar

from django.http import Http404
from django.utils.translation import gettext as _

T = TypeVar("T")


def found_or_404(thing: T | None) -> T:
    """The thing, or the page that says that it is not there or not open."""
    if thing is None:
        raise Http404(_("There is no such page of the credit bank, or it is not open to you."))
    return thing
