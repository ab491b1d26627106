"""How teachers stand in dual-teacher training: their plan, their certificate, what is due."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrPromise

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.mentors.models import (
    SMALLEST_ROUND,
    Certification,
    PlanState,
    Satisfaction,
    Stay,
    StayState,
    TrainingPlan,
)

# How long before its last good day a paper is said to be due.
WARN_AHEAD = timedelta(days=60)
_SATISFIED = 4


@dataclass(frozen=True, slots=True)
class TeacherStatus:
    """Where a teacher stands on a day. `state` is the sign, `label` its words."""

    state: str
    label: StrPromise
    certification: Certification | None
    plan: TrainingPlan | None
    days_confirmed: int

    @property
    def is_to_answer(self) -> bool:
        """Whether the teacher may still say how satisfied they are."""
        return self.plan is not None and self.plan.state == PlanState.TRAINED and not self.plan.has_answered


def teacher_status(teacher: Person, on: date | None = None) -> TeacherStatus:
    """The newest certificate and plan of a teacher, and what they mean on a day; three queries."""
    day = on or timezone.localdate()
    held = Certification.objects.unrenewed(day).filter(teacher=teacher).order_by("-expires_on").first()
    if held is not None and held.ended_on is not None and held.ended_on <= day:
        held = None
    plans = TrainingPlan.objects.filter(teacher=teacher).exclude(state=PlanState.STOPPED).select_related("host")
    plan = plans.order_by("-first_day").first()
    done = plan_days([plan.pk])[plan.pk] if plan else 0
    state, label = _standing(held, plan, day)
    return TeacherStatus(state, label, held, plan, done)


def _standing(held: Certification | None, plan: TrainingPlan | None, day: date) -> tuple[str, StrPromise]:
    if held is not None and held.expires_on < day:
        return "bad", _("The dual-teacher certificate has lapsed")
    if held is not None and held.expires_on - day <= WARN_AHEAD:
        return "warn", _("The dual-teacher certificate is due for renewal")
    if held is not None:
        return "ok", _("Certified as a dual teacher")
    if plan is not None and plan.state == PlanState.TRAINED:
        return "progress", _("Trained, not yet certified")
    if plan is not None:
        return "progress", _("In dual-teacher training")
    return "none", pgettext_lazy("teacher", "Not yet in training")


def plan_days(plans: Iterable[int]) -> dict[int, int]:
    """Days that hosts confirmed, by plan, in one query."""
    found: dict[int, int] = defaultdict(int)
    rows = Stay.objects.filter(plan__in=list(plans), state=StayState.CONFIRMED).values_list("plan").order_by()
    for plan, days in rows.annotate(of=Sum("days")):
        found[plan] = days
    return found


def stays_waiting(person: Person) -> QuerySet[Stay]:
    """Stays that this person may confirm as the host."""
    recorded = Stay.objects.visible_to(person).filter(state=StayState.RECORDED).exclude(plan__teacher=person)
    hosts = standing.organisations(person, {RoleKind.ENTERPRISE_HR, RoleKind.MENTOR})
    return recorded.filter(plan__host__in=hosts).select_related("plan__teacher", "plan__host")


def renewals_due(on: date) -> QuerySet[Certification]:
    """Certificates that have lapsed or lapse within sixty days, and that nothing has renewed."""
    due = Certification.objects.unrenewed(on).filter(expires_on__lte=on + WARN_AHEAD)
    return due.exclude(ended_on__lte=on).select_related("teacher", "university", "plan").order_by("expires_on")


@dataclass(frozen=True, slots=True)
class Satisfied:
    """How many answered in a year and how many of them were satisfied; None where too few did."""

    year: int
    answers: int
    share: float | None


def satisfaction(year: int) -> Satisfied:
    """Answers of a year; the share of fours and fives is told from five answers on."""
    scores = list(Satisfaction.objects.filter(year=year).values_list("score", flat=True))
    if len(scores) < SMALLEST_ROUND:
        return Satisfied(year, len(scores), None)
    return Satisfied(year, len(scores), sum(score >= _SATISFIED for score in scores) / len(scores))
