"""Versions of packages, their units with what each declares to teach, and the reviews. Released ones never change.

Database triggers (see `triggers.py`) hold that; only the names of people can leave a released version.
"""

import uuid
from datetime import date, datetime
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual
from ronghe.apps.curriculum.models.programmes import Package
from ronghe.apps.ledger.revision import RevisedRecord
from ronghe.methods.revision_diff import Change

NEVER = date(9999, 12, 31)


class VersionState(models.TextChoices):
    """Where a version stands."""

    DRAFT = "draft", _("Draft")
    REVIEW = "review", _("Under review")
    RELEASED = "released", _("Released")


class VersionQuerySet(models.QuerySet["PackageVersion"]):
    """Reads of versions."""

    def visible_to(self, user: Any) -> Self:
        """Released ones for everyone who takes part; the others for those who write and review them."""
        if not standing.is_signed_in(user):
            return self.none()
        if user.has_perm("curriculum.view_every_draft"):
            return self
        own = standing.organisations(user, "teacher")
        return self.filter(Q(state=VersionState.RELEASED) | Q(package__course__programme__organisation__in=own))

    def in_force(self, day: date, known_at: datetime | None = None) -> Self:
        """The versions that were taught on a day, as far as was known at a moment."""
        return self.filter(**in_force(day, known_at))


def in_force(day: date, known_at: datetime | None = None, prefix: str = "") -> dict[str, Any]:
    """That a version is taught on a day, as lookups of values that JSON can carry."""
    found: dict[str, Any] = {
        f"{prefix}taught_from__lte": day.isoformat(),
        f"{prefix}taught_until__gt": day.isoformat(),
    }
    if known_at is not None:
        found[f"{prefix}recorded_at__lte"] = known_at.isoformat()
    return found


class PackageVersion(RevisedRecord):
    """One version of a package: written as a draft, reviewed from both sides, released, and from then on immutable.

    `round` counts how often it was sent to review; approvals hold for the round they were given in.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=VersionState.choices, default=VersionState.DRAFT)
    summary = models.TextField(_("what is new and why"), max_length=2000, blank=True)
    round = models.PositiveSmallIntegerField(default=0, editable=False)
    created_on = models.DateField(default=timezone.localdate, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="versions_created"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="versions_submitted"
    )
    submitted_on = models.DateField(null=True, editable=False)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="versions_released"
    )
    released_on = models.DateField(_("released on"), null=True, editable=False)
    recorded_at = models.DateTimeField(null=True, editable=False)
    superseded_on = models.DateField(_("in force until"), null=True, editable=False)
    content_hash = models.CharField(max_length=80, blank=True, editable=False)
    # The days between which it is taught, a day that never comes while there is none.
    taught_from = models.GeneratedField(
        expression=Coalesce("released_on", Value(NEVER)), output_field=models.DateField(), db_persist=True
    )
    taught_until = models.GeneratedField(
        expression=Coalesce("superseded_on", Value(NEVER)), output_field=models.DateField(), db_persist=True
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a package")
        verbose_name_plural = _("versions of packages")
        ordering = ["package", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["package", "number"], name="curriculum_version_numbered_once"),
            models.UniqueConstraint(
                fields=["package"], condition=~Q(state="released"), name="curriculum_one_version_in_work"
            ),
            models.CheckConstraint(condition=Q(state__in=VersionState.values), name="curriculum_version_state_known"),
            models.CheckConstraint(condition=Q(number__gte=1), name="curriculum_version_number_positive"),
            models.CheckConstraint(
                condition=Q(state="released", released_on__isnull=False, recorded_at__isnull=False)
                & ~Q(content_hash="")
                | ~Q(state="released") & Q(released_on__isnull=True, recorded_at__isnull=True, content_hash=""),
                name="curriculum_version_released_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(superseded_on__isnull=True) | Q(superseded_on__gte=F("released_on")),
                name="curriculum_version_superseded_after_release",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("curriculum:version", args=[self.uid])

    @property
    def is_released(self) -> bool:
        """Whether it is out and can change no more."""
        return self.state == VersionState.RELEASED


class UnitChange(models.TextChoices):
    """What a release did to a unit, by the rule of `methods.revision_diff`."""

    UNCHANGED = Change.UNCHANGED.value, _("Unchanged")
    REWORDED = Change.REWORDED.value, _("Reworded")
    ADJUSTED = Change.ADJUSTED.value, _("Adjusted")
    SPLIT = Change.SPLIT.value, _("Split off")
    MERGED = Change.MERGED.value, _("Merged")
    REPLACED = Change.REPLACED.value, _("Replaced")
    ADDED = Change.ADDED.value, _("Added")


class UnitQuerySet(models.QuerySet["Unit"]):
    """Reads of units."""

    def visible_to(self, user: Any) -> Self:
        """Those of the versions that the user may read."""
        return self.filter(version__in=PackageVersion.objects.visible_to(user))


class Unit(Bilingual, RevisedRecord):
    """The smallest dated part of a package. `key` stays the same through the versions; the row is of one version.

    `change`, `novelty` and `renewed_on` are written by the release: what it did to the unit, how much of it is new,
    and on which day its content was last replaced in substance.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(PackageVersion, on_delete=models.CASCADE, related_name="units")
    key = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    position = models.PositiveSmallIntegerField(_("place"), default=1)
    content = models.TextField(_("what is taught"), max_length=8000, blank=True)
    hours = models.DecimalField(_("teaching hours"), max_digits=5, decimal_places=1)
    practice_hours = models.DecimalField(_("practice hours"), max_digits=5, decimal_places=1, default=0)
    source_part = models.ForeignKey(
        "curriculum.ProjectPart", null=True, blank=True, on_delete=models.PROTECT, related_name="units",
        verbose_name=_("part of a project of industry"),
    )  # fmt: skip
    source_case = models.ForeignKey(
        "curriculum.TeachingCase", null=True, blank=True, on_delete=models.PROTECT, related_name="units",
        verbose_name=_("real case"),
    )  # fmt: skip
    university_author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL,
        related_name="units_written_for_universities", verbose_name=_("author from the university"),
    )  # fmt: skip
    enterprise_author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL,
        related_name="units_written_for_enterprises", verbose_name=_("author from an enterprise"),
    )  # fmt: skip
    change = models.CharField(max_length=10, choices=UnitChange.choices, blank=True, editable=False)
    novelty = models.FloatField(null=True, editable=False)
    renewed_on = models.DateField(_("content of"), null=True, editable=False)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("teaching unit")
        verbose_name_plural = _("teaching units")
        ordering = ["version", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="curriculum_unit_once_a_version"),
            models.CheckConstraint(condition=Q(hours__gt=0), name="curriculum_unit_has_hours"),
            models.CheckConstraint(
                condition=Q(practice_hours__gte=0, practice_hours__lte=F("hours")),
                name="curriculum_unit_practice_within_hours",
            ),
            models.CheckConstraint(
                condition=Q(novelty__isnull=True) | Q(novelty__range=(0, 1)), name="curriculum_unit_novelty_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(change="") | Q(change__in=UnitChange.values), name="curriculum_unit_change_known"
            ),
        ]

    def get_absolute_url(self) -> str:
        return f"{reverse('curriculum:version', args=[self.version.uid])}#unit-{self.key}"


class DeclarationQuerySet(models.QuerySet["Declaration"]):
    """Reads of declarations."""

    def visible_to(self, user: Any) -> Self:
        """Those of the units that the user may read."""
        return self.filter(unit__version__in=PackageVersion.objects.visible_to(user))


class Declaration(models.Model):
    """That a unit teaches a skill to a skill level, in so many hours, and what the learner shows for it."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="declarations")
    skill = models.ForeignKey("demand.Skill", on_delete=models.PROTECT, related_name="declarations")
    skill_level = models.PositiveSmallIntegerField(
        _("skill level"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    hours = models.DecimalField(_("teaching hours"), max_digits=5, decimal_places=1)
    practice_hours = models.DecimalField(_("practice hours"), max_digits=5, decimal_places=1, default=0)
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = _("declared skill")
        verbose_name_plural = _("declared skills")
        ordering = ["unit", "-hours", "pk"]
        indexes = [models.Index(fields=["skill", "unit"])]
        constraints = [
            models.UniqueConstraint(fields=["unit", "skill"], name="curriculum_skill_declared_once"),
            models.CheckConstraint(condition=Q(skill_level__range=(1, 5)), name="curriculum_declared_level_in_scale"),
            models.CheckConstraint(condition=Q(hours__gt=0), name="curriculum_declared_hours_positive"),
            models.CheckConstraint(
                condition=Q(practice_hours__gte=0, practice_hours__lte=F("hours")),
                name="curriculum_declared_practice_within_hours",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.skill} {self.skill_level}"


class Side(models.TextChoices):
    """From which side a review comes: a version needs the approval of both."""

    UNIVERSITY = "university", _("Teacher")
    ENTERPRISE = "enterprise", _("Enterprise mentor")


class Verdict(models.TextChoices):
    """What a reviewer says."""

    APPROVED = "approved", _("Approved")
    CHANGES = "changes", _("Changes needed")


class Review(models.Model):
    """One reviewer's word on a version in one round; added, never edited."""

    version = models.ForeignKey(PackageVersion, on_delete=models.CASCADE, related_name="reviews")
    round = models.PositiveSmallIntegerField()
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict.choices)
    comment = models.TextField(_("comment"), max_length=2000, blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="package_reviews"
    )
    organisation = models.ForeignKey("community.Organisation", on_delete=models.PROTECT, related_name="package_reviews")
    reviewed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("review of a version")
        verbose_name_plural = _("reviews of versions")
        ordering = ["reviewed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "round", "reviewer"], name="curriculum_review_once_a_round"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="curriculum_review_side_known"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="curriculum_review_verdict_known"),
            models.CheckConstraint(
                condition=Q(verdict="approved") | ~Q(comment=""), name="curriculum_review_changes_are_named"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.get_verdict_display()}"


class SuggestionDecision(models.Model):
    """What a person made of a skill that text matching suggested for a unit; the reason it gave is kept beside it."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="suggestion_decisions")
    skill = models.ForeignKey("demand.Skill", on_delete=models.PROTECT, related_name="+")
    is_accepted = models.BooleanField(_("accepted"))
    reason = models.CharField(_("why it was suggested"), max_length=300)
    score = models.FloatField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="suggestion_decisions"
    )
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("decision on a suggested skill")
        verbose_name_plural = _("decisions on suggested skills")
        constraints = [
            models.UniqueConstraint(fields=["unit", "skill"], name="curriculum_suggestion_decided_once"),
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.skill}"
