"""Who is a mentor, from where and since when; what they bring, their qualifications, the terms they accepted.

The role that lets a person sign in and act stands in `community`; load, hours and fees stand in their own modules.
"""

import uuid
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual, OrganisationKind, RoleKind
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord


class MentorKind(models.TextChoices):
    """Where a mentor comes from: the three that are one."""

    ENTERPRISE = "enterprise", _("Enterprise mentor")
    UNIVERSITY = "university", _("University mentor")
    INDUSTRY = "industry", _("Industry mentor")

    @property
    def organisation_kind(self) -> str:
        """What kind of organisation appoints such a mentor."""
        return {
            MentorKind.ENTERPRISE: OrganisationKind.ENTERPRISE,
            MentorKind.UNIVERSITY: OrganisationKind.UNIVERSITY,
            MentorKind.INDUSTRY: OrganisationKind.CHAMBER,
        }[self]


class Title(models.TextChoices):
    """The professional or technical title that fee standards ask for."""

    NONE = "", _("no title")
    INTERMEDIATE = "intermediate", _("Intermediate title")
    ASSOCIATE_SENIOR = "associate_senior", _("Associate senior title")
    SENIOR = "senior", _("Senior title")
    TECHNICIAN = "technician", pgettext_lazy("title", "Technician")
    SENIOR_TECHNICIAN = "senior_technician", pgettext_lazy("title", "Senior technician")


def sees_all_mentors(user: Any) -> bool:
    """Office, reviewers and teachers see every mentor: they choose, watch and confirm."""
    return any(standing.holds(user, kind) for kind in (RoleKind.OFFICE, RoleKind.REVIEWER, RoleKind.TEACHER))


def own_firms(user: Any) -> set[int]:
    """Organisations whose mentors this person sees as a colleague."""
    return standing.organisations(user, {RoleKind.ENTERPRISE_HR, RoleKind.MENTOR})


class AppointmentQuerySet(DatedQuerySet["Appointment"]):
    """Reads of appointments."""

    def visible_to(self, user: Any) -> Self:
        """All for office, reviewer and teachers; a firm's own for its people; a student's own mentors; one's own."""
        if not standing.is_signed_in(user):
            return self.none()
        if sees_all_mentors(user):
            return self
        mine = Q(person__mentor_slots__student=user, person__mentor_slots__superseded_at__isnull=True)
        return self.filter(
            pk__in=self.model._default_manager.filter(
                Q(person=user) | Q(organisation__in=own_firms(user)) | mine
            ).values("pk")
        )


class Appointment(DatedRecord):
    """A person as a mentor of one kind for one organisation, from a day to a day. A correction supersedes the row."""

    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mentor_appointments")
    organisation = models.ForeignKey(
        "community.Organisation", on_delete=models.PROTECT, related_name="mentor_appointments"
    )
    kind = models.CharField(_("kind of mentor"), max_length=10, choices=MentorKind.choices)
    title = models.CharField(_("professional title"), max_length=20, choices=Title.choices, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("appointment of a mentor")
        verbose_name_plural = _("appointments of mentors")
        ordering = ["person__name", "pk"]
        indexes = [
            models.Index(fields=["person", "superseded_at", "valid_from"], name="mentors_appointments_of"),
            models.Index(fields=["organisation", "superseded_at"], name="mentors_appointments_at"),
            models.Index(fields=["uid"], name="mentors_appointment_versions"),
        ]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=MentorKind.values), name="mentors_appointment_kind_known"),
            models.CheckConstraint(condition=Q(title__in=Title.values), name="mentors_appointment_title_known"),
            models.UniqueConstraint(
                fields=["person", "organisation", "kind"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="mentors_appointment_held_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_kind_display()} · {self.organisation}"

    def get_absolute_url(self) -> str:
        return reverse("mentors:mentor", args=[self.person.uid])


class ProfileQuerySet(DatedQuerySet["Profile"]):
    """Reads of profiles."""

    def visible_to(self, user: Any) -> Self:
        """As open as the appointments of the person."""
        return self.filter(person__in=Appointment.objects.known().visible_to(user).values("person"))


class Profile(DatedRecord):
    """What a mentor brings: languages, and research and development done abroad. Dated: an edit supersedes the row."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mentor_profiles")
    languages = models.CharField(
        _("languages"), max_length=120, blank=True, help_text=_("Separated by commas, for example: Chinese, English.")
    )
    overseas_months = models.PositiveSmallIntegerField(_("months of research and development abroad"), default=0)
    overseas_note = models.CharField(
        _("where, and at what"), max_length=300, blank=True, help_text=_("Needed as soon as months are given.")
    )
    strengths = models.CharField(_("can guide in"), max_length=300, blank=True)

    objects = ProfileQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("profile of a mentor")
        verbose_name_plural = _("profiles of mentors")
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(overseas_months=0) | ~Q(overseas_note=""), name="mentors_profile_says_where_abroad"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="mentors_profile_one_a_person",
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)


class QualificationQuerySet(models.QuerySet["Qualification"]):
    """Reads of qualifications."""

    def visible_to(self, user: Any) -> Self:
        """One's own, those of one's firm; all for office and teachers. Reviewers read numbers, not papers."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE) or standing.holds(user, RoleKind.TEACHER):
            return self
        colleagues = Appointment.objects.known().filter(organisation__in=own_firms(user)).values("person")
        return self.filter(Q(person=user) | Q(person__in=colleagues))

    def standing(self) -> Self:
        """Neither withdrawn nor replaced by a confirmed renewal."""
        renewed = Q(renewal__isnull=False, renewal__confirmed_at__isnull=False, renewal__withdrawn_at__isnull=True)
        return self.filter(withdrawn_at__isnull=True).exclude(renewed)

    def lapsed(self, day: date) -> Self:
        """Needed ones that no longer hold on `day`: their mentors take no new trainee."""
        return self.standing().filter(is_needed=True, expires_on__lt=day)


class Qualification(Bilingual):
    """A paper that shows what a mentor is qualified for, through `expires_on`; a renewal is another row."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="qualifications")
    issuer = models.CharField(_("issuer"), max_length=120)
    number = models.CharField(_("number of the paper"), max_length=60, blank=True)
    issued_on = models.DateField(_("issued on"))
    expires_on = models.DateField(_("valid through"), null=True, blank=True, help_text=_("Empty: it does not expire."))
    evidence = models.CharField(
        _("what shows it"), max_length=500, help_text=_("Where the paper can be seen: a register, a link, a folder.")
    )
    is_needed = models.BooleanField(
        _("needed for mentoring"), default=True, help_text=_("Once it has lapsed, the mentor takes no new trainee.")
    )
    renews = models.OneToOneField(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="renewal"
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = QualificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        ordering = ["person", "expires_on", "pk"]
        indexes = [models.Index(fields=["expires_on"], name="mentors_qualification_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=F("issued_on")),
                name="mentors_qualification_expires_after_issue",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("person")),
                name="mentors_qualification_not_confirmed_by_its_holder",
            ),
        ]


class OfferState(models.TextChoices):
    """What a mentor answered to the terms offered."""

    WAITING = "waiting", _("Waits for the mentor")
    ACCEPTED = "accepted", pgettext_lazy("offer", "Accepted")
    DECLINED = "declined", pgettext_lazy("offer", "Declined")
    WITHDRAWN = "withdrawn", pgettext_lazy("offer", "Withdrawn")


class LoadOfferQuerySet(models.QuerySet["Offer"]):
    """Reads of offers."""

    def visible_to(self, user: Any) -> Self:
        """The mentor, the office, and HR of the firm that the mentor is of."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        firms = standing.organisations(user, RoleKind.ENTERPRISE_HR)
        return self.filter(Q(person=user) | Q(organisation__in=firms))

    def during(self, first: date, last: date) -> Self:
        """Those that hold on at least one day from `first` to `last`."""
        later = Q(valid_until__isnull=True) | Q(valid_until__gt=first)
        return self.filter(later, valid_from__lte=last)


class Offer(models.Model):
    """Load and terms offered to a mentor: rights to what is made, insurance, how many trainees. Never edited."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mentor_offers")
    organisation = models.ForeignKey("community.Organisation", on_delete=models.PROTECT, related_name="mentor_offers")
    load = models.PositiveSmallIntegerField(_("trainees at a time, at most"))
    intellectual_property = models.TextField(_("rights to what is made"), max_length=2000)
    insurance = models.TextField(_("insurance"), max_length=2000)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("first day without it"), null=True, blank=True)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    offered_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=9, choices=OfferState.choices, default=OfferState.WAITING, editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)

    objects = LoadOfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer of load and terms")
        verbose_name_plural = _("offers of load and terms")
        ordering = ["-offered_at", "-pk"]
        indexes = [models.Index(fields=["person", "state"], name="mentors_offers_to")]
        constraints = [
            models.CheckConstraint(condition=Q(load__gte=1), name="mentors_offer_load_positive"),
            models.CheckConstraint(condition=Q(state__in=OfferState.values), name="mentors_offer_state_known"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="mentors_offer_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.organisation}"

    def get_absolute_url(self) -> str:
        return reverse("mentors:offer", args=[self.uid])
