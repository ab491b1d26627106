"""Obligations: what the rules in force ask of each subject on a day, judged in a handful of queries.

Each metric is asked once for all subjects and each window, whatever the number of subjects and rules on it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Measurement, Window
from ronghe.apps.policies import expected, subjects
from ronghe.apps.policies.content import RuleEntry, RuleSetContent
from ronghe.apps.policies.models import Exemption, RuleSetVersion, VersionState
from ronghe.apps.policies.subjects import SubjectKind
from ronghe.methods.rules import Judgement, Operator, Reading, Reason, Verdict, judge

# The order in which verdicts are listed: what needs somebody first.
ORDER = (Verdict.RED, Verdict.AMBER, Verdict.NO_DATA, Verdict.GREEN, Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Moment:
    """The day asked about, "as it was"; with `known_at`, "as it was known" at that time."""

    day: date
    known_at: datetime | None = None

    def pinned(self) -> "Moment":
        """The same with its moment of knowledge named."""
        return self if self.known_at is not None else replace(self, known_at=timezone.now())


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule as one version of its set has it."""

    version: RuleSetVersion
    content: RuleSetContent
    entry: RuleEntry


@dataclass(frozen=True, slots=True)
class Obligation:
    """What one rule says of one subject: the verdict, the number it rests on, the exemption that lifts it, if any."""

    asked: Asked
    kind: SubjectKind
    key: int
    window: Window
    judgement: Judgement
    measurement: Measurement | None
    exemption: Exemption | None

    @property
    def entry(self) -> RuleEntry:
        """The rule with its words."""
        return self.asked.entry

    @property
    def verdict(self) -> Verdict:
        """Red, amber, green, "not applicable" or "no data"."""
        return self.judgement.verdict

    @property
    def why(self) -> str:
        """The reason of the verdict as a sentence."""
        return explain(self)


def current_versions(known_at: datetime | None = None) -> list[RuleSetVersion]:
    """The newest published version of each set, as known at `known_at`."""
    found = RuleSetVersion.objects.filter(state=VersionState.PUBLISHED).select_related("rule_set")
    if known_at is not None:
        found = found.filter(decided_at__lte=known_at)
    newest: dict[int, RuleSetVersion] = {}
    for version in found.order_by("rule_set__code", "-number"):
        newest.setdefault(version.rule_set_id, version)
    return list(newest.values())


def in_force(versions: Iterable[RuleSetVersion], day: date, kind: SubjectKind | None = None) -> list[Asked]:
    """The rules of `versions` in force on `day`, of one kind of subject or of all."""
    return [
        Asked(version, said, entry)
        for version in versions
        for said in [version.read]
        for entry in said.in_force(day)
        if kind is None or entry.subject == kind
    ]


def _readings(
    asked: Sequence[Asked], keys: Sequence[int], moment: Moment
) -> dict[tuple[str, date, date], Mapping[int, Measurement]]:
    """Each metric measured once for each window that a rule asks about."""
    measured: dict[tuple[str, date, date], Mapping[int, Measurement]] = {}
    for one in asked:
        rule = one.entry.rule
        spot = (rule.metric, *rule.window.days(moment.day))
        if spot in measured or not registry.is_registered(rule.metric):
            continue
        measured[spot] = registry.measure(rule.metric, keys, Window(spot[1], spot[2], moment.known_at))
    return measured


def obligations(
    kind: SubjectKind,
    found: Mapping[int, Any],
    moment: Moment,
    *,
    asked: Sequence[Asked] | None = None,
    judged_on: date | None = None,
) -> dict[int, list[Obligation]]:
    """Judge all rules on all subjects of one kind, by key of the subject.

    The number of queries depends on the rules alone. `asked` are other rules than those in force (a simulation), judged
    as if `judged_on` were the day while the measurements stay those of `moment`.
    """
    moment = moment.pinned()
    if asked is None:
        asked = in_force(current_versions(moment.known_at), moment.day, kind)
    if not asked or not found:
        return {key: [] for key in found}
    facts = subjects.facts_of(kind, found, moment.day, moment.known_at)
    measured = _readings(asked, list(found), moment)
    exempt = _exemptions(kind, moment)
    judged: dict[int, list[Obligation]] = {key: [] for key in found}
    for one in asked:
        rule = one.entry.rule
        first, last = rule.window.days(moment.day)
        window = Window(first, last, moment.known_at)
        of_metric = measured.get((rule.metric, first, last))
        for key, rows in judged.items():
            measurement = of_metric[key] if of_metric is not None else None
            exemption = exempt.get((one.version.rule_set_id, rule.key, key))
            judgement = judge(
                rule,
                day=judged_on or moment.day,
                facts=facts[key],
                reading=Reading(measurement.value, measurement.unit.value) if measurement is not None else None,
                is_exempt=exemption is not None,
            )
            rows.append(Obligation(one, kind, key, window, judgement, measurement, exemption))
    return judged


def _exemptions(kind: SubjectKind, moment: Moment) -> dict[tuple[int, str, int], Exemption]:
    found = Exemption.objects.standing_on(moment.day, moment.known_at).filter(subject_kind=kind)
    return {(one.rule_set_id, one.rule_key, one.subject_key): one for one in found}


@dataclass(frozen=True, slots=True)
class Line:
    """One subject of a board with its obligations, the worst first."""

    kind: SubjectKind
    subject: Any
    obligations: list[Obligation]

    @property
    def counts(self) -> Counter[Verdict]:
        """How many obligations have each verdict."""
        return Counter(one.verdict for one in self.obligations)

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of the subject; "no data" where nothing could be judged."""
        counts = self.counts
        return next((one for one in ORDER if counts[one]), Verdict.NO_DATA)

    @property
    def reds(self) -> list[Obligation]:
        """The broken rules."""
        return [one for one in self.obligations if one.verdict is Verdict.RED]


def board(kind: SubjectKind, moment: Moment, viewer: Any, *, only: Iterable[int] | None = None) -> list[Line]:
    """The subjects of a kind on a day that `viewer` may see, with their obligations; most broken rules first."""
    found = subjects.visible(viewer, kind, subjects.subjects_of(kind, moment.day), timezone.localdate())
    if only is not None:
        wanted = set(only)
        found = {key: one for key, one in found.items() if key in wanted}
    return lines_of(kind, found, moment)


def lines_of(kind: SubjectKind, found: Mapping[int, Any], moment: Moment) -> list[Line]:
    """The lines of certain subjects, most broken rules first; whoever shows them asks `visible` before."""
    judged = obligations(kind, found, moment)
    lines = [Line(kind, subject, _worst_first(judged[key])) for key, subject in found.items()]
    return sorted(lines, key=lambda line: [-line.counts[verdict] for verdict in ORDER])


def _worst_first(found: list[Obligation]) -> list[Obligation]:
    return sorted(found, key=lambda one: (ORDER.index(one.verdict), one.asked.version.rule_set_id, one.entry.key))


def of_subject(kind: SubjectKind, subject: Any, moment: Moment) -> list[Obligation]:
    """The obligations of one subject, the worst first."""
    return _worst_first(obligations(kind, {subject.pk: subject}, moment)[subject.pk])


_SIGNS = {
    Operator.AT_LEAST: "≥",
    Operator.AT_MOST: "≤",
    Operator.MORE_THAN: ">",
    Operator.LESS_THAN: "<",
    Operator.EQUAL_TO: "=",
    Operator.BETWEEN: "",
}


def threshold_text(entry: RuleEntry) -> str:
    """The threshold as a page writes it: "≥ 300", "≥ 60%", "6 – 12"."""
    threshold = entry.rule.threshold
    bounds = " – ".join(_plain(number, entry.unit.value) for number in threshold.bounds)
    return f"{_SIGNS[threshold.operator]} {bounds}".strip()


def _plain(number: float, unit: str) -> str:
    if unit in ("share", "relative change"):
        return f"{round(number * 100, 6):g}%"
    return f"{number:,.10g}"


def _rounded(number: float) -> float:
    return round(number, 4 if abs(number) < 1 else 2)


def _difference(number: float, unit: str) -> str:
    """How far a value is from a threshold; between two shares that is no share but percentage points."""
    if unit != "share":
        return _plain(number, unit)
    return _("%(number)s percentage points") % {"number": f"{round(number * 100, 6):g}"}


def _value(one: Obligation) -> float:
    return float((one.measurement.value if one.measurement else None) or 0)


def explain(one: Obligation) -> str:
    """Why the verdict is what it is, in a sentence."""
    entry, reason, unit = one.entry, one.judgement.reason, one.entry.unit.value
    match reason:
        case Reason.KEPT:
            return _("Kept: asked for is %(threshold)s.") % {"threshold": threshold_text(entry)}
        case Reason.KEPT_NARROWLY:
            return _("Kept, with less than the margin of %(margin)s to spare.") % {
                "margin": _difference(entry.rule.threshold.margin, unit)
            }
        case Reason.BROKEN:
            missing = abs(float(one.judgement.slack or 0))
            return _("Broken: %(value)s, asked for %(threshold)s, off by %(missing)s.") % {
                "value": _plain(_rounded(_value(one)), unit),
                "threshold": threshold_text(entry),
                "missing": _difference(_rounded(missing), unit),
            }
        case Reason.EXEMPT:
            return (
                _("Exempt until %(day)s: %(reason)s")
                % {"day": one.exemption.last_day.isoformat(), "reason": one.exemption.reason}
                if one.exemption
                else _("Exempt.")
            )
        case Reason.NOT_IN_FORCE:
            return _("Not in force on this day.")
        case Reason.OUT_OF_SCOPE:
            return _("The rule is not meant for this subject.")
        case Reason.SCOPE_UNKNOWN:
            return _("Whether the rule is meant for this subject is not recorded, such as its region.")
        case Reason.NOT_MEASURED:
            announced = expected.EXPECTED.get(entry.rule.metric)
            if announced is None:
                return _("Nobody measures this any more.")
            return _("Nothing measures this yet; the station “%(station)s” will.") % {"station": announced.station}
        case Reason.NO_VALUE:
            return _("There are no records to measure in this window.")
        case Reason.OTHER_UNIT:
            return _("The metric is measured in another unit since; the rule must be written anew.")
