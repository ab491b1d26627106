"""The pool of the demonstration: projects that ended and run, what they made, shares at every stage, income divided."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.pool import services
from ronghe.apps.pool.models import Asset, AssetKind, IncomeKind, Project, ShareVersion
from ronghe.apps.pool.registered_numbers import check_digit
from ronghe.apps.pool.services import AssetData, ShareLine


@dataclass(frozen=True, slots=True)
class Plan:
    """A project: days since its start and its close (0: it runs), and since whom its first conversion."""

    name_zh: str
    name_en: str
    host: str
    partner: str
    field: str
    started: int
    closed: int = 0
    converted: int = 0
    adopter: str = ""


PROJECTS = (
    Plan("低功耗芯片验证平台", "Verification platform for low-power chips", "linghai", "heguang", "ic", 1500, 1010),
    Plan("产线视觉检测算法", "Visual inspection on the line", "linghai", "yunji", "ai", 1400, 930, 610, "yunji"),
    Plan("嵌入式电机驱动库", "Drivers for embedded motors", "heguang", "linghai", "embedded", 1300, 860),
    Plan("小基站测试系统", "Tests of small cells", "linghai", "saltmarsh", "comm", 1200, 760, 300, "saltmarsh"),
    Plan("跨境电商选品模型", "Product choice in cross-border trade", "linghai", "yunji", "ecommerce", 1000, 540),
    Plan("芯片封装工艺案例库", "Cases of chip packaging", "linghai", "heguang", "ic", 900, 420, 200, "heguang"),
    Plan("边缘推理软件", "Software for inference at the edge", "yunji", "linghai", "software", 420),
)
# Per project: kind, Chinese and English name.
ASSETS = (
    (AssetKind.PATENT, "一种低功耗验证方法", "A method of low-power verification"),
    (AssetKind.SOFTWARE, "视觉检测软件 V2.1", "Visual inspection software 2.1"),
    (AssetKind.LAYOUT, "电机驱动芯片布图设计", "Layout of a motor driver"),
    (AssetKind.SOFTWARE, "小基站自动化测试软件", "Automated tests of small cells"),
    (AssetKind.DATASET, "跨境商品标注数据集", "Labelled products of cross-border trade"),
    (AssetKind.CASE, "封装翘曲缺陷分析案例", "A case of package warpage"),
    (AssetKind.COURSE, "边缘推理实验讲义", "Lab notes on inference at the edge"),
)
_SINCE_REGISTERED = 30


@transaction.atomic
def build(office: Person, people: dict[str, Person], organisations: dict[str, Organisation], today: date) -> None:
    """Projects and assets by the office; shares agreed, waiting and declined; one income divided and one waiting."""
    speakers = {"yunji": people["hr"], "saltmarsh": people["hr.ic"]}
    made: list[Asset] = []
    for plan, asset in zip(PROJECTS, ASSETS, strict=True):
        project = _project(office, organisations, today, plan)
        recorded = _asset(office, project, len(made), asset)
        made.append(recorded)
        if plan.adopter:
            claim = services.claim_conversion(
                actor=office,
                asset=recorded,
                kind="adoption",
                party=organisations[plan.adopter],
                happened_on=today - timedelta(days=plan.converted),
                evidence="示例：验收报告与上线记录",
            )
            if plan.adopter in speakers:
                services.confirm_conversion(actor=speakers[plan.adopter], conversion=claim)
    _shares(office, people, made, today)
    _money(office, people["hr"], made[1], organisations, today)


def _project(office: Person, organisations: dict[str, Organisation], today: date, plan: Plan) -> Project:
    project = services.record_project(
        actor=office,
        name_zh=plan.name_zh,
        name_en=plan.name_en,
        host=organisations[plan.host],
        partners=[organisations[plan.partner]],
        field=plan.field,
        started_on=today - timedelta(days=plan.started),
    )
    if plan.closed:
        day = today - timedelta(days=plan.closed)
        project = services.close_project(actor=office, project=project, closed_on=day, revision=project.revision)
    return project


def _number(kind: str, year: int, place: int) -> str:
    """A number of the right form that belongs to nobody in particular."""
    if kind == AssetKind.PATENT:
        serial = f"{year}1000{place:04d}"
        return f"ZL{serial}.{check_digit(serial)}"
    return f"{year}SR{place:07d}" if kind == AssetKind.SOFTWARE else ""


def _asset(office: Person, project: Project, place: int, row: tuple[AssetKind, str, str]) -> Asset:
    kind, name_zh, name_en = row
    registered = (project.closed_on or project.started_on) + timedelta(days=_SINCE_REGISTERED)
    return services.record_asset(
        actor=office,
        data=AssetData(
            project=project,
            kind=kind,
            name_zh=name_zh,
            name_en=name_en,
            number=_number(kind, registered.year, place),
            registered_on=registered,
            owners=[project.host, *project.partners.all()],
        ),
    )


def _agree(version: ShareVersion) -> None:
    for share in version.shares.select_related("person", "version"):
        if share.person is not None:
            services.agree(
                actor=share.person,
                share=share,
                digest=version.digest,
                confirmed_at=timezone.now(),
                confirmed_by="password",
            )


def _shares(office: Person, people: dict[str, Person], made: list[Asset], today: date) -> None:
    """Agreed in thirds, agreed by points, waiting for the student, and declined by the mentor."""
    teacher, student, mentor = people["teacher"], people["student"], people["mentor"]
    begin = today - timedelta(days=700)
    thirds = [
        ShareLine("算法设计", person=teacher, share=Fraction(1, 3)),
        ShareLine("数据标注与训练", person=student, share=Fraction(1, 3)),
        ShareLine("产线部署", person=mentor, share=Fraction(1, 3)),
    ]
    _agree(services.propose_shares(actor=office, asset=made[1], valid_from=begin, lines=thirds))
    points = [
        ShareLine("测试方案", person=teacher, points=5),
        ShareLine("脚本实现", person=student, points=2),
    ]
    _agree(services.propose_shares(actor=office, asset=made[3], valid_from=begin, lines=points))
    halves = [
        ShareLine("权利要求撰写", person=teacher, share=Fraction(1, 2)),
        ShareLine("实验验证", person=student, share=Fraction(1, 2)),
    ]
    waiting = services.propose_shares(actor=office, asset=made[0], valid_from=today, lines=halves)
    first = waiting.shares.get(person=teacher)
    services.agree(
        actor=teacher,
        share=first,
        digest=waiting.digest,
        confirmed_at=timezone.now(),
        confirmed_by="password",
    )
    declined = services.propose_shares(
        actor=office,
        asset=made[5],
        valid_from=today,
        lines=[ShareLine("案例撰写", person=teacher, points=9), ShareLine("现场数据", person=mentor, points=1)],
    )
    services.decline_shares(
        actor=mentor, share=declined.shares.get(person=mentor), reason="现场数据采集的工作量未计入。"
    )


def _money(office: Person, hr: Person, asset: Asset, organisations: dict[str, Organisation], today: date) -> None:
    """A licence that waits, a fee that was divided, a royalty that waits for the office, and one reversed."""
    services.offer_licence(
        actor=office,
        asset=asset,
        licensee=organisations["saltmarsh"],
        first_day=today,
        last_day=today + timedelta(days=730),
        fields=["ai", "ic"],
        fee=Decimal("120000"),
        royalty="净销售额的 2%",
    )
    for amount, days, document, kind in (
        ("80000.00", 400, "示例-2025-017", IncomeKind.FEE),
        ("12345.67", 60, "示例-2026-041", IncomeKind.ROYALTY),
        ("3000.00", 45, "示例-2026-052", IncomeKind.OTHER),
    ):
        income = services.record_income(
            actor=hr,
            asset=asset,
            kind=kind,
            amount=Decimal(amount),
            received_on=today - timedelta(days=days),
            document=document,
        )
        if kind == IncomeKind.FEE:
            services.distribute(actor=office, income=income)
        elif kind == IncomeKind.OTHER:
            services.reverse_income(actor=office, income=income, reason="示例：重复入账")
