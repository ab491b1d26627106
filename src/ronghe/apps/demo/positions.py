"""Positions of the demonstration at every stage, two order classes, a published round and one that takes wishes."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import services as agreements
from ronghe.apps.agreements.services import SignedOutside
from ronghe.apps.community import services as community
from ronghe.apps.community.models import Chain, Cohort, CohortMembership, Organisation, Region, RoleKind
from ronghe.apps.demand.models import Requirement, Skill
from ronghe.apps.demo.cast import EMAIL_DOMAIN
from ronghe.apps.positions import selectors, services
from ronghe.apps.positions import skills as known
from ronghe.apps.positions.models import ClassMember, OrderClass, Participation, Position, Round
from ronghe.apps.positions.services import OrderData, PositionData, QuotaData, RoundData, SkillAsked, TaskData

# HR of firms whose people nobody signs in as.
HR = (
    ("nanyu", "谢婉清"), ("xingqiao", "冯志远"), ("lixin", "邓佳慧"), ("heguang", "曹文博"), ("haique", "何雨桐"),
    ("chengzhou", "罗嘉豪"),
)  # fmt: skip
# Firm, field, city, Chinese and English title, seats, pay, pay of staff, staff in the post, tasks.
POSITIONS = (
    ("nanyu", "ic", "440300", "数字验证实习生", "Digital verification intern", 6, 4200, 5200, 40,
     "在导师指导下编写验证用例，跑回归，分析覆盖率缺口。"),
    ("nanyu", "ic", "440300", "版图设计实习生", "Layout intern", 3, 4000, 4900, 22,
     "完成标准单元版图的修改与检查，整理设计规则问题。"),
    ("xingqiao", "ic", "440300", "晶圆测试实习生", "Wafer test intern", 4, 3800, 4600, 18,
     "操作探针台，记录良率数据，撰写周测试报告。"),
    ("lixin", "ic", "441900", "封装工艺实习生", "Packaging process intern", 5, 3600, 4300, 60,
     "跟踪键合与塑封工序，统计缺陷，参与一次工艺改进。"),
    ("saltmarsh", "ic", "810000", "模拟电路设计实习生", "Analogue design intern", 2, 9000, 11000, 12,
     "搭建电源管理模块的仿真，完成角落分析与报告。"),
    ("yunji", "comm", "440100", "基站软件实习生", "Base-station software intern", 6, 4500, 5400, 75,
     "修改基站协议栈的一个模块，补齐单元测试，参加代码评审。"),
    ("yunji", "comm", "440100", "射频测试实习生", "Radio test intern", 4, 3900, 4700, 30,
     "按测试规范完成整机射频指标测试，编写自动化脚本。"),
    ("heguang", "comm", "440600", "工业无线部署实习生", "Industrial wireless intern", 5, 3700, 4500, 25,
     "在产线部署无线终端，测量时延与丢包，提出改进方案。"),
    ("haique", "ecommerce", "440100", "跨境运营实习生", "Cross-border operations intern", 8, 3500, 4200, 50,
     "负责一个品类的上架、投放与客服数据分析。"),
    ("chengzhou", "ecommerce", "440400", "直播电商实习生", "Live commerce intern", 6, 3400, 4100, 28,
     "参与选品、脚本与一场直播的执行和复盘。"),
)  # fmt: skip
WAITING = (
    ("yunji", "comm", "440100", "5G 核心网实习生", "5G core network intern", 3, 4600, 5500, 20,
     "参与核心网网元的功能测试与故障定位。"),
    ("lixin", "ic", "441900", "可靠性测试实习生", "Reliability test intern", 2, 3600, 4400, 15,
     "执行高低温循环试验，整理失效分析记录。"),
)  # fmt: skip
RETURNED = (
    "yunji", "comm", "440100", "网络优化实习生", "Network optimisation intern", 2, 3800, 4700, 16, "参与外场测试。",
)  # fmt: skip
SKILLS_ASKED = 3


@transaction.atomic
def build(office: Person, people: Mapping[str, Person], organisations: Mapping[str, Organisation], today: date) -> None:
    """By the people who would do it: firms' HR offer, the office approves and matches, students wish and appeal."""
    rng = random.Random(11)  # noqa: S311
    hr = _staff(office, people, organisations, today)
    chains = {chain.field: chain for chain in Chain.objects.all()}
    _supply(office, organisations, chains["ecommerce"], today)
    taught = _taught(people["student"])
    made = [_offer(office, hr, organisations, chains, one, today, taught) for one in POSITIONS]
    for one in WAITING:
        _offer(office, hr, organisations, chains, one, today, taught, approve=False)
    waiting = _offer(office, hr, organisations, chains, RETURNED, today, taught, approve=False)
    services.return_position(
        actor=office, position=waiting, revision=waiting.revision, reason="请写明所在部门、导师人数和每周工作内容。"
    )
    cohorts = list(Cohort.objects.filter(field__in=["ic", "comm", "ecommerce"]).order_by("pk"))
    _skills(people, made, rng)
    _published(office, hr, people, cohorts, made, rng, today)
    _running(office, people["student"], cohorts, rng, today)
    _classes(office, hr, people, organisations, chains, today)


def _staff(
    office: Person, people: Mapping[str, Person], organisations: Mapping[str, Organisation], today: date
) -> dict[str, Person]:
    hr = {"yunji": people["hr"], "saltmarsh": people["hr.ic"]}
    for key, name in HR:
        hr[key] = accounts.add_person(actor=office, email=f"hr.{key}@{EMAIL_DOMAIN}", name=name)
        community.appoint(
            actor=office,
            person=hr[key],
            organisation=organisations[key],
            kind=RoleKind.ENTERPRISE_HR,
            valid_from=today - timedelta(days=400),
        )
    return hr


def _supply(office: Person, organisations: Mapping[str, Organisation], chain: Chain, today: date) -> None:
    """One chain opens positions only under a talent-supply agreement, and its firms have signed one on paper."""
    agreements.record_signed_outside(
        actor=office,
        agreements=[
            SignedOutside(
                number=f"EC-TS-{number}",
                kind="talent_supply",
                title_zh=f"{organisations[firm].name_zh}人才供应协议",
                title_en=f"Talent supply of {organisations[firm].name_en}",
                chain=chain,
                parties=[organisations[firm], organisations["duanjiang"]],
                first_day=today - timedelta(days=200),
                last_day=today + timedelta(days=600),
                graduates_a_year=graduates,
            )
            for number, (firm, graduates) in enumerate((("haique", 20), ("chengzhou", 10)), start=1)
        ],
    )
    services.set_chain_rule(
        actor=office,
        chain=chain,
        asks_for_agreement=True,
        clause="示例：生态链章程第六条",
        valid_from=today - timedelta(days=180),
    )


_Line = tuple[str, str, str, str, str, int, int, int, int, str]


def _offer(
    office: Person,
    hr: Mapping[str, Person],
    organisations: Mapping[str, Organisation],
    chains: Mapping[str, Chain],
    line: _Line,
    today: date,
    taught: Sequence[Skill],
    *,
    approve: bool = True,
) -> Position:
    firm, field, city, title_zh, title_en, seats, pay, post_pay, staff, tasks = line
    organisation, first = organisations[firm], today + timedelta(days=7)
    own = list(Requirement.objects.filter(organisation=organisation).exclude(state="withdrawn")[:2])
    signed = services.agreements_of(organisation, first)
    supply = next((one for one in signed if one.kind == "talent_supply"), next(iter(signed), None))
    skills = [one for one in taught if one.code.startswith(f"{field}.")]
    skills += list(Skill.objects.current().filter(code__startswith=f"{field}.").order_by("code")[: 4 * SKILLS_ASKED])
    start = sum(map(ord, title_en)) % SKILLS_ASKED
    chosen = list(dict.fromkeys(skills))[start : start + SKILLS_ASKED]
    position = services.draft_position(
        actor=hr[firm],
        organisation=organisation,
        data=PositionData(
            title_zh=title_zh,
            title_en=title_en,
            tasks=tasks,
            field=field,
            seats=seats,
            starts_on=first,
            ends_on=today + timedelta(days=330),
            region=_region(city),
            chain=chains[field],
            agreement=supply,
            pay=Decimal(pay),
            post_pay=Decimal(post_pay),
            post_staff=staff,
            least_mentors=max(1, seats // 5),
            skills=tuple(SkillAsked(one, 2 + number) for number, one in enumerate(chosen)),
            requirements=tuple(own),
        ),
    )
    position = services.submit_position(actor=hr[firm], position=position, revision=position.revision)
    if approve:
        position = services.approve_position(actor=office, position=position, revision=position.revision)
    return position


def _taught(student: Person) -> list[Skill]:
    """The skills of the student's programme, those taught furthest first."""
    levels = known.of([student.pk])[student.pk]
    return sorted(Skill.objects.filter(pk__in=levels), key=lambda one: (-levels[one.pk], one.code))


def _region(code: str) -> Region:
    return Region.objects.get(code=code)


def _skills(people: Mapping[str, Person], made: Sequence[Position], rng: random.Random) -> None:
    """Skills that students declare; the teacher has confirmed some."""
    asked = list(
        Skill.objects.filter(position_skills__isnull=False, code__startswith="ic.").distinct().order_by("code")
    )
    mates = list(
        Person.objects.filter(cohort_memberships__cohort__field="ic").exclude(pk=people["student"].pk).order_by("pk")
    )
    for person in mates[:14]:
        for skill in rng.sample(asked, 2):
            declared = services.declare_skill(
                actor=person, skill=skill, skill_level=rng.randint(2, 4), evidence="课程项目与实验报告（示例）"
            )
            services.confirm_skill(actor=people["teacher"], declared=declared)
    own = [one.skill for one in made[0].skills.select_related("skill")]
    for number, skill in enumerate([*own, *(one for one in asked if one not in own)][: len(own) + 1]):
        declared = services.declare_skill(
            actor=people["student"], skill=skill, skill_level=5, evidence="开源仓库中的提交记录（示例）"
        )
        if number < len(own):
            services.confirm_skill(actor=people["teacher"], declared=declared)


def _wish(round: Round, participations: Sequence[Participation], most: int, rng: random.Random) -> None:
    places = list(round.round_positions.select_related("position__organisation"))
    for row in participations:
        able = [place.position for place in places if place.position.field == row.cohort.field]
        liked = sorted(able, key=lambda one: rng.random() - (0.4 if one.organisation.name_zh.startswith("南屿") else 0))
        _state(row, liked[:most])


def _state(row: Participation, positions: Sequence[Position]) -> None:
    services.state_wishes(actor=row.person, participation=row, revision=row.revision, positions=positions, agrees=True)


def _open(
    office: Person, name_zh: str, name_en: str, cohorts: Sequence[Cohort], first: date, last: date, today: date
) -> Round:
    data = RoundData(
        name_zh=name_zh,
        name_en=name_en,
        opens_on=today - timedelta(days=10),
        closes_on=today,
        starts_on=first,
        ends_on=last,
        most_wishes=6,
        seed=20260923,
    )
    return services.open_round(
        actor=office, data=data, cohorts=cohorts, places=selectors.candidate_places(office, data, cohorts, at_least=2)
    )


def _published(
    office: Person, hr: Mapping[str, Person], people: Mapping[str, Person], cohorts: Sequence[Cohort],
    made: Sequence[Position], rng: random.Random, today: date,
) -> None:  # fmt: skip
    """A round of two cohorts: computed in both modes, the stable one published, one student appeals."""
    student, free = people["student"], people["student.free"]
    some = [one for one in cohorts if one.field in ("ic", "comm")]
    first = today + timedelta(days=7)
    round = _open(office, "秋季实习匹配", "Autumn placements", some, first, first + timedelta(days=150), today)
    rows = list(round.participations.select_related("person", "round", "cohort").order_by("pk"))
    mates = [row for row in rows[:-3] if row.person_id not in (student.pk, free.pk)]
    keen = [row for row in mates if row.cohort.field == "ic"][:2]
    for row in keen:
        _state(row, [made[4], made[1]])
    _wish(round, [row for row in mates if row not in keen], 4, rng)
    wanted = [made[4], made[0], made[2]]
    _state(next(row for row in rows if row.person_id == student.pk), wanted)
    services.put_quota(
        actor=office,
        round=round,
        data=QuotaData("东莞岗位至少三人", positions=f"city:{_region('441900').pk}", least=3),
    )
    # The student of the demonstration reads why the first wish was not met.
    services.give_priorities(
        actor=hr["saltmarsh"],
        place=round.round_positions.get(position=made[4]),
        ranked=[(row.person, "暑期已在本部门完成试岗（示例）") for row in keen],
    )
    said = RoundData(
        **{
            name: getattr(Round.objects.get(pk=round.pk), name)
            for name in RoundData.__dataclass_fields__
            if name != "closes_on"
        },
        closes_on=today - timedelta(days=1),
    )
    round.refresh_from_db()
    round = services.change_round(actor=office, round=round, revision=round.revision, data=said)
    services.compute_now(actor=office, round=round, mode="maximal")
    run = services.compute_now(actor=office, round=round, mode="stable")
    round.refresh_from_db()
    services.publish_round(actor=office, round=round, revision=round.revision, run=run)
    disappointed = run.assignments.exclude(person=student).order_by("-rank").select_related("person", "round").first()
    if disappointed is not None and disappointed.person is not None:
        services.make_appeal(
            actor=disappointed.person,
            assignment=run.assignments.select_related("round").get(pk=disappointed.pk),
            text="我在开源社区的提交记录未被计入技能，请核对后考虑调整。",
        )


def _running(office: Person, student: Person, cohorts: Sequence[Cohort], rng: random.Random, today: date) -> None:
    """A round that takes wishes; half have handed in, the student of the demonstration has not."""
    first = today + timedelta(days=200)
    round = _open(office, "春季实习匹配", "Spring placements", cohorts, first, first + timedelta(days=120), today)
    rows = round.participations.exclude(person=student).select_related("person", "round", "cohort").order_by("pk")
    _wish(round, list(rows)[::2], 3, rng)
    now = Round.objects.get(pk=round.pk)
    said = {name: getattr(now, name) for name in RoundData.__dataclass_fields__}
    services.change_round(
        actor=office,
        round=now,
        revision=now.revision,
        data=RoundData(**{**said, "closes_on": today + timedelta(days=12)}),
    )


def _classes(
    office: Person, hr: Mapping[str, Person], people: Mapping[str, Person],
    organisations: Mapping[str, Organisation], chains: Mapping[str, Chain], today: date,
) -> None:  # fmt: skip
    """One class with members, one whose offer the student of the demonstration has not answered."""
    live = _class(
        office, hr["haique"], organisations["haique"], organisations["duanjiang"], chains["ecommerce"], today,
        "跨境直播订单班", "Live commerce class", "ecommerce", 12, 10,
        ("一场直播的销售", "海外直播间的真实场次：选品、脚本、主播与客服",
         "单场成交额不低于 3 万元\n退货率低于 8%\n复盘报告两日内提交"),
    )  # fmt: skip
    mates = [
        row.person
        for row in CohortMembership.objects.on(today).filter(cohort__field="ecommerce").select_related("person")[:10]
    ]
    members = services.offer_places(actor=hr["haique"], order_class=live, people=mates)
    for number, member in enumerate(members[:8]):
        services.answer_place(actor=mates[number], member=member, accept=number != 3)
    _work(hr["haique"], live, members[:3], mates)
    chip = _class(
        office, hr["saltmarsh"], organisations["saltmarsh"], organisations["linghai"], chains["ic"], today,
        "模拟电路订单班", "Analogue circuit class", "ic", 4, 4,
        ("一个电源模块的仿真", "在研芯片的低压差稳压器", "全部工艺角满足指标\n报告经设计经理签收"),
    )  # fmt: skip
    services.offer_places(actor=hr["saltmarsh"], order_class=chip, people=[people["student"]])


def _work(hr: Person, order: OrderClass, members: Sequence[ClassMember], people: Sequence[Person]) -> None:
    """Work on the class's task: one accepted, one returned, one that waits."""
    task = order.order_tasks.get()
    outcomes = (([0, 1, 2], ""), ([0, 2], "退货率 11%，请说明原因后再次提交。"), None)
    for number, (member, decided) in enumerate(zip(members, outcomes, strict=True)):
        work = services.hand_in_task(
            actor=people[number],
            member=member,
            task=task,
            evidence=f"第 {number + 1} 场直播的销售表、退货明细与复盘报告（示例）。",
        )
        if decided is not None:
            services.decide_task(actor=hr, work=work, met=decided[0], comment=decided[1])


def _class(
    office: Person, hr: Person, firm: Organisation, university: Organisation, chain: Chain, today: date,
    name_zh: str, name_en: str, field: str, size: int, jobs: int, task: tuple[str, str, str],
) -> OrderClass:  # fmt: skip
    signed = [one for one in services.agreements_of(firm, today) if one.kind == "talent_supply"]
    order = services.draft_order_class(
        actor=hr,
        organisation=firm,
        data=OrderData(
            name_zh=name_zh,
            name_en=name_en,
            university=university,
            field=field,
            size=size,
            seats_promised=size,
            jobs_promised=jobs,
            starts_on=today,
            ends_on=today + timedelta(days=360),
            answer_by=today + timedelta(days=14),
            chain=chain,
            agreement=signed[0] if signed else None,
        ),
    )
    title, operation, criteria = task
    services.add_task(actor=hr, order_class=order, data=TaskData(title, operation, criteria))
    order = services.submit_order_class(actor=hr, order_class=order, revision=order.revision)
    return services.approve_order_class(actor=office, order_class=order, revision=order.revision)
