"""What the pages of the mentors app have in common: their 404, the sections at the head, how what waits is listed."""

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from ronghe.apps.accounts.inbox import Waiting
from ronghe.apps.accounts.models import Person

T = TypeVar("T")


def found_or_404(thing: T | None) -> T:
    """The thing, or the page that says that it is not there or not open."""
    if thing is None:
        raise Http404(_("There is no such page about mentors, or it is not open to you."))
    return thing


def sections(user: Person) -> list[dict[str, Any]]:
    """The parts of the app that this person may open."""
    sees_mentors = user.has_perm("mentors.view_mentors")
    entries = (
        (_("Mentors"), "overview", sees_mentors),
        (_("Class hours"), "hour_list", sees_mentors),
        (_("Class-hour fees"), "fees", user.has_perm("mentors.view_fees")),
        (_("Dual-teacher training"), "teachers", user.has_perm("mentors.view_teachers")),
        (_("Rules"), "rules", sees_mentors),
    )
    return [{"label": label, "url": reverse(f"mentors:{name}")} for label, name, is_open in entries if is_open]


def inbox(waiting: Iterable[Waiting]) -> list[dict[str, Any]]:
    """What waits as lines of an inbox, what is late and what is due soonest first; without a day it says what to do."""
    return [
        {
            "title": one.title,
            "text": one.text,
            "due": one.due.isoformat() if one.due else one.action_label,
            "state": one.state,
            "url": one.url,
        }
        for one in sorted(waiting, key=lambda one: (one.state != "bad", one.due or date.max))
    ]
