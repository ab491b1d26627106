"""Who belongs to the community: organisations, dated roles in them, chains with dated tiers, years and cohorts.

Agreements and obligations are not here yet; what a person may do follows from the roles here and nothing else.
"""

import uuid
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.ledger.revision import RevisedRecord
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord


class Bilingual(models.Model):
    """Something with a name in both languages; a page shows the reader's, else the other."""

    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        if (get_language() or "").startswith("zh"):
            return self.name_zh
        return self.name_en or self.name_zh


class Region(Bilingual):
    """A province-level or city-level division, by its code of administrative divisions (GB/T 2260)."""

    code = models.CharField(_("division code"), max_length=6, unique=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["code"]


class StudyField(models.TextChoices):
    """The fields of chains and cohorts: those of the skill lexicon, so that demand and supply speak of the same."""

    INTEGRATED_CIRCUITS = "ic", _("Integrated circuits")
    COMMUNICATIONS = "comm", _("5G and communications")
    EMBEDDED = "embedded", _("Embedded systems")
    ARTIFICIAL_INTELLIGENCE = "ai", _("Artificial intelligence")
    SOFTWARE = "software", _("Software")
    COMMERCE = "ecommerce", _("Cross-border e-commerce")


class OrganisationKind(models.TextChoices):
    """What an organisation is; its tier in a chain is dated and stands elsewhere."""

    UNIVERSITY = "university", _("University")
    ENTERPRISE = "enterprise", _("Enterprise")
    CHAMBER = "chamber", _("Chamber or association")
    GOVERNMENT = "government", _("Government department")


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Reads of organisations."""

    def visible_to(self, user: Any) -> Self:
        """Who takes part is no secret among those who take part."""
        return self if standing.is_signed_in(user) else self.none()

    def concerning(self, user: Any) -> Self:
        """Organisations whose confidential numbers `user` may see: one's own; all for office and reviewer."""
        if standing.holds(user, RoleKind.OFFICE) or standing.holds(user, RoleKind.REVIEWER):
            return self
        return self.filter(pk__in=standing.organisations(user, RoleKind.values))

    def confirmed(self, on: date | None = None) -> Self:
        """Those that a second person has found to be real: only they may publish."""
        day = on or timezone.localdate()
        held = Q(confirmations__valid_until__isnull=True) | Q(confirmations__valid_until__gt=day)
        return self.filter(
            held, confirmations__superseded_at__isnull=True, confirmations__valid_from__lte=day
        ).distinct()


class Organisation(Bilingual, RevisedRecord):
    """A university, an enterprise, a chamber or a department that takes part."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=OrganisationKind.choices)
    registration_number = models.CharField(
        _("unified social credit code"), max_length=18, unique=True, null=True, blank=True
    )
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="organisations")
    website = models.URLField(_("website"), blank=True)
    registered_on = models.DateField(_("takes part since"), default=timezone.localdate)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name_zh"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=OrganisationKind.values), name="community_organisation_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(registration_number__isnull=True) | ~Q(registration_number=""),
                name="community_organisation_number_or_none",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("community:organisation", args=[self.uid])


class Campus(Bilingual):
    """A place of an organisation: a campus, a plant, an office."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="campuses")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="campuses")
    address = models.CharField(_("address"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("campus")
        verbose_name_plural = _("campuses")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name_zh"], name="community_campus_named_once"),
        ]


class RoleKind(models.TextChoices):
    """The roles of `product.md`'s people; a person may hold several, each dated."""

    OFFICE = "office", _("Community office")
    ENTERPRISE_HR = "enterprise_hr", _("Enterprise HR")
    MENTOR = "mentor", _("Enterprise mentor")
    TEACHER = "teacher", _("Teacher")
    STUDENT = "student", _("Student")
    REVIEWER = "reviewer", _("Government reviewer")


class RoleQuerySet(DatedQuerySet["Role"]):
    """Reads of roles."""

    def visible_to(self, user: Any) -> Self:
        """One's own; everyone's for the office."""
        if standing.holds(user, RoleKind.OFFICE):
            return self
        return self.filter(person=user) if standing.is_signed_in(user) else self.none()


class Role(DatedRecord):
    """A person's dated role in an organisation: the truth from which every permission follows."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="roles")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="roles")
    kind = models.CharField(_("role"), max_length=16, choices=RoleKind.choices)

    objects = RoleQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        indexes = [models.Index(fields=["person", "superseded_at", "valid_from"])]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=RoleKind.values), name="community_role_kind_known"),
            models.UniqueConstraint(
                fields=["person", "organisation", "kind", "valid_from"],
                condition=Q(superseded_at__isnull=True),
                name="community_role_once_from_a_day",
            ),
            models.UniqueConstraint(
                fields=["person", "organisation", "kind"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="community_role_held_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_kind_display()} · {self.organisation}"


class ChainQuerySet(models.QuerySet["Chain"]):
    """Reads of chains."""

    def visible_to(self, user: Any) -> Self:
        """Everyone who is signed in sees the chains."""
        return self if standing.is_signed_in(user) else self.none()

    def concerning(self, user: Any) -> Self:
        """Chains whose confidential numbers `user` may see: those one belongs to; all for office and reviewer."""
        if standing.holds(user, RoleKind.OFFICE) or standing.holds(user, RoleKind.REVIEWER):
            return self
        own = ChainMembership.objects.on(timezone.localdate()).filter(
            organisation__in=standing.organisations(user, RoleKind.values)
        )
        return self.filter(pk__in=own.values("chain"))

    def during(self, first: date, last: date) -> Self:
        """Chains that stood on at least one day from `first` to `last`, both included."""
        return self.filter(founded_on__lte=last).filter(Q(closed_on__isnull=True) | Q(closed_on__gt=first))


class Chain(Bilingual, RevisedRecord):
    """A skill-ecology chain: one leader with its member enterprises and universities."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    field = models.CharField(_("field"), max_length=20, choices=StudyField.choices)
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="chains")
    founded_on = models.DateField(_("founded on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects = ChainQuerySet.as_manager()

    class Meta:
        verbose_name = _("chain")
        verbose_name_plural = _("chains")
        ordering = ["name_zh"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gt=models.F("founded_on")),
                name="community_chain_closed_after_founded",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("community:chain", args=[self.uid])


class Tier(models.TextChoices):
    """The tier of an organisation in a chain."""

    LEADER = "leader", _("Chain leader")
    MEMBER = "member", _("Member enterprise")
    UNIVERSITY = "university", _("University")


class ChainMembershipQuerySet(DatedQuerySet["ChainMembership"]):
    """Reads of chain memberships."""

    def visible_to(self, user: Any) -> Self:
        """As open as the chains themselves."""
        return self if standing.is_signed_in(user) else self.none()


class ChainMembership(DatedRecord):
    """An organisation's dated tier in a chain, and who brought it in."""

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    tier = models.CharField(_("tier"), max_length=10, choices=Tier.choices)
    brought_in_by = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships_brought_in"
    )

    objects = ChainMembershipQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("chain membership")
        verbose_name_plural = _("chain memberships")
        indexes = [models.Index(fields=["chain", "superseded_at", "valid_from"])]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(tier__in=Tier.values), name="community_membership_tier_known"),
            models.CheckConstraint(
                condition=Q(brought_in_by__isnull=True) | ~Q(brought_in_by=models.F("organisation")),
                name="community_membership_not_brought_in_by_itself",
            ),
            models.UniqueConstraint(
                fields=["chain", "organisation", "valid_from"],
                condition=Q(superseded_at__isnull=True),
                name="community_membership_once_from_a_day",
            ),
            models.UniqueConstraint(
                fields=["chain", "organisation"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="community_membership_held_once",
            ),
            # Spans that have ended are kept apart by the service, which locks the chain; these two hold everywhere.
            models.UniqueConstraint(
                fields=["chain"],
                condition=Q(tier="leader", superseded_at__isnull=True, valid_until__isnull=True),
                name="community_chain_has_one_leader",
            ),
            models.UniqueConstraint(
                fields=["chain", "valid_from"],
                condition=Q(tier="leader", superseded_at__isnull=True),
                name="community_chain_one_leader_from_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chain} · {self.organisation} · {self.get_tier_display()}"


class AcademicYear(models.Model):
    """A university year, such as 2026–2027, as the community counts it."""

    label = models.CharField(_("academic year"), max_length=9, unique=True, help_text="2026-2027")
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))

    class Meta:
        verbose_name = _("academic year")
        verbose_name_plural = _("academic years")
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=models.F("starts_on")), name="community_year_ends_later"),
        ]

    def __str__(self) -> str:
        return self.label


class CohortQuerySet(models.QuerySet["Cohort"]):
    """Reads of cohorts."""

    def visible_to(self, user: Any) -> Self:
        """That a cohort exists and how large it is may be known; who is in it is another question."""
        return self if standing.is_signed_in(user) else self.none()


class Cohort(Bilingual, RevisedRecord):
    """The students a university took in for a year: intake is one number, enrolment another."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="cohorts")
    academic_year = models.ForeignKey(AcademicYear, on_delete=models.PROTECT, related_name="cohorts")
    field = models.CharField(_("field"), max_length=20, choices=StudyField.choices)
    intake = models.PositiveIntegerField(_("intake"), default=0)

    objects = CohortQuerySet.as_manager()

    class Meta:
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "academic_year", "name_zh"], name="community_cohort_named_once"
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("community:cohort", args=[self.pk])


class CohortMembershipQuerySet(DatedQuerySet["CohortMembership"]):
    """Reads of rosters."""

    def visible_to(self, user: Any) -> Self:
        """The office sees every roster, teachers those of their universities, students their own line."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        taught = standing.organisations(user, RoleKind.TEACHER)
        return self.filter(Q(person=user) | Q(cohort__organisation__in=taught))


class Departure(models.TextChoices):
    """How a student's time in a cohort ended."""

    GRADUATED = "graduated", pgettext_lazy("student", "Graduated")
    WITHDREW = "withdrew", pgettext_lazy("student", "Left without a degree")
    TRANSFERRED = "transferred", pgettext_lazy("student", "Moved to another cohort")


class CohortMembership(DatedRecord):
    """A student in a cohort, dated. Whoever left without a degree, or to another cohort, is no graduate of it."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="memberships")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="cohort_memberships")
    student_number = models.CharField(_("student number"), max_length=30, blank=True)
    # Empty while it goes on, and where nobody said how it ended.
    departure = models.CharField(
        pgettext_lazy("student", "how it ended"), max_length=11, choices=Departure.choices, blank=True
    )

    objects = CohortMembershipQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("cohort membership")
        verbose_name_plural = _("cohort memberships")
        indexes = [models.Index(fields=["cohort", "superseded_at", "valid_from"])]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(departure="") | Q(departure__in=Departure.values, valid_until__isnull=False),
                name="community_enrolment_departs_on_a_day",
            ),
            models.UniqueConstraint(
                fields=["cohort", "person", "valid_from"],
                condition=Q(superseded_at__isnull=True),
                name="community_enrolment_once_from_a_day",
            ),
            models.UniqueConstraint(
                fields=["cohort", "person"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="community_enrolment_held_once",
            ),
            models.UniqueConstraint(
                fields=["cohort", "student_number"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True) & ~Q(student_number=""),
                name="community_student_number_once_a_cohort",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cohort} · {self.person}"
