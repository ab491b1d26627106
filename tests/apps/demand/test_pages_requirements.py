"""The pages of requirements: the board by role, raising, amending, withdrawing, answering, and two people at once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ronghe.apps.demand import services
from ronghe.apps.demand.models import Requirement, RequirementAnswer
from tests.apps.demand.test_pages_skills import body, queries_of
from tests.factories import OrganisationFactory, RequirementFactory, RoleFactory, SkillFactory

pytestmark = pytest.mark.django_db

LIST = "demand:requirement_list"


def in_days(number):
    return (timezone.localdate() + timedelta(days=number)).isoformat()


@pytest.fixture
def python(db):
    """A skill that the lexicon knows by many names."""
    return SkillFactory.create(code="software.python", name_zh="Python 语言", name_en="Python")


@pytest.fixture
def need(firm_a, hr, python):
    return services.raise_requirement(
        actor=hr, organisation=firm_a, skill=python, head_count=3, needed_by=timezone.localdate() + timedelta(days=90),
        severity=4, reason="Test benches",
    )  # fmt: skip


def typed(**changes):
    return {
        "skill": "python", "head_count": "3", "needed_by": in_days(90), "severity": "4", "skill_level": "3",
        "reason": "Test benches", **changes,
    }  # fmt: skip


def shown(answer):
    return {card["requirement"].pk for column in answer.context["columns"] for card in column["cards"]}


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("office", True),
        ("hr", True),
        ("colleague_hr", True),
        ("other_hr", False),
        ("teacher", True),
        ("reviewer", True),
    ],
)
def test_each_role_sees_the_requirements_that_concern_it(who, sees, request, sign_in, need):
    client = sign_in(request.getfixturevalue(who))
    answer = client.get(reverse(LIST))
    assert answer.status_code == 200
    assert (need.pk in shown(answer)) is sees
    assert client.get(need.get_absolute_url()).status_code == (200 if sees else 404)


@pytest.mark.parametrize("who", ["mentor", "student", "stranger"])
def test_the_board_is_closed_to_others(who, request, sign_in, need):
    client = sign_in(request.getfixturevalue(who))
    addresses = [
        reverse(LIST), need.get_absolute_url(), reverse("demand:requirement_new"),
        reverse("demand:requirement_export", args=["csv"]),
    ]  # fmt: skip
    for address in addresses:
        assert client.get(address).status_code == 403, address
    for deed in ("amend", "withdraw", "answer"):
        assert client.post(reverse(f"demand:requirement_{deed}", args=[need.uid]), {}).status_code in {403, 404}


def test_an_anonymous_visitor_is_sent_to_sign_in_from_every_page(anonymous, need):
    for address in (
        need.get_absolute_url(),
        reverse("demand:requirement_new"),
        reverse("demand:requirement_amend", args=[need.uid]),
        reverse("demand:requirement_withdraw", args=[need.uid]),
        reverse("demand:requirement_answer", args=[need.uid]),
    ):
        for answer in (anonymous.get(address), anonymous.post(address, {})):
            assert answer.status_code in {302, 405}
            assert answer.status_code == 405 or reverse("account_login") in answer["Location"]


def test_the_board_groups_by_state_and_a_state_has_pages(office, sign_in, need, python):
    RequirementFactory.create_batch(25, skill=python)
    client = sign_in(office)
    columns = {column["state"]: column for column in client.get(reverse(LIST)).context["columns"]}
    assert list(columns) == ["open", "answered", "released", "withdrawn"]
    assert columns["open"]["count"] == 26
    assert len(columns["open"]["cards"]) == 12
    assert columns["open"]["more"]
    page = client.get(reverse(LIST), {"state": "open"})
    assert len(page.context["cards"]) == 20
    assert len(client.get(reverse(LIST), {"state": "open", "page": "999"}).context["cards"]) == 6
    assert "columns" in client.get(reverse(LIST), {"state": "no such state"}).context


def test_filters_of_the_board(office, sign_in, need, firm_a, firm_b, python):
    other = RequirementFactory.create(organisation=firm_b, reason="Antennas")
    client = sign_in(office)
    assert shown(client.get(reverse(LIST), {"text": "antennas"})) == {other.pk}
    assert shown(client.get(reverse(LIST), {"organisation": str(firm_a.pk)})) == {need.pk}
    assert shown(client.get(reverse(LIST), {"organisation": "999999"})) == {need.pk, other.pk}
    assert "No requirement fits" in body(client.get(reverse(LIST), {"text": "no such words"}))


def test_hr_of_one_firm_is_not_asked_which_enterprise(hr, sign_in, need):
    assert "organisation" not in sign_in(hr).get(reverse(LIST)).context["form"].fields
    assert "organisation" not in sign_in(hr).get(reverse("demand:requirement_new")).context["form"].fields


def test_an_empty_board_tells_each_role_what_to_do(office, hr, teacher, sign_in):
    new, imported = reverse("demand:requirement_new"), reverse("jobs:import_new", args=["demand.requirements"])
    theirs = body(sign_in(office).get(reverse(LIST)))
    assert new in theirs
    assert imported in theirs
    theirs = body(sign_in(hr).get(reverse(LIST)))
    assert new in theirs
    assert imported not in theirs
    theirs = body(sign_in(teacher).get(reverse(LIST)))
    assert "As soon as an enterprise raises one" in theirs
    assert new not in theirs


@pytest.mark.parametrize("name", ["python", "Python 语言", "software.python"])
def test_hr_raises_a_requirement_by_any_name_of_the_skill(name, hr, firm_a, sign_in, python):
    answer = sign_in(hr).post(reverse("demand:requirement_new"), typed(skill=name))
    need = Requirement.objects.get()
    assert answer["Location"] == need.get_absolute_url()
    assert (need.organisation, need.skill, need.head_count, need.skill_level) == (firm_a, python, 3, 3)


def test_the_form_starts_with_the_skill_one_came_from(hr, sign_in, python):
    answer = sign_in(hr).get(reverse("demand:requirement_new"), {"skill": "software.python"})
    assert 'value="Python"' in body(answer)
    assert sign_in(hr).get(reverse("demand:requirement_new"), {"skill": "no.such"}).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"skill": "Pyhton"}, "skill"),
        ({"skill": ""}, "skill"),
        ({"skill": "x" * 5_000}, "skill"),
        ({"head_count": "0"}, "head_count"),
        ({"head_count": "many"}, "head_count"),
        ({"head_count": "9" * 40}, "head_count"),
        ({"needed_by": "2020-01-01"}, "needed_by"),
        ({"needed_by": "soon"}, "needed_by"),
        ({"severity": "9"}, "severity"),
        ({"skill_level": "six"}, "skill_level"),
        ({"reason": "x" * 2_001}, "reason"),
    ],
)
def test_what_cannot_be_raised_is_said_at_its_field_and_nothing_typed_is_lost(change, field, hr, sign_in, python):
    answer = sign_in(hr).post(reverse("demand:requirement_new"), typed(**({"reason": "kept text"} | change)))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert change.get("reason", "kept text") in body(answer)
    assert not Requirement.objects.exists()


def test_an_unknown_skill_is_answered_with_the_nearest_names(hr, sign_in, python):
    answer = sign_in(hr).post(reverse("demand:requirement_new"), typed(skill="Pyhton"))
    assert "Did you mean: " in answer.context["form"].errors["skill"][0]


def test_hr_of_two_firms_chooses_and_cannot_choose_a_third(hr, firm_a, firm_b, sign_in, python):
    RoleFactory.create(person=hr, organisation=firm_b, kind="enterprise_hr")
    third = OrganisationFactory.create()
    client, address = sign_in(hr), reverse("demand:requirement_new")
    assert client.post(address, typed(organisation=str(third.pk))).status_code == 422
    assert client.post(address, typed()).status_code == 422
    client.post(address, typed(organisation=str(firm_b.pk)))
    assert Requirement.objects.get().organisation == firm_b


def test_the_office_raises_one_for_an_enterprise(office, firm_a, firm_b, sign_in, python):
    sign_in(office).post(reverse("demand:requirement_new"), typed(organisation=str(firm_a.pk)))
    assert Requirement.objects.get().organisation == firm_a


@pytest.mark.parametrize("who", ["hr", "colleague_hr", "office"])
def test_those_who_may_amend_and_withdraw(who, request, sign_in, need):
    client = sign_in(request.getfixturevalue(who))
    amend = reverse("demand:requirement_amend", args=[need.uid])
    assert 'value="Python"' in body(client.get(amend))
    assert client.post(amend, typed(head_count="8", revision="1"))["Location"] == need.get_absolute_url()
    need.refresh_from_db()
    assert need.head_count == 8
    withdraw = reverse("demand:requirement_withdraw", args=[need.uid])
    assert client.get(withdraw).status_code == 200
    client.post(withdraw, {"explanation": "We hired", "revision": "2"})
    need.refresh_from_db()
    assert need.state == "withdrawn"


@pytest.mark.parametrize(("who", "status"), [("other_hr", 404), ("teacher", 403), ("reviewer", 403)])
def test_others_neither_amend_nor_withdraw(who, status, request, sign_in, need):
    client = sign_in(request.getfixturevalue(who))
    for deed, data in (
        ("amend", typed(head_count="8", revision="1")),
        ("withdraw", {"explanation": "x", "revision": "1"}),
    ):
        address = reverse(f"demand:requirement_{deed}", args=[need.uid])
        assert client.get(address).status_code == status
        assert client.post(address, data).status_code == status
    need.refresh_from_db()
    assert (need.state, need.head_count) == ("open", 3)


def test_whoever_amends_second_sees_both_versions_keeps_the_own_and_may_send_it_again(
    hr, colleague_hr, sign_in, need, python
):
    services.amend_requirement(actor=colleague_hr, requirement=need, revision=1, head_count=20)
    client, address = sign_in(hr), reverse("demand:requirement_amend", args=[need.uid])
    late = client.post(address, typed(head_count="7", reason="my own long reason", revision="1"))
    assert late.status_code == 409
    text = body(late)
    assert "my own long reason" in text
    assert 'value="7"' in text
    assert ("Head count", 20) in late.context["theirs"]
    need.refresh_from_db()
    assert need.head_count == 20
    assert 'name="revision" value="2"' in text
    client.post(address, typed(head_count="7", reason="my own long reason", revision="2"))
    need.refresh_from_db()
    assert (need.head_count, need.reason) == (7, "my own long reason")


def test_withdrawing_and_answering_what_was_amended_meanwhile_is_told(hr, office, colleague_hr, sign_in, need):
    services.amend_requirement(actor=colleague_hr, requirement=need, revision=1, head_count=20)
    late = sign_in(hr).post(
        reverse("demand:requirement_withdraw", args=[need.uid]), {"explanation": "kept text", "revision": "1"}
    )
    assert late.status_code == 409
    assert "kept text" in body(late)
    late = sign_in(office).post(
        reverse("demand:requirement_answer", args=[need.uid]),
        {"kind": "declined", "text": "kept answer", "revision": "1"},
    )
    assert late.status_code == 409
    assert "kept answer" in body(late)
    assert not RequirementAnswer.objects.exists()
    need.refresh_from_db()
    assert need.state == "open"


def test_a_closed_requirement_can_only_be_read(hr, office, sign_in, need):
    services.withdraw_requirement(actor=hr, requirement=need, revision=1, explanation="We hired")
    client = sign_in(hr)
    assert client.get(need.get_absolute_url()).status_code == 200
    refused = client.get(reverse("demand:requirement_amend", args=[need.uid]))
    assert refused.status_code == 403
    answer = sign_in(office).post(
        reverse("demand:requirement_answer", args=[need.uid]), {"kind": "declined", "text": "no", "revision": "2"}
    )
    assert answer.status_code == 403
    assert reverse("demand:requirement_answer", args=[need.uid]) not in body(
        sign_in(office).get(need.get_absolute_url())
    )


@pytest.mark.parametrize(
    ("data", "state", "said"),
    [
        ({"kind": "planned", "text": "In unit 4", "planned_for": in_days(60)}, "answered", "Will be taught by"),
        ({"kind": "declined", "text": "Train them yourselves"}, "answered", "Will not be taught"),
        ({"kind": "question", "text": "Which version?"}, "open", "Needs more information"),
    ],
)
def test_the_office_answers_and_the_enterprise_reads_it(data, state, said, office, hr, sign_in, need):
    address = reverse("demand:requirement_answer", args=[need.uid])
    answer = sign_in(office).post(address, {**data, "revision": "1"})
    assert answer["Location"] == need.get_absolute_url()
    need.refresh_from_db()
    assert need.state == state
    theirs = body(sign_in(hr).get(need.get_absolute_url()))
    assert said in theirs
    assert data["text"] in theirs


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"kind": "planned", "text": "In unit 4"}, "planned_for"),
        ({"kind": "planned", "text": "In unit 4", "planned_for": "2020-01-01"}, "planned_for"),
        ({"kind": "perhaps", "text": "kept"}, "kind"),
        ({"kind": "declined", "text": ""}, "text"),
        ({"kind": "declined", "text": "x" * 2_001}, "text"),
    ],
)
def test_half_an_answer_is_refused_at_its_field(data, field, office, sign_in, need):
    answer = sign_in(office).post(reverse("demand:requirement_answer", args=[need.uid]), {**data, "revision": "1"})
    assert answer.status_code == 422
    assert list(answer.context["answer_form"].errors) == [field]
    assert data["text"] in body(answer)
    assert not RequirementAnswer.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("hr", 403), ("teacher", 403), ("reviewer", 403), ("other_hr", 404)])
def test_nobody_but_the_office_answers(who, status, request, sign_in, need):
    client = sign_in(request.getfixturevalue(who))
    data = {"kind": "declined", "text": "no", "revision": "1"}
    assert client.post(reverse("demand:requirement_answer", args=[need.uid]), data).status_code == status
    assert not RequirementAnswer.objects.exists()


def test_the_revision_cannot_be_made_up(hr, sign_in, need):
    address = reverse("demand:requirement_amend", args=[need.uid])
    for revision in ("", "x", "-1", "9" * 30):
        assert sign_in(hr).post(address, typed(head_count="8", revision=revision)).status_code in {409, 422}
    need.refresh_from_db()
    assert need.head_count == 3


def test_the_board_asks_as_often_for_five_requirements_as_for_fifty(office, sign_in, firm_a):
    client = sign_in(office)

    def raised(number):
        for need in RequirementFactory.create_batch(number, organisation=firm_a):
            RequirementAnswer.objects.create(requirement=need, kind="question", text="Which?", answered_by=office)

    raised(5)
    few, few_of_a_state = queries_of(client, reverse(LIST)), queries_of(client, reverse(LIST) + "?state=open")
    raised(45)
    assert queries_of(client, reverse(LIST)) == few <= 15
    assert queries_of(client, reverse(LIST) + "?state=open") == few_of_a_state <= 15


@pytest.mark.parametrize(("who", "rows"), [("office", 2), ("hr", 1), ("other_hr", 1), ("teacher", 2)])
def test_the_file_holds_what_the_viewer_may_see(who, rows, request, sign_in, need, firm_b):
    RequirementFactory.create(organisation=firm_b)
    answer = sign_in(request.getfixturevalue(who)).get(reverse("demand:requirement_export", args=["csv"]))
    assert len(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()) == rows + 1
