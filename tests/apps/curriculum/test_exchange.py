"""Programmes in and out as tables and CASE, the API by role, and what happens to the name of an erased person."""

import io
import json
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ronghe.apps.accounts import privacy
from ronghe.apps.curriculum import services
from ronghe.apps.curriculum.case import case_package, read_case
from ronghe.apps.curriculum.content import hash_of, units_of
from ronghe.apps.curriculum.imports import check_programme
from ronghe.apps.curriculum.models import PackageVersion, Unit
from ronghe.apps.curriculum.rows import TEACHING, TeachingRow, rows_of
from ronghe.apps.jobs import uploads
from ronghe.apps.jobs.imports import ImportContext
from ronghe.tabular import Row, dry_run, read_valid, write_rows
from tests.apps.curriculum.conftest import LONG_AGO, fresh, unit_data
from tests.factories import SkillFactory

pytestmark = pytest.mark.django_db


def line(skill="embedded.mcu", **changes):
    values = {
        "course_code": "A1", "course_zh": "课", "package_zh": "包", "unit_zh": "单元", "unit_hours": Decimal(8),
        "unit_practice_hours": Decimal(4), "skill": skill, "skill_level": 3, "hours": Decimal(8),
        "practice_hours": Decimal(4), "evidence": "演示",
    }  # fmt: skip
    return TeachingRow(**{**values, **changes})


@pytest.fixture
def mcu(db):
    return SkillFactory.create(code="embedded.mcu", name_zh="单片机", name_en="Microcontrollers")


@pytest.fixture
def taught(package, release, skill, other_skill):
    return release(package, unit_data(skill, name="甲"), unit_data(skill, other_skill, name="乙"), on=LONG_AGO)


def complaints(programme, *rows):
    """By line what the dry run finds wrong, as columns."""
    check = check_programme(ImportContext(None, programme, None, None, ""))
    return [[one.column for one in check(Row(number, row))] for number, row in enumerate(rows, start=2)]


def test_the_dry_run_names_the_line_and_the_column(programme, package, teacher, mcu):
    services.start_version(actor=teacher, package=package)
    found = complaints(
        programme,
        line(),
        line(),
        line("没有这项技能", unit_zh="二"),
        line(unit_zh="三", skill_level=None),
        line(unit_zh="四", hours=Decimal(0)),
        line(unit_zh="五", hours=Decimal(9)),
        line("", unit_zh="六", unit_hours=Decimal(0), unit_practice_hours=Decimal(1)),
        line(course_code="EE-501", package_zh=package.name_zh),
    )
    assert found == [
        [], ["skill", "hours"], ["skill"], ["skill_level"], ["hours"], ["hours"], ["unit_hours", "unit_practice_hours"],
        ["package_zh"],
    ]  # fmt: skip


def test_an_import_writes_drafts_whose_units_keep_the_keys_of_those_they_renew(
    programme, package, teacher, taught, skill, other_skill
):
    rows = [*rows_of(programme), line(skill.code, unit_zh="丙", package_zh="新包")]
    done = services.import_programme(actor=teacher, programme=programme, rows=rows, format="table")
    assert (done.courses, done.packages, done.units) == (1, 1, 3)
    draft = package.versions.get(state="draft")
    assert {unit.name_zh: unit.key for unit in draft.units.all()} == {
        unit.name_zh: unit.key for unit in taught.units.all()
    }
    assert PackageVersion.objects.get(package__name_zh="新包").state == "draft"


def test_an_import_of_an_unknown_skill_writes_nothing(programme, teacher, mcu):
    with pytest.raises(ValidationError, match="no skill"):
        services.import_programme(
            actor=teacher, programme=programme, rows=[line(), line("没有", unit_zh="二")], format="table"
        )
    assert not Unit.objects.exists()
    assert not programme.courses.exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_exported_is_what_is_read_back(programme, taught, kind):
    file = io.BytesIO()
    rows = list(rows_of(programme))
    write_rows(rows, TEACHING, kind, file, language="zh")
    file.seek(0)
    report = dry_run(file, TEACHING, name=f"programme.{kind}")
    assert (report.rows_total, report.rows_bad) == (3, 0)
    file.seek(0)
    assert [row.record for row in read_valid(file, TEACHING, name=f"programme.{kind}")] == rows


def test_a_case_file_holds_every_unit_with_its_parents_and_comes_back_whole(programme, taught):
    package = case_package(programme)
    kinds = [item["CFItemType"] for item in package["CFItems"]]
    assert [kinds.count(kind) for kind in ("Course", "Course package", "Teaching unit", "Declared skill")] == [
        1,
        1,
        2,
        3,
    ]
    known = {item["identifier"] for item in package["CFItems"]} | {package["CFDocument"]["identifier"]}
    assert len(package["CFAssociations"]) == len(package["CFItems"])
    for link in package["CFAssociations"]:
        assert {link["originNodeURI"]["identifier"], link["destinationNodeURI"]["identifier"]} <= known
    assert read_case(json.dumps(package).encode()) == list(rows_of(programme))


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["CFItems", "CFAssociations", "identifier", "notes"]), inner, max_size=3),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_is_read_as_case_that_is_none(text):
    with pytest.raises(ValidationError):
        read_case(text)


@pytest.mark.parametrize("wrong", [[], {}, 3, None])
def test_links_to_what_is_no_identifier_are_refused(wrong):
    unit = {"identifier": "u", "fullStatement": "单元", "CFItemType": "Teaching unit"}
    link = {
        "associationType": "isChildOf",
        "originNodeURI": {"identifier": "u"},
        "destinationNodeURI": {"identifier": wrong},
    }
    with pytest.raises(ValidationError):
        read_case(json.dumps({"CFDocument": {}, "CFItems": [unit], "CFAssociations": [link]}).encode())


def test_a_case_unit_outside_a_course_is_refused_by_name():
    unit = {"identifier": "u", "fullStatement": "孤单", "CFItemType": "Teaching unit"}
    link = {
        "associationType": "isChildOf", "originNodeURI": {"identifier": "u"}, "destinationNodeURI": {"identifier": "d"}
    }  # fmt: skip
    with pytest.raises(ValidationError, match="孤单"):
        read_case(json.dumps({"CFDocument": {}, "CFItems": [unit], "CFAssociations": [link]}).encode())


def test_a_table_goes_from_upload_over_the_dry_run_to_drafts(
    programme, teacher, mcu, data_dir, django_capture_on_commit_callbacks
):
    file = io.BytesIO()
    write_rows([line("单片机")], TEACHING, "csv", file, language="zh")
    with django_capture_on_commit_callbacks(execute=True):
        upload = uploads.receive(
            actor=teacher, name="curriculum.programme", subject=str(programme.uid),
            file=SimpleUploadedFile("programme.csv", file.getvalue()),
        )  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        uploads.confirm(actor=teacher, upload=fresh(upload), skip_bad=False)
    unit = Unit.objects.get()
    assert (unit.declarations.get().skill, unit.version.state) == (mcu, "draft")


def get(client, path, **query):
    return client.get(f"/api/curriculum{path}", query)


def test_who_has_not_signed_in_reads_nothing_through_the_api(anonymous, taught):
    for path in ("/programmes", f"/versions/{taught.uid}", f"/versions/{taught.uid}/changes", "/due", "/cri"):
        assert get(anonymous, path).status_code == 401


@pytest.mark.parametrize("who", ["office", "teacher", "other_teacher", "hr", "mentor", "student", "reviewer"])
def test_everyone_who_takes_part_reads_what_is_released_through_the_api(who, request, sign_in, taught, programme):
    client = sign_in(request.getfixturevalue(who))
    item = get(client, "/programmes").json()["items"][0]
    assert (item["uid"], item["packages"], item["units"]) == (str(programme.uid), 1, 2)
    version = get(client, f"/versions/{taught.uid}").json()
    assert [unit["name_zh"] for unit in version["units"]] == ["甲", "乙"]
    assert version["content_hash"] == taught.content_hash
    changes = get(client, f"/versions/{taught.uid}/changes").json()
    assert (changes["against"], changes["replaced"]) == (None, 2)
    assert get(client, f"/programmes/{programme.uid}/case").json()["CFDocument"]["title"] == programme.name_zh
    assert get(client, "/cri", programme=str(programme.uid)).status_code == 200


def test_the_api_closes_drafts_due_units_and_the_index_of_enterprises(
    sign_in, package, teacher, other_teacher, student, other_hr, hr, firm_a
):
    draft = services.start_version(actor=teacher, package=package)
    assert get(sign_in(teacher), f"/versions/{draft.uid}").status_code == 200
    assert get(sign_in(other_teacher), f"/versions/{draft.uid}").status_code == 404
    assert get(sign_in(student), "/due").status_code == 403
    assert get(sign_in(hr), "/cri", enterprise=str(firm_a.uid)).status_code == 200
    assert get(sign_in(other_hr), "/cri", enterprise=str(firm_a.uid)).status_code == 403
    assert get(sign_in(hr), "/cri", enterprise=str(draft.uid)).status_code == 404


@pytest.mark.postgres
def test_an_erased_person_leaves_a_released_version_and_its_hash_stays_valid(
    package, release, skill, second_teacher, office
):
    version = release(package, unit_data(skill))
    mine = next(one for one in privacy.registered() if one.name == "curriculum")
    assert [review["verdict"] for review in mine.export(second_teacher)["reviews"]] == ["approved"]
    assert (mine.erase(second_teacher), mine.erase(office)) == (1, 1)
    version = PackageVersion.objects.get(pk=version.pk)
    assert version.released_by is None
    assert hash_of(version, units_of(version)) == version.content_hash
    with pytest.raises(DatabaseError, match="cannot change"), transaction.atomic():
        PackageVersion.objects.filter(pk=version.pk).update(released_by=office)
