"""The pages of the credit bank: who may open and do what, that forms keep what was typed, and what papers say."""

from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.credits import selectors, services
from ronghe.apps.credits.models import Account, AccountKind, Achievement, ConversionRule, Transaction
from ronghe.apps.curriculum.models import Programme
from ronghe.apps.jobs.models import Job
from tests.apps.credits.conftest import LONG_AGO, Claimer, RuleMaker
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db
NOBODY = {"office": 404, "teacher": 404, "student": 404, "hr": 404, "other_hr": 404, "reviewer": 404, "stranger": 404}


@pytest.fixture
def deposited(programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person) -> Transaction:
    rule_of()
    return services.deposit(actor=teacher, achievement=confirmed())


def _statuses(request: pytest.FixtureRequest, sign_in: SignIn, url: str, expected: dict[str, int]) -> None:
    found = {name: sign_in(request.getfixturevalue(name)).get(url).status_code for name in expected}
    assert found == expected
    assert Client().get(url).status_code == 302


def test_a_students_account_is_open_to_the_student_their_teachers_and_the_office_only(
    request: pytest.FixtureRequest, deposited: Transaction, sign_in: SignIn, student: Person
) -> None:
    account = Account.objects.get(person=student)
    seen = NOBODY | {"office": 200, "teacher": 200, "student": 200, "other_teacher": 404, "mentor": 404}
    _statuses(request, sign_in, account.get_absolute_url(), seen)
    for name in ("statement_pdf", "statement_export"):
        args = [account.uid] if name == "statement_pdf" else [account.uid, "csv"]
        for outsider in ("other_hr", "reviewer", "hr"):
            url = reverse(f"credits:{name}", args=args)
            assert sign_in(request.getfixturevalue(outsider)).get(url).status_code == 404


def test_the_account_of_an_enterprise_is_open_to_its_people_and_to_reviewers(
    request: pytest.FixtureRequest, deposited: Transaction, sign_in: SignIn
) -> None:
    account = Account.objects.get(kind=AccountKind.ENTERPRISE)
    seen = NOBODY | {"office": 200, "hr": 200, "colleague_hr": 200, "mentor": 200, "reviewer": 200}
    _statuses(request, sign_in, account.get_absolute_url(), seen)


def test_an_achievement_is_open_to_student_host_and_university(
    request: pytest.FixtureRequest, deposited: Transaction, sign_in: SignIn
) -> None:
    url = reverse("credits:achievement", args=[Achievement.objects.get().uid])
    seen = NOBODY | {"office": 200, "teacher": 200, "student": 200, "hr": 200, "mentor": 200}
    _statuses(request, sign_in, url, seen)


def test_every_overview_opens_with_a_bounded_number_of_queries(
    request: pytest.FixtureRequest,
    deposited: Transaction,
    sign_in: SignIn,
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    url = reverse("credits:overview")
    for name in NOBODY:
        client = sign_in(request.getfixturevalue(name))
        with django_assert_max_num_queries(34):
            assert client.get(url).status_code == 200
    assert Client().get(url).status_code == 302


def test_a_student_claims_on_the_page_and_what_was_typed_is_kept_when_it_is_refused(
    sign_in: SignIn, student: Person, programme: Programme, firm_a: Organisation
) -> None:
    url, client = reverse("credits:claim"), sign_in(student)
    typed = {
        "source": "hours", "name_zh": "产线实习", "quantity": "40", "first_day": "2026-03-27", "last_day": "2026-03-02",
        "host": firm_a.pk, "evidence": "周报四份",
    }  # fmt: skip
    refused = client.post(url, typed)
    assert refused.status_code == 422
    assert "周报四份" in refused.content.decode()
    done = client.post(url, typed | {"first_day": "2026-03-02", "last_day": "2026-03-27"})
    assert done.status_code == 302
    assert Achievement.objects.get().person == student


def test_only_students_claim(sign_in: SignIn, teacher: Person, hr: Person) -> None:
    for person in (teacher, hr):
        assert sign_in(person).get(reverse("credits:claim")).status_code == 403


def test_the_mentor_confirms_and_the_teacher_deposits_on_the_page(
    programme: Programme, rule_of: RuleMaker, claimed: Claimer, sign_in: SignIn, mentor: Person, teacher: Person,
    student: Person, other_hr: Person,
) -> None:  # fmt: skip
    rule_of()
    claim = claimed()
    confirm, deposit = (reverse(f"credits:{name}", args=[claim.uid]) for name in ("confirm", "deposit"))
    assert sign_in(other_hr).post(confirm).status_code == 404
    assert sign_in(student).post(confirm).status_code == 403
    assert sign_in(mentor).post(confirm).status_code == 302
    assert sign_in(mentor).post(deposit).status_code == 403
    assert sign_in(teacher).post(deposit, follow=True).status_code == 200
    assert Account.objects.get(person=student).lots.get().amount == Decimal("2.5")


def test_a_refusal_needs_its_reason(claimed: Claimer, sign_in: SignIn, mentor: Person) -> None:
    claim = claimed()
    url = reverse("credits:refuse", args=[claim.uid])
    assert sign_in(mentor).post(url, {"reason": " "}).status_code == 422
    assert sign_in(mentor).post(url, {"reason": "没有第三周的周报"}).status_code == 302
    assert Achievement.objects.get().reason == "没有第三周的周报"


def test_rules_are_read_by_everyone_and_written_by_two(
    programme: Programme, sign_in: SignIn, office: Person, second_office: Person, student: Person, hr: Person
) -> None:
    url = reverse("credits:rule_new")
    typed = {
        "name_zh": "企业实践折算", "source": "hours", "per": "16", "credits": "1", "step": "0.5",
        "clause": "校发〔2025〕1号", "valid_from": "2026-01-01", "is_practice": "on",
    }  # fmt: skip
    for person in (student, hr):
        assert sign_in(person).get(url).status_code == 403
        assert sign_in(person).get(reverse("credits:rules")).status_code == 200
    assert sign_in(office).post(url, typed | {"per": "0"}).status_code == 422
    assert sign_in(office).post(url, typed).status_code == 302
    rule = ConversionRule.objects.get()
    publish = reverse("credits:rule_publish", args=[rule.pk])
    assert "second person" in sign_in(office).post(publish, follow=True).content.decode()
    assert sign_in(student).post(publish).status_code == 403
    sign_in(second_office).post(publish)
    assert ConversionRule.objects.published().known().count() == 1


def test_a_programmes_page_shows_its_students_to_its_university_only(
    request: pytest.FixtureRequest, deposited: Transaction, programme: Programme, sign_in: SignIn, student: Person
) -> None:
    url = reverse("credits:programme", args=[programme.uid])
    for name, status, sees in (
        ("teacher", 200, True), ("office", 200, True), ("reviewer", 200, False), ("other_teacher", 200, False),
        ("student", 403, False), ("hr", 403, False),
    ):  # fmt: skip
        answer = sign_in(request.getfixturevalue(name)).get(url)
        assert answer.status_code == status
        assert (f'<th scope="row">{student.name}</th>' in answer.content.decode()) == (sees and status == 200), name


def test_a_target_is_set_by_the_university_of_the_programme(
    programme: Programme, sign_in: SignIn, teacher: Person, other_teacher: Person
) -> None:
    url = reverse("credits:target", args=[programme.uid])
    typed = {"credits": "32", "practice_share": "0.3", "valid_from": LONG_AGO.isoformat()}
    assert sign_in(other_teacher).post(url, typed).status_code == 403
    assert sign_in(teacher).post(url, typed).status_code == 302


def test_the_statement_is_a_pdf_and_a_table_with_the_same_lines(
    deposited: Transaction, sign_in: SignIn, student: Person
) -> None:
    account, client = Account.objects.get(person=student), sign_in(student)
    paper = client.get(reverse("credits:statement_pdf", args=[account.uid]))
    assert paper.status_code == 200 and paper.content.startswith(b"%PDF")
    table = client.get(reverse("credits:statement_export", args=[account.uid, "xlsx"]))
    rows = list(openpyxl.load_workbook(BytesIO(b"".join(table.streaming_content))).worksheets[0].values)  # type: ignore[attr-defined]
    lines = selectors.statement(account).lines
    assert len(rows) == 1 + len(lines)
    assert Decimal(str(rows[1][5])) == Decimal("2.5") == lines[0].balance


def test_the_office_reverses_with_a_reason_and_others_do_not(
    deposited: Transaction, sign_in: SignIn, office: Person, teacher: Person, student: Person
) -> None:
    url = reverse("credits:reverse", args=[deposited.uid])
    for person in (teacher, student):
        assert sign_in(person).post(url, {"reason": "x"}).status_code == 403
    assert sign_in(office).post(url, {"reason": "学时登记错误"}).status_code == 302
    page = sign_in(student).get(Account.objects.get(person=student).get_absolute_url())
    assert "学时登记错误" in page.content.decode()


def test_credits_are_used_for_a_programme_by_its_university(
    deposited: Transaction, sign_in: SignIn, teacher: Person, student: Person, programme: Programme
) -> None:
    account = Account.objects.get(person=student)
    url = reverse("credits:redeem", args=[account.uid])
    assert sign_in(student).get(url).status_code == 403
    assert sign_in(teacher).post(url, {"programme": programme.pk, "credits": "9"}).status_code == 422
    assert sign_in(teacher).post(url, {"programme": programme.pk, "credits": "2"}).status_code == 302
    assert selectors.balances([account])[account.pk] == Decimal("0.5")


@pytest.mark.django_db(transaction=True)
def test_the_banks_day_deposits_what_waits_and_tells_what_does_not(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, sign_in: SignIn, office: Person, teacher: Person
) -> None:
    rule_of()
    confirmed()
    confirmed(source="prior", name_zh="竞赛", quantity=Decimal(1))
    assert sign_in(teacher).post(reverse("credits:day")).status_code == 403
    page = sign_in(office).post(reverse("credits:day"), follow=True).content.decode()
    assert Job.objects.get().result["figures"]["deposited"] == 1
    assert Job.objects.get().result["figures"]["refused"] == 1
    assert "<dt>Accounts with lapsed credits</dt>" in page and "deposited</dt>" in page


def test_practice_share_is_measured_from_the_book(
    deposited: Transaction,
    programme: Programme,
    rule_of: RuleMaker,
    confirmed: Claimer,
    teacher: Person,
    office: Person,
) -> None:
    from datetime import date

    from ronghe.apps.metrics import registry
    from ronghe.apps.metrics.measurement import Window

    rule_of(source="prior", name_zh="先前学习", per=Decimal(1), credits=Decimal("2.5"), is_practice=False)
    prior = services.deposit(actor=teacher, achievement=confirmed(source="prior", name_zh="竞赛", quantity=Decimal(3)))
    window = Window(date(2026, 1, 1), date(2026, 12, 31))
    name = "credits.programme.practice_share"
    found = registry.measure(name, [programme.pk], window)[programme.pk]
    assert (found.numerator, found.denominator, found.value) == (2.5, 10.0, 0.25)
    services.reverse(actor=office, done=prior, reason="x")
    assert registry.measure_community("credits.practice_share", window).value == 1.0
    assert (
        registry.measure_community("credits.practice_share", Window(date(2020, 1, 1), date(2020, 2, 1))).value is None
    )


def test_the_api_shows_each_caller_the_accounts_that_are_open_to_them(
    deposited: Transaction, sign_in: SignIn, student: Person, hr: Person, other_hr: Person, anonymous: Client
) -> None:
    kinds = {
        person.name: sorted(one["kind"] for one in sign_in(person).get("/api/credits/accounts").json()["items"])
        for person in (student, hr, other_hr)
    }
    assert kinds == {student.name: ["student"], hr.name: ["enterprise"], other_hr.name: []}
    url = f"/api/credits/accounts/{Account.objects.get(person=student).uid}/statement"
    lines = sign_in(student).get(url).json()["lines"]
    assert [Decimal(line["credits"]) for line in lines] == [Decimal("2.5")]
    assert sign_in(other_hr).get(url).status_code == 404
    assert anonymous.get(url).status_code == 401
    assert len(sign_in(other_hr).get("/api/credits/rules").json()) == 1


def test_programs_ask_for_a_correction_and_the_office_settles_it(
    deposited: Transaction, sign_in: SignIn, student: Person, office: Person, other_hr: Person
) -> None:
    where = f"/api/credits/achievements/{deposited.achievement.uid}/corrections"
    kind = {"content_type": "application/json"}
    mine, settles = sign_in(student), sign_in(office)
    assert sign_in(other_hr).post(where, {"reason": "x"}, **kind).status_code == 404
    assert settles.post(where, {"reason": "x"}, **kind).status_code == 403
    assert selectors.waiting_for(office) == []
    asked = mine.post(where, {"reason": "Six hours, not eight"}, **kind)
    assert (asked.status_code, asked.json()["is_done"]) == (200, None)
    assert mine.post(where, {"reason": "Once more"}, **kind).status_code == 422
    (line,) = selectors.waiting_for(office)
    assert (line.text, selectors.waiting_for(student)) == ("Six hours, not eight", [])
    decision = f"/api/credits/corrections/{asked.json()['uid']}/decision"
    assert mine.post(decision, {"is_done": True}, **kind).status_code == 403
    assert sign_in(other_hr).post(decision, {"is_done": True}, **kind).status_code == 404
    assert settles.post(decision, {"is_done": False}, **kind).status_code == 422
    done = settles.post(decision, {"is_done": True}, **kind).json()
    assert (done["correction"]["is_done"], done["reversed"] != [], done["deposited"]) == (True, True, [])
    assert settles.post(decision, {"is_done": True}, **kind).status_code == 422
    assert settles.get("/api/credits/corrections", {"is_waiting": True}).json()["total"] == 0
    assert [one["uid"] for one in mine.get("/api/credits/corrections").json()["items"]] == [asked.json()["uid"]]
    again = mine.post(f"/api/credits/achievements/{deposited.achievement.uid}/corrections", {"reason": "x"}, **kind)
    assert again.status_code == 422
