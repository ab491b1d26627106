"""Plans of rotations: their rules and groups, who is where in each fortnight, each week's sessions, and repairs."""

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual, CohortMembership, RoleKind
from ronghe.apps.ledger.revision import RevisedRecord
from ronghe.methods.scheduling import PATTERNS, Pattern

A_WEEK = timedelta(days=7)
LONGEST = 26


def pattern_choices() -> list[tuple[str, str]]:
    """Training patterns as a field offers them; the names come from the pattern itself (`Plan.pattern_name`)."""
    return [(pattern.code, pattern.code) for pattern in PATTERNS]


class PlanState(models.TextChoices):
    """Where a plan stands."""

    DRAFT = "draft", pgettext_lazy("rotation plan", "Draft")
    COMPUTING = "computing", pgettext_lazy("rotation plan", "Computing")
    PROPOSED = "proposed", pgettext_lazy("rotation plan", "Proposed")
    PUBLISHED = "published", pgettext_lazy("rotation plan", "Published")
    WITHDRAWN = "withdrawn", pgettext_lazy("rotation plan", "Withdrawn")


class PlanQuerySet(models.QuerySet["Plan"]):
    """Reads of plans."""

    def visible_to(self, user: Any) -> Self:
        """All for the office; published ones for whoever takes part, and for teachers and HR of those who do."""
        if not standing.is_signed_in(user):
            return self.none()
        if any(standing.holds(user, kind) for kind in (RoleKind.OFFICE, RoleKind.REVIEWER)):
            return self
        return self.filter(
            Q(pk__in=Member.objects.visible_to(user).values("group__plan"))
            | Q(pk__in=Session.objects.filter(mentor=user).values("week__plan")),
            state=PlanState.PUBLISHED,
        )


class Plan(Bilingual, RevisedRecord):
    """Rotations over some fortnights from a Monday on: the grid of slots, the rules of work, and how far it is."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    first_day = models.DateField(_("first Monday"))
    fortnights = models.PositiveSmallIntegerField(
        _("fortnights"), default=2, validators=[MinValueValidator(1), MaxValueValidator(LONGEST)]
    )
    pattern = models.CharField(_("training pattern"), max_length=20, choices=pattern_choices, default=PATTERNS[0].code)
    pattern_starts_on = models.DateField(_("the pattern began on"))
    zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    opens = models.TimeField(_("first slot of a day at"), default=time(8))
    slot_minutes = models.PositiveSmallIntegerField(
        _("minutes of a slot"), default=120, validators=[MinValueValidator(30), MaxValueValidator(480)]
    )
    slots_a_day = models.PositiveSmallIntegerField(
        _("slots a day"), default=6, validators=[MinValueValidator(1), MaxValueValidator(24)]
    )
    days = models.PositiveSmallIntegerField(
        _("days a week"), default=5, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    wanted = models.PositiveSmallIntegerField(_("sessions a group wants each week"), default=4)
    least = models.PositiveSmallIntegerField(_("sessions it must have each week"), default=2)
    rest_hours = models.DecimalField(_("hours of rest between days"), max_digits=4, decimal_places=1, default=11)
    group_day = models.PositiveSmallIntegerField(_("most sessions of a group a day"), default=2)
    group_nights = models.PositiveSmallIntegerField(_("most nights of a group a week"), default=1)
    mentor_day = models.PositiveSmallIntegerField(_("most sessions of a mentor a day"), default=4)
    mentor_week = models.PositiveSmallIntegerField(_("most sessions of a mentor a week"), default=20)
    mentor_nights = models.PositiveSmallIntegerField(_("most nights of a mentor a week"), default=2)
    load = models.PositiveSmallIntegerField(
        _("most trainees of a mentor at a time"), default=5, validators=[MinValueValidator(1)]
    )
    away = models.PositiveSmallIntegerField(
        _("most fortnights away from the own campus"), null=True, blank=True, help_text=_("Empty: as many as need be.")
    )
    mentors = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", verbose_name=_("mentors"), blank=True)
    state = models.CharField(
        _("state"), max_length=9, choices=PlanState.choices, default=PlanState.DRAFT, editable=False
    )
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    figures = models.JSONField(default=dict, editable=False)
    refusal = models.JSONField(default=dict, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    computed_at = models.DateTimeField(null=True, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("rotation plan")
        verbose_name_plural = _("rotation plans")
        ordering = ["-first_day", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PlanState.values), name="rotations_plan_state_known"),
            models.CheckConstraint(condition=Q(fortnights__range=(1, LONGEST)), name="rotations_plan_length"),
            models.CheckConstraint(condition=Q(least__lte=F("wanted")), name="rotations_least_within_wanted"),
            models.CheckConstraint(
                condition=Q(state="published", published_at__isnull=False) | ~Q(state="published"),
                name="rotations_plan_published_at",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("rotations:plan", args=[self.uid])

    def clean(self) -> None:
        # A form hands over an empty first day when the one typed was none.
        day: date | None = self.first_day
        if day is not None and day.weekday() != 0:
            raise ValidationError({"first_day": _("A plan begins on a Monday; choose one.")})
        if self.least and self.wanted and self.least > self.wanted:
            raise ValidationError({"least": _("A group cannot have to have more sessions than it wants.")})
        if self.slot_minutes and self.slots_a_day and not self.fits_a_day:
            raise ValidationError(
                {"slots_a_day": _("These slots run into the next day's first; take fewer or shorter.")}
            )

    @property
    def fits_a_day(self) -> bool:
        """Whether the slots of a day end before those of the next begin."""
        return self.slots_a_day * self.slot_minutes <= 24 * 60

    @property
    def last_day(self) -> date:
        """The last day of the last week."""
        return self.first_day + self.fortnights * 2 * A_WEEK - timedelta(days=1)

    @property
    def booked_as(self) -> str:
        """How the bookings of machines name this plan."""
        return f"rotations:{self.uid}"

    @property
    def known_pattern(self) -> Pattern:
        """The training pattern of its groups."""
        return next(pattern for pattern in PATTERNS if pattern.code == self.pattern)

    @property
    def pattern_name(self) -> str:
        """The pattern's name in the language of the page."""
        return self.known_pattern.name_zh if _is_chinese() else self.known_pattern.name_en

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed and computed."""
        return self.state in (PlanState.DRAFT, PlanState.PROPOSED)


def _is_chinese() -> bool:
    from django.utils.translation import get_language

    return (get_language() or "").startswith("zh")


class Need(models.Model):
    """How many fortnights each group of a plan spends at a family of machines."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="needs")
    family = models.ForeignKey(
        "sites.MachineFamily", on_delete=models.PROTECT, related_name="+", verbose_name=_("machine family")
    )
    fortnights = models.PositiveSmallIntegerField(_("fortnights"), validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = _("fortnights at a family")
        verbose_name_plural = _("fortnights at families")
        ordering = ["family__code"]
        constraints = [models.UniqueConstraint(fields=["plan", "family"], name="rotations_need_once_a_family")]

    def __str__(self) -> str:
        return f"{self.family}: {self.fortnights}"


class Group(models.Model):
    """Trainees who rotate together, from one campus."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="groups")
    number = models.PositiveSmallIntegerField(_("number"))
    campus = models.ForeignKey("community.Campus", on_delete=models.PROTECT, related_name="+", verbose_name=_("campus"))

    class Meta:
        verbose_name = _("group of trainees")
        verbose_name_plural = _("groups of trainees")
        ordering = ["plan", "number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="rotations_group_number_once")]

    def __str__(self) -> str:
        return str(_("Group %(number)s") % {"number": self.number})


class PinKind(models.TextChoices):
    """Whether a group has to be somewhere or must not be."""

    PINNED = "pinned", pgettext_lazy("rotation plan", "Pinned")
    FORBIDDEN = "forbidden", pgettext_lazy("rotation plan", "Forbidden")


class Pin(models.Model):
    """The office's word that a group is at a family in a fortnight, counted from 0, or is not: from whom, and why.

    It holds whenever its plan is computed; groups formed anew have none.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="pins")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="pins", verbose_name=_("group of trainees"))
    fortnight = models.PositiveSmallIntegerField(_("fortnight"))
    family = models.ForeignKey(
        "sites.MachineFamily", on_delete=models.PROTECT, related_name="+", verbose_name=_("machine family")
    )
    kind = models.CharField(pgettext_lazy("rotation plan", "decision"), max_length=9, choices=PinKind.choices)
    reason = models.CharField(_("reason"), max_length=300)
    # Empty once the person has been erased.
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("pinned fortnight")
        verbose_name_plural = _("pinned fortnights")
        ordering = ["group__number", "fortnight", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PinKind.values), name="rotations_pin_kind_known"),
            models.UniqueConstraint(fields=["group", "fortnight", "family"], name="rotations_pin_one_decision"),
            models.UniqueConstraint(
                fields=["group", "fortnight"], condition=Q(kind="pinned"), name="rotations_pin_one_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.fortnight + 1}: {self.family}"

    @property
    def is_kept(self) -> bool:
        """Whether the plan as it stands keeps it."""
        there = any(
            one.fortnight == self.fortnight and one.family_id == self.family_id for one in self.group.stays.all()
        )
        return there is (self.kind == PinKind.PINNED)


class MemberQuerySet(models.QuerySet["Member"]):
    """Reads of members."""

    def visible_to(self, user: Any) -> Self:
        """Oneself and one's group; the office; teachers their students."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        seen = Q(group__in=Member.objects.filter(person=user).values("group"))
        seen |= Q(group__in=Session.objects.filter(mentor=user).values("group"))
        taught = standing.organisations(user, RoleKind.TEACHER)
        if taught:
            pupils = CohortMembership.objects.known().filter(cohort__organisation__in=taught).values("person")
            seen |= Q(person__in=pupils)
        firms = standing.organisations(user, RoleKind.ENTERPRISE_HR)
        if firms:
            seen |= Q(group__sessions__machine__site__campus__organisation__in=firms)
        return self.filter(seen).distinct()


class Member(models.Model):
    """A trainee of a group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    # Empty once the person has been erased.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="rotation_memberships"
    )

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("trainee of a group")
        verbose_name_plural = _("trainees of groups")
        ordering = ["group", "pk"]
        constraints = [models.UniqueConstraint(fields=["group", "person"], name="rotations_member_once_a_group")]

    def __str__(self) -> str:
        return f"{self.group}: {self.person}"


class Stay(models.Model):
    """A group at a family's machines on a campus in a fortnight, counted from 0."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="stays")
    fortnight = models.PositiveSmallIntegerField(_("fortnight"))
    family = models.ForeignKey("sites.MachineFamily", on_delete=models.PROTECT, related_name="+")
    campus = models.ForeignKey("community.Campus", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("rotation")
        verbose_name_plural = _("rotations")
        ordering = ["group", "fortnight"]
        constraints = [models.UniqueConstraint(fields=["group", "fortnight"], name="rotations_one_place_a_fortnight")]

    def __str__(self) -> str:
        return f"{self.group} {self.fortnight + 1}: {self.family}"


class Week(models.Model):
    """What came of a week, counted from 0: figures of the plan, or why there is none."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="weeks")
    number = models.PositiveSmallIntegerField(_("week"))
    figures = models.JSONField(default=dict)
    refusal = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("week of a plan")
        verbose_name_plural = _("weeks of plans")
        ordering = ["plan", "number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="rotations_week_once")]

    def __str__(self) -> str:
        return f"{self.plan} {self.number + 1}"

    @property
    def first_day(self) -> date:
        """Its Monday."""
        return self.plan.first_day + self.number * A_WEEK


class Repair(models.Model):
    """A change of a published plan after something broke: why, how many sessions it lost and moved, whether proven."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="repairs")
    reason = models.CharField(_("reason"), max_length=300)
    lost = models.PositiveSmallIntegerField(_("sessions lost"))
    moved = models.PositiveSmallIntegerField(_("sessions moved"))
    reseated = models.PositiveSmallIntegerField(_("sessions with another machine or mentor"))
    is_proven = models.BooleanField(_("proven the least"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("repair of a plan")
        verbose_name_plural = _("repairs of plans")
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.plan}: {self.reason}"


class RotationSessionQuerySet(models.QuerySet["Session"]):
    """Reads of sessions."""

    def standing(self) -> Self:
        """Those that no repair has ended."""
        return self.filter(ended_by__isnull=True)

    def visible_to(self, user: Any) -> Self:
        """Of plans that are visible: all for the office and reviewers, else those of the own groups and own lead."""
        if not standing.is_signed_in(user):
            return self.none()
        if any(standing.holds(user, kind) for kind in (RoleKind.OFFICE, RoleKind.REVIEWER)):
            return self
        mine = Q(group__in=Member.objects.visible_to(user).values("group")) | Q(mentor=user)
        firms = standing.organisations(user, RoleKind.ENTERPRISE_HR)
        if firms:
            mine |= Q(machine__site__campus__organisation__in=firms)
        return self.filter(mine, week__plan__state=PlanState.PUBLISHED)


class Session(models.Model):
    """A group at a machine with a mentor from one moment to another; frozen once its plan is published."""

    week = models.ForeignKey(Week, on_delete=models.CASCADE, related_name="sessions")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="sessions")
    machine = models.ForeignKey("sites.Machine", on_delete=models.PROTECT, related_name="rotation_sessions")
    # Empty once the person has been erased.
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="rotation_sessions"
    )
    slot = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    made_by = models.ForeignKey(Repair, null=True, on_delete=models.PROTECT, related_name="sessions_made")
    ended_by = models.ForeignKey(Repair, null=True, on_delete=models.PROTECT, related_name="sessions_ended")

    objects = RotationSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["starts_at", "group"]
        indexes = [
            models.Index(fields=["mentor", "ends_at"], name="rotations_sessions_of_mentor"),
            models.Index(fields=["machine", "ends_at"], name="rotations_sessions_of_machine"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="rotations_session_ends_after_start"),
            models.UniqueConstraint(
                fields=["week", "group", "slot"],
                condition=Q(ended_by__isnull=True),
                name="rotations_group_once_a_slot",
            ),
            models.UniqueConstraint(
                fields=["week", "machine", "slot"],
                condition=Q(ended_by__isnull=True),
                name="rotations_machine_once_a_slot",
            ),
            models.UniqueConstraint(
                fields=["week", "mentor", "slot"],
                condition=Q(ended_by__isnull=True),
                name="rotations_mentor_once_a_slot",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.starts_at:%Y-%m-%d %H:%M}"

    def local(self, moment: datetime) -> datetime:
        """A moment by the clock of the plan."""
        return moment.astimezone(ZoneInfo(self.week.plan.zone))
