"""Metrics that rules may name before the station that measures them stands; until then a rule on one is "no data".

Once a metric is registered its own unit and subject count, and the line here can go.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Unit
from ronghe.apps.policies.subjects import SubjectKind, kind_of_model


@dataclass(frozen=True, slots=True)
class Expected:
    """What a metric to come will measure, of which kind of subject, and which station brings it."""

    unit: Unit
    subject: SubjectKind
    label: StrPromise
    station: StrPromise


EXPECTED: dict[str, Expected] = {
    "credentials.verification_seconds": Expected(
        Unit.SECONDS, SubjectKind.COMMUNITY, _("Seconds a verification takes (95th percentile)"), _("Credentials")
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of a metric's unit and subject. `subject` None: of a model that no rule can be about."""

    name: str
    unit: Unit
    subject: SubjectKind | None
    label: StrPromise
    is_registered: bool
    station: StrPromise | str = ""


def find(name: str) -> Measured | None:
    """The metric `name`, registered or expected; None when nobody measures it or announced to."""
    if registry.is_registered(name):
        metric = registry.get(name)
        return Measured(name, metric.unit, kind_of_model(metric.subject), metric.label, True)
    if (expected := EXPECTED.get(name)) is not None:
        return Measured(name, expected.unit, expected.subject, expected.label, False, expected.station)
    return None


def names() -> list[str]:
    """Every metric that a rule may name."""
    return sorted({metric.name for metric in registry.all_metrics()} | EXPECTED.keys())
