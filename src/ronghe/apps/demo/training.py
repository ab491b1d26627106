"""Placements of the demonstration: weeks confirmed and waiting, what strikes, absences, incidents and assessments."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.test.utils import override_settings

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.models import Agreement
from ronghe.apps.community.models import CohortMembership, Organisation, Role, RoleKind
from ronghe.apps.credits import services as credits
from ronghe.apps.credits import sources
from ronghe.apps.credits.models import Achievement
from ronghe.apps.curriculum.models import Unit
from ronghe.apps.curriculum.models.versions import in_force
from ronghe.apps.training import services
from ronghe.apps.training.models import Entry, Placement, SupervisionKind
from ronghe.apps.training.services import Plan, Work
from ronghe.apps.training.weeks import monday_of

# Field of the cohort, host, name of its mentor, how many students, the work in Chinese and English.
HOSTS = (
    ("ic", "heguang", "周启航", 3, "运动控制芯片验证", "Verification of motion-control chips"),
    ("ic", "nanyu", "何晓东", 2, "先进封装可靠性测试", "Reliability tests of advanced packages"),
    ("ic", "xingqiao", "郭俊峰", 3, "晶圆测试数据分析", "Analysis of wafer-test data"),
    ("ic", "lixin", "高洁", 2, "封测产线工艺记录", "Process records of an assembly line"),
    ("comm", "yunji", "林建国", 2, "基站射频指标测试", "Radio measurements at base stations"),
    ("ecommerce", "haique", "黄俊凯", 2, "跨境店铺数据运营", "Data operations of cross-border shops"),
)
WEEKS = 4
_A_WEEK = timedelta(days=7)
# What students did in a week, and what came of it: invented, and put together so that no two texts are alike.
TASKS = (
    "搭建测试平台并校准仪器",
    "按用例执行回归测试",
    "整理异常样本并定位原因",
    "编写自动化脚本处理数据",
    "与导师复核上周结论",
    "撰写测试小结并交接",
)
OUTCOMES = (
    "提交记录表一份",
    "发现两处偏差并复测",
    "脚本运行时间缩短三成",
    "形成检查清单",
    "完成复核签字",
    "更新操作说明",
)
_COPIED = "本周完成了设备点检、数据录入与日志整理，并参加了班组例会，了解了产线的安全要求。"


def build(office: Person, people: dict[str, Person], organisations: dict[str, Organisation], today: date) -> None:
    """Placements in the state in which an office would find them on a Monday morning."""
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"), transaction.atomic():
        _build(office, people, organisations, today)


def _build(office: Person, people: dict[str, Person], organisations: dict[str, Organisation], today: date) -> None:
    student = people["student"]
    enrolled = student.cohort_memberships.known().order_by("valid_from").first()
    if enrolled is None:
        return
    weeks = min(WEEKS, (monday_of(today) - monday_of(enrolled.valid_from)).days // 7 - 1)
    _next_placement(office, student, organisations["yunji"], today)
    if weeks < 1:
        return
    first = monday_of(today) - weeks * _A_WEEK
    placed = _place(office, people, organisations, first, today)
    _weeks(placed, first, weeks, today)
    _troubles(office, placed, today)
    _assessments(office, people, placed, today)
    students = [placement.person_id for placement, _mentor, _teacher in placed if placement.person_id is not None]
    for source in sources.registered():
        credits.collect_achievements(actor=office, found=source.confirmed(students))
    credits.deposit_many(actor=office, achievements=_collected(students))


def _collected(students: Sequence[int]) -> list[Achievement]:
    return list(Achievement.objects.filter(person__in=students, key__startswith="training."))


Placed = list[tuple[Placement, Person, Person]]


def _place(
    office: Person, people: dict[str, Person], organisations: dict[str, Organisation], first: date, today: date
) -> Placed:
    """Students at hosts, each with a mentor, a teacher and a paper that was signed before; all have begun."""
    own = people["student"]
    taken = {own.pk}
    placed: Placed = []
    teachers = {
        role.organisation_id: role.person
        for role in Role.objects.on(today).filter(kind=RoleKind.TEACHER).select_related("person").order_by("-pk")
    }
    for field, key, name, seats, zh, en in HOSTS:
        host = organisations[key]
        mentor = Role.objects.on(today).get(kind=RoleKind.MENTOR, organisation=host, person__name=name).person
        pupils = _pupils(field, taken, today)
        chosen = ([own] if key == "heguang" else []) + pupils
        for person in chosen[:seats]:
            taken.add(person.pk)
            university = person.cohort_memberships.known().select_related("cohort").get().cohort.organisation_id
            teacher = people["teacher"] if university == people["teacher"].roles.get().organisation_id else None
            last = today + timedelta(days=14) if person == own else first + timedelta(days=125)
            placement = _plan(
                office, Plan(student=person, starts_on=first, ends_on=last, hosts=[(host, 100)], work_zh=zh, work_en=en)
            )
            placed.append(_begin(office, placement, mentor, teacher or teachers[university], len(placed)))
    return placed


def _plan(office: Person, plan: Plan) -> Placement:
    """Plan it, on the days without classes where it would meet some."""
    try:
        return services.plan_placement(actor=office, plan=plan)
    except services.MeetsClasses as met:
        free = replace(plan, times=services.Times(days=met.free_days or plan.times.days))
        return services.plan_placement(actor=office, plan=free, despite_study=not met.free_days)


def _pupils(field: str, taken: set[int], today: date) -> list[Person]:
    """Students of a field who have no placement and no mentor yet."""
    enrolled = CohortMembership.objects.on(today).filter(cohort__field=field).select_related("person")
    free = enrolled.exclude(person__in=taken).exclude(person__mentored_slots__superseded_at__isnull=True)
    free |= enrolled.exclude(person__in=taken).filter(person__mentored_slots__isnull=True)
    return [membership.person for membership in free.distinct().order_by("student_number")]


def _begin(
    office: Person, placement: Placement, mentor: Person, teacher: Person, number: int
) -> tuple[Placement, Person, Person]:
    for kind, person in ((SupervisionKind.MENTOR, mentor), (SupervisionKind.TEACHER, teacher)):
        placement = services.change_supervisor(
            actor=office, placement=placement, kind=kind, person=person, on=placement.starts_on
        )
    because = ""
    if number == 9:
        because = "学生在平台启用前已到岗，协议随后补签（示例）。"
    else:
        placement = services.state_paper(
            actor=office,
            placement=placement,
            number=f"SX-{placement.starts_on.year}-{number + 1:03d}",
            signed_on=placement.starts_on - timedelta(days=5),
        )
    placement = services.start_placement(
        actor=office, placement=placement, on=placement.starts_on, without_agreement_because=because
    )
    return placement, mentor, teacher


def _next_placement(office: Person, student: Person, host: Organisation, today: date) -> None:
    """The student's next placement waits for its agreement, which is being signed."""
    placement = _plan(
        office,
        Plan(
            student=student,
            starts_on=today + timedelta(days=20),
            ends_on=today + timedelta(days=200),
            hosts=[(host, 100)],
            work_zh="5G 基站协议一致性测试",
            work_en="Conformance tests of 5G base stations",
        ),
    )
    agreement = Agreement.objects.filter(kind="three_party", parties__person=student).first()
    if agreement is not None:
        services.name_agreement(actor=office, placement=placement, agreement=agreement)


def _weeks(placed: Placed, first: date, weeks: int, today: date) -> None:
    """All but the last week confirmed; of the last one some wait, some were returned or asked about, one is missing."""
    for number, (placement, mentor, _teacher) in enumerate(placed):
        student = placement.person
        if student is None:
            continue
        days = len(placement.stays.known().order_by("valid_from").values_list("days", flat=True)[0])
        for index in range(weeks):
            week, is_last = first + index * _A_WEEK, index == weeks - 1
            if is_last and (number == 0 or number % 7 == 5):
                continue
            usual = Decimal(8 * days - (number * 3 + index * 2) % (2 * days - 1))
            work = Work(
                text=_text(placement, number, index) if not is_last or number not in (3, 4) else _COPIED,
                hours=min(usual, services.hours_left(placement, week, today)),
                commit_url=_commit(number, index) if number % 3 == 0 else "",
            )
            arrived = week + timedelta(days=5 + (7 if number == 6 and index == 1 else 0))
            entry = services.hand_in(
                actor=student, placement=placement, week=week, work=work, arrived_on=min(arrived, today)
            )
            # Of the student of the demonstration the newest week is missing and the one before it waits.
            _decide(entry, mentor, number, is_last=is_last or (number == 0 and index == weeks - 2))


def _decide(entry: Entry, mentor: Person, number: int, *, is_last: bool) -> None:
    if not is_last:
        services.decide_entry(actor=mentor, entry=entry, verdict="confirmed")
    elif number % 7 == 2:
        services.decide_entry(
            actor=mentor, entry=entry, verdict="returned", comment="请补充测试记录表，并写明样本数量。"
        )
    elif number % 7 == 6:
        services.decide_entry(actor=mentor, entry=entry, verdict="asked", comment="异常样本是哪一批？")


def _text(placement: Placement, number: int, index: int) -> str:
    task, outcome = TASKS[(number + index) % len(TASKS)], OUTCOMES[(number * 2 + index) % len(OUTCOMES)]
    return (
        f"第{index + 1}周，{placement.work_zh}：{task}。累计处理样本 {40 + 7 * number + 11 * index} 份，{outcome}。"
        f"下周继续跟进编号 {number + 1:02d}-{index + 1:02d} 的问题。"
    )


def _commit(number: int, index: int) -> str:
    return f"https://git.example.org/practice/{number + 1:02d}/commit/{(number * 97 + index * 13 + 1):040x}"


def _troubles(office: Person, placed: Placed, today: date) -> None:
    """A pause, a stop, an excused and an undecided absence, an open and a closed incident, a declared relation."""
    sick, rested, stopped = placed[1][0], placed[7][0], placed[12][0]
    for number, (placement, mentor, teacher) in enumerate((placed[1], placed[2])):
        if placement.person is None:
            continue
        absence = services.report_absence(
            actor=placement.person, placement=placement, kind="sick", first_day=today, last_day=today, note="发热"
        )
        if number == 0:
            services.decide_absence(actor=mentor, absence=absence, excused=True)
        incident = services.report_incident(
            actor=placement.person,
            placement=placement,
            severity=1 if number else 2,
            happened_on=today,
            what="连续两天被安排与专业无关的搬运工作。（示例）"
            if number == 0
            else "工位网络不稳定，影响脚本运行。（示例）",
        )
        if number:
            services.answer_incident(actor=teacher, incident=incident, answer="已联系企业信息部门，更换交换机。")
            services.close_incident(actor=teacher, incident=incident, outcome="网络已恢复，学生确认可以正常工作。")
    services.pause_placement(actor=office, placement=rested, on=today, reason="返校参加开题答辩（示例）")
    services.stop_placement(
        actor=office, placement=stopped, last_day=today, reason="企业产线搬迁，双方协商提前结束（示例）"
    )
    mentor, student = placed[4][1], sick.person
    if student is not None:
        services.declare_relation(actor=mentor, other=student, kind="family")


def _assessments(office: Person, people: dict[str, Person], placed: Placed, today: date) -> None:
    """One unit passed by the student of the demonstration, one open, and one where mentor and teacher differ."""
    units = list(
        Unit.objects.filter(
            **in_force(today, prefix="version__"),
            version__package__course__programme__cohorts__memberships__person=people["student"],
            declarations__isnull=False,
        )
        .distinct()
        .order_by("version__package", "position")[:2]
    )
    for (placement, mentor, teacher), unit, sees_less in zip(
        (placed[0], placed[0], placed[1]), (*units, units[0]) if len(units) > 1 else (), (0, None, 1), strict=False
    ):
        assessment = services.open_assessment(actor=teacher, placement=placement, unit=unit)
        levels = {one.skill_id: one.skill_level for one in unit.declarations.all()}
        services.rate(actor=mentor, assessment=assessment, levels=levels, comment="能独立完成，记录规范。")
        if sees_less is not None:
            seen = {skill: max(level - sees_less, 0) for skill, level in levels.items()}
            services.rate(actor=teacher, assessment=assessment, levels=seen)
