"""Files of postings and requirements through the whole import: upload, dry run, confirm, and the work that follows."""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ronghe.apps.demand import imports, services
from ronghe.apps.demand.models import AskedSkill, Posting, Requirement, Skill
from ronghe.apps.jobs import uploads
from ronghe.apps.jobs.models import Job, Upload
from ronghe.apps.ledger.models import Event
from ronghe.tabular import dry_run
from tests.factories import OrganisationFactory, RequirementFactory, UniversityFactory
from tests.need import shared

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

SAMPLES = Path(imports.__file__).parent / "samples"
HEAD = "编号,发布日期,岗位名称,企业,城市,地区,领域,招聘人数,语言,正文\n"


@pytest.fixture
def take(office, django_capture_on_commit_callbacks):
    """Upload `content` as the office and return the upload after its dry run."""

    def taken(content, name="demand.postings", subject="", filename="x.csv", actor=office):
        content = content.encode() if isinstance(content, str) else content
        with django_capture_on_commit_callbacks(execute=True):
            upload = uploads.receive(
                actor=actor, name=name, subject=str(subject), file=SimpleUploadedFile(filename, content)
            )
        return Upload.objects.get(pk=upload.pk)

    return taken


@pytest.fixture
def confirm(office, django_capture_on_commit_callbacks):
    """Confirm an upload and return the job that wrote it."""

    def confirmed(upload, skip_bad=False):
        with django_capture_on_commit_callbacks(execute=True):
            uploads.confirm(actor=office, upload=upload, skip_bad=skip_bad)
        return Job.objects.get(kind="jobs.import.write")

    return confirmed


def complaints(upload):
    return [(error["line"], error["en"]) for error in upload.report["errors"]]


def test_the_sample_becomes_postings_whose_skills_are_counted(take, confirm, source, lexicon):
    upload = take((SAMPLES / "postings-sample.csv").read_bytes(), subject=source.pk)
    assert upload.report["errors"] == []
    assert upload.rows_valid == upload.rows_total >= 60
    job = confirm(upload)
    assert job.state == "done", job.error
    assert Posting.objects.count() == upload.rows_total
    work = Job.objects.get(kind="demand.postings.process")
    assert work.state == "done", work.error
    assert str(work.uid) in job.result["url"]
    # Each advertisement of the sample asks for some skill, but for the three re-posts, which are duplicates.
    counted = Posting.objects.counted()
    assert AskedSkill.objects.values("posting").distinct().count() >= 0.95 * counted.count()
    assert AskedSkill.objects.filter(skill__code="ic.systemverilog").exists()


def test_importing_the_same_file_again_writes_nothing(take, confirm, source, lexicon):
    content = (SAMPLES / "postings-sample.csv").read_bytes()
    confirm(take(content, subject=source.pk))
    before = Posting.objects.count()
    Job.objects.all().delete()
    job = confirm(take(content, subject=source.pk))
    assert job.result["figures"] == {"written": 0, "skipped": before}
    assert Posting.objects.count() == before


ROW = {"id": "7", "month": "2026-03", "text": "熟悉 STM32"}


def as_xlsx(row):
    book = openpyxl.Workbook()
    book.active.append(list(row))
    book.active.append(list(row.values()))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def as_parquet(row):
    file = io.BytesIO()
    pq.write_table(pa.table({key: [int(value) if key == "id" else value] for key, value in row.items()}), file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("a.csv", ",".join(ROW) + "\n" + ",".join(ROW.values())),
        ("a.jsonl", json.dumps(ROW, ensure_ascii=False)),
        ("a.xlsx", as_xlsx(ROW)),
        ("a.parquet", as_parquet(ROW)),
        ("gbk.csv", ("编号,月份,内容\n7,2026-03,熟悉 STM32，欢迎应届毕业生投递简历\n").encode("gb18030")),
    ],
)
def test_any_kind_of_file_with_a_month_and_other_headings_is_read(take, confirm, source, lexicon, filename, content):
    upload = take(content, subject=source.pk, filename=filename)
    assert upload.report["errors"] == []
    confirm(upload)
    posting = Posting.objects.get()
    assert (posting.external_id, posting.published_on, posting.language) == ("7", date(2026, 3, 1), "zh")
    assert AskedSkill.objects.get().skill.code == "embedded.stm32"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",2026-03-01,,,,,,,,文本", "is required"),
        ("1,2026-02-30,,,,,,,,文本", "no such day"),
        ("1,03/04/2026,,,,,,,,文本", "year"),
        ("1,2026-03-01,,,,,,0,,文本", "1"),
        ("1,2026-03-01,,,,,,三,,文本", "whole number"),
        ("1,2026-03-01,,,,,航天,,,文本", "Integrated circuits"),
        ("1,2026-03-01,,,,,,,火星语,文本", "Chinese"),
        ("1,2026-03-01,,,,,,,,", "is required"),
        ("1,2026-03-01,,,,,,,,文本,多余", "cells"),
        (f"1,{date.max.year}-01-01,,,,,,,,文本", "after today"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_nothing_is_written(take, source, row, said):
    upload = take(f"{HEAD}0,2026-03-01,,,,,,,,好的一行\n{row}\n", subject=source.pk)
    (line, message) = complaints(upload)[0]
    assert line == 3
    assert said in message
    assert (upload.rows_valid, upload.rows_total) == (1, 2)
    with pytest.raises(uploads.UploadRefused):
        uploads.confirm(actor=upload.owner, upload=upload, skip_bad=False)
    assert not Posting.objects.exists()


def test_the_good_rows_alone_are_written_when_the_person_chooses_so(take, confirm, source, lexicon):
    upload = take(f"{HEAD}1,2026-03-01,,,,,,,,好的一行\n2,明天,,,,,,,,坏的一行\n", subject=source.pk)
    confirm(upload, skip_bad=True)
    assert Posting.objects.get().external_id == "1"


def test_a_number_that_stands_for_another_text_is_a_bad_row(take, confirm, source, lexicon):
    confirm(take(f"{HEAD}1,2026-03-01,,,,,,,,原来的\n", subject=source.pk))
    upload = take(
        f"{HEAD}1,2026-03-01,,,,,,,,换了内容\n2,2026-03-01,,,,,,,,甲\n2,2026-03-01,,,,,,,,乙\n", subject=source.pk
    )
    said = complaints(upload)
    assert [line for line, _message in said] == [2, 4]
    assert "imported before" in said[0][1]
    assert "line 3" in said[1][1]


@pytest.mark.parametrize(
    ("content", "said"),
    [("发布日期,岗位名称\n2026-03-01,甲\n", "编号"), ("", "nothing in it"), ("%PDF-1.7 …", "PDF")],
)
def test_a_file_that_is_no_list_of_postings_is_refused_as_a_whole(take, source, content, said):
    refused = take(content, subject=source.pk).report["refused"]
    assert said in refused["zh"] + refused["en"]


@pytest.mark.parametrize("who", ["hr", "teacher", "reviewer", "student", "stranger"])
def test_only_the_office_imports(request, who, take, source):
    actor = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        take(HEAD, subject=source.pk, actor=actor)
    with pytest.raises(PermissionDenied):
        take(HEAD, name="demand.requirements", actor=actor)
    assert not Upload.objects.exists()


def test_the_office_may_queue_the_work_again(
    office, take, confirm, source, lexicon, django_capture_on_commit_callbacks
):
    confirm(take(f"{HEAD}1,2026-03-01,,,,,,,,会 Python\n", subject=source.pk))
    Posting.objects.update(extracted_with="")
    with django_capture_on_commit_callbacks(execute=True):
        job = services.start_processing(actor=office)
    job.refresh_from_db()
    assert (job.state, job.result["figures"]["extracted"]) == ("done", 1)


NEEDS = "企业,技能,技能等级,人数,到岗日期,紧迫程度,用途说明\n"
SOON = (timezone.localdate() + timedelta(days=90)).isoformat()


def need(organisation="甲电子有限公司", skill="Verilog HDL", level=3, heads=4, day=SOON, severity=3):
    return f"{organisation},{skill},{level},{heads},{day},{severity},新产线\n"


def test_requirements_are_raised_by_any_name_of_enterprise_and_skill(take, confirm, lexicon, firm_a):
    OrganisationFactory.create(name_zh="有代码的企业", registration_number="91440300MA5EXAMPL3")
    content = (
        NEEDS + need() + need("firm a ELECTRONICS", "ic.verilog", heads=2) + need("91440300ma5exampl3", "验证方法学")
    )
    upload = take(content, name="demand.requirements")
    lines = [line for line, _message in complaints(upload)]
    assert lines == [4], upload.report["errors"]
    assert "UVM" in complaints(upload)[0][1]
    confirm(upload, skip_bad=True)
    assert Requirement.objects.filter(organisation=firm_a, skill__code="ic.verilog").count() == 2
    assert Event.objects.filter(type="demand.requirement.raised").count() == 2


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        (need(organisation="没有这家"), "Enterprise", "credit code"),
        (need(skill="水下编篮子"), "Skill", "no such skill"),
        (need(skill="Verilogg"), "Skill", "Verilog"),
        (need(level=6), "技能等级", "5"),
        (need(heads=0), "人数", "1"),
        (need(day="2020-01-01"), "Needed by", "past"),
        (need(severity=""), "紧迫程度", "required"),
    ],
)
def test_a_bad_requirement_says_what_is_wrong_with_it(take, lexicon, firm_a, row, column, said):
    upload = take(NEEDS + row, name="demand.requirements")
    (error,) = upload.report["errors"]
    assert error["line"] == 2
    assert column in error["column"].values()
    assert said in error["en"]


def test_a_university_is_no_enterprise_that_needs_skills(take, lexicon):
    UniversityFactory.create(name_zh="某大学")
    assert len(complaints(take(NEEDS + need("某大学"), name="demand.requirements"))) == 1


def test_requirements_that_stand_already_are_skipped(take, confirm, lexicon, firm_a):
    confirm(take(NEEDS + need(), name="demand.requirements"))
    Job.objects.all().delete()
    job = confirm(take(NEEDS + need() + need() + need(heads=9), name="demand.requirements"))
    assert job.result["figures"] == {"raised": 1, "skipped": 2}
    assert Requirement.objects.count() == 2


def test_the_sample_of_requirements_names_skills_of_the_lexicon(take, confirm, lexicon):
    text = (SAMPLES / "requirements-sample.csv").read_text(encoding="utf-8")
    for name in {row["organisation"] for row in csv.DictReader(io.StringIO(text))}:
        OrganisationFactory.create(name_zh=name)
    # The sample's days pass; what is looked at here is whether its names are found.
    later = text.replace("2026-", "2036-").replace("2027-", "2037-")
    upload = take(later, name="demand.requirements")
    assert upload.report["errors"] == []
    confirm(upload)
    assert Requirement.objects.count() == upload.rows_total


def test_the_headings_of_the_template_are_those_of_the_import():
    assert [column.heading("zh") for column in imports.POSTINGS.columns] == HEAD.strip().split(",")
    assert [column.heading("zh") for column in imports.REQUIREMENTS.columns] == NEEDS.strip().split(",")


def test_the_real_advertisements_map_without_an_error():
    path = shared("data/postings/who-is-hiring-2017-2018.parquet")
    report = dry_run(path, imports.POSTINGS)
    assert (report.rows_total, report.rows_valid, report.errors_total) == (14_513, 14_513, 0)
    assert report.warnings == ()
    first = report.preview[0].record
    assert (first.external_id, first.published_on) == ("1", date(2017, 1, 1))


def test_an_open_requirement_of_another_enterprise_does_not_stand_for_this_one(take, confirm, lexicon, firm_a, firm_b):
    RequirementFactory.create(
        organisation=firm_b,
        skill=Skill.objects.get(code="ic.verilog"),
        head_count=4,
        needed_by=date.fromisoformat(SOON),
    )
    confirm(take(NEEDS + need(), name="demand.requirements"))
    assert Requirement.objects.filter(organisation=firm_a).count() == 1
