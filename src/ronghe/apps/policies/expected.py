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


_AGREEMENTS, _COMMUNITY = _("Agreements"), _("Community")
_TRAINING, _CREDITS, _CREDENTIALS = _("Training"), _("Credit bank"), _("Credentials")
_CHAIN, _FIRM, _COHORT, _WHOLE = (
    SubjectKind.CHAIN,
    SubjectKind.ENTERPRISE,
    SubjectKind.COHORT,
    SubjectKind.COMMUNITY,
)

EXPECTED: dict[str, Expected] = {
    "agreements.seats_promised": Expected(Unit.COUNT, _CHAIN, _("Seats promised in agreements"), _AGREEMENTS),
    "community.chain.firms_brought_in": Expected(
        Unit.COUNT, _CHAIN, _("Firms brought in by the chain leader"), _COMMUNITY
    ),
    "community.chain.leader_insured_staff": Expected(
        Unit.PERSONS, _CHAIN, _("Insured staff of the chain leader"), _COMMUNITY
    ),
    "community.chain.leader_violations": Expected(
        Unit.COUNT, _CHAIN, _("Violations of the chain leader on record"), _COMMUNITY
    ),
    "training.cohort.shortest_practice.experienced": Expected(
        Unit.MONTHS, _COHORT, _("Shortest practice of graduates with two years of work"), _TRAINING
    ),
    "training.cohort.shortest_practice.inexperienced": Expected(
        Unit.MONTHS, _COHORT, _("Shortest practice of graduates without two years of work"), _TRAINING
    ),
    "training.enterprise.apprentices": Expected(Unit.PERSONS, _FIRM, _("Apprentices in training"), _TRAINING),
    "credits.practice_share": Expected(
        Unit.SHARE, _WHOLE, _("Practice credits ÷ credits earned"), _CREDITS
    ),
    "curriculum.units.update_rate": Expected(
        Unit.SHARE, _WHOLE, _("Units replaced in substance within six months"), _("Curriculum")
    ),
    "credentials.verification_seconds": Expected(
        Unit.SECONDS, _WHOLE, _("Seconds a verification takes (95th percentile)"), _CREDENTIALS
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
