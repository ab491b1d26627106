"""The registry of metrics: who may ask for a number asks here, by name, and gets it with its definition.

    @metric("demand.postings.count", unit=Unit.COUNT, subject="demand.skill", label=_("…"), definition=_("…"))
    def posting_count(skills, window): ...

A metric is set-based: all subjects in one call, a handful of queries whatever their number.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django_stubs_ext import StrPromise

from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Unit, Window

Compute = Callable[[Sequence[int], Window], Mapping[int, Measurement]]


class UnknownMetric(LookupError):
    """No app registered a metric of that name; the station that measures it may not exist yet."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A registered measurement. `subject` is a model's label, or empty for the community as a whole.

    A confidential one is told only of the subjects that `concerning(user)` of the model finds, not of all visible ones.
    """

    name: str
    version: int
    unit: Unit
    subject: str
    label: StrPromise
    definition: StrPromise
    source: str
    compute: Compute
    confidential: bool = False

    @property
    def identifier(self) -> str:
        """`name@version`, as a measurement quotes it."""
        return f"{self.name}@{self.version}"


_metrics: dict[str, Metric] = {}


def metric(
    name: str,
    *,
    unit: Unit,
    label: StrPromise,
    definition: StrPromise,
    subject: str = "",
    version: int = 1,
    source: str = "",
    confidential: bool = False,
) -> Callable[[Compute], Compute]:
    """Register the decorated function as metric `name`; a second registration of a name is a mistake and refused."""

    def register(compute: Compute) -> Compute:
        if name in _metrics:
            raise ValueError(f"metric {name!r} is registered twice; give one of them another name")
        _metrics[name] = Metric(name, version, unit, subject, label, definition, source, compute, confidential)
        return compute

    return register


def all_metrics() -> list[Metric]:
    """Every registered metric, by name."""
    return sorted(_metrics.values(), key=lambda metric: metric.name)


def get(name: str) -> Metric:
    """The metric `name`; raises UnknownMetric."""
    try:
        return _metrics[name]
    except KeyError:
        raise UnknownMetric(f"no app measures {name!r}") from None


def is_registered(name: str) -> bool:
    """Whether some app measures `name`: a lower floor asks before it reads what a higher one may bring."""
    return name in _metrics


def measure(name: str, subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Measure all `subjects` at once. A subject without data is present, with value None.

    The metric's function is given a window whose `known_at` is set. Raises UnknownMetric.
    """
    found = get(name)
    measurements = dict(found.compute(subjects, window.pinned()))
    for subject in subjects:
        measurements.setdefault(
            subject,
            Measurement(value=None, unit=found.unit, as_of=window.end, definition=found.identifier, count=0),
        )
    return measurements


def measure_community(name: str, window: Window) -> Measurement:
    """Measure the community as a whole."""
    return measure(name, [COMMUNITY], window)[COMMUNITY]
