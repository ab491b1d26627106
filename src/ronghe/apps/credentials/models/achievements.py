"""What can be certified: achievements, their versions with skills and conditions. Used versions never change."""

import uuid
from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual
from ronghe.apps.ledger.revision import RevisedRecord


class AchievementType(models.TextChoices):
    """What kind of achievement it is, as Open Badges 3.0 calls the kinds that occur here."""

    MICRO_CREDENTIAL = "MicroCredential", _("Micro-credential")
    CERTIFICATE = "Certificate", _("Certificate")
    COMPETENCY = "Competency", _("Competency")
    COURSE = "Course", _("Course")
    PROJECT = "Project", _("Project")
    APPRENTICESHIP = "ApprenticeshipCertificate", _("Apprenticeship certificate")


class WorkerLevel(models.IntegerChoices):
    """The eight levels of skilled workers (新八级工)."""

    APPRENTICE = 1, _("Apprentice worker")
    JUNIOR = 2, _("Junior worker")
    INTERMEDIATE = 3, _("Intermediate worker")
    SENIOR = 4, _("Senior worker")
    TECHNICIAN = 5, _("Technician")
    SENIOR_TECHNICIAN = 6, _("Senior technician")
    SPECIAL_TECHNICIAN = 7, _("Special technician")
    CHIEF_TECHNICIAN = 8, _("Chief technician")


class AchievementQuerySet(models.QuerySet["Achievement"]):
    """Reads of achievements."""

    def visible_to(self, user: Any) -> Self:
        """What can be achieved is open to everyone who takes part."""
        return self if standing.is_signed_in(user) else self.none()


class Achievement(models.Model):
    """Something that an issuer certifies; what it asks for stands in its versions."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    issuer = models.ForeignKey("credentials.Issuer", on_delete=models.PROTECT, related_name="achievements")
    code = models.CharField(_("code"), max_length=40)
    retired_on = models.DateField(_("no longer issued from"), null=True, blank=True)

    objects = AchievementQuerySet.as_manager()

    class Meta:
        verbose_name = _("achievement")
        verbose_name_plural = _("achievements")
        ordering = ["issuer", "code"]
        constraints = [
            models.UniqueConstraint(fields=["issuer", "code"], name="credentials_achievement_code_once"),
            models.CheckConstraint(condition=~Q(code=""), name="credentials_achievement_has_a_code"),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("credentials:achievement", args=[self.uid])


class AchievementVersion(Bilingual, RevisedRecord):
    """One version of an achievement: names, criteria, levels. A draft until it is first issued, then frozen."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    achievement = models.ForeignKey(Achievement, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"), default=1)
    type = models.CharField(_("kind"), max_length=30, choices=AchievementType.choices)
    criteria_zh = models.TextField(_("criteria in Chinese"), max_length=4000)
    criteria_en = models.TextField(_("criteria in English"), max_length=4000, blank=True)
    worker_level = models.PositiveSmallIntegerField(
        _("eight-level worker"), choices=WorkerLevel.choices, null=True, blank=True
    )
    eqf_level = models.PositiveSmallIntegerField(
        _("level of the European Qualifications Framework"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(8)],
    )
    months_valid = models.PositiveSmallIntegerField(
        _("months for which a certificate holds"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    frozen_at = models.DateTimeField(_("frozen"), null=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("version of an achievement")
        verbose_name_plural = _("versions of achievements")
        ordering = ["achievement", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["achievement", "number"], name="credentials_version_numbered_once"),
            models.UniqueConstraint(
                fields=["achievement"], condition=Q(frozen_at__isnull=True), name="credentials_one_draft_of_a_version"
            ),
            models.CheckConstraint(
                condition=Q(type__in=AchievementType.values), name="credentials_achievement_type_known"
            ),
            models.CheckConstraint(
                condition=Q(worker_level__isnull=True) | Q(worker_level__range=(1, 8)),
                name="credentials_worker_level_in_range",
            ),
            models.CheckConstraint(
                condition=Q(eqf_level__isnull=True) | Q(eqf_level__range=(1, 8)), name="credentials_eqf_level_in_range"
            ),
        ]

    @property
    def criteria(self) -> str:
        """The criteria in the language of the page; the other one where that is missing."""
        chinese = (get_language() or "").startswith("zh")
        return self.criteria_zh if chinese else self.criteria_en or self.criteria_zh

    @property
    def key_text(self) -> str:
        """What names it in an address."""
        return str(self.uid)

    @property
    def is_frozen(self) -> bool:
        """Whether certificates of this version exist, so that it can change no more."""
        return self.frozen_at is not None

    def get_absolute_url(self) -> str:
        return self.achievement.get_absolute_url()


class AchievementSkill(models.Model):
    """A skill of the lexicon that the achievement certifies, with the level that was reached."""

    version = models.ForeignKey(AchievementVersion, on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey("demand.Skill", on_delete=models.PROTECT, related_name="achievements")
    skill_level = models.PositiveSmallIntegerField(
        _("skill level"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )

    class Meta:
        verbose_name = _("skill of an achievement")
        verbose_name_plural = _("skills of achievements")
        ordering = ["version", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "skill"], name="credentials_skill_once_a_version"),
            models.CheckConstraint(condition=Q(skill_level__range=(1, 5)), name="credentials_skill_level_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.skill} {self.skill_level}"


class Condition(Bilingual):
    """What must be measured of a person before the certificate is issued: a metric about people and its least value.

    The name says in words what it is (credits, confirmed evidence). A metric that no station measures yet refuses
    every issue with that reason; `is_waived` says openly that it is not asked for, and why.
    """

    version = models.ForeignKey(AchievementVersion, on_delete=models.CASCADE, related_name="conditions")
    metric = models.CharField(_("metric"), max_length=120)
    least = models.FloatField(_("at least"))
    months = models.PositiveSmallIntegerField(_("within the last months"), null=True, blank=True)
    is_waived = models.BooleanField(_("not asked for"), default=False)
    waiver_reason = models.CharField(_("why it is not asked for"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        ordering = ["version", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "metric"], name="credentials_condition_once_a_version"),
            models.CheckConstraint(
                condition=Q(is_waived=False) | ~Q(waiver_reason=""), name="credentials_waiver_has_a_reason"
            ),
        ]
