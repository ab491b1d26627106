"""The pages of postings: the list, one with its spans, decisions by page and by htmx, and where an import begins."""

from datetime import date

import pytest
from django.urls import reverse

from ronghe.apps.demand import services
from ronghe.apps.demand.models import MentionDecision, Posting, Source
from ronghe.apps.jobs.models import Job
from tests.apps.demand.test_pages_skills import body, queries_of
from tests.factories import PostingFactory, SkillFactory, SourceFactory, asks

pytestmark = pytest.mark.django_db

EVERYONE = ["office", "hr", "other_hr", "mentor", "teacher", "student", "reviewer", "stranger"]


@pytest.fixture
def posting(firm_a, skill, other_skill):
    return asks(PostingFactory.create(organisation=firm_a, text="AB <b>need</b>"), skill, other_skill)


def decision(skill, verdict, seen="", start=0, end=1):
    return {"skill": skill.code, "start": start, "end": end, "verdict": verdict, "seen": seen}


@pytest.mark.parametrize("who", EVERYONE)
def test_everyone_signed_in_reads_the_list_and_a_posting(who, request, sign_in, posting, skill):
    client = sign_in(request.getfixturevalue(who))
    assert posting.get_absolute_url() in body(client.get(reverse("demand:posting_list")))
    page = client.get(posting.get_absolute_url())
    assert page.status_code == 200
    assert page.context["found"].may_decide is (who in {"office", "hr", "teacher"})
    assert (reverse("demand:posting_decide", args=[posting.pk]) in body(page)) is page.context["found"].may_decide


def test_the_text_of_a_posting_is_never_markup(teacher, sign_in, posting):
    assert "&lt;b&gt;need&lt;/b&gt;" in body(sign_in(teacher).get(posting.get_absolute_url()))


def test_a_posting_names_those_that_repeat_it_and_the_one_it_repeats(teacher, sign_in, posting):
    again = PostingFactory.create(duplicate_of=posting, duplicate_reason="near", duplicate_similarity=0.91)
    client = sign_in(teacher)
    assert again.get_absolute_url() in body(client.get(posting.get_absolute_url()))
    repeated = body(client.get(again.get_absolute_url()))
    assert posting.get_absolute_url() in repeated
    assert "0.91" in repeated


def test_a_posting_that_is_not_there_is_not_found(teacher, sign_in):
    assert sign_in(teacher).get(reverse("demand:posting", args=[999_999])).status_code == 404


def test_an_anonymous_visitor_reads_and_decides_nothing(anonymous, posting, skill):
    for answer in (
        anonymous.get(posting.get_absolute_url()),
        anonymous.post(reverse("demand:posting_decide", args=[posting.pk]), decision(skill, "accepted")),
        anonymous.post(reverse("demand:posting_process")),
        anonymous.get(reverse("demand:posting_export", args=["csv"])),
    ):
        assert answer.status_code == 302
        assert reverse("account_login") in answer["Location"]
    assert not MentionDecision.objects.exists()


def test_filters_of_the_list(teacher, sign_in, posting, skill, firm_a):
    other = PostingFactory.create(
        title="Antenna Engineer", language="en", region="香港", published_on=date(2026, 1, 5), field="comm"
    )
    repeated = PostingFactory.create(duplicate_of=posting, duplicate_reason="exact", duplicate_similarity=1.0)
    client, address = sign_in(teacher), reverse("demand:posting_list")

    def found(**asked):
        return {row["posting"].pk for row in client.get(address, asked).context["rows"]}

    assert found() == {posting.pk, other.pk}
    assert found(duplicates="on") == {posting.pk, other.pk, repeated.pk}
    assert found(text="antenna") == {other.pk}
    assert found(region="香港") == {other.pk}
    assert found(language="en") == {other.pk}
    assert found(source=str(posting.source_id)) == {posting.pk}
    assert found(since="2026-02-01") == {posting.pk}
    assert found(until="2026-02-01") == {other.pk}
    assert found(since="2026-02-01", until="2026-01-10") == {other.pk}
    assert found(since="not a day") == {posting.pk, other.pk}


def test_the_list_finds_postings_by_any_name_of_a_skill_and_offers_others_for_an_unknown_one(teacher, sign_in, posting):
    python = SkillFactory.create(code="software.python", name_zh="Python 语言", name_en="Python")
    asking = asks(PostingFactory.create(), python)
    client, address = sign_in(teacher), reverse("demand:posting_list")
    rows = client.get(address, {"skill": "python"}).context["rows"]
    assert [row["posting"].pk for row in rows] == [asking.pk]
    assert [row["skills"] for row in rows] == [1]
    unknown = client.get(address, {"skill": "Pyhton"})
    assert "Did you mean" in body(unknown)
    assert len(unknown.context["rows"]) == 2


def test_the_list_asks_as_often_for_five_postings_as_for_fifty(teacher, sign_in, skill):
    client, address = sign_in(teacher), reverse("demand:posting_list")
    for _number in range(5):
        asks(PostingFactory.create(), skill)
    few = queries_of(client, address)
    for _number in range(45):
        asks(PostingFactory.create(), skill)
    assert queries_of(client, address) == few <= 20


def test_a_posting_with_many_spans_asks_no_more(teacher, sign_in, posting):
    client = sign_in(teacher)
    few = queries_of(client, posting.get_absolute_url())
    long = asks(PostingFactory.create(text="x" * 200), *[SkillFactory.create() for _number in range(50)])
    assert queries_of(client, long.get_absolute_url()) == few <= 20


def test_the_list_shows_twenty_a_page(teacher, sign_in):
    PostingFactory.create_batch(25)
    client, address = sign_in(teacher), reverse("demand:posting_list")
    assert len(client.get(address).context["rows"]) == 20
    assert len(client.get(address, {"page": "999"}).context["rows"]) == 5


@pytest.mark.parametrize("who", ["office", "hr", "colleague_hr", "teacher"])
def test_those_who_may_accept_reject_and_undo(who, request, sign_in, posting, skill):
    client, address = sign_in(request.getfixturevalue(who)), reverse("demand:posting_decide", args=[posting.pk])
    answer = client.post(address, decision(skill, "accepted"))
    assert answer.status_code == 302
    assert answer["Location"] == f"{posting.get_absolute_url()}#mention-0-1-{skill.pk}"
    assert MentionDecision.objects.get().verdict == "accepted"
    client.post(address, decision(skill, "rejected", seen="accepted"))
    assert MentionDecision.objects.get().verdict == "rejected"
    assert not posting.asked.filter(skill=skill).exists()
    client.post(address, decision(skill, "", seen="rejected"))
    assert not MentionDecision.objects.exists()


@pytest.mark.parametrize("who", ["other_hr", "mentor", "student", "reviewer", "stranger"])
def test_others_decide_nothing(who, request, sign_in, posting, skill):
    client = sign_in(request.getfixturevalue(who))
    answer = client.post(reverse("demand:posting_decide", args=[posting.pk]), decision(skill, "rejected"))
    assert answer.status_code == 403
    assert not MentionDecision.objects.exists()


def test_by_htmx_the_page_comes_back_with_the_next_open_span_in_focus(teacher, sign_in, posting, skill, other_skill):
    client, address = sign_in(teacher), reverse("demand:posting_decide", args=[posting.pk])
    answer = client.post(address, decision(skill, "accepted"), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert [row["focus"] for row in answer.context["mentions"]] == ["", "accept"]
    assert body(answer).count("autofocus") == 1
    last = client.post(address, decision(other_skill, "rejected", start=1, end=2), headers={"HX-Request": "true"})
    assert [row["focus"] for row in last.context["mentions"]] == ["", "undo"]


def test_the_second_of_two_who_decide_is_told_who_was_first(office, teacher, sign_in, posting, skill):
    services.decide_mention(actor=office, posting=posting, skill=skill, start=0, end=1, verdict="rejected")
    client, address = sign_in(teacher), reverse("demand:posting_decide", args=[posting.pk])
    late = client.post(address, decision(skill, "accepted"))
    assert late.status_code == 409
    assert "has decided on this mention meanwhile: Rejected" in body(late)
    by_htmx = client.post(address, decision(skill, "accepted"), headers={"HX-Request": "true"})
    assert by_htmx.status_code == 200
    assert "has decided on this mention meanwhile" in body(by_htmx)
    assert MentionDecision.objects.get().verdict == "rejected"


def test_undoing_what_is_undone_already_is_told(teacher, sign_in, posting, skill):
    address = reverse("demand:posting_decide", args=[posting.pk])
    late = sign_in(teacher).post(address, decision(skill, "", seen="accepted"))
    assert late.status_code == 409
    assert "taken the decision on this mention back" in body(late)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"verdict": "perhaps"}, 409),
        ({"start": "x"}, 404),
        ({"start": "-1"}, 404),
        ({"skill": "no.such"}, 404),
        ({"start": 7, "end": 9}, 409),
        ({"start": ""}, 404),
    ],
)
def test_decisions_that_make_no_sense_change_nothing(change, status, teacher, sign_in, posting, skill):
    address = reverse("demand:posting_decide", args=[posting.pk])
    answer = sign_in(teacher).post(address, {**decision(skill, "accepted"), **change})
    assert answer.status_code == status
    assert not MentionDecision.objects.exists()


def test_a_decision_is_not_made_by_following_a_link(teacher, sign_in, posting):
    assert sign_in(teacher).get(reverse("demand:posting_decide", args=[posting.pk])).status_code == 405


@pytest.mark.parametrize("who", ["hr", "mentor", "teacher", "student", "reviewer", "stranger"])
def test_only_the_office_imports_and_processes(who, request, sign_in):
    client = sign_in(request.getfixturevalue(who))
    assert client.get(reverse("demand:posting_import")).status_code == 403
    assert client.post(reverse("demand:posting_import"), {"name": "x"}).status_code == 403
    assert client.post(reverse("demand:posting_process")).status_code == 403
    assert not Source.objects.exists()
    assert not Job.objects.exists()


def test_an_import_begins_with_a_source(office, sign_in):
    known = SourceFactory.create(name="校招网（示例）")
    client, address = sign_in(office), reverse("demand:posting_import")
    choose = body(client.get(address))
    import_url = reverse("jobs:import_new", args=["demand.postings"])
    assert f"{import_url}?subject={known.pk}" in choose
    made = client.post(address, {"name": "社招网（示例）", "licence": "CC BY 4.0", "address": "", "is_example": "on"})
    source = Source.objects.get(name="社招网（示例）")
    assert made["Location"] == f"{import_url}?subject={source.pk}"
    assert source.is_example
    assert client.get(made["Location"]).status_code == 200


@pytest.mark.parametrize("name", ["", "校招网（示例）", "x" * 200])
def test_a_source_without_a_name_or_with_a_taken_one_is_refused_at_its_field(name, office, sign_in):
    SourceFactory.create(name="校招网（示例）")
    answer = sign_in(office).post(reverse("demand:posting_import"), {"name": name, "licence": "kept text"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["name"]
    assert "kept text" in body(answer)
    assert Source.objects.count() == 1


def test_processing_is_queued_and_its_progress_shown(office, sign_in, posting, lexicon):
    answer = sign_in(office).post(reverse("demand:posting_process"))
    assert answer["Location"] == reverse("jobs:status", args=[Job.objects.get().uid])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_postings_of_the_filter_go_out_as_a_file(kind, student, sign_in, posting):
    PostingFactory.create(title="Antenna Engineer")
    answer = sign_in(student).get(reverse("demand:posting_export", args=[kind]), {"text": "antenna"})
    content = b"".join(answer.streaming_content)
    assert answer.status_code == 200
    if kind == "csv":
        assert "Antenna Engineer" in content.decode("utf-8-sig")
        assert posting.external_id not in content.decode("utf-8-sig")
    else:
        assert content[:2] == b"PK"


def test_a_list_that_finds_nothing_offers_to_show_all(teacher, sign_in, posting):
    answer = body(sign_in(teacher).get(reverse("demand:posting_list"), {"text": "no such words"}))
    assert "No posting fits" in answer
    assert "Show all" in answer


def test_an_empty_list_says_who_fills_it(office, teacher, sign_in):
    Posting.objects.all().delete()
    assert reverse("demand:posting_import") in body(sign_in(office).get(reverse("demand:posting_list")))
    assert "The community office imports them." in body(sign_in(teacher).get(reverse("demand:posting_list")))
