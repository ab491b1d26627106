"""What the office does to the registry: chains, roles, cohorts, organisations; and what it is told when it may not."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import selectors, services
from ronghe.apps.community.credit_code import check_character, is_valid
from ronghe.apps.community.models import (
    AcademicYear,
    Chain,
    ChainMembership,
    Cohort,
    CohortMembership,
    Departure,
    Organisation,
    Role,
    RoleKind,
    Tier,
)
from ronghe.apps.ledger.models import Event
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.metrics.dated import AlreadySuperseded
from tests.factories import (
    ChainFactory,
    ChainMembershipFactory,
    CohortFactory,
    CohortMembershipFactory,
    OrganisationFactory,
    PersonFactory,
    RegionFactory,
    RoleFactory,
    UniversityFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

DAY = date(2026, 3, 1)


def _events() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("type", flat=True))


# Organisations


def test_registering_an_organisation_records_it(office: Person) -> None:
    organisation = services.register_organisation(
        actor=office, kind="enterprise", name_zh=" 新企业 ", registration_number="914403001922038216", since=DAY
    )
    organisation.refresh_from_db()
    assert (organisation.name_zh, organisation.registered_on, organisation.revision) == ("新企业", DAY, 1)
    assert _events() == ["community.organisation.registered"]
    assert Event.objects.get().subject == f"community.organisation:{organisation.uid}"


@pytest.mark.parametrize("who", ["hr", "mentor", "teacher", "student", "reviewer", "stranger"])
def test_only_the_office_registers_organisations(who: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        services.register_organisation(actor=request.getfixturevalue(who), kind="enterprise", name_zh="新企业")
    assert not Organisation.objects.filter(name_zh="新企业").exists()
    assert _events() == []


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        # As printed on the public register of enterprises.
        ("914403001922038216", True),
        ("9144030071526726XG", True),
        ("91330100799655058B", True),
        ("914403001922038217", False),
        ("9144030071526726XH", False),
        ("91440300192203821", False),
        ("91440300192203821O", False),
        ("", False),
    ],
)
def test_credit_codes_are_told_from_misprints(code: str, valid: bool) -> None:
    assert is_valid(code) is valid


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17), st.data())
def test_a_wrong_character_in_a_credit_code_is_always_found(body: str, data: st.DataObject) -> None:
    code = body + check_character(body)
    assert is_valid(code)
    place = data.draw(st.integers(0, 17))
    other = data.draw(st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY").filter(lambda one: one != code[place]))
    assert not is_valid(code[:place] + other + code[place + 1 :])


def test_a_misprinted_credit_code_is_refused_and_nothing_written(office: Person) -> None:
    with pytest.raises(ValidationError) as refused:
        services.register_organisation(
            actor=office, kind="enterprise", name_zh="新企业", registration_number="914403001922038217"
        )
    assert "registration_number" in refused.value.message_dict
    assert _events() == []


def test_a_credit_code_stands_once_on_the_register(office: Person) -> None:
    OrganisationFactory.create(registration_number="914403001922038216")
    with pytest.raises(ValidationError) as refused:
        services.register_organisation(
            actor=office, kind="enterprise", name_zh="另一家", registration_number="914403001922038216"
        )
    assert "registration_number" in refused.value.message_dict


def test_hr_amends_their_own_firm(hr: Person, firm_a: Organisation) -> None:
    amended = services.amend_organisation(
        actor=hr, organisation=firm_a, expected_revision=1, changes={"website": "https://a.example.com"}
    )
    assert (amended.website, amended.revision) == ("https://a.example.com", 2)
    assert _events() == ["community.organisation.amended"]


def test_hr_of_another_firm_amends_nothing(other_hr: Person, firm_a: Organisation) -> None:
    with pytest.raises(PermissionDenied):
        services.amend_organisation(
            actor=other_hr, organisation=firm_a, expected_revision=1, changes={"name_zh": "别人的"}
        )


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(
    office: Person, hr: Person, firm_a: Organisation
) -> None:
    services.amend_organisation(actor=office, organisation=firm_a, expected_revision=1, changes={"name_en": "First"})
    with pytest.raises(StaleRevision) as stale:
        services.amend_organisation(actor=hr, organisation=firm_a, expected_revision=1, changes={"name_en": "Second"})
    assert isinstance(stale.value.current, Organisation)
    assert stale.value.current.name_en == "First"
    firm_a.refresh_from_db()
    assert (firm_a.name_en, firm_a.revision) == ("First", 2)


def test_saving_without_a_change_is_no_event(hr: Person, firm_a: Organisation) -> None:
    services.amend_organisation(actor=hr, organisation=firm_a, expected_revision=1, changes={"name_zh": firm_a.name_zh})
    firm_a.refresh_from_db()
    assert firm_a.revision == 1
    assert _events() == []


def test_the_kind_of_an_organisation_is_not_amended(office: Person, firm_a: Organisation) -> None:
    with pytest.raises(ValueError, match="kind"):
        services.amend_organisation(
            actor=office, organisation=firm_a, expected_revision=1, changes={"kind": "university"}
        )


def test_a_place_is_added_once_under_a_name(hr: Person, firm_a: Organisation) -> None:
    region = RegionFactory.create()
    services.add_campus(actor=hr, organisation=firm_a, name_zh="一号厂区", region=region)
    with pytest.raises(ValidationError):
        services.add_campus(actor=hr, organisation=firm_a, name_zh="一号厂区", region=region)
    assert firm_a.campuses.count() == 1


# Roles


def test_a_role_given_today_counts_at_once(office: Person, firm_a: Organisation, stranger: Person) -> None:
    assert not stranger.has_perm("community.amend_organisation", firm_a)
    services.appoint(
        actor=office, person=stranger, organisation=firm_a, kind="enterprise_hr", valid_from=timezone.localdate()
    )
    assert stranger.has_perm("community.amend_organisation", firm_a)
    assert _events() == ["community.role.given"]


@pytest.mark.parametrize("who", ["hr", "mentor", "teacher", "student", "reviewer", "stranger"])
def test_nobody_appoints_themselves_to_the_office(
    who: str, university: Organisation, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        services.appoint(actor=person, person=person, organisation=university, kind="office", valid_from=DAY)
    assert not Role.objects.filter(person=person, kind=RoleKind.OFFICE).exists()


@pytest.mark.parametrize("kind", ["enterprise_hr", "mentor", "reviewer"])
def test_a_university_has_no_enterprise_roles(
    kind: str, office: Person, stranger: Person, university: Organisation
) -> None:
    with pytest.raises(ValidationError) as refused:
        services.appoint(actor=office, person=stranger, organisation=university, kind=kind, valid_from=DAY)
    assert "kind" in refused.value.message_dict


def test_a_role_is_not_given_twice_for_the_same_days(office: Person, hr: Person, firm_a: Organisation) -> None:
    with pytest.raises(ValidationError) as refused:
        services.appoint(actor=office, person=hr, organisation=firm_a, kind="enterprise_hr", valid_from=DAY)
    assert "valid_from" in refused.value.message_dict


def test_a_role_may_be_given_again_after_it_ended(office: Person, firm_a: Organisation) -> None:
    person = RoleFactory.create(organisation=firm_a, valid_from=DAY, valid_until=DAY + timedelta(10)).person
    again = services.appoint(
        actor=office, person=person, organisation=firm_a, kind="enterprise_hr", valid_from=DAY + timedelta(10)
    )
    assert again.pk
    with pytest.raises(ValidationError):
        services.appoint(
            actor=office,
            person=person,
            organisation=firm_a,
            kind="enterprise_hr",
            valid_from=DAY - timedelta(5),
            valid_until=DAY + timedelta(1),
        )


def test_ending_a_role_takes_its_permissions_and_keeps_the_past(
    office: Person, hr: Person, firm_a: Organisation
) -> None:
    role = hr.roles.get()
    today = timezone.localdate()
    services.end_role(actor=office, role=role, on=today)
    fresh = Person.objects.get(pk=hr.pk)
    assert not fresh.has_perm("community.amend_organisation", firm_a)
    assert list(selectors.organisations_where(hr, RoleKind.ENTERPRISE_HR)) == []
    assert list(selectors.organisations_where(hr, RoleKind.ENTERPRISE_HR, today - timedelta(1))) == [firm_a]
    assert _events() == ["community.role.ended"]


def test_the_last_of_the_office_cannot_be_dismissed(office: Person, university: Organisation) -> None:
    with pytest.raises(ValidationError):
        services.end_role(actor=office, role=office.roles.get(), on=timezone.localdate())
    successor = PersonFactory.create()
    services.appoint(actor=office, person=successor, organisation=university, kind="office", valid_from=DAY)
    services.end_role(actor=office, role=office.roles.get(), on=timezone.localdate())
    assert not Person.objects.get(pk=office.pk).has_perm("community.view_people")


def test_ending_a_role_that_someone_else_just_ended_says_so(office: Person, hr: Person) -> None:
    stale = hr.roles.get()
    services.end_role(actor=office, role=hr.roles.get(), on=timezone.localdate())
    with pytest.raises(AlreadySuperseded):
        services.end_role(actor=office, role=stale, on=timezone.localdate())


# Chains


@pytest.fixture
def chain(office: Person) -> Chain:
    return services.found_chain(actor=office, name_zh="测试链", field="ic", founded_on=DAY)


def test_a_chain_name_is_not_used_twice(office: Person, chain: Chain) -> None:
    with pytest.raises(ValidationError):
        services.found_chain(actor=office, name_zh="测试链", field="ic", founded_on=DAY)


@pytest.mark.parametrize("who", ["hr", "reviewer", "stranger"])
def test_only_the_office_admits_members(
    who: str, chain: Chain, firm_a: Organisation, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(PermissionDenied):
        services.admit_to_chain(
            actor=request.getfixturevalue(who), chain=chain, organisation=firm_a, tier="leader", valid_from=DAY
        )


def test_the_leader_brings_members_in(
    office: Person, chain: Chain, firm_a: Organisation, firm_b: Organisation, university: Organisation
) -> None:
    services.admit_to_chain(actor=office, chain=chain, organisation=firm_a, tier="leader", valid_from=DAY)
    services.admit_to_chain(
        actor=office, chain=chain, organisation=firm_b, tier="member", valid_from=DAY, brought_in_by=firm_a
    )
    services.admit_to_chain(actor=office, chain=chain, organisation=university, tier="university", valid_from=DAY)
    members = [(row.organisation, row.tier, row.brought_in_by) for row in selectors.members_of(chain, DAY)]
    assert members == [
        (firm_a, "leader", None),
        (firm_b, "member", firm_a),
        (university, "university", None),
    ]
    assert selectors.leader_of(chain, DAY) == firm_a
    assert selectors.leader_of(chain, DAY - timedelta(1)) is None


@pytest.mark.parametrize(
    ("kind", "tier"), [("university", "leader"), ("university", "member"), ("enterprise", "university")]
)
def test_a_tier_fits_the_kind_of_organisation(kind: str, tier: str, office: Person, chain: Chain) -> None:
    organisation = UniversityFactory.create() if kind == "university" else OrganisationFactory.create()
    with pytest.raises(ValidationError) as refused:
        services.admit_to_chain(actor=office, chain=chain, organisation=organisation, tier=tier, valid_from=DAY)
    assert "tier" in refused.value.message_dict


def test_nobody_joins_before_the_chain_was_founded(office: Person, chain: Chain, firm_a: Organisation) -> None:
    with pytest.raises(ValidationError):
        services.admit_to_chain(
            actor=office, chain=chain, organisation=firm_a, tier="member", valid_from=DAY - timedelta(1)
        )


def test_who_brings_in_is_a_member_that_day_and_not_the_same(
    office: Person, chain: Chain, firm_a: Organisation, firm_b: Organisation
) -> None:
    for by in (firm_b, firm_a):
        with pytest.raises(ValidationError) as refused:
            services.admit_to_chain(
                actor=office, chain=chain, organisation=firm_a, tier="member", valid_from=DAY, brought_in_by=by
            )
        assert "brought_in_by" in refused.value.message_dict


def test_leadership_is_handed_over_on_a_day(
    office: Person, chain: Chain, firm_a: Organisation, firm_b: Organisation
) -> None:
    services.admit_to_chain(actor=office, chain=chain, organisation=firm_a, tier="leader", valid_from=DAY)
    member = services.admit_to_chain(actor=office, chain=chain, organisation=firm_b, tier="member", valid_from=DAY)
    handover = DAY + timedelta(30)
    with pytest.raises(ValidationError) as refused:
        services.change_tier(actor=office, membership=member, tier="leader", on=handover)
    assert firm_a.name in str(refused.value)
    leader = ChainMembership.objects.known().get(organisation=firm_a)
    services.change_tier(actor=office, membership=leader, tier="member", on=handover)
    services.change_tier(actor=office, membership=member, tier="leader", on=handover)
    assert selectors.leader_of(chain, handover - timedelta(1)) == firm_a
    assert selectors.leader_of(chain, handover) == firm_b
    assert list(selectors.members_of(chain, handover).values_list("tier", flat=True)) == ["leader", "member"]


def test_the_database_refuses_a_second_open_leader(chain: Chain) -> None:
    ChainMembershipFactory.create(chain=chain, tier=Tier.LEADER, valid_from=DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        ChainMembershipFactory.create(chain=chain, tier=Tier.LEADER, valid_from=DAY + timedelta(3))


def test_leaving_keeps_the_past_and_allows_a_return(office: Person, chain: Chain, firm_a: Organisation) -> None:
    joined = services.admit_to_chain(actor=office, chain=chain, organisation=firm_a, tier="member", valid_from=DAY)
    services.leave_chain(actor=office, membership=joined, on=DAY + timedelta(10))
    assert selectors.chains_of(firm_a, DAY + timedelta(9)).count() == 1
    assert selectors.chains_of(firm_a, DAY + timedelta(10)).count() == 0
    services.admit_to_chain(
        actor=office, chain=chain, organisation=firm_a, tier="member", valid_from=DAY + timedelta(20)
    )
    assert selectors.chains_of(firm_a, DAY + timedelta(20)).count() == 1


def test_a_stale_page_cannot_end_a_membership_twice(office: Person, chain: Chain, firm_a: Organisation) -> None:
    joined = services.admit_to_chain(actor=office, chain=chain, organisation=firm_a, tier="member", valid_from=DAY)
    services.leave_chain(actor=office, membership=joined, on=DAY + timedelta(10))
    with pytest.raises(AlreadySuperseded):
        services.leave_chain(actor=office, membership=joined, on=DAY + timedelta(5))


steps = st.lists(
    st.tuples(st.sampled_from(["admit", "promote", "demote", "leave"]), st.integers(0, 2), st.integers(0, 30)),
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_whatever_is_tried_a_chain_has_one_leader_a_day(office: Person, steps: list[tuple[str, int, int]]) -> None:
    chain = ChainFactory.create(founded_on=DAY)
    firms = [OrganisationFactory.create() for _ in range(3)]
    for verb, number, days in steps:
        day = DAY + timedelta(days)
        known = ChainMembership.objects.known().filter(chain=chain, organisation=firms[number]).order_by("valid_from")
        membership = known.last()
        try:
            with transaction.atomic():
                if verb == "admit":
                    services.admit_to_chain(
                        actor=office, chain=chain, organisation=firms[number], tier="member", valid_from=day
                    )
                elif membership is None:
                    continue
                elif verb == "leave":
                    services.leave_chain(actor=office, membership=membership, on=day)
                else:
                    tier = "leader" if verb == "promote" else "member"
                    services.change_tier(actor=office, membership=membership, tier=tier, on=day)
        except ValidationError:
            continue
    # Between the days on which something was tried, and the days after them, nothing changes.
    for days in {day + later for _, _, day in steps for later in (0, 1)}:
        members = list(selectors.members_of(chain, DAY + timedelta(days)))
        assert sum(member.tier == Tier.LEADER for member in members) <= 1
        assert len({member.organisation_id for member in members}) == len(members)


# Years and cohorts


def test_academic_years_follow_one_another(office: Person) -> None:
    services.open_academic_year(actor=office, label="2026-2027", starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 31))
    with pytest.raises(ValidationError):
        services.open_academic_year(
            actor=office, label="2027-2028", starts_on=date(2027, 8, 31), ends_on=date(2028, 8, 31)
        )
    assert AcademicYear.objects.count() == 1


@pytest.mark.parametrize("label", ["2026", "2026-2028", "26-27", "2026–2027"])
def test_an_academic_year_is_written_in_one_way(label: str, office: Person) -> None:
    with pytest.raises(ValidationError):
        services.open_academic_year(actor=office, label=label, starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 31))


def test_enrolling_makes_a_student_of_the_university(
    office: Person, university: Organisation, stranger: Person
) -> None:
    cohort = CohortFactory.create(organisation=university)
    services.enrol(actor=office, cohort=cohort, person=stranger, student_number="S1", valid_from=DAY)
    assert list(selectors.roster(cohort, DAY).values_list("person__name", "student_number")) == [("stranger", "S1")]
    assert Role.objects.on(DAY).get(person=stranger).kind == RoleKind.STUDENT
    assert sorted(_events()) == ["community.role.given", "community.student.enrolled"]


def test_nobody_and_no_number_is_in_a_cohort_twice(office: Person, stranger: Person, student: Person) -> None:
    cohort = CohortFactory.create()
    services.enrol(actor=office, cohort=cohort, person=stranger, student_number="S1", valid_from=DAY)
    with pytest.raises(ValidationError):
        services.enrol(actor=office, cohort=cohort, person=stranger, student_number="S2", valid_from=DAY)
    with pytest.raises(ValidationError):
        services.enrol(actor=office, cohort=cohort, person=student, student_number="S1", valid_from=DAY)
    assert CohortMembership.objects.count() == 1


def test_a_student_moves_to_another_cohort_on_a_day(office: Person, university: Organisation, stranger: Person) -> None:
    old, new = CohortFactory.create_batch(2, organisation=university)
    membership = services.enrol(actor=office, cohort=old, person=stranger, student_number="S1", valid_from=DAY)
    day = DAY + timedelta(20)
    services.transfer(actor=office, membership=membership, to=new, on=day)
    assert selectors.roster(old, day - timedelta(1)).count() == 1
    assert selectors.roster(old, day).count() == 0
    assert selectors.roster(new, day).get().student_number == "S1"
    assert selectors.roster(new, day - timedelta(1)).count() == 0


def test_a_transfer_stays_within_the_university(office: Person, university: Organisation, stranger: Person) -> None:
    membership = services.enrol(
        actor=office, cohort=CohortFactory.create(organisation=university), person=stranger, valid_from=DAY
    )
    with pytest.raises(ValidationError):
        services.transfer(actor=office, membership=membership, to=CohortFactory.create(), on=DAY + timedelta(1))


@pytest.mark.parametrize("who", ["hr", "teacher", "student", "stranger"])
def test_only_the_office_enrols(who: str, university: Organisation, request: pytest.FixtureRequest) -> None:
    cohort: Cohort = CohortFactory.create(organisation=university)
    with pytest.raises(PermissionDenied):
        services.enrol(actor=request.getfixturevalue(who), cohort=cohort, person=PersonFactory.create(), valid_from=DAY)


def test_leaving_a_cohort_keeps_who_was_in_it(office: Person, stranger: Person) -> None:
    cohort = CohortFactory.create()
    membership = services.enrol(actor=office, cohort=cohort, person=stranger, valid_from=DAY)
    left = services.leave_cohort(
        actor=office, membership=membership, on=DAY + timedelta(5), departure=Departure.WITHDREW
    )
    assert selectors.roster(cohort, DAY + timedelta(4)).count() == 1
    assert selectors.roster(cohort, DAY + timedelta(5)).count() == 0
    assert left is not None
    assert left.departure == Departure.WITHDREW
    with pytest.raises(ValidationError):
        services.leave_cohort(actor=office, membership=left, on=DAY + timedelta(4), departure=Departure.GRADUATED)


def test_a_cohort_graduates_at_once_without_those_who_left_or_moved_before(
    office: Person, teacher: Person, university: Organisation
) -> None:
    cohort, other = CohortFactory.create_batch(2, organisation=university)
    stayed, quit_, moved = (
        services.enrol(actor=office, cohort=cohort, person=person, valid_from=DAY)
        for person in PersonFactory.create_batch(3)
    )
    services.leave_cohort(actor=office, membership=quit_, on=DAY + timedelta(3), departure=Departure.WITHDREW)
    services.transfer(actor=office, membership=moved, to=other, on=DAY + timedelta(3))
    with pytest.raises(PermissionDenied):
        services.graduate(actor=teacher, cohort=cohort, on=DAY + timedelta(9))
    with pytest.raises(ValidationError):
        services.graduate(actor=office, cohort=cohort, on=DAY)
    assert services.graduate(actor=office, cohort=cohort, on=DAY + timedelta(9)) == 1
    ended = {one.person: one.departure for one in cohort.memberships.known()}
    assert ended == {stayed.person: "graduated", quit_.person: "withdrew", moved.person: "transferred"}
    there = other.memberships.known().get()
    with pytest.raises(ValidationError):
        services.leave_cohort(actor=office, membership=there, on=DAY + timedelta(9), departure=Departure.TRANSFERRED)


def test_many_are_enrolled_as_one_would_be(
    office: Person, university: Organisation, student: Person, django_assert_max_num_queries: Any
) -> None:
    cohort = CohortFactory.create(organisation=university)
    newcomers = PersonFactory.create_batch(30)
    enrolments = [services.Enrolment(person, f"S{number}", DAY) for number, person in enumerate([student, *newcomers])]
    with django_assert_max_num_queries(25):
        assert services.enrol_many(actor=office, cohort=cohort, enrolments=enrolments) == 31
    assert selectors.roster(cohort, DAY).count() == 31
    assert Role.objects.on(DAY).filter(kind=RoleKind.STUDENT).count() == 31
    assert student.roles.count() == 1, "who is a student already gets no second role"
    assert _events().count("community.student.enrolled") == 31
    assert _events().count("community.role.given") == 30


@pytest.mark.parametrize("twice", ["person", "number"])
def test_many_are_enrolled_together_or_not_at_all(twice: str, office: Person) -> None:
    cohort = CohortFactory.create()
    first, second = PersonFactory.create_batch(2)
    enrolments = [
        services.Enrolment(first, "S1", DAY),
        services.Enrolment(first if twice == "person" else second, "S1" if twice == "number" else "S2", DAY),
    ]
    with pytest.raises(ValidationError):
        services.enrol_many(actor=office, cohort=cohort, enrolments=enrolments)
    assert not CohortMembership.objects.exists()
    assert _events() == []


def test_who_left_a_cohort_may_come_back_with_the_others(office: Person) -> None:
    left = CohortMembershipFactory.create(student_number="S1", valid_until=DAY)
    back = [services.Enrolment(left.person, "S1", DAY)]
    assert services.enrol_many(actor=office, cohort=left.cohort, enrolments=back) == 1
    with pytest.raises(ValidationError):
        services.enrol_many(actor=office, cohort=left.cohort, enrolments=back)


def test_many_roles_are_given_as_one_would_be(
    office: Person, firm_a: Organisation, hr: Person, django_assert_max_num_queries: Any
) -> None:
    people = PersonFactory.create_batch(30)
    appointments = [services.Appointment(person, firm_a, "mentor", DAY, None) for person in [hr, *people]]
    with django_assert_max_num_queries(20):
        assert services.appoint_many(actor=office, appointments=appointments) == 31
    assert selectors.people_with("mentor", firm_a, DAY).count() == 31


@pytest.mark.parametrize(
    ("kind", "until"), [("enterprise_hr", None), ("teacher", None), ("mentor", DAY), ("captain", None)]
)
def test_many_roles_are_given_together_or_not_at_all(
    kind: str, until: date | None, office: Person, firm_a: Organisation, hr: Person
) -> None:
    appointments = [
        services.Appointment(PersonFactory.create(), firm_a, "mentor", DAY, None),
        services.Appointment(hr, firm_a, kind, DAY, until),
    ]
    with pytest.raises(ValidationError):
        services.appoint_many(actor=office, appointments=appointments)
    assert not Role.objects.filter(kind="mentor").exists()
    assert _events() == []


@pytest.mark.parametrize("who", ["hr", "teacher", "stranger"])
def test_nobody_but_the_office_does_so_in_bulk(who: str, firm_a: Organisation, request: pytest.FixtureRequest) -> None:
    person = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        services.appoint_many(actor=person, appointments=[services.Appointment(person, firm_a, "mentor", DAY, None)])
    with pytest.raises(PermissionDenied):
        services.enrol_many(
            actor=person, cohort=CohortFactory.create(), enrolments=[services.Enrolment(person, "", DAY)]
        )
    with pytest.raises(PermissionDenied):
        services.register_organisations(actor=person, organisations=[OrganisationFactory.build()])


# Search and sight


@pytest.mark.parametrize("asked", ["zhangwei", "Zhang Wei", "zw", "张", "wei"])
def test_zhang_wei_is_found_by_pinyin(asked: str) -> None:
    person = PersonFactory.create(name="张伟")
    PersonFactory.create(name="李娜")
    assert list(selectors.people(text=asked)) == [person]


def test_rosters_are_seen_by_office_own_teachers_and_oneself(
    office: Person, teacher: Person, student: Person, hr: Person, university: Organisation
) -> None:
    mine = CohortMembershipFactory.create(cohort=CohortFactory.create(organisation=university), person=student)
    classmate = CohortMembershipFactory.create(cohort=mine.cohort)
    elsewhere = CohortMembershipFactory.create()
    seen = {
        who: set(CohortMembership.objects.visible_to(person))
        for who, person in {"office": office, "teacher": teacher, "student": student, "hr": hr}.items()
    }
    assert seen == {
        "office": {mine, classmate, elsewhere},
        "teacher": {mine, classmate},
        "student": {mine},
        "hr": set(),
    }
