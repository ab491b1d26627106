"""The CRI from the records, computed by hand beside it, and the numbers that the curriculum measures by name."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from ronghe.apps.curriculum import response, services
from ronghe.apps.curriculum.metrics import renewal_day
from ronghe.apps.demand import services as demand_services
from ronghe.apps.demand.gap import behind
from ronghe.apps.demand.keys import enterprise_key
from ronghe.apps.demand.models import Requirement, RequirementState
from ronghe.apps.demand.selectors import frozen_records
from ronghe.apps.demand.services.counting import renew_data_version
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Window
from ronghe.apps.metrics.records import select
from tests.apps.curriculum.conftest import LONG_AGO, unit_data
from tests.factories import (
    CohortFactory,
    CohortMembershipFactory,
    PostingFactory,
    RequirementFactory,
    SkillFactory,
    asks,
)

pytestmark = pytest.mark.django_db


def today():
    return timezone.localdate()


def post(firm, *skills, days=0, heads=1):
    """An advertisement of a registered firm, so many days old."""
    return asks(
        PostingFactory.create(
            organisation=firm, enterprise_key=enterprise_key(firm.pk, "", ""), head_count=heads,
            published_on=today() - timedelta(days=days),
        ),
        *skills,
    )  # fmt: skip


@pytest.fixture
def asked(firm_a, skill, other_skill):
    """Firm A advertised both skills today, and a year ago the first; nobody raised a requirement."""
    post(firm_a, skill, other_skill)
    renew_data_version()


def test_the_index_is_the_one_computed_by_hand(asked, package, release, skill, other_skill, firm_a):
    release(package, unit_data(skill, level=2, hours=4))
    renew_data_version()
    found = response.response(today()).found
    # Both skills weigh one half. The first: covered by 4 of 8 hours, level 2 of the 3 that stands where none is stated,
    # taught in the month in which it was asked; the second is not taught. Practice is the half that is asked.
    matching = 0.5 * (0.5 * 2 / 3)
    by_hand = 100 * matching**0.6 * 0.5**0.25 * 0.5**0.15
    # Without a requirement the prior answers: (0 + 0.5) / (0 + 1).
    assert found.result.cri == pytest.approx(by_hand)
    measured = registry.measure("curriculum.enterprise.cri", [firm_a.pk], Window(today(), today()))[firm_a.pk]
    assert measured.value == pytest.approx(by_hand)
    assert (measured.low, measured.definition) == (None, "curriculum.enterprise.cri@1")


def test_without_demand_or_without_teaching_the_index_says_so(programme, asked, skill):
    untaught = response.response(today())
    assert untaught.found.result.cri == 0
    Requirement.objects.all().delete()
    nobody = response.response(today() - timedelta(days=900))
    assert nobody.found is None
    assert nobody.refused.code == "cri.no_data"


def test_a_requirement_waits_until_it_is_met_and_a_withdrawn_one_asks_nothing(package, release, skill, firm_a):
    raised = today() - timedelta(days=120)
    met = RequirementFactory.create(organisation=firm_a, skill=skill, raised_on=raised, severity=2)
    RequirementFactory.create(
        organisation=firm_a, skill=SkillFactory.create(), raised_on=raised, state=RequirementState.WITHDRAWN,
        closed_on=raised,
    )  # fmt: skip
    renew_data_version()
    before = response.response(today()).found
    assert before.requirement_keys == (met.pk,)
    assert before.result.inputs.requirements.days.tolist() == [120]
    release(package, unit_data(skill), on=today() - timedelta(days=90))
    after = response.response(today()).found
    assert after.result.inputs.requirements.days.tolist() == [30]
    at = after.enterprises.index(firm_a.pk)
    assert after.result.response[at] == pytest.approx((2 * 1 + 0.5) / 3)


def test_what_a_draft_would_change_is_what_its_release_changes(package, teacher, release, asked, skill, other_skill):
    release(package, unit_data(skill, level=2, hours=4))
    base = response.response(today()).found
    version = services.start_version(actor=teacher, package=package)
    services.write_unit(actor=teacher, version=version, data=unit_data(other_skill, level=4))
    answer = response.answer_of_draft(base, version)
    services.discard_version(actor=teacher, version=version)
    release(package, unit_data(skill, level=2, hours=4), unit_data(other_skill, level=4))
    assert answer.cri == pytest.approx(response.response(today()).found.result.cri)
    assert answer.gain > 0


def test_a_programme_answers_with_its_own_units_alone(programme, package, release, asked, skill):
    release(package, unit_data(skill))
    renew_data_version()
    other = services.found_programme(
        actor=programme.courses.get().packages.get().versions.get().created_by, organisation=programme.organisation,
        name_zh="另一专业", field="ic",
    )  # fmt: skip
    window = Window(today(), today())
    found = registry.measure("curriculum.programme.cri", [programme.pk, other.pk], window)
    assert found[programme.pk].value > 0
    assert found[other.pk].value == 0


def test_the_update_rate_counts_what_later_versions_replaced_within_six_months(package, release, skill):
    skills = SkillFactory.create_batch(6)
    window = Window(today() - timedelta(days=30), today())

    def rate():
        return registry.measure_community("curriculum.units.update_rate", window)

    names = "甲乙丙丁戊"
    first = [unit_data(one, name=name) for one, name in zip(skills, names, strict=False)]
    release(package, *first[:4], on=LONG_AGO)
    assert (rate().value, rate().count) == (None, 4)
    release(package, *first, on=LONG_AGO + timedelta(days=30))
    assert rate().value == 0
    release(package, *first[:4], unit_data(skills[5], name="戊"))
    found = rate()
    assert (found.numerator, found.denominator, found.value) == (1, 5, 0.2)
    assert found.low < 0.2 < found.high
    assert found.records.count == 5
    assert registry.measure_community("curriculum.units.due", window).value == 4


def test_six_months_back_keeps_to_the_calendar():
    assert renewal_day(date(2026, 8, 31)) == date(2026, 2, 28)
    assert renewal_day(date(2026, 1, 15)) == date(2025, 7, 15)


def test_supply_counts_students_who_complete_soon_in_programmes_that_teach_the_skill(
    programme, package, office, release, skill, other_skill
):
    window = Window(today(), today())
    assert registry.measure("curriculum.skills.supply", [skill.pk], window)[skill.pk].value is None
    release(package, unit_data(skill))
    cohort = CohortFactory.create(organisation=programme.organisation)
    CohortMembershipFactory.create_batch(3, cohort=cohort)
    starts = cohort.academic_year.starts_on
    months = (today().year - starts.year) * 12 + today().month - starts.month + 6
    services.amend_programme(actor=office, programme=programme, revision=1, cohorts=[cohort], months=months)
    found = registry.measure("curriculum.skills.supply", [skill.pk, other_skill.pk], window)
    assert (found[skill.pk].value, found[other_skill.pk].value) == (3, 0)
    students = select(found[skill.pk].records)
    assert {row.cohort_id for row in students} == {cohort.pk}
    assert (len(students), found[skill.pk].records.count, found[other_skill.pk].records.count) == (3, 3, 0)
    taught = registry.measure("curriculum.skills.taught", [skill.pk, other_skill.pk], window)
    assert (taught[skill.pk].value, taught[other_skill.pk].value) == (1, 0)


def test_the_gap_of_a_white_paper_opens_the_units_and_students_of_its_supply(
    programme, package, office, release, skill, student, firm_a
):
    release(package, unit_data(skill))
    post(firm_a, skill)
    cohort = CohortFactory.create(organisation=programme.organisation)
    CohortMembershipFactory.create_batch(5, cohort=cohort)
    services.amend_programme(actor=office, programme=programme, revision=1, cohorts=[cohort], months=1)
    data = demand_services.RoundData("春季", today() - timedelta(days=30), today())
    started = demand_services.start_round(actor=office, data=data)
    paper = demand_services.freeze_round(actor=office, round=started, revision=started.revision)
    for figure in (paper.content["skills"][0]["gap"], paper.content["fields"][0]["gap"]):
        kept = {paper.content["records"][key]["model"]: key for key in figure["records"]}
        assert len(kept) == 4
        assert paper.content["records"][kept["curriculum.unit"]]["count"] == 1
        rosters = [frozen_records(viewer, paper, kept["community.cohortmembership"]) for viewer in (office, student)]
        assert [(one.count, one.rows.count(), one.hidden) for one in rosters] == [(5, 5, 0), (5, 0, 5)]


def test_the_gap_on_the_page_of_a_skill_opens_postings_requirements_students_and_units(
    programme, package, office, student, release, skill, firm_a, sign_in
):
    release(package, unit_data(skill), on=LONG_AGO)
    post(firm_a, skill, heads=3)
    open_one = RequirementFactory.create(organisation=firm_a, skill=skill, raised_on=today() - timedelta(days=9))
    met = RequirementFactory.create(organisation=firm_a, skill=skill, raised_on=today() - timedelta(days=9))
    Requirement.objects.filter(pk=met.pk).update(closed_on=today(), state=RequirementState.RELEASED)
    cohort = CohortFactory.create(organisation=programme.organisation)
    CohortMembershipFactory.create_batch(5, cohort=cohort)
    services.amend_programme(actor=office, programme=programme, revision=1, cohorts=[cohort], months=1)
    renew_data_version()
    client = sign_in(office)
    shown = client.get(skill.get_absolute_url()).context
    assert shown["found"].gap.url
    assert client.get(shown["found"].gap.url).context["opened"].found == 1
    opened = [client.get(part.url).context["opened"] for _name, part in shown["gap_parts"]]
    assert [(one.view.model, one.found, one.visible, one.unchanged) for one in opened] == [
        ("demand.posting", 1, 1, True),
        ("demand.requirement", 1, 1, True),
        ("community.cohortmembership", 5, 5, True),
        ("curriculum.unit", 1, 1, True),
    ]
    assert list(opened[1].rows) == [open_one]
    viewer = sign_in(student)
    parts = viewer.get(skill.get_absolute_url()).context["gap_parts"]
    assert [viewer.get(part.url).context["opened"].visible for _name, part in parts] == [1, 0, 0, 1]
    yesterday = Window(today() - timedelta(days=3), today() - timedelta(days=1))
    missing = registry.measure("demand.skill.gap", [skill.pk], yesterday)[skill.pk]
    assert set(select(behind(skill.pk, missing, yesterday)[1].records)) == {open_one, met}
