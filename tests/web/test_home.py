"""The first screen by role: it shows what waits, says "no data" where nothing is measured, and asks boundedly often."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ronghe.apps.community import services as community
from ronghe.apps.demand import services
from ronghe.apps.jobs.models import Job, JobState, Upload
from ronghe.apps.policies import services as policies
from ronghe.web.views import home
from tests.factories import (
    ChainFactory,
    ChainMembershipFactory,
    CohortFactory,
    CohortMembershipFactory,
    PostingFactory,
    RegionFactory,
    RequirementFactory,
    RoleFactory,
    SkillFactory,
    SkillFieldFactory,
    SkillGroupFactory,
    SourceFactory,
    asks,
)

pytestmark = pytest.mark.django_db

SCREENS = ["office", "hr", "mentor", "teacher", "student", "reviewer"]


def body(answer):
    return answer.content.decode()


@pytest.fixture
def chain(firm_a, university):
    found = ChainFactory.create(name_en="Chips", field="ic")
    ChainMembershipFactory.create(chain=found, organisation=firm_a, tier="leader")
    ChainMembershipFactory.create(chain=found, organisation=university, tier="university")
    return found


@pytest.fixture
def chip_skill(db):
    group = SkillGroupFactory.create(
        code="ic.design",
        name_en="Chip design",
        field=SkillFieldFactory.create(code="ic", name_en="Integrated circuits"),
    )
    return SkillFactory.create(code="ic.layout", name_en="Layout", group=group)


def test_an_anonymous_visitor_is_sent_to_sign_in(anonymous):
    assert reverse("account_login") in anonymous.get("/")["Location"]


@pytest.mark.parametrize("who", SCREENS)
def test_each_role_has_a_screen_even_when_nothing_is_there(who, request, sign_in):
    answer = sign_in(request.getfixturevalue(who)).get("/")
    assert answer.status_code == 200
    assert answer.context["kind"] == {"hr": "enterprise_hr"}.get(who, who)


def test_someone_without_a_role_is_told_whom_to_ask(stranger, sign_in):
    answer = sign_in(stranger).get("/")
    assert answer.status_code == 200
    assert "Write to the community office" in body(answer)
    assert stranger.email in body(answer)


def test_a_role_that_has_ended_opens_no_screen(hr, sign_in):
    hr.roles.update(valid_until=date(2021, 1, 1))
    assert "You hold no role yet" in body(sign_in(hr).get("/"))


def test_whoever_holds_several_roles_has_a_tab_for_each(office, university, sign_in):
    RoleFactory.create(person=office, organisation=university, kind="teacher")
    client = sign_in(office)
    first = client.get("/")
    assert first.context["kind"] == "office"
    assert "?as=teacher" in body(first)
    assert client.get("/?as=teacher").context["kind"] == "teacher"
    assert client.get("/?as=reviewer").context["kind"] == "office"
    assert client.get("/?as=%00").status_code == 200


def test_the_office_sees_what_waits_the_longest_first(office, sign_in, firm_a):
    today = timezone.localdate()
    new = RequirementFactory.create(organisation=firm_a, raised_on=today)
    old = RequirementFactory.create(organisation=firm_a, raised_on=today - timedelta(days=40))
    answer = sign_in(office).get("/")
    assert "2 things wait for you" in body(answer)
    assert [item["url"] for item in answer.context["inbox"]] == [old.get_absolute_url(), new.get_absolute_url()]
    assert [item["state"] for item in answer.context["inbox"]] == ["bad", "warn"]
    assert answer.context["inbox"][0]["due"] == "40 days"


def test_the_office_sees_only_so_many_and_how_many_more(office, sign_in):
    RequirementFactory.create_batch(9)
    answer = sign_in(office).get("/")
    assert "9 things wait for you" in body(answer)
    assert "and 3 more requirements" in body(answer)


def test_own_failed_work_and_imports_to_confirm_wait_for_the_office(office, colleague_hr, sign_in):
    failed = {"kind": "demand.postings.process", "state": JobState.FAILED, "finished_at": timezone.now()}
    mine = Job.objects.create(owner=office, error="The disk is full.", **failed)
    Job.objects.create(owner=colleague_hr, error="Of someone else", **failed)
    Job.objects.create(owner=office, **(failed | {"finished_at": timezone.now() - timedelta(days=30)}))
    upload = Upload.objects.create(
        import_name="demand.postings", owner=office, filename="march.csv", size=1, report={"rows_total": 3},
        expires_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    answer = sign_in(office).get("/")
    assert "2 things wait for you" in body(answer)
    assert "The disk is full." in body(answer)
    assert "Of someone else" not in body(answer)
    assert {item["url"] for item in answer.context["inbox"]} == {
        reverse("jobs:status", args=[mine.uid]),
        upload.get_absolute_url(),
    }


def test_the_ribbon_measures_demand_and_says_no_data_of_the_rest(office, sign_in):
    asks(PostingFactory.create(), SkillFactory.create())
    answer = sign_in(office).get("/")
    assert [station["value"] for station in answer.context["stations"]] == [1, None, None, None, None, None]
    assert body(answer).count("No data") >= 5


def test_the_office_sees_the_chains_with_their_leader_and_members(office, sign_in, chain):
    row = sign_in(office).get("/").context["chains"]["lines"][0]["row"]
    assert (row.leader, row.enterprises, row.universities) == ("Firm A Electronics", 1, 1)


@pytest.fixture
def broken_rule(office, chain):
    """Chips is asked for five firms that its leader brought in, and it has none."""
    chain.region = RegionFactory.create()
    chain.save()
    policies.load_shipped(actor=office)
    return "Firms brought in"


def test_the_office_sees_which_chains_break_which_rule_and_todays_figures(office, sign_in, broken_rule):
    answer = sign_in(office).get("/")
    assert answer.context["chains"]["broken"] >= 1
    assert broken_rule in [str(red["name"]) for red in answer.context["chains"]["lines"][0]["reds"]]
    figures = {one["label"]: one["measurement"] for one in answer.context["figures"]}
    assert figures["Students without a placement"].value == 0
    assert figures["Overdue signatures"].value == 0


def test_hr_sees_positions_and_what_is_asked_of_its_own_chains_alone(
    hr, other_hr, firm_a, firm_b, sign_in, broken_rule
):
    RequirementFactory.create(organisation=firm_a, head_count=7)
    answer = sign_in(hr).get("/")
    shown = {one["label"]: one["value"] for one in answer.context["positions"]}
    assert shown == {
        "Positions required": 7, "Positions offered": 0, "Positions filled": 0, "Firms brought in": 0,
    }  # fmt: skip
    assert [line["subject"].name for line in answer.context["obligations"]["lines"]] == ["Chips"]
    assert sign_in(other_hr).get("/").context["obligations"]["lines"] == []
    assert "Chips" not in body(sign_in(other_hr).get("/"))


def test_a_reviewer_sees_the_rules_broken_on_the_chosen_day(reviewer, office, sign_in, broken_rule):
    client = sign_in(reviewer)
    assert broken_rule in body(client.get("/"))
    before = client.get("/", {"on": "2025-06-01"})
    assert not before.context["obligations"]["judged"]
    assert "No rule asks anything of a chain on this day" in body(before)
    unknown = client.get("/", {"on": timezone.localdate(), "known": "2025-06-01"})
    assert not unknown.context["obligations"]["judged"]


def test_hr_sees_the_own_firms_requirements_and_the_answers_to_them(hr, office, other_hr, firm_a, firm_b, sign_in):
    asked, answered = RequirementFactory.create_batch(2, organisation=firm_a)
    RequirementFactory.create(organisation=firm_b, skill=SkillFactory.create(name_en="Not theirs to see"))
    services.answer_requirement(actor=office, requirement=asked, revision=1, kind="question", text="Which version?")
    services.answer_requirement(
        actor=office, requirement=answered, revision=1, kind="planned", text="Unit 3",
        planned_for=timezone.localdate() + timedelta(days=30),
    )  # fmt: skip
    answer = sign_in(hr).get("/")
    text = body(answer)
    assert "The office has a question about 1 requirement" in text
    assert "Which version?" in text
    assert "Unit 3" in text
    assert "Not theirs to see" not in text
    assert [number for _label, number, _state in answer.context["counts"]] == [1, 1, 0, 0]
    assert "Which version?" not in body(sign_in(other_hr).get("/"))


@pytest.mark.parametrize("who", ["hr", "mentor", "teacher"])
def test_the_skills_shown_are_those_of_the_chains_field(who, request, sign_in, chain, chip_skill):
    asks(PostingFactory.create(), chip_skill, SkillFactory.create(name_en="Of another field"))
    text = body(sign_in(request.getfixturevalue(who)).get("/"))
    assert "Layout" in text
    assert "Of another field" not in text


def test_a_student_sees_the_skills_of_the_cohorts_field_and_what_was_agreed_to(
    student, university, sign_in, chip_skill
):
    cohort = CohortFactory.create(organisation=university, field="ic", name_en="Chips 2026")
    CohortMembershipFactory.create(cohort=cohort, person=student)
    asks(PostingFactory.create(), chip_skill, SkillFactory.create(name_en="Of another field"))
    answer = sign_in(student).get("/")
    text = body(answer)
    assert "Chips 2026" in text
    assert "Layout" in text
    assert "Of another field" not in text
    assert {consent["given"] for consent in answer.context["consents"]} == {False}


def test_a_teacher_chooses_among_the_fields_of_the_universitys_chains(teacher, university, sign_in, chain):
    other = ChainFactory.create(field="embedded")
    ChainMembershipFactory.create(chain=other, organisation=university, tier="university")
    client = sign_in(teacher)
    assert {tab["url"] for tab in client.get("/").context["fields"]} == {
        "?as=teacher&field=ic", "?as=teacher&field=embedded",
    }  # fmt: skip
    chosen = client.get("/?field=embedded").context["fields"]
    assert [tab["current"] for tab in chosen if "embedded" in tab["url"]] == [True]
    assert client.get("/?field=magic").status_code == 200


def test_only_skills_whose_share_grows_are_called_rising(chip_skill):
    other = SkillFactory.create(name_en="Rising skill")
    for day, falling, rising in ((date(2024, 6, 3), 10, 5), (date(2025, 6, 3), 5, 10)):
        for skill, count in ((chip_skill, falling), (other, rising)):
            for _number in range(count):
                asks(PostingFactory.create(published_on=day), skill)
    shown = home._skills(rising=True)
    assert shown["skills_rising"]
    assert [row["label"] for row in shown["skills"]] == [other.name]
    assert not home._skills(["ic"], rising=True)["skills_rising"]


def test_a_reviewer_sees_the_numbers_of_a_chosen_day(reviewer, sign_in, chain):
    ChainFactory.create(founded_on=date(2026, 5, 1))
    client = sign_in(reviewer)

    def chains(on):
        measured = client.get("/", {"on": on}).context["measured"]
        return next(one["measurement"].value for one in measured if one["metric"].name == "community.chains.count")

    assert chains("2026-04-30") == 1
    assert chains("2026-05-01") == 2
    assert "The community on 2026-04-30" in body(client.get("/", {"on": "2026-04-30"}))


@pytest.mark.parametrize("on", ["", "tomorrow", "2999-01-01", "0001-01-01", "2026-02-30", "x" * 5_000])
def test_an_impossible_day_shows_today_and_says_why(on, reviewer, sign_in):
    answer = sign_in(reviewer).get("/", {"on": on})
    assert answer.status_code == 200
    assert answer.context["day"] == timezone.localdate()
    assert bool(answer.context["form"].errors) is bool(on)


def test_a_reviewer_sees_how_the_log_stands(reviewer, office, firm_a, sign_in):
    services.register_source(actor=office, name="校招网（示例）")
    answer = sign_in(reviewer).get("/")
    assert answer.context["head"].waiting >= 1
    assert reverse("ledger:overview") in body(answer)
    assert reverse("metrics:registry") in body(answer)


def queries_of(client):
    with CaptureQueriesContext(connection) as caught:
        assert client.get("/").status_code == 200
    return len(caught)


@pytest.mark.parametrize("who", SCREENS)
def test_a_screen_asks_as_often_for_fifty_rows_as_for_five(who, request, sign_in, chain, chip_skill, firm_a):
    client = sign_in(request.getfixturevalue(who))
    source = SourceFactory.create()

    def fill(number):
        for _each in range(number):
            RequirementFactory.create(organisation=firm_a, skill=SkillFactory.create(group=chip_skill.group))
            asks(PostingFactory.create(source=source), SkillFactory.create(group=chip_skill.group))
            ChainMembershipFactory.create(chain=ChainFactory.create(field="ic"), organisation=firm_a)

    fill(5)
    few = queries_of(client)
    fill(45)
    assert queries_of(client) == few <= 82


def test_hr_of_a_firm_that_applies_sees_the_gate_that_waits(hr, other_hr, firm_a, sign_in):
    admission = community.apply_to_chain(actor=hr, chain=ChainFactory.create(), organisation=firm_a, statement="")
    link = f'href="{admission.get_absolute_url()}"'
    assert link in body(sign_in(hr).get("/"))
    assert link not in body(sign_in(other_hr).get("/"))
