"""Exports, privacy, commands and what the records page shows: the smaller doors of demand."""

import contextlib
import csv
import io
from datetime import date

import openpyxl
import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.http import Http404
from django.utils import translation

from ronghe.apps.accounts import privacy
from ronghe.apps.demand import exports, services
from ronghe.apps.demand.models import AskedSkill, MentionDecision, Posting, Skill
from ronghe.apps.demand.services import PostingData
from ronghe.apps.metrics.records import cells, view_of
from tests.factories import PostingFactory, RequirementFactory, asks

pytestmark = pytest.mark.django_db


def content(response):
    # Closing the response would end the request, and with it the connection of the test.
    with contextlib.closing(response.file_to_stream):
        return b"".join(response.streaming_content)


def rows_of(response):
    return list(csv.DictReader(io.StringIO(content(response).decode("utf-8-sig"))))


@pytest.fixture
def market(skill, other_skill, firm_a):
    for number in range(6):
        asks(PostingFactory.create(organisation_name=f"企业{number}", head_count=2), skill)
    asks(PostingFactory.create(title="=1+1", text="会 C"), other_skill)


def test_the_skills_are_exported_with_their_intervals(market, office, skill):
    with translation.override("en"):
        rows = rows_of(exports.skills_response("csv"))
    assert [row["Skill id"] for row in rows] == [skill.code, Skill.objects.exclude(pk=skill.pk).get().code]
    assert (rows[0]["Postings"], float(rows[0]["Share"])) == ("6", pytest.approx(6 / 7, abs=1e-5))
    assert float(rows[0]["Share, 95% low"]) < 6 / 7 < float(rows[0]["Share, 95% high"])
    assert rows[1]["Share, 95% low"] == ""


def test_an_exported_list_of_postings_is_one_that_can_be_imported(market, office):
    with translation.override("zh-hans"):
        book = openpyxl.load_workbook(io.BytesIO(content(exports.postings_response(office, "xlsx"))))
    headings = [cell.value for cell in next(book.active.iter_rows(max_row=1))]
    assert {"编号", "发布日期", "正文"} <= set(headings)
    assert book.active.max_row == 8


def test_a_formula_in_a_title_is_exported_as_text(market, office):
    rows = rows_of(exports.postings_response(office, "csv"))
    assert any("=1+1" in value and not value.startswith("=") for row in rows for value in row.values())


def test_an_enterprise_exports_its_own_requirements(hr, other_hr, student, firm_a, skill):
    RequirementFactory.create(organisation=firm_a, skill=skill)
    assert len(rows_of(exports.requirements_response(hr, "csv"))) == 1
    assert rows_of(exports.requirements_response(other_hr, "csv")) == []
    assert rows_of(exports.requirements_response(student, "csv")) == []


def test_tables_come_as_csv_or_xlsx(market, office):
    with pytest.raises(Http404):
        exports.skills_response("pdf")


def test_erasing_a_person_keeps_the_acts_and_forgets_who_acted(office, hr, firm_a, skill):
    requirement = RequirementFactory.create(organisation=firm_a, skill=skill, raised_by=hr)
    services.answer_requirement(actor=office, requirement=requirement, revision=1, kind="declined", text="不")
    posting = asks(PostingFactory.create(), skill)
    services.decide_mention(actor=office, posting=posting, skill=skill, start=0, end=1, verdict="accepted")
    (part,) = [found for found in privacy.registered() if found.name == "demand"]

    assert part.export(hr)["requirements_raised"][0]["skill__code"] == skill.code
    told = part.export(office)
    assert (len(told["answers_given"]), len(told["decisions_on_mentions"])) == (1, 1)
    assert part.erase(hr) == 1
    assert part.erase(office) == 2
    requirement.refresh_from_db()
    assert requirement.raised_by is None
    assert requirement.answers.get().answered_by is None
    assert MentionDecision.objects.get().decided_by is None


def test_the_records_behind_a_number_are_shown_as_postings(market):
    view = view_of("demand.posting")
    assert not view.personal
    posting = Posting.objects.filter(title="=1+1").get()
    assert cells(view, posting)[0]["value"] == "=1+1"


def test_the_commands_load_and_process(office, source, capsys):
    call_command("load_lexicon")
    services.import_postings(
        actor=office, source=source, rows=[PostingData("1", date(2026, 3, 1), "熟悉 Verilog 与 STM32")]
    )
    call_command("process_postings")
    said = capsys.readouterr().out
    assert "skills" in said
    assert "1 read, 2 mentions" in said
    assert AskedSkill.objects.count() == 2


def test_an_advertisement_without_a_title_is_called_by_its_first_line():
    posting = PostingFactory.create(title="", text=f"\n  招聘：{'长' * 200}\n第二行")
    assert posting.heading.startswith("招聘：长")
    assert len(posting.heading) == 120
    assert PostingFactory.create(title="", text="", external_id="X-1").heading == "X-1"


def test_who_has_not_signed_in_exports_nothing(market):
    assert rows_of(exports.postings_response(AnonymousUser(), "csv")) == []
    assert rows_of(exports.requirements_response(AnonymousUser(), "csv")) == []
