"""From confirmed weeks and passed units to the credit bank, once each, and back from the number to the weeks."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Cohort, Organisation, RoleKind
from ronghe.apps.credentials import paths
from ronghe.apps.credits import achievement_sources, services, sources
from ronghe.apps.credits import selectors as credit_bank
from ronghe.apps.credits.models import Account, Achievement, Correction
from ronghe.apps.credits.services import NoDeposit
from ronghe.apps.curriculum.models import Programme
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Window
from ronghe.apps.metrics.records import select
from ronghe.apps.training import services as training
from ronghe.apps.training.models import Assessment, Placement
from tests.apps.training.conftest import FIRST, LAST_WEEK, THIS_WEEK, TODAY, EntryMaker
from tests.conftest import SignIn
from tests.factories import LONG_AGO, PersonFactory, RoleFactory


@pytest.fixture
def rule(office: Person, university: Organisation, cohort: Cohort) -> None:
    """Sixteen hours of practice are worth one credit, in a programme that the cohort follows."""
    programme = Programme.objects.create(
        organisation=university, name_zh="嵌入式", name_en="Embedded", field="embedded", founded_on=LONG_AGO
    )
    programme.cohorts.add(cohort)
    second = RoleFactory.create(person=PersonFactory.create(), organisation=university, kind=RoleKind.OFFICE).person
    proposed = services.propose_rule(
        actor=office,
        name_zh="企业实践折算",
        name_en="Practice",
        source="hours",
        per=Decimal(16),
        credits=Decimal(1),
        step=Decimal("0.5"),
        is_practice=True,
        clause="校发〔2025〕1号",
        valid_from=LONG_AGO,
    )
    services.publish_rule(actor=second, rule=proposed)


@pytest.fixture
def confirmed(handed_in: EntryMaker, mentor: Person) -> None:
    for week in (FIRST, FIRST + timedelta(days=7), LAST_WEEK):
        training.decide_entry(actor=mentor, entry=handed_in(week=week), verdict="confirmed")


def balance(student: Person) -> Decimal:
    account = Account.objects.get(person=student)
    return credit_bank.balances([account])[account.pk]


def collect(office: Person, student: Person) -> list[Achievement]:
    found = [one for source in sources.registered() for one in source.confirmed([student.pk])]
    return services.collect_achievements(actor=office, found=found)


@pytest.mark.postgres
def test_a_week_is_collected_once_and_a_later_one_makes_its_own_achievement(
    confirmed: None, office: Person, student: Person, mentor: Person, handed_in: EntryMaker, placement: Placement
) -> None:
    first = collect(office, student)
    assert sum(one.quantity for one in first) == 24
    assert {one.decided_by for one in first} == {mentor}
    assert collect(office, student) == []
    later = handed_in(week=THIS_WEEK - timedelta(days=14))
    training.decide_entry(actor=mentor, entry=later, verdict="confirmed")
    (more,) = collect(office, student)
    assert (more.quantity, more.covers) == (8, [later.fact])
    corrected = handed_in(week=LAST_WEEK, hours=Decimal(6))
    training.decide_entry(actor=mentor, entry=corrected, verdict="confirmed")
    assert collect(office, student) == []


def test_the_month_that_runs_waits_unless_a_student_is_asked_for(
    handed_in: EntryMaker, office: Person, student: Person, mentor: Person, placement: Placement
) -> None:
    training.decide_entry(actor=mentor, entry=handed_in(week=THIS_WEEK, hours=Decimal(2)), verdict="confirmed")
    assert list(achievement_sources.hours(None)) == []
    assert len(list(achievement_sources.hours([student.pk]))) == 1
    placement.refresh_from_db()
    training.stop_placement(actor=office, placement=placement, last_day=TODAY, reason="Over")
    assert len(list(achievement_sources.hours(None))) == 1


def test_the_practice_share_opens_down_to_the_weeks_behind_it(
    rule: None,
    confirmed: None,
    office: Person,
    student: Person,
    sign_in: Callable[[Person], Client],
) -> None:
    services.deposit_many(actor=office, achievements=collect(office, student))
    share = registry.measure_community("credits.practice_share", Window(FIRST, TODAY))
    assert share.value == 1
    assert share.records is not None
    client = sign_in(office)
    weeks = set()
    for lot in select(share.records):
        page = client.get(f"/credits/achievements/{lot.transaction.achievement.uid}/").content.decode()
        weeks |= {part.partition('"')[0] for part in page.split('href="/training/entries/')[1:]}
    assert len(weeks) == 3
    assert {client.get(f"/training/entries/{one}").status_code for one in weeks} == {200}
    total = registry.measure("credits.person.total", [student.pk, office.pk], Window(FIRST, TODAY))
    practice = registry.measure("credits.person.practice", [student.pk], Window(FIRST, TODAY))
    assert total[student.pk].value == practice[student.pk].value
    assert 1 <= (total[student.pk].value or 0) <= 1.5
    assert total[office.pk].value == 0


def test_a_passed_unit_is_an_achievement_that_names_its_attempt(
    opened: Assessment, office: Person, student: Person, mentor: Person, teacher: Person
) -> None:
    levels = {one.skill_id: one.skill_level for one in opened.unit.declarations.all()}
    assert collect(office, student) == []
    for person in (mentor, teacher):
        training.rate(actor=person, assessment=opened, levels=levels)
    (unit,) = collect(office, student)
    assert (unit.source, unit.quantity, unit.decided_by) == ("units", 1, teacher)
    (behind,) = sources.records_behind(unit, student)
    assert behind.url == opened.get_absolute_url()
    assert sources.records_behind(unit, PersonFactory.create()) == []


@pytest.mark.django_db(transaction=True)
def test_the_office_may_take_a_month_that_still_runs(
    rule: None, handed_in: EntryMaker, office: Person, student: Person, mentor: Person, sign_in: SignIn
) -> None:
    training.decide_entry(actor=mentor, entry=handed_in(week=THIS_WEEK), verdict="confirmed")
    sign_in(office).post("/credits/day/")
    assert not Achievement.objects.filter(person=student).exists()
    sign_in(office).post("/credits/day/", {"so_far": "1"})
    assert Achievement.objects.get(person=student).state == "confirmed"


def test_the_path_to_a_certificate_tells_of_practice_and_of_credits(
    rule: None, confirmed: None, office: Person, student: Person
) -> None:
    for one in collect(office, student):
        services.deposit(actor=office, achievement=one)
    told = {fact["what"]: fact for fact in paths.gather([student.pk], timezone.now())[student.pk]}
    assert "第二方确认" in told["training.hours.confirmed"]["zh"]
    assert told["credits.deposit.made"]["en"].split()[1] == "credits:"


@pytest.mark.postgres
def test_a_week_corrected_after_its_deposit_is_put_right_in_one_deed_and_counts_once(
    office: Person,
    student: Person,
    mentor: Person,
    other_teacher: Person,
    rule: None,
    confirmed: None,
    handed_in: EntryMaker,
    sign_in: SignIn,
) -> None:
    achievements = collect(office, student)
    services.deposit_many(actor=office, achievements=achievements)
    before = balance(student)
    wrong = achievements[-1]
    with pytest.raises(PermissionDenied):
        services.ask_correction(actor=other_teacher, achievement=wrong, reason="I do not like it")
    training.decide_entry(actor=mentor, entry=handed_in(week=LAST_WEEK, hours=Decimal(40)), verdict="confirmed")
    page = f"/credits/achievements/{wrong.uid}/"
    mine = sign_in(student)
    assert "Ask for a correction" in mine.get(page).content.decode()
    assert mine.post(f"{page}correction/", {"reason": " "}).status_code == 422
    assert mine.post(f"{page}correction/", {"reason": "Forty hours, not eight"}).status_code == 302
    with pytest.raises(ValidationError, match="asked for already"):
        services.ask_correction(actor=mentor, achievement=wrong, reason="The same")
    asked = Correction.objects.get()
    with pytest.raises(PermissionDenied):
        services.correct(actor=mentor, correction=asked)
    at_office = sign_in(office)
    assert "Forty hours, not eight" in at_office.get("/credits/").content.decode()
    assert at_office.post(f"/credits/corrections/{asked.uid}/correct/").status_code == 302
    wrong.refresh_from_db()
    assert wrong.state == "replaced"
    assert balance(student) == before + 2
    standing = Achievement.objects.filter(state="confirmed")
    (now,) = [one for one in standing if set(one.covers) & set(wrong.covers)]
    assert now.quantity == wrong.quantity + 32
    assert collect(office, student) == []
    with pytest.raises(NoDeposit):
        services.deposit(actor=office, achievement=now)
    with pytest.raises(ValidationError, match="settled this request already"):
        services.correct(actor=office, correction=asked)
    shown = at_office.get(page).content.decode()
    assert "Reversed" in shown
    assert "Replaced by a correction" in shown


def test_a_correction_that_is_refused_leaves_the_book_as_it_was(
    office: Person, student: Person, rule: None, confirmed: None
) -> None:
    (*_others, one) = collect(office, student)
    services.deposit(actor=office, achievement=one)
    before = balance(student)
    asked = services.ask_correction(actor=student, achievement=one, reason="It was more")
    with pytest.raises(ValidationError, match="Say why"):
        services.refuse_correction(actor=office, correction=asked, answer=" ")
    services.refuse_correction(actor=office, correction=asked, answer="The weeks say the same.")
    one.refresh_from_db()
    assert (one.state, balance(student)) == ("confirmed", before)
