"""The accuracy ledger of forecasts: each one as it was made, and later what came. Nothing here is ever corrected."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ronghe.apps.demand.models.skills import Skill, SkillField


class ForecastOf(models.TextChoices):
    """What was forecast: the series asked for, the field it belongs to, or nothing."""

    SERIES = "series", _("the series itself")
    GROUP = "group", _("the field instead")
    REFUSED = "refused", _("no forecast")


class Forecast(models.Model):
    """One forecast of the monthly postings of a skill or a field. A refused one says why and has no months."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    skill = models.ForeignKey(Skill, null=True, on_delete=models.PROTECT, related_name="forecasts")
    field = models.ForeignKey(SkillField, null=True, on_delete=models.PROTECT, related_name="forecasts")
    made_on = models.DateField(_("made on"))
    last_month = models.DateField(_("last month known"))
    of = models.CharField(_("what was forecast"), max_length=8, choices=ForecastOf.choices)
    rate = models.FloatField(_("postings a month"))
    ceiling = models.FloatField(_("noise ceiling"), null=True)
    share = models.FloatField(_("share of the field"), null=True)
    # By method the accuracy at 1 … 6 months, in a rolling origin over the months known.
    accuracy = models.JSONField(default=dict)
    refusal = models.CharField(max_length=40, blank=True)
    refusal_found = models.CharField(max_length=300, blank=True)
    method = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField()
    inputs_hash = models.CharField(max_length=80)
    # The postings that it was computed from, of the thing itself and of the field that stands in for it: how they are
    # found, how many they were and the digest of their keys. Empty in a forecast of before they were kept.
    records = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("forecast")
        verbose_name_plural = _("forecasts")
        ordering = ["-made_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(skill__isnull=True, field__isnull=False) | Q(skill__isnull=False, field__isnull=True),
                name="demand_forecast_of_one_thing",
            ),
            models.CheckConstraint(condition=Q(of__in=ForecastOf.values), name="demand_forecast_kind_known"),
            models.CheckConstraint(condition=Q(of="refused") | Q(refusal=""), name="demand_forecast_refused_says_why"),
            models.UniqueConstraint(
                fields=["skill", "last_month", "inputs_hash"], name="demand_forecast_of_skill_once"
            ),
            models.UniqueConstraint(
                fields=["field", "last_month", "inputs_hash"], name="demand_forecast_of_field_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.skill or self.field} · {self.last_month:%Y-%m}"

    def get_absolute_url(self) -> str:
        return reverse("demand:forecast", args=[self.uid])


class ForecastMonth(models.Model):
    """One month of a forecast; the outcome is filled in once, when the month is over."""

    forecast = models.ForeignKey(Forecast, on_delete=models.CASCADE, related_name="months")
    month = models.DateField(_("month"))
    horizon = models.PositiveSmallIntegerField(_("months ahead"))
    mean = models.FloatField(_("forecast"))
    low_80 = models.FloatField(null=True)
    high_80 = models.FloatField(null=True)
    low_90 = models.FloatField(null=True)
    high_90 = models.FloatField(null=True)
    naive = models.FloatField(_("naive forecast"))
    share_mean = models.FloatField(_("share of the field × its forecast"), null=True)
    outcome = models.FloatField(_("what came"), null=True)
    outcome_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("month of a forecast")
        verbose_name_plural = _("months of a forecast")
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(fields=["forecast", "month"], name="demand_forecast_month_once"),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True, outcome_on__isnull=True)
                | Q(outcome__gte=0, outcome_on__gt=F("month")),
                name="demand_forecast_outcome_after_its_month",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.forecast_id} · {self.month:%Y-%m}"
