"""How the demonstration's chains came to be: confirmations, supplies, regions, declared facts, applications.

All of it is invented and goes through the services that people use; a second member of the office does the second part.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.community import selectors
from ronghe.apps.community import services as community
from ronghe.apps.community.models import (
    Admission,
    Chain,
    FactKind,
    Organisation,
    RefusalReason,
    Region,
    RoleKind,
    Standing,
    Verdict,
)
from ronghe.apps.demo.cast import EMAIL_DOMAIN

_BASIS = "已查看营业执照（示例）"
# Field of the chain, supplier, customer, what is supplied in both languages.
_SUPPLIES = (
    ("ic", "xingqiao", "nanyu", "射频芯片设计", "RF chip design"),
    ("ic", "nanyu", "lixin", "晶圆", "Wafers"),
    ("ic", "lixin", "saltmarsh", "封装与测试", "Assembly and test"),
    ("ic", "quillstone", "xingqiao", "模拟电路 IP", "Analogue IP"),
    ("ic", "saltmarsh", "nanyu", "功率器件", "Power devices"),
    ("comm", "papercrane", "yunji", "基站射频模块", "Radio modules"),
    ("comm", "yunji", "heguang", "5G 工业网关", "5G industrial gateways"),
    ("comm", "heguang", "jian", "运动控制器", "Motion controllers"),
    ("comm", "mingcha", "jian", "机器视觉模组", "Vision modules"),
    ("comm", "lanternfish", "mingcha", "边缘计算板卡", "Edge boards"),
)
_CORES = (("440100", ("440600", "441200")), ("440300", ("441900",)))
# Leader, insured staff, whether a second person has confirmed it.
_INSURED = (("yunji", 412, True), ("nanyu", 268, True), ("haique", 355, False))


@transaction.atomic
def build(office: Person, organisations: dict[str, Organisation], today: date) -> None:
    """Add to the chains that stand already what their members did."""
    second = accounts.add_person(actor=office, email=f"office.second@{EMAIL_DOMAIN}", name="梁若兰")
    community.appoint(
        actor=office,
        person=second,
        organisation=organisations["duanjiang"],
        kind=RoleKind.OFFICE,
        valid_from=today - timedelta(days=400),
    )
    for organisation in organisations.values():
        community.confirm_organisation(actor=second, organisation=organisation, basis=_BASIS)
    community.register_organisation(
        actor=office,
        kind="enterprise",
        name_zh="南屿半导体股份有限公司（示例）",
        name_en="Nanyu Semiconductor Co., Ltd. (Example)",
        region=organisations["nanyu"].region,
    )
    chains = {chain.field: chain for chain in Chain.objects.all()}
    _supplies(office, organisations, chains, today)
    _regions(office, today)
    _facts(office, second, organisations, today)
    _applications(office, second, organisations, chains)


def _supplies(office: Person, organisations: dict[str, Organisation], chains: dict[str, Chain], today: date) -> None:
    for field, chain in chains.items():
        community.record_supplies(
            actor=office,
            chain=chain,
            supplies=[
                community.Supply(
                    organisations[supplier], organisations[customer], goods_zh, goods_en, today - timedelta(days=90)
                )
                for where, supplier, customer, goods_zh, goods_en in _SUPPLIES
                if where == field
            ],
        )


def _regions(office: Person, today: date) -> None:
    regions = {region.code: region for region in Region.objects.all()}
    since = today - timedelta(days=300)
    for core, satellites in _CORES:
        community.place_region(actor=office, region=regions[core], standing=Standing.CORE, valid_from=since)
        for satellite in satellites:
            community.place_region(
                actor=office,
                region=regions[satellite],
                standing=Standing.SATELLITE,
                core=regions[core],
                valid_from=since,
            )


def _facts(office: Person, second: Person, organisations: dict[str, Organisation], today: date) -> None:
    since = today - timedelta(days=120)
    for leader, insured, is_confirmed in _INSURED:
        fact = community.declare_fact(
            actor=second,
            organisation=organisations[leader],
            kind=FactKind.INSURED_STAFF,
            value=Decimal(insured),
            valid_from=since,
            evidence="社保缴费清单（示例）",
        )
        if is_confirmed:
            community.confirm_fact(actor=office, fact=fact)
    clean = community.declare_fact(
        actor=second,
        organisation=organisations["yunji"],
        kind=FactKind.VIOLATIONS,
        value=Decimal(0),
        valid_from=today - timedelta(days=4 * 365),
        evidence="信用信息查询结果（示例）",
    )
    community.confirm_fact(actor=office, fact=clean)


def _applications(
    office: Person, second: Person, organisations: dict[str, Organisation], chains: dict[str, Chain]
) -> None:
    """One that waits for the office, one at the second gate, one refused."""
    waiting = _apply(second, chains["comm"], organisations["saltmarsh"], "功率器件可用于 5G 电源，需要测试工程师。")
    _hand_in(second, waiting)
    passed = _apply(second, chains["comm"], organisations["lixin"], "可为射频模块提供封测产线。")
    _hand_in(second, passed)
    _decide(office, passed, Verdict.PASSED, "需求与本链射频测试岗位一致。")
    refused = _apply(second, chains["ic"], organisations["shiguang"], "希望参与芯片验证算法。")
    _hand_in(second, refused)
    _decide(office, refused, Verdict.REFUSED, "本链目前没有算法岗位需求。", ground=RefusalReason.NO_DEMAND)


def _apply(actor: Person, chain: Chain, organisation: Organisation, statement: str) -> Admission:
    return community.apply_to_chain(actor=actor, chain=chain, organisation=organisation, statement=statement)


def _hand_in(actor: Person, admission: Admission) -> None:
    step = admission.steps.get()
    step.admission = admission
    for criterion in selectors.criteria_of(step):
        community.add_evidence(actor=actor, admission=admission, criterion=criterion, text="见用工计划（示例）")
    community.submit_gate(actor=actor, admission=admission)


def _decide(office: Person, admission: Admission, verdict: Verdict, reason: str, *, ground: str = "") -> None:
    revision = Admission.objects.get(pk=admission.pk).revision
    community.decide_gate(
        actor=office, admission=admission, revision=revision, verdict=verdict, reason=reason, ground=ground
    )
