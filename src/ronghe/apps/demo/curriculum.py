"""The teaching of the demonstration: programmes, packages released over eighteen months, a project, work in hand.

Everything goes through the services that people use; the office dates releases back, as it does for what was taught
before a university joined.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.community import services as community
from ronghe.apps.community.models import Cohort, Organisation, RoleKind
from ronghe.apps.curriculum import services
from ronghe.apps.curriculum.models import IndustryProject, Package, PackageVersion, Programme, TeachingCase
from ronghe.apps.curriculum.services import Declared, UnitData
from ronghe.apps.demand.models import Skill
from ronghe.apps.demo.cast import EMAIL_DOMAIN


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A unit: names, text, and what it teaches as (skill, skill level, hours, practice hours, evidence)."""

    name_zh: str
    name_en: str
    content: str
    teaches: tuple[tuple[str, int, int, int, str], ...]


@dataclass(frozen=True, slots=True)
class VersionPlan:
    """A version released so many months ago; 0 is one in work."""

    months_ago: int
    summary: str
    units: tuple[UnitPlan, ...]


@dataclass(frozen=True, slots=True)
class PackagePlan:
    """A course with one package and its versions."""

    code: str
    name_zh: str
    name_en: str
    credits: int
    versions: tuple[VersionPlan, ...]


VERIFICATION = UnitPlan(
    "UVM 验证平台搭建",
    "Building a UVM testbench",
    "用 SystemVerilog 与 UVM 为 AXI 总线模块搭建可复用的验证平台，统计功能覆盖率并做回归。",
    (("ic.uvm", 3, 20, 14, "可运行的验证平台与回归报告"), ("ic.systemverilog", 3, 12, 8, "代码评审记录")),
)
COVERAGE = UnitPlan(
    "覆盖率驱动的芯片级验证",
    "Coverage-driven verification of a chip",
    "从企业交换芯片项目中抽取的芯片级场景：随机约束、断言、覆盖率收敛与缺陷跟踪。",
    (
        ("ic.uvm", 4, 24, 18, "覆盖率收敛报告，由企业导师签署"),
        ("ic.coverage", 3, 8, 6, "覆盖率计划"),
        ("ic.assertion", 3, 8, 6, "断言清单"),
    ),
)
TIMING = UnitPlan(
    "静态时序分析入门",
    "Introduction to static timing analysis",
    "建立与保持时间、时钟约束、时序报告的阅读。",
    (("ic.sta", 2, 16, 6, "一份时序报告的解读"), ("ic.sdc", 2, 6, 2, "约束文件")),
)
PROCESS_CONTROL = UnitPlan(
    "统计过程控制与良率分析",
    "Statistical process control and yield",
    "控制图、过程能力与光刻、刻蚀工序的异常判别，数据来自企业产线的脱敏记录。",
    (("ic.spc", 3, 16, 10, "一次真实异常的判别报告"), ("ic.doe", 2, 8, 4, "试验方案")),
)
FIELD_NETWORK = UnitPlan(
    "5G 专网规划",
    "Planning a private 5G network",
    "为一座工厂规划 5G 专网：覆盖、容量、时延预算与切片。",
    (("comm.private-5g", 3, 20, 12, "规划方案与答辩"), ("comm.network-planning", 3, 8, 4, "覆盖预测图")),
)
PROTOCOLS = UnitPlan(
    "移动通信协议",
    "Mobile protocols",
    "LTE 与 5G NR 的协议栈、信令流程与抓包分析。",
    (("comm.nr5g", 3, 16, 6, "信令流程分析报告"), ("comm.protocol-stack", 2, 10, 4, "抓包记录")),
)
MOTOR = UnitPlan(
    "无刷电机的磁场定向控制",
    "Field-oriented control of a brushless motor",
    "电流采样、坐标变换与环路整定，在驱动板上调试。",
    (("embedded.foc", 3, 16, 12, "驱动板演示"), ("embedded.motor-control", 3, 12, 8, "整定记录")),
)
MODBUS = UnitPlan(
    "工业总线 Modbus",
    "Modbus",
    "串口与 Modbus RTU 通信，读写伺服驱动器的寄存器。",
    (("embedded.modbus", 3, 12, 8, "通信程序"), ("embedded.serial-bus", 2, 4, 2, "波形截图")),
)
ETHERCAT = UnitPlan(
    "实时以太网 EtherCAT",
    "Real-time Ethernet with EtherCAT",
    "从站状态机、分布时钟与过程数据映射；与企业导师共同开发，设备由企业提供。",
    (("embedded.industrial-ethernet", 4, 16, 12, "从站联调演示，由企业导师评定"),),
)
RETRIEVAL = UnitPlan(
    "检索增强生成",
    "Retrieval-augmented generation",
    "为客服知识库构建检索增强生成系统：切分、向量库、召回评测与提示词测试。",
    (
        ("ai.rag", 4, 20, 14, "带评测集的可运行系统"),
        ("ai.vector-db", 3, 6, 4, "召回率报告"),
        ("ai.prompt-engineering", 3, 6, 4, "提示词测试集"),
    ),
)
LANGUAGE_MODELS = UnitPlan(
    "大模型应用基础",
    "Applications of large language models",
    "模型调用、上下文管理与评测。",
    (("ai.llm", 3, 12, 6, "小型应用"), ("ai.prompt-engineering", 2, 6, 3, "提示词对比记录")),
)
QUERIES = UnitPlan(
    "运营取数与 SQL",
    "SQL for operations",
    "从店铺数据库中取数、汇总与核对，按真实业务问题出题。",
    (("infrastructure.sql", 2, 16, 12, "取数任务单"), ("ai.data-analysis", 2, 8, 6, "周报")),
)
SELLING = UnitPlan(
    "独立站运营",
    "Running an independent shop",
    "选品、上架、广告投放与转化分析。",
    (("ecommerce.independent-site", 3, 16, 10, "运营周报"),),
)

PROGRAMMING = UnitPlan(
    "程序设计与工程规范",
    "Programming as engineering",
    "用 Python 与 Java 完成中等规模的程序：数据结构、单元测试、代码评审与 Git 协作。",
    (
        ("software.python", 4, 24, 14, "通过评审的代码仓库"),
        ("software.java", 3, 16, 10, "通过评审的代码仓库"),
        ("software.data-structures-algorithms", 3, 16, 6, "算法作业"),
        ("software.git", 3, 4, 3, "合并请求记录"),
        ("software.unit-testing", 3, 8, 6, "测试覆盖率报告"),
    ),
)
WEB_CLIENT = UnitPlan(
    "Web 前端开发",
    "Web front ends",
    "组件化前端：页面结构与样式、状态管理与接口联调。",
    (
        ("software.javascript", 3, 16, 10, "可运行的前端"),
        ("software.html", 3, 6, 4, "页面"),
        ("software.css", 3, 6, 4, "页面"),
        ("software.react", 3, 12, 8, "可运行的前端"),
        ("software.frontend", 3, 8, 6, "答辩"),
    ),
)
WEB_SERVICE = UnitPlan(
    "Web 后端与数据库",
    "Web services and databases",
    "设计接口与数据模型，实现并压测一个服务。",
    (
        ("software.backend", 3, 16, 10, "可运行的服务"),
        ("software.rest-api", 3, 8, 6, "接口文档与自动化测试"),
        ("infrastructure.sql", 3, 12, 8, "查询作业"),
        ("infrastructure.relational-database", 3, 8, 4, "数据模型"),
        ("infrastructure.postgresql", 3, 6, 4, "调优记录"),
        ("software.software-architecture", 2, 8, 2, "设计评审记录"),
    ),
)
DELIVERY = UnitPlan(
    "云平台与持续交付",
    "Cloud and continuous delivery",
    "把服务装入容器，自动构建、部署与监控。",
    (
        ("infrastructure.linux", 3, 8, 6, "运维作业"),
        ("infrastructure.docker", 3, 8, 6, "镜像与部署清单"),
        ("infrastructure.kubernetes", 2, 8, 6, "部署清单"),
        ("infrastructure.ci-cd", 3, 6, 4, "流水线"),
        ("infrastructure.cloud-computing", 2, 8, 4, "部署报告"),
    ),
)
DATA_LEARNING = UnitPlan(
    "数据分析与机器学习",
    "Data analysis and machine learning",
    "从真实业务数据出发：清洗、建模、评测与上线。",
    (
        ("ai.machine-learning", 3, 20, 10, "带评测的模型"),
        ("ai.data-analysis", 3, 8, 6, "分析报告"),
        ("ai.statistics", 2, 8, 2, "作业"),
    ),
)

PROGRAMMES: tuple[tuple[str, str, str, str, tuple[PackagePlan, ...]], ...] = (
    (
        "linghai", "ic", "集成电路工程（示例）", "Integrated-circuit engineering (Example)",
        (
            PackagePlan("IC-601", "数字芯片验证", "Digital verification", 3, (
                VersionPlan(15, "", (VERIFICATION, TIMING)),
                VersionPlan(3, "按交换芯片企业的需求增加芯片级验证", (VERIFICATION, COVERAGE, TIMING)),
            )),
            PackagePlan("IC-612", "制造数据与良率", "Manufacturing data and yield", 2, (
                VersionPlan(9, "", (PROCESS_CONTROL,)),
            )),
        ),
    ),
    (
        "linghai", "comm", "通信与智能装备工程（示例）", "Communications and smart equipment (Example)",
        (
            PackagePlan("CE-604", "5G 网络工程", "5G network engineering", 3, (
                VersionPlan(16, "", (PROTOCOLS,)),
                VersionPlan(5, "新增专网规划，对应三家工厂的项目", (PROTOCOLS, FIELD_NETWORK)),
            )),
            PackagePlan("CE-621", "运动控制", "Motion control", 3, (
                VersionPlan(14, "", (MOTOR, MODBUS)),
                VersionPlan(0, "用 EtherCAT 取代 Modbus，响应新一代伺服驱动器的需求", (MOTOR, ETHERCAT)),
            )),
            PackagePlan("CE-630", "人工智能应用", "Applied artificial intelligence", 2, (
                VersionPlan(10, "", (LANGUAGE_MODELS,)),
                VersionPlan(2, "增加检索增强生成，对应企业提出的检索质量问题", (LANGUAGE_MODELS, RETRIEVAL)),
            )),
        ),
    ),
    (
        "duanjiang", "ecommerce", "跨境数字商务（示例）", "Cross-border digital commerce (Example)",
        (
            PackagePlan("BC-503", "跨境运营实务", "Cross-border operations", 2, (
                VersionPlan(8, "", (SELLING, QUERIES)),
            )),
        ),
    ),
    (
        "duanjiang", "software", "软件工程（示例）", "Software engineering (Example)",
        (
            PackagePlan("SE-601", "软件开发实践", "Software practice", 4, (
                VersionPlan(17, "", (PROGRAMMING,)),
            )),
            PackagePlan("SE-612", "Web 系统开发", "Web systems", 4, (
                VersionPlan(13, "", (WEB_CLIENT, WEB_SERVICE)),
                VersionPlan(4, "按企业需求增加容器与持续交付", (WEB_CLIENT, WEB_SERVICE, DELIVERY)),
            )),
            PackagePlan("SE-620", "数据与智能", "Data and learning", 3, (
                VersionPlan(11, "", (DATA_LEARNING,)),
            )),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Cast:
    """Who writes, who reviews from which side, and who releases."""

    office: Person
    mentor: Person
    writers: Mapping[str, Person]
    reviewers: Mapping[str, Person]


def build(office: Person, people: Mapping[str, Person], organisations: Mapping[str, Organisation], today: date) -> None:
    """Build programmes, packages and their history, and leave one version under review and a project to be taught."""
    cast = _engage(office, people, organisations, today)
    skills = {skill.code: skill for skill in Skill.objects.current()}
    project = _record_project(people["mentor"], organisations["heguang"], today)
    case = _add_case(people["mentor"], organisations["heguang"], today)
    for key, field, name_zh, name_en, packages in PROGRAMMES:
        programme = services.found_programme(
            actor=cast.writers[key],
            organisation=organisations[key],
            name_zh=name_zh,
            name_en=name_en,
            field=field,
            months=30,
            founded_on=today - timedelta(days=600),
        )
        followers = list(Cohort.objects.filter(organisation=organisations[key], field=field))
        services.amend_programme(actor=cast.writers[key], programme=programme, revision=1, cohorts=followers)
        for plan in packages:
            _build_package(cast, key, programme, plan, skills, today, project, case)


def _engage(
    office: Person, people: Mapping[str, Person], organisations: Mapping[str, Organisation], today: date
) -> _Cast:
    """Who writes and who reviews at each university; those of the second have no sign-in."""
    engaged = {}
    for local_part, name, key in (
        ("teacher.duanjiang", "何静", "duanjiang"),
        ("reviewer.duanjiang", "罗成", "duanjiang"),
    ):
        person = accounts.add_person(actor=office, email=f"{local_part}@{EMAIL_DOMAIN}", name=name)
        community.appoint(
            actor=office,
            person=person,
            organisation=organisations[key],
            kind=RoleKind.TEACHER,
            valid_from=today - timedelta(days=540),
        )
        engaged[local_part] = person
    return _Cast(
        office,
        people["mentor"],
        {"linghai": people["teacher"], "duanjiang": engaged["teacher.duanjiang"]},
        {"linghai": people["teacher.peer"], "duanjiang": engaged["reviewer.duanjiang"]},
    )


def _build_package(
    cast: _Cast,
    key: str,
    programme: Programme,
    plan: PackagePlan,
    skills: Mapping[str, Skill],
    today: date,
    project: IndustryProject,
    case: TeachingCase,
) -> None:
    writer = cast.writers[key]
    course = services.add_course(
        actor=writer,
        programme=programme,
        code=plan.code,
        name_zh=plan.name_zh,
        name_en=plan.name_en,
        credits=plan.credits,
    )
    oldest = max(version.months_ago for version in plan.versions)
    package = services.open_package(
        actor=writer,
        course=course,
        name_zh=plan.name_zh,
        name_en=plan.name_en,
        opened_on=today - timedelta(days=31 * oldest + 15),
    )
    for version in plan.versions:
        written = _write(writer, package, version, skills, project, case)
        submitted = services.submit_version(actor=writer, version=written, revision=_revision(written))
        if version.months_ago:
            _release(cast, key, submitted, today - timedelta(days=30 * version.months_ago))


def _write(
    writer: Person,
    package: Package,
    plan: VersionPlan,
    skills: Mapping[str, Skill],
    project: IndustryProject,
    case: TeachingCase,
) -> PackageVersion:
    version = services.start_version(actor=writer, package=package, summary=plan.summary)
    standing = {unit.name_zh: unit for unit in version.units.all()}
    for unit in plan.units:
        if unit.name_zh in standing:
            standing.pop(unit.name_zh)
            continue
        declared = tuple(
            Declared(skills[code], level, Decimal(hours), Decimal(practice), evidence)
            for code, level, hours, practice, evidence in unit.teaches
            if code in skills
        )
        services.write_unit(
            actor=writer,
            version=version,
            data=UnitData(
                name_zh=unit.name_zh,
                name_en=unit.name_en,
                content=unit.content,
                hours=sum((one.hours for one in declared), Decimal(2)),
                practice_hours=sum((one.practice_hours for one in declared), Decimal(0)),
                source_part=project.parts.first() if unit is ETHERCAT else None,
                source_case=case if unit is MOTOR else None,
                university_author=writer,
                declared=declared,
            ),
        )
    for unit_left in standing.values():
        services.remove_unit(actor=writer, unit=unit_left, revision=unit_left.revision)
    version.refresh_from_db()
    return version


def _revision(version: PackageVersion) -> int:
    return PackageVersion.objects.values_list("revision", flat=True).get(pk=version.pk)


def _release(cast: _Cast, key: str, version: PackageVersion, day: date) -> None:
    for reviewer in (cast.reviewers[key], cast.mentor):
        services.review_version(actor=reviewer, version=version, revision=_revision(version), verdict="approved")
    services.release_version(actor=cast.office, version=version, revision=_revision(version), released_on=day)


def _record_project(mentor: Person, firm: Organisation, today: date) -> IndustryProject:
    project = services.register_project(
        actor=mentor,
        organisation=firm,
        name_zh="新一代伺服驱动器通信改造",
        name_en="New bus for a servo drive",
        summary="把伺服驱动器的现场总线从 Modbus 改为 EtherCAT，周期一毫秒，三十二个从站。",
        started_on=today - timedelta(days=300),
        ended_on=today - timedelta(days=40),
    )
    for name_zh, name_en, work in (
        ("从站状态机与邮箱通信", "State machine and mailbox", "实现 EtherCAT 从站状态机，调通 CoE 邮箱。"),
        ("分布时钟同步", "Distributed clocks", "测量并补偿抖动，使三十二个从站同步在一微秒以内。"),
        ("整机验收与缺陷回归", "Acceptance and regression", "按验收用例测试，用 Python 脚本做自动回归。"),
    ):
        services.add_part(actor=mentor, project=project, name_zh=name_zh, name_en=name_en, work=work)
    return project


def _add_case(mentor: Person, firm: Organisation, today: date) -> TeachingCase:
    return services.register_case(
        actor=mentor,
        organisation=firm,
        name_zh="电机异响排查",
        name_en="Tracing the noise of a motor",
        summary="客户现场的伺服电机在低速时发出异响，最终定位为电流采样偏置。",
        happened_on=today - timedelta(days=420),
    )
