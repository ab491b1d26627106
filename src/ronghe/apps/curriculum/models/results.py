"""Frozen CRI results: the number, its interval, everything it was computed with, and the hash of that."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing


class CriResultQuerySet(models.QuerySet["CriResult"]):
    """Reads of frozen results."""

    def visible_to(self, user: Any) -> Self:
        """Those of programmes and of the community for everyone; an enterprise's own for it and those who answer it."""
        if not standing.is_signed_in(user):
            return self.none()
        if user.has_perm("curriculum.view_every_cri"):
            return self
        own = standing.organisations(user, ("enterprise_hr", "mentor"))
        return self.filter(Q(enterprise__isnull=True) | Q(enterprise__in=own))


class CriResult(models.Model):
    """One computation of the CRI that can be shown again exactly as it was."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(
        "community.Organisation", null=True, on_delete=models.PROTECT, related_name="cri_results"
    )
    programme = models.ForeignKey(
        "curriculum.Programme", null=True, on_delete=models.PROTECT, related_name="cri_results"
    )
    as_of = models.DateField()
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    method = models.CharField(max_length=60)
    method_version = models.PositiveSmallIntegerField()
    inputs_hash = models.CharField(max_length=80)
    parameters = models.JSONField()
    result = models.JSONField()
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="cri_results"
    )
    frozen_at = models.DateTimeField(default=timezone.now)

    objects = CriResultQuerySet.as_manager()

    class Meta:
        verbose_name = _("frozen CRI result")
        verbose_name_plural = _("frozen CRI results")
        ordering = ["-as_of", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__range=(0, 100)), name="curriculum_cri_between_0_and_100"
            ),
        ]

    def __str__(self) -> str:
        return f"CRI {self.as_of} {self.value}"
