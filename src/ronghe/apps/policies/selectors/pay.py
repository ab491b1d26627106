"""Pay tied to levels: a firm's published table, and what it promised a worker against what the payslip says."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ronghe.apps.policies import levels
from ronghe.apps.policies.levels import HeldLevel
from ronghe.apps.policies.models import PayLink, Payslip, UpliftKind
from ronghe.methods.rules import Verdict


def table_of(organisation: int, day: date) -> list[PayLink]:
    """A firm's pay table on a day."""
    return list(PayLink.objects.on(day).filter(organisation=organisation).order_by("post_zh", "level"))


@dataclass(frozen=True, slots=True)
class PayCheck:
    """A payslip against the firm's promise for the level held then: green, red, "not applicable" or "no data"."""

    payslip: Payslip
    level: HeldLevel | None
    link: PayLink | None
    promised: Decimal | None
    verdict: Verdict

    @property
    def missing(self) -> Decimal:
        """What is missing to the promise, in yuan; 0 when it is kept."""
        return max(Decimal(0), (self.promised or Decimal(0)) - self.payslip.paid)


def promised_pay(base: Decimal, link: PayLink) -> Decimal:
    """What a link promises on a base pay, in yuan a month."""
    more = base * link.uplift / 100 if link.kind == UpliftKind.RELATIVE else link.uplift
    return (base + more).quantize(Decimal("0.01"), ROUND_HALF_UP)


def checks(payslips: Sequence[Payslip]) -> list[PayCheck]:
    """Compare payslips with the promises of their firms, in three queries at most.

    The highest level held on the first day of the month counts, and the link for it in force that day. Without a
    certificate it is "not applicable"; without a station that could say so, "no data".
    """
    held = levels.held_by(sorted({one.person_id for one in payslips}))
    links: defaultdict[tuple[int, str, int], list[PayLink]] = defaultdict(list)
    firms = {one.organisation_id for one in payslips}
    for link in PayLink.objects.known().filter(organisation__in=firms) if firms else ():
        links[link.organisation_id, link.post_zh, link.level].append(link)
    return [_check(one, held[one.person_id], links) for one in payslips]


def _check(payslip: Payslip, held: Iterable[HeldLevel], links: Any) -> PayCheck:
    if not levels.has_source():
        return PayCheck(payslip, None, None, None, Verdict.NO_DATA)
    day = payslip.month
    for level in held:
        if not (level.held_from <= day and (level.held_until is None or day < level.held_until)):
            continue
        found = links.get((payslip.organisation_id, payslip.post_zh, level.ordinal), [])
        link = next((one for one in found if one.holds_on(day)), None)
        if link is not None:
            promised = promised_pay(payslip.base_pay, link)
            verdict = Verdict.GREEN if payslip.paid >= promised else Verdict.RED
            return PayCheck(payslip, level, link, promised, verdict)
    return PayCheck(payslip, None, None, None, Verdict.NOT_APPLICABLE)


def month_of(day: date) -> date:
    """The first day of the month of `day`."""
    return day - timedelta(days=day.day - 1)
