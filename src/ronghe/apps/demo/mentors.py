"""Mentors of the demonstration: three kinds, loads, papers, class hours with their fees, and teachers in training."""

from datetime import date, time, timedelta
from decimal import Decimal

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.community import services as community
from ronghe.apps.community.models import CohortMembership, Organisation, RoleKind
from ronghe.apps.demand.figures import shift_month
from ronghe.apps.demo.cast import EMAIL_DOMAIN
from ronghe.apps.mentors import services
from ronghe.apps.mentors.models import FeeEntry, MentorKind

# Where, which kind, whom (invented), title, languages, months of research and development abroad and where.
MENTORS = (
    ("nanyu", "enterprise", "何晓东", "senior", "中文、英文", 24, "比利时，先进封装"),
    ("nanyu", "enterprise", "罗丽娟", "", "中文", 0, ""),
    ("xingqiao", "enterprise", "郭俊峰", "intermediate", "中文、英文", 12, "新加坡，晶圆测试"),
    ("lixin", "enterprise", "高洁", "", "中文", 0, ""),
    ("saltmarsh", "enterprise", "Marcus Lam", "senior", "中文、英文", 60, "英国，模拟电路设计"),
    ("quillstone", "enterprise", "胡志强", "", "中文", 0, ""),
    ("yunji", "enterprise", "林建国", "associate_senior", "中文、英文", 18, "瑞典，基站软件"),
    ("papercrane", "enterprise", "徐慧敏", "", "中文", 0, ""),
    ("heguang", "enterprise", "孙浩", "senior_technician", "中文", 0, ""),
    ("jian", "enterprise", "马晨曦", "", "中文、日文", 9, "日本，运动控制"),
    ("mingcha", "enterprise", "朱婷", "", "中文", 0, ""),
    ("haique", "enterprise", "黄俊凯", "", "中文、英文", 0, ""),
    ("chengzhou", "enterprise", "陈可欣", "", "中文、英文", 0, ""),
    ("linghai", "university", "李国栋", "senior", "中文、英文", 36, "德国，功率器件"),
    ("duanjiang", "university", "王雅琴", "associate_senior", "中文", 0, ""),
    ("duanjiang", "university", "赵一鸣", "intermediate", "中文", 0, ""),
    ("chamber", "industry", "刘振华", "", "中文", 0, ""),
)
# Kind, title, Chinese and English name, yuan a class hour; and what is paid elsewhere.
STANDARDS = (
    ("enterprise", "", "企业导师课时费", "Enterprise mentors", 260, 205),
    ("university", "", "校内导师课时费", "University mentors", 150, 120),
    ("industry", "", "行业导师课时费", "Industry mentors", 220, 180),
)
LESSONS = ("电机驱动调试", "现场总线故障排查", "PLC 程序走查", "样机可靠性测试", "产线数据采集", "工单复盘")
WEEKS = 14
TEACHERS = ("周文博", "吴佩珊", "徐立群", "林静怡", "郑少华", "何思颖")
SCORES = (5, 4, 5, 3, 4)
_RIGHTS = "共同完成的成果归企业与高校共有，双方署名；论文发表前由企业审阅。（示例）"
_INSURANCE = "学校为带教期间投保人身意外险，企业承担现场安全责任。（示例）"


def build(office: Person, people: dict[str, Person], organisations: dict[str, Organisation], today: date) -> None:
    """Mentors, hours and training of the demonstration, by the people who would do each part."""
    second = Person.objects.get(email=f"office.second@{EMAIL_DOMAIN}")
    since = today - timedelta(days=510)
    _rules(office, second, since)
    mentors = _appoint(office, people, organisations, since)
    _papers(office, second, people["mentor"], mentors, today)
    _terms(office, people, today)
    _hours(office, people, today)
    _training(office, people, organisations, today)


def _rules(office: Person, second: Person, since: date) -> None:
    for kind, title, zh, en, amount, elsewhere in STANDARDS:
        standard = services.propose_standard(
            actor=office,
            kind=kind,
            title=title,
            name_zh=zh,
            name_en=en,
            amount=Decimal(amount),
            clause="示例：导师管理办法第六条",
            valid_from=since,
        )
        services.publish_standard(actor=second, standard=standard)
        services.set_benchmark(
            actor=office, kind=kind, amount=Decimal(elsewhere), source="示例：行业课时费调查", valid_from=since
        )
    services.propose_standard(
        actor=second,
        kind="enterprise",
        title="senior",
        name_zh="正高级企业导师课时费",
        name_en="Enterprise mentors with a senior title",
        amount=Decimal(340),
        clause="示例：导师管理办法第六条修订",
        valid_from=since + timedelta(days=600),
    )


def _appoint(
    office: Person, people: dict[str, Person], organisations: dict[str, Organisation], since: date
) -> list[Person]:
    """Everyone of the list, and the two who can sign in: the mentor, and the teacher as a university mentor."""
    found = []
    for number, (key, kind, name, title, languages, months, where) in enumerate(MENTORS):
        person = accounts.add_person(actor=office, email=f"mentor.{number:02d}@{EMAIL_DOMAIN}", name=name)
        role = {"enterprise": RoleKind.MENTOR, "university": RoleKind.TEACHER}.get(kind)
        if role is not None:
            community.appoint(actor=office, person=person, organisation=organisations[key], kind=role, valid_from=since)
        services.appoint_mentor(
            actor=office, person=person, organisation=organisations[key], kind=kind, title=title, valid_from=since
        )
        services.change_profile(
            actor=office, person=person, languages=languages, overseas_months=months, overseas_note=where
        )
        found.append(person)
    for who, home, kind in (
        ("mentor", organisations["heguang"], MentorKind.ENTERPRISE),
        ("teacher", organisations["linghai"], MentorKind.UNIVERSITY),
    ):
        services.appoint_mentor(actor=office, person=people[who], organisation=home, kind=kind, valid_from=since)
    services.change_profile(
        actor=people["mentor"], person=people["mentor"], languages="中文、英文", strengths="运动控制、现场总线"
    )
    return found


def _papers(office: Person, second: Person, mentor: Person, others: list[Person], today: date) -> None:
    for holder, name, expires, is_seen in (
        (mentor, "工程师职称证书（示例）", today + timedelta(days=41), True),
        (others[1], "企业导师上岗证（示例）", today - timedelta(days=12), True),
        (others[3], "企业导师上岗证（示例）", today + timedelta(days=400), False),
    ):
        paper = services.record_qualification(
            actor=office,
            person=holder,
            name_zh=name,
            issuer="岭海电子信息行业协会（示例）",
            issued_on=today - timedelta(days=700),
            expires_on=expires,
            evidence="示例：协会网站可查",
        )
        if is_seen:
            services.confirm_qualification(actor=second, paper=paper)


def _terms(office: Person, people: dict[str, Person], today: date) -> None:
    """Terms that hold, and those of the next year, which wait for the mentor."""
    mentor = people["mentor"]
    firm = mentor.mentor_appointments.known().get().organisation
    new_year = date(today.year + 1, 1, 1)
    for load, first, until, accepts in ((5, today - timedelta(days=300), new_year, True), (4, new_year, None, False)):
        offer = services.offer_terms(
            actor=office,
            person=mentor,
            organisation=firm,
            load=load,
            intellectual_property=_RIGHTS,
            insurance=_INSURANCE,
            valid_from=first,
            valid_until=until,
        )
        if accepts:
            services.answer_terms(actor=mentor, offer=offer, accepts=True)
    placed = CohortMembership.objects.on(today).filter(cohort__field="comm").select_related("person").order_by("-pk")
    for membership in placed[:1]:
        services.take_slot(
            actor=office,
            mentor=mentor,
            student=membership.person,
            first_day=today - timedelta(days=20),
            last_day=today + timedelta(days=160),
            cause="运动控制课题（示例）",
        )


def _hours(office: Person, people: dict[str, Person], today: date) -> None:
    """A lesson a week: the older confirmed and paid, one of them disputed, the newest waiting on either side."""
    mentor, teacher = people["mentor"], people["teacher"]
    university = teacher.roles.get(kind="teacher").organisation
    monday = today - timedelta(days=today.weekday())
    for week in range(WEEKS, 0, -1):
        by_teacher = week == 1
        hour = services.claim_hours(
            actor=teacher if by_teacher else mentor,
            mentor=mentor,
            university=university,
            taught_on=monday - timedelta(days=7 * week - week % 5),
            starts_at=time(14, 0),
            class_hours=Decimal(2 + week % 3) / (2 if week % 4 == 0 else 1),
            subject=LESSONS[week % len(LESSONS)],
            cause="示例：校企联合课程",
        )
        if week > 2:
            services.confirm_hours(actor=teacher, hour=hour)
    first = shift_month(today.replace(day=1), -4)
    for month in (shift_month(first, number) for number in range(3)):
        services.issue_statements(actor=office, month=month)
    entry = FeeEntry.objects.filter(hour__mentor=mentor, statement__isnull=False).order_by("-pk").first()
    if entry is not None:
        services.dispute_fee(actor=mentor, entry=entry, text="当天实际上了三课时，少算一课时，请核对签到表。")


def _training(office: Person, people: dict[str, Person], organisations: dict[str, Organisation], today: date) -> None:
    """Trained and certified teachers, one whose certificate lapses soon, one whose stay waits for the host."""
    host, university = organisations["heguang"], organisations["linghai"]
    teachers = [people["teacher"]]
    for number, name in enumerate(TEACHERS):
        person = accounts.add_person(actor=office, email=f"teacher.{number:02d}@{EMAIL_DOMAIN}", name=name)
        community.appoint(
            actor=office,
            person=person,
            organisation=university,
            kind=RoleKind.TEACHER,
            valid_from=today - timedelta(days=500),
        )
        teachers.append(person)
    start = today - timedelta(days=320)
    for number, teacher in enumerate(teachers):
        is_newest = number == len(teachers) - 1
        first = today - timedelta(days=25) if is_newest else start + timedelta(days=20 * number)
        plan = services.plan_training(
            actor=office,
            teacher=teacher,
            university=university,
            host=host,
            aims="掌握运动控制产线的调试与质量追溯，形成一个教学案例。（示例）",
            first_day=first,
            last_day=first + timedelta(days=60),
            planned_days=20,
        )
        stay = services.record_stay(
            actor=teacher,
            plan=plan,
            first_day=first,
            last_day=first + timedelta(days=24),
            days=12 if is_newest else 20,
            report="跟随产线调试班组，完成两份工单复盘。（示例）",
        )
        if is_newest:
            continue
        services.confirm_stay(actor=people["mentor"], stay=stay)
        granted = first + timedelta(days=30)
        # The first of them has a short certificate, so that its renewal is due.
        expires = today + timedelta(days=45) if number == 0 else granted + timedelta(days=3 * 365)
        if number != 1:
            services.grant_certification(
                actor=office,
                plan=plan,
                number=f"SS-{granted.year}-{number + 1:03d}",
                granted_on=granted,
                expires_on=expires,
            )
        if number < len(SCORES):
            services.answer_satisfaction(actor=teacher, plan=plan, score=SCORES[number])
