"""Work on the tasks of an order class: what a student shows of a task, and by which criteria the firm accepted it."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.positions.models.orders import ClassMember, Task


class AcceptanceState(models.TextChoices):
    """How far the work on a task is."""

    WAITING = "waiting", _("Waits for acceptance")
    ACCEPTED = "accepted", pgettext_lazy("task", "Accepted")
    RETURNED = "returned", _("Returned")


class AcceptanceQuerySet(models.QuerySet["Acceptance"]):
    """Reads of work on tasks."""

    def visible_to(self, user: Any) -> Self:
        """One's own; the office; HR and mentors of the firm; teachers of the university."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        firms = standing.organisations(user, (RoleKind.ENTERPRISE_HR, RoleKind.MENTOR))
        taught = standing.organisations(user, RoleKind.TEACHER)
        return self.filter(
            Q(member__person=user)
            | Q(member__order_class__organisation__in=firms)
            | Q(member__order_class__university__in=taught)
        )


class Acceptance(models.Model):
    """Work on one task that a student handed in, once or after it was returned; decided by the firm, once.

    `criteria` are the task's as they stood when the work was handed in, `met` the numbers of those that it met.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="acceptances")
    member = models.ForeignKey(ClassMember, on_delete=models.PROTECT, related_name="acceptances")
    evidence = models.TextField(_("what shows the work"), max_length=4000)
    link = models.URLField(_("link to the work"), max_length=500, blank=True)
    criteria = models.JSONField(default=list, editable=False)
    met = models.JSONField(default=list, editable=False)
    state = models.CharField(
        _("state"), max_length=8, choices=AcceptanceState.choices, default=AcceptanceState.WAITING, editable=False
    )
    comment = models.CharField(_("word of the firm"), max_length=500, blank=True, editable=False)
    handed_in_at = models.DateTimeField(default=timezone.now, editable=False)
    # Empty once the person has been erased.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(null=True, editable=False)

    objects = AcceptanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("work on a task")
        verbose_name_plural = _("work on tasks")
        ordering = ["-handed_in_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=AcceptanceState.values), name="positions_acceptance_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True)
                | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="positions_acceptance_decided_whole",
            ),
            models.UniqueConstraint(
                fields=["task", "member"],
                condition=Q(state__in=["waiting", "accepted"]),
                name="positions_task_accepted_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task}: {self.member.person or '—'}"

    def get_absolute_url(self) -> str:
        return reverse("positions:acceptance", args=[self.uid])

    @property
    def lines(self) -> list[tuple[str, bool]]:
        """Each criterion, and whether the work met it."""
        return [(line, number in self.met) for number, line in enumerate(self.criteria)]
