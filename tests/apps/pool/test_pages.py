"""The pages of the pool: who may open and do what, that forms keep what was typed, and how people agree."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.jobs.models import Job
from ronghe.apps.pool import selectors, services
from ronghe.apps.pool.models import Asset, Conversion, Income, Licence, Project, ShareVersion, VersionState
from tests.apps.pool.conftest import AssetMaker, Earner, Proposer
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db
EVERYONE = ("office", "hr", "colleague_hr", "other_hr", "mentor", "teacher", "student", "reviewer", "stranger")
ALL = dict.fromkeys(EVERYONE, 200)


def _statuses(request: pytest.FixtureRequest, sign_in: SignIn, url: str, expected: dict[str, int]) -> None:
    found = {name: sign_in(request.getfixturevalue(name)).get(url).status_code for name in expected}
    assert found == expected
    assert Client().get(url).status_code == 302


def test_an_open_asset_is_known_to_everyone_and_its_money_to_owners_and_contributors(
    request: pytest.FixtureRequest, agreed: Proposer, earned: Earner, asset: Asset, sign_in: SignIn
) -> None:
    version, income = agreed(), earned()
    _statuses(request, sign_in, asset.get_absolute_url(), ALL)
    closed = ALL | {"other_hr": 404, "reviewer": 404, "stranger": 404}
    _statuses(request, sign_in, version.get_absolute_url(), closed)
    _statuses(request, sign_in, reverse("pool:income", args=[income.uid]), closed)
    table = reverse("pool:income_export", args=[asset.uid, "csv"])
    _statuses(request, sign_in, table, {"other_hr": 403, "reviewer": 403, "stranger": 403})
    for name in ("other_hr", "reviewer"):
        page = sign_in(request.getfixturevalue(name)).get(asset.get_absolute_url()).content.decode()
        assert "INV-1" not in page and "Contributors and shares" not in page


def test_an_asset_that_is_not_open_is_unknown_to_outsiders_everywhere(
    request: pytest.FixtureRequest, asset_of: AssetMaker, sign_in: SignIn, other_hr: Person
) -> None:
    secret = asset_of(is_open=False, name_en="Secret recipe")
    seen = {"office": 200, "hr": 200, "mentor": 200, "teacher": 200, "reviewer": 200, "other_hr": 404, "student": 404}
    _statuses(request, sign_in, secret.get_absolute_url(), seen)
    outsider = sign_in(other_hr)
    assert "Secret recipe" not in outsider.get(reverse("pool:overview")).content.decode()
    assert "Secret recipe" not in outsider.get(secret.project.get_absolute_url()).content.decode()
    assert b"Secret recipe" not in b"".join(outsider.get(reverse("pool:export", args=["csv"])).streaming_content)
    assert outsider.get("/api/pool/assets").json()["total"] == 0


def test_every_page_opens_with_a_bounded_number_of_queries(
    request: pytest.FixtureRequest,
    agreed: Proposer,
    earned: Earner,
    asset: Asset,
    sign_in: SignIn,
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    agreed()
    for number in range(3):
        earned(document=f"D{number}")
    for url in (reverse("pool:overview"), reverse("pool:projects"), asset.get_absolute_url()):
        for name in ("office", "hr", "student"):
            client = sign_in(request.getfixturevalue(name))
            with django_assert_max_num_queries(40):
                assert client.get(url).status_code == 200
    assert Client().get(reverse("pool:overview")).status_code == 302


def test_a_project_and_its_asset_are_recorded_on_pages_and_what_was_typed_is_kept(
    sign_in: SignIn, hr: Person, other_hr: Person, student: Person, firm_a: Organisation, university: Organisation
) -> None:
    client = sign_in(hr)
    assert sign_in(student).get(reverse("pool:project_new")).status_code == 403
    typed = {"name_zh": "边缘推理盒", "host": firm_a.pk, "partners": [university.pk], "field": "ai"}
    refused = client.post(reverse("pool:project_new"), {**typed, "started_on": "soon"})
    assert refused.status_code == 422 and "边缘推理盒" in refused.content.decode()
    assert client.post(reverse("pool:project_new"), {**typed, "started_on": "2024-01-05"}).status_code == 302
    project = Project.objects.get()
    new = reverse("pool:asset_new", args=[project.uid])
    assert sign_in(other_hr).get(new).status_code == 403
    data = {"kind": "software", "name_zh": "推理引擎", "number": "2024SR01", "owners": [firm_a.pk], "is_open": "on"}
    refused = client.post(new, data)
    assert refused.status_code == 422 and "2023SR0123456" in refused.content.decode()
    assert client.post(new, {**data, "number": "2024sr0123456"}).status_code == 302
    asset = Asset.objects.get()
    assert asset.number == "2024SR0123456"
    close = reverse("pool:project_close", args=[project.uid])
    assert client.post(close, {"closed_on": "2025-01-05", "revision": "1"}).status_code == 302
    change = reverse("pool:asset_change", args=[asset.uid])
    changed = {"name_zh": "推理引擎二版", "number": asset.number, "is_open": "on"}
    assert client.post(change, {**changed, "revision": "1"}).status_code == 302
    assert client.post(change, {**changed, "revision": "1"}).status_code == 409


def test_shares_are_proposed_row_by_row_and_rows_are_added_without_losing_any(
    sign_in: SignIn,
    office: Person,
    other_hr: Person,
    asset: Asset,
    teacher: Person,
    student: Person,
    firm_a: Organisation,
) -> None:
    url = reverse("pool:propose", args=[asset.uid])
    assert sign_in(other_hr).get(url).status_code == 403
    client = sign_in(office)
    typed = {
        "valid_from": "2024-01-01",
        "who_1": teacher.email,
        "share_1": "1/3",
        "work_1": "架构",
        "who_2": "student",
        "share_2": "33.3%",
        "work_2": "实现",
        "who_3": firm_a.name_zh,
        "share_3": "1/3",
        "work_3": "场地",
    }
    more = client.post(url, {**typed, "rows": "4", "more": "1"}).content.decode()
    assert "who_8" in more and "架构" in more and ShareVersion.objects.count() == 0
    refused = client.post(url, {**typed, "rows": "8"})
    assert refused.status_code == 422 and "99.96" in refused.content.decode()
    wrong = client.post(url, {**typed, "who_2": "nobody@example.org", "rows": "8"})
    assert wrong.status_code == 422 and "nobody@example.org" in wrong.content.decode()
    assert client.post(url, {**typed, "share_2": "1/3", "rows": "8"}).status_code == 302
    version = ShareVersion.objects.get()
    assert [share.holder for share in version.shares.all()] == [teacher.name, student.name, firm_a.name]


def test_a_contributor_agrees_only_after_confirming_who_they_are(
    proposed: Proposer, sign_in: SignIn, teacher: Person, student: Person
) -> None:
    version = proposed()
    share = version.shares.get(person=teacher)
    url = reverse("pool:agree", args=[share.uid])
    assert sign_in(student).get(url).status_code == 403
    teacher.set_password("words-of-the-teacher")
    teacher.save()
    client = Client()
    client.post("/accounts/login/", {"login": teacher.email, "password": "words-of-the-teacher"})
    assert version.digest in client.get(url).content.decode()
    asked = client.post(url, {"digest": version.digest})
    assert asked.status_code == 302 and "reauthenticate" in asked["Location"]
    client.post(asked["Location"], {"password": "words-of-the-teacher"})
    client.post(url, {"digest": version.digest})
    share.refresh_from_db()
    assert share.agreed_by == teacher and share.confirmed_by == "password"
    assert client.get(url).status_code == 403


def test_what_waits_for_each_person_is_named_once(
    proposed: Proposer, earned: Earner, asset: Asset, teacher: Person, office: Person, hr: Person, other_hr: Person,
    firm_b: Organisation,
) -> None:  # fmt: skip
    version = proposed()
    earned()
    licence = services.offer_licence(actor=hr, asset=asset, licensee=firm_b, first_day=date(2024, 1, 1))
    services.claim_conversion(
        actor=hr, asset=asset, kind="adoption", party=firm_b, happened_on=date(2024, 2, 1), evidence="报告"
    )
    assert [one.kind for one in selectors.waiting_for(teacher)] == ["agree"]
    assert [one.kind for one in selectors.waiting_for(office)] == ["distribute"]
    assert [one.kind for one in selectors.waiting_for(hr)] == []
    assert [one.kind for one in selectors.waiting_for(other_hr)] == ["licence", "conversion"]
    services.decline_shares(actor=teacher, share=version.shares.get(person=teacher), reason="太少")
    services.grant_licence(actor=other_hr, licence=licence)
    assert selectors.waiting_for(teacher) == [] and len(selectors.waiting_for(other_hr)) == 1


def test_a_licensee_and_an_adopter_decide_on_their_pages(
    asset_of: AssetMaker, sign_in: SignIn, hr: Person, other_hr: Person, office: Person, firm_a: Organisation,
    firm_b: Organisation, reviewer: Person,
) -> None:  # fmt: skip
    asset = asset_of(owners=[firm_a], is_open=False)
    owner, licensee = sign_in(hr), sign_in(other_hr)
    offer = {
        "licensee": firm_b.pk,
        "kind": "exclusive",
        "fields_of_use": ["ic"],
        "first_day": "2024-01-01",
        "fee": "9.5",
    }
    assert owner.post(reverse("pool:licence_new", args=[asset.uid]), offer).status_code == 302
    licence = Licence.objects.get()
    page = licensee.get(reverse("pool:licence", args=[licence.uid])).content.decode()
    assert (
        "Take the licence" in page
        and sign_in(reviewer).get(reverse("pool:licence", args=[licence.uid])).status_code == 404
    )
    assert owner.post(reverse("pool:licence_grant", args=[licence.uid])).status_code == 403
    assert licensee.post(reverse("pool:licence_grant", args=[licence.uid])).status_code == 302
    refused = owner.post(reverse("pool:licence_new", args=[asset.uid]), offer)
    assert refused.status_code == 422 and "stands in the way" in refused.content.decode()
    end = {"last_day": "2025-01-01", "reason": "停用"}
    assert owner.post(reverse("pool:licence_end", args=[licence.uid]), end).status_code == 302
    claim = {"kind": "adoption", "party": firm_b.pk, "happened_on": "2024-03-01", "evidence": "验收报告"}
    assert owner.post(reverse("pool:conversion_new", args=[asset.uid]), claim).status_code == 302
    conversion = Conversion.objects.get(kind="adoption")
    assert licensee.post(reverse("pool:conversion_confirm", args=[conversion.uid])).status_code == 302
    withdraw = reverse("pool:conversion_withdraw", args=[conversion.uid])
    assert owner.get(withdraw).status_code == 403
    assert sign_in(office).post(withdraw, {"reason": "有误"}).status_code == 302
    licence.refresh_from_db()
    conversion.refresh_from_db()
    assert licence.last_day == date(2025, 1, 1) and conversion.withdrawn_at is not None


def test_income_is_recorded_distributed_reversed_and_taken_away_as_a_table(
    agreed: Proposer, asset: Asset, sign_in: SignIn, hr: Person, office: Person, teacher: Person
) -> None:
    agreed()
    data = {"kind": "royalty", "amount": "100.00", "received_on": "2024-05-01", "document": "回单 7"}
    owner = sign_in(hr)
    assert owner.post(reverse("pool:income_new", args=[asset.uid]), data).status_code == 302
    income = Income.objects.get()
    assert owner.post(reverse("pool:income_distribute", args=[income.uid])).status_code == 403
    staff = sign_in(office)
    assert staff.post(reverse("pool:income_distribute", args=[income.uid])).status_code == 302
    page = sign_in(teacher).get(reverse("pool:income", args=[income.uid])).content.decode()
    assert "33.34" in page and "33.33" in page and "1/3" in page
    assert selectors.own_shares(teacher)[0].received == Decimal("33.34")
    answer = owner.get(reverse("pool:income_export", args=[asset.uid, "xlsx"]))
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    assert [row[7].value for row in sheet.iter_rows(min_row=2)][:3] == [33.34, 33.33, 33.33]
    reverse_it = reverse("pool:income_reverse", args=[income.uid])
    assert owner.get(reverse_it).status_code == 403
    assert staff.post(reverse_it, {"reason": "金额有误"}).status_code == 302
    assert selectors.own_shares(teacher)[0].received == 0


def test_a_proposal_is_withdrawn_or_declined_on_its_pages(
    proposed: Proposer, sign_in: SignIn, office: Person, teacher: Person, student: Person
) -> None:
    first = proposed()
    assert sign_in(student).post(reverse("pool:shares_withdraw", args=[first.uid])).status_code == 403
    assert sign_in(office).post(reverse("pool:shares_withdraw", args=[first.uid])).status_code == 302
    second = proposed()
    url = reverse("pool:decline", args=[second.shares.get(person=teacher).uid])
    assert sign_in(student).get(url).status_code == 403
    assert sign_in(teacher).post(url, {"reason": "太少"}).status_code == 302
    states = ShareVersion.objects.order_by("number").values_list("state", flat=True)
    assert list(states) == [VersionState.WITHDRAWN, VersionState.DECLINED]


def test_assets_come_in_by_a_file_with_each_bad_row_told_and_go_out_in_the_same_columns(
    sign_in: SignIn, office: Person, hr: Person, project: Project, university: Organisation,
    django_capture_on_commit_callbacks,  # type: ignore[no-untyped-def]
) -> None:  # fmt: skip
    from django.core.files.uploadedfile import SimpleUploadedFile

    assert sign_in(hr).get(reverse("jobs:import_new", args=["pool.assets"])).status_code == 403
    head = "Project,Kind,Chinese name,Registered number,Owners\n"
    good = f"{project.name_zh},software,软件一,2024SR0000001,{university.name_zh}\n"
    bad = "没有的项目,software,软件二,2024SR0000001,没有的单位\n"
    bad += f"{project.name_zh},patent,专利,ZL202310123456.X,{university.name_zh}\n"
    client = sign_in(office)

    def upload(text: str) -> str:
        file = SimpleUploadedFile("assets.csv", text.encode(), content_type="text/csv")
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(reverse("jobs:import_new", args=["pool.assets"]), {"file": file})
        assert answer.status_code == 302, answer.content.decode()[:500]
        return client.get(answer["Location"], follow=True).content.decode()

    told = upload(head + good + bad)
    assert "没有的项目" in told and "没有的单位" in told and "same number" in told and "certificate" in told
    assert Asset.objects.count() == 0 and Job.objects.exists()
    asset = services.record_assets(
        actor=office,
        data=[services.AssetData(project=project, kind="software", name_zh="软件一", owners=[university])],
    )
    assert asset == 1
    table = b"".join(client.get(reverse("pool:export", args=["csv"])).streaming_content).decode("utf-8-sig")
    assert "软件一" in table and project.name_zh in table and university.name_zh in table


def test_programs_read_assets_and_their_own_portions_and_shares_only_where_open(
    agreed: Proposer, earned: Earner, asset: Asset, sign_in: SignIn, office: Person, teacher: Person, other_hr: Person
) -> None:
    agreed()
    services.distribute(actor=office, income=earned())
    found = sign_in(teacher).get(f"/api/pool/assets/{asset.uid}").json()
    assert [one["share"] for one in found["shares"]] == ["1/3", "1/3", "1/3"]
    assert sign_in(other_hr).get(f"/api/pool/assets/{asset.uid}").json()["shares"] is None
    assert [one["yuan"] for one in sign_in(teacher).get("/api/pool/portions").json()] == ["33.34"]
    assert sign_in(other_hr).get("/api/pool/portions").json() == []
    assert sign_in(other_hr).get("/api/pool/assets/00000000-0000-0000-0000-000000000000").status_code == 404
    assert Client().get("/api/pool/assets").status_code == 401
    assert sign_in(teacher).get("/api/pool/assets?kind=nothing").status_code == 422
