"""Incentives: which stand on a day, whether a firm is eligible by the rules they name, and what a claim is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ronghe.apps.community.models import Organisation
from ronghe.apps.policies.content import IncentiveEntry, IncentiveKind, RuleSetContent
from ronghe.apps.policies.models import ClaimState, IncentiveClaim, RuleSetVersion
from ronghe.apps.policies.selectors.obligations import (
    Moment,
    Obligation,
    current_versions,
    in_force,
    obligations,
)
from ronghe.apps.policies.subjects import SubjectKind
from ronghe.methods.rules import Verdict, carry_forward

# What a firm declares for each kind of incentive; amounts in yuan.
DECLARED: Mapping[IncentiveKind, tuple[str, ...]] = {
    IncentiveKind.PER_PERSON: ("persons",),
    IncentiveKind.DEDUCTION: ("expense", "payroll", "brought"),
    IncentiveKind.FEE: ("hours", "fee"),
}


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether the rules that an incentive names hold of a firm: kept, broken, or not to be told ("no data")."""

    obligations: list[Obligation]

    @property
    def verdict(self) -> Verdict:
        """Green when all hold, red when one is broken or not meant for the firm, else "no data"."""
        verdicts = {one.verdict for one in self.obligations}
        if verdicts & {Verdict.RED, Verdict.NOT_APPLICABLE}:
            return Verdict.RED
        return Verdict.NO_DATA if Verdict.NO_DATA in verdicts else Verdict.GREEN


@dataclass(frozen=True, slots=True)
class Offer:
    """An incentive in force, from which version, and how a firm stands to it."""

    version: RuleSetVersion
    content: RuleSetContent
    incentive: IncentiveEntry
    eligibility: Eligibility


def offers(firms: Sequence[Organisation], day: date) -> dict[int, list[Offer]]:
    """The incentives in force on `day` and whether each firm is eligible, by key of the firm."""
    versions = current_versions()
    standing = [
        (version, said, incentive)
        for version in versions
        for said in [version.read]
        for incentive in said.incentives
        if incentive.validity.holds_on(day)
    ]
    needed = {(version.pk, key) for version, _said, incentive in standing for key in incentive.requires}
    asked = [
        one
        for one in in_force(versions, day, SubjectKind.ENTERPRISE)
        if (one.version.pk, one.entry.key) in needed
    ]  # fmt: skip
    judged = obligations(SubjectKind.ENTERPRISE, {firm.pk: firm for firm in firms}, Moment(day), asked=asked)
    return {
        firm.pk: [
            Offer(
                version,
                said,
                incentive,
                Eligibility(
                    [
                        one
                        for one in judged[firm.pk]
                        if one.asked.version.pk == version.pk and one.entry.key in incentive.requires
                    ]
                ),
            )
            for version, said, incentive in standing
        ]
        for firm in firms
    }


def offer(firm: Organisation, code: str, key: str, day: date) -> Offer | None:
    """One incentive for one firm; None when it is not in force on `day`."""
    for one in offers([firm], day)[firm.pk]:
        if one.version.rule_set.code == code and one.incentive.key == key:
            return one
    return None


def claims_of(user: Any, *, limit: int) -> list[IncentiveClaim]:
    """The newest claims that `user` may see."""
    found = IncentiveClaim.objects.visible_to(user).select_related("organisation", "version__rule_set")
    return list(found[:limit])


def carried_from(firm: Organisation, key: str, year: int) -> Decimal:
    """What the firm's claim of the year before carries on; 0 without one."""
    before = (
        IncentiveClaim.objects.filter(organisation=firm, incentive_key=key, year=year - 1)
        .exclude(state=ClaimState.REFUSED)
        .first()
    )
    return Decimal(before.declared.get("carried", "0")) if before is not None else Decimal(0)


def worth(incentive: IncentiveEntry, declared: Mapping[str, Decimal]) -> tuple[Decimal, dict[str, str]]:
    """The amount that follows from what was declared, in yuan, and all figures behind it as text.

    Of a deduction the amount is the expense that may be deducted from taxable income, not the tax saved.
    """
    figures: dict[str, Any] = {name: declared[name] for name in DECLARED[incentive.kind]}
    match incentive.kind:
        case IncentiveKind.PER_PERSON:
            amount = (incentive.amount or Decimal(0)) * declared["persons"]
        case IncentiveKind.FEE:
            amount = declared["hours"] * declared["fee"]
        case IncentiveKind.DEDUCTION:
            year = carry_forward(
                incentive.rate or Decimal(0), [(declared["expense"], declared["payroll"])], declared["brought"]
            )[0]
            amount = year.allowed
            figures |= {"limit": year.limit, "carried": year.carried}
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP), {name: str(value) for name, value in figures.items()}
