"""Who gets a machine when: refusals with their reasons, the waiting list, checking in, plans, logs."""

from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Cohort
from ronghe.apps.sites import services
from ronghe.apps.sites.models import (
    Booking,
    BookingState,
    Machine,
    MachineFamily,
    Overlap,
    Site,
    TeachingTerm,
    Waiting,
    WaitingState,
)
from ronghe.apps.sites.services import Lesson, MeetsStudy, SlotTaken, Wish
from tests.apps.sites.conftest import at, monday
from tests.factories import LONG_AGO

pytestmark = pytest.mark.django_db


def _refusal(call: object, *arguments: object, **named: object) -> str:
    with pytest.raises(ValidationError) as refused:
        call(*arguments, **named)  # type: ignore[operator]
    return " ".join(refused.value.messages)


def _book(who: Person, machine: Machine, start: float, end: float, days: int = 0, **more: object) -> Booking:
    given = {"actor": who, "person": who, **more}
    return services.book(machine=machine, start=at(start, days=days), end=at(end, days=days), **given)  # type: ignore[arg-type]


def test_a_student_books_a_machine_and_nobody_else_gets_it_then(
    student: Person, classmate: Person, machine: Machine, like_machine: Machine
) -> None:
    booking = _book(student, machine, 9, 11)
    assert (booking.state, booking.hours) == (BookingState.BOOKED, 2)
    with pytest.raises(SlotTaken, match="waiting list"):
        _book(classmate, machine, 10, 12)
    _book(classmate, machine, 11, 12)
    _book(classmate, like_machine, 9, 11)


@pytest.mark.postgres
def test_the_database_itself_refuses_a_machine_that_is_held_twice(student: Person, machine: Machine) -> None:
    first = _book(student, machine, 9, 11)
    twin = Booking(machine=machine, starts_at=at(10.5), ends_at=at(12), state="booked", source="log", answer_by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.bulk_create([twin])
    twin.starts_at = at(11)
    twin.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.filter(pk=twin.pk).update(starts_at=at(10))
    first.state, first.released_at = BookingState.CANCELLED, timezone.now()
    first.save()
    Booking.objects.filter(pk=twin.pk).update(starts_at=at(10))
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.filter(pk=first.pk).update(state="booked", released_at=None)


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (7, 9, "open on"),
        (21, 23, "open on"),
        (9, 9.25, "steps of 30 minutes"),
        (9.25, 10.25, "steps of 30 minutes"),
        (11, 10, "ends before it begins"),
        (8, 17, "at most 8 hours"),
        (9 - 24 * 30, 10 - 24 * 30, "has passed"),
        (9 + 24 * 90, 10 + 24 * 90, "60 days ahead"),
    ],
)
def test_a_time_that_cannot_be_had_is_refused_with_what_to_mend(
    student: Person, machine: Machine, start: float, end: float, said: str
) -> None:
    assert said in _refusal(_book, student, machine, start, end)
    assert not Booking.objects.exists()


def test_one_books_for_oneself_a_teacher_for_students_a_keeper_for_everybody(
    student: Person, classmate: Person, teacher: Person, mentor: Person, stranger: Person, machine: Machine
) -> None:
    with pytest.raises(PermissionDenied):
        _book(student, machine, 9, 10, person=classmate)
    with pytest.raises(PermissionDenied):
        _book(stranger, machine, 9, 10)
    _book(teacher, machine, 9, 10, person=classmate)
    _book(mentor, machine, 10, 11, person=student)


def test_nobody_uses_a_machine_before_another_person_has_instructed_them(
    student: Person, mentor: Person, machine: Machine, family: MachineFamily
) -> None:
    MachineFamily.objects.update(needs_authorisation=True)
    assert "instruction first" in _refusal(_book, student, machine, 9, 10)
    assert "Another person" in _refusal(services.authorise, actor=mentor, person=mentor, family=family)
    with pytest.raises(PermissionDenied):
        services.authorise(actor=student, person=student, family=family)
    services.authorise(
        actor=mentor, person=student, family=family, valid_from=LONG_AGO, valid_until=monday(), basis="二级培训"
    )
    assert "renew it" in _refusal(_book, student, machine, 9, 10)
    granted = services.authorise(actor=mentor, person=student, family=family)
    assert granted.valid_until is not None
    _book(student, machine, 9, 10)
    services.end_authorisation(actor=mentor, authorisation=granted, day=monday(), reason="违规操作")
    assert "until" in _refusal(_book, student, machine, 12, 13)


def test_nobody_is_at_two_machines_and_no_more_people_at_one_than_it_has_room_for(
    student: Person, classmate: Person, machine: Machine, like_machine: Machine
) -> None:
    _book(student, machine, 9, 11)
    assert "two machines" in _refusal(_book, student, like_machine, 10, 12)
    assert "room for 1" in _refusal(_book, classmate, like_machine, 12, 13, companions=[student])
    Machine.objects.filter(pk=like_machine.pk).update(places=2)
    assert "two machines" in _refusal(_book, classmate, like_machine, 10, 12, companions=[student])
    _book(classmate, like_machine, 12, 13, companions=[student])
    assert "two machines" in _refusal(_book, student, machine, 12.5, 13)


def test_a_quota_counts_hours_of_the_week_and_late_cancellations_with_them(
    student: Person, office: Person, mentor: Person, machine: Machine, site: Site
) -> None:
    services.set_quota(actor=office, site=site, hours=Decimal(6), valid_from=LONG_AGO)
    _book(student, machine, 9, 13)
    late = _book(student, machine, 14, 16)
    assert "has used 6" in _refusal(_book, student, machine, 17, 17.5)
    _book(student, machine, 9, 13, days=7)
    with patch("django.utils.timezone.now", return_value=at(0)):
        cancelled = services.cancel_booking(actor=student, booking=late)
        assert cancelled.was_late
        assert "has used 6" in _refusal(_book, student, machine, 17, 17.5)
        # The site is not bound by the quota it keeps.
        _book(mentor, machine, 17, 17.5, person=student)


def test_a_cohort_shares_its_quota(
    student: Person, classmate: Person, office: Person, cohort: Cohort, machine: Machine, family: MachineFamily
) -> None:
    services.set_quota(actor=office, family=family, cohort=cohort, hours=Decimal(3), valid_from=LONG_AGO)
    _book(student, machine, 9, 11)
    assert "has used 2" in _refusal(_book, classmate, machine, 11, 13)
    _book(classmate, machine, 11, 12)
    services.set_quota(actor=office, family=family, cohort=cohort, hours=Decimal(9), valid_from=LONG_AGO)
    _book(classmate, machine, 12, 14)


def test_the_first_in_line_is_offered_what_becomes_free_and_then_the_next(
    student: Person,
    classmate: Person,
    teacher: Person,
    machine: Machine,
    django_capture_on_commit_callbacks: object,
) -> None:
    booking = _book(student, machine, 9, 12)
    assert "book it" in _refusal(services.join_waiting_list, actor=classmate, machine=machine, start=at(13), end=at(14))
    first = services.join_waiting_list(actor=classmate, machine=machine, start=at(9), end=at(11))
    second = services.join_waiting_list(actor=teacher, machine=machine, start=at(10), end=at(12))
    third = services.join_waiting_list(actor=teacher, machine=machine, start=at(9), end=at(9.5))
    assert "wait" in _refusal(services.join_waiting_list, actor=teacher, machine=machine, start=at(10), end=at(11))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        services.cancel_booking(actor=student, booking=booking)
    offer = Booking.objects.get(state=BookingState.OFFERED)
    assert (offer.person, offer.starts_at) == (classmate, at(9))
    # What is offered is held: nobody is faster than the list.
    with pytest.raises(SlotTaken):
        _book(student, machine, 10, 11)
    with pytest.raises(PermissionDenied):
        services.accept_offer(actor=student, booking=offer)
    assert offer.answer_by is not None
    with patch("django.utils.timezone.now", return_value=offer.answer_by):
        assert "has passed" in _refusal(services.accept_offer, actor=classmate, booking=offer)
        assert services.lapse_offers() == 1
    states = {one.pk: one.state for one in Waiting.objects.all()}
    assert states == {
        first.pk: WaitingState.LAPSED, second.pk: WaitingState.OFFERED, third.pk: WaitingState.OFFERED
    }  # fmt: skip
    taken = services.accept_offer(actor=teacher, booking=Booking.objects.get(waiting=second))
    assert (taken.state, taken.starts_at) == (BookingState.BOOKED, at(10))
    services.decline_offer(actor=teacher, booking=Booking.objects.get(waiting=third))
    assert Booking.objects.holding().get() == taken


def test_another_party_checks_in_and_whoever_did_not_come_too_often_books_through_the_site(
    student: Person, mentor: Person, hr: Person, other_hr: Person, machine: Machine, site: Site
) -> None:
    booking = _book(student, machine, 9, 10)
    own = _book(mentor, machine, 10, 11)
    assert "half an hour" in _refusal(services.check_in, actor=mentor, booking=booking)
    with patch("django.utils.timezone.now", return_value=at(9)):
        for nobody, what in ((student, booking), (other_hr, booking), (mentor, own)):
            with pytest.raises(PermissionDenied):
                services.check_in(actor=nobody, booking=what)
        assert "quarter of an hour" in _refusal(services.mark_missed, actor=hr, booking=booking)
        came = services.check_in(actor=mentor, booking=booking)
    assert (came.state, came.checked_in_by) == (BookingState.ATTENDED, mentor)
    assert "see its state" in _refusal(services.check_in, actor=hr, booking=booking)
    Site.objects.update(no_shows_allowed=0)
    missed = _book(student, machine, 12, 13)
    with patch("django.utils.timezone.now", return_value=at(12.5)):
        services.mark_missed(actor=hr, booking=missed)
        assert "did not come 1 times" in _refusal(_book, student, machine, 14, 15)
        _book(mentor, machine, 14, 15, person=mentor)
        waits = {"actor": student, "machine": machine, "start": at(14), "end": at(15)}
        assert "did not come 1 times" in _refusal(services.join_waiting_list, **waits)
        _book(mentor, machine, 15, 16, person=student)


def test_a_person_cancels_before_it_begins_and_a_keeper_says_why(
    student: Person, classmate: Person, mentor: Person, machine: Machine
) -> None:
    booking = _book(student, machine, 9, 10)
    with pytest.raises(PermissionDenied):
        services.cancel_booking(actor=classmate, booking=booking)
    assert "Say why" in _refusal(services.cancel_booking, actor=mentor, booking=booking)
    with patch("django.utils.timezone.now", return_value=at(9.25)):
        assert "has begun" in _refusal(services.cancel_booking, actor=student, booking=booking)
    cancelled = services.cancel_booking(actor=student, booking=booking)
    assert not cancelled.was_late
    assert "no longer booked" in _refusal(services.cancel_booking, actor=student, booking=booking)


def test_a_plan_books_all_or_nothing_and_finds_its_bookings_again(
    office: Person, student: Person, classmate: Person, machine: Machine, like_machine: Machine
) -> None:
    Machine.objects.update(places=2)
    rows = [Wish(machine, student, at(8, days=day), at(22, days=day), companions=(classmate,)) for day in range(3)]
    clash = Wish(like_machine, classmate, at(9), at(10))
    twice = Wish(machine, None, at(21), at(22))
    said = _refusal(services.book_many, actor=office, rows=[*rows, clash, twice], plan="rotation:1")
    assert "Row 4" in said and "two machines" in said and "Row 5" in said
    assert not Booking.objects.exists()
    with pytest.raises(PermissionDenied):
        services.book_many(actor=student, rows=rows, plan="rotation:1")
    made = services.book_many(actor=office, rows=rows, plan="rotation:1")
    assert [one.pk for one in made] == list(Booking.objects.filter(plan="rotation:1").values_list("pk", flat=True))
    assert services.cancel_plan(actor=office, plan="rotation:1", reason="重排") == 3
    assert not Booking.objects.holding().exists()


def test_the_log_of_a_machine_comes_in_after_the_fact_and_over_nothing_else(
    mentor: Person, student: Person, other_hr: Person, machine: Machine
) -> None:
    week = timedelta(days=28)
    rows = [
        Wish(machine, student, at(9) - week, at(11) - week),
        Wish(machine, None, at(11) - week, at(15) - week),
    ]
    made = services.record_use(actor=mentor, rows=rows)
    assert {one.state for one in made} == {BookingState.ATTENDED}
    assert "booked already" in _refusal(services.record_use, actor=mentor, rows=rows[:1])
    assert "not happened" in _refusal(services.record_use, actor=mentor, rows=[Wish(machine, None, at(9), at(10))])
    assert "another person" in _refusal(
        services.record_use, actor=mentor, rows=[Wish(machine, mentor, at(16) - week, at(17) - week)]
    )
    with pytest.raises(PermissionDenied):
        services.record_use(actor=other_hr, rows=rows)


def test_a_booking_over_classes_is_made_only_knowingly_and_is_noted_until_one_of_the_two_goes(
    student: Person, teacher: Person, cohort: Cohort, term: TeachingTerm, machine: Machine
) -> None:
    lessons = [Lesson(cohort, "嵌入式系统", at(9), at(10.5)), Lesson(cohort, "信号处理", at(14), at(15.5))]
    sessions = services.schedule_sessions(actor=teacher, term=term, lessons=lessons)
    with pytest.raises(MeetsStudy) as refused:
        _book(student, machine, 10, 12)
    assert [(one.start, one.end) for one in refused.value.meetings] == [(at(10), at(10.5))]
    booking = _book(student, machine, 10, 12, despite_study=True)
    noted = Overlap.objects.get(gone_at__isnull=True)
    assert (noted.person, noted.session, noted.booking) == (student, sessions[0], booking)
    assert (noted.starts_at, noted.ends_at, noted.week) == (at(10), at(10.5), monday())
    services.cancel_booking(actor=student, booking=booking)
    assert Overlap.objects.get().gone_at is not None
    again = _book(student, machine, 10, 12, despite_study=True)
    assert Overlap.objects.get(gone_at__isnull=True).booking == again
    services.withdraw_sessions(actor=teacher, sessions=sessions[:1], reason="停课")
    assert not Overlap.objects.filter(gone_at__isnull=True).exists()
    later = _book(student, machine, 16, 18)
    services.schedule_sessions(actor=teacher, term=term, lessons=[Lesson(cohort, "英语", at(17), at(19))])
    assert Overlap.objects.get(gone_at__isnull=True).booking == later
