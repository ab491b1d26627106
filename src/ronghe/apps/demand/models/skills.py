"""The lexicon as rows: fields, groups, skills, their links to ESCO and O*NET, and the version of what is counted."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing


class Named(models.Model):
    """An entry of the lexicon: its id and its name in both languages, and when it left the lexicon."""

    code = models.CharField(_("lexicon id"), max_length=80, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en


class SkillField(Named):
    """A field of the lexicon, in the order in which it stands there."""

    position = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("field of skills")
        verbose_name_plural = _("fields of skills")
        ordering = ["position"]


class SkillGroup(Named):
    """A family of skills within a field."""

    field = models.ForeignKey(SkillField, on_delete=models.PROTECT, related_name="groups")
    position = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("group of skills")
        verbose_name_plural = _("groups of skills")
        ordering = ["position"]


class SkillQuerySet(models.QuerySet["Skill"]):
    """Reads of skills."""

    def visible_to(self, user: Any) -> Self:
        """The lexicon is no secret among those who take part."""
        return self if standing.is_signed_in(user) else self.none()

    def current(self) -> Self:
        """Skills that stand in the lexicon today."""
        return self.filter(retired_at__isnull=True)


class Skill(Named):
    """A skill of the lexicon. `code` is the lexicon's id; a skill that leaves the lexicon is retired, never deleted."""

    group = models.ForeignKey(SkillGroup, on_delete=models.PROTECT, related_name="skills")
    lexicon_version = models.CharField(max_length=64, editable=False)

    objects = SkillQuerySet.as_manager()

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["code"]

    def get_absolute_url(self) -> str:
        return reverse("demand:skill", args=[self.code])


class LinkMethod(models.TextChoices):
    """How a link from our lexicon to another taxonomy was made."""

    DECLARED = "declared", _("Declared in the lexicon")
    LABEL = "label", _("Same preferred label")
    SYNONYM = "synonym", _("Same synonym")
    PERSON = "person", _("Confirmed by a person")


class SkillLink(models.Model):
    """One entry of the crosswalk: our skill and its counterpart in ESCO or O*NET."""

    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="links")
    scheme = models.CharField(_("taxonomy"), max_length=20)
    identifier = models.CharField(_("identifier"), max_length=200)
    label = models.CharField(_("label"), max_length=300)
    method = models.CharField(_("how it was linked"), max_length=10, choices=LinkMethod.choices)

    class Meta:
        verbose_name = _("crosswalk link")
        verbose_name_plural = _("crosswalk links")
        ordering = ["scheme", "label"]
        constraints = [
            models.UniqueConstraint(fields=["skill", "scheme", "identifier"], name="demand_link_once"),
            models.CheckConstraint(condition=Q(method__in=LinkMethod.values), name="demand_link_method_known"),
        ]

    def __str__(self) -> str:
        return f"{self.skill} → {self.scheme} {self.label}"


class DataVersion(models.Model):
    """Which state of the counted data stands: one row, renewed by every change to what is counted.

    Figures that a process has computed stay good for as long as the mark is the same. `extractor` names the lexicon and
    the rules with which postings are to be read.
    """

    mark = models.UUIDField(default=uuid.uuid4)
    extractor = models.CharField(max_length=80, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("state of the data")
        verbose_name_plural = _("states of the data")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="demand_one_data_version")]

    def __str__(self) -> str:
        return str(self.mark)
