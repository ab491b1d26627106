"""Slots of mentors: the limit of every day, unique numbers, concurrent takers, lapsed papers, accepted terms."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, OperationalError, connections, transaction
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.ledger.models import Event
from ronghe.apps.mentors import selectors, services
from ronghe.apps.mentors.models import Appointment, Slot
from tests.apps.mentors.conftest import FIRST, LAST
from tests.factories import LONG_AGO, PersonFactory

pytestmark = pytest.mark.django_db


def take(office: Person, mentor: Person, student: Person, first: date = FIRST, last: date = LAST) -> Slot:
    return services.take_slot(
        actor=office, mentor=mentor, student=student, first_day=first, last_day=last, cause="placement"
    )


@pytest.mark.postgres
def test_the_sixth_trainee_is_told_how_many_there_are_and_when_one_leaves(
    office: Person, mentor: Person, appointed: Appointment, students: list[Person]
) -> None:
    for student in students[:4]:
        take(office, mentor, student)
    take(office, mentor, students[4], last=date(2026, 5, 31))
    with pytest.raises(ValidationError) as refused:
        take(office, mentor, students[5])
    assert "5 of 5" in refused.value.messages[0]
    assert "2026-06-01" in refused.value.messages[0]
    assert selectors.load_of([mentor], FIRST)[mentor.pk] == selectors.Load(5, 5)
    assert take(office, mentor, students[5], date(2026, 6, 1)).number in range(1, 6)
    assert Event.objects.filter(type="mentors.slot.taken").count() == 6


@pytest.mark.postgres
def test_the_database_itself_refuses_two_students_in_one_numbered_slot(
    office: Person, mentor: Person, appointed: Appointment, students: list[Person]
) -> None:
    held = take(office, mentor, students[0])
    twin = {"mentor": mentor, "student": students[1], "number": held.number, "cause": "by hand"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Slot.objects.create(valid_from=LAST, valid_until=LAST + timedelta(days=1), **twin)
    later = Slot.objects.create(valid_from=LAST + timedelta(days=1), valid_until=date(2027, 1, 1), **twin)
    with pytest.raises(IntegrityError), transaction.atomic():
        Slot.objects.filter(pk=later.pk).update(valid_from=LAST)


def test_a_freed_slot_can_be_taken_and_the_past_stays_as_it_was_known(
    office: Person, mentor: Person, appointed: Appointment, students: list[Person]
) -> None:
    slots = [take(office, mentor, student) for student in students[:5]]
    before = Slot.objects.known().latest("recorded_at").recorded_at
    ended = services.free_slot(actor=office, slot=slots[0], last_day=date(2026, 4, 30))
    assert ended is not None
    assert ended.last_day == date(2026, 4, 30)
    assert selectors.load_of([mentor.pk], date(2026, 5, 1))[mentor.pk].taken == 4
    take(office, mentor, students[5], date(2026, 5, 1))
    known_then = Slot.objects.on(date(2026, 5, 1), known_at=before).filter(mentor=mentor)
    assert {slot.student_id for slot in known_then} == {student.pk for student in students[:5]}
    with pytest.raises(ValidationError, match="ends on"):
        services.free_slot(actor=office, slot=slots[0], last_day=LAST)
    assert services.free_slot(actor=office, slot=slots[1], last_day=FIRST - timedelta(days=1)) is None
    with pytest.raises(ValidationError, match="freed already"):
        services.free_slot(actor=office, slot=slots[1], last_day=FIRST)


def test_slots_are_numbered_anew_when_only_the_numbers_are_in_the_way(
    office: Person, mentor: Person, appointed: Appointment, students: list[Person]
) -> None:
    services.set_limit(actor=office, trainees=2, clause="a test", valid_from=date(2026, 1, 1))
    march = [date(2026, 3, number) for number in range(1, 32)]
    take(office, mentor, students[0], march[0], march[4])
    between = take(office, mentor, students[1], march[7], march[11])
    second = take(office, mentor, students[2], march[9], march[14])
    assert (between.number, second.number) == (1, 2)
    services.free_slot(actor=office, slot=between, last_day=march[0])
    # Number 1 is taken at the beginning and number 2 at the end, yet no day has more than one trainee.
    take(office, mentor, students[3], march[0], march[14])
    numbers = Slot.objects.known().order_by("number").values_list("student", "number")
    assert list(numbers) in (
        [(students[0].pk, 1), (students[2].pk, 1), (students[3].pk, 2)],
        [(students[2].pk, 1), (students[0].pk, 1), (students[3].pk, 2)],
    )


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 25)), min_size=1, max_size=14), st.integers(1, 4))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_slot_is_refused_exactly_when_some_day_is_full(
    office: Person, mentor: Person, appointed: Appointment, spans: list[tuple[int, int]], limit: int
) -> None:
    with transaction.atomic():
        services.set_limit(actor=office, trainees=limit, clause="a test", valid_from=date(2026, 1, 1))
        held: list[tuple[date, date]] = []
        for start, length in spans:
            first = FIRST + timedelta(days=start)
            last = first + timedelta(days=length)
            days = [first + timedelta(days=number) for number in range(length + 1)]
            fits = all(sum(begin <= day <= end for begin, end in held) < limit for day in days)
            try:
                take(office, mentor, PersonFactory.create(), first, last)
            except ValidationError:
                assert not fits
            else:
                assert fits
                held.append((first, last))
        numbers = Slot.objects.known().filter(mentor=mentor).values_list("number", flat=True)
        assert max(numbers, default=1) <= limit
        transaction.set_rollback(True)


def test_a_lapsed_paper_stops_new_trainees_until_its_renewal_is_confirmed(
    office: Person, hr: Person, mentor: Person, appointed: Appointment, students: list[Person]
) -> None:
    paper = services.record_qualification(
        actor=hr, person=mentor, name_zh="高级工程师", issuer="省人社厅", issued_on=date(2020, 1, 1),
        expires_on=date(2026, 2, 1), evidence="证书编号可查",
    )  # fmt: skip
    with pytest.raises(ValidationError, match="valid through 2026-02-01"):
        take(office, mentor, students[0])
    take(office, mentor, students[0], date(2026, 1, 5), date(2026, 1, 20))
    renewal = services.record_qualification(
        actor=hr, person=mentor, renews=paper, name_zh="高级工程师", issuer="省人社厅", issued_on=date(2026, 1, 20),
        expires_on=date(2031, 1, 20), evidence="证书编号可查",
    )  # fmt: skip
    with pytest.raises(ValidationError, match="Record its renewal"):
        take(office, mentor, students[1])
    with pytest.raises(ValidationError, match="second person"):
        services.confirm_qualification(actor=hr, paper=renewal)
    with pytest.raises(PermissionDenied):
        services.confirm_qualification(actor=mentor, paper=renewal)
    services.confirm_qualification(actor=office, paper=renewal)
    take(office, mentor, students[1])


def test_the_load_that_a_mentor_accepted_counts_and_an_unanswered_offer_lets_nobody_in(
    office: Person, hr: Person, mentor: Person, firm_a: Organisation, appointed: Appointment, students: list[Person]
) -> None:
    offer = services.offer_terms(
        actor=hr, person=mentor, organisation=firm_a, load=2, intellectual_property="共同署名", insurance="意外险",
        valid_from=date(2026, 1, 1),
    )  # fmt: skip
    with pytest.raises(ValidationError, match="not yet accepted"):
        take(office, mentor, students[0])
    with pytest.raises(PermissionDenied):
        services.answer_terms(actor=hr, offer=offer, accepts=True)
    with pytest.raises(ValidationError, match="Say why"):
        services.answer_terms(actor=mentor, offer=offer, accepts=False)
    services.answer_terms(actor=mentor, offer=offer, accepts=True)
    assert selectors.load_of([mentor], FIRST)[mentor.pk].limit == 2
    for student in students[:2]:
        take(office, mentor, student)
    with pytest.raises(ValidationError, match="2 of 2"):
        take(office, mentor, students[2])


def test_a_lower_limit_takes_nobody_away_and_lets_nobody_in(
    office: Person, mentor: Person, appointed: Appointment, students: list[Person]
) -> None:
    for student in students[:4]:
        take(office, mentor, student)
    services.set_limit(actor=office, trainees=3, clause="联席会议纪要", valid_from=date(2026, 4, 1))
    assert selectors.load_of([mentor], date(2026, 4, 1))[mentor.pk] == selectors.Load(4, 3)
    with pytest.raises(ValidationError, match="4 of 3"):
        take(office, mentor, students[4])
    take(office, mentor, students[4], date(2026, 3, 2), date(2026, 3, 31))
    with pytest.raises(ValidationError, match="stands already"):
        services.set_limit(actor=office, trainees=6, clause="later", valid_from=date(2026, 3, 1))


def test_only_whoever_places_students_takes_slots_and_only_beside_a_mentor(
    office: Person, hr: Person, other_hr: Person, mentor: Person, teacher: Person, appointed: Appointment,
    students: list[Person],
) -> None:  # fmt: skip
    for actor in (mentor, other_hr, students[0]):
        with pytest.raises(PermissionDenied):
            take(actor, mentor, students[0])
    take(hr, mentor, students[0])
    take(teacher, mentor, students[1])
    with pytest.raises(ValidationError, match="no appointed mentor"):
        take(office, students[2], students[3])
    with pytest.raises(ValidationError, match="already"):
        take(office, mentor, students[0], LAST, LAST)
    with pytest.raises(ValidationError, match="before the first"):
        take(office, mentor, students[4], LAST, FIRST)


def test_an_appointment_does_not_end_while_trainees_would_be_left_alone(
    office: Person, mentor: Person, appointed: Appointment, students: list[Person]
) -> None:
    slot = take(office, mentor, students[0])
    with pytest.raises(ValidationError, match="1 trainees"):
        services.end_appointment(actor=office, appointment=appointed, on=date(2026, 6, 1))
    services.free_slot(actor=office, slot=slot, last_day=date(2026, 5, 31))
    ended = services.end_appointment(actor=office, appointment=appointed, on=date(2026, 6, 1))
    assert ended is not None
    with pytest.raises(ValidationError, match="until 2026-06-01 only"):
        take(office, mentor, students[1], date(2026, 5, 1), date(2026, 6, 30))


def test_free_mentors_have_room_on_every_day_and_papers_that_hold(
    office: Person, hr: Person, mentor: Person, colleague_mentor: Person, firm_a: Organisation, firm_b: Organisation,
    appointed: Appointment, students: list[Person],
) -> None:  # fmt: skip
    services.appoint_mentor(
        actor=hr, person=colleague_mentor, organisation=firm_a, kind="enterprise", valid_from=LONG_AGO
    )
    assert selectors.free_mentors(firm_a, FIRST, LAST) == [colleague_mentor, mentor]
    for student in students[:5]:
        take(office, mentor, student, date(2026, 8, 1), LAST)
    assert selectors.free_mentors(firm_a, FIRST, LAST) == [colleague_mentor]
    assert selectors.free_mentors(firm_a, FIRST, date(2026, 7, 31)) == [colleague_mentor, mentor]
    assert selectors.free_mentors(firm_b, FIRST, LAST) == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_concurrent_takers_of_the_last_slot_one_wins_and_the_others_are_told(
    office: Person, mentor: Person, appointed: Appointment, students: list[Person]
) -> None:
    services.set_limit(actor=office, trainees=1, clause="a test", valid_from=date(2026, 1, 1))
    start, told, won = threading.Barrier(6), [], []

    def run(student: Person) -> None:
        start.wait()
        try:
            with translation.override("en"):
                won.append(take(office, mentor, student))
        except ValidationError as refused:
            told.append(refused.messages[0])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(student,)) for student in students[:6]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(told)) == (1, 5)
    assert all("1 of 1" in message for message in told)
    assert Slot.objects.known().count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_database_alone_lets_one_of_two_writers_in(
    office: Person, mentor: Person, appointed: Appointment, students: list[Person]
) -> None:
    start, failed = threading.Barrier(2), []

    def run(student: Person) -> None:
        fields: dict[str, Any] = {"mentor": mentor, "student": student, "number": 1, "cause": "by hand"}
        start.wait()
        try:
            with transaction.atomic():
                Slot.objects.create(valid_from=FIRST, valid_until=LAST, **fields)
        except (IntegrityError, OperationalError) as refused:
            # Where each waits for the other's row, PostgreSQL calls one of them off.
            assert isinstance(refused, IntegrityError) or "deadlock detected" in str(refused)
            failed.append(refused)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(student,)) for student in students[:2]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failed) == 1
    assert Slot.objects.count() == 1
