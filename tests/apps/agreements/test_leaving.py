"""A member that leaves its chain: its agreements are kept or ended by a named choice, never forgotten."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from ronghe.apps.agreements.models import Agreement, InstrumentState, Promise, Term
from ronghe.apps.community import services as community
from ronghe.apps.community.dependents import hanging
from ronghe.apps.community.models import ChainMembership

pytestmark = pytest.mark.django_db


@pytest.fixture
def membership(chain, firm_a):
    return ChainMembership.objects.get(chain=chain, organisation=firm_a)


def test_nobody_leaves_without_a_choice_for_the_agreements(concluded, membership, office):
    on = timezone.localdate() + timedelta(days=60)
    [found] = hanging(membership, on)
    assert [item.label for item in found.items] == [concluded.agreement.title]
    assert hanging(membership, date(2029, 1, 1)) == []
    with pytest.raises(ValidationError):
        community.leave_chain(actor=office, membership=membership, on=on)
    with pytest.raises(ValidationError):
        community.leave_chain(actor=office, membership=membership, on=on, settlements={"agreements": "transfer"})
    assert Term.objects.known().count() == 1


@pytest.mark.parametrize(("choice", "holds"), [("keep", 1), ("end", 0)])
def test_agreements_are_kept_or_end_on_the_day(concluded, membership, office, choice, holds):
    on = timezone.localdate() + timedelta(days=60)
    community.leave_chain(actor=office, membership=membership, on=on, settlements={"agreements": choice})
    assert Term.objects.on(on).count() == holds
    assert Promise.objects.on(on).count() == 2 * holds
    assert Term.objects.on(on - timedelta(days=1)).count() == 1
    agreement = Agreement.objects.get()
    assert agreement.ended_on == (None if holds else on)


def test_what_is_in_the_making_is_given_up_with_the_membership(sent, membership, office):
    today = timezone.localdate()
    community.leave_chain(actor=office, membership=membership, on=today, settlements={"agreements": "end"})
    sent.refresh_from_db()
    assert sent.state == InstrumentState.WITHDRAWN
