"""What the pages of the curriculum have in common: the refusals of its services that they tell, and its 404."""

from functools import partial
from typing import TypeVar

from django.http import Http404
from django.utils.translation import gettext as _

from ronghe.apps.accounts import pages
from ronghe.apps.curriculum.services import NotADraft, NotUnderReview

T = TypeVar("T")
_REFUSALS = (NotADraft, NotUnderReview)
form_page = partial(pages.form_page, refusals=_REFUSALS)
deed = partial(pages.deed, refusals=_REFUSALS)


def found_or_404(thing: T | None) -> T:
    """The thing, or the page that says that it is not there or not open."""
    if thing is None:
        raise Http404(_("There is no such page of the curriculum, or it is not open to you."))
    return thing
