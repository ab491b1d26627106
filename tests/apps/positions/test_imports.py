"""Files of positions: every bad cell is named, good files become drafts, and an export can be imported again."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation, Region, StudyField
from ronghe.apps.demand import extraction
from ronghe.apps.jobs.models import Upload
from ronghe.apps.positions import imports, services
from ronghe.apps.positions.models import Position, Preference, StudentSkill
from tests.apps.positions.conftest import Opener, RoundMaker, wish
from tests.conftest import SignIn
from tests.factories import RegionFactory

pytestmark = pytest.mark.django_db
HEAD = "岗位名称,岗位任务,领域,名额,开始日期,结束日期,城市,实习报酬（元/月）,技能要求\n"
GOOD = "驱动实习生,移植驱动,嵌入式系统,3,2027-03-01,2027-08-31,深圳,3500,嵌入式Linux 3*\n"


@pytest.fixture
def known_skill(skill):  # type: ignore[no-untyped-def]
    skill.code = extraction.names().resolve("嵌入式Linux") or ""
    skill.save()
    return skill


@pytest.fixture
def city(db: None) -> Region:
    return RegionFactory.create(parent=RegionFactory.create(code="440000", name_zh="广东省", name_en="Guangdong"))


def _upload(client, firm: Organisation, text: str, capture):  # type: ignore[no-untyped-def]
    url = reverse("jobs:import_new", args=["positions.positions"]) + f"?subject={firm.uid}"
    with capture(execute=True):
        answer = client.post(url, {"file": SimpleUploadedFile("岗位.csv", text.encode("utf-8-sig"))})
    return answer


def test_a_file_is_checked_first_and_written_as_drafts_of_the_firm(
    sign_in: SignIn, hr: Person, other_hr: Person, office: Person, firm_a: Organisation, city: Region, known_skill,
    django_capture_on_commit_callbacks,
) -> None:  # type: ignore[no-untyped-def]  # fmt: skip
    client = sign_in(hr)
    bad = (
        "驱动实习生,移植驱动,嵌入式系统,0,2027-03-01,2027-08-31,深圳,3500,嵌入式Linux 3\n"
        "测试实习生,写测试,嵌入式系统,2,2027-03-01,2027-02-01,无此市,,没有这种技能 3; 嵌入式Linux 9\n"
    )
    _upload(client, firm_a, HEAD + bad, django_capture_on_commit_callbacks)
    report = client.get(Upload.objects.get().get_absolute_url()).content.decode()
    for words in ("The last day is before the first day", "Name a city", "Not a skill of the lexicon"):
        assert words in report
    assert not Position.objects.exists()
    Upload.objects.all().delete()
    _upload(client, firm_a, HEAD + GOOD, django_capture_on_commit_callbacks)
    upload = Upload.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("jobs:import_confirm", args=[upload.uid]))
    position = Position.objects.get()
    assert (position.state, position.seats, position.organisation, position.region) == ("draft", 3, firm_a, city)
    assert list(position.skills.values_list("skill", "skill_level", "is_required")) == [(known_skill.pk, 3, True)]
    for stranger in (other_hr, office):
        url = reverse("jobs:import_new", args=["positions.positions"]) + f"?subject={firm_a.uid}"
        assert sign_in(stranger).get(url).status_code in (403, 404)


def test_what_was_exported_can_be_imported_again(
    opened: Opener, sign_in: SignIn, hr: Person, firm_a: Organisation, city: Region, known_skill,
    django_capture_on_commit_callbacks,
) -> None:  # type: ignore[no-untyped-def]  # fmt: skip
    before = opened(region=city, pay=3600)
    answer = sign_in(hr).get(reverse("positions:export", args=["csv"]))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert len(list(csv.DictReader(io.StringIO(text)))) == 1
    client = sign_in(hr)
    _upload(client, firm_a, text, django_capture_on_commit_callbacks)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("jobs:import_confirm", args=[Upload.objects.get().uid]))
    after = Position.objects.get(state="draft")
    same = ("title_zh", "title_en", "tasks", "field", "seats", "starts_on", "ends_on", "region_id", "pay")
    assert [getattr(before, name) for name in same] == [getattr(after, name) for name in same]


def test_the_file_knows_every_field() -> None:
    assert set(imports._FIELDS) == set(StudyField.values)


def test_a_student_takes_away_what_positions_know_and_may_be_erased(
    opened: Opener, round_of: RoundMaker, students: list[Person], teacher: Person, skill
) -> None:  # type: ignore[no-untyped-def]
    one, person = opened(), students[1]
    round = round_of(one)
    wish(round, person, one)
    declared = services.declare_skill(actor=person, skill=skill, skill_level=3, evidence="课程设计")
    services.confirm_skill(actor=teacher, declared=declared)
    told = accounts.export_own_data(actor=person, person=person)["positions"]
    assert told["preferences"][0]["rank"] == 1
    assert told["skills"][0]["evidence"] == "课程设计"
    accounts.erase_own_data(actor=person, person=person)
    assert not Preference.objects.filter(person=person).exists()
    assert not StudentSkill.objects.filter(person=person).exists()
