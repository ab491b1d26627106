"""What teaching takes from industry: projects with their parts, and real cases with licence and currency."""

import uuid
from datetime import date, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual
from ronghe.apps.ledger.revision import RevisedRecord

# A case that nobody has looked at for so long is shown as one to be checked.
CURRENT_FOR = timedelta(days=365)


class OpenQuerySet(models.QuerySet[Any]):
    """Reads of what is open to everyone who takes part."""

    def visible_to(self, user: Any) -> Self:
        """Everyone who has signed in."""
        return self if standing.is_signed_in(user) else self.none()


class IndustryProject(Bilingual):
    """A project of an enterprise that teaching units are made from."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        "community.Organisation",
        on_delete=models.PROTECT,
        related_name="industry_projects",
        verbose_name=_("enterprise"),
    )
    summary = models.TextField(_("what it was about"), max_length=4000, blank=True)
    started_on = models.DateField(_("started on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="industry_projects"
    )
    registered_on = models.DateField(default=timezone.localdate, editable=False)

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("project of industry")
        verbose_name_plural = _("projects of industry")
        ordering = ["-started_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name_zh"], name="curriculum_project_named_once"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="curriculum_project_ends_after_it_starts",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("curriculum:project", args=[self.uid])


class ProjectPart(Bilingual):
    """A part of a project of industry that can stand as a teaching unit."""

    project = models.ForeignKey(IndustryProject, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField(_("place"), default=1)
    work = models.TextField(_("what is done in it"), max_length=4000, blank=True)

    class Meta:
        verbose_name = _("part of a project")
        verbose_name_plural = _("parts of projects")
        ordering = ["project", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name_zh"], name="curriculum_part_named_once"),
        ]


class Licence(models.TextChoices):
    """Under which terms a case may be taught."""

    COMMUNITY = "community", _("Free within the community")
    UNIVERSITY = "university", _("Only at the universities named")
    CC_BY = "cc-by-4.0", _("CC BY 4.0")
    CC_BY_NC = "cc-by-nc-4.0", _("CC BY-NC 4.0")
    OWN_TERMS = "terms", _("Other terms, named below")


class TeachingCase(Bilingual, RevisedRecord):
    """A real case from practice: whose it is, under which licence, how current, and where it is taught."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        "community.Organisation", on_delete=models.PROTECT, related_name="teaching_cases", verbose_name=_("enterprise")
    )
    summary = models.TextField(_("the case in short"), max_length=4000)
    licence = models.CharField(_("licence"), max_length=20, choices=Licence.choices, default=Licence.COMMUNITY)
    terms = models.CharField(_("terms"), max_length=300, blank=True)
    happened_on = models.DateField(_("happened on"))
    checked_on = models.DateField(_("last checked on"), default=timezone.localdate)
    address = models.URLField(_("address of the material"), blank=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="teaching_cases"
    )

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("teaching case")
        verbose_name_plural = _("teaching cases")
        ordering = ["-happened_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name_zh"], name="curriculum_case_named_once"),
            models.CheckConstraint(condition=Q(licence__in=Licence.values), name="curriculum_case_licence_known"),
            models.CheckConstraint(
                condition=~Q(licence="terms") | ~Q(terms=""), name="curriculum_case_own_terms_are_named"
            ),
            models.CheckConstraint(
                condition=Q(checked_on__gte=F("happened_on")), name="curriculum_case_checked_after_it_happened"
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("curriculum:case", args=[self.uid])

    def is_current(self, on: date) -> bool:
        """Whether someone has checked within a year that it still holds."""
        return on - self.checked_on <= CURRENT_FOR
