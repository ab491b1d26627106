"""Imports from upload to confirmation, with the organisations of the community as the records."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Cohort, CohortMembership, Organisation, Role, RoleKind
from ronghe.apps.jobs import uploads
from ronghe.apps.jobs.models import Job, JobState, Upload
from ronghe.apps.ledger.models import Event
from tests.conftest import SignIn
from tests.factories import CohortFactory, OrganisationFactory, RegionFactory

# Background work commits and rolls back for itself, so these tests do too.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

NEW = reverse("jobs:import_new", args=["community.organisations"])
HEAD = "kind,name_zh,registration_number,region\n"
GOOD = HEAD + "enterprise,甲公司,,\nuniversity,乙大学,,\n"
MIXED = HEAD + "enterprise,甲公司,,\nenterprise,丙公司,914403001922038217,\nbakery,丁公司,,\nenterprise,,,火星\n"


def _post(client: Client, content: bytes | str, name: str = "rows.csv", url: str = NEW) -> Upload:
    data = content.encode() if isinstance(content, str) else content
    answer = client.post(url, {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 302, answer.content.decode()
    return Upload.objects.get(uid=answer.headers["Location"].rstrip("/").rsplit("/", 1)[1])


def _confirm(client: Client, upload: Upload, rows: str) -> int:
    return client.post(reverse("jobs:import_confirm", args=[upload.uid]), {"rows": rows}).status_code


def _report(client: Client, upload: Upload) -> str:
    return client.get(reverse("jobs:import_report", args=[upload.uid])).content.decode()


def test_a_good_file_is_imported_after_confirmation(office: Person, sign_in: SignIn, data_dir: Path) -> None:
    client = sign_in(office)
    before = Organisation.objects.count()
    upload = _post(client, GOOD)
    assert Organisation.objects.count() == before, "the dry run writes nothing"
    assert "Import all 2 rows" in _report(client, upload)
    assert _confirm(client, upload, "all") == 302
    assert set(Organisation.objects.values_list("name_zh", flat=True)) >= {"甲公司", "乙大学"}
    assert Event.objects.filter(type="community.organisation.registered").count() == 2
    assert not uploads.path_of(upload).exists(), "the file goes when it has been used"
    done = Job.objects.get(kind="jobs.import.write")
    assert done.message == "2 organisations were registered."
    assert _report(client, upload) == "", "what is imported leads to its task"


def test_each_bad_row_is_shown_with_line_column_and_reason(office: Person, sign_in: SignIn, data_dir: Path) -> None:
    client = sign_in(office)
    upload = _post(client, MIXED)
    page = _report(client, upload)
    assert [(error["line"], error["column"]["en"], error["value"]) for error in (upload.report or {})["errors"]] == [
        (3, "Unified social credit code", "914403001922038217"),
        (4, "kind", "bakery"),
        (5, "name_zh", ""),
    ]
    assert "check character does not fit" in page and "bakery" in page
    assert "Import the good row only" in page
    csv = client.get(reverse("jobs:import_errors", args=[upload.uid])).content.decode("utf-8-sig")
    assert csv.splitlines()[0] == "Line,Column,Value found,What is wrong" and len(csv.splitlines()) == 4


def test_bad_rows_stop_all_unless_skipping_was_chosen(office: Person, sign_in: SignIn, data_dir: Path) -> None:
    client = sign_in(office)
    upload = _post(client, MIXED)
    before = Organisation.objects.count()
    assert _confirm(client, upload, "all") == 422
    assert Organisation.objects.count() == before
    assert _confirm(client, upload, "valid") == 302
    assert Organisation.objects.count() == before + 1
    assert Organisation.objects.filter(name_zh="甲公司").exists()


def test_what_became_wrong_since_the_check_is_not_written_by_halves(
    office: Person, sign_in: SignIn, data_dir: Path
) -> None:
    client = sign_in(office)
    upload = _post(client, GOOD)
    OrganisationFactory.create(name_zh="乙大学")
    _confirm(client, upload, "all")
    failed = Job.objects.get(kind="jobs.import.write")
    assert failed.state == JobState.FAILED and "on the register already" in failed.error
    assert not Organisation.objects.filter(name_zh="甲公司").exists()
    page = _report(client, upload)
    assert "The import failed; nothing was written" in page and "on the register already" in page


def test_a_file_that_changed_on_disk_is_refused(office: Person, sign_in: SignIn, data_dir: Path) -> None:
    client = sign_in(office)
    upload = _post(client, GOOD)
    uploads.path_of(upload).write_text(GOOD.replace("甲公司", "戊公司"), encoding="utf-8")
    _confirm(client, upload, "all")
    failed = Job.objects.get(kind="jobs.import.write")
    assert failed.state == JobState.FAILED and "changed after it was checked" in failed.error
    assert not Organisation.objects.filter(name_zh="戊公司").exists()


def test_confirming_twice_imports_once(office: Person, sign_in: SignIn, data_dir: Path) -> None:
    client = sign_in(office)
    upload = _post(client, GOOD)
    assert _confirm(client, upload, "all") == 302
    assert _confirm(client, upload, "all") == 302
    assert Organisation.objects.filter(name_zh="甲公司").count() == 1
    assert Job.objects.filter(kind="jobs.import.write").count() == 1


def _bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("scan.csv", b"%PDF-1.7 not a table"),
        ("photo.xlsx", b"\x89PNG\r\n\x1a\n...."),
        ("empty.csv", b" "),
        ("bomb.xlsx", _bomb()),
        ("other.csv", "姓名,年龄\n张伟,20\n".encode("gbk")),
        ("binary.csv", bytes(range(256)) * 20),
    ],
)
def test_a_file_of_another_kind_is_refused_by_its_content(
    name: str, content: bytes, office: Person, sign_in: SignIn, data_dir: Path
) -> None:
    client = sign_in(office)
    before = Organisation.objects.count()
    upload = _post(client, content, name)
    assert "This file cannot be read" in _report(client, upload)
    assert _confirm(client, upload, "valid") == 422
    assert Organisation.objects.count() == before


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16"])
def test_chinese_encodings_are_read(encoding: str, office: Person, sign_in: SignIn, data_dir: Path) -> None:
    client = sign_in(office)
    upload = _post(client, "类型,中文名称\n企业,示例半导体有限公司\n".encode(encoding))
    assert _confirm(client, upload, "all") == 302
    assert Organisation.objects.filter(name_zh="示例半导体有限公司", kind="enterprise").exists()


def test_a_formula_is_taken_as_text(office: Person, sign_in: SignIn, data_dir: Path) -> None:
    client = sign_in(office)
    _confirm(client, _post(client, HEAD + 'enterprise,"=HYPERLINK(""x"")",,\n'), "all")
    assert Organisation.objects.filter(name_zh='=HYPERLINK("x")').exists()


def test_a_body_that_is_too_large_is_refused_unread(office: Person, sign_in: SignIn, data_dir: Path) -> None:
    answer = sign_in(office).generic(
        "POST", NEW, b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(300 * 1024**2)
    )
    assert answer.status_code == 413
    assert "at most 200 MB" in answer.content.decode()
    assert not Upload.objects.exists()


def test_the_form_needs_its_token(office: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(office, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(NEW, {"file": SimpleUploadedFile("rows.csv", GOOD.encode())}).status_code == 403
    assert not Upload.objects.exists()


def test_nothing_chosen_is_said_kindly(office: Person, sign_in: SignIn) -> None:
    answer = sign_in(office).post(NEW, {})
    assert answer.status_code == 422 and "Choose a file first." in answer.content.decode()


# Who may


@pytest.mark.parametrize("who", ["hr", "teacher", "student", "reviewer", "stranger"])
def test_only_the_office_imports_organisations(who: str, sign_in: SignIn, request: pytest.FixtureRequest) -> None:
    client = sign_in(request.getfixturevalue(who))
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, {"file": SimpleUploadedFile("rows.csv", GOOD.encode())}).status_code == 403
    template = reverse("jobs:import_template", args=["community.organisations", "csv"])
    assert client.get(template).status_code == 403
    assert not Upload.objects.exists()


def test_anonymous_visitors_are_sent_to_sign_in(anonymous: Client) -> None:
    assert anonymous.get(NEW).status_code == 302
    assert anonymous.post(NEW, {"file": SimpleUploadedFile("rows.csv", GOOD.encode())}).status_code == 302
    assert not Upload.objects.exists()


def test_an_upload_is_its_owners_alone(
    office: Person, university: Organisation, sign_in: SignIn, data_dir: Path
) -> None:
    from tests.factories import RoleFactory

    upload = _post(sign_in(office), GOOD)
    colleague = RoleFactory.create(organisation=university, kind=RoleKind.OFFICE).person
    client = sign_in(colleague)
    for name in ("import_report", "import_errors"):
        assert client.get(reverse(f"jobs:{name}", args=[upload.uid])).status_code == 404, name
    for name in ("import_confirm", "import_discard"):
        assert client.post(reverse(f"jobs:{name}", args=[upload.uid])).status_code == 404, name
    assert Upload.objects.filter(pk=upload.pk).exists()


def test_who_lost_the_role_meanwhile_imports_nothing(office: Person, sign_in: SignIn, data_dir: Path) -> None:
    client = sign_in(office)
    upload = _post(client, GOOD)
    Role.objects.filter(person=office).update(superseded_at=timezone.now())
    assert _confirm(client, upload, "all") == 403
    assert not Organisation.objects.filter(name_zh="甲公司").exists()


def test_an_unknown_import_is_not_found(office: Person, sign_in: SignIn) -> None:
    client = sign_in(office)
    assert client.get(reverse("jobs:import_new", args=["no.such"])).status_code == 404
    roster = reverse("jobs:import_new", args=["community.roster"])
    for subject in ("", "x", "999999", "1; DROP TABLE"):
        assert client.get(roster, {"subject": subject}).status_code == 404, subject


# What is left


def test_a_discarded_file_is_gone(office: Person, sign_in: SignIn, data_dir: Path) -> None:
    client = sign_in(office)
    upload = _post(client, GOOD)
    assert client.post(reverse("jobs:import_discard", args=[upload.uid])).status_code == 302
    assert not uploads.path_of(upload).exists()
    assert not Upload.objects.exists()


def test_a_file_nobody_confirmed_is_deleted_in_time(office: Person, sign_in: SignIn, data_dir: Path) -> None:
    client = sign_in(office)
    old, young = _post(client, GOOD), _post(client, GOOD)
    Upload.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert uploads.delete_expired() == 1
    assert not uploads.path_of(old).exists() and uploads.path_of(young).exists()
    assert list(Upload.objects.all()) == [young]


def test_the_folder_of_uploads_is_closed_to_others(office: Person, sign_in: SignIn, data_dir: Path) -> None:
    upload = _post(sign_in(office), GOOD)
    assert uploads.path_of(upload).parent.stat().st_mode & 0o077 == 0


# The other files of the community


def test_people_come_with_their_roles(office: Person, firm_a: Organisation, sign_in: SignIn, data_dir: Path) -> None:
    client = sign_in(office)
    rows = [
        {
            "name": "周敏",
            "email": "Zhou@example.org",
            "role": "mentor",
            "organisation": firm_a.name_zh,
            "valid_from": "2026-01-01",
        },
        {
            "name": "周敏",
            "email": "zhou@example.org",
            "role": "HR",
            "organisation": firm_a.name_zh,
            "valid_from": "2026-01-01",
        },
        {
            "name": "别人",
            "email": "zhou@example.org",
            "role": "mentor",
            "organisation": firm_a.name_zh,
            "valid_from": "2026-01-01",
        },
        {
            "name": "吴桐",
            "email": "wu@example.org",
            "role": "teacher",
            "organisation": firm_a.name_zh,
            "valid_from": "2026-01-01",
        },
        {
            "name": "吴桐",
            "email": "wu@example.org",
            "role": "mentor",
            "organisation": "没有的公司",
            "valid_from": "2026-01-01",
        },
    ]
    url = reverse("jobs:import_new", args=["community.people"])
    upload = _post(client, "\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "people.jsonl", url)
    assert [(error["line"], error["column"]["en"]) for error in (upload.report or {})["errors"]] == [
        (3, "E-mail"),
        (3, "Role"),
        (4, "Role"),
        (5, "Organisation"),
    ]
    assert _confirm(client, upload, "valid") == 302
    person = Person.objects.get(email="zhou@example.org")
    assert set(person.roles.values_list("kind", flat=True)) == {"mentor", "enterprise_hr"}
    assert not Person.objects.filter(email="wu@example.org").exists()


def test_a_roster_fills_its_cohort(office: Person, university: Organisation, sign_in: SignIn, data_dir: Path) -> None:
    cohort: Cohort = CohortFactory.create(organisation=university)
    client = sign_in(office)
    url = f"{reverse('jobs:import_new', args=['community.roster'])}?subject={cohort.pk}"
    text = "学号,姓名,邮箱\n26001,张伟,zw@example.org\n26002,李娜,ln@example.org\n26001,王五,ww@example.org\n"
    upload = _post(client, text, "roster.csv", url)
    assert [(error["line"], error["column"]["zh"]) for error in (upload.report or {})["errors"]] == [(4, "学号")]
    assert _confirm(client, upload, "valid") == 302
    numbers = CohortMembership.objects.filter(cohort=cohort).values_list("student_number", "valid_from")
    assert sorted(numbers) == [("26001", cohort.academic_year.starts_on), ("26002", cohort.academic_year.starts_on)]
    assert Person.objects.get(email="zw@example.org").roles.get().kind == RoleKind.STUDENT
    again = _post(client, text, "roster.csv", url)
    assert (again.rows_total, again.rows_valid) == (3, 0), "who is in the cohort already is not taken in again"


def test_regions_are_found_by_code_and_name(office: Person, sign_in: SignIn, data_dir: Path) -> None:
    RegionFactory.create()
    client = sign_in(office)
    rows = "".join(
        f"enterprise,公司{number},,{region}\n" for number, region in enumerate(["440300", "深圳", "深圳市", "shenzhen"])
    )
    _confirm(client, _post(client, HEAD + rows), "all")
    assert Organisation.objects.filter(region__code="440300").count() == 4


def test_the_template_is_read_as_a_file_without_rows(office: Person, sign_in: SignIn, data_dir: Path) -> None:
    client = sign_in(office)
    for kind in ("csv", "xlsx"):
        answer = client.get(reverse("jobs:import_template", args=["community.organisations", kind]))
        content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        upload = _post(client, content, f"template.{kind}")
        assert (upload.rows_total, upload.is_checked) == (0, True)
        assert _confirm(client, upload, "all") == 422
