"""Order classes with what both sides have kept of their promises."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from ronghe.apps.positions.models import Acceptance, AcceptanceState, ClassMember, MemberState, Offer, OrderClass, Task


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """What firm and university promised and have given: seats and jobs on one side, students on the other."""

    seats_promised: int
    seats_offered: int
    jobs_promised: int
    jobs_offered: int
    jobs_accepted: int
    size: int
    asked: int
    accepted: int
    tasks_set: int
    tasks_accepted: int
    tasks_waiting: int

    @property
    def tasks_expected(self) -> int:
        """Each task accepted of each student in the class."""
        return self.tasks_set * self.accepted

    @property
    def firm_state(self) -> str:
        """`ok` once all promised seats are offered and all promised jobs too, else `warn`."""
        kept = self.seats_offered >= self.seats_promised and self.jobs_offered >= self.jobs_promised
        return "ok" if kept else "warn"

    @property
    def university_state(self) -> str:
        """`ok` once the class is full, else `warn`."""
        return "ok" if self.accepted >= self.size else "warn"


def orders(user: Any, *, state: str = "", organisation: int | None = None) -> QuerySet[OrderClass]:
    """The order classes open to `user`, with `accepted` members counted."""
    found = OrderClass.objects.visible_to(user).select_related("organisation", "university", "chain")
    if state:
        found = found.filter(state=state)
    if organisation is not None:
        found = found.filter(organisation=organisation)
    accepted = Count("members", filter=Q(members__state=MemberState.ACCEPTED))
    return found.annotate(accepted=accepted).order_by("-starts_on", "-pk")


def find_order(user: Any, uid: UUID) -> OrderClass | None:
    """The order class, if it is open to `user`."""
    related = ("organisation", "university", "chain", "agreement")
    return OrderClass.objects.visible_to(user).select_related(*related).filter(uid=uid).first()


def find_task(user: Any, uid: UUID) -> Task | None:
    """A task of a class that is open to `user`."""
    open_ = OrderClass.objects.visible_to(user)
    return Task.objects.filter(order_class__in=open_, uid=uid).select_related("order_class").first()


def fulfilment(order_class: OrderClass) -> Fulfilment:
    """What was promised and what is given today; four queries."""
    counts = order_class.members.aggregate(
        asked=Count("pk", filter=Q(state__in=[MemberState.OFFERED, MemberState.ACCEPTED])),
        accepted=Count("pk", filter=Q(state=MemberState.ACCEPTED)),
        jobs_offered=Count("job_offered_on"),
        jobs_accepted=Count("job_accepted_on"),
    )
    offers = Offer.objects.on(timezone.localdate()).filter(position__order_class=order_class)
    work = Acceptance.objects.filter(member__order_class=order_class, member__state=MemberState.ACCEPTED)
    work = work.filter(task__retired_on=None)
    tasks = work.aggregate(
        tasks_accepted=Count("pk", filter=Q(state=AcceptanceState.ACCEPTED)),
        tasks_waiting=Count("pk", filter=Q(state=AcceptanceState.WAITING)),
    )
    return Fulfilment(
        tasks_set=order_class.order_tasks.filter(retired_on=None).count(),
        **tasks,
        seats_promised=order_class.seats_promised,
        seats_offered=offers.aggregate(total=Sum("seats"))["total"] or 0,
        jobs_promised=order_class.jobs_promised,
        size=order_class.size,
        **counts,
    )


def work_of(order_class: OrderClass, person: Any) -> dict[int, Acceptance]:
    """The newest work of a member on each task of a class, by the task's key."""
    found = Acceptance.objects.filter(member__order_class=order_class, member__person=person.pk)
    return {one.task_id: one for one in found.order_by("handed_in_at", "pk")}


def work_waiting(user: Any, order_class: OrderClass | None = None) -> QuerySet[Acceptance]:
    """Work that waits for the firm to accept it, the oldest first, as far as `user` may see."""
    found = Acceptance.objects.visible_to(user).filter(state=AcceptanceState.WAITING, member__person__isnull=False)
    if order_class is not None:
        found = found.filter(member__order_class=order_class)
    return found.select_related("task", "member__person", "member__order_class").order_by("handed_in_at", "pk")


def members(user: Any, order_class: OrderClass) -> QuerySet[ClassMember]:
    """Who was offered a place, as far as `user` may see."""
    accepted = Count(
        "acceptances",
        filter=Q(acceptances__state=AcceptanceState.ACCEPTED, acceptances__task__retired_on=None),
    )
    found = ClassMember.objects.visible_to(user).filter(order_class=order_class)
    return found.annotate(tasks_accepted=accepted).select_related("person", "order_class")
