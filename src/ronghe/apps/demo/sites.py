"""The sites of the demonstration: machines in three cities, a term's timetable, twelve weeks of use, bookings ahead."""

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import services as community
from ronghe.apps.community.models import AcademicYear, Campus, Cohort, CohortMembership, Organisation, Region
from ronghe.apps.sites import services
from ronghe.apps.sites.models import Machine, MachineFamily, Site
from ronghe.apps.sites.services import Lesson, Wish

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = 60
A_DAY = timedelta(days=1)
WEEKS_OF_USE = 12

FAMILIES = (
    ("wire-bonder", "引线键合机", "Wire bonder", True),
    ("probe-station", "探针台", "Probe station", True),
    ("signal-lab", "射频测试台", "Radio test bench", False),
    ("soldering", "回流焊线", "Reflow line", True),
)
# Organisation, region, campus, site, hours a day (minutes), weekdays, its machines: family, number, hours declared,
# and how many stretches of use a day the log shows.
SITES = (
    ("lixin", "441900", ("一厂", "Plant One"), ("封装实训线（示例）", "Packaging line (Example)"),
     (6 * HOUR, 28 * HOUR), 7, False, (("wire-bonder", 3, 22, 4), ("soldering", 1, 22, 3))),
    ("heguang", "440600", ("总部厂区", "Head plant"), ("电装实训线（示例）", "Assembly line (Example)"),
     (8 * HOUR, 20 * HOUR), 6, True, (("soldering", 2, None, 2),)),
    ("linghai", "440100", ("大学城校区", "University Town campus"),
     ("集成电路测试中心（示例）", "Chip test centre (Example)"), (8 * HOUR, 22 * HOUR), 6, True,
     (("probe-station", 2, None, 2), ("signal-lab", 2, None, 1))),
    ("duanjiang", "441200", ("主校区", "Main campus"), ("通信实验室（示例）", "Communications laboratory (Example)"),
     (9 * HOUR, 21 * HOUR), 5, True, (("signal-lab", 2, None, 1),)),
)  # fmt: skip
# Minutes between the campuses, by road.
WAYS = (("lixin", "linghai", 75), ("linghai", "duanjiang", 90), ("lixin", "duanjiang", 140), ("heguang", "linghai", 45))
SECTIONS = ((8, 0), (8, 55), (10, 0), (10, 55), (14, 0), (14, 55), (16, 0), (16, 55), (19, 0), (19, 55))
# Weekday, first and last section, course: with weekly release the other days are for practice.
LESSONS = (
    (3, 1, 2, "数字集成电路设计"),
    (3, 5, 6, "工程伦理"),
    (3, 7, 8, "半导体封装与测试"),
    (4, 1, 2, "随机过程"),
    (4, 3, 4, "学术英语"),
    (4, 5, 8, "芯片验证实验"),
)
TEACHING_WEEKS = 18
WEEKS_TAUGHT = 11
INSTRUCTED = 10


def build(office: Person, people: dict[str, Person], organisations: dict[str, Organisation], today: date) -> None:
    """Places, machines and their use, by the people who would register them."""
    since = today - timedelta(days=400)
    families = {
        code: services.register_family(
            actor=office, code=code, name_zh=zh, name_en=en, needs_authorisation=needs, instruction_months=24
        )
        for code, zh, en, needs in FAMILIES
    }
    campuses: dict[str, Campus] = {}
    machines: dict[str, list[Machine]] = {}
    use: dict[int, int] = {}
    for key, region, campus_names, site_names, span, days, keeps_holidays, stock in SITES:
        campuses[key] = community.add_campus(
            actor=office,
            organisation=organisations[key],
            name_zh=campus_names[0],
            name_en=campus_names[1],
            region=Region.objects.get(code=region),
        )
        site = services.register_site(
            actor=office,
            campus=campuses[key],
            name_zh=site_names[0],
            name_en=site_names[1],
            keeps_holidays=keeps_holidays,
        )
        services.set_hours(
            actor=office, site=site, hours={day: [span] if day < days else [] for day in range(7)}, valid_from=since
        )
        machines[key] = _stock(office, site, families, stock, since, use)
    for origin, destination, minutes in WAYS:
        services.set_travel(actor=office, origin=campuses[origin], destination=campuses[destination], minutes=minutes)
    _log(office, machines, use, today)
    _maintain(office, machines["lixin"], today)
    cohorts = _timetable(people["teacher"], people["student"], organisations["linghai"], campuses["linghai"], today)
    classmates = _instruct(office, people["student"], cohorts, families, today)
    services.set_quota(actor=office, family=families["probe-station"], hours=Decimal(12), valid_from=since)
    _book_ahead(people["student"], classmates, machines, today)


def _stock(
    office: Person,
    site: Site,
    families: dict[str, MachineFamily],
    stock: tuple[tuple[str, int, int | None, int], ...],
    since: date,
    use: dict[int, int],
) -> list[Machine]:
    made = []
    for code, count, declared, stretches in stock:
        family = families[code]
        for number in range(1, count + 1):
            machine = services.register_machine(
                actor=office,
                site=site,
                family=family,
                code=f"{code.upper()[:4]}-{site.pk}{number:02}",
                name_zh=f"{family.name_zh}{number}号",
                name_en=f"{family.name_en} {number}",
                in_use_from=since,
                places=2,
            )
            services.set_terms(
                actor=office,
                machine=machine,
                cost_per_hour=Decimal(60 + 20 * stretches),
                declared_hours=None if declared is None else Decimal(declared),
                valid_from=since,
            )
            use[machine.pk] = stretches
            made.append(machine)
    return made


def _at(day: date, minute: int) -> datetime:
    return (datetime.combine(day, time(), ZONE) + timedelta(minutes=minute)).astimezone(UTC)


def _log(office: Person, machines: dict[str, list[Machine]], use: dict[int, int], today: date) -> None:
    """Twelve weeks of what machines' logs say, the busier the more stretches a day."""
    rng = random.Random(11)  # noqa: S311
    rows = []
    for group in machines.values():
        for machine in group:
            opens = 6 * HOUR if use[machine.pk] > 2 else 9 * HOUR
            length = (22 if use[machine.pk] > 2 else 10) * HOUR // use[machine.pk]
            for ago in range(1, WEEKS_OF_USE * 7 + 1):
                day = today - ago * A_DAY
                if use[machine.pk] <= 2 and day.weekday() >= 5:
                    continue
                for stretch in range(use[machine.pk]):
                    # One stretch in fifteen is left out, and each ends a little early.
                    if rng.random() < 1 / 15:
                        continue
                    begins = opens + stretch * length
                    rows.append(
                        Wish(machine, None, _at(day, begins), _at(day, begins + length - rng.choice((10, 30, 60))))
                    )
    now = timezone.now()
    services.record_use(actor=office, rows=[row for row in rows if row.end <= now])


def _maintain(office: Person, machines: list[Machine], today: date) -> None:
    for machine, days, hours, reason in ((machines[0], 3, 6, "更换劈刀与校准"), (machines[3], 9, 48, "炉温曲线年检")):
        begins = _at(today + days * A_DAY, 8 * HOUR)
        services.plan_maintenance(
            actor=office, machine=machine, start=begins, end=begins + timedelta(hours=hours), reason=reason
        )


def _timetable(teacher: Person, student: Person, university: Organisation, campus: Campus, today: date) -> list[Cohort]:
    monday = today - (today.weekday() + WEEKS_TAUGHT * 7) * A_DAY
    services.set_sections(
        actor=teacher,
        organisation=university,
        sections={
            number: (hour * HOUR + minute, hour * HOUR + minute + 45)
            for number, (hour, minute) in enumerate(SECTIONS, start=1)
        },
        valid_from=monday,
    )
    term = services.open_term(
        actor=teacher,
        organisation=university,
        academic_year=AcademicYear.objects.latest("starts_on"),
        name_zh="本学期（示例）",
        name_en="This term (Example)",
        starts_on=monday,
        weeks=TEACHING_WEEKS,
    )
    cohorts = list(Cohort.objects.filter(organisation=university, memberships__person=student).distinct())
    lessons = []
    for week in range(TEACHING_WEEKS):
        for weekday, first, last, course in LESSONS:
            day = monday + (week * 7 + weekday) * A_DAY
            begins = SECTIONS[first - 1][0] * HOUR + SECTIONS[first - 1][1]
            ends = SECTIONS[last - 1][0] * HOUR + SECTIONS[last - 1][1] + 45
            lessons += [
                Lesson(cohort, course, _at(day, begins), _at(day, ends), room="教三-204", campus=campus)
                for cohort in cohorts
            ]
    services.schedule_sessions(actor=teacher, term=term, lessons=lessons)
    return cohorts


def _instruct(
    office: Person, student: Person, cohorts: list[Cohort], families: dict[str, MachineFamily], today: date
) -> list[Person]:
    others = CohortMembership.objects.on(today).filter(cohort__in=cohorts).exclude(person=student)
    classmates = [one.person for one in others.select_related("person").order_by("pk")[:INSTRUCTED]]
    for code, people in (("wire-bonder", [student, *classmates]), ("probe-station", [student, *classmates[:6]])):
        for number, person in enumerate(people):
            services.authorise(
                actor=office,
                person=person,
                family=families[code],
                valid_from=today - timedelta(days=60 + number),
                basis="示例：上机考核合格",
            )
    return classmates


def _book_ahead(student: Person, classmates: list[Person], machines: dict[str, list[Machine]], today: date) -> None:
    """Bookings of the next fortnight, one over a class, and a waiting list; what meets a closed day is left out."""
    bonder, probe = machines["lixin"][1], machines["linghai"][0]
    wishes = [
        (student, bonder, 2, 13 * HOUR, 3 * HOUR, "键合参数试验（课程作业）"),
        (student, probe, 6, 16 * HOUR, 2 * HOUR, "晶圆漏电测试"),
        *(
            (person, (bonder, probe, machines["linghai"][1])[number % 3], 1 + number, 18 * HOUR, 2 * HOUR, "毕业课题")
            for number, person in enumerate(classmates)
        ),
    ]
    for person, machine, days, begins, length, purpose in wishes:
        start = _at(today + days * A_DAY, begins)
        _try_to_book(person, machine, start, start + timedelta(minutes=length), purpose)
    # A Thursday morning of classes, and somebody who waits for the same hours.
    thursday = today + (10 - today.weekday()) * A_DAY
    start, end = _at(thursday, 9 * HOUR), _at(thursday, 12 * HOUR)
    if _try_to_book(student, machines["lixin"][2], start, end, "企业课题：键合强度", despite_study=True) and classmates:
        services.join_waiting_list(actor=classmates[0], machine=machines["lixin"][2], start=start, end=end)


def _try_to_book(
    person: Person, machine: Machine, start: datetime, end: datetime, purpose: str, *, despite_study: bool = False
) -> bool:
    try:
        services.book(
            actor=person,
            machine=machine,
            person=person,
            start=start,
            end=end,
            purpose=purpose,
            despite_study=despite_study,
        )
    except ValidationError:
        # On some days of the year a place is closed or classes lie there; the demonstration then shows a booking less.
        return False
    return True
