"""From a policy's text to its effect: clause, dated parameter, metric, and the registered estimate, if there is one.

No effect is claimed without an estimate: estimates are a higher station's, which registers here who can name them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ronghe.apps.policies import expected
from ronghe.apps.policies.content import RuleEntry, RuleSetContent
from ronghe.apps.policies.models import RuleSetVersion
from ronghe.apps.policies.selectors.obligations import current_versions


@dataclass(frozen=True, slots=True)
class Estimate:
    """A registered estimate of a policy's effect on a metric, as evaluation states it."""

    metric: str
    design: str
    verdict: str
    effect: float | None
    low: float | None
    high: float | None
    unit: str
    registered_on: date
    url: str


# Answers for metrics by name with the estimates registered for them.
Source = Callable[[Sequence[str]], Mapping[str, Sequence[Estimate]]]

_sources: dict[str, Source] = {}


def register_source(name: str, source: Source) -> None:
    """Register who can name estimates of effects; called by the app that evaluates."""
    if name in _sources:
        raise ValueError(f"estimates of {name!r} are registered twice")
    _sources[name] = source


@dataclass(frozen=True, slots=True)
class Parameter:
    """A clause's parameter over time (the entries of one key), the metric it acts on, the estimates of its effect."""

    version: RuleSetVersion
    content: RuleSetContent
    entries: list[RuleEntry]
    metric: expected.Measured | None
    estimates: list[Estimate]

    @property
    def entry(self) -> RuleEntry:
        """The newest entry."""
        return self.entries[-1]


def parameters() -> list[Parameter]:
    """Every clause of the published rule sets with its dated parameter, metric and estimates."""
    found = [
        (version, said, said.history(key))
        for version in current_versions()
        for said in [version.read]
        for key in dict.fromkeys(entry.key for entry in said.rules)
    ]
    names = sorted({entries[-1].rule.metric for _version, _said, entries in found})
    estimates: dict[str, list[Estimate]] = {}
    for source in _sources.values():
        for name, more in source(names).items():
            estimates.setdefault(name, []).extend(more)
    return [
        Parameter(
            version,
            said,
            entries,
            expected.find(entries[-1].rule.metric),
            estimates.get(entries[-1].rule.metric, []),
        )
        for version, said, entries in found
    ]
