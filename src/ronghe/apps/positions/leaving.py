"""What becomes of a member's positions when it leaves its chain: kept until their own end, or withdrawn that day.

They are never transferred: another firm offers its own. Students who are assigned are the office's to provide for.
"""

from collections.abc import Sequence
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.dependents import Hanging, Settlement, hangs
from ronghe.apps.community.models import ChainMembership, Organisation
from ronghe.apps.positions.models import Position, PositionState
from ronghe.apps.positions.services import withdraw_position


def _standing(membership: ChainMembership) -> QuerySet[Position]:
    found = Position.objects.filter(chain=membership.chain_id, organisation=membership.organisation_id)
    return found.exclude(state__in=[PositionState.WITHDRAWN, PositionState.DRAFT]).order_by("pk")


def find(membership: ChainMembership, day: date) -> Sequence[Hanging]:
    """The positions of the member in this chain that last beyond `day`."""
    return [
        Hanging(one.title, one.get_absolute_url(), one.ends_on)
        for one in _standing(membership).filter(ends_on__gte=day)
    ]


def settle(
    *, actor: Person, membership: ChainMembership, on: date, choice: Settlement, successor: Organisation | None
) -> None:
    """Withdraw them; KEEP leaves all as it is."""
    if choice is Settlement.KEEP:
        return
    reason = _("%(organisation)s leaves the chain.") % {"organisation": membership.organisation.name}
    for one in _standing(membership).filter(ends_on__gte=on):
        withdraw_position(actor=actor, position=one, revision=one.revision, reason=reason, on=on)


def register() -> None:
    """Called once when the app is ready."""
    hangs(
        "positions",
        label=gettext_lazy("Positions"),
        find=find,
        settle=settle,
        choices=(Settlement.KEEP, Settlement.END),
    )
