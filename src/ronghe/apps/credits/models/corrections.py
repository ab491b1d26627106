"""Requests to correct what was deposited: who asked and why, and what the office made of it."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.credits.models.achievements import Achievement


class CorrectionQuerySet(models.QuerySet["Correction"]):
    """Reads of requests."""

    def visible_to(self, user: Any) -> Self:
        """As the achievements are."""
        if not standing.is_signed_in(user):
            return self.none()
        return self.filter(achievement__in=Achievement.objects.visible_to(user).order_by().values("pk"))

    def waiting(self) -> Self:
        """Those that the office has not settled."""
        return self.filter(settled_at__isnull=True)


class Correction(models.Model):
    """A request to correct an achievement. Settled, it was either done (`is_done`) or refused with a word why."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    achievement = models.ForeignKey(Achievement, on_delete=models.PROTECT, related_name="corrections")
    reason = models.CharField(_("reason"), max_length=300)
    # Empty once the person has been erased.
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    settled_at = models.DateTimeField(null=True, editable=False)
    is_done = models.BooleanField(null=True, editable=False)
    answer = models.CharField(_("answer"), max_length=300, blank=True, editable=False)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for a correction")
        verbose_name_plural = _("requests for corrections")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["achievement"], condition=Q(settled_at__isnull=True), name="credits_correction_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, is_done__isnull=True)
                | Q(settled_at__isnull=False, is_done__isnull=False),
                name="credits_correction_settled_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.achievement)
