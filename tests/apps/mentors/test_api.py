"""The endpoints of mentors: who may read what, and bad input."""

from datetime import date

import pytest
from django.test import Client

from ronghe.apps.accounts.models import Person
from ronghe.apps.mentors import services
from ronghe.apps.mentors.models import Appointment
from tests.apps.mentors.conftest import Claimer, StandardMaker
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db


def test_mentors_are_listed_as_far_as_the_caller_may_see_them(
    appointed: Appointment, sign_in: SignIn, office: Person, hr: Person, other_hr: Person, student: Person,
    anonymous: Client,
) -> None:  # fmt: skip
    url = "/api/mentors/mentors?kind=enterprise&on=2026-06-01"
    for person, seen in ((office, 1), (hr, 1), (other_hr, 0), (student, 0)):
        assert sign_in(person).get(url).json()["total"] == seen
    (row,) = sign_in(hr).get(url).json()["items"]
    assert (row["taken"], row["limit"], row["papers"]) == (0, 5, "none")
    assert row["appointments"][0]["organisation"] == str(appointed.organisation.uid)
    assert anonymous.get(url).status_code in (401, 403)
    assert sign_in(office).get("/api/mentors/mentors?limit=5000").status_code == 422


def test_hours_are_open_to_both_sides_and_statements_to_mentor_and_office(
    confirmed: Claimer, standard_of: StandardMaker, sign_in: SignIn, office: Person, mentor: Person, teacher: Person,
    other_hr: Person, anonymous: Client,
) -> None:  # fmt: skip
    standard_of()
    confirmed()
    issued = services.issue_statement(actor=office, mentor=mentor, month=date(2026, 3, 1))
    hours = "/api/mentors/hours?state=confirmed&first=2026-03-01&last=2026-03-31"
    for person, seen in ((office, 1), (mentor, 1), (teacher, 1), (other_hr, 0)):
        assert sign_in(person).get(hours).json()["total"] == seen
    assert sign_in(teacher).get(hours).json()["items"][0]["starts_at"] == "14:00"
    assert sign_in(teacher).get("/api/mentors/hours?state=lost").status_code == 422
    statement = f"/api/mentors/statements/{issued.uid}"
    for person, status in ((office, 200), (mentor, 200), (teacher, 404), (other_hr, 404)):
        assert sign_in(person).get(statement).status_code == status
    (line,) = sign_in(mentor).get(statement).json()["lines"]
    assert (line["kind"], line["amount"]) == ("fee", "480.00")
    assert len(sign_in(mentor).get("/api/mentors/statements").json()) == 1
    assert sign_in(teacher).get("/api/mentors/statements").json() == []
    for url in (hours, statement, "/api/mentors/statements"):
        assert anonymous.get(url).status_code in (401, 403)
