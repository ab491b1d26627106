"""Programmes of universities, the cohorts that follow them, and their courses; what is taught stands in packages."""

import uuid
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual, Cohort, StudyField
from ronghe.apps.ledger.revision import RevisedRecord


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    """Reads of programmes."""

    def visible_to(self, user: Any) -> Self:
        """What is taught in the community is open to everyone who takes part."""
        return self if standing.is_signed_in(user) else self.none()


class Programme(Bilingual, RevisedRecord):
    """A programme of a university: what its cohorts study, and for how many months."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        "community.Organisation", on_delete=models.PROTECT, related_name="programmes", verbose_name=_("university")
    )
    field = models.CharField(_("field"), max_length=20, choices=StudyField.choices)
    months = models.PositiveSmallIntegerField(_("length in months"), default=36)
    founded_on = models.DateField(_("offered since"), default=timezone.localdate)
    cohorts: models.ManyToManyField[Cohort, models.Model] = models.ManyToManyField(
        "community.Cohort", blank=True, related_name="programmes", verbose_name=_("cohorts that follow it")
    )

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["name_zh"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name_zh"], name="curriculum_programme_named_once"),
            models.CheckConstraint(condition=Q(field__in=StudyField.values), name="curriculum_programme_field_known"),
            models.CheckConstraint(condition=Q(months__range=(1, 96)), name="curriculum_programme_length_possible"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("curriculum:programme", args=[self.uid])


class CourseQuerySet(models.QuerySet["Course"]):
    """Reads of courses."""

    def visible_to(self, user: Any) -> Self:
        """As open as the programmes."""
        return self if standing.is_signed_in(user) else self.none()


class Course(Bilingual):
    """A course of a programme; its content stands in dynamic packages."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="courses")
    code = models.CharField(_("course code"), max_length=30)
    credits = models.DecimalField(_("credits"), max_digits=4, decimal_places=1, default=0)

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "code"], name="curriculum_course_code_once"),
            models.CheckConstraint(condition=Q(credits__gte=0), name="curriculum_course_credits_not_negative"),
        ]


class PackageQuerySet(models.QuerySet["Package"]):
    """Reads of packages."""

    def visible_to(self, user: Any) -> Self:
        """As open as the programmes; which of its versions, is another question."""
        return self if standing.is_signed_in(user) else self.none()

    def standing_on(self, day: date) -> Self:
        """Packages that were opened by `day` and not retired then."""
        return self.filter(opened_on__lte=day).filter(Q(retired_on__isnull=True) | Q(retired_on__gt=day))


class Package(Bilingual):
    """A dynamic course package: content of a course that is renewed by releasing version after version."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="packages")
    opened_on = models.DateField(_("opened on"), default=timezone.localdate)
    retired_on = models.DateField(_("retired on"), null=True, blank=True)

    objects = PackageQuerySet.as_manager()

    class Meta:
        verbose_name = _("course package")
        verbose_name_plural = _("course packages")
        ordering = ["name_zh"]
        constraints = [
            models.UniqueConstraint(fields=["course", "name_zh"], name="curriculum_package_named_once"),
            models.CheckConstraint(
                condition=Q(retired_on__isnull=True) | Q(retired_on__gte=models.F("opened_on")),
                name="curriculum_package_retired_after_opened",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("curriculum:package", args=[self.uid])
