"""What becomes of a member's agreements when it leaves its chain: kept until their own end, or ended that day.

They are never transferred: another party binds itself by its own signature, in an agreement of its own.
"""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.models import Agreement, Instrument, InstrumentState, Term
from ronghe.apps.agreements.services import end_agreement, withdraw_paper
from ronghe.apps.community.dependents import Hanging, Settlement, hangs
from ronghe.apps.community.models import ChainMembership, Organisation


def _terms(membership: ChainMembership, day: date) -> QuerySet[Term]:
    later = Q(valid_until__isnull=True) | Q(valid_until__gt=day)
    found = Term.objects.known().filter(later, chain=membership.chain_id)
    return found.filter(agreement__parties__organisation=membership.organisation_id).select_related("agreement")


def _unsigned(membership: ChainMembership) -> QuerySet[Instrument]:
    """First papers that are not signed by all; those of agreements with a term end with them."""
    making = Instrument.objects.exclude(state__in=[InstrumentState.CONCLUDED, InstrumentState.WITHDRAWN])
    found = making.filter(number=1, agreement__chain=membership.chain_id)
    return found.filter(agreement__parties__organisation=membership.organisation_id).select_related("agreement")


def find(membership: ChainMembership, day: date) -> Sequence[Hanging]:
    """The agreements of the member in this chain that would outlive `day`, and those still in the making."""
    signed = [
        Hanging(term.agreement.title, term.agreement.get_absolute_url(), term.last_day)
        for term in _terms(membership, day).order_by("pk")
    ]
    return [
        *signed,
        *(
            Hanging(paper.agreement.title, paper.agreement.get_absolute_url())
            for paper in _unsigned(membership).order_by("pk")
        ),
    ]


def settle(
    *, actor: Person, membership: ChainMembership, on: date, choice: Settlement, successor: Organisation | None
) -> None:
    """End them from `on` on, and give up what is in the making; KEEP leaves all as it is."""
    if choice is Settlement.KEEP:
        return
    reason = _("%(organisation)s leaves the chain.") % {"organisation": membership.organisation.name}
    for term in _terms(membership, on):
        agreement: Agreement = term.agreement
        ended_on = max(on, term.valid_from)
        end_agreement(
            actor=actor,
            agreement=agreement,
            revision=agreement.revision,
            party=agreement.parties.get(organisation=membership.organisation_id),
            notice_given_on=min(timezone.localdate(), ended_on),
            ended_on=ended_on,
            without_notice=True,
            reason=reason,
            consequences=_("Settled by the office with the membership."),
        )
    for paper in _unsigned(membership):
        withdraw_paper(actor=actor, instrument=paper, revision=paper.revision, reason=reason)


def register() -> None:
    """Called once when the app is ready."""
    hangs(
        "agreements",
        label=gettext_lazy("Agreements"),
        find=find,
        settle=settle,
        choices=(Settlement.KEEP, Settlement.END),
    )
