"""Reads of invitations, applications, gates and what is shown at them. Who may see what is the caller's to ask."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import (
    Admission,
    AdmissionState,
    AdmissionStep,
    Chain,
    ChainInvitation,
    ChainMembership,
    Evidence,
    GateCriterion,
    GateDecision,
    RefusalReason,
    Role,
    RoleKind,
    Stage,
    StepState,
    Tier,
)
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Window


@dataclass(frozen=True, slots=True)
class Answer:
    """What is shown for one criterion of a gate: evidence, and what its metric says if it names one."""

    criterion: GateCriterion
    evidence: tuple[Evidence, ...]
    measurement: Measurement | None

    @property
    def is_met(self) -> bool | None:
        """Whether the metric meets the bound; None when there is no metric or no data."""
        if self.measurement is None or self.measurement.value is None or self.criterion.at_least is None:
            return None
        return self.measurement.value >= self.criterion.at_least

    @property
    def is_missing(self) -> bool:
        """Required, and neither shown nor met. A metric that says no is missing whatever else is shown."""
        if not self.criterion.is_required:
            return False
        return self.is_met is False or (self.is_met is None and not self.evidence)

    @property
    def measured(self) -> dict[str, Any] | None:
        """What the metric said, as a decision keeps it."""
        if self.measurement is None:
            return None
        return {"criterion": self.criterion.code, "at_least": self.criterion.at_least} | as_kept(self.measurement)


def as_kept(measurement: Measurement) -> dict[str, Any]:
    """A measurement as JSON that says what it was, when, and by which definition."""
    return {
        "metric": measurement.definition,
        "value": measurement.value,
        "unit": measurement.unit.value,
        "as_of": measurement.as_of.isoformat(),
        "records": measurement.records.digest if measurement.records else None,
    }


def criteria_of(step: AdmissionStep) -> list[GateCriterion]:
    """What the gate asks of this application: the criteria in force when it was opened, for its tier."""
    asked = GateCriterion.objects.on(step.opened_on).filter(stage=step.stage)
    return list(asked.filter(Q(tier="") | Q(tier=step.admission.tier)).order_by("-is_required", "code"))


def _measure(admission: Admission, name: str, day: date) -> Measurement | None:
    """What `name` says of the year that ends on `day`."""
    if not registry.is_registered(name):
        return None
    found = registry.get(name)
    keys = {"": COMMUNITY, "community.organisation": admission.organisation_id, "community.chain": admission.chain_id}
    if found.subject not in keys:
        return None
    key = keys[found.subject]
    return registry.measure(name, [key], Window(day - timedelta(days=364), day))[key]


def measured_for(admission: Admission, name: str) -> dict[str, Any] | None:
    """What metric `name` says today of the firm, its chain or the community; None when nobody measures it."""
    measurement = _measure(admission, name, timezone.localdate())
    return None if measurement is None else as_kept(measurement) | {"url": measurement.url}


def answers_of(step: AdmissionStep) -> list[Answer]:
    """Each criterion of the gate with what is shown for it. Metrics are read by name as they stand today."""
    # Evidence names the wording for which it was shown; when that was corrected since, the code still tells.
    shown: dict[str, list[Evidence]] = {}
    given = step.evidence.filter(removed_at__isnull=True, criterion__isnull=False)
    for evidence in given.select_related("added_by", "criterion"):
        if evidence.criterion is not None:
            shown.setdefault(evidence.criterion.code, []).append(evidence)
    today = timezone.localdate()
    return [
        Answer(
            criterion,
            tuple(shown.get(criterion.code, ())),
            _measure(step.admission, criterion.metric, today) if criterion.metric else None,
        )
        for criterion in criteria_of(step)
    ]


def unassigned_evidence(step: AdmissionStep) -> list[Evidence]:
    """What is shown for no criterion in particular."""
    return list(step.evidence.filter(removed_at__isnull=True, criterion__isnull=True).select_related("added_by"))


def admissions(
    user: Any, *, chain: int | None = None, state: str = "", stage: int | None = None, text: str = ""
) -> QuerySet[Admission]:
    """Applications that `user` may know of, each with its steps."""
    steps = Prefetch("steps", AdmissionStep.objects.order_by("stage"))
    found = Admission.objects.visible_to(user).select_related("chain", "organisation", "brought_in_by")
    if chain is not None:
        found = found.filter(chain=chain)
    if state:
        found = found.filter(state=state)
    if stage is not None:
        found = found.filter(steps__stage=stage, steps__state__in=[StepState.GATHERING, StepState.WAITING])
    if text := text.strip():
        found = found.filter(Q(organisation__name_zh__icontains=text) | Q(organisation__name_en__icontains=text))
    return found.prefetch_related(steps).order_by("-applied_on", "-pk")


def current_step(admission: Admission) -> AdmissionStep | None:
    """The last gate that was opened: of the steps loaded with the application, without a query."""
    steps = list(admission.steps.all())
    return max(steps, key=lambda step: step.stage) if steps else None


def gates_waiting_for(person: Person, on: date | None = None) -> list[AdmissionStep]:
    """The gates on which `person` has to act: the office decides, a firm's HR gathers; most urgent first."""
    day = on or timezone.localdate()
    if standing.holds(person, RoleKind.OFFICE):
        clause = Q(state=StepState.WAITING) | Q(state=StepState.GATHERING, due_on__lt=day)
    else:
        firms = standing.organisations(person, RoleKind.ENTERPRISE_HR)
        clause = Q(state=StepState.GATHERING, admission__organisation__in=firms)
    found = AdmissionStep.objects.filter(clause).select_related("admission__organisation", "admission__chain")
    return list(found.order_by("due_on", "pk"))


def invitations(user: Any, chain: Chain) -> QuerySet[ChainInvitation]:
    """Invitations to `chain` that `user` may see: the office all, a member's HR those of its own firm."""
    found = ChainInvitation.objects.filter(chain=chain).select_related("on_behalf_of", "organisation", "invited_by")
    if standing.holds(user, RoleKind.OFFICE):
        return found
    return found.filter(on_behalf_of__in=standing.organisations(user, RoleKind.ENTERPRISE_HR))


def addresses(kind: str, on: date | None = None) -> list[Person]:
    """Everyone who holds a role of `kind` on a day and can be written to."""
    held = Role.objects.on(on or timezone.localdate()).filter(kind=kind)
    return list(Person.objects.filter(pk__in=held.values("person"), erased_at__isnull=True, is_active=True))


def addresses_of_firms(firms: Iterable[int], on: date | None = None) -> dict[int, list[Person]]:
    """HR of each firm: one query whatever their number."""
    held = Role.objects.on(on or timezone.localdate()).filter(kind=RoleKind.ENTERPRISE_HR, organisation__in=set(firms))
    found: dict[int, list[Person]] = {}
    for role in held.filter(person__erased_at__isnull=True, person__is_active=True).select_related("person"):
        found.setdefault(role.organisation_id, []).append(role.person)
    return found


def leaders(chains: Iterable[int], on: date) -> dict[int, int]:
    """The leader of each chain on a day, by primary keys: one query."""
    held = ChainMembership.objects.on(on).filter(chain__in=set(chains), tier=Tier.LEADER)
    return dict(held.values_list("chain_id", "organisation_id"))


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """One stage of the funnel in a span of days: how many came to it, and what became of them by now."""

    stage: Stage
    entered: int
    passed: int
    refused: int
    withdrawn: int
    waiting: int
    days: float | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """The screening of the applications of a span of days."""

    stages: tuple[FunnelStage, ...]
    applied: int
    admitted: int
    grounds: tuple[tuple[str, int], ...]


def funnel(first: date, last: date, *, chain: int | None = None) -> Funnel:
    """What became of the applications made from `first` to `last`, stage by stage: three queries."""
    cohort = Admission.objects.filter(applied_on__range=(first, last))
    if chain is not None:
        cohort = cohort.filter(chain=chain)
    states = Counter(cohort.order_by().values_list("state", flat=True))
    rows: dict[int, list[tuple[str, int | None]]] = {stage: [] for stage in Stage.values}
    steps = AdmissionStep.objects.filter(admission__in=cohort.order_by().values("pk")).order_by()
    for stage, state, opened, closed in steps.values_list("stage", "state", "opened_on", "closed_on"):
        rows[stage].append((state, (closed - opened).days if closed else None))
    refusals = GateDecision.objects.filter(
        step__admission__in=cohort.order_by().values("pk"), verdict="refused"
    ).order_by()
    grounds = Counter(refusals.values_list("ground", flat=True))
    return Funnel(
        tuple(_stage_of_funnel(Stage(stage), found) for stage, found in rows.items()),
        sum(states.values()),
        states[AdmissionState.ADMITTED],
        tuple((str(RefusalReason(ground).label), number) for ground, number in grounds.most_common()),
    )


def _stage_of_funnel(stage: Stage, steps: list[tuple[str, int | None]]) -> FunnelStage:
    states: Mapping[str, int] = Counter(state for state, _days in steps)
    days = [days for _state, days in steps if days is not None]
    return FunnelStage(
        stage,
        len(steps),
        states.get(StepState.PASSED, 0),
        states.get(StepState.REFUSED, 0),
        states.get(StepState.WITHDRAWN, 0),
        states.get(StepState.GATHERING, 0) + states.get(StepState.WAITING, 0),
        median(days) if days else None,
    )
