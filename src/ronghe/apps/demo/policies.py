"""The demonstration's policies: rule sets, a proposal that waits, a claim, pay by level, a signed decision."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from importlib.resources import files

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import Chain, Organisation, RoleKind
from ronghe.apps.policies import services
from ronghe.apps.policies.models import ClaimState, RuleSet, UpliftKind
from ronghe.apps.policies.selectors.obligations import Moment
from ronghe.apps.policies.subjects import SubjectKind

_GUANGDONG = "guangdong-skill-chains-2025"
# Level, post, what is promised: an invented table; the first line is the study's +40% for a senior packaging worker.
_PAY = (
    (4, "芯片封装工艺", "Chip packaging", UpliftKind.RELATIVE, Decimal(40)),
    (5, "芯片封装工艺", "Chip packaging", UpliftKind.RELATIVE, Decimal(55)),
    (3, "射频测试", "Radio-frequency testing", UpliftKind.YUAN, Decimal(800)),
    (4, "射频测试", "Radio-frequency testing", UpliftKind.YUAN, Decimal(1_500)),
)


def build(office: Person, people: Mapping[str, Person], today: date) -> None:
    """Build the policies on top of chains and people."""
    services.load_shipped(actor=office)
    _propose(office)
    hr, reviewer = people["hr"], people["reviewer"]
    firm = Organisation.objects.get(pk=min(standing.organisations(hr, RoleKind.ENTERPRISE_HR)))
    _claim(hr, firm, today)
    _pay(hr, firm, today)
    _review(office, reviewer, today)


def _propose(office: Person) -> None:
    """The reading of "300 a year" instead of "within two years": the window is a parameter."""
    text = (files("ronghe.apps.policies") / "data" / f"{_GUANGDONG}.toml").read_text(encoding="utf-8")
    stricter = text.replace("window = { months = 24 }", "window = { months = 12 }")
    services.propose_version(
        actor=office, text=stricter, note="岗位数改按每年考核（示例）", code=_GUANGDONG, filename=f"{_GUANGDONG}.toml"
    )


def _claim(hr: Person, firm: Organisation, today: date) -> None:
    claim = services.draft_claim(
        actor=hr,
        organisation=firm,
        code="training-expense-deduction-2018",
        incentive_key="training-expense-deduction",
        year=today.year - 1,
        declared={"expense": Decimal(1_060_000), "payroll": Decimal(12_500_000), "brought": Decimal(0)},
    )
    services.move_claim(actor=hr, claim=claim, revision=claim.revision, state=ClaimState.FILED, day=today)


def _pay(hr: Person, firm: Organisation, today: date) -> None:
    for level, post_zh, post_en, kind, uplift in _PAY:
        services.publish_pay_link(
            actor=hr,
            organisation=firm,
            level=level,
            post_zh=post_zh,
            post_en=post_en,
            kind=kind,
            uplift=uplift,
            valid_from=today,
        )


def _review(office: Person, reviewer: Person, today: date) -> None:
    chain = Chain.objects.order_by("pk").first()
    if chain is None:
        return
    services.sign_decision(
        actor=reviewer,
        kind=SubjectKind.CHAIN,
        key=chain.pk,
        moment=Moment(today),
        note="带动企业数待补充材料（示例）。",
    )
    services.ask_question(
        actor=reviewer,
        kind=SubjectKind.CHAIN,
        key=chain.pk,
        rule_set=RuleSet.objects.get(code=_GUANGDONG),
        rule_key="chain-firms-brought-in",
        day=today,
        text="请说明哪些企业由链主带动加入，并附材料（示例）。",
    )
