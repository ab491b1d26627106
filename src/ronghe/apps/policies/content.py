"""What a rule set says, as frozen objects: rules and incentives with their texts in both languages.

`loading` makes it from TOML and refuses what is wrong; a stored version is read back from its canonical JSON here.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language

from ronghe.apps.metrics.measurement import Unit
from ronghe.apps.policies.subjects import SubjectKind
from ronghe.methods.rules import Condition, OneOf, Operator, Rule, Span, SpanKind, Threshold, Validity, Within
from ronghe.trust.canonical import canonical_json

# Who made the rules: the nation, a region by its code (GB/T 2260), or the community for itself.
NATION, OWN = "CN", "community"


class Standing(StrEnum):
    """How sure it is that the clause says so: its text was read, or somebody claims it."""

    TEXT_SEEN = "text seen"
    CLAIM = "claim"


class Severity(StrEnum):
    """How much a broken rule weighs in lists and mail."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class IncentiveKind(StrEnum):
    """How the amount of an incentive follows from what a firm declares."""

    PER_PERSON = "per person"
    DEDUCTION = "deduction"
    FEE = "fee"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages; a page shows the reader's."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if (get_language() or "").startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """One rule of a set: what `methods.rules` judges, with whom it is asked of, its clause and its words."""

    rule: Rule
    subject: SubjectKind
    name: Text
    text: Text
    clause: Text
    standing: Standing
    source: str
    severity: Severity
    # The region of the jurisdiction is a condition of every rule; pages do not repeat it as scope.
    has_region: bool

    @property
    def key(self) -> str:
        """The rule's name within its set; entries of one key follow one another in time."""
        return self.rule.key

    @property
    def unit(self) -> Unit:
        """The unit of value and threshold."""
        return Unit(self.rule.threshold.unit)


@dataclass(frozen=True, slots=True)
class IncentiveEntry:
    """One incentive of a set: who is eligible (rules of the same set by key) and what it is worth."""

    key: str
    kind: IncentiveKind
    name: Text
    text: Text
    clause: Text
    requires: tuple[str, ...]
    validity: Validity
    amount: Decimal | None
    rate: Decimal | None
    standing: Standing
    source: str


@dataclass(frozen=True, slots=True)
class RuleSetContent:
    """A whole rule set as one version has it."""

    code: str
    name: Text
    jurisdiction: str
    authority: Text
    source: str
    standing: Standing
    note: Text
    rules: tuple[RuleEntry, ...]
    incentives: tuple[IncentiveEntry, ...]

    def in_force(self, day: date) -> list[RuleEntry]:
        """The rules in force on `day`."""
        return [entry for entry in self.rules if entry.rule.validity.holds_on(day)]

    def history(self, key: str) -> list[RuleEntry]:
        """The entries of one key, by the day they begin."""
        return sorted((one for one in self.rules if one.key == key), key=lambda one: one.rule.validity.first)

    def incentive(self, key: str, day: date) -> IncentiveEntry | None:
        """The incentive `key` as it stands on `day`."""
        return next((one for one in self.incentives if one.key == key and one.validity.holds_on(day)), None)


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON (RFC 8785) of a rule set's content, as hexadecimal text."""
    return hashlib.sha256(canonical_json(dict(content))).hexdigest()


@lru_cache(maxsize=256)
def _read(digest: str, text: str) -> RuleSetContent:
    import json

    return read(json.loads(text))


def stored(digest: str, text: str) -> RuleSetContent:
    """The content of a stored version, read once: a digest always names the same text."""
    return _read(digest, text)


def read(content: Mapping[str, Any]) -> RuleSetContent:
    """Read what `loading.normalised` wrote."""
    standing, source = Standing(content["standing"]), content["source"]
    jurisdiction = content["jurisdiction"]
    return RuleSetContent(
        code=content["code"],
        name=_text(content, "name"),
        jurisdiction=jurisdiction,
        authority=_text(content, "authority"),
        source=source,
        standing=standing,
        note=_text(content, "note"),
        rules=tuple(_rule(one, jurisdiction, standing, source) for one in content["rules"]),
        incentives=tuple(_incentive(one, standing, source) for one in content["incentives"]),
    )


def _text(table: Mapping[str, Any], name: str) -> Text:
    return Text(table.get(f"{name}_zh", ""), table.get(f"{name}_en", ""))


def _validity(table: Mapping[str, Any]) -> Validity:
    until = table.get("effective_until")
    return Validity(date.fromisoformat(table["effective_from"]), date.fromisoformat(until) if until else None)


def region_prefix(jurisdiction: str) -> str:
    """The beginning of the codes of all regions in a jurisdiction; empty where every region is meant."""
    if jurisdiction in (NATION, OWN):
        return ""
    # 440000 is a province with its cities 44xxxx, 440300 a city with its districts 4403xx.
    return jurisdiction[:2] if jurisdiction.endswith("0000") else jurisdiction.removesuffix("00")


def _rule(table: Mapping[str, Any], jurisdiction: str, standing: Standing, source: str) -> RuleEntry:
    subject = SubjectKind(table["subject"])
    prefix = region_prefix(jurisdiction)
    has_region = bool(prefix) and subject is not SubjectKind.COMMUNITY
    scope: list[Condition] = [Within("region", prefix)] if has_region else []
    scope += [OneOf(fact, frozenset(allowed)) for fact, allowed in sorted(table["scope"].items())]
    bounds = table["threshold"]
    return RuleEntry(
        rule=Rule(
            key=table["key"],
            metric=table["metric"],
            threshold=Threshold(Operator(table["operator"]), tuple(bounds), table["unit"], table["margin"]),
            window=Span(SpanKind(table["window"]["kind"]), table["window"]["months"]),
            validity=_validity(table),
            scope=tuple(scope),
        ),
        subject=subject,
        name=_text(table, "name"),
        text=_text(table, "text"),
        clause=_text(table, "clause"),
        standing=Standing(table.get("standing") or standing),
        source=table.get("source") or source,
        severity=Severity(table["severity"]),
        has_region=has_region,
    )


def _incentive(table: Mapping[str, Any], standing: Standing, source: str) -> IncentiveEntry:
    return IncentiveEntry(
        key=table["key"],
        kind=IncentiveKind(table["kind"]),
        name=_text(table, "name"),
        text=_text(table, "text"),
        clause=_text(table, "clause"),
        requires=tuple(table["requires"]),
        validity=_validity(table),
        amount=Decimal(table["amount"]) if table.get("amount") else None,
        rate=Decimal(table["rate"]) if table.get("rate") else None,
        standing=Standing(table.get("standing") or standing),
        source=table.get("source") or source,
    )
