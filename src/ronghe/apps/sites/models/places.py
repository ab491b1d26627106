"""Sites on campuses, how long the way between two campuses is, families of machines and the machines themselves."""

import uuid
from datetime import date
from functools import cached_property
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual
from ronghe.apps.ledger.revision import RevisedRecord
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord
from ronghe.apps.sites.zones import is_zone


def known_zone(name: str) -> None:
    """Validate the name of a time zone."""
    if not is_zone(name):
        raise ValidationError(_("“%(name)s” is no time zone; write it as Asia/Shanghai."), params={"name": name})


class SiteQuerySet(models.QuerySet["Site"]):
    """Reads of sites."""

    def visible_to(self, user: Any) -> Self:
        """Where one can learn on which machine is open to everyone who takes part."""
        return self if standing.is_signed_in(user) else self.none()


class Site(Bilingual, RevisedRecord):
    """A laboratory, workshop or line on a campus: its zone, its grid of bookings and the rules of using it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campus = models.ForeignKey(
        "community.Campus", on_delete=models.PROTECT, related_name="sites", verbose_name=_("campus")
    )
    zone = models.CharField(
        _("time zone"),
        max_length=40,
        default="Asia/Shanghai",
        validators=[known_zone],
        help_text=_("Opening hours and bookings are written in the time of the place."),
    )
    grid_minutes = models.PositiveSmallIntegerField(
        _("bookings in steps of (minutes)"),
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(240)],
    )
    longest_minutes = models.PositiveSmallIntegerField(_("longest booking (minutes)"), default=8 * 60)
    days_ahead = models.PositiveSmallIntegerField(_("bookable so many days ahead"), default=60)
    cancel_hours = models.PositiveSmallIntegerField(
        _("free cancellation until so many hours before"),
        default=24,
        help_text=_("Later cancellations count in the weekly quota as if the machine had been used."),
    )
    answer_hours = models.PositiveSmallIntegerField(
        _("hours to answer an offer of the waiting list"), default=12, validators=[MinValueValidator(1)]
    )
    no_shows_allowed = models.PositiveSmallIntegerField(
        _("no-shows allowed in 30 days"), default=2, help_text=_("Who stayed away more often books through the site.")
    )
    keeps_holidays = models.BooleanField(_("closed on public holidays"), default=True)
    closed_on = models.DateField(_("closed for good on"), null=True, blank=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["name_zh"]
        constraints = [
            models.UniqueConstraint(fields=["campus", "name_zh"], name="sites_site_named_once_a_campus"),
            models.CheckConstraint(condition=Q(grid_minutes__range=(5, 240)), name="sites_site_grid_in_range"),
            models.CheckConstraint(
                condition=Q(longest_minutes__gte=F("grid_minutes")), name="sites_site_longest_at_least_a_step"
            ),
            models.CheckConstraint(condition=Q(answer_hours__gte=1), name="sites_site_time_to_answer"),
        ]

    @cached_property
    def zone_info(self) -> ZoneInfo:
        """The zone whose clock hangs on the wall."""
        return ZoneInfo(self.zone)

    def get_absolute_url(self) -> str:
        return reverse("sites:site", args=[self.uid])


class TravelTimeQuerySet(models.QuerySet["TravelTime"]):
    """Reads of ways."""

    def visible_to(self, user: Any) -> Self:
        """As open as the sites."""
        return self if standing.is_signed_in(user) else self.none()


class TravelTime(models.Model):
    """How many minutes it takes from one campus to another; the way back is a row of its own."""

    origin = models.ForeignKey(
        "community.Campus", on_delete=models.CASCADE, related_name="ways_out", verbose_name=_("start of the way")
    )
    destination = models.ForeignKey(
        "community.Campus", on_delete=models.CASCADE, related_name="ways_in", verbose_name=_("to")
    )
    minutes = models.PositiveSmallIntegerField(_("minutes"), validators=[MaxValueValidator(24 * 60)])

    objects = TravelTimeQuerySet.as_manager()

    class Meta:
        verbose_name = _("travel time")
        verbose_name_plural = _("travel times")
        constraints = [
            models.UniqueConstraint(fields=["origin", "destination"], name="sites_travel_once_a_pair"),
            models.CheckConstraint(condition=~Q(origin=F("destination")), name="sites_travel_to_another_campus"),
            models.CheckConstraint(condition=Q(minutes__lte=24 * 60), name="sites_travel_within_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.origin} → {self.destination}: {self.minutes}"


class MachineFamilyQuerySet(models.QuerySet["MachineFamily"]):
    """Reads of families."""

    def visible_to(self, user: Any) -> Self:
        """As open as the sites."""
        return self if standing.is_signed_in(user) else self.none()


class MachineFamily(Bilingual, RevisedRecord):
    """Machines that can stand in for each other; one authorisation is for all of a family."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(_("code"), max_length=40, unique=True)
    needs_authorisation = models.BooleanField(_("only after instruction"), default=True)
    instruction_months = models.PositiveSmallIntegerField(
        _("months an instruction lasts"), default=24, validators=[MinValueValidator(1)]
    )

    objects = MachineFamilyQuerySet.as_manager()

    class Meta:
        verbose_name = _("machine family")
        verbose_name_plural = _("machine families")
        ordering = ["code"]

    def get_absolute_url(self) -> str:
        return reverse("sites:family", args=[self.uid])


class MachineQuerySet(models.QuerySet["Machine"]):
    """Reads of machines."""

    def visible_to(self, user: Any) -> Self:
        """As open as the sites."""
        return self if standing.is_signed_in(user) else self.none()

    def in_use_on(self, day: date) -> Self:
        """Machines that stand on `day`."""
        return self.filter(in_use_from__lte=day).filter(Q(in_use_until__isnull=True) | Q(in_use_until__gt=day))


class Machine(Bilingual, RevisedRecord):
    """One machine at a site, which one party uses at a time."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="machines", verbose_name=_("site"))
    family = models.ForeignKey(
        MachineFamily, on_delete=models.PROTECT, related_name="machines", verbose_name=_("machine family")
    )
    code = models.CharField(_("asset number"), max_length=40)
    places = models.PositiveSmallIntegerField(
        _("people at a time"), default=1, validators=[MinValueValidator(1)], help_text=_("Working together on it.")
    )
    in_use_from = models.DateField(_("in use from"))
    in_use_until = models.DateField(_("in use until"), null=True, blank=True)

    objects = MachineQuerySet.as_manager()

    class Meta:
        verbose_name = _("machine")
        verbose_name_plural = _("machines")
        ordering = ["site", "code"]
        constraints = [
            models.UniqueConstraint(fields=["site", "code"], name="sites_machine_code_once_a_site"),
            models.CheckConstraint(condition=Q(places__gte=1), name="sites_machine_has_a_place"),
            models.CheckConstraint(
                condition=Q(in_use_until__isnull=True) | Q(in_use_until__gt=F("in_use_from")),
                name="sites_machine_leaves_after_it_comes",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("sites:machine", args=[self.uid])


class MachineTermsQuerySet(DatedQuerySet["MachineTerms"]):
    """Reads of costs and declared windows."""

    def visible_to(self, user: Any) -> Self:
        """What an hour costs is open to everyone who takes part."""
        return self if standing.is_signed_in(user) else self.none()


class MachineTerms(DatedRecord):
    """What an hour costs, and for how many hours a day the machine is declared to be there; dated."""

    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="terms")
    cost_per_hour = models.DecimalField(_("cost per hour (yuan)"), max_digits=9, decimal_places=2)
    declared_hours = models.DecimalField(
        _("declared hours a day"),
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Where a window such as 22 hours a day is declared; empty: only the opening hours count."),
    )

    objects = MachineTermsQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("terms of a machine")
        verbose_name_plural = _("terms of machines")
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(cost_per_hour__gte=0), name="sites_terms_cost_not_negative"),
            models.CheckConstraint(
                condition=Q(declared_hours__isnull=True) | Q(declared_hours__gt=0, declared_hours__lte=24),
                name="sites_terms_declared_within_a_day",
            ),
            models.UniqueConstraint(
                fields=["machine"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="sites_terms_one_open_a_machine",
            ),
            models.UniqueConstraint(
                fields=["machine", "valid_from"],
                condition=Q(superseded_at__isnull=True),
                name="sites_terms_once_from_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.machine}: {self.cost_per_hour}"
