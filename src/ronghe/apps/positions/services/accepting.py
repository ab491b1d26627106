"""Work on the tasks of an order class: the student hands it in, the firm accepts it by its criteria or returns it."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.positions import events
from ronghe.apps.positions.models import (
    Acceptance,
    AcceptanceState,
    ClassMember,
    MemberState,
    OrderClass,
    OrderState,
    Task,
)


@transaction.atomic
def hand_in_task(*, actor: Person, member: ClassMember, task: Task, evidence: str, link: str = "") -> Acceptance:
    """Show the work on a task; what was accepted or still waits is not handed in again."""
    demand(actor, "positions.answer_place", member)
    order = OrderClass.objects.select_for_update().get(pk=member.order_class_id)
    member = ClassMember.objects.select_for_update().get(pk=member.pk)
    if order.state != OrderState.OPEN or member.state != MemberState.ACCEPTED:
        raise ValidationError(_("Only members of a class that is open hand in work."))
    if task.order_class_id != order.pk or task.retired_on is not None:
        raise ValidationError(_("This task is not set in this class now."))
    if not evidence.strip():
        raise ValidationError({"evidence": _("Say what shows the work; the firm decides by it.")})
    standing = Acceptance.objects.filter(task=task, member=member).exclude(state=AcceptanceState.RETURNED)
    if standing.exists():
        raise ValidationError(_("This work is accepted already, or waits for the firm."))
    work = Acceptance(
        task=task, member=member, evidence=evidence.strip(), link=link.strip(), criteria=task.criteria_lines
    )
    work.full_clean(exclude=["decided_by", "criteria", "met"])
    work.save()
    ledger.record(
        actor=actor,
        type=events.TASK_HANDED_IN,
        subject=order,
        payload={"student": actor, "task": str(task.uid), "evidence": work.evidence},
    )
    return work


@transaction.atomic
def decide_task(*, actor: Person, work: Acceptance, met: Iterable[int], comment: str = "") -> Acceptance:
    """Say which criteria the work met: with all of them it is accepted, else it goes back with a word what is missing.

    HR of the firm decides, or one of its mentors; never the student.
    """
    demand(actor, "positions.accept_work", work)
    kept = Acceptance.objects.select_for_update(of=("self",)).select_related("member__order_class").get(pk=work.pk)
    if kept.state != AcceptanceState.WAITING:
        raise ValidationError(_("Somebody has decided about this already."))
    numbers = sorted(set(met))
    if not set(numbers) <= set(range(len(kept.criteria))):
        raise ValidationError({"met": _("There is no such criterion.")})
    is_accepted = len(numbers) == len(kept.criteria)
    if not is_accepted and not comment.strip():
        raise ValidationError({"comment": _("Say what is missing; the student reads it.")})
    kept.met, kept.comment = numbers, comment.strip()[:500]
    kept.state = AcceptanceState.ACCEPTED if is_accepted else AcceptanceState.RETURNED
    kept.decided_by, kept.decided_at = actor, timezone.now()
    kept.save()
    ledger.record(
        actor=actor,
        type=events.TASK_DECIDED,
        subject=kept.member.order_class,
        payload={
            "student": kept.member.person,
            "task": str(kept.task.uid),
            "accepted": is_accepted,
            "met": numbers,
            "criteria": len(kept.criteria),
            **({"reason": kept.comment} if kept.comment else {}),
        },
    )
    return kept
