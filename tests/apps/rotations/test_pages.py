"""The pages of rotations: who may open which, what they show, and what is refused with all that was typed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ronghe.apps.accounts.models import Person
from ronghe.apps.rotations.models import Plan, PlanState, Session
from ronghe.apps.rotations.views import plans as pages_of_plans
from ronghe.apps.sites import services as sites
from ronghe.apps.sites.models import Machine, MachineFamily
from tests.apps.rotations.conftest import Draft, computed, monday

pytestmark = pytest.mark.django_db


def test_those_concerned_open_a_published_plan_and_outsiders_do_not(
    sign_in: Any, anonymous: Client, office: Person, student: Person, teacher: Person, mentor: Person, hr: Person,
    other_hr: Person, stranger: Person, published: Plan,
) -> None:  # fmt: skip
    plan_url = published.get_absolute_url()
    week_url = reverse("rotations:week", args=[published.uid, 1])
    for person in (office, student, teacher, mentor, hr):
        client = sign_in(person)
        for url in (plan_url, week_url):
            assert client.get(url).status_code == 200, (person, url)
    for more in (reverse("rotations:overview"), f"{week_url}?by=machine", f"{week_url}?by=mentor"):
        assert sign_in(mentor).get(more).status_code == 200
    for person in (other_hr, stranger):
        client = sign_in(person)
        assert client.get(plan_url).status_code == 404
        assert client.get(week_url).status_code == 404
        assert client.get(reverse("rotations:sessions_csv", args=[published.uid])).status_code == 404
    assert anonymous.get(plan_url).status_code == 302
    student_page = sign_in(student).get(plan_url)
    assert "student" in student_page.content.decode()
    assert "third" not in student_page.content.decode()


def test_only_the_office_opens_what_changes_a_plan(
    sign_in: Any, office: Person, student: Person, hr: Person, published: Plan
) -> None:
    urls = [
        reverse("rotations:plan_new"),
        *(reverse(f"rotations:{name}", args=[published.uid]) for name in ("repair", "withdraw", "pin_new")),
    ]
    for url in urls:
        assert sign_in(office).get(url).status_code == 200
        assert sign_in(student).get(url).status_code == 403
    for name in ("groups", "compute", "publish"):
        assert sign_in(hr).post(reverse(f"rotations:{name}", args=[published.uid])).status_code == 403
    assert sign_in(hr).get(reverse("rotations:capacity")).status_code == 403


def test_a_plan_is_drafted_grouped_computed_and_published_on_its_pages(
    sign_in: Any, office: Person, mentor: Person, second_mentor: Person, bonder: MachineFamily,
    machines: list[Machine], students: list[Person], django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    client = sign_in(office)
    form = client.get(reverse("rotations:plan_new")).context["form"]
    typed = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    typed |= {
        "name_zh": "轮岗", "name_en": "Rotations", "first_day": monday() + timedelta(days=1),
        "fortnights": 1, "load": 2, "pattern_starts_on": monday() - timedelta(days=120),
        "mentors": [mentor.pk, second_mentor.pk], f"family_{bonder.pk}": 1,
    }  # fmt: skip
    typed.pop("away", None)
    refused = client.post(reverse("rotations:plan_new"), typed)
    assert refused.status_code == 422
    assert "Monday" in refused.content.decode()
    assert 'value="轮岗"' in refused.content.decode()
    done = client.post(reverse("rotations:plan_new"), {**typed, "first_day": monday()})
    assert done.status_code == 302, done.context["form"].errors
    plan = Plan.objects.get()
    client.post(reverse("rotations:groups", args=[plan.uid]))
    with django_capture_on_commit_callbacks(execute=False):
        client.post(reverse("rotations:compute", args=[plan.uid]))
    plan = computed(plan)
    shown = client.get(plan.get_absolute_url()).content.decode()
    assert "The check finds nothing" in shown
    client.post(reverse("rotations:publish", args=[plan.uid]), {"revision": plan.revision})
    plan.refresh_from_db()
    assert plan.state == PlanState.PUBLISHED


def test_a_repair_is_shown_before_it_is_done(sign_in: Any, office: Person, hr: Person, published: Plan) -> None:
    client, url = sign_in(office), reverse("rotations:repair", args=[published.uid])
    assert "Everything still stands" in client.get(url).content.decode()
    one = Session.objects.filter(week__plan=published).first()
    assert one is not None
    sites.plan_maintenance(
        actor=hr, machine=one.machine, start=one.starts_at, end=one.ends_at, reason="filter", displace=True
    )
    assert "1 session has lost its machine" in client.get(published.get_absolute_url()).content.decode()
    assert published.name in client.get("/").content.decode()
    page = client.get(url)
    assert any(old is not None and old.pk == one.pk for old, _new in page.context["moves"])
    digest = page.context["form"]["digest"].value()
    assert client.post(url, {"reason": "", "digest": digest}).status_code == 422
    assert client.post(url, {"reason": "filter", "digest": digest}).status_code == 302
    assert published.repairs.get().reason == "filter"
    shown = client.get(published.get_absolute_url()).content.decode()
    assert "filter" in shown
    assert "has lost its machine" not in shown


def test_an_impossible_plan_says_which_rule_would_have_to_give(
    sign_in: Any, office: Person, draft: Draft, tester: MachineFamily
) -> None:
    plan = computed(draft(needs={tester: 1}))
    shown = sign_in(office).get(plan.get_absolute_url()).content.decode()
    assert "These rules would have to give way" in shown
    assert "Tester" in shown


def test_the_office_pins_a_fortnight_on_its_page_and_sees_what_moved(
    sign_in: Any, office: Person, hr: Person, draft: Draft, bonder: MachineFamily
) -> None:
    plan = computed(draft(fortnights=2))
    group = plan.groups.get(number=1)
    target = 1 - group.stays.get().fortnight
    client, where = sign_in(office), reverse("rotations:pin_new", args=[plan.uid])
    sent = {"group": group.pk, "fortnight": target, "family": bonder.pk, "kind": "pinned", "reason": ""}
    assert client.post(where, sent).status_code == 422
    assert client.post(where, {**sent, "reason": "Visit of the ministry"}).status_code == 302
    page = client.get(plan.get_absolute_url()).content.decode()
    assert "Visit of the ministry" in page
    assert "Not kept yet" in page
    plan = computed(plan, keep=True)
    page = client.get(plan.get_absolute_url()).content.decode()
    assert "What the last computation moved" in page
    assert "Kept by the plan" in page
    lift = reverse("rotations:pin_lift", args=[plan.uid, plan.pins.get().pk])
    assert sign_in(hr).post(lift).status_code == 404
    assert client.post(lift).status_code == 302
    assert client.post(lift).status_code == 404


def test_sessions_come_as_a_table_for_a_spreadsheet(sign_in: Any, mentor: Person, published: Plan) -> None:
    answer = sign_in(mentor).get(reverse("rotations:sessions_csv", args=[published.uid]))
    lines = answer.content.decode("utf-8-sig").splitlines()
    mine = Session.objects.visible_to(mentor).filter(week__plan=published).count()
    assert len(lines) == 1 + mine
    assert "+08:00" in lines[1]


def test_the_capacity_page_says_what_binds_and_what_the_target_needs(sign_in: Any, office: Person) -> None:
    client, url = sign_in(office), reverse("rotations:capacity")
    assert client.get(url).status_code == 200
    study = {
        "months": 9, "load": 5, "mentors": 120, "share": 60, "enterprise": 216, "machines": 38, "machine_hours": 6000,
        "trainee_hours": 60, "seats": 5000, "dropout": 0, "absent": 0, "target": 2400,
    }  # fmt: skip
    page = client.get(url, study)
    assert page.context["found"].intake == pytest.approx(800)
    assert {name: wanted for name, _one, _binds, wanted in page.context["rows"]}["Mentors"] == 360
    assert {name: wanted for name, _one, _binds, wanted in page.context["rows"]}["Enterprise mentors"] == 216
    assert client.get(url, {**study, "months": 13}).status_code == 422


def test_programs_read_the_plans_and_sessions_that_their_caller_may_see(
    sign_in: Any, anonymous: Client, mentor: Person, stranger: Person, published: Plan
) -> None:
    url = f"/api/rotations/plans/{published.uid}/sessions"
    mine = Session.objects.visible_to(mentor).filter(week__plan=published).count()
    answer = sign_in(mentor).get(url, {"limit": 2}).json()
    assert (answer["count"], len(answer["items"])) == (mine, 2)
    assert [one["uid"] for one in sign_in(mentor).get("/api/rotations/plans").json()] == [str(published.uid)]
    assert sign_in(stranger).get(url).status_code == 404
    assert sign_in(stranger).get("/api/rotations/plans").json() == []
    assert sign_in(mentor).get(url, {"limit": 0}).status_code == 422
    assert anonymous.get(url).status_code == 401


def test_the_calendar_reaches_every_group_page_by_page(
    sign_in: Any, office: Person, published: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages_of_plans, "SHOWN", 1)
    client, count = sign_in(office), published.groups.count()
    answers = [client.get(published.get_absolute_url(), {"groups": number}) for number in range(1, count + 1)]
    shown = [{task["label"].split(" · ")[0] for task in answer.context["tasks"]} for answer in answers]
    assert sorted(name for one in shown for name in one) == sorted(map(str, published.groups.all())) and count > 1
    assert "groups=2" in answers[0].content.decode()


def test_programs_of_the_office_pin_and_lift_fortnights(
    sign_in: Any,
    anonymous: Client,
    office: Person,
    mentor: Person,
    stranger: Person,
    draft: Draft,
    bonder: MachineFamily,
) -> None:
    plan = computed(draft(fortnights=2))
    url = f"/api/rotations/plans/{plan.uid}/pins"
    asked = {"group": 1, "fortnight": 2, "family": bonder.code, "forbidden": True, "reason": "Open day"}
    kind = "application/json"
    made = sign_in(office).post(url, asked, content_type=kind)
    assert made.status_code == 201
    listed = sign_in(office).get(url).json()
    assert listed == [made.json()]
    assert {name: listed[0][name] for name in asked} == asked and listed[0]["made_by"] == str(office.uid)
    for wrong, status in (
        ({"fortnight": 3}, 422),
        ({"reason": " "}, 422),
        ({"group": 99}, 404),
        ({"family": "x"}, 404),
    ):
        assert sign_in(office).post(url, asked | wrong, content_type=kind).status_code == status
    assert sign_in(stranger).post(url, asked, content_type=kind).status_code == 404
    assert sign_in(mentor).get(url).status_code in (403, 404)
    assert anonymous.post(url, asked, content_type=kind).status_code == 401
    one = f"{url}/{listed[0]['id']}"
    assert sign_in(stranger).delete(one).status_code == 404
    assert [sign_in(office).delete(one).status_code for _again in range(2)] == [204, 404]


def test_more_plans_cost_no_more_queries(sign_in: Any, office: Person, draft: Draft) -> None:
    client, url = sign_in(office), reverse("rotations:overview")
    draft(grouped=False)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        assert client.get(url).status_code == 200
    for number in range(9):
        draft(grouped=False, name_zh=f"轮岗{number}")
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(url).context["plans"]) == 10
    assert len(many) == len(few)
