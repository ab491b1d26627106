"""A matching round: who takes part, which positions, what is asked of the result, and what students wish.

What was computed and published of it stands in `results`.
"""

import uuid
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual, RoleKind
from ronghe.apps.ledger.revision import RevisedRecord
from ronghe.apps.positions.models.positions import Position


class RoundState(models.TextChoices):
    """Where a round stands."""

    COLLECTING = "collecting", _("Collecting preferences")
    COMPUTING = "computing", _("Computing")
    PROPOSED = "proposed", _("Proposed")
    PUBLISHED = "published", pgettext_lazy("state", "Published")
    CANCELLED = "cancelled", _("Called off")


class Mode(models.TextChoices):
    """What a result is to be."""

    STABLE = "stable", _("Stable")
    MAXIMAL = "maximal", _("Best within all quotas")


class Beyond(models.TextChoices):
    """What a position means that a student did not list: the words of `matching.Unlisted`."""

    REFUSED = "refused", _("Only listed positions")
    LAST = "last", _("Any position, those not listed last")


class RoundQuerySet(models.QuerySet["Round"]):
    """Reads of rounds."""

    def visible_to(self, user: Any) -> Self:
        """All for office, reviewers and teachers; for firms those with a position of theirs, for students their own."""
        if not standing.is_signed_in(user):
            return self.none()
        if any(standing.holds(user, kind) for kind in (RoleKind.OFFICE, RoleKind.REVIEWER, RoleKind.TEACHER)):
            return self
        firms = standing.organisations(user, RoleKind.ENTERPRISE_HR)
        offered = RoundPosition.objects.filter(position__organisation__in=firms).values("round")
        own = Participation.objects.filter(person=user).values("round")
        return self.filter(Q(pk__in=offered) | Q(pk__in=own))


class Round(Bilingual, RevisedRecord):
    """One round of matching, for cohorts and positions of one window."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cohorts = models.ManyToManyField("community.Cohort", related_name="rounds", verbose_name=_("cohorts"))
    opens_on = models.DateField(_("preferences from"))
    closes_on = models.DateField(_("preferences until"))
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    mode = models.CharField(_("what the result is to be"), max_length=8, choices=Mode.choices, default=Mode.STABLE)
    beyond = models.CharField(
        _("positions that are not listed"), max_length=8, choices=Beyond.choices, default=Beyond.REFUSED
    )
    most_wishes = models.PositiveSmallIntegerField(
        _("wishes at most"), default=12, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    same_field = models.BooleanField(_("only positions of the student's field"), default=True)
    seed = models.PositiveIntegerField(_("seed of the lots"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=RoundState.choices, default=RoundState.COLLECTING)
    published_run = models.OneToOneField(
        "Run", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="published_of"
    )
    published_at = models.DateTimeField(null=True, editable=False)
    appeals_until = models.DateField(_("appeals until"), null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("matching round")
        verbose_name_plural = _("matching rounds")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RoundState.values), name="positions_round_state_known"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="positions_round_mode_known"),
            models.CheckConstraint(condition=Q(beyond__in=Beyond.values), name="positions_round_beyond_known"),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on"), ends_on__gte=F("starts_on")),
                name="positions_round_days_in_order",
            ),
            models.CheckConstraint(
                condition=Q(state="published", published_at__isnull=False, published_run__isnull=False)
                | (~Q(state="published") & Q(published_at__isnull=True, published_run__isnull=True)),
                name="positions_round_published_with_a_run",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("positions:round", args=[self.uid])

    def takes_wishes(self, on: date) -> bool:
        """Whether students may state or change their wishes on a day."""
        return self.state == RoundState.COLLECTING and self.opens_on <= on <= self.closes_on


class RoundPosition(models.Model):
    """A position in a round: seats to fill in it, how many must be filled, and with how few it opens not at all."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="round_positions")
    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="rounds")
    seats = models.PositiveIntegerField(_("seats in this round"))
    least = models.PositiveIntegerField(_("to be filled at least"), default=0)
    cohort = models.PositiveIntegerField(_("opens from so many students"), default=0)

    class Meta:
        verbose_name = _("position in a round")
        verbose_name_plural = _("positions in rounds")
        ordering = ["round", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "position"], name="positions_once_a_round"),
            models.CheckConstraint(
                condition=Q(least__lte=F("seats"), cohort__lte=F("seats")), name="positions_round_asks_within_seats"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}: {self.position}"


class Share(models.TextChoices):
    """What a share is taken of: the words of `matching.ShareOf`."""

    PLACEMENTS = "placements", _("those placed there")
    STUDENTS = "students", _("the students of the group")
    SEATS = "seats", _("the seats there")


class Quota(models.Model):
    """How many of a group of students go to a group of positions. An empty group means all.

    Groups are named by kind and key, as `selectors.student_groups` and `selectors.position_groups` list them.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="quotas")
    name = models.CharField(_("name"), max_length=120)
    students = models.CharField(_("of which students"), max_length=80, blank=True)
    positions = models.CharField(_("to which positions"), max_length=80, blank=True)
    least = models.PositiveIntegerField(_("at least"), default=0)
    most = models.PositiveIntegerField(_("at most"), null=True, blank=True)
    least_share = models.DecimalField(
        _("least share"), max_digits=4, decimal_places=3, null=True, blank=True, help_text=_("0.3 is 30%.")
    )
    share_of = models.CharField(_("share of"), max_length=10, choices=Share.choices, default=Share.PLACEMENTS)

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "name"], name="positions_quota_named_once"),
            models.CheckConstraint(
                condition=Q(least_share__isnull=True) | Q(least_share__range=(0, 1)),
                name="positions_quota_share_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(most__isnull=True) | Q(most__gte=F("least")), name="positions_quota_most_above_least"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Participation(RevisedRecord):
    """A student in a round; when wishes and consent were handed in, and why the office left somebody out."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="participations")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="matching_participations"
    )
    cohort = models.ForeignKey("community.Cohort", on_delete=models.PROTECT, related_name="+")
    consented_at = models.DateTimeField(_("agreed to take part at"), null=True, editable=False)
    submitted_at = models.DateTimeField(_("handed in at"), null=True, editable=False)
    excused = models.CharField(_("left out because"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("student in a round")
        verbose_name_plural = _("students in rounds")
        ordering = ["round", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "person"], name="positions_student_once_a_round"),
        ]

    def __str__(self) -> str:
        return f"{self.round}: {self.person}"


class PreferenceQuerySet(models.QuerySet["Preference"]):
    """Reads of wishes."""

    def visible_to(self, user: Any) -> Self:
        """One's own, and all for the office; a firm never sees where else a student would go."""
        if not standing.is_signed_in(user):
            return self.none()
        return self if standing.holds(user, RoleKind.OFFICE) else self.filter(person=user)


class Preference(models.Model):
    """A position that a student wishes for, by rank from 1."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="preferences")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preferences")
    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="preferences")
    rank = models.PositiveSmallIntegerField(_("rank"))

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        ordering = ["round", "person", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["round", "person", "position"], name="positions_wished_once"),
            models.UniqueConstraint(fields=["round", "person", "rank"], name="positions_one_wish_a_rank"),
            models.CheckConstraint(condition=Q(rank__gte=1), name="positions_rank_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.position}"


class Priority(models.Model):
    """That a firm would take a student before others for a position, with its reason."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="priorities")
    position = models.ForeignKey(Position, on_delete=models.CASCADE, related_name="priorities")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField(_("place"), default=1)
    reason = models.CharField(_("reason"), max_length=300)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    given_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("priority of a firm")
        verbose_name_plural = _("priorities of firms")
        ordering = ["round", "position", "place"]
        constraints = [
            models.UniqueConstraint(fields=["round", "position", "person"], name="positions_priority_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="positions_priority_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.person}"


class DecisionKind(models.TextChoices):
    """What the office decided of a student and a position."""

    LOCKED = "locked", _("Fixed")
    FORBIDDEN = "forbidden", _("Ruled out")


class Decision(models.Model):
    """That the office fixes a student in a position, or rules the pair out, for the runs to come."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="decisions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("decision"), max_length=10, choices=DecisionKind.choices)
    reason = models.CharField(_("reason"), max_length=300)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("decision on a pair")
        verbose_name_plural = _("decisions on pairs")
        ordering = ["-decided_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "person", "position"], name="positions_one_decision_a_pair"),
            models.UniqueConstraint(
                fields=["round", "person"], condition=Q(kind="locked"), name="positions_fixed_in_one_position"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="positions_decision_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.position}"
