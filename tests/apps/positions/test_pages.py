"""The pages of positions: who may open and do what, that forms keep what was typed, and reordering by plain buttons."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation, Region
from ronghe.apps.demand import extraction
from ronghe.apps.positions import selectors, services
from ronghe.apps.positions.models import (
    Assignment,
    Offer,
    OrderClass,
    Position,
    PositionState,
    Preference,
    Round,
    RoundState,
)
from ronghe.apps.positions.views.wishes import moved
from tests.apps.positions.conftest import Opener, RoundMaker, close_wishes, wish
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db
EVERYBODY = ("office", "hr", "colleague_hr", "other_hr", "teacher", "student", "reviewer", "mentor", "stranger")


def _statuses(request: pytest.FixtureRequest, sign_in: SignIn, url: str, expected: dict[str, int]) -> None:
    found = {name: sign_in(request.getfixturevalue(name)).get(url).status_code for name in expected}
    assert found == expected
    assert Client().get(url).status_code == 302


def test_a_draft_is_open_to_its_firm_and_the_office_and_an_approved_position_to_everyone(
    request: pytest.FixtureRequest, hr: Person, office: Person, firm_a: Organisation, data, sign_in: SignIn
) -> None:  # type: ignore[no-untyped-def]
    position = services.draft_position(actor=hr, organisation=firm_a, data=data)
    seen = dict.fromkeys(EVERYBODY, 404) | {"office": 200, "hr": 200, "colleague_hr": 200}
    _statuses(request, sign_in, position.get_absolute_url(), seen)
    position = services.submit_position(actor=hr, position=position, revision=position.revision)
    services.approve_position(actor=office, position=position, revision=position.revision)
    _statuses(request, sign_in, position.get_absolute_url(), dict.fromkeys(EVERYBODY, 200))


def test_hr_offers_on_the_page_and_what_was_typed_is_kept_when_it_is_refused(
    sign_in: SignIn, hr: Person, office: Person, student: Person, chain, region: Region, skill, today: date
) -> None:  # type: ignore[no-untyped-def]
    url = reverse("positions:position_new")
    assert sign_in(student).get(url).status_code == 403
    skill.code = extraction.names().resolve("嵌入式Linux") or ""
    skill.save()
    typed = {
        "title_zh": "驱动开发实习生", "tasks": "移植驱动并编写测试。", "field": "embedded", "seats": "3",
        "starts_on": str(today + timedelta(days=30)), "ends_on": str(today), "region": region.pk, "chain": chain.pk,
        "skill_0": "嵌入式Linux", "level_0": "4", "required_0": "on",
    }  # fmt: skip
    client = sign_in(hr)
    refused = client.post(url, typed)
    assert refused.status_code == 422
    assert "移植驱动并编写测试。" in refused.content.decode()
    assert "before the first day" in refused.content.decode()
    unknown = client.post(url, typed | {"skill_0": "没有这种技能"})
    assert unknown.status_code == 422 and "No skill is called" in unknown.content.decode()
    done = client.post(url, typed | {"ends_on": str(today + timedelta(days=200))}, follow=True)
    assert "The draft is saved" in done.content.decode()
    position = Position.objects.get()
    assert list(position.skills.values_list("skill", "skill_level", "is_required")) == [(skill.pk, 4, True)]
    assert client.post(reverse("positions:submit", args=[position.uid])).status_code == 302
    assert sign_in(hr).post(reverse("positions:approve", args=[position.uid])).status_code == 403
    assert sign_in(office).post(reverse("positions:approve", args=[position.uid])).status_code == 302
    amended = client.post(
        reverse("positions:position_change", args=[position.uid]),
        typed
        | {
            "ends_on": str(today + timedelta(days=200)), "seats": "2", "from_day": str(today),
            "revision": "3",
        },
    )  # fmt: skip
    assert amended.status_code == 302
    assert [one.seats for one in Offer.objects.on(today)] == [2]
    stale = client.post(reverse("positions:withdraw", args=[position.uid]), {"reason": "项目取消", "revision": "1"})
    assert stale.status_code == 409 and "项目取消" in stale.content.decode()
    client.post(reverse("positions:withdraw", args=[position.uid]), {"reason": "项目取消", "revision": "4"})
    position.refresh_from_db()
    assert position.state == PositionState.WITHDRAWN


def test_lists_open_for_every_role_with_a_bounded_number_of_queries(
    request: pytest.FixtureRequest, opened: Opener, round_of: RoundMaker, sign_in: SignIn,
    django_assert_max_num_queries,
) -> None:  # type: ignore[no-untyped-def]  # fmt: skip
    round_of(opened(), opened(title_zh="测试"))
    for name in ("office", "hr", "student", "teacher", "reviewer"):
        client = sign_in(request.getfixturevalue(name))
        for page in ("overview", "order_list", "round_list"):
            with django_assert_max_num_queries(30):
                assert client.get(reverse(f"positions:{page}")).status_code == 200
    for page in ("overview", "order_list", "round_list", "skills"):
        assert Client().get(reverse(f"positions:{page}")).status_code == 302


def test_the_list_exports_what_it_shows(opened: Opener, sign_in: SignIn, student: Person) -> None:
    opened(title_en="Firmware")
    opened(title_zh="版图", title_en="Layout", field="ic")
    answer = sign_in(student).get(reverse("positions:export", args=["csv"]), {"field": "ic"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "版图" in text and "Firmware" not in text


def test_buttons_reorder_a_list_without_losing_anything() -> None:
    assert moved(["a", "b", "c"], "up:b") == ["b", "a", "c"]
    assert moved(["a", "b", "c"], "down:b") == ["a", "c", "b"]
    assert moved(["a", "b", "c"], "up:a") == ["a", "b", "c"]
    assert moved(["a", "b", "c"], "down:c") == ["a", "b", "c"]
    assert moved(["a", "b", "c"], "drop:b") == ["a", "c"]
    assert moved(["a"], "add:b") == ["a", "b"]
    assert moved(["a"], "add:a") == ["a"]
    assert moved(["a"], "up:x") == ["a"]


def test_a_student_ranks_positions_without_javascript_and_nothing_is_saved_before_handing_in(
    opened: Opener, round_of: RoundMaker, sign_in: SignIn, student: Person, other_hr: Person, office: Person
) -> None:
    first, second = opened(title_en="One"), opened(title_zh="二", title_en="Two")
    round = round_of(first, second)
    url, client = reverse("positions:wishes", args=[round.uid]), sign_in(student)
    for stranger in (office, other_hr):
        assert sign_in(stranger).get(url).status_code == 404
    page = client.post(url, {"wish": [str(first.uid)], "do": f"add:{second.uid}", "revision": "1"})
    assert page.status_code == 200 and not Preference.objects.exists()
    page = client.post(url, {"wish": [str(first.uid), str(second.uid)], "do": f"up:{second.uid}", "revision": "1"})
    text = page.content.decode()
    assert text.index(f'name="wish" value="{second.uid}"') < text.index(f'name="wish" value="{first.uid}"')
    listed = {"wish": [str(second.uid), str(first.uid)], "do": "save", "revision": "1"}
    refused = client.post(url, listed)
    assert refused.status_code == 422 and "Agree to take part" in refused.content.decode()
    assert client.post(url, listed | {"agrees": "on"}).status_code == 302
    assert list(Preference.objects.values_list("position__title_en", flat=True)) == ["Two", "One"]
    assert client.post(url, listed | {"agrees": "on"}).status_code == 409, "handed in elsewhere meanwhile"


@pytest.fixture
def published(
    opened: Opener, round_of: RoundMaker, students: list[Person], office: Person, sign_in: SignIn,
    django_capture_on_commit_callbacks,
) -> Round:  # type: ignore[no-untyped-def]  # fmt: skip
    """Computed and published on the pages."""
    rare, common = opened(seats=1, title_en="Rare"), opened(seats=3, title_zh="常见", title_en="Common")
    round = round_of(rare, common)
    for person in students[:3]:
        wish(round, person, rare, common)
    close_wishes(round)
    client = sign_in(office)
    with django_capture_on_commit_callbacks(execute=True):
        started = client.post(reverse("positions:compute", args=[round.uid]), {"mode": "maximal"})
    run = round.runs.get()
    assert run.job is not None
    assert started.headers["Location"] == reverse("jobs:status", args=[run.job.uid])
    shown = client.get(run.get_absolute_url())
    assert "proven" in shown.content.decode()
    done = client.post(
        reverse("positions:publish", args=[round.uid, 1]),
        {"revision": round.revision, "appeals_until": str(date.today() + timedelta(days=3))},
    )
    assert done.status_code == 302
    round.refresh_from_db()
    assert round.state == RoundState.PUBLISHED
    return round


def test_what_is_published_is_open_to_whom_it_concerns(
    request: pytest.FixtureRequest, published: Round, sign_in: SignIn, student: Person, students: list[Person]
) -> None:
    run = reverse("positions:run", args=[published.uid, 1])
    seen = {"office": 200, "reviewer": 200, "teacher": 200, "hr": 404, "student": 404, "other_hr": 404}
    _statuses(request, sign_in, run, seen)
    assert "mate" not in sign_in(request.getfixturevalue("reviewer")).get(run).content.decode()
    own = Assignment.objects.get(person=student)
    seen = {"office": 200, "student": 200, "teacher": 200, "hr": 200, "other_hr": 404, "reviewer": 404, "mentor": 404}
    _statuses(request, sign_in, own.get_absolute_url(), seen)
    assert sign_in(students[1]).get(own.get_absolute_url()).status_code == 404
    loser = Assignment.objects.filter(rank=2).select_related("person").first()
    assert loser is not None and loser.person is not None
    told = sign_in(loser.person).get(loser.get_absolute_url()).content.decode()
    assert ("Rare" in told and "the lot decided" in told) or "no better off" in told
    assert (
        "the lot decided" not in sign_in(request.getfixturevalue("hr")).get(loser.get_absolute_url()).content.decode()
    )
    export = reverse("positions:run_export", args=[published.uid, 1, "csv"])
    for name, status in (("reviewer", 403), ("hr", 403), ("student", 403)):
        assert sign_in(request.getfixturevalue(name)).get(export).status_code == status
    lines = b"".join(sign_in(request.getfixturevalue("office")).get(export).streaming_content)  # type: ignore[attr-defined]
    assert lines.decode("utf-8-sig").count("\n") == 4


def test_an_appeal_goes_from_the_student_to_the_office_and_back(
    published: Round, sign_in: SignIn, students: list[Person], office: Person, hr: Person
) -> None:
    own = Assignment.objects.get(person=students[0])
    url = reverse("positions:appeal_new", args=[own.uid])
    assert sign_in(hr).get(url).status_code == 404
    assert sign_in(students[0]).post(url, {"text": "证书未被计入。"}).status_code == 302
    assert [one.title for one in selectors.waiting_for(office) if "appeal" in one.title]
    answer = reverse("positions:answer_appeal", args=[own.appeal.uid])
    assert sign_in(students[0]).get(answer).status_code == 403
    assert sign_in(office).post(answer, {"upheld": "no", "answer": " "}).status_code == 422
    assert sign_in(office).post(answer, {"upheld": "no", "answer": "证书等级不足。"}).status_code == 302
    assert "证书等级不足。" in sign_in(students[0]).get(own.get_absolute_url()).content.decode()


def test_a_firm_sees_who_wished_for_its_position_and_not_where_else(
    opened: Opener, round_of: RoundMaker, sign_in: SignIn, students: list[Person], hr: Person, other_hr: Person,
    student: Person,
) -> None:  # fmt: skip
    first, second = opened(title_en="First"), opened(title_zh="二", title_en="Elsewhere")
    round = round_of(first, second)
    wish(round, students[1], second, first)
    url = reverse("positions:applicants", args=[round.uid, first.uid])
    assert {sign_in(one).get(url).status_code for one in (other_hr, student)} == {404}
    page = sign_in(hr).get(url).content.decode()
    assert "mate 0" in page and "Elsewhere" not in page
    place, reason = f"place_{students[1].uid}", f"reason_{students[1].uid}"
    refused = sign_in(hr).post(url, {place: "x", reason: "面试第一"})
    assert refused.status_code == 422 and "面试第一" in refused.content.decode()
    assert sign_in(hr).post(url, {place: "1", reason: "面试第一"}).status_code == 302
    assert round.priorities.get().person == students[1]


def test_the_office_opens_a_round_and_sets_it_up_on_pages(
    opened: Opener, sign_in: SignIn, office: Person, hr: Person, cohort, students: list[Person], today: date
) -> None:  # type: ignore[no-untyped-def]
    position = opened(seats=4)
    url = reverse("positions:round_new")
    assert sign_in(hr).get(url).status_code == 403
    typed = {
        "name_zh": "春季", "cohorts": [cohort.pk], "opens_on": str(today), "closes_on": str(today),
        "starts_on": str(today + timedelta(days=30)), "ends_on": str(today + timedelta(days=60)), "mode": "stable",
        "beyond": "refused", "most_wishes": "5", "at_least": "3", "seed": "9",
    }  # fmt: skip
    client = sign_in(office)
    assert client.get(url).status_code == 200
    assert client.post(url, typed | {"closes_on": str(today - timedelta(days=1))}).status_code == 422
    assert client.post(url, typed).status_code == 302
    round = Round.objects.get()
    place = round.round_positions.get()
    assert (place.seats, place.cohort, round.participations.count()) == (4, 3, 4)
    places = reverse("positions:places", args=[round.uid])
    assert client.get(places).status_code == 200
    assert client.post(places, {"revision": round.revision}).status_code == 422, "no position left"
    fields = {f"in_{position.pk}": "on", f"seats_{position.pk}": "2", f"least_{position.pk}": "1"}
    assert client.post(places, {"revision": round.revision} | fields).status_code == 302
    quota = reverse("positions:quota_new", args=[round.uid])
    assert client.post(quota, {"name": "x", "share_of": "seats"}).status_code == 422
    reversed_quota = {"name": "x", "least": "5", "most": "2", "share_of": "seats"}
    assert "fewer than at least" in client.post(quota, reversed_quota).content.decode()
    typed_quota = {"name": "城市", "positions": f"city:{position.region_id}", "least": "1", "share_of": "seats"}
    assert client.post(quota, typed_quota).status_code == 302
    pair = reverse("positions:pair_new", args=[round.uid])
    fixed = {"person": students[0].pk, "position": position.pk, "kind": "locked", "reason": "已签协议"}
    assert client.post(pair, fixed).status_code == 302
    excuse = reverse("positions:excuse", args=[round.uid, round.participations.get(person=students[1]).pk])
    assert client.post(excuse, {"reason": "休学"}).status_code == 302
    for page in ("round", "students"):
        assert client.get(reverse(f"positions:{page}", args=[round.uid])).status_code == 200
    for deed in ("compute", "round_cancel"):
        assert sign_in(hr).post(reverse(f"positions:{deed}", args=[round.uid])).status_code == 403


def test_an_order_class_is_made_offered_and_answered_on_pages(
    sign_in: SignIn, hr: Person, office: Person, student: Person, students: list[Person], university: Organisation,
    other_hr: Person, today: date,
) -> None:  # fmt: skip
    from ronghe.apps.accounts import services as accounts

    accounts.give_consent(actor=student, person=student, purpose="contact")
    client = sign_in(hr)
    typed = {
        "name_zh": "直播订单班", "university": university.pk, "field": "embedded", "size": "2", "seats_promised": "2",
        "jobs_promised": "0", "starts_on": str(today), "ends_on": str(today + timedelta(days=90)),
        "answer_by": str(today + timedelta(days=5)),
    }  # fmt: skip
    assert client.post(reverse("positions:order_new"), typed | {"jobs_promised": "9"}).status_code == 422
    assert client.post(reverse("positions:order_new"), typed).status_code == 302
    order = OrderClass.objects.get()
    assert sign_in(other_hr).get(order.get_absolute_url()).status_code == 404
    task = {"title_zh": "一场直播", "operation": "直播间", "criteria": "成交额不低于 3 万元"}
    assert client.post(reverse("positions:task_new", args=[order.uid]), task).status_code == 302
    client.post(reverse("positions:order_submit", args=[order.uid]))
    assert sign_in(office).post(reverse("positions:order_approve", args=[order.uid])).status_code == 302
    offer = reverse("positions:order_offer", args=[order.uid])
    assert sign_in(other_hr).get(offer).status_code == 404
    page = client.get(offer).content.decode()
    assert "student" in page and "mate 0" not in page, "only who agreed to be contacted"
    assert client.post(offer, {"people": [student.pk]}).status_code == 302
    member = order.members.get()
    answer = reverse("positions:member_answer", args=[member.uid])
    assert sign_in(students[1]).post(answer, {"answer": "accept"}).status_code == 404
    assert sign_in(student).post(answer, {"answer": "accept"}).status_code == 302
    assert client.post(reverse("positions:member_job", args=[member.uid])).status_code == 302
    assert sign_in(student).post(reverse("positions:member_job", args=[member.uid])).status_code == 302
    member.refresh_from_db()
    assert member.job_accepted_on == today
    assert sign_in(student).get(order.get_absolute_url()).status_code == 200
    assert "student" not in sign_in(students[1]).get(order.get_absolute_url()).content.decode().split("<main")[1]


def test_a_teacher_confirms_skills_on_the_page(
    sign_in: SignIn, students: list[Person], student: Person, teacher: Person, other_teacher: Person, skill
) -> None:  # type: ignore[no-untyped-def]
    declared = services.declare_skill(actor=student, skill=skill, skill_level=3, evidence="课程设计")
    url = reverse("positions:skills")
    assert "课程设计" in sign_in(student).get(url).content.decode()
    assert "课程设计" not in sign_in(other_teacher).get(url).content.decode()
    assert "课程设计" in sign_in(teacher).get(url).content.decode()
    confirm = reverse("positions:skill_confirm", args=[declared.pk])
    assert sign_in(other_teacher).post(confirm).status_code == 404
    sign_in(teacher).post(confirm, {"level": "2"})
    declared.refresh_from_db()
    assert declared.confirmed_at is None, "another level was shown than is declared"
    sign_in(teacher).post(confirm, {"level": "3"})
    declared.refresh_from_db()
    assert declared.confirmed_by == teacher


def test_programs_read_what_people_may_read(
    request: pytest.FixtureRequest, published: Round, sign_in: SignIn, students: list[Person], student: Person
) -> None:
    def get(name: str, path: str) -> tuple[int, object]:
        answer = sign_in(request.getfixturevalue(name)).get(f"/api/positions/{path}")
        return answer.status_code, answer.json()

    status, found = get("student", "positions?field=embedded")
    assert status == 200 and isinstance(found, dict) and found["total"] == 2
    assert found["items"][0]["skills"][0]["skill_level"] == 3
    assert get("student", f"positions/{published.uid}")[0] == 404
    for name, told in (("office", True), ("reviewer", True), ("teacher", True), ("hr", False), ("student", False)):
        status, round = get(name, f"rounds/{published.uid}")
        assert status == 200 and isinstance(round, dict) and bool(round["figures"]) == told, name
        assert not told or round["figures"]["groups"] == {}, "three students are too few to show"
    assert get("other_hr", f"rounds/{published.uid}")[0] == 404
    for name, count in (("office", 3), ("student", 1), ("hr", 3), ("teacher", 3), ("reviewer", 0), ("other_hr", 0)):
        status, listed = get(name, "assignments")
        assert status == 200 and isinstance(listed, dict) and listed["total"] == count, name
        ranks = [one["rank"] for one in listed["items"]]
        assert all(ranks) if name in ("office", "student") else not any(ranks), name
    assert Client().get("/api/positions/positions").status_code == 401
