"""Who uses which machine when: bookings, those who come along, the waiting list, quotas, and who may use what at all.

That no machine is held twice at a time is kept by the database itself (`triggers.py`), not only by the service.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community import standing
from ronghe.apps.community.models import CohortMembership, RoleKind
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord
from ronghe.apps.sites.models.places import Machine, MachineFamily, Site


class BookingState(models.TextChoices):
    """How a booking stands."""

    OFFERED = "offered", _("Offered from the waiting list")
    BOOKED = "booked", _("Booked")
    ATTENDED = "attended", _("Checked in")
    MISSED = "missed", _("Did not come")
    CANCELLED = "cancelled", _("Cancelled")


# The states in which a booking keeps everybody else from the machine.
HOLDING = (BookingState.OFFERED, BookingState.BOOKED, BookingState.ATTENDED)


class BookingSource(models.TextChoices):
    """How a booking came about."""

    OWN = "own", pgettext_lazy("booking", "By the person")
    PLAN = "plan", pgettext_lazy("booking", "By a plan")
    LOG = "log", pgettext_lazy("booking", "From the machine's log")


class BookingQuerySet(models.QuerySet["Booking"]):
    """Reads of bookings."""

    def visible_to(self, user: Any) -> Self:
        """Whose bookings with their names `user` may see: one's own, the office all, keepers their sites', teachers
        their students'. That a machine is taken everyone sees (`selectors.taken`).
        """
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        kept = standing.organisations(user, {RoleKind.ENTERPRISE_HR, RoleKind.MENTOR, RoleKind.TEACHER})
        taught = standing.organisations(user, RoleKind.TEACHER)
        open_ = Q(person=user) | Q(pk__in=Companion.objects.filter(person=user).values("booking"))
        if kept:
            open_ |= Q(machine__site__campus__organisation__in=kept)
        if taught:
            pupils = CohortMembership.objects.known().filter(cohort__organisation__in=taught).values("person")
            open_ |= Q(person__in=pupils)
        return self.filter(open_)

    def holding(self) -> Self:
        """Bookings that keep others from the machine."""
        return self.filter(state__in=HOLDING)

    def during(self, start: datetime, end: datetime) -> Self:
        """Bookings of which a part lies between two moments."""
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class Booking(models.Model):
    """A machine for a person from one moment to another."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="bookings")
    # Empty once the person has been erased, and where a machine's log names nobody.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="bookings"
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    purpose = models.CharField(_("what for"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=BookingState.choices, default=BookingState.BOOKED)
    source = models.CharField(_("how it came about"), max_length=4, choices=BookingSource.choices)
    # What a plan calls itself, so that the plan can find its bookings again.
    plan = models.CharField(max_length=80, blank=True, editable=False)
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    answer_by = models.DateTimeField(_("answer until"), null=True, editable=False)
    checked_in_at = models.DateTimeField(_("checked in at"), null=True, editable=False)
    checked_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    released_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True, editable=False)
    was_late = models.BooleanField(_("cancelled too late"), default=False, editable=False)

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        ordering = ["starts_at"]
        indexes = [
            models.Index(fields=["machine", "ends_at"], name="sites_bookings_of_machine"),
            models.Index(fields=["person", "ends_at"], name="sites_bookings_of_person"),
            models.Index(fields=["plan"], condition=~Q(plan=""), name="sites_bookings_of_plan"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BookingState.values), name="sites_booking_state_known"),
            models.CheckConstraint(condition=Q(source__in=BookingSource.values), name="sites_booking_source_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="sites_booking_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(state="offered", answer_by__isnull=False) | ~Q(state="offered"),
                name="sites_offer_has_a_deadline",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["missed", "cancelled"], released_at__isnull=False)
                | (~Q(state__in=["missed", "cancelled"]) & Q(released_at__isnull=True)),
                name="sites_booking_released_when_it_holds_no_more",
            ),
            models.CheckConstraint(
                condition=Q(state="attended", checked_in_at__isnull=False)
                | (~Q(state="attended") & Q(checked_in_at__isnull=True)),
                name="sites_booking_checked_in_when_attended",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(checked_in_by__isnull=True) | ~Q(checked_in_by=F("person")),
                name="sites_booking_checked_in_by_another",
            ),
        ]

    def __str__(self) -> str:
        start = self.starts_at.astimezone(self.machine.site.zone_info)
        return f"{self.machine} {start:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("sites:booking", args=[self.uid])

    @property
    def length(self) -> timedelta:
        """Its real length, whatever the clocks did meanwhile."""
        return self.ends_at - self.starts_at

    @property
    def hours(self) -> float:
        """Its real length in hours."""
        return self.length / timedelta(hours=1)

    @property
    def is_holding(self) -> bool:
        """Whether it keeps others from the machine."""
        return self.state in HOLDING


class Companion(models.Model):
    """Somebody who works on the machine together with the person who booked it."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="companions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shared_bookings")

    class Meta:
        verbose_name = _("companion of a booking")
        verbose_name_plural = _("companions of bookings")
        constraints = [models.UniqueConstraint(fields=["booking", "person"], name="sites_companion_once_a_booking")]

    def __str__(self) -> str:
        return f"{self.booking}: {self.person}"


class WaitingState(models.TextChoices):
    """How somebody's place on a waiting list stands."""

    WAITING = "waiting", pgettext_lazy("waiting list", "Waits")
    OFFERED = "offered", pgettext_lazy("waiting list", "Has an offer")
    TAKEN = "taken", pgettext_lazy("waiting list", "Offer taken")
    LAPSED = "lapsed", pgettext_lazy("waiting list", "Offer lapsed")
    LEFT = "left", pgettext_lazy("waiting list", "Left the list")


class WaitingQuerySet(models.QuerySet["Waiting"]):
    """Reads of waiting lists."""

    def visible_to(self, user: Any) -> Self:
        """One's own; the office and keepers those of their sites."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        kept = standing.organisations(user, {RoleKind.ENTERPRISE_HR, RoleKind.MENTOR, RoleKind.TEACHER})
        return self.filter(Q(person=user) | Q(machine__site__campus__organisation__in=kept))


class Waiting(models.Model):
    """Somebody waits for a machine at a time that is taken; who came first is offered it first."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="waiting")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="waiting_for_machines")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    purpose = models.CharField(_("what for"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=7, choices=WaitingState.choices, default=WaitingState.WAITING)
    joined_at = models.DateTimeField(_("waits since"))
    offer = models.OneToOneField(Booking, null=True, on_delete=models.SET_NULL, related_name="waiting", editable=False)

    objects = WaitingQuerySet.as_manager()

    class Meta:
        verbose_name = _("place on a waiting list")
        verbose_name_plural = _("places on waiting lists")
        ordering = ["joined_at", "pk"]
        indexes = [models.Index(fields=["machine", "state", "joined_at"], name="sites_waiting_for_machine")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=WaitingState.values), name="sites_waiting_state_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="sites_waiting_ends_after_it_starts"),
            models.UniqueConstraint(
                fields=["machine", "person", "starts_at"],
                condition=Q(state__in=["waiting", "offered"]),
                name="sites_waiting_once_for_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.machine}: {self.get_state_display()}"


class QuotaQuerySet(DatedQuerySet["Quota"]):
    """Reads of quotas."""

    def visible_to(self, user: Any) -> Self:
        """How much one may book is open to everyone who takes part."""
        return self if standing.is_signed_in(user) else self.none()


class Quota(DatedRecord):
    """At most so many hours a week on machines of a site or family: of each person, or of a cohort together; dated."""

    site = models.ForeignKey(
        Site, null=True, blank=True, on_delete=models.PROTECT, related_name="quotas", verbose_name=_("site")
    )
    family = models.ForeignKey(
        MachineFamily,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="quotas",
        verbose_name=_("machine family"),
    )
    cohort = models.ForeignKey(
        "community.Cohort",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="machine_quotas",
        verbose_name=_("cohort"),
        help_text=_("With a cohort its students share the hours; without, each person has them."),
    )
    hours = models.DecimalField(_("hours a week"), max_digits=6, decimal_places=2, validators=[MinValueValidator(0)])

    objects = QuotaQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(hours__gte=0), name="sites_quota_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.site or self.family or '*'}: {self.hours}"


class AuthorisationQuerySet(DatedQuerySet["Authorisation"]):
    """Reads of authorisations."""

    def visible_to(self, user: Any) -> Self:
        """One's own; teachers their students', keepers and the office all."""
        if not standing.is_signed_in(user):
            return self.none()
        if any(standing.holds(user, kind) for kind in (RoleKind.OFFICE, RoleKind.ENTERPRISE_HR, RoleKind.MENTOR)):
            return self
        taught = standing.organisations(user, RoleKind.TEACHER)
        pupils = CohortMembership.objects.known().filter(cohort__organisation__in=taught).values("person")
        return self.filter(Q(person=user) | Q(person__in=pupils))


class Authorisation(DatedRecord):
    """A person was instructed on a family of machines by another, and may use them until a day."""

    uid = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="machine_authorisations"
    )
    family = models.ForeignKey(MachineFamily, on_delete=models.PROTECT, related_name="authorisations")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    basis = models.CharField(_("what shows it"), max_length=200, blank=True)

    objects = AuthorisationQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("authorisation")
        verbose_name_plural = _("authorisations")
        indexes = [models.Index(fields=["person", "superseded_at"], name="sites_authorisations_of")]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("person")),
                name="sites_authorisation_granted_by_another",
            ),
            models.CheckConstraint(condition=Q(valid_until__isnull=False), name="sites_authorisation_has_an_end"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.family}"
