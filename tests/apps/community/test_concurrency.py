"""Two of the office at the same moment: one is served, the other is told, and the register stays whole."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import services
from ronghe.apps.community.models import ChainMembership, Organisation, Role, RoleKind, Tier
from ronghe.apps.ledger.models import Event
from ronghe.apps.ledger.revision import StaleRevision
from tests.factories import ChainFactory, OrganisationFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

DAY = date(2026, 3, 1)


def _at_once(*actions: Callable[[], object]) -> list[object]:
    """Do all `actions` at the same moment, each on a connection of its own; what came of each."""
    gate = threading.Barrier(len(actions))
    outcomes: list[object] = [None] * len(actions)

    def act(number: int) -> None:
        try:
            gate.wait(10)
            outcomes[number] = actions[number]()
        except (ValidationError, StaleRevision) as refused:
            outcomes[number] = refused
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def test_of_two_leaders_admitted_at_once_one_is_refused(office: Person) -> None:
    chain = ChainFactory.create(founded_on=DAY)
    firms = OrganisationFactory.create_batch(4)

    def admit(firm: Organisation) -> Callable[[], object]:
        return lambda: services.admit_to_chain(
            actor=office, chain=chain, organisation=firm, tier="leader", valid_from=DAY
        )

    outcomes = _at_once(*(admit(firm) for firm in firms))
    assert sum(isinstance(outcome, ChainMembership) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ValidationError) for outcome in outcomes) == 3
    assert ChainMembership.objects.known().filter(tier=Tier.LEADER).count() == 1
    assert Event.objects.count() == 1


def test_a_role_given_twice_at_once_is_given_once(office: Person, stranger: Person, firm_a: Organisation) -> None:
    def appoint() -> Role:
        return services.appoint(actor=office, person=stranger, organisation=firm_a, kind="mentor", valid_from=DAY)

    outcomes = _at_once(appoint, appoint, appoint)
    assert sum(isinstance(outcome, Role) for outcome in outcomes) == 1
    assert Role.objects.known().filter(person=stranger, kind=RoleKind.MENTOR).count() == 1


def test_of_two_edits_at_once_the_second_is_told(office: Person, firm_a: Organisation) -> None:
    def amend(name: str) -> Callable[[], object]:
        return lambda: services.amend_organisation(
            actor=office, organisation=firm_a, expected_revision=1, changes={"name_en": name}
        )

    outcomes = _at_once(amend("One"), amend("Two"))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Organisation", "StaleRevision"]
    firm_a.refresh_from_db()
    assert firm_a.revision == 2 and Event.objects.count() == 1
