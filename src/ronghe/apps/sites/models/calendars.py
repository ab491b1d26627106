"""When a place is open: weekly hours, exceptions of single days, public holidays, and what maintenance takes away."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord
from ronghe.apps.sites.models.places import Machine, Site
from ronghe.apps.sites.zones import A_DAY, clock

# A span within a day, in minutes of the wall clock: it begins on the day and ends at the latest a day later.
_SPAN = Q(opens__gte=0, opens__lt=A_DAY, closes__gt=F("opens"), closes__lte=F("opens") + A_DAY)


class OpenToAll(DatedQuerySet[Any]):
    """Reads of calendars."""

    def visible_to(self, user: Any) -> Self:
        """As open as the sites."""
        return self if standing.is_signed_in(user) else self.none()


class OpeningHours(DatedRecord):
    """A span of a weekday in which a site is open, or one of its machines that keeps hours of its own."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="opening_hours")
    machine = models.ForeignKey(Machine, null=True, blank=True, on_delete=models.PROTECT, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"), validators=[MaxValueValidator(6)])
    opens = models.PositiveSmallIntegerField(_("opens (minute of the day)"))
    closes = models.PositiveSmallIntegerField(_("closes (minute, beyond 1440 on the next day)"))

    objects: OpenToAll = OpenToAll.as_manager()  # type: ignore[assignment]

    class Meta(DatedRecord.Meta):
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["weekday", "opens"]
        indexes = [models.Index(fields=["site", "superseded_at"], name="sites_hours_of_site")]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(weekday__lte=6), name="sites_hours_weekday_known"),
            models.CheckConstraint(condition=_SPAN, name="sites_hours_end_within_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {clock(self.opens)}–{clock(self.closes)}"


class CalendarException(models.Model):
    """Other hours on one day, or none, with the reason; several rows of a day are several spans."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="exceptions")
    machine = models.ForeignKey(Machine, null=True, blank=True, on_delete=models.PROTECT, related_name="exceptions")
    day = models.DateField(_("day"))
    opens = models.PositiveSmallIntegerField(_("opens (minute of the day)"), null=True, blank=True)
    closes = models.PositiveSmallIntegerField(_("closes (minute, beyond 1440 on the next day)"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    recorded_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects: models.Manager["CalendarException"]

    class Meta:
        verbose_name = _("exception of the calendar")
        verbose_name_plural = _("exceptions of the calendar")
        ordering = ["day", "opens"]
        indexes = [models.Index(fields=["site", "day"], name="sites_exceptions_of_site")]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens__isnull=True, closes__isnull=True) | (Q(opens__isnull=False) & _SPAN),
                name="sites_exception_closed_or_a_span",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.day}: {self.reason}"

    @property
    def span(self) -> str:
        """The hours of the day as a clock shows them; empty when it is closed."""
        return "" if self.opens is None or self.closes is None else f"{clock(self.opens)}–{clock(self.closes)}"


class PublicHoliday(Bilingual):
    """A day on which the country rests, or a weekend day on which it works instead, with the notice that says so."""

    day = models.DateField(_("day"), unique=True)
    is_working_day = models.BooleanField(_("works in exchange"), default=False)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("public holiday")
        verbose_name_plural = _("public holidays")
        ordering = ["day"]


class MaintenanceQuerySet(models.QuerySet["Maintenance"]):
    """Reads of maintenance."""

    def visible_to(self, user: Any) -> Self:
        """As open as the sites."""
        return self if standing.is_signed_in(user) else self.none()

    def standing(self) -> Self:
        """Windows that were not called off."""
        return self.filter(called_off_at__isnull=True)


class Maintenance(models.Model):
    """A time in which a machine cannot be used: planned, or because it broke."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="maintenance")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    is_breakdown = models.BooleanField(_("broke down"), default=False)
    reason = models.CharField(_("what is done"), max_length=200)
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    called_off_at = models.DateTimeField(null=True, editable=False)

    objects = MaintenanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("maintenance")
        verbose_name_plural = _("maintenance")
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["machine", "ends_at"], name="sites_maintenance_of")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="sites_maintenance_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.machine}: {self.reason}"
