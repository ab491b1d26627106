"""Demand rounds and the white paper in which each one ends: written once, then only read."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.demand.models.panels import Panel, in_page_language
from ronghe.apps.demand.models.skills import SkillField
from ronghe.apps.ledger.revision import RevisedRecord


class DemandRoundState(models.TextChoices):
    """A round runs until its white paper is frozen."""

    RUNNING = "running", _("Running")
    FROZEN = "frozen", _("Frozen")


class DemandRoundQuerySet(models.QuerySet["DemandRound"]):
    """Reads of demand rounds."""

    def visible_to(self, user: Any) -> Self:
        """White papers for all who take part; a round that still runs for office and reviewers."""
        if not standing.is_signed_in(user):
            return self.none()
        if user.has_perm("demand.view_all_panels"):
            return self
        return self.filter(state=DemandRoundState.FROZEN)


class DemandRound(RevisedRecord):
    """A period and a field looked at together. `content` is the white paper as JSON, `digest` the hash of it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    field = models.ForeignKey(SkillField, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    panel = models.ForeignKey(Panel, null=True, blank=True, on_delete=models.PROTECT, related_name="demand_rounds")
    state = models.CharField(
        _("state"), max_length=10, choices=DemandRoundState.choices, default=DemandRoundState.RUNNING
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="demand_rounds"
    )
    started_on = models.DateField(_("round started on"), default=timezone.localdate)
    frozen_at = models.DateTimeField(_("frozen at"), null=True, blank=True)
    content = models.JSONField(null=True, blank=True, editable=False)
    digest = models.CharField(max_length=80, blank=True, editable=False)

    objects = DemandRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("demand round")
        verbose_name_plural = _("demand rounds")
        ordering = ["-last_day", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="demand_round_ends_after_start"),
            models.CheckConstraint(
                condition=Q(state="running", content__isnull=True, frozen_at__isnull=True, digest="")
                | (Q(state="frozen", content__isnull=False, frozen_at__isnull=False) & ~Q(digest="")),
                name="demand_round_frozen_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return in_page_language(self.name_zh, self.name_en)

    def get_absolute_url(self) -> str:
        return reverse("demand:round", args=[self.uid])
