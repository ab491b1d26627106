"""The credit bank of the demonstration: rules, a target, claims at every stage, and credits in the book."""

from datetime import date, timedelta
from decimal import Decimal

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import CohortMembership, Organisation
from ronghe.apps.credits import services
from ronghe.apps.credits.models import Source
from ronghe.apps.curriculum.models import Programme

# What, how much of it, for how many credits, in steps of, at most a year, practice, the clause.
RULES = (
    (
        Source.HOURS,
        "企业实践学时折算",
        "Practice hours at an enterprise",
        16,
        1,
        "0.5",
        12,
        True,
        "示例：培养方案第七条",
    ),
    (Source.PRIOR, "先前学习认定", "Prior learning", 1, 1, "1", 4, False, "示例：培养方案第八条"),
    (Source.COURSE, "课程学分", "Course credits", 1, 1, "0.5", 40, False, "示例：培养方案第六条"),
    (Source.CERTIFICATE, "职业技能证书折算", "Skill certificate", 1, 2, "1", 6, True, "示例：培养方案第九条"),
)
TARGET = Decimal(32)
# Courses of the first half of the term: code, name, credits.
COURSES = (
    ("IC5101", "高级数字集成电路设计", "Advanced digital IC design", 2),
    ("GE5001", "工程伦理", "Engineering ethics", 1),
    ("GE5003", "学术英语写作", "Academic writing in English", 1),
)
PASSED_AFTER = 0.85
# The student of the demonstration: what was claimed, how much of it, when it was finished as a share of the time since
# enrolment, and how it ended.
CLAIMS = (
    (Source.HOURS, "芯片验证岗位实习（第一期）", "Verification internship, part one", 96, 0.25, "confirmed"),
    (Source.PRIOR, "电子设计竞赛省级二等奖", "Provincial second prize in electronic design", 2, 0.4, "confirmed"),
    (Source.CERTIFICATE, "电子装联中级工证书", "Electronic assembler, intermediate worker", 1, 0.95, "waiting"),
    (Source.HOURS, "周末参观学习", "Weekend visit", 6, 0.6, "refused"),
)
FIRST_WEEKS = timedelta(weeks=5)


def build(office: Person, people: dict[str, Person], organisations: dict[str, Organisation], today: date) -> None:
    """Rules and claims of the demonstration, by the people who would make them."""
    teacher, student, mentor = people["teacher"], people["student"], people["mentor"]
    programme = Programme.objects.filter(cohorts__memberships__person=student).first()
    if programme is None:
        raise RuntimeError("the student of the demonstration follows no programme")
    since = today - timedelta(days=730)
    for source, zh, en, per, credits, step, most, is_practice, clause in RULES:
        rule = services.propose_rule(
            actor=teacher,
            programme=programme,
            source=source,
            name_zh=zh,
            name_en=en,
            per=Decimal(per),
            credits=Decimal(credits),
            step=Decimal(step),
            most_a_year=Decimal(most),
            is_practice=is_practice,
            clause=clause,
            valid_from=since,
        )
        services.publish_rule(actor=office, rule=rule)
    services.set_target(
        actor=teacher, programme=programme, credits=TARGET, practice_share=Decimal("0.3"), valid_from=since
    )
    enrolled = student.cohort_memberships.known().get(cohort__programmes=programme).valid_from
    # In the first weeks of a year nobody has achieved anything.
    if (today - enrolled).days >= FIRST_WEEKS.days:
        _claims(student, mentor, teacher, enrolled, today)
        _courses(office, teacher, programme, _span(enrolled, today, PASSED_AFTER)[1])


def _courses(office: Person, teacher: Person, programme: Programme, passed_on: date) -> None:
    """What the students of the programme passed, as the university's system has it."""
    students = Person.objects.filter(
        cohort_memberships__in=CohortMembership.objects.on(passed_on).filter(cohort__programmes=programme)
    )
    passed = [
        services.Passed(student, code, zh, en, Decimal(credits), passed_on)
        for student in students.order_by("pk")
        for code, zh, en, credits in COURSES
    ]
    services.deposit_many(actor=office, achievements=services.record_courses(actor=teacher, passed=passed))


def _span(enrolled: date, today: date, share: float) -> tuple[date, date]:
    """First and last day of something that was finished after this share of the time since enrolment."""
    days = (today - enrolled).days
    last = enrolled + timedelta(days=int(days * share))
    return last - timedelta(days=min(11, days // 10)), last


def _claims(student: Person, mentor: Person, teacher: Person, enrolled: date, today: date) -> None:
    host = mentor.roles.get(kind="mentor").organisation
    for source, zh, en, quantity, share, end in CLAIMS:
        first, last = _span(enrolled, today, share)
        claim = services.claim_achievement(
            actor=student,
            source=source,
            name_zh=zh,
            name_en=en,
            quantity=Decimal(quantity),
            first_day=first,
            last_day=last,
            evidence="示例：每周工作记录与代码提交",
            host=host if source == Source.HOURS else None,
        )
        decider = mentor if source == Source.HOURS else teacher
        if end == "confirmed":
            confirmed = services.confirm_achievement(actor=decider, achievement=claim)
            services.deposit(actor=teacher, achievement=confirmed)
        elif end == "refused":
            services.refuse_achievement(actor=decider, achievement=claim, reason="参观不属于实践学时，请附工作成果。")
