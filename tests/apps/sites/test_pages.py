"""The pages of sites: who may see what, what is offered, what is refused with everything that was typed."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Campus, Cohort
from ronghe.apps.sites import services
from ronghe.apps.sites.models import Booking, BookingState, Machine, MachineFamily, Site, TeachingTerm, Waiting
from ronghe.apps.sites.services import Lesson
from tests.apps.sites.conftest import at, monday
from tests.conftest import SignIn
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


def _posted(day: int = 0, time: str = "09:00", **more: str) -> dict[str, str]:
    return {"day": (monday() + timedelta(days=day)).isoformat(), "time": time, "minutes": "60", "purpose": "", **more}


def test_every_page_opens_for_who_may_see_it_and_for_nobody_else(
    sign_in: SignIn,
    anonymous: Client,
    student: Person,
    hr: Person,
    other_hr: Person,
    office: Person,
    teacher: Person,
    machine: Machine,
    site: Site,
    family: MachineFamily,
    cohort: Cohort,
    term: TeachingTerm,
) -> None:
    services.book(actor=student, machine=machine, person=student, start=at(9), end=at(10))
    services.schedule_sessions(actor=teacher, term=term, lessons=[Lesson(cohort, "英语", at(14), at(15))])
    everybody = {
        reverse("sites:overview"): "Packaging line",
        reverse("sites:site", args=[site.uid]): "Opening hours",
        reverse("sites:family", args=[family.uid]): "Bonder 1",
        reverse("sites:machine", args=[machine.uid]) + f"?week={monday()}": "09:00–10:00",
        reverse("sites:utilisation"): "91.7 per cent",
        reverse("sites:rules"): "Public holidays",
        reverse("sites:bookings"): "Calendar feeds",
        reverse("sites:timetable") + f"?week={monday()}&cohort={cohort.pk}": "英语",
    }
    keepers = {
        reverse("sites:day", args=[site.uid]) + f"?day={monday()}": "student",
        reverse("sites:hours", args=[site.uid]): "08:00-22:00",
        reverse("sites:except_day", args=[site.uid]): "Other hours",
        reverse("sites:site_amend", args=[site.uid]): "steps",
        reverse("sites:machine_new", args=[site.uid]): "Asset number",
        reverse("sites:maintain", args=[machine.uid]): "Maintenance",
        reverse("sites:machine_amend", args=[machine.uid]): "People at a time",
        reverse("sites:terms", args=[machine.uid]): "Declared",
    }
    teachers = {
        reverse("sites:overlaps"): "overlaps",
        reverse("sites:term_new"): "Monday",
        reverse("sites:sections"): "Sections",
        reverse("sites:withdraw", args=[term.uid]): "Reason",
    }
    offices = {reverse("sites:travel"): "Minutes", reverse("sites:quota"): "Hours a week"}
    clients = {one.name: sign_in(one) for one in (student, hr, other_hr, office, teacher)}
    for pages, allowed, refused in (
        (everybody, "student", ""),
        (keepers, "hr", "other"),
        (teachers, "teacher", "student"),
        (offices, "office", "hr"),
    ):
        for address, said in pages.items():
            assert anonymous.get(address).status_code == 302, address
            answer = clients[allowed].get(address)
            assert answer.status_code == 200 and said in answer.content.decode(), address
            assert not refused or clients[refused].get(address).status_code == 403, address


def test_whose_booking_it_is_only_they_the_site_and_their_teachers_see(
    sign_in: SignIn,
    anonymous: Client,
    student: Person,
    classmate: Person,
    hr: Person,
    other_hr: Person,
    teacher: Person,
    machine: Machine,
) -> None:
    booking = services.book(actor=student, machine=machine, person=student, start=at(9), end=at(10), purpose="毕业设计")
    address = booking.get_absolute_url()
    assert anonymous.get(address).status_code == 302
    for person, status in ((student, 200), (hr, 200), (teacher, 200), (classmate, 404), (other_hr, 404)):
        assert sign_in(person).get(address).status_code == status, person
    week = f"{machine.get_absolute_url()}?week={monday()}"
    seen, hidden = (sign_in(one).get(week).content.decode() for one in (hr, classmate))
    assert address in seen
    assert "09:00–10:00" in hidden and address not in hidden


def test_a_time_that_is_taken_brings_other_times_and_the_waiting_list(
    sign_in: SignIn, student: Person, classmate: Person, machine: Machine, like_machine: Machine
) -> None:
    services.book(actor=classmate, machine=machine, person=classmate, start=at(9), end=at(10))
    client = sign_in(student)
    address = reverse("sites:book", args=[machine.uid])
    asked = client.get(address, {"start": f"{monday()}T09:00", "minutes": "90"}, headers={"accept-language": "zh-hans"})
    assert f'value="{monday()}"' in asked.content.decode() and 'value="09:00"' in asked.content.decode()
    refused = client.post(address, _posted(purpose="练习键合"))
    text = refused.content.decode()
    assert refused.status_code == 422 and "练习键合" in text
    assert reverse("sites:book", args=[like_machine.uid]) + f"?start={monday()}T09:00" in text
    joined = client.post(
        reverse("sites:wait", args=[machine.uid]), {"start": at(9).isoformat(), "end": at(10).isoformat()}
    )
    assert joined.status_code == 302 and Waiting.objects.get().person == student
    services.cancel_booking(actor=classmate, booking=Booking.objects.get())
    offer = Booking.objects.get(state=BookingState.OFFERED)
    assert "is kept for you" in client.get(offer.get_absolute_url()).content.decode()
    assert "Bonder 1 has become free for you" in client.get(reverse("sites:overview")).content.decode()
    client.post(reverse("sites:accept", args=[offer.uid]))
    offer.refresh_from_db()
    assert offer.state == BookingState.BOOKED


def test_a_booking_over_a_class_is_asked_about_and_other_times_are_offered(
    sign_in: SignIn, student: Person, teacher: Person, cohort: Cohort, term: TeachingTerm, machine: Machine
) -> None:
    services.schedule_sessions(actor=teacher, term=term, lessons=[Lesson(cohort, "数字信号处理", at(9), at(11))])
    client = sign_in(student)
    address = reverse("sites:book", args=[machine.uid])
    asked = client.post(address, _posted(time="10:00"))
    text = asked.content.decode()
    assert asked.status_code == 422 and "数字信号处理" in text and 'name="despite_study"' in text
    assert f"?start={monday()}T11:00" in text
    assert not Booking.objects.exists()
    made = client.post(address, _posted(time="10:00", despite_study="on"))
    assert made.status_code == 302
    seen = sign_in(teacher).get(reverse("sites:overlaps")).content.decode()
    assert "数字信号处理" in seen and "student" in seen and "T11:00" in seen


def test_a_keeper_checks_in_at_the_door_and_a_student_cannot_check_themselves_in(
    sign_in: SignIn, student: Person, mentor: Person, machine: Machine, site: Site
) -> None:
    booking = services.book(actor=student, machine=machine, person=student, start=at(9), end=at(10))
    check_in = reverse("sites:check_in", args=[booking.uid])
    with patch("django.utils.timezone.now", return_value=at(9)):
        assert sign_in(student).post(check_in).status_code == 403
        keeper = sign_in(mentor)
        door = f"{reverse('sites:day', args=[site.uid])}?day={monday()}"
        assert check_in in keeper.get(door).content.decode()
        assert keeper.post(check_in, {"back": "day"})["Location"] == door
    booking.refresh_from_db()
    assert booking.state == BookingState.ATTENDED


def test_a_site_is_registered_opened_and_closed_for_a_day_on_its_pages(
    sign_in: SignIn, hr: Person, student: Person, campus: Campus
) -> None:
    client = sign_in(hr)
    made = client.post(
        reverse("sites:site_new"),
        {
            "campus": campus.pk, "name_zh": "测试中心", "name_en": "Test centre", "zone": "Mars/Olympus",
            "grid_minutes": 30, "longest_minutes": 480, "days_ahead": 60, "cancel_hours": 24, "answer_hours": 12,
            "no_shows_allowed": 2,
        },
    )  # fmt: skip
    assert made.status_code == 422 and "is no time zone" in made.content.decode()
    site = services.register_site(actor=hr, campus=campus, name_zh="测试中心")
    hours = {f"day{number}": "" for number in range(7)}
    wrong = client.post(
        reverse("sites:hours", args=[site.uid]), {**hours, "day0": "8点到10点", "valid_from": monday().isoformat()}
    )
    assert wrong.status_code == 422 and "08:00-12:00" in wrong.content.decode()
    client.post(
        reverse("sites:hours", args=[site.uid]),
        {**hours, "day0": "20:00-04:00，06:00-12:00", "valid_from": "2020-01-01"},
    )
    assert {(row.opens, row.closes) for row in site.opening_hours.all()} == {(1200, 1680), (360, 720)}
    client.post(
        reverse("sites:except_day", args=[site.uid]), {"day": monday().isoformat(), "spans": "", "reason": "校庆"}
    )
    page = sign_in(student).get(site.get_absolute_url()).content.decode()
    assert "20:00–04:00 +1" in page and "校庆" in page


def test_a_feed_is_a_key_that_can_be_revoked(
    sign_in: SignIn, anonymous: Client, student: Person, classmate: Person, machine: Machine
) -> None:
    booking = services.book(
        actor=student, machine=machine, person=student, start=at(9), end=at(10), purpose="键合；第二次"
    )
    client = sign_in(student)
    page = client.post(reverse("sites:feed_make"), follow=True).content.decode()
    key = page.split("/sites/feeds/")[1].split(".ics")[0]
    assert key not in client.get(reverse("sites:bookings")).content.decode()
    answer = anonymous.get(reverse("sites:feed", args=[key]))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert f"UID:booking-{booking.uid}" in answer.content.decode().replace("\r\n ", "")
    # A machine's feed of somebody who may not know whose the booking is names nobody.
    feed, other = services.make_feed(actor=classmate, machine=machine)
    seen = anonymous.get(reverse("sites:feed", args=[other])).content.decode()
    assert "Bonder 1: taken" in seen and "键合；第二次" not in seen and str(booking.uid) in seen.replace("\r\n ", "")
    assert anonymous.get(reverse("sites:feed", args=["x" * 43])).status_code == 404
    mine = student.calendar_feeds.get()
    assert sign_in(classmate).post(reverse("sites:feed_revoke", args=[mine.uid])).status_code == 404
    client.post(reverse("sites:feed_revoke", args=[mine.uid]))
    assert anonymous.get(reverse("sites:feed", args=[key])).status_code == 404
    with patch("ronghe.apps.sites.views.feeds.PER_MINUTE", 1):
        assert anonymous.get(reverse("sites:feed", args=[other])).status_code == 429
    assert feed.revoked_at is None


def test_what_may_be_seen_leaves_as_a_file(
    sign_in: SignIn, student: Person, classmate: Person, hr: Person, machine: Machine
) -> None:
    services.book(actor=student, machine=machine, person=student, start=at(9), end=at(10))
    files = [
        b"".join(sign_in(one).get(reverse("sites:bookings_export")).streaming_content).decode("utf-8-sig")
        for one in (student, classmate, hr)
    ]
    assert ["B-1" in one for one in files] == [True, False, True]
    assert sign_in(student).get(reverse("sites:use_export")).status_code == 403
    used = b"".join(sign_in(hr).get(reverse("sites:use_export")).streaming_content).decode("utf-8-sig")
    assert "Hours available (denominator)" in used and "B-1" in used


def test_programs_read_what_is_open_and_free_and_their_own_bookings(
    sign_in: SignIn, anonymous: Client, student: Person, classmate: Person, machine: Machine, site: Site
) -> None:
    services.book(actor=student, machine=machine, person=student, start=at(9), end=at(10), purpose="课题")
    client = sign_in(classmate)
    assert anonymous.get("/api/sites").status_code == 401
    assert client.get("/api/sites").json()[0]["uid"] == str(site.uid)
    listed = client.get("/api/sites/machines", {"family": "bonder"}).json()
    assert (listed["total"], listed["items"][0]["code"]) == (1, "B-1")
    address = f"/api/sites/machines/{machine.uid}/calendar"
    days = {"first": monday().isoformat(), "last": monday().isoformat()}
    found = client.get(address, days).json()
    assert (len(found["open"]), len(found["free"])) == (1, 2)
    assert client.get(address, {"first": "2026-01-01", "last": "2026-12-31"}).status_code == 422
    assert client.get("/api/sites/machines/00000000-0000-0000-0000-000000000000/calendar", days).status_code == 404
    assert client.get("/api/sites/bookings", {"mine": "false"}).json()["total"] == 0
    own = sign_in(student).get("/api/sites/bookings").json()
    assert (own["total"], own["items"][0]["purpose"]) == (1, "课题")


def test_programs_book_are_told_of_other_times_cancel_and_check_in(
    sign_in: SignIn, student: Person, classmate: Person, hr: Person, machine: Machine, like_machine: Machine
) -> None:
    def send(person: Person, address: str, **typed: Any) -> Any:
        return sign_in(person).post(f"/api/sites/bookings{address}", typed, content_type="application/json")

    wish = {"machine": str(machine.uid), "start": at(9).isoformat(), "end": at(10).isoformat()}
    naive = {**wish, "start": f"{monday()}T09:00:00"}
    assert send(student, "", **naive).status_code == 422
    made = send(student, "", **wish).json()
    assert (made["state"], made["machine"]) == ("booked", str(machine.uid))
    taken = send(classmate, "", **wish)
    assert taken.status_code == 409
    assert taken.json()["alternatives"][0]["machine"] == str(like_machine.uid)
    assert send(classmate, "", **{**wish, "end": at(8).isoformat()}).status_code == 422
    own = f"/{made['uid']}"
    assert send(classmate, f"{own}/cancellation").status_code == 404
    assert send(student, f"{own}/attendance").status_code == 403
    early = send(hr, f"{own}/attendance")
    assert early.status_code == 422 and "half an hour" in early.json()["detail"]
    assert send(student, f"{own}/cancellation").json()["state"] == "cancelled"


def test_what_was_said_of_a_day_is_called_off_by_keepers_alone(
    sign_in: SignIn, hr: Person, student: Person, site: Site
) -> None:
    spans = [(8 * 60, 10 * 60), (14 * 60, 16 * 60)]
    first, _second = services.except_day(actor=hr, site=site, day=monday(), spans=spans, reason="校庆")
    address = reverse("sites:restore_day", args=[first.pk])
    assert address not in sign_in(student).get(site.get_absolute_url()).content.decode()
    assert sign_in(student).post(address).status_code == 403
    keeper = sign_in(hr)
    page = keeper.get(site.get_absolute_url()).content.decode()
    assert page.count(address) == 1 and "08:00–10:00, 14:00–16:00" in page
    restored = keeper.post(address, follow=True).content.decode()
    assert "hold on that day again" in restored and "校庆" not in restored
    assert "Nothing else is said of that day" in keeper.post(address, follow=True).content.decode()


def test_an_authorisation_is_ended_on_a_page_and_a_stale_tab_is_told(
    sign_in: SignIn, hr: Person, mentor: Person, student: Person, family: MachineFamily
) -> None:
    MachineFamily.objects.update(needs_authorisation=True)
    granted = services.authorise(actor=mentor, person=student, family=family)
    address = reverse("sites:authorisation_end", args=[granted.pk])
    assert sign_in(student).get(address).status_code == 403
    client = sign_in(hr)
    assert address in client.get(family.get_absolute_url()).content.decode()
    assert "Bookings to come: 0" in client.get(address).content.decode()
    later = {"day": (granted.valid_until + timedelta(days=1)).isoformat(), "reason": "违规操作"}  # type: ignore[operator]
    assert "ends earlier by itself" in client.post(address, later).content.decode()
    assert client.post(address, {**later, "day": monday().isoformat()}).status_code == 302
    assert student.machine_authorisations.get(superseded_at=None).valid_until == monday()
    assert client.post(address, {**later, "day": monday().isoformat()}).status_code == 404


def test_a_family_is_changed_by_whoever_manages_all_its_machines(
    sign_in: SignIn, hr: Person, other_hr: Person, machine: Machine, family: MachineFamily
) -> None:
    address = reverse("sites:family_amend", args=[family.uid])
    assert sign_in(other_hr).get(address).status_code == 403
    client = sign_in(hr)
    typed = {"name_zh": "键合机", "name_en": "Bonder", "needs_authorisation": "on", "instruction_months": "12"}
    assert client.post(address, {**typed, "revision": "1", "instruction_months": "0"}).status_code == 422
    assert client.post(address, {**typed, "revision": "1"}).status_code == 302
    family.refresh_from_db()
    assert (family.name_en, family.needs_authorisation, family.code) == ("Bonder", True, "bonder")
    stale = client.post(address, {**typed, "revision": "1", "name_en": "Mine"})
    assert stale.status_code == 409 and "Mine" in stale.content.decode()


def test_a_term_with_classes_keeps_its_monday_and_cannot_end_before_them(
    sign_in: SignIn, teacher: Person, student: Person, cohort: Cohort, term: TeachingTerm
) -> None:
    address = reverse("sites:term_amend", args=[term.uid])
    assert sign_in(student).get(address).status_code == 403
    client = sign_in(teacher)
    typed = {"name_zh": "秋季学期", "name_en": "Autumn", "zone": term.zone, "weeks": "18"}
    moved = {**typed, "starts_on": (monday() + timedelta(days=7)).isoformat()}
    assert client.post(address, {**moved, "revision": "1"}).status_code == 302
    assert client.post(address, {**typed, "starts_on": monday().isoformat(), "revision": "2"}).status_code == 302
    services.schedule_sessions(
        actor=teacher, term=term, lessons=[Lesson(cohort, "英语", at(14, days=8), at(15, days=8))]
    )
    refused = client.post(address, {**moved, "revision": "3"})
    assert refused.status_code == 422 and "It has classes already" in refused.content.decode()
    short = client.post(address, {**typed, "starts_on": monday().isoformat(), "weeks": "1", "revision": "3"})
    assert short.status_code == 422 and "until week 2" in short.content.decode()
    assert (
        client.post(address, {**typed, "starts_on": monday().isoformat(), "weeks": "2", "revision": "3"}).status_code
        == 302
    )


def test_days_beyond_the_calendar_show_this_week_and_classes_that_do_not_stand_are_not_taken_back(
    sign_in: SignIn, teacher: Person, cohort: Cohort, term: TeachingTerm, machine: Machine, site: Site
) -> None:
    client = sign_in(teacher)
    for address in (reverse("sites:timetable"), machine.get_absolute_url(), site.get_absolute_url()):
        for week in ("0001-01-01", "9999-12-31"):
            assert client.get(address, {"week": week}).status_code == 200
    days = {"first_day": monday().isoformat(), "last_day": monday().isoformat(), "reason": "停课"}
    none = client.post(reverse("sites:withdraw", args=[term.uid]), {"cohort": cohort.pk, "course": "", **days})
    assert none.status_code == 422 and "No class stands there" in none.content.decode()


def test_who_lacks_the_instruction_is_told_so_instead_of_being_led_to_a_form(
    sign_in: SignIn, mentor: Person, student: Person, machine: Machine, family: MachineFamily
) -> None:
    MachineFamily.objects.update(needs_authorisation=True)
    address, book = machine.get_absolute_url(), reverse("sites:book", args=[machine.uid])
    told = sign_in(student).get(address).content.decode()
    assert "You need an instruction first" in told and book not in told
    services.authorise(actor=mentor, person=student, family=family)
    assert book in sign_in(student).get(address).content.decode()


def test_more_machines_bookings_and_permits_cost_no_more_queries(
    sign_in: SignIn, hr: Person, student: Person, mentor: Person, machine: Machine, site: Site, family: MachineFamily
) -> None:
    MachineFamily.objects.update(needs_authorisation=True)
    services.authorise(actor=mentor, person=student, family=family)
    services.book(actor=student, machine=machine, person=student, start=at(9), end=at(10))
    pages = [
        reverse("sites:overview"),
        reverse("sites:utilisation"),
        site.get_absolute_url(),
        family.get_absolute_url(),
        f"{machine.get_absolute_url()}?week={monday()}",
        reverse("sites:day", args=[site.uid]) + f"?day={monday()}",
    ]
    keeper, own = sign_in(hr), sign_in(student)

    def asked() -> list[int]:
        counts = []
        for client, address in [*((keeper, one) for one in pages), (own, reverse("sites:bookings"))]:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counts.append(len(queries))
        return counts

    asked()
    few = asked()
    for number in range(4):
        more = services.register_machine(
            actor=hr,
            site=site,
            family=family,
            code=f"C-{number}",
            name_zh=f"键合机{number}",
            in_use_from=machine.in_use_from,
        )
        services.book(actor=student, machine=machine, person=student, start=at(10 + number), end=at(11 + number))
        services.set_terms(actor=hr, machine=more, cost_per_hour=Decimal(10), valid_from=machine.in_use_from)
        other = PersonFactory.create(name=f"other {number}")
        services.authorise(actor=mentor, person=other, family=family)
    assert asked() == few
