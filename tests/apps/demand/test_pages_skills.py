"""The pages of skills: the overview with its filters and files, one skill, names on offer, and a text to try."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from ronghe.apps.demand.models import LinkMethod, Posting, Skill, SkillLink
from ronghe.apps.demand.views.trial import PER_MINUTE
from tests.factories import PostingFactory, RequirementFactory, SkillFactory, SourceFactory, asks

pytestmark = pytest.mark.django_db

EVERYONE = ["office", "hr", "colleague_hr", "other_hr", "mentor", "teacher", "student", "reviewer", "stranger"]


@pytest.fixture
def postings(skill, other_skill):
    """Six postings of March for both skills and one of February for the first; one repeats another."""
    found = [asks(PostingFactory.create(region="广东"), skill, other_skill) for _number in range(6)]
    asks(PostingFactory.create(published_on=date(2026, 2, 3), region="香港"), skill)
    asks(PostingFactory.create(duplicate_of=found[0], duplicate_reason="exact", duplicate_similarity=1.0), skill)
    return found


def body(answer):
    return answer.content.decode()


@pytest.mark.parametrize("who", EVERYONE)
def test_everyone_signed_in_sees_what_enterprises_ask_for(who, request, sign_in, postings, skill):
    answer = sign_in(request.getfixturevalue(who)).get(reverse("demand:overview"))
    assert answer.status_code == 200
    assert "Microcontrollers" in body(answer)
    assert reverse("demand:skill", args=[skill.code]) in body(answer)


@pytest.mark.parametrize("name", ["overview", "extract", "posting_list", "requirement_list"])
def test_an_anonymous_visitor_is_sent_to_sign_in(name, anonymous):
    answer = anonymous.get(reverse(f"demand:{name}"))
    assert answer.status_code == 302
    assert reverse("account_login") in answer["Location"]


def test_the_page_says_how_many_were_counted_and_how_many_left_out(teacher, sign_in, postings):
    answer = sign_in(teacher).get(reverse("demand:overview"))
    assert answer.context["found"].postings.value == 7
    assert answer.context["left_out"] == 1


def test_each_number_opens_its_records(teacher, sign_in, postings):
    client = sign_in(teacher)
    measured = client.get(reverse("demand:overview")).context["rows"][0]["row"].postings
    opened = client.get(measured.url)
    assert opened.status_code == 200
    assert len(opened.context["rows"]) == 7


def test_filters_narrow_the_skills_and_the_postings(teacher, sign_in, postings, other_skill):
    client, address = sign_in(teacher), reverse("demand:overview")
    by_name = client.get(address, {"text": "real-time"})
    assert [line["row"].skill.code for line in by_name.context["rows"]] == [other_skill.code]
    by_chinese_name = client.get(address, {"text": "操作系统"})
    assert [line["row"].skill.code for line in by_chinese_name.context["rows"]] == [other_skill.code]
    by_region = client.get(address, {"region": "香港"})
    assert [line["row"].postings.value for line in by_region.context["rows"]] == [1]
    by_month = client.get(address, {"period": "3", "until": "2026-02"})
    assert [line["row"].postings.value for line in by_month.context["rows"]] == [1]
    assert "No skill fits" in body(client.get(address, {"text": "no such thing"}))


@pytest.mark.parametrize(
    "asked",
    [
        {"field": "magic"},
        {"group": "magic"},
        {"field": "embedded", "group": "magic"},
        {"region": "Atlantis"},
        {"source": "many"},
        {"source": "999999999999999999999999"},
        {"period": "-3"},
        {"until": "2026-13"},
        {"until": "1066-10"},
        {"sort": "; drop table"},
        {"page": "999"},
        {"page": "nonsense"},
        {"text": "x" * 20_000},
        {"text": "\x00"},
    ],
    ids=str,
)
def test_filter_values_that_make_no_sense_never_break_the_page(asked, teacher, sign_in, postings):
    client = sign_in(teacher)
    for name in ("demand:overview", "demand:posting_list", "demand:requirement_list"):
        assert client.get(reverse(name), asked).status_code == 200, name
    assert client.get(reverse("demand:skill", args=[Skill.objects.first().code]), asked).status_code == 200
    file = client.get(reverse("demand:overview_export", args=["csv"]), asked)
    assert b"".join(file.streaming_content)


def test_an_unknown_value_is_named_at_its_field(teacher, sign_in, postings):
    answer = sign_in(teacher).get(reverse("demand:overview"), {"region": "Atlantis"})
    assert "Atlantis is not one of the available choices" in body(answer)
    assert answer.context["found"].postings.value == 7


def test_a_group_of_another_field_is_forgotten_without_reproach(teacher, sign_in, postings, skill):
    answer = sign_in(teacher).get(reverse("demand:overview"), {"field": "embedded", "group": "ai.models"})
    assert not answer.context["form"].errors
    assert answer.context["rows"]


def test_sorting_by_name_and_by_growth(teacher, sign_in, postings):
    client, address = sign_in(teacher), reverse("demand:overview")
    names = [line["row"].skill.name for line in client.get(address, {"sort": "name"}).context["rows"]]
    assert names == sorted(names)
    assert client.get(address, {"sort": "-growth"}).context["by_growth"]


def test_the_filter_form_keeps_the_order_that_was_chosen(teacher, sign_in, postings):
    answer = sign_in(teacher).get(reverse("demand:overview"), {"sort": "-growth"})
    assert '<input type="hidden" name="sort" value="-growth">' in body(answer)


def test_without_postings_the_office_is_led_to_the_import_and_others_are_told(office, teacher, sign_in, skill):
    import_url = reverse("demand:posting_import")
    assert import_url in body(sign_in(office).get(reverse("demand:overview")))
    theirs = body(sign_in(teacher).get(reverse("demand:overview")))
    assert "No postings yet" in theirs
    assert import_url not in theirs


def test_without_a_lexicon_the_office_loads_it_and_nobody_else_may(office, teacher, sign_in):
    address = reverse("demand:lexicon_load")
    assert address in body(sign_in(office).get(reverse("demand:overview")))
    assert address not in body(sign_in(teacher).get(reverse("demand:overview")))
    assert sign_in(teacher).post(address).status_code == 403
    assert sign_in(office).get(address).status_code == 405
    assert sign_in(office).post(address).status_code == 302
    assert Skill.objects.count() > 600


def test_postings_that_wait_to_be_read_are_announced_to_the_office_alone(office, teacher, sign_in, postings):
    Posting.objects.update(extracted_with="")
    assert "Read them now" in body(sign_in(office).get(reverse("demand:overview")))
    assert "Read them now" not in body(sign_in(teacher).get(reverse("demand:overview")))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_figures_go_out_as_a_file_with_their_intervals(kind, teacher, sign_in, postings, skill, tmp_path):
    answer = sign_in(teacher).get(reverse("demand:overview_export", args=[kind]), {"text": "microcontrollers"})
    content = b"".join(answer.streaming_content)
    if kind == "csv":
        lines = content.decode("utf-8-sig").splitlines()
        assert len(lines) == 2
        assert skill.code in lines[1]
        assert "95% low" in lines[0]
    else:
        file = tmp_path / "skills.xlsx"
        file.write_bytes(content)
        rows = list(load_workbook(file).active.iter_rows(values_only=True))
        assert skill.code in rows[1]


def test_there_is_no_file_of_another_kind(teacher, sign_in, postings):
    assert sign_in(teacher).get(reverse("demand:overview_export", args=["exe"])).status_code == 404


def queries_of(client, address):
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_the_overview_asks_as_often_for_five_skills_as_for_fifty(teacher, sign_in):
    client, address = sign_in(teacher), reverse("demand:overview")
    source = SourceFactory.create()
    for _number in range(5):
        asks(PostingFactory.create(source=source), SkillFactory.create())
    few = queries_of(client, address)
    for _number in range(45):
        asks(PostingFactory.create(source=source), SkillFactory.create())
    assert queries_of(client, address) == few <= 25
    assert queries_of(client, address) <= 12


def test_the_page_of_a_skill_asks_as_often_for_five_postings_as_for_fifty(teacher, sign_in, skill, other_skill):
    client, address = sign_in(teacher), reverse("demand:skill", args=[skill.code])
    for _number in range(5):
        asks(PostingFactory.create(), skill, other_skill)
        RequirementFactory.create(skill=skill)
    few = queries_of(client, address)
    for _number in range(45):
        asks(PostingFactory.create(), skill, SkillFactory.create())
        RequirementFactory.create(skill=skill)
    assert queries_of(client, address) == few <= 30


@pytest.mark.parametrize("who", EVERYONE)
def test_everyone_signed_in_opens_a_skill(who, request, sign_in, postings, skill, other_skill):
    answer = sign_in(request.getfixturevalue(who)).get(reverse("demand:skill", args=[skill.code]))
    assert answer.status_code == 200
    text = body(answer)
    assert "单片机" in text
    assert "Microcontrollers" in text
    assert reverse("demand:skill", args=[other_skill.code]) in text
    assert "Who teaches it" in text
    assert "There is no supply data yet" in text


def test_a_skill_shows_its_counterparts(teacher, sign_in, postings, skill):
    SkillLink.objects.create(
        skill=skill, scheme="esco", identifier="http://data.example/esco/1", label="microcontrollers",
        method=LinkMethod.LABEL,
    )  # fmt: skip
    SkillLink.objects.create(
        skill=skill, scheme="onet", identifier="43232604", label="Embedded software", method=LinkMethod.SYNONYM
    )
    text = body(sign_in(teacher).get(reverse("demand:skill", args=[skill.code])))
    assert '<a href="http://data.example/esco/1"' in text
    assert "O*NET" in text
    assert "Same synonym" in text


def test_requirements_of_other_firms_are_not_shown_on_the_page_of_a_skill(
    hr, other_hr, office, sign_in, postings, skill, firm_a
):
    need = RequirementFactory.create(organisation=firm_a, skill=skill)
    address = reverse("demand:skill", args=[skill.code])
    for who, sees in ((hr, True), (other_hr, False), (office, True)):
        assert (need.get_absolute_url() in body(sign_in(who).get(address))) is sees


def test_a_skill_that_is_not_in_the_lexicon_is_not_found(teacher, sign_in):
    assert sign_in(teacher).get(reverse("demand:skill", args=["no.such"])).status_code == 404


def test_names_on_offer_in_either_language(teacher, sign_in):
    client, address = sign_in(teacher), reverse("demand:skill_suggestions")
    answer = body(client.get(address, {"skill": "时序"}))
    assert "<option" in answer
    assert "<html" not in answer
    assert "Python" in body(client.get(address, {"skill": "pyth"}))
    assert "<option" not in body(client.get(address, {"skill": ""}))
    assert client.get(address, {"skill": "x" * 50_000}).status_code == 200


def test_a_pasted_text_is_read_and_nothing_of_it_is_stored(student, sign_in):
    before = Posting.objects.count()
    answer = sign_in(student).post(
        reverse("demand:extract"), {"text": "We need Verilog,\r\nPython and static timing analysis."}
    )
    text = body(answer)
    assert answer.status_code == 200
    assert [span["text"] for span in answer.context["spans"]][:2] == ["Verilog", "Python"]
    assert 'id="span-1"' in text
    assert Posting.objects.count() == before


@pytest.mark.parametrize("text", ["", "   \r\n  ", "x" * 20_001, None])
def test_a_text_that_is_empty_or_too_long_is_refused_and_kept(text, student, sign_in):
    answer = sign_in(student).post(reverse("demand:extract"), {} if text is None else {"text": text})
    assert answer.status_code == 422
    assert "spans" not in answer.context
    if text and text.strip():
        assert text in body(answer)


def test_a_text_that_looks_like_a_page_is_shown_as_text(student, sign_in):
    answer = sign_in(student).post(reverse("demand:extract"), {"text": "<script>alert(1)</script> Python"})
    assert "<script>alert(1)</script>" not in body(answer)
    assert answer.context["spans"]


def test_whoever_tries_too_many_texts_is_asked_to_wait_and_keeps_the_text(student, teacher, sign_in):
    client, address = sign_in(student), reverse("demand:extract")
    answers = [client.post(address, {"text": "Python, a language"}) for _number in range(2 * PER_MINUTE + 1)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert "Python, a language" in body(answers[-1])
    assert sign_in(teacher).post(address, {"text": "Python"}).status_code == 200


def test_what_is_kept_of_the_overview_follows_the_data_and_the_language(teacher, office, sign_in, postings, skill):
    client, address = sign_in(teacher), reverse("demand:overview")
    first = body(client.get(address))
    assert body(client.get(address)).count("Microcontrollers") == first.count("Microcontrollers")
    office.language = "zh-hans"
    office.save()
    assert "单片机" in body(sign_in(office).get(address))
    asks(PostingFactory.create(), SkillFactory.create(name_en="A new skill"))
    assert "A new skill" in body(client.get(address))


def test_what_is_kept_of_the_lists_holds_nothing_of_the_person(office, stranger, sign_in, postings):
    office.language = stranger.language
    office.save()
    for name in ("demand:overview", "demand:posting_list"):
        part = str(sign_in(office).get(reverse(name)).context["part"])
        assert str(sign_in(stranger).get(reverse(name)).context["part"]) == part
        assert "csrfmiddlewaretoken" not in part
