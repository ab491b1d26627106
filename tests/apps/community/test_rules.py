"""Permissions follow from dated roles as of today, at the price of one query."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, Role, RoleKind
from tests.factories import CohortFactory, PersonFactory, RoleFactory

OFFICE_ONLY = [
    "community.register_organisation",
    "community.found_chain",
    "community.change_chain",
    "community.view_people",
    "community.appoint",
    "community.open_year",
    "community.open_cohort",
    "community.enrol",
    "jobs.view_all_jobs",
    "ledger.view_personal",
]
EVERYONE = ["community.view_organisation", "community.view_chain", "community.view_cohort", "metrics.view_registry"]
PEOPLE = ["office", "hr", "other_hr", "mentor", "teacher", "student", "reviewer", "stranger"]


@pytest.mark.parametrize("permission", OFFICE_ONLY)
@pytest.mark.parametrize("who", PEOPLE)
def test_only_the_office_runs_the_community(permission: str, who: str, request: pytest.FixtureRequest) -> None:
    assert request.getfixturevalue(who).has_perm(permission) is (who == "office")


@pytest.mark.parametrize("permission", EVERYONE)
@pytest.mark.parametrize("who", PEOPLE)
def test_everyone_signed_in_sees_who_takes_part(permission: str, who: str, request: pytest.FixtureRequest) -> None:
    assert request.getfixturevalue(who).has_perm(permission)


@pytest.mark.parametrize("permission", [*OFFICE_ONLY, *EVERYONE, "ledger.view_event"])
def test_an_anonymous_visitor_may_do_nothing(permission: str) -> None:
    assert not AnonymousUser().has_perm(permission)


@pytest.mark.parametrize("who", PEOPLE)
def test_the_ledger_is_open_to_office_and_reviewers(who: str, request: pytest.FixtureRequest) -> None:
    assert request.getfixturevalue(who).has_perm("ledger.view_event") is (who in {"office", "reviewer"})


def test_hr_amends_their_own_firm_and_no_other(hr: Person, firm_a: Organisation, firm_b: Organisation) -> None:
    assert hr.has_perm("community.amend_organisation", firm_a)
    assert not hr.has_perm("community.amend_organisation", firm_b)
    assert not hr.has_perm("community.amend_organisation")


def test_a_mentor_does_not_amend_their_firm(mentor: Person, firm_a: Organisation) -> None:
    assert not mentor.has_perm("community.amend_organisation", firm_a)


def test_a_teacher_sees_the_rosters_of_their_university_only(teacher: Person, university: Organisation) -> None:
    assert teacher.has_perm("community.view_roster", CohortFactory.create(organisation=university))
    assert not teacher.has_perm("community.view_roster", CohortFactory.create())


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [(0, None, True), (1, None, False), (-10, 0, False), (-10, 1, True), (-1, 1, True)],
)
def test_a_role_counts_from_its_first_day_until_the_day_it_ends(
    starts: int, ends: int | None, expected: bool, university: Organisation
) -> None:
    today = timezone.localdate()
    person = PersonFactory.create()
    RoleFactory.create(
        person=person,
        organisation=university,
        kind=RoleKind.OFFICE,
        valid_from=today + timedelta(days=starts),
        valid_until=None if ends is None else today + timedelta(days=ends),
    )
    assert person.has_perm("community.view_people") is expected


def test_a_superseded_role_counts_no_more(office: Person) -> None:
    Role.objects.filter(person=office).update(superseded_at=timezone.now())
    assert not office.has_perm("community.view_people")


def test_someone_who_may_no_longer_sign_in_holds_nothing(office: Person) -> None:
    office.is_active = False
    assert not office.has_perm("community.view_people")
    assert standing.held_by(office) == frozenset()


def test_all_questions_of_a_request_cost_one_query(
    office: Person, firm_a: Organisation, django_assert_num_queries: object
) -> None:
    fresh = Person.objects.get(pk=office.pk)
    with django_assert_num_queries(1):  # type: ignore[operator]
        for permission in [*OFFICE_ONLY, *EVERYONE]:
            assert fresh.has_perm(permission)
        assert fresh.has_perm("community.amend_organisation", firm_a)
