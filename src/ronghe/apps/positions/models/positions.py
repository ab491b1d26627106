"""Positions that enterprises offer, their dated history, and the skills that students bring.

Who sits in a seat is a placement and stands in `training`; an offer counts seats offered, never seats filled.
"""

import uuid
from decimal import Decimal
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
from ronghe.apps.community.models import RoleKind, StudyField
from ronghe.apps.ledger.revision import RevisedRecord
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord


class PositionState(models.TextChoices):
    """Where a position stands. Closed: it takes nobody more, its seats stay offered; withdrawn: they do not."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for approval")
    OPEN = "open", pgettext_lazy("position", "Open")
    CLOSED = "closed", _("Closed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


SHOWN = (PositionState.OPEN, PositionState.CLOSED, PositionState.WITHDRAWN)


class PositionQuerySet(models.QuerySet["Position"]):
    """Reads of positions."""

    def visible_to(self, user: Any) -> Self:
        """Approved ones for everyone who takes part; those in the making for the office and the firm's HR."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        return self.filter(
            Q(state__in=SHOWN) | Q(organisation__in=standing.organisations(user, RoleKind.ENTERPRISE_HR))
        )


class Position(RevisedRecord):
    """A post of an enterprise with so many seats for students, from a day to a day.

    `post_staff` and `post_pay` are of the firm's own people in the same post, which rules on interns compare with.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        "community.Organisation", on_delete=models.PROTECT, related_name="positions", verbose_name=_("enterprise")
    )
    chain = models.ForeignKey(
        "community.Chain",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="positions",
        verbose_name=_("chain"),
    )
    order_class = models.ForeignKey(
        "OrderClass",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="positions",
        verbose_name=_("order class"),
    )
    agreement = models.ForeignKey(
        "agreements.Agreement",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="positions",
        verbose_name=_("agreement"),
    )
    requirements = models.ManyToManyField(
        "demand.Requirement", blank=True, related_name="positions", verbose_name=_("requirements it answers")
    )
    units = models.ManyToManyField(
        "curriculum.Unit", blank=True, related_name="positions", verbose_name=_("teaching units it practises")
    )
    title_zh = models.CharField(_("Chinese title"), max_length=120)
    title_en = models.CharField(_("English title"), max_length=160, blank=True)
    tasks = models.TextField(_("what a student does there"), max_length=4000)
    field = models.CharField(_("field"), max_length=20, choices=StudyField.choices)
    region = models.ForeignKey(
        "community.Region", on_delete=models.PROTECT, related_name="positions", verbose_name=_("city")
    )
    campus = models.ForeignKey(
        "community.Campus",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="positions",
        verbose_name=_("campus"),
    )
    seats = models.PositiveIntegerField(_("seats"), validators=[MinValueValidator(1), MaxValueValidator(5000)])
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    pay = models.DecimalField(
        _("pay in yuan a month"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    post_pay = models.DecimalField(
        _("pay of staff in the same post, yuan a month"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    post_staff = models.PositiveIntegerField(_("staff in the same post"), null=True, blank=True)
    least_mentors = models.PositiveSmallIntegerField(_("mentors at least"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=PositionState.choices, default=PositionState.DRAFT)
    note = models.CharField(_("word of the office"), max_length=500, blank=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    opened_on = models.DateField(_("opened on"), null=True, editable=False)
    ended_on = models.DateField(_("closed on"), null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PositionQuerySet.as_manager()

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "starts_on"], name="positions_by_state"),
            models.Index(fields=["organisation", "state"], name="positions_of_firm"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PositionState.values), name="positions_position_state_known"),
            models.CheckConstraint(condition=Q(seats__range=(1, 5000)), name="positions_position_has_seats"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="positions_position_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(pay__isnull=True) | Q(pay__gte=0), name="positions_position_pay_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(post_pay__isnull=True) | Q(post_pay__gte=0),
                name="positions_position_post_pay_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted"], opened_on__isnull=True)
                | Q(state__in=["open", "closed"], opened_on__isnull=False)
                | Q(state="withdrawn"),
                name="positions_position_opened_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The title in the language of the page."""
        return self.title_zh if (get_language() or "").startswith("zh") else self.title_en or self.title_zh

    @property
    def name(self) -> str:
        """Title and firm."""
        return f"{self.title} · {self.organisation.name}"

    def get_absolute_url(self) -> str:
        return reverse("positions:position", args=[self.uid])


class PositionSkill(models.Model):
    """A skill that a position wants at a skill level; a required one bars whoever has it not."""

    position = models.ForeignKey(Position, on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey("demand.Skill", on_delete=models.PROTECT, related_name="position_skills")
    skill_level = models.PositiveSmallIntegerField(
        _("skill level"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    is_required = models.BooleanField(_("required"), default=False)

    class Meta:
        verbose_name = _("skill of a position")
        verbose_name_plural = _("skills of positions")
        ordering = ["-is_required", "-skill_level", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["position", "skill"], name="positions_skill_once_a_position"),
            models.CheckConstraint(condition=Q(skill_level__range=(1, 5)), name="positions_skill_level_in_scale"),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.skill} {self.skill_level}"


class OfferQuerySet(DatedQuerySet["Offer"]):
    """Reads of offers."""

    def visible_to(self, user: Any) -> Self:
        """What was offered is open to everyone who takes part."""
        return self if standing.is_signed_in(user) else self.none()


class Offer(DatedRecord):
    """That a position offers so many seats, on those days and terms: from approval until it is withdrawn.

    An amendment ends one row and begins another; a correction supersedes it. `offered_on` stays the first day.
    """

    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="offers")
    organisation = models.ForeignKey("community.Organisation", on_delete=models.PROTECT, related_name="offers")
    chain = models.ForeignKey("community.Chain", null=True, on_delete=models.PROTECT, related_name="offers")
    offered_on = models.DateField(_("offered on"))
    seats = models.PositiveIntegerField(_("seats"))
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    pay = models.DecimalField(_("pay in yuan a month"), max_digits=9, decimal_places=2, null=True)
    post_pay = models.DecimalField(
        _("pay of staff in the same post, yuan a month"), max_digits=9, decimal_places=2, null=True
    )
    post_staff = models.PositiveIntegerField(_("staff in the same post"), null=True)

    objects = OfferQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("offer of a position")
        verbose_name_plural = _("offers of positions")
        indexes = [
            models.Index(fields=["superseded_at", "chain", "offered_on"], name="positions_offer_of_chain"),
            models.Index(fields=["superseded_at", "organisation", "offered_on"], name="positions_offer_of_firm"),
        ]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(seats__gte=1), name="positions_offer_has_seats"),
            models.UniqueConstraint(
                fields=["position"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="positions_offer_one_open_a_position",
            ),
            models.UniqueConstraint(
                fields=["position", "valid_from"],
                condition=Q(superseded_at__isnull=True),
                name="positions_offer_once_from_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.seats}"


class ChainRuleQuerySet(DatedQuerySet["ChainRule"]):
    """Reads of the rules of chains."""

    def visible_to(self, user: Any) -> Self:
        return self if standing.is_signed_in(user) else self.none()


class ChainRule(DatedRecord):
    """What a chain asks of positions before they open: a talent-supply agreement in force, or not."""

    chain = models.ForeignKey("community.Chain", on_delete=models.PROTECT, related_name="position_rules")
    asks_for_agreement = models.BooleanField(_("positions only under a signed talent-supply agreement"))
    clause = models.CharField(_("clause"), max_length=300, help_text=_("Where it was decided: document and paragraph."))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    objects = ChainRuleQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("rule of a chain on positions")
        verbose_name_plural = _("rules of chains on positions")
        constraints = [
            *DatedRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["chain"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="positions_rule_one_open_a_chain",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chain}: {self.asks_for_agreement}"


class StudentSkillQuerySet(models.QuerySet["StudentSkill"]):
    """Reads of what students say they can do."""

    def visible_to(self, user: Any) -> Self:
        """One's own; all for the office; for teachers those of their university's students."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        open_ = Q(person=user)
        if taught := standing.organisations(user, RoleKind.TEACHER):
            from ronghe.apps.community.models import CohortMembership

            pupils = CohortMembership.objects.known().filter(cohort__organisation__in=taught).values("person")
            open_ |= Q(person__in=pupils)
        return self.filter(open_)


class StudentSkill(models.Model):
    """A skill that a student says to have at a skill level, and who has confirmed it; unconfirmed it counts nowhere."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey("demand.Skill", on_delete=models.PROTECT, related_name="student_skills")
    skill_level = models.PositiveSmallIntegerField(
        _("skill level"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    evidence = models.CharField(_("what shows it"), max_length=300)
    declared_at = models.DateTimeField(default=timezone.now, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    confirmed_at = models.DateTimeField(null=True, editable=False)

    objects = StudentSkillQuerySet.as_manager()

    class Meta:
        verbose_name = _("skill of a student")
        verbose_name_plural = _("skills of students")
        ordering = ["person", "-skill_level", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "skill"], name="positions_skill_once_a_student"),
            models.CheckConstraint(
                condition=Q(skill_level__range=(1, 5)), name="positions_student_skill_level_in_scale"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("person")),
                name="positions_skill_confirmed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.skill} {self.skill_level}"
