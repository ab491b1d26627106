"""What becomes of placements at a member that leaves its chain: kept until their own end, or stopped that day.

A student is never moved to another firm by it: another host needs its own agreement.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.dependents import Hanging, Settlement, hangs
from ronghe.apps.community.models import ChainMembership, Organisation
from ronghe.apps.training.models import Placement, Stay
from ronghe.apps.training.services import stop_placement

_DAY = timedelta(days=1)


def _placements(membership: ChainMembership, day: date) -> QuerySet[Placement]:
    """Open placements at the member, in positions of this chain or of none, that would outlive `day`."""
    stays = Stay.objects.known().filter(organisation=membership.organisation_id, valid_until__gt=day)
    found = Placement.objects.open().filter(pk__in=stays.values("placement"), ends_on__gte=day)
    return (found.filter(position__chain=membership.chain_id) | found.filter(position__chain=None)).select_related(
        "person"
    )


def find(membership: ChainMembership, day: date) -> Sequence[Hanging]:
    """The placements that would outlive `day`."""
    return [
        Hanging(str(one), one.get_absolute_url(), one.ends_on) for one in _placements(membership, day).order_by("pk")
    ]


def settle(
    *, actor: Person, membership: ChainMembership, on: date, choice: Settlement, successor: Organisation | None
) -> None:
    """Stop them with the day before `on`; KEEP leaves all as it is."""
    if choice is Settlement.KEEP:
        return
    reason = _("%(organisation)s leaves the chain.") % {"organisation": membership.organisation.name}
    for placement in _placements(membership, on).order_by("pk"):
        stop_placement(actor=actor, placement=placement, last_day=on - _DAY, reason=reason)


def register() -> None:
    """Called once when the app is ready."""
    hangs(
        "training",
        label=gettext_lazy("Placements"),
        find=find,
        settle=settle,
        choices=(Settlement.KEEP, Settlement.END),
    )
