"""Dual-teacher training: plans, stays that the host confirms, certification and renewal, anonymous satisfaction."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation, OrganisationKind, Role, RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.mentors import events
from ronghe.apps.mentors.models import Certification, PlanState, Satisfaction, Stay, StayState, TrainingPlan
from ronghe.apps.mentors.models.teachers import BEST


@transaction.atomic
def plan_training(
    *,
    actor: Person,
    teacher: Person,
    university: Organisation,
    host: Organisation,
    aims: str,
    first_day: date,
    last_day: date,
    planned_days: int,
) -> TrainingPlan:
    """Plan what a teacher learns with a host firm, in how many days there. Raises ValidationError by field."""
    demand(actor, "mentors.plan_training", teacher)
    Person.objects.select_for_update().get(pk=teacher.pk)
    plan = TrainingPlan(
        teacher=teacher,
        university=university,
        host=host,
        aims=aims.strip(),
        first_day=first_day,
        last_day=last_day,
        planned_days=planned_days,
        made_by=actor,
    )
    plan.clean_fields()
    if last_day < first_day:
        raise ValidationError({"last_day": _("The last day comes before the first.")})
    if not 1 <= planned_days <= (last_day - first_day).days + 1:
        raise ValidationError({"planned_days": _("These are more days than the plan has, or none.")})
    if host.kind != OrganisationKind.ENTERPRISE:
        raise ValidationError({"host": _("A host is an enterprise.")})
    held = Role.objects.on(first_day).filter(person=teacher, organisation=university, kind=RoleKind.TEACHER)
    if not held.exists():
        raise ValidationError(
            {"teacher": _("This person is no teacher of “%(name)s” on the first day.") % {"name": university.name}}
        )
    standing = TrainingPlan.objects.filter(
        teacher=teacher, state=PlanState.PLANNED, first_day__lte=last_day, last_day__gte=first_day
    )
    if other := standing.first():
        raise ValidationError(
            {
                "first_day": _(
                    "A plan with “%(host)s” from %(first)s to %(last)s stands: stop it first, or begin later."
                )
                % {"host": other.host.name, "first": other.first_day, "last": other.last_day}
            }
        )
    plan.save()
    ledger.record(
        actor=actor,
        type=events.PLAN_MADE,
        subject=plan,
        payload={
            "teacher": teacher,
            "university": university,
            "host": host,
            "first_day": first_day,
            "last_day": last_day,
            "planned_days": planned_days,
        },
    )
    return plan


def _open_plan(plan: TrainingPlan) -> TrainingPlan:
    plan = TrainingPlan.objects.select_for_update().get(pk=plan.pk)
    if plan.state != PlanState.PLANNED:
        raise ValidationError(_("This plan is finished or stopped."))
    return plan


@transaction.atomic
def stop_plan(*, actor: Person, plan: TrainingPlan, reason: str) -> TrainingPlan:
    """Stop a plan that will not be carried out; confirmed stays stay."""
    demand(actor, "mentors.stop_plan", plan)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why.")})
    plan = _open_plan(plan)
    plan.state, plan.reason = PlanState.STOPPED, reason.strip()
    plan.save(update_fields=["state", "reason"])
    ledger.record(
        actor=actor,
        type=events.PLAN_STOPPED,
        subject=plan,
        payload={"teacher": plan.teacher, "reason": plan.reason},
    )
    return plan


@transaction.atomic
def record_stay(*, actor: Person, plan: TrainingPlan, first_day: date, last_day: date, days: int, report: str) -> Stay:
    """Record days with the host firm; they count once the host has confirmed them."""
    demand(actor, "mentors.record_stay", plan)
    plan = _open_plan(plan)
    stay = Stay(plan=plan, first_day=first_day, last_day=last_day, days=days, report=report.strip())
    stay.clean_fields()
    if not plan.first_day <= first_day <= last_day <= plan.last_day:
        raise ValidationError(
            {
                "first_day": _("A stay lies within the plan, from %(first)s to %(last)s.")
                % {"first": plan.first_day, "last": plan.last_day}
            }
        )
    if last_day > timezone.localdate():
        raise ValidationError({"last_day": _("Only days that are over can be recorded.")})
    if not 1 <= days <= (last_day - first_day).days + 1:
        raise ValidationError({"days": _("These are more days than lie between the first and the last, or none.")})
    others = Stay.objects.filter(plan__teacher=plan.teacher_id, first_day__lte=last_day, last_day__gte=first_day)
    if other := others.exclude(state=StayState.REFUSED).first():
        raise ValidationError(
            {
                "first_day": _("A stay from %(first)s to %(last)s is recorded already.")
                % {"first": other.first_day, "last": other.last_day}
            }
        )
    stay.save()
    ledger.record(
        actor=actor,
        type=events.STAY_RECORDED,
        subject=stay,
        payload={"teacher": plan.teacher, "first_day": first_day, "last_day": last_day, "days": days},
    )
    return stay


def _open_stay(actor: Person, stay: Stay) -> Stay:
    demand(actor, "mentors.decide_stay", stay)
    TrainingPlan.objects.select_for_update().get(pk=stay.plan_id)
    stay = Stay.objects.select_for_update(of=("self",)).select_related("plan__teacher").get(pk=stay.pk)
    if stay.state != StayState.RECORDED:
        raise ValidationError(_("Somebody has decided about this stay already."))
    stay.decided_by, stay.decided_at = actor, timezone.now()
    return stay


def days_confirmed(plan: TrainingPlan) -> int:
    """Days with the host firm that it has confirmed."""
    confirmed = plan.stays.filter(state=StayState.CONFIRMED)
    return int(confirmed.aggregate(of=Sum("days"))["of"] or 0)


@transaction.atomic
def confirm_stay(*, actor: Person, stay: Stay) -> Stay:
    """Confirm a stay as the host; with the planned days reached, the teacher counts as trained."""
    stay = _open_stay(actor, stay)
    stay.state = StayState.CONFIRMED
    stay.save()
    plan = stay.plan
    is_trained = plan.state == PlanState.PLANNED and days_confirmed(plan) >= plan.planned_days
    if is_trained:
        last = plan.stays.filter(state=StayState.CONFIRMED).order_by("-last_day").values_list("last_day", flat=True)
        plan.state, plan.trained_on = PlanState.TRAINED, last[0]
        plan.save(update_fields=["state", "trained_on"])
    ledger.record(
        actor=actor,
        type=events.STAY_CONFIRMED,
        subject=stay,
        payload={"teacher": plan.teacher, "days": stay.days, "trained": is_trained},
    )
    return stay


@transaction.atomic
def refuse_stay(*, actor: Person, stay: Stay, reason: str) -> Stay:
    """Refuse a stay as the host, with the reason that the teacher reads."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why, so that the teacher can mend it.")})
    stay = _open_stay(actor, stay)
    stay.state, stay.reason = StayState.REFUSED, reason.strip()
    stay.save()
    ledger.record(
        actor=actor,
        type=events.STAY_REFUSED,
        subject=stay,
        payload={"teacher": stay.plan.teacher, "reason": stay.reason},
    )
    return stay


@transaction.atomic
def grant_certification(
    *,
    actor: Person,
    plan: TrainingPlan,
    number: str,
    granted_on: date,
    expires_on: date,
    renews: Certification | None = None,
) -> Certification:
    """Certify a teacher whose plan is carried out, or renew the certificate that the teacher has."""
    demand(actor, "mentors.certify")
    plan = TrainingPlan.objects.select_for_update().get(pk=plan.pk)
    teacher = plan.teacher
    if actor.pk == teacher.pk:
        raise ValidationError(_("Nobody certifies themselves: ask a colleague."))
    if plan.state != PlanState.TRAINED or plan.trained_on is None:
        raise ValidationError(
            _("The host has confirmed %(done)s of %(planned)s days; a certificate needs them all.")
            % {"done": days_confirmed(plan), "planned": plan.planned_days}
        )
    if Certification.objects.filter(plan=plan).exists():
        raise ValidationError(_("This training has its certificate already; a renewal needs new training."))
    if granted_on < plan.trained_on or granted_on > timezone.localdate():
        raise ValidationError({"granted_on": _("Grant it on a day from %(day)s to today.") % {"day": plan.trained_on}})
    if expires_on <= granted_on:
        raise ValidationError({"expires_on": _("It expires after it is granted.")})
    earlier = Certification.objects.filter(teacher=teacher, renewal__isnull=True).order_by("-expires_on").first()
    if renews is None:
        renews = earlier
    elif renews.teacher_id != teacher.pk or Certification.objects.filter(renews=renews).exists():
        raise ValidationError(_("This is no certificate of the teacher that waits for renewal."))
    certification = Certification(
        teacher=teacher,
        university=plan.university,
        plan=plan,
        number=number.strip(),
        granted_on=granted_on,
        expires_on=expires_on,
        renews=renews,
        granted_by=actor,
    )
    certification.clean_fields()
    if Certification.objects.filter(university=plan.university, number=certification.number).exists():
        raise ValidationError({"number": _("This number is given already.")})
    certification.save()
    ledger.record(
        actor=actor,
        type=events.CERTIFICATION_GRANTED,
        subject=certification,
        payload={
            "teacher": teacher,
            "number": certification.number,
            "granted_on": granted_on,
            "expires_on": expires_on,
            "renews": renews,
        },
    )
    return certification


@transaction.atomic
def end_certification(*, actor: Person, certification: Certification, on: date, reason: str) -> Certification:
    """Let a certificate hold no longer from `on` on."""
    demand(actor, "mentors.certify")
    if not reason.strip():
        raise ValidationError({"reason": _("Say why.")})
    certification = Certification.objects.select_for_update().get(pk=certification.pk)
    if certification.ended_on is not None:
        raise ValidationError({"on": _("It ended on %(day)s already.") % {"day": certification.ended_on}})
    certification.ended_on, certification.reason = on, reason.strip()
    certification.save(update_fields=["ended_on", "reason"])
    ledger.record(
        actor=actor,
        type=events.CERTIFICATION_ENDED,
        subject=certification,
        payload={"teacher": certification.teacher, "ended_on": on, "reason": certification.reason},
    )
    return certification


@transaction.atomic
def answer_satisfaction(*, actor: Person, plan: TrainingPlan, score: int) -> None:
    """Say once how satisfied one is with a training. The answer is kept without its plan, its person and its day.

    It writes no event: the ledger would remember who gave which answer when.
    """
    demand(actor, "mentors.answer_satisfaction", plan)
    plan = TrainingPlan.objects.select_for_update().get(pk=plan.pk)
    if plan.state != PlanState.TRAINED or plan.trained_on is None:
        raise ValidationError(_("Answer once the training is finished."))
    if plan.has_answered:
        raise ValidationError(_("You have answered already. The answer is anonymous, so nobody can look it up."))
    if not 1 <= score <= BEST:
        raise ValidationError({"score": _("Choose a number from 1 to 5.")})
    plan.has_answered = True
    plan.save(update_fields=["has_answered"])
    Satisfaction.objects.create(year=plan.trained_on.year, score=score)
