"""Many ask for one machine at one time, each on a connection of its own: one gets it, all others are told."""

import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, OperationalError, connections, transaction

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import RoleKind
from ronghe.apps.ledger.models import Event
from ronghe.apps.sites import services
from ronghe.apps.sites.models import Booking, Machine
from ronghe.apps.sites.services import SlotTaken
from tests.apps.sites.conftest import at
from tests.factories import PersonFactory, RoleFactory, UniversityFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

# A hundred in `benchmarks/training/bookings.py`.
MANY = 12


def _at_once(*actions: Callable[[], object]) -> list[object]:
    gate = threading.Barrier(len(actions))
    outcomes: list[object] = [None] * len(actions)

    def act(number: int) -> None:
        try:
            gate.wait(20)
            outcomes[number] = actions[number]()
        except (SlotTaken, IntegrityError, OperationalError) as refused:
            outcomes[number] = refused
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def test_of_many_who_book_one_time_at_once_one_wins_and_all_others_are_told(machine: Machine) -> None:
    university = UniversityFactory.create()
    students = PersonFactory.create_batch(MANY)
    for student in students:
        RoleFactory.create(person=student, organisation=university, kind=RoleKind.STUDENT)

    def ask(student: Person, number: int) -> Callable[[], object]:
        # Not the same times, only times that meet: 9 to 11, and 10 to 12.
        start = at(9 + number % 2)
        return lambda: services.book(
            actor=student, machine=machine, person=student, start=start, end=at(11 + number % 2)
        )

    outcomes = _at_once(*(ask(student, number) for number, student in enumerate(students)))
    assert sum(isinstance(outcome, Booking) for outcome in outcomes) == 1, outcomes
    assert sum(isinstance(outcome, SlotTaken) for outcome in outcomes) == MANY - 1
    assert Booking.objects.count() == 1
    assert Event.objects.filter(type="sites.booking.made").count() == 1


def test_without_any_service_the_database_lets_one_in_and_refuses_the_rest(machine: Machine) -> None:
    def write() -> Booking:
        booking = Booking(machine=machine, starts_at=at(9), ends_at=at(11), state="booked", source="log")
        with transaction.atomic():
            booking.save()
        return booking

    outcomes = _at_once(*[write] * 6)
    # Where writers wait for each other's rows, PostgreSQL calls one of them off.
    refused = [one for one in outcomes if isinstance(one, IntegrityError) or "deadlock detected" in str(one)]
    assert len(refused) == 5, outcomes
    assert Booking.objects.count() == 1
