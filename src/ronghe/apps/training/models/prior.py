"""What a student worked before the studies, as the university found it proven: the practice asked for depends on it."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.training.models.placements import pupils_of


class PriorWorkQuerySet(models.QuerySet["PriorWork"]):
    """Reads of prior work."""

    def visible_to(self, user: Any) -> Self:
        """One's own; the office; teachers of the student's universities."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        pupils = pupils_of(user)
        own = Q(person=user)
        return self.filter(own if pupils is None else own | Q(person__in=pupils))

    def known(self, at: datetime | None = None) -> Self:
        """As it was known at a moment; today's knowledge when it is None."""
        if at is None:
            return self.filter(superseded_at__isnull=True)
        return self.filter(recorded_at__lte=at).filter(Q(superseded_at__isnull=True) | Q(superseded_at__gt=at))


class PriorWork(models.Model):
    """Months that a student worked in enterprises before the studies, by which paper; a correction is another row."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="prior_work")
    months = models.PositiveSmallIntegerField(_("months of work before"), validators=[MaxValueValidator(600)])
    paper = models.CharField(_("proven by"), max_length=200)
    stated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    superseded_at = models.DateTimeField(null=True, editable=False)

    objects = PriorWorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("work before the studies")
        verbose_name_plural = _("work before the studies")
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(months__lte=600), name="training_prior_months"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(superseded_at__isnull=True), name="training_prior_work_known_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.months}"
