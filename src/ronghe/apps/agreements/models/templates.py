"""Templates of agreements and their versions: a version that an agreement was drafted from never changes again."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual
from ronghe.apps.ledger.revision import RevisedRecord


class AgreementKind(models.TextChoices):
    """What an agreement is for."""

    STRATEGIC = "strategic", _("Strategic cooperation")
    TALENT_SUPPLY = "talent_supply", _("Talent supply")
    THREE_PARTY = "three_party", _("Three-party placement")
    OTHER = "other", _("Other")


class TemplateQuerySet(models.QuerySet["Template"]):
    """Reads of templates."""

    def visible_to(self, user: Any) -> Self:
        """Blank forms are no secret among those who take part."""
        return self if standing.is_signed_in(user) else self.none()


class Template(Bilingual):
    """A form of agreement in two languages; what it says stands in its versions."""

    kind = models.CharField(_("kind"), max_length=16, choices=AgreementKind.choices)
    retired_on = models.DateField(_("not used from"), null=True, blank=True)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ["kind", "name_zh"]
        constraints = [
            models.UniqueConstraint(fields=["name_zh"], name="agreements_template_named_once"),
            models.CheckConstraint(condition=Q(kind__in=AgreementKind.values), name="agreements_template_kind_known"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("agreements:template", args=[self.pk])


class TemplateVersion(RevisedRecord):
    """What a template said from some moment on. `frozen_at`: when the first agreement was drafted from it."""

    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    clauses = models.JSONField(default=list)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("written"), auto_now_add=True)
    frozen_at = models.DateTimeField(_("frozen at"), null=True, blank=True)
    digest = models.CharField(max_length=80, blank=True, editable=False)

    class Meta:
        verbose_name = _("template version")
        verbose_name_plural = _("template versions")
        ordering = ["template", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="agreements_template_version_once"),
            models.CheckConstraint(
                condition=Q(frozen_at__isnull=True, digest="") | (Q(frozen_at__isnull=False) & ~Q(digest="")),
                name="agreements_template_frozen_with_digest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} · {self.number}"
