"""The API of demand: what each role may read and do, and how it is told what was wrong."""

import json
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ronghe.apps.demand.models import MentionDecision, Requirement
from tests.factories import PostingFactory, RequirementFactory, SkillFactory, asks

pytestmark = pytest.mark.django_db

ALL = ["office", "hr", "colleague_hr", "other_hr", "mentor", "teacher", "student", "reviewer", "stranger"]


@pytest.fixture
def posting(firm_a, skill):
    return asks(PostingFactory.create(organisation=firm_a, published_on=date(2026, 3, 1), region="广东"), skill)


def post(client, path, **body):
    return client.post(f"/api/demand{path}", json.dumps(body, default=str), content_type="application/json")


def get(client, path, **query):
    return client.get(f"/api/demand{path}", query)


@pytest.mark.parametrize("path", ["/skills", "/skills/x", "/postings", "/postings/1", "/requirements"])
def test_who_has_not_signed_in_reads_nothing(anonymous, path):
    assert get(anonymous, path).status_code == 401


@pytest.mark.parametrize("path", ["/postings/1/decisions", "/requirements", "/extract"])
def test_who_has_not_signed_in_writes_nothing(anonymous, path):
    assert post(anonymous, path).status_code == 401


@pytest.mark.parametrize("who", ALL)
def test_everyone_signed_in_reads_skills_and_postings(request, who, sign_in, posting, skill):
    client = sign_in(request.getfixturevalue(who))
    skills = get(client, "/skills").json()
    assert (skills["total"], skills["start"], skills["end"]) == (1, "2026-03-01", "2026-03-31")
    item = skills["items"][0]
    assert item["skill"]["code"] == skill.code
    assert (item["postings"]["value"], item["postings"]["definition"]) == (1, "demand.skill.postings@1")
    assert (item["growth"]["value"], item["share"]["value"]) == (None, 1)
    one = get(client, f"/skills/{skill.code}").json()
    assert [month["postings"]["value"] for month in one["months"]] == [1]
    assert one["gap"]["value"] is None
    assert get(client, "/postings").json()["items"][0]["id"] == posting.pk
    page = get(client, f"/postings/{posting.pk}").json()
    assert page["spans"][0]["skill"] == skill.code
    assert page["text"] == posting.text


def test_the_records_of_a_figure_open(sign_in, office, posting):
    client = sign_in(office)
    url = get(client, "/skills").json()["items"][0]["postings"]["records"]
    assert url.startswith("/metrics/")


def test_skills_and_postings_are_filtered(sign_in, office, posting, skill):
    client = sign_in(office)
    assert get(client, "/skills", region="浙江").json()["total"] == 0
    assert get(client, "/skills", text="micro").json()["total"] == 1
    assert get(client, "/skills", **{"from": "2026-04-01", "to": "2026-04-30"}).json()["total"] == 0
    assert get(client, "/postings", skill=skill.code, region="广东").json()["total"] == 1
    assert get(client, "/postings", text="没有这个词").json()["total"] == 0
    assert get(client, "/postings", offset=1).json()["items"] == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/skills", {"from": "2026-03-02", "to": "2026-03-01"}),
        ("/skills", {"from": "1900-03-02", "to": "2026-03-01"}),
        ("/skills", {"limit": 101}),
        ("/skills", {"offset": -1}),
        ("/skills", {"sort": "price"}),
        ("/skills", {"from": "yesterday"}),
        ("/postings", {"source": 2**40}),
        ("/postings/x", {}),
        ("/requirements/x", {}),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_what_is_wrong(sign_in, office, path, query):
    answer = get(sign_in(office), path, **query)
    assert answer.status_code == 422
    assert answer.json()["detail"]


NOBODYS = UUID("00000000-0000-4000-8000-000000000000")


@pytest.mark.parametrize(
    "path", ["/skills/no.such", "/postings/999999", f"/postings/{2**63}", f"/requirements/{NOBODYS}"]
)
def test_what_is_not_there_is_said_to_be_missing(sign_in, office, path):
    assert get(sign_in(office), path).status_code == 404


def test_a_null_character_in_a_filter_does_no_harm(sign_in, office, posting):
    assert get(sign_in(office), "/postings", text="a\0b", region="\0").status_code == 200


def verdict(skill, verdict="rejected", seen="", start=0, end=1):
    return {"skill": skill.code, "start": start, "end": end, "verdict": verdict, "seen": seen}


@pytest.mark.parametrize(("who", "status"), [
    ("office", 200), ("teacher", 200), ("hr", 200), ("colleague_hr", 200),
    ("other_hr", 403), ("mentor", 403), ("student", 403), ("reviewer", 403), ("stranger", 403),
])  # fmt: skip
def test_mentions_are_decided_on_by_those_who_may(request, who, status, sign_in, posting, skill):
    answer = post(sign_in(request.getfixturevalue(who)), f"/postings/{posting.pk}/decisions", **verdict(skill))
    assert answer.status_code == status
    assert MentionDecision.objects.count() == (status == 200)
    if status == 200:
        assert (answer.json()[0]["verdict"], answer.json()[0]["counts"]) == ("rejected", False)
    else:
        assert answer.json()["detail"]


def test_a_decision_is_undone_and_a_conflict_is_told(sign_in, office, teacher, posting, skill):
    path = f"/postings/{posting.pk}/decisions"
    client = sign_in(office)
    assert post(client, path, **verdict(skill)).status_code == 200
    conflict = post(sign_in(teacher), path, **verdict(skill, "accepted"))
    assert conflict.status_code == 409
    assert conflict.json()["detail"]
    assert post(client, path, **verdict(skill, "", "accepted")).status_code == 409
    assert post(client, path, **verdict(skill, "", "rejected")).json()[0]["counts"] is True
    assert not MentionDecision.objects.exists()


def test_a_decision_on_what_is_not_there_is_refused(sign_in, office, posting, skill):
    client = sign_in(office)
    assert post(client, "/postings/99999/decisions", **verdict(skill)).status_code == 404
    assert post(client, f"/postings/{posting.pk}/decisions", **verdict(skill, start=5, end=9)).status_code == 422
    assert post(client, f"/postings/{posting.pk}/decisions", **verdict(skill, "maybe")).status_code == 422


@pytest.fixture
def need(firm_a, lexicon):
    day = timezone.localdate() + timedelta(days=60)
    return {"organisation": firm_a.uid, "skill": "Verilog HDL", "head_count": 2, "needed_by": day, "severity": 4}


@pytest.mark.parametrize(("who", "status"), [
    ("office", 201), ("hr", 201), ("colleague_hr", 201),
    ("other_hr", 403), ("mentor", 403), ("teacher", 403), ("student", 403), ("reviewer", 403), ("stranger", 403),
])  # fmt: skip
def test_requirements_are_raised_by_those_who_speak_for_the_enterprise(request, who, status, sign_in, need):
    answer = post(sign_in(request.getfixturevalue(who)), "/requirements", **need)
    assert answer.status_code == status
    assert Requirement.objects.count() == (status == 201)
    if status == 201:
        assert (answer.json()["skill"], answer.json()["state"]) == ("ic.verilog", "open")


def test_a_need_that_makes_no_sense_is_refused_with_the_reason(sign_in, hr, need):
    client = sign_in(hr)
    unknown = post(client, "/requirements", **{**need, "skill": "Verilogg"})
    assert unknown.status_code == 422
    assert "Verilog" in unknown.json()["detail"]
    assert post(client, "/requirements", **{**need, "needed_by": "2020-01-01"}).status_code == 422
    assert post(client, "/requirements", **{**need, "severity": 9}).status_code == 422
    assert post(client, "/requirements", **{**need, "organisation": uuid4()}).status_code == 404
    assert not Requirement.objects.exists()


@pytest.mark.parametrize(("who", "status", "sees"), [
    ("office", 200, 2), ("reviewer", 200, 2), ("teacher", 200, 2), ("hr", 200, 1), ("other_hr", 200, 1),
    ("mentor", 403, 0), ("student", 403, 0), ("stranger", 403, 0),
])  # fmt: skip
def test_requirements_are_read_by_those_they_concern(request, who, status, sees, sign_in, firm_a, firm_b, skill):
    mine = RequirementFactory.create(organisation=firm_a, skill=skill)
    theirs = RequirementFactory.create(organisation=firm_b, skill=skill)
    client = sign_in(request.getfixturevalue(who))
    answer = get(client, "/requirements")
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["total"] == sees
        expected = {mine.uid: who != "other_hr", theirs.uid: who != "hr"}
        for uid, visible in expected.items():
            assert get(client, f"/requirements/{uid}").status_code == (200 if visible else 404)


def test_the_office_answers_and_a_stale_answer_is_not_given(sign_in, office, hr, firm_a, skill):
    requirement = RequirementFactory.create(organisation=firm_a, skill=skill)
    path = f"/requirements/{requirement.uid}/answers"
    answer = {"revision": 1, "kind": "declined", "text": "超出范围"}
    assert post(sign_in(hr), path, **answer).status_code == 403
    client = sign_in(office)
    assert post(client, path, **{**answer, "kind": "planned"}).status_code == 422
    given = post(client, path, **answer)
    assert given.status_code == 201
    assert (given.json()["state"], len(given.json()["answers"]), given.json()["revision"]) == ("answered", 1, 2)
    assert post(client, path, **answer).status_code == 409
    assert post(client, f"/requirements/{uuid4()}/answers", **answer).status_code == 404


def test_skills_are_found_in_a_text_and_nothing_is_kept(sign_in, student):
    cache.clear()
    found = post(sign_in(student), "/extract", text="熟悉 Verilog 与 STM32").json()
    assert [(one["text"], one["skill"]) for one in found["mentions"]] == [
        ("Verilog", "ic.verilog"),
        ("STM32", "embedded.stm32"),
    ]
    assert found["extractor"]


def test_a_text_that_is_too_long_is_refused_and_too_many_wait(sign_in, student):
    cache.clear()
    client = sign_in(student)
    assert post(client, "/extract", text="长" * 20_001).status_code == 422
    statuses = [post(client, "/extract", text="x").status_code for _ in range(31)]
    assert statuses[0] == 200
    assert statuses[-1] == 429


def test_a_page_of_skills_takes_few_queries(sign_in, office):
    for _ in range(25):
        asks(PostingFactory.create(), SkillFactory.create())
    client = sign_in(office)
    get(client, "/skills")
    with CaptureQueriesContext(
        connection,
    ) as warm:
        assert len(get(client, "/skills").json()["items"]) == 20
    # Session, person, roles and the state of the data.
    assert len(warm) <= 5


def test_the_documentation_declares_every_refusal():
    from ronghe.web.api import api

    paths = {path: kinds for path, kinds in api.get_openapi_schema()["paths"].items() if path.startswith("/api/demand")}
    assert len(paths) >= 13
    for path, kinds in paths.items():
        for kind, operation in kinds.items():
            declared = {int(status) for status in operation["responses"]}
            takes_input = "requestBody" in operation or any(one["in"] == "query" for one in operation["parameters"])
            assert 403 in declared, (kind, path)
            assert 422 in declared or not takes_input, (kind, path)
            assert ("{" not in path) or 404 in declared, (kind, path)
