"""Order classes: a class that an enterprise orders of a university, its tasks, and the students it is offered to."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual, RoleKind, StudyField
from ronghe.apps.ledger.revision import RevisedRecord


class OrderState(models.TextChoices):
    """Where an order class stands."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for approval")
    OPEN = "open", pgettext_lazy("position", "Open")
    FINISHED = "finished", pgettext_lazy("state", "Finished")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class OrderClassQuerySet(models.QuerySet["OrderClass"]):
    """Reads of order classes."""

    def visible_to(self, user: Any) -> Self:
        """Approved ones for everyone who takes part; those in the making for the office and the firm's HR."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        making = [OrderState.DRAFT, OrderState.SUBMITTED]
        own = standing.organisations(user, RoleKind.ENTERPRISE_HR)
        return self.filter(~Q(state__in=making) | Q(organisation__in=own))


class OrderClass(Bilingual, RevisedRecord):
    """A class ordered by an enterprise: its size, what the firm promises, and until when students may answer."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        "community.Organisation", on_delete=models.PROTECT, related_name="order_classes", verbose_name=_("enterprise")
    )
    university = models.ForeignKey(
        "community.Organisation", on_delete=models.PROTECT, related_name="+", verbose_name=_("university")
    )
    chain = models.ForeignKey(
        "community.Chain",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="order_classes",
        verbose_name=_("chain"),
    )
    agreement = models.ForeignKey(
        "agreements.Agreement",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="order_classes",
        verbose_name=_("talent-supply agreement"),
    )
    field = models.CharField(_("field"), max_length=20, choices=StudyField.choices)
    summary = models.TextField(_("what the class is for"), max_length=2000, blank=True)
    size = models.PositiveIntegerField(_("students"), validators=[MinValueValidator(1), MaxValueValidator(5000)])
    seats_promised = models.PositiveIntegerField(_("seats that the firm promises"))
    jobs_promised = models.PositiveIntegerField(_("jobs that the firm promises"), default=0)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    answer_by = models.DateField(_("students answer by"))
    state = models.CharField(_("state"), max_length=10, choices=OrderState.choices, default=OrderState.DRAFT)
    note = models.CharField(_("word of the office"), max_length=500, blank=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    opened_on = models.DateField(_("opened on"), null=True, editable=False)
    ended_on = models.DateField(_("closed on"), null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OrderClassQuerySet.as_manager()

    class Meta:
        verbose_name = _("order class")
        verbose_name_plural = _("order classes")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=OrderState.values), name="positions_order_state_known"),
            models.CheckConstraint(condition=Q(size__range=(1, 5000)), name="positions_order_has_students"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="positions_order_ends_after_start"),
            models.CheckConstraint(
                condition=Q(answer_by__lte=F("ends_on")), name="positions_order_answered_before_it_ends"
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("positions:order_class", args=[self.uid])


class Task(models.Model):
    """A task from the firm's real operations, and by what it is accepted: one criterion a line."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order_class = models.ForeignKey(OrderClass, on_delete=models.CASCADE, related_name="order_tasks")
    place = models.PositiveSmallIntegerField(_("place"), default=1)
    title_zh = models.CharField(_("Chinese title"), max_length=160)
    title_en = models.CharField(_("English title"), max_length=200, blank=True)
    operation = models.TextField(_("which operation of the firm it is taken from"), max_length=2000)
    criteria = models.TextField(_("accepted when (one criterion a line)"), max_length=2000)
    retired_on = models.DateField(_("retired on"), null=True, editable=False)

    class Meta:
        verbose_name = _("task of an order class")
        verbose_name_plural = _("tasks of order classes")
        ordering = ["place", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(criteria=""), name="positions_task_says_when_it_is_accepted"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The title in the language of the page."""
        return self.title_zh if (get_language() or "").startswith("zh") else self.title_en or self.title_zh

    @property
    def criteria_lines(self) -> list[str]:
        """The criteria one by one."""
        return [line.strip() for line in self.criteria.splitlines() if line.strip()]


class MemberState(models.TextChoices):
    """How a student stands to an order class."""

    OFFERED = "offered", _("Offered")
    ACCEPTED = "accepted", pgettext_lazy("offer", "Accepted")
    DECLINED = "declined", _("Declined")
    LAPSED = "lapsed", _("Not answered in time")
    LEFT = "left", _("Left the class")


class ClassMemberQuerySet(models.QuerySet["ClassMember"]):
    """Reads of who was offered a place in an order class."""

    def visible_to(self, user: Any) -> Self:
        """One's own; all for the office; those of its own classes for the firm's HR and the university's teachers."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        return self.filter(
            Q(person=user)
            | Q(order_class__organisation__in=standing.organisations(user, RoleKind.ENTERPRISE_HR))
            | Q(order_class__university__in=standing.organisations(user, RoleKind.TEACHER))
        )


class ClassMember(models.Model):
    """An offer of a place in an order class to a student, the answer, and the job that came of it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order_class = models.ForeignKey(OrderClass, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="class_memberships"
    )
    state = models.CharField(_("state"), max_length=10, choices=MemberState.choices, default=MemberState.OFFERED)
    offered_at = models.DateTimeField(_("offered at"), default=timezone.now, editable=False)
    answer_by = models.DateField(_("answer by"))
    answered_at = models.DateTimeField(_("answered at"), null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    job_offered_on = models.DateField(_("job offered on"), null=True, editable=False)
    job_accepted_on = models.DateField(_("job accepted on"), null=True, editable=False)

    objects = ClassMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of an order class")
        verbose_name_plural = _("members of order classes")
        ordering = ["order_class", "offered_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["order_class", "person"], name="positions_member_once_a_class"),
            models.CheckConstraint(condition=Q(state__in=MemberState.values), name="positions_member_state_known"),
            models.CheckConstraint(
                condition=Q(job_accepted_on__isnull=True) | Q(job_offered_on__isnull=False),
                name="positions_job_accepted_after_offer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_class}: {self.person}"
