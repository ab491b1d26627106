"""Reads a rule set from TOML and refuses what is wrong with file, line and how to mend it. It writes nothing.

The files are described in docs/how-to/write-a-rule-set.md.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from ronghe.apps.metrics.measurement import Unit
from ronghe.apps.policies import content, expected
from ronghe.apps.policies.content import IncentiveKind, Severity, Standing
from ronghe.apps.policies.subjects import FACTS, SubjectKind
from ronghe.methods.rules import Operator, RuleError, SpanKind, Threshold, Validity, overlapping

LARGEST = 500_000
MOST_RULES = 500
_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_JURISDICTION = re.compile(r"CN|community|[1-9]\d{5}")
_HEADER = re.compile(r"\s*\[\[\s*([\w-]+)\s*\]\]")
_LONGEST_TEXT = 1_000

_TOP = {
    "code": True, "name_zh": True, "name_en": True, "jurisdiction": True, "authority_zh": True, "authority_en": True,
    "source": True, "standing": True, "note_zh": False, "note_en": False, "rules": False, "incentives": False,
}  # fmt: skip
_RULE = {
    "key": True, "name_zh": True, "name_en": True, "text_zh": True, "text_en": True, "clause_zh": True,
    "clause_en": True, "subject": True, "scope": False, "metric": True, "operator": True, "threshold": True,
    "unit": True, "window": True, "margin": False, "severity": True, "effective_from": True, "effective_until": False,
    "standing": False, "source": False,
}  # fmt: skip
_INCENTIVE = {
    "key": True, "name_zh": True, "name_en": True, "text_zh": True, "text_en": True, "clause_zh": True,
    "clause_en": True, "kind": True, "requires": False, "amount": False, "rate": False, "effective_from": True,
    "effective_until": False, "standing": False, "source": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in which line, and how to mend it."""

    line: int
    what: str
    mend: str


class RuleSetRefused(ValueError):
    """A file that cannot be loaded; `problems` in the order of their lines."""

    def __init__(self, filename: str, problems: list[Problem]) -> None:
        self.filename = filename
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """One line a problem: `file:line: what. mend`."""
        return [f"{self.filename}:{one.line}: {one.what} {one.mend}" for one in self.problems]


class _Lines:
    """Where the keys of a TOML text stand: the top of the file and each `[[table]]` by its place."""

    def __init__(self, text: str) -> None:
        self._blocks: dict[tuple[str, int], tuple[int, list[tuple[int, str]]]] = {("", 0): (1, [])}
        counts: dict[str, int] = {}
        current = ("", 0)
        for number, line in enumerate(text.splitlines(), start=1):
            if header := _HEADER.match(line):
                name = header[1]
                current = (name, counts.get(name, 0))
                counts[name] = current[1] + 1
                self._blocks[current] = (number, [])
            else:
                self._blocks[current][1].append((number, line))

    def find(self, table: str, place: int, key: str = "") -> int:
        """The line of `key` in that table; of the table's head when the key stands nowhere."""
        head, lines = self._blocks.get((table, place), (1, []))
        pattern = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]")
        return next((number for number, line in lines if key and pattern.match(line)), head)


class _Table:
    """One table of the file, read key by key; what is wrong is noted and reading goes on."""

    def __init__(self, said: Mapping[str, Any], name: str, place: int, lines: _Lines, problems: list[Problem]) -> None:
        self._said, self._name, self._place, self._lines, self._problems = said, name, place, lines, problems

    def wrong(self, key: str, what: str, mend: str) -> None:
        self._problems.append(Problem(self._lines.find(self._name, self._place, key), what, mend))

    def check_keys(self, known: Mapping[str, bool]) -> None:
        for key in self._said:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                mend = _("Did you mean “%(near)s”?") % {"near": near[0]} if near else _("Take it out.")
                self.wrong(key, _("There is no key “%(key)s” here.") % {"key": key}, mend)
        for key, is_needed in known.items():
            if is_needed and key not in self._said:
                self.wrong("", _("“%(key)s” is missing.") % {"key": key}, _("Add it to this table."))

    def get(self, key: str) -> Any:
        return self._said.get(key)

    def text(self, key: str) -> str:
        value = self._said.get(key, "")
        if not isinstance(value, str) or (key in self._said and not value.strip()) or len(value) > _LONGEST_TEXT:
            self.wrong(
                key,
                _("“%(key)s” is not a text of 1 to %(most)s characters.") % {"key": key, "most": _LONGEST_TEXT},
                _("Write it in quotation marks."),
            )
            return ""
        return value.strip()

    def choice(self, key: str, among: type[StrEnum] | type[SubjectKind], default: str = "") -> str:
        value = self._said.get(key, default)
        values = [str(one.value) for one in among]
        if value not in values:
            if key in self._said:
                self.wrong(
                    key,
                    _("“%(value)s” is no “%(key)s”.") % {"value": value, "key": key},
                    _("Choose one of: %(values)s.") % {"values": "、".join(values)},
                )
            return ""
        return str(value)

    def code(self, key: str) -> str:
        value = self.text(key)
        if value and not _CODE.fullmatch(value):
            self.wrong(
                key,
                _("“%(value)s” is not a code.") % {"value": value},
                _("Use small Latin letters, digits and hyphens, such as “chain-positions”."),
            )
        return value

    def day(self, key: str) -> str | None:
        value = self._said.get(key)
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            self.wrong(key, _("“%(key)s” is not a day.") % {"key": key}, _("Write it as 2026-01-31, without quotes."))
            return None
        return value.isoformat()

    def money(self, key: str) -> str | None:
        value = self._said.get(key)
        if value is None:
            return None
        try:
            amount = Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None
        except InvalidOperation:
            amount = None
        if amount is None or not amount.is_finite() or amount <= 0 or amount > 10**12:
            self.wrong(key, _("“%(key)s” is not a positive number.") % {"key": key}, _("Write it without quotes."))
            return None
        return str(amount)


def load(text: str, *, filename: str = "rules.toml") -> dict[str, Any]:
    """The content of a rule set, normalised for storing (`content.read` reads it). Raises RuleSetRefused.

    Refused: what does not parse, unknown and missing keys, unknown metrics, another unit or subject than the
    metric's, thresholds of another type, rules of one key in force on a common day, windows and scopes that cannot be.
    """
    if len(text) > LARGEST:
        raise RuleSetRefused(filename, [Problem(1, _("The file is too large."), _("Split it into several sets."))])
    try:
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise RuleSetRefused(
            filename,
            [
                Problem(
                    line, _("This is not TOML: %(error)s.") % {"error": error}, _("Mend the line and load it again.")
                )
            ],
        ) from error
    lines, problems = _Lines(text), list[Problem]()
    normal = _normalised(said, lines, problems)
    if not problems:
        problems += _contradictions(normal, lines)
    if problems:
        raise RuleSetRefused(filename, problems)
    return normal


def _tables(said: Mapping[str, Any], name: str, lines: _Lines, problems: list[Problem]) -> Iterator[_Table]:
    found = said.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        mend = _("Begin each with [[%(name)s]].") % {"name": name}
        problems.append(
            Problem(lines.find("", 0, name), _("“%(name)s” is not a list of tables.") % {"name": name}, mend)
        )
        return
    if len(found) > MOST_RULES:
        what = _("There are more than %(most)s entries.") % {"most": MOST_RULES}
        problems.append(Problem(lines.find(name, MOST_RULES), what, _("Split it into several sets.")))
        return
    for place, one in enumerate(found):
        yield _Table(one, name, place, lines, problems)


def _normalised(said: Mapping[str, Any], lines: _Lines, problems: list[Problem]) -> dict[str, Any]:
    top = _Table(said, "", 0, lines, problems)
    top.check_keys(_TOP)
    jurisdiction = top.text("jurisdiction")
    if jurisdiction and not _JURISDICTION.fullmatch(jurisdiction):
        top.wrong(
            "jurisdiction",
            _("“%(value)s” is no jurisdiction.") % {"value": jurisdiction},
            _("Write CN, community, or the six digits of a region such as 440000."),
        )
    return {
        "code": top.code("code"),
        "jurisdiction": jurisdiction,
        "source": top.text("source"),
        "standing": top.choice("standing", Standing),
        **_texts(top, "name", "authority", "note"),
        "rules": [_rule(table) for table in _tables(said, "rules", lines, problems)],
        "incentives": [_incentive(table) for table in _tables(said, "incentives", lines, problems)],
    }


def _texts(table: _Table, *names: str) -> dict[str, str]:
    keys = [f"{name}_{language}" for name in names for language in ("zh", "en")]
    return {key: table.text(key) for key in keys}


def _common(table: _Table) -> dict[str, Any]:
    first, until = table.day("effective_from"), table.day("effective_until")
    if first and until:
        try:
            Validity(date.fromisoformat(first), date.fromisoformat(until))
        except RuleError:
            table.wrong(
                "effective_until",
                _("It would end on %(until)s, not after it begins on %(first)s.") % {"until": until, "first": first},
                _("“effective_until” is the first day on which it no longer holds."),
            )
    return {
        "key": table.code("key"),
        **_texts(table, "name", "text", "clause"),
        "effective_from": first or "",
        "effective_until": until or "",
        "standing": table.choice("standing", Standing),
        "source": table.text("source"),
    }


def _rule(table: _Table) -> dict[str, Any]:
    table.check_keys(_RULE)
    subject, unit = table.choice("subject", SubjectKind), table.choice("unit", Unit)
    metric = table.text("metric")
    _check_metric(table, metric, subject, unit)
    return {
        **_common(table),
        "subject": subject,
        "scope": _scope(table, subject),
        "metric": metric,
        "unit": unit,
        "severity": table.choice("severity", Severity),
        "window": _window(table),
        **_threshold(table, unit),
    }


def _check_metric(table: _Table, metric: str, subject: str, unit: str) -> None:
    if not metric:
        return
    found = expected.find(metric)
    if found is None:
        near = get_close_matches(metric, expected.names(), n=1)
        table.wrong(
            "metric",
            _("Nobody measures “%(metric)s”.") % {"metric": metric},
            _("Did you mean “%(near)s”?") % {"near": near[0]} if near else _("The registry lists what is measured."),
        )
        return
    if unit and unit != found.unit:
        table.wrong(
            "unit",
            _("“%(metric)s” is measured in “%(right)s”, not in “%(unit)s”.")
            % {"metric": metric, "right": found.unit.value, "unit": unit},
            _('Write unit = "%(right)s" and a threshold in it.') % {"right": found.unit.value},
        )
    if subject and subject != found.subject:
        table.wrong(
            "subject",
            _("“%(metric)s” is not measured for “%(subject)s”.") % {"metric": metric, "subject": subject},
            _("Write subject = \"%(right)s\".") % {"right": found.subject.value}
            if found.subject
            else _("Choose another metric."),
        )  # fmt: skip


def _scope(table: _Table, subject: str) -> dict[str, list[str]]:
    said = table.get("scope")
    if said is None:
        return {}
    if not isinstance(said, dict):
        table.wrong("scope", _("“scope” is not a table."), _('Write for example scope = { tier = ["leader"] }.'))
        return {}
    scope: dict[str, list[str]] = {}
    for fact, allowed in said.items():
        known = FACTS.get(fact)
        if known is None or (subject and subject not in known):
            facts = [name for name, kinds in FACTS.items() if not subject or subject in kinds]
            table.wrong(
                "scope",
                _("“%(fact)s” is not known of “%(subject)s”.") % {"fact": fact, "subject": subject},
                _("Choose one of: %(values)s.") % {"values": "、".join(facts)},
            )
        elif not isinstance(allowed, list) or not allowed or not all(isinstance(one, str) for one in allowed):
            mend = _('Write for example scope = { tier = ["leader"] }.')
            table.wrong("scope", _("“%(fact)s” names no values.") % {"fact": fact}, mend)
        else:
            scope[fact] = sorted(set(allowed))
    return scope


def _window(table: _Table) -> dict[str, Any]:
    said = table.get("window")
    if said in (SpanKind.DAY.value, SpanKind.CALENDAR_YEAR.value):
        return {"kind": said, "months": 0}
    if (
        isinstance(said, dict)
        and set(said) == {"months"}
        and type(said["months"]) is int
        and 1 <= said["months"] <= 240
    ):
        return {"kind": SpanKind.MONTHS.value, "months": said["months"]}
    if said is not None:
        table.wrong(
            "window",
            _("“window” is no window."),
            _('Write "day", "calendar year" or { months = 24 } (1 to 240).'),
        )
    return {"kind": SpanKind.DAY.value, "months": 0}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**53


def _threshold(table: _Table, unit: str) -> dict[str, Any]:
    operator, said, margin = table.choice("operator", Operator), table.get("threshold"), table.get("margin")
    bounds = said if isinstance(said, list) else [said]
    if said is not None and not all(_is_number(one) for one in bounds):
        table.wrong("threshold", _("The threshold is not a number."), _("Write it without quotes, such as 300 or 0.6."))
        return {"operator": operator, "threshold": [], "margin": 0}
    if margin is not None and not _is_number(margin):
        table.wrong("margin", _("The margin is not a number."), _("Write it in the unit of the threshold, such as 15."))
        margin = 0
    if said is not None and operator:
        try:
            Threshold(Operator(operator), tuple(bounds), unit, margin or 0)
        except RuleError as error:
            table.wrong("threshold", _("The threshold cannot be: %(error)s.") % {"error": error}, _("Correct it."))
        if unit == Unit.SHARE and not all(0 <= one <= 1 for one in bounds):
            table.wrong("threshold", _("A share lies between 0 and 1."), _("Write 60 per cent as 0.6."))
    return {"operator": operator, "threshold": bounds if said is not None else [], "margin": margin or 0}


def _incentive(table: _Table) -> dict[str, Any]:
    table.check_keys(_INCENTIVE)
    kind = table.choice("kind", IncentiveKind)
    amount, rate = table.money("amount"), table.money("rate")
    if kind == IncentiveKind.PER_PERSON and amount is None:
        table.wrong("amount", _("An amount a person needs “amount”."), _("Write it in yuan a year, such as 5000."))
    if kind == IncentiveKind.DEDUCTION and (rate is None or Decimal(rate) > 1):
        table.wrong("rate", _("A deduction needs “rate”, a share of payroll."), _("Write 8 per cent as 0.08."))
    requires = table.get("requires") or []
    if not isinstance(requires, list) or not all(isinstance(one, str) for one in requires):
        table.wrong("requires", _("“requires” is not a list of rules."), _("Name rules of this file by their key."))
        requires = []
    return {**_common(table), "kind": kind, "amount": amount or "", "rate": rate or "", "requires": requires}


def _contradictions(normal: Mapping[str, Any], lines: _Lines) -> list[Problem]:
    problems: list[Problem] = []
    entries = content.read(normal)
    for earlier, later in overlapping([entry.rule for entry in entries.rules]):
        other, first = entries.rules[earlier].rule, lines.find("rules", earlier)
        problems.append(
            Problem(
                lines.find("rules", later, "effective_from"),
                _("“%(key)s” is in force on days on which the one of line %(line)s is, too.")
                % {"key": other.key, "line": first},
                _("Give the earlier one an “effective_until”, or the later one another key."),
            )
        )
    rules = {entry.key: entry for entry in entries.rules}
    kinds: dict[str, tuple[SubjectKind, int]] = {}
    for place, entry in enumerate(entries.rules):
        kind, first = kinds.setdefault(entry.key, (entry.subject, place))
        if kind != entry.subject:
            what = _("“%(key)s” asks another kind of subject than in line %(line)s.")
            problems.append(
                Problem(
                    lines.find("rules", place, "subject"),
                    what % {"key": entry.key, "line": lines.find("rules", first)},
                    _("Give it another key."),
                )
            )
    for place, incentive in enumerate(entries.incentives):
        for earlier, before in enumerate(entries.incentives[:place]):
            if before.key == incentive.key and before.validity.overlaps(incentive.validity):
                problems.append(
                    Problem(
                        lines.find("incentives", place, "effective_from"),
                        _("“%(key)s” is in force on days on which the one of line %(line)s is, too.")
                        % {"key": incentive.key, "line": lines.find("incentives", earlier)},
                        _("Give the earlier one an “effective_until”, or the later one another key."),
                    )
                )
        for key in incentive.requires:
            if key not in rules or rules[key].subject != SubjectKind.ENTERPRISE:
                problems.append(
                    Problem(
                        lines.find("incentives", place, "requires"),
                        _("This file has no rule “%(key)s” for enterprises.") % {"key": key},
                        _("Name rules of this file by their key."),
                    )
                )
    return problems
