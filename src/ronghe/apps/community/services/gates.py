"""What the gates ask for, from a day on, and who is reminded when one is late."""

from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mass_mail
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import events, selectors
from ronghe.apps.community.models import (
    AdmissionStep,
    ChainInvitation,
    GateCriterion,
    RoleKind,
    StepState,
)
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.dated import end, supersede

REMIND_BEFORE = timedelta(days=7)
# An address nobody answered from is forgotten this long after its invitation ended.
FORGET_AFTER = timedelta(days=30)


def _payload(criterion: GateCriterion, until: date | None = None) -> dict[str, object]:
    return {
        "code": criterion.code,
        "stage": int(criterion.stage),
        "text_zh": criterion.text_zh,
        "metric": criterion.metric or None,
        "at_least": criterion.at_least,
        "required": criterion.is_required,
        "valid_from": criterion.valid_from,
        "valid_until": until,
    }


@transaction.atomic
def set_criterion(
    *,
    actor: Person,
    code: str,
    stage: int,
    text_zh: str,
    text_en: str,
    valid_from: date,
    tier: str = "",
    metric: str = "",
    at_least: float | None = None,
    is_required: bool = True,
) -> GateCriterion:
    """Add a criterion, or replace the one of that code from a day on; a gate opened before is judged as it was then."""
    demand(actor, "community.change_gate")
    criterion = GateCriterion(
        code=code,
        stage=stage,
        tier=tier,
        text_zh=text_zh.strip(),
        text_en=text_en.strip(),
        metric=metric.strip(),
        at_least=at_least,
        is_required=is_required,
        valid_from=valid_from,
    )
    if metric and at_least is None:
        raise ValidationError({"at_least": _("Say how much the metric must be at least.")})
    if metric and registry.is_registered(metric):
        found = registry.get(metric)
        if found.subject not in ("", "community.organisation", "community.chain"):
            raise ValidationError({"metric": _("This metric measures neither organisations nor chains.")})
    criterion.full_clean(validate_constraints=False)
    current = GateCriterion.objects.known().select_for_update().filter(code=code, valid_until__isnull=True).first()
    if current is None:
        criterion.save()
    elif valid_from < current.valid_from:
        raise ValidationError(
            {
                "valid_from": _("The present wording holds from %(day)s; choose a later day.")
                % {"day": current.valid_from}
            }
        )
    elif valid_from == current.valid_from:
        values = ("stage", "tier", "text_zh", "text_en", "metric", "at_least", "is_required")
        criterion = supersede(current, **{name: getattr(criterion, name) for name in values})
    else:
        supersede(current, valid_until=valid_from)
        criterion.save()
    ledger.record(
        actor=actor, type=events.CRITERION_CHANGED, subject=f"community.criterion:{code}", payload=_payload(criterion)
    )
    return criterion


@transaction.atomic
def end_criterion(*, actor: Person, criterion: GateCriterion, on: date) -> None:
    """Ask for it no more in gates opened from `on` on."""
    demand(actor, "community.change_gate")
    if criterion.valid_until is not None and criterion.valid_until <= on:
        raise ValidationError({"on": _("It ends on %(day)s already.") % {"day": criterion.valid_until}})
    end(criterion, on)
    ledger.record(
        actor=actor,
        type=events.CRITERION_CHANGED,
        subject=f"community.criterion:{criterion.code}",
        payload=_payload(criterion, on),
    )


class Reminded(NamedTuple):
    """What one round of reminders did."""

    reminded: int
    escalated: int
    forgotten: int


@transaction.atomic
def remind_of_gates(*, today: date | None = None) -> Reminded:
    """Remind whoever must act on a gate that is due within a week, and tell office and leader of overdue ones.

    Once for each due day: a second run on the same day sends nothing. The daily run of the system calls it.
    """
    day = today or timezone.localdate()
    steps = list(
        AdmissionStep.objects.select_for_update(of=("self",))
        .filter(state__in=[StepState.GATHERING, StepState.WAITING], due_on__lte=day + REMIND_BEFORE)
        .select_related("admission__organisation", "admission__chain")
        .order_by("due_on", "pk")
    )
    late = [step for step in steps if step.due_on < day and step.escalated_on is None]
    soon = [step for step in steps if step.due_on >= day and step.reminded_on is None]
    office = selectors.addresses(RoleKind.OFFICE)
    leaders = selectors.leaders({step.admission.chain_id for step in late}, day)
    applicants = {step.admission.organisation_id for step in [*late, *soon]}
    firms = selectors.addresses_of_firms(applicants | set(leaders.values()))
    mails = []
    for step in soon:
        receivers = firms.get(step.admission.organisation_id, []) if step.state == StepState.GATHERING else office
        mails += [_mail(step, person, is_late=False) for person in receivers]
        step.reminded_on = day
    for step in late:
        leader = leaders.get(step.admission.chain_id)
        receivers = [
            *office,
            *firms.get(step.admission.organisation_id, []),
            *(firms.get(leader, []) if leader else []),
        ]
        mails += [_mail(step, person, is_late=True) for person in dict.fromkeys(receivers)]
        step.escalated_on = day
        ledger.record(
            actor=None,
            type=events.GATE_ESCALATED,
            subject=step.admission,
            payload={"stage": int(step.stage), "due_on": step.due_on},
        )
    AdmissionStep.objects.bulk_update([*soon, *late], ["reminded_on", "escalated_on"])
    forgotten = (
        ChainInvitation.objects.filter(accepted_at__isnull=True, expires_at__lt=timezone.now() - FORGET_AFTER)
        .exclude(email="")
        .update(email="")
    )
    transaction.on_commit(lambda: send_mass_mail(mails))
    return Reminded(len(soon), len(late), forgotten)


def _mail(step: AdmissionStep, person: Person, *, is_late: bool) -> tuple[str, str, None, list[str]]:
    with override(person.language):
        facts = {
            "firm": step.admission.organisation.name,
            "chain": step.admission.chain.name,
            "gate": step.get_stage_display(),
            "state": step.get_state_display(),
            "day": step.due_on,
            "link": f"{settings.RONGHE_PUBLIC_URL.rstrip('/')}{step.admission.get_absolute_url()}",
        }
        subject = (
            _("Overdue: gate “%(gate)s” of “%(firm)s”") if is_late else _("Due soon: gate “%(gate)s” of “%(firm)s”")
        )
        text = _("“%(firm)s” has applied to “%(chain)s”.\nGate: %(gate)s (%(state)s)\nDue on: %(day)s\n%(link)s")
        return (subject % facts, text % facts + "\n", None, [person.email])
