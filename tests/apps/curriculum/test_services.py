"""The way of a package: drafts, both reviews, release; who may not; and that the database keeps what was released."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from ronghe.apps.curriculum import services
from ronghe.apps.curriculum.content import hash_of, units_of
from ronghe.apps.curriculum.models import Declaration, PackageVersion, Unit, VersionState
from ronghe.apps.curriculum.services import Declared, NotADraft, NotUnderReview
from ronghe.apps.ledger.models import Event
from ronghe.apps.ledger.revision import StaleRevision
from tests.apps.curriculum.conftest import LONG_AGO, fresh, unit_data
from tests.factories import RequirementFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(package, teacher):
    return services.start_version(actor=teacher, package=package)


@pytest.fixture
def reviewed(draft, teacher, skill):
    """A version under review with one unit."""
    services.write_unit(actor=teacher, version=draft, data=unit_data(skill))
    return services.submit_version(actor=teacher, version=draft, revision=fresh(draft).revision)


def approve(version, *people):
    for person in people:
        services.review_version(actor=person, version=version, revision=fresh(version).revision, verdict="approved")


def test_a_unit_keeps_what_was_written(draft, teacher, mentor, skill, other_skill):
    unit = services.write_unit(
        actor=teacher, version=draft,
        data=unit_data(skill, other_skill, university_author=teacher, enterprise_author=mentor),
    )  # fmt: skip
    kept = Unit.objects.get(pk=unit.pk)
    assert (kept.hours, kept.practice_hours, kept.university_author, kept.enterprise_author) == (16, 8, teacher, mentor)
    assert {one.skill for one in kept.declarations.all()} == {skill, other_skill}
    assert Event.objects.filter(type="curriculum.unit.written").count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"hours": Decimal(0), "practice_hours": Decimal(0), "declared": ()}, "hours"),
        ({"practice_hours": Decimal(9)}, "practice_hours"),
        ({"name_zh": " "}, "name_zh"),
        ({"hours": Decimal(7), "practice_hours": Decimal(4)}, "declared"),
        ({"practice_hours": Decimal(3)}, "declared"),
    ],
)
def test_a_unit_that_cannot_be_is_refused_at_its_field_and_nothing_is_written(draft, teacher, skill, changes, field):
    with pytest.raises(ValidationError) as refused:
        services.write_unit(actor=teacher, version=draft, data=replace(unit_data(skill), **changes))
    assert set(refused.value.message_dict) == {field}
    assert not draft.units.exists()


def test_a_skill_declared_twice_or_without_hours_is_refused(draft, teacher, skill):
    for declared in (
        (Declared(skill, 3, Decimal(2)), Declared(skill, 2, Decimal(2))),
        (Declared(skill, 3, Decimal(0)),),
        (Declared(skill, 6, Decimal(2)),),
        (Declared(skill, 3, Decimal(2), Decimal(3)),),
    ):
        with pytest.raises(ValidationError):
            services.write_unit(actor=teacher, version=draft, data=unit_data(skill, declared=declared))


def test_an_author_from_an_enterprise_is_a_mentor_and_one_from_a_university_a_teacher(draft, teacher, mentor, skill):
    with pytest.raises(ValidationError) as refused:
        services.write_unit(
            actor=teacher, version=draft,
            data=unit_data(skill, university_author=mentor, enterprise_author=teacher),
        )  # fmt: skip
    assert set(refused.value.message_dict) == {"university_author", "enterprise_author"}


def test_of_two_people_who_edit_a_unit_the_second_is_told(draft, teacher, office, skill):
    unit = services.write_unit(actor=teacher, version=draft, data=unit_data(skill))
    services.write_unit(
        actor=office, version=draft, data=unit_data(skill, name="甲"), unit=unit, revision=unit.revision
    )
    with pytest.raises(StaleRevision):
        services.write_unit(
            actor=teacher, version=draft, data=unit_data(skill, name="乙"), unit=unit, revision=unit.revision
        )
    assert fresh(unit).name_zh == "甲"


def test_only_one_version_of_a_package_is_in_work(draft, package, teacher):
    with pytest.raises(ValidationError, match="in work"):
        services.start_version(actor=teacher, package=package)
    services.discard_version(actor=teacher, version=draft)
    services.start_version(actor=teacher, package=package)


def test_a_new_version_begins_with_the_units_of_the_last_under_the_same_keys(package, teacher, release, skill):
    first = release(package, unit_data(skill))
    second = services.start_version(actor=teacher, package=package)
    assert second.number == 2
    assert [(unit.key, unit.name_zh) for unit in second.units.all()] == [
        (unit.key, unit.name_zh) for unit in first.units.all()
    ]
    assert second.units.get().declarations.get().skill == skill


@pytest.mark.parametrize("who", ["hr", "mentor", "student", "reviewer", "stranger", "other_teacher"])
def test_others_than_the_university_and_the_office_write_nothing(who, request, draft, package, programme, skill):
    person = request.getfixturevalue(who)
    for deed in (
        lambda: services.write_unit(actor=person, version=draft, data=unit_data(skill)),
        lambda: services.discard_version(actor=person, version=draft),
        lambda: services.submit_version(actor=person, version=draft, revision=draft.revision),
        lambda: services.release_version(actor=person, version=draft, revision=draft.revision),
        lambda: services.add_course(actor=person, programme=programme, code="X", name_zh="课"),
        lambda: services.retire_package(actor=person, package=package, explanation="…"),
        lambda: services.amend_programme(actor=person, programme=programme, revision=1, name_zh="新"),
    ):
        with pytest.raises(PermissionDenied):
            deed()


def test_a_draft_without_units_skills_or_evidence_is_not_reviewed(draft, teacher, skill):
    def submit():
        services.submit_version(actor=teacher, version=draft, revision=fresh(draft).revision)

    with pytest.raises(ValidationError, match="at least one unit"):
        submit()
    unit = services.write_unit(actor=teacher, version=draft, data=unit_data())
    with pytest.raises(ValidationError, match="declares no skill"):
        submit()
    services.write_unit(
        actor=teacher, version=draft, unit=unit, revision=1,
        data=unit_data(skill, declared=(Declared(skill, 3, Decimal(4)),)),
    )  # fmt: skip
    with pytest.raises(ValidationError, match="by what its skills are shown"):
        submit()
    assert fresh(draft).state == VersionState.DRAFT


def test_a_version_under_review_cannot_be_written_to_until_it_is_taken_back(reviewed, teacher, skill):
    with pytest.raises(NotADraft, match="under review"):
        services.write_unit(actor=teacher, version=reviewed, data=unit_data(skill))
    services.recall_version(actor=teacher, version=reviewed, revision=reviewed.revision)
    services.write_unit(actor=teacher, version=reviewed, data=unit_data(skill))


def test_a_release_needs_a_teacher_and_a_mentor(reviewed, teacher, second_teacher, mentor):
    def release():
        return services.release_version(actor=teacher, version=reviewed, revision=fresh(reviewed).revision)

    with pytest.raises(ValidationError, match="Teacher"):
        release()
    approve(reviewed, second_teacher)
    with pytest.raises(ValidationError, match="Enterprise mentor"):
        release()
    approve(reviewed, mentor)
    version = release()
    assert (version.state, version.released_on) == (VersionState.RELEASED, timezone.localdate())
    assert version.content_hash == hash_of(version, units_of(version))


def test_nobody_reviews_what_they_sent_or_wrote(draft, teacher, second_teacher, mentor, skill):
    services.write_unit(
        actor=teacher, version=draft, data=unit_data(skill, enterprise_author=mentor, university_author=second_teacher)
    )
    version = services.submit_version(actor=teacher, version=draft, revision=fresh(draft).revision)
    for person in (teacher, second_teacher, mentor):
        with pytest.raises(PermissionDenied, match="does not review it"):
            approve(version, person)


@pytest.mark.parametrize("who", ["hr", "student", "reviewer", "stranger", "other_teacher", "office"])
def test_others_do_not_review(who, request, reviewed):
    with pytest.raises(PermissionDenied):
        approve(reviewed, request.getfixturevalue(who))


def test_asking_for_changes_makes_it_a_draft_and_earlier_approvals_hold_no_longer(
    reviewed, teacher, second_teacher, mentor
):
    approve(reviewed, second_teacher)
    with pytest.raises(ValidationError, match="what has to change"):
        services.review_version(actor=mentor, version=reviewed, revision=fresh(reviewed).revision, verdict="changes")
    services.review_version(
        actor=mentor, version=reviewed, revision=fresh(reviewed).revision, verdict="changes", comment="缺少实测"
    )
    version = fresh(reviewed)
    assert version.state == VersionState.DRAFT
    version = services.submit_version(actor=teacher, version=version, revision=version.revision)
    approve(version, mentor)
    with pytest.raises(ValidationError, match="Teacher"):
        services.release_version(actor=teacher, version=version, revision=fresh(version).revision)


def test_an_approval_is_for_the_content_that_was_seen(reviewed, teacher, second_teacher, skill):
    seen = reviewed.revision
    version = services.recall_version(actor=teacher, version=reviewed, revision=seen)
    services.write_unit(actor=teacher, version=version, data=unit_data(skill, name="暗改"))
    services.submit_version(actor=teacher, version=version, revision=fresh(version).revision)
    with pytest.raises(StaleRevision):
        services.review_version(actor=second_teacher, version=version, revision=seen, verdict="approved")


def test_a_draft_is_neither_reviewed_nor_released(draft, second_teacher, teacher):
    with pytest.raises(NotUnderReview):
        approve(draft, second_teacher)
    with pytest.raises(NotUnderReview):
        services.release_version(actor=teacher, version=draft, revision=draft.revision)


def test_only_the_office_dates_a_release_back_and_never_before_the_package_or_the_last_one(
    package, reviewed, office, teacher, second_teacher, mentor
):
    approve(reviewed, second_teacher, mentor)
    today = timezone.localdate()

    def release(actor, day):
        return services.release_version(
            actor=actor, version=reviewed, revision=fresh(reviewed).revision, released_on=day
        )

    with pytest.raises(PermissionDenied):
        release(teacher, today - timedelta(days=1))
    for day in (LONG_AGO - timedelta(days=1), today + timedelta(days=1)):
        with pytest.raises(ValidationError):
            release(office, day)
    version = release(office, LONG_AGO)
    assert version.released_on == LONG_AGO
    assert version.recorded_at.date() >= today - timedelta(days=1)


def test_a_release_dates_what_it_replaced_and_keeps_the_day_of_what_lives_on(
    package, teacher, second_teacher, mentor, office, release, skill, other_skill
):
    release(package, unit_data(skill, name="一"), unit_data(other_skill, name="二"), on=LONG_AGO)
    version = services.start_version(actor=teacher, package=package, summary="换了第二单元")
    first, second = version.units.all()
    services.write_unit(
        actor=teacher, version=version, unit=first, revision=first.revision, data=unit_data(skill, name="新名")
    )
    services.write_unit(
        actor=teacher, version=version, unit=second, revision=second.revision, data=unit_data(other_skill, level=5)
    )
    version = services.submit_version(actor=teacher, version=version, revision=fresh(version).revision)
    approve(version, second_teacher, mentor)
    version = services.release_version(actor=teacher, version=version, revision=fresh(version).revision)
    first, second = version.units.all()
    assert (first.change, first.renewed_on, first.novelty) == ("reworded", LONG_AGO, 0)
    assert (second.change, second.renewed_on, second.novelty) == ("replaced", timezone.localdate(), 1)


def test_a_release_closes_the_requirements_that_it_meets(package, release, skill, other_skill):
    met = RequirementFactory.create(skill=skill, skill_level=3)
    unstated = RequirementFactory.create(skill=skill, skill_level=None)
    higher = RequirementFactory.create(skill=skill, skill_level=4)
    other = RequirementFactory.create(skill=other_skill, skill_level=1)
    release(package, unit_data(skill, level=3))
    for row in (met, unstated, higher, other):
        row.refresh_from_db()
    assert [row.state for row in (met, unstated, higher, other)] == ["released", "released", "open", "open"]
    assert met.closed_on == timezone.localdate()


@pytest.mark.postgres
def test_the_database_refuses_every_change_to_a_released_version(package, release, skill, other_skill):
    version = release(package, unit_data(skill))
    unit = version.units.get()
    one = unit.declarations.get()
    for deed in (
        lambda: PackageVersion.objects.filter(pk=version.pk).update(summary="anders"),
        lambda: PackageVersion.objects.filter(pk=version.pk).update(state="draft"),
        lambda: PackageVersion.objects.filter(pk=version.pk)._raw_delete("default"),
        lambda: Unit.objects.filter(pk=unit.pk).update(name_zh="anders"),
        lambda: Unit.objects.filter(pk=unit.pk).update(hours=99),
        lambda: Unit.objects.create(version=version, name_zh="mehr", hours=1),
        lambda: Declaration.objects.filter(pk=one.pk).update(skill_level=5),
        lambda: Declaration.objects.filter(pk=one.pk).delete(),
        lambda: Declaration.objects.create(unit=unit, skill=other_skill, skill_level=1, hours=1),
    ):
        with pytest.raises(DatabaseError, match="cannot change"), transaction.atomic():
            deed()
    assert version.content_hash == hash_of(fresh(version), units_of(version))


@pytest.mark.postgres
def test_a_person_can_be_taken_out_of_a_released_version_but_not_put_in(package, release, skill, office):
    version = release(package, unit_data(skill))
    before = version.content_hash
    with pytest.raises(DatabaseError), transaction.atomic():
        Unit.objects.filter(version=version).update(university_author=office)
    PackageVersion.objects.filter(pk=version.pk).update(submitted_by=None, released_by=None)
    assert fresh(version).submitted_by is None
    assert hash_of(fresh(version), units_of(version)) == before


def test_a_project_is_broken_into_units_that_keep_the_trace(draft, teacher, hr, firm_a):
    project = services.register_project(
        actor=hr, organisation=firm_a, name_zh="伺服驱动器改造", started_on=timezone.localdate() - timedelta(days=90)
    )
    parts = [services.add_part(actor=hr, project=project, name_zh=name, work="做什么") for name in ("采样", "整定")]
    units = services.break_project(actor=teacher, version=draft, parts=parts, hours=Decimal(8))
    assert [(unit.name_zh, unit.source_part.project) for unit in units] == [("采样", project), ("整定", project)]
    with pytest.raises(ValidationError, match="already"):
        services.break_project(actor=teacher, version=draft, parts=parts[:1], hours=Decimal(8))


def test_a_project_comes_from_an_enterprise_and_is_registered_by_its_own(other_hr, office, firm_a, university):
    today = timezone.localdate()
    with pytest.raises(PermissionDenied):
        services.register_project(actor=other_hr, organisation=firm_a, name_zh="项目", started_on=today)
    with pytest.raises(ValidationError, match="enterprise"):
        services.register_project(actor=office, organisation=university, name_zh="项目", started_on=today)


def test_a_case_needs_its_terms_and_says_when_it_was_checked(hr, firm_a):
    day = timezone.localdate() - timedelta(days=400)
    with pytest.raises(ValidationError, match="terms"):
        services.register_case(
            actor=hr, organisation=firm_a, name_zh="案例", summary="…", licence="terms", happened_on=day
        )
    case = services.register_case(actor=hr, organisation=firm_a, name_zh="案例", summary="…", happened_on=day)
    assert case.is_current(timezone.localdate())
    assert not case.is_current(timezone.localdate() + timedelta(days=366))


def test_a_suggested_skill_is_declared_by_a_person_only_with_a_level_and_hours(draft, teacher, skill):
    unit = services.write_unit(actor=teacher, version=draft, data=unit_data())

    def decide(**given):
        return services.decide_suggestion(
            actor=teacher, unit=unit, revision=fresh(unit).revision, skill=skill, reason="“单片机”", score=1.0, **given
        )

    with pytest.raises(ValidationError):
        decide(is_accepted=True)
    with pytest.raises(ValidationError, match="that are left"):
        decide(is_accepted=True, skill_level=3, hours=Decimal(9))
    decide(is_accepted=True, skill_level=3, hours=Decimal(4), practice_hours=Decimal(2))
    assert unit.declarations.get().skill == skill


def test_units_are_put_in_order_by_naming_each_once(draft, teacher, skill):
    units = [services.write_unit(actor=teacher, version=draft, data=unit_data(skill, name=name)) for name in "甲乙"]
    services.arrange_units(actor=teacher, version=draft, order=[units[1].key, units[0].key])
    assert [unit.name_zh for unit in draft.units.all()] == ["乙", "甲"]
    with pytest.raises(ValidationError):
        services.arrange_units(actor=teacher, version=draft, order=[units[0].key])


def test_a_version_is_in_force_from_its_release_to_the_next_or_to_the_end_of_the_package(
    package, office, release, skill
):
    first = release(package, unit_data(skill), on=LONG_AGO)
    later = LONG_AGO + timedelta(days=60)
    second = release(package, unit_data(skill), on=later)

    def taught(day):
        return [version.pk for version in PackageVersion.objects.in_force(day)]

    assert [taught(LONG_AGO - timedelta(days=1)), taught(LONG_AGO), taught(later)] == [[], [first.pk], [second.pk]]
    services.retire_package(actor=office, package=package, explanation="并入另一课程包")
    assert taught(timezone.localdate()) == []
    with pytest.raises(DatabaseError), transaction.atomic():
        PackageVersion.objects.filter(pk=first.pk).update(superseded_on=None)
