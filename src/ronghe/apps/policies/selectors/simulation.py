"""What a proposed version changes: rule by rule against the one in force, and whose verdicts it would turn.

A simulation judges today's measurements by tomorrow's rules; it does not forecast what will be measured then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from ronghe.apps.policies import names, subjects
from ronghe.apps.policies.content import RuleEntry, RuleSetContent
from ronghe.apps.policies.models import RuleSetVersion, VersionState
from ronghe.apps.policies.selectors.obligations import (
    Asked,
    Moment,
    Obligation,
    in_force,
    obligations,
    threshold_text,
)
from ronghe.apps.policies.subjects import SubjectKind
from ronghe.methods.rules import OneOf

# How many turned verdicts a page lists; all are counted.
LISTED = 200


@dataclass(frozen=True, slots=True)
class Change:
    """One rule that a version adds, drops or changes, with what differs as (what, before, after)."""

    kind: str
    before: RuleEntry | None
    after: RuleEntry | None
    fields: tuple[tuple[str, str, str], ...]

    @property
    def entry(self) -> RuleEntry:
        """The rule as it is after, or was before when it is dropped."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change has a rule on at least one side")
        return found


def _said(entry: RuleEntry) -> dict[str, str]:
    rule = entry.rule
    first, until = rule.validity.first.isoformat(), rule.validity.until
    return {
        _("name"): str(entry.name),
        _("what is asked"): str(entry.text),
        _("clause"): str(entry.clause),
        _("metric"): rule.metric,
        _("threshold"): f"{threshold_text(entry)} ({entry.unit.label})",
        _("margin"): f"{rule.threshold.margin:g}",
        _("window"): window_text(entry),
        _("scope"): "、".join(scope_texts(entry)) or "—",
        _("in force"): f"{first} – {until.isoformat() if until else ''}".rstrip(),
        _("severity"): entry.severity.value,
        _("standing"): entry.standing.value,
        _("source"): entry.source,
    }


def window_text(entry: RuleEntry) -> str:
    """The rule's window in words."""
    window = entry.rule.window
    if window.months:
        return _("the last %(months)s months") % {"months": window.months}
    return _("the day itself") if window.kind == "day" else _("the calendar year so far")


def scope_texts(entry: RuleEntry) -> list[str]:
    """The conditions of the rule's scope in words; that of its jurisdiction is the set's and not repeated."""
    texts = []
    for condition in entry.rule.scope:
        if isinstance(condition, OneOf):
            values = "、".join(str(names.SCOPE_VALUES.get(value, value)) for value in sorted(condition.allowed))
            texts.append(f"{names.FACTS[condition.fact]}: {values}")
    return texts


def changes(before: RuleSetContent | None, after: RuleSetContent) -> list[Change]:
    """What differs between two contents, entry by entry (an entry is a key and the day from which it is in force)."""
    old = {(one.key, one.rule.validity.first): one for one in before.rules} if before else {}
    new = {(one.key, one.rule.validity.first): one for one in after.rules}
    found = []
    for spot in sorted(old.keys() | new.keys()):
        was, now = old.get(spot), new.get(spot)
        if was == now:
            continue
        kind = "added" if was is None else "dropped" if now is None else "changed"
        told, tells = (_said(was) if was else {}), (_said(now) if now else {})
        differing = tuple(
            (name, told.get(name, ""), tells.get(name, ""))
            for name in (tells or told)
            if told.get(name) != tells.get(name)
        )
        found.append(Change(kind, was, now, differing if kind == "changed" else ()))
    return found


def version_before(version: RuleSetVersion) -> RuleSetVersion | None:
    """The published version that this one follows."""
    return (
        RuleSetVersion.objects.filter(
            rule_set=version.rule_set_id, state=VersionState.PUBLISHED, number__lt=version.number
        )
        .select_related("rule_set")
        .order_by("-number")
        .first()
    )


@dataclass(frozen=True, slots=True)
class Turned:
    """A subject whose verdict on a rule would be another one; None where the rule would not ask it anything."""

    subject: Any
    entry: RuleEntry
    before: Obligation | None
    after: Obligation | None

    @property
    def verdicts(self) -> tuple[str, str]:
        """The verdict before and after; empty where there is no rule."""
        return (self.before.verdict.value if self.before else "", self.after.verdict.value if self.after else "")


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a version would change on `effect`, by measurements of `day`: the turned verdicts, and how many judged."""

    day: date
    effect: date
    turned: list[Turned]
    judged: int
    subjects: int


def effect_day(version: RuleSetVersion, before: RuleSetVersion | None, today: date) -> date:
    """The day on which the version first says something else: at the latest start of what it adds or changes."""
    found = changes(before.read if before else None, version.read)
    return max([today, *(one.after.rule.validity.first for one in found if one.after)])


def simulate(version: RuleSetVersion, *, today: date, effect: date | None = None) -> Simulation:
    """Judge today's measurements by `version` instead of the published one, for every subject its changes touch."""
    before = version_before(version)
    effect = effect or effect_day(version, before, today)
    touched = {one.entry.key for one in changes(before.read if before else None, version.read)}
    moment = Moment(today).pinned()
    turned: list[Turned] = []
    judged = people = 0
    for kind in SubjectKind:
        old = _touched(in_force([before] if before else [], effect, kind), touched)
        new = _touched(in_force([version], effect, kind), touched)
        if not old and not new:
            continue
        found = subjects.subjects_of(kind, today)
        people += len(found)
        was = obligations(kind, found, moment, asked=old, judged_on=effect)
        now = obligations(kind, found, moment, asked=new, judged_on=effect)
        for key, subject in found.items():
            told = {one.entry.key: one for one in was[key]}
            tells = {one.entry.key: one for one in now[key]}
            for name in sorted(told.keys() | tells.keys()):
                judged += 1
                one, other = told.get(name), tells.get(name)
                if (one.verdict if one else None) != (other.verdict if other else None):
                    entry = (other or one).entry  # type: ignore[union-attr]
                    turned.append(Turned(subject, entry, one, other))
    return Simulation(today, effect, turned, judged, people)


def _touched(asked: list[Asked], keys: set[str]) -> list[Asked]:
    return [one for one in asked if one.entry.key in keys]


def turned_counts(simulation: Simulation) -> Mapping[tuple[str, str], int]:
    """How many verdicts would turn from which to which."""
    counts: dict[tuple[str, str], int] = {}
    for one in simulation.turned:
        counts[one.verdicts] = counts.get(one.verdicts, 0) + 1
    return dict(sorted(counts.items()))
