"""Evaluates rules that are data: typed operators on a measured value, three-valued scopes, windows, carry-forward.

It knows no metric, no unit by name and no subject: whoever calls it hands over the facts and the reading.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from math import isfinite

# A margin or threshold typed as 0.3 means three tenths: the shortest decimal that names the binary number.
Number = float | int


class RuleError(ValueError):
    """A rule that cannot be: its bounds, unit, margin or dates contradict each other."""


class Operator(StrEnum):
    """How a value is compared. `between` takes two bounds, every other operator one."""

    AT_LEAST = "at least"
    AT_MOST = "at most"
    MORE_THAN = "more than"
    LESS_THAN = "less than"
    EQUAL_TO = "equal to"
    BETWEEN = "between"


class Verdict(StrEnum):
    """What a rule says of a subject on a day; the last two are never folded into the first three."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    NOT_APPLICABLE = "not applicable"
    NO_DATA = "no data"


class Reason(StrEnum):
    """Why the verdict is what it is."""

    KEPT = "kept"
    KEPT_NARROWLY = "kept narrowly"
    BROKEN = "broken"
    NOT_IN_FORCE = "not in force"
    EXEMPT = "exempt"
    OUT_OF_SCOPE = "out of scope"
    SCOPE_UNKNOWN = "scope unknown"
    NOT_MEASURED = "not measured"
    NO_VALUE = "no value"
    OTHER_UNIT = "other unit"


def exact(number: Number) -> Decimal:
    """The decimal that `number` is written as: 0.1 + 0.2 stays what it is, 0.3 is three tenths."""
    return Decimal(repr(number))


@dataclass(frozen=True, slots=True)
class Threshold:
    """What is asked of a value, in `unit`. `margin`: kept with less than this to spare is amber.

    Raises RuleError for a number of bounds that the operator does not take, bounds out of order, a negative margin,
    a margin with `equal to`, and numbers that are not finite.
    """

    operator: Operator
    bounds: tuple[Number, ...]
    unit: str
    margin: Number = 0

    def __post_init__(self) -> None:
        wanted = 2 if self.operator is Operator.BETWEEN else 1
        if len(self.bounds) != wanted:
            raise RuleError(f"“{self.operator}” takes {wanted} number(s), not {len(self.bounds)}")
        if not all(isfinite(number) for number in (*self.bounds, self.margin)):
            raise RuleError("a threshold is a finite number")
        if wanted == 2 and self.bounds[0] > self.bounds[1]:
            raise RuleError(f"the lower bound {self.bounds[0]} lies above the upper bound {self.bounds[1]}")
        if self.margin < 0:
            raise RuleError("a margin is not negative")
        if self.margin and self.operator is Operator.EQUAL_TO:
            raise RuleError("“equal to” leaves nothing to spare, so it takes no margin")

    def slack(self, value: Number) -> Decimal:
        """How far `value` is from breaking the rule, in its unit; negative by how much it is broken."""
        measured, bounds = exact(value), [exact(number) for number in self.bounds]
        match self.operator:
            case Operator.AT_LEAST | Operator.MORE_THAN:
                return measured - bounds[0]
            case Operator.AT_MOST | Operator.LESS_THAN:
                return bounds[0] - measured
            case Operator.EQUAL_TO:
                return -abs(measured - bounds[0])
            case Operator.BETWEEN:
                return min(measured - bounds[0], bounds[1] - measured)

    def is_kept(self, value: Number) -> bool:
        """Whether `value` satisfies the comparison."""
        slack = self.slack(value)
        return slack > 0 if self.operator in (Operator.MORE_THAN, Operator.LESS_THAN) else slack >= 0

    def grade(self, value: Number) -> Verdict:
        """Green or amber when kept, red when not: a broken rule is never amber."""
        if not self.is_kept(value):
            return Verdict.RED
        return Verdict.AMBER if self.margin and self.slack(value) < exact(self.margin) else Verdict.GREEN


@dataclass(frozen=True, slots=True)
class OneOf:
    """A condition of scope: the fact is one of the values. None when the fact is not known."""

    fact: str
    allowed: frozenset[str]

    def holds(self, facts: Mapping[str, str | None]) -> bool | None:
        """Whether the condition holds of a subject with these facts."""
        known = facts.get(self.fact)
        return None if known is None else known in self.allowed


@dataclass(frozen=True, slots=True)
class Within:
    """A condition of scope: the fact, a code that grows by its parts, begins with `prefix` (a region in a province)."""

    fact: str
    prefix: str

    def holds(self, facts: Mapping[str, str | None]) -> bool | None:
        """Whether the condition holds of a subject with these facts."""
        known = facts.get(self.fact)
        return None if known is None else known.startswith(self.prefix)


Condition = OneOf | Within


def applies(scope: Iterable[Condition], facts: Mapping[str, str | None]) -> bool | None:
    """Whether all conditions hold (Kleene's logic): one that fails settles it, else one unknown leaves it open."""
    answers = [condition.holds(facts) for condition in scope]
    if False in answers:
        return False
    return None if None in answers else True


class SpanKind(StrEnum):
    """The days that a rule looks at, seen from the day asked about."""

    DAY = "day"
    MONTHS = "months"
    CALENDAR_YEAR = "calendar year"


@dataclass(frozen=True, slots=True)
class Span:
    """A rule's window: the day itself, the last `months` months up to it, or its calendar year up to it."""

    kind: SpanKind
    months: int = 0

    def __post_init__(self) -> None:
        if (self.kind is SpanKind.MONTHS) != (self.months > 0):
            raise RuleError("a window of months names how many, and no other window does")

    def days(self, day: date) -> tuple[date, date]:
        """First and last day, both included. Raises RuleError before the calendar begins."""
        match self.kind:
            case SpanKind.DAY:
                return day, day
            case SpanKind.CALENDAR_YEAR:
                return date(day.year, 1, 1), day
            case SpanKind.MONTHS:
                return months_before(day, self.months) + timedelta(days=1), day


def months_before(day: date, months: int) -> date:
    """The same day of the month `months` earlier, or that month's last day. Raises RuleError before year 1."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    if year < 1:
        raise RuleError(f"{months} months before {day} there is no calendar")
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1) if (year, month) < (9999, 11) else None
    last = 31 if following is None else (following - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


@dataclass(frozen=True, slots=True)
class Validity:
    """When a rule is in force: from `first` on, and no longer on `until` (None: open)."""

    first: date
    until: date | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.until <= self.first:
            raise RuleError(f"the rule would end on {self.until}, not after it begins on {self.first}")

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on `day`."""
        return self.first <= day and (self.until is None or day < self.until)

    def overlaps(self, other: "Validity") -> bool:
        """Whether both are in force on at least one day."""
        return (other.until is None or self.first < other.until) and (self.until is None or other.first < self.until)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what is measured, in which window, against which threshold, of whom, and when it is in force."""

    key: str
    metric: str
    threshold: Threshold
    window: Span
    validity: Validity
    scope: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured; `value` None is "no data"."""

    value: Number | None
    unit: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reason, and how much is to spare (negative: missing) where a value was compared."""

    verdict: Verdict
    reason: Reason
    slack: Decimal | None = None


def judge(
    rule: Rule, *, day: date, facts: Mapping[str, str | None], reading: Reading | None, is_exempt: bool = False
) -> Judgement:
    """Judge one subject on `day`. `reading` None: nothing measures what the rule asks about.

    The order matters: what is not in force, exempt or out of scope is "not applicable" whatever was measured; an
    unknown scope, a missing measurement and one in another unit are "no data", never green or red.
    """
    if not rule.validity.holds_on(day):
        return Judgement(Verdict.NOT_APPLICABLE, Reason.NOT_IN_FORCE)
    if is_exempt:
        return Judgement(Verdict.NOT_APPLICABLE, Reason.EXEMPT)
    in_scope = applies(rule.scope, facts)
    if in_scope is False:
        return Judgement(Verdict.NOT_APPLICABLE, Reason.OUT_OF_SCOPE)
    if in_scope is None:
        return Judgement(Verdict.NO_DATA, Reason.SCOPE_UNKNOWN)
    if reading is None:
        return Judgement(Verdict.NO_DATA, Reason.NOT_MEASURED)
    if reading.unit != rule.threshold.unit:
        return Judgement(Verdict.NO_DATA, Reason.OTHER_UNIT)
    if reading.value is None or not isfinite(reading.value):
        return Judgement(Verdict.NO_DATA, Reason.NO_VALUE)
    verdict = rule.threshold.grade(reading.value)
    reason = {Verdict.RED: Reason.BROKEN, Verdict.AMBER: Reason.KEPT_NARROWLY}.get(verdict, Reason.KEPT)
    return Judgement(verdict, reason, rule.threshold.slack(reading.value))


def overlapping(rules: Sequence[Rule]) -> list[tuple[int, int]]:
    """Pairs of places of rules with one key that are in force on a common day, in order."""
    by_key: dict[str, list[int]] = {}
    for place, rule in enumerate(rules):
        by_key.setdefault(rule.key, []).append(place)
    return sorted(
        (earlier, later)
        for places in by_key.values()
        for number, earlier in enumerate(places)
        for later in places[number + 1 :]
        if rules[earlier].validity.overlaps(rules[later].validity)
    )


@dataclass(frozen=True, slots=True)
class DeductionYear:
    """One tax year of a deduction with carry-forward, in yuan: what was brought in, allowed, and is carried on."""

    brought: Decimal
    spent: Decimal
    limit: Decimal
    allowed: Decimal
    carried: Decimal


def carry_forward(
    rate: Decimal, years: Sequence[tuple[Decimal, Decimal]], brought: Decimal = Decimal(0)
) -> list[DeductionYear]:
    """Deduct each year's expense up to `rate` of its payroll; what exceeds it counts in the years after.

    `years` are pairs (expense, payroll) in order. What is allowed plus what is carried on is always what was spent
    plus what was brought in (Notice Caishui [2018] No. 51: 8% since 2018, the excess in later tax years).
    Raises RuleError for negative amounts and a rate outside 0–1.
    """
    if not 0 <= rate <= 1 or brought < 0 or any(amount < 0 for year in years for amount in year):
        raise RuleError("a rate lies between 0 and 1 and amounts are not negative")
    result: list[DeductionYear] = []
    for spent, payroll in years:
        limit = (rate * payroll).quantize(Decimal("0.01"), ROUND_HALF_UP)
        allowed = min(limit, spent + brought)
        result.append(DeductionYear(brought, spent, limit, allowed, spent + brought - allowed))
        brought = result[-1].carried
    return result
