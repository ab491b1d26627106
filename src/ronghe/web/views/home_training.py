"""The parts of the first screens that come from training: what waits, the own placement, the station of the loop."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from ronghe.apps.accounts.models import Person
from ronghe.apps.credits import selectors as credits
from ronghe.apps.rotations import selectors as rotations
from ronghe.apps.training import selectors as training
from ronghe.apps.training.models import BEGUN, Placement

_SHOWN = 12
_AHEAD = 4


def items(me: Person) -> list[dict[str, Any]]:
    """Weeks to hand in or to confirm, starts, ratings and incidents; what is late first."""
    return [
        {
            "title": one.title,
            "text": one.text,
            "due": one.due.isoformat() if one.due else one.action_label,
            "state": one.state if one.state in ("bad", "warn") else "progress",
            "url": one.url,
        }
        for one in training.waiting_for(me)[:_SHOWN]
    ]


def credit_items(me: Person) -> list[dict[str, Any]]:
    """Corrections asked for in the credit bank, for the office."""
    return [
        {"title": one.title, "text": one.text, "due": one.action_label, "state": one.state, "url": one.url}
        for one in credits.waiting_for(me)
    ]


def has_to_confirm(me: Person) -> bool:
    """Whether weekly work waits for this mentor."""
    return training.to_confirm(me).exists()


def own(me: Person) -> dict[str, Any]:
    """A student's day: what is due, the placement, the rotations ahead, the credits still needed."""
    placements = list(training.current_placements([me])[:2])
    return {"placements": training.rows(placements), "ahead": ahead(me), "needed": credits.still_needed(me)}


def ahead(me: Person) -> list[dict[str, Any]]:
    """The next sessions of published rotations, as trainee or as the mentor who leads them."""
    return [
        {
            "title": one.machine.name,
            "text": one.machine.site.name,
            "due": timezone.localtime(one.starts_at).strftime("%Y-%m-%d %H:%M"),
            "state": "none",
            "url": one.week.plan.get_absolute_url(),
        }
        for one in rotations.coming(me)[:_AHEAD]
    ]


def broken_plans() -> list[dict[str, Any]]:
    """Published rotation plans that need a repair, for the office."""
    return [
        {
            "title": _("Rotation plan to repair: %(name)s") % {"name": plan.name},
            "text": _("Sessions have lost their machine."),
            "due": plan.first_day.isoformat(),
            "state": "bad",
            "url": plan.get_absolute_url(),
        }
        for plan in rotations.plans_to_repair()[:_SHOWN]
    ]


def station() -> dict[str, Any] | None:
    """How many students are in a placement today, and how many weeks wait for confirmation; None while nobody is."""
    number = Placement.objects.filter(state__in=BEGUN).count()
    if not number:
        return None
    unconfirmed = training.unconfirmed(timezone.localdate())
    return {
        "label": _("Training"),
        "value": number,
        "decimals": 0,
        "unit": pgettext("unit", "placements"),
        "note": ngettext("%(count)s week waits for confirmation", "%(count)s weeks wait for confirmation", unconfirmed)
        % {"count": f"{unconfirmed:,}"},
        "href": reverse("training:overview"),
    }
