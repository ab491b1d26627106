"""Order classes: ordered by a firm's HR, approved by the office, offered to students, kept count of on both sides."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.models import Agreement, Term
from ronghe.apps.community.models import Chain, CohortMembership, Organisation, OrganisationKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.apps.positions import events
from ronghe.apps.positions.models import ClassMember, MemberState, OrderClass, OrderState, Task
from ronghe.apps.positions.services.positions import agreement_asked, check_agreement, refuse_unconfirmed


@dataclass(frozen=True, slots=True)
class OrderData:
    """What a firm orders."""

    name_zh: str
    university: Organisation
    field: str
    size: int
    seats_promised: int
    starts_on: date
    ends_on: date
    answer_by: date
    name_en: str = ""
    chain: Chain | None = None
    agreement: Agreement | None = None
    summary: str = ""
    jobs_promised: int = 0


@dataclass(frozen=True, slots=True)
class TaskData:
    """A task from the firm's operations, with its acceptance criteria one a line."""

    title_zh: str
    operation: str
    criteria: str
    title_en: str = ""


def _put(order: OrderClass, data: OrderData) -> None:
    for one in fields(OrderData):
        setattr(order, one.name, getattr(data, one.name))
    found: dict[str, Any] = {}
    try:
        order.full_clean(exclude=["drafted_by"])
    except ValidationError as error:
        found = error.error_dict
    if data.ends_on < data.starts_on:
        found["ends_on"] = [ValidationError(_("The last day is before the first day."))]
    if data.answer_by > data.ends_on:
        found["answer_by"] = [ValidationError(_("Students must be able to answer before the class ends."))]
    if data.university.kind != OrganisationKind.UNIVERSITY:
        found["university"] = [ValidationError(_("A class is ordered of a university."))]
    if data.jobs_promised > data.size:
        found["jobs_promised"] = [ValidationError(_("More jobs than students cannot be taken; lower one of the two."))]
    if found:
        raise ValidationError({name: list(errors) for name, errors in found.items()})


@transaction.atomic
def draft_order_class(*, actor: Person, organisation: Organisation, data: OrderData) -> OrderClass:
    """Write down an order that nobody but the firm and the office sees yet. Raises ValidationError by field."""
    demand(actor, "positions.order_class", organisation)
    refuse_unconfirmed(organisation)
    order = OrderClass(organisation=organisation, drafted_by=actor)
    _put(order, data)
    order.save()
    return order


@transaction.atomic
def change_order_class(*, actor: Person, order_class: OrderClass, revision: int, data: OrderData) -> OrderClass:
    """Change what is not submitted yet."""
    demand(actor, "positions.change_class", order_class)
    order = take_revision(OrderClass, order_class.pk, expected=revision)
    if order.state != OrderState.DRAFT:
        raise ValidationError(_("Only a draft is changed; the office sends an order back for that."))
    _put(order, data)
    order.save()
    return order


@transaction.atomic
def add_task(*, actor: Person, order_class: OrderClass, data: TaskData) -> Task:
    """Add a task from the firm's real operations, with the criteria it is accepted by."""
    demand(actor, "positions.change_class", order_class)
    order = OrderClass.objects.select_for_update().get(pk=order_class.pk)
    if order.state in (OrderState.FINISHED, OrderState.WITHDRAWN):
        raise ValidationError(_("This class has ended; it takes no more tasks."))
    last = order.order_tasks.order_by("-place").values_list("place", flat=True).first() or 0
    task = Task(
        order_class=order,
        place=last + 1,
        title_zh=data.title_zh,
        title_en=data.title_en,
        operation=data.operation,
        criteria=data.criteria,
    )
    task.full_clean()
    if not task.criteria_lines:
        raise ValidationError({"criteria": _("Say in one line at least when the task is accepted.")})
    task.save()
    return task


@transaction.atomic
def retire_task(*, actor: Person, task: Task) -> Task:
    """Set a task no more; what was accepted by it stays."""
    demand(actor, "positions.change_class", task.order_class)
    if task.retired_on is not None:
        raise ValidationError(_("This task is retired already."))
    task.retired_on = timezone.localdate()
    task.save(update_fields=["retired_on"])
    return task


@transaction.atomic
def submit_order_class(*, actor: Person, order_class: OrderClass, revision: int) -> OrderClass:
    """Order the class: the office approves it or sends it back. Without a task it is no order."""
    demand(actor, "positions.change_class", order_class)
    refuse_unconfirmed(order_class.organisation)
    order = take_revision(OrderClass, order_class.pk, expected=revision)
    if order.state != OrderState.DRAFT:
        raise ValidationError(_("This order was submitted already."))
    if not order.order_tasks.filter(retired_on=None).exists():
        raise ValidationError(_("Add at least one task from your operations, with its acceptance criteria."))
    check_agreement(order, asked=agreement_asked(order.chain, timezone.localdate()))
    order.state, order.note = OrderState.SUBMITTED, ""
    order.save()
    ledger.record(actor=actor, type=events.ORDER_SUBMITTED, subject=order, payload={"size": order.size})
    return order


@transaction.atomic
def approve_order_class(*, actor: Person, order_class: OrderClass, revision: int) -> OrderClass:
    """Open an order class; an agreement that is named must be signed by firm and university."""
    demand(actor, "positions.approve_class", order_class)
    order = take_revision(OrderClass, order_class.pk, expected=revision)
    if order.state != OrderState.SUBMITTED:
        raise ValidationError(_("This order does not wait for approval."))
    refuse_unconfirmed(order.organisation)
    check_agreement(order, asked=agreement_asked(order.chain, timezone.localdate()))
    both = Term.objects.on(order.starts_on).filter(
        agreement=order.agreement, agreement__parties__organisation=order.university
    )
    if order.agreement is not None and not both.exists():
        raise ValidationError({"agreement": _("The university is no party of this agreement.")})
    order.state, order.opened_on = OrderState.OPEN, timezone.localdate()
    order.save()
    ledger.record(
        actor=actor,
        type=events.ORDER_OPENED,
        subject=order,
        payload={
            "organisation": order.organisation,
            "university": order.university,
            **({"agreement": order.agreement} if order.agreement else {}),
            "size": order.size,
            "seats_promised": order.seats_promised,
            "jobs_promised": order.jobs_promised,
        },
    )
    return order


@transaction.atomic
def return_order_class(*, actor: Person, order_class: OrderClass, revision: int, reason: str) -> OrderClass:
    """Send an order back to the firm, with what to mend."""
    demand(actor, "positions.approve_class", order_class)
    order = take_revision(OrderClass, order_class.pk, expected=revision)
    if order.state != OrderState.SUBMITTED:
        raise ValidationError(_("This order does not wait for approval."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say what the firm has to mend.")})
    order.state, order.note = OrderState.DRAFT, reason.strip()[:500]
    order.save()
    ledger.record(actor=actor, type=events.ORDER_RETURNED, subject=order, payload={"reason": order.note})
    return order


def _open_order(order_class: OrderClass) -> OrderClass:
    order = OrderClass.objects.select_for_update().get(pk=order_class.pk)
    if order.state != OrderState.OPEN:
        raise ValidationError(_("This class is not open."))
    return order


@transaction.atomic
def offer_places(*, actor: Person, order_class: OrderClass, people: Iterable[Person]) -> list[ClassMember]:
    """Offer places to students of the university. Refused beyond the size, and to who stands in the class already."""
    demand(actor, "positions.offer_place", order_class)
    order = _open_order(order_class)
    people = list(dict.fromkeys(people))
    today = timezone.localdate()
    if today > order.answer_by:
        raise ValidationError(_("The day to answer by has passed; nobody could accept."))
    enrolled = set(
        CohortMembership.objects.on(today)
        .filter(cohort__organisation=order.university, person__in=people)
        .values_list("person_id", flat=True)
    )
    strangers = [one.name for one in people if one.pk not in enrolled]
    if strangers:
        raise ValidationError(
            _("Not students of %(university)s today: %(names)s.")
            % {"university": order.university.name, "names": ", ".join(strangers[:5])}
        )
    standing = set(order.members.values_list("person_id", flat=True))
    if repeated := [one.name for one in people if one.pk in standing]:
        raise ValidationError(_("Already asked: %(names)s.") % {"names": ", ".join(repeated[:5])})
    taken = order.members.filter(state__in=[MemberState.OFFERED, MemberState.ACCEPTED]).count()
    if taken + len(people) > order.size:
        raise ValidationError(
            _("The class has %(size)s places, %(taken)s are offered or taken: choose at most %(free)s students.")
            % {"size": order.size, "taken": taken, "free": order.size - taken}
        )
    members = ClassMember.objects.bulk_create(
        ClassMember(order_class=order, person=one, answer_by=order.answer_by) for one in people
    )
    ledger.record_many(
        actor=actor,
        entries=[
            ledger.Entry(events.PLACE_OFFERED, order, {"student": one.person, "answer_by": one.answer_by})
            for one in members
        ],
    )
    return members


@transaction.atomic
def answer_place(*, actor: Person, member: ClassMember, accept: bool, reason: str = "") -> ClassMember:
    """Accept or decline a place offered, before the deadline; the student alone does."""
    demand(actor, "positions.answer_place", member)
    order = _open_order(member.order_class)
    member = ClassMember.objects.select_for_update().get(pk=member.pk)
    if member.state != MemberState.OFFERED:
        raise ValidationError(_("This offer was answered already, or has lapsed."))
    if timezone.localdate() > member.answer_by:
        raise ValidationError(_("The day to answer by has passed. Ask the enterprise for a new offer."))
    member.state = MemberState.ACCEPTED if accept else MemberState.DECLINED
    member.answered_at, member.reason = timezone.now(), reason.strip()[:300]
    member.save()
    ledger.record(
        actor=actor, type=events.PLACE_ANSWERED, subject=order, payload={"student": actor, "accepted": accept}
    )
    return member


@transaction.atomic
def lapse_places(*, on: date | None = None) -> int:
    """Let offers lapse that nobody answered in time; the system does it, every day."""
    day = on or timezone.localdate()
    late = list(
        ClassMember.objects.select_for_update()
        .filter(state=MemberState.OFFERED, answer_by__lt=day)
        .select_related("order_class", "person")
    )
    ClassMember.objects.filter(pk__in=[one.pk for one in late]).update(state=MemberState.LAPSED)
    ledger.record_many(
        actor=None,
        entries=[
            ledger.Entry(events.PLACE_LAPSED, one.order_class, {"student": one.person}) for one in late if one.person
        ],
    )
    return len(late)


@transaction.atomic
def leave_class(*, actor: Person, member: ClassMember, reason: str) -> ClassMember:
    """Leave a class after having accepted; the place is free again."""
    demand(actor, "positions.leave_class", member)
    member = ClassMember.objects.select_for_update().get(pk=member.pk)
    if member.state != MemberState.ACCEPTED:
        raise ValidationError(_("Only a member leaves a class."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why.")})
    member.state, member.reason = MemberState.LEFT, reason.strip()[:300]
    member.save()
    ledger.record(
        actor=actor,
        type=events.PLACE_LEFT,
        subject=member.order_class,
        payload={"student": member.person, "reason": member.reason},
    )
    return member


@transaction.atomic
def offer_job(*, actor: Person, member: ClassMember) -> ClassMember:
    """Record that the firm has offered a job to a member of its class."""
    demand(actor, "positions.offer_job", member)
    member = ClassMember.objects.select_for_update().get(pk=member.pk)
    if member.state != MemberState.ACCEPTED or member.job_offered_on is not None:
        raise ValidationError(_("A job is offered once, to a member of the class."))
    member.job_offered_on = timezone.localdate()
    member.save()
    ledger.record(actor=actor, type=events.JOB_OFFERED, subject=member.order_class, payload={"student": member.person})
    return member


@transaction.atomic
def accept_job(*, actor: Person, member: ClassMember) -> ClassMember:
    """Say as the student that one takes the job: the other side of the firm's word."""
    demand(actor, "positions.answer_place", member)
    member = ClassMember.objects.select_for_update().get(pk=member.pk)
    if member.job_offered_on is None or member.job_accepted_on is not None:
        raise ValidationError(_("There is no offer of a job to accept."))
    member.job_accepted_on = timezone.localdate()
    member.save()
    ledger.record(actor=actor, type=events.JOB_ACCEPTED, subject=member.order_class, payload={"student": actor})
    return member


@transaction.atomic
def finish_order_class(*, actor: Person, order_class: OrderClass, revision: int) -> OrderClass:
    """End a class after its last day; offers that wait lapse."""
    demand(actor, "positions.end_class", order_class)
    order = take_revision(OrderClass, order_class.pk, expected=revision)
    if order.state != OrderState.OPEN:
        raise ValidationError(_("This class is not open."))
    today = timezone.localdate()
    if today <= order.ends_on:
        raise ValidationError(
            _("The class lasts until %(day)s; to stop it before, withdraw it.") % {"day": order.ends_on}
        )
    order.state, order.ended_on = OrderState.FINISHED, today
    order.save()
    ledger.record(actor=actor, type=events.ORDER_FINISHED, subject=order)
    return order


@transaction.atomic
def withdraw_order_class(*, actor: Person, order_class: OrderClass, revision: int, reason: str) -> OrderClass:
    """Give a class up before its end; once students are in it only the office does."""
    demand(actor, "positions.end_class", order_class)
    order = take_revision(OrderClass, order_class.pk, expected=revision)
    if order.state in (OrderState.FINISHED, OrderState.WITHDRAWN):
        raise ValidationError(_("This class has ended already."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it is withdrawn.")})
    inside = order.members.filter(state=MemberState.ACCEPTED).exists()
    if inside and not actor.has_perm("positions.approve_class"):
        raise ValidationError(_("Students are in this class: the office withdraws it, when they are provided for."))
    order.state, order.ended_on, order.note = OrderState.WITHDRAWN, timezone.localdate(), reason.strip()[:500]
    order.save()
    ledger.record(actor=actor, type=events.ORDER_WITHDRAWN, subject=order, payload={"reason": order.note})
    return order
