"""What the pages of certificates have in common: the refusals of its services that they tell, and its 404."""

from collections.abc import Iterable
from functools import partial
from typing import TypeVar

from django.http import Http404
from django.utils.translation import gettext as _

from ronghe.apps.accounts import pages
from ronghe.apps.credentials.services import Frozen, IssueRefused
from ronghe.apps.credentials.signing import KeyUnavailable

T = TypeVar("T")
_REFUSALS = (Frozen, KeyUnavailable, IssueRefused)


def _told(refused: Exception) -> Iterable[str]:
    if isinstance(refused, IssueRefused):
        return [str(reason.text) for reason in refused.reasons]
    return [str(refused)]


form_page = partial(pages.form_page, refusals=_REFUSALS, told=_told)
deed = partial(pages.deed, refusals=_REFUSALS, told=_told)


def found_or_404(thing: T | None) -> T:
    """The thing, or the page that says that it is not there or not open."""
    if thing is None:
        raise Http404(_("There is no such certificate or page about certificates, or it is not open to you."))
    return thing
