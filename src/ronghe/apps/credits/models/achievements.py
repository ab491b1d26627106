"""What was achieved and may be deposited once, and the index that holds what has been."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual, CohortMembership, RoleKind
from ronghe.apps.credits.models.rules import Source


class AchievementState(models.TextChoices):
    """How far an achievement has come."""

    CLAIMED = "claimed", _("Waits for confirmation")
    CONFIRMED = "confirmed", _("Confirmed")
    REFUSED = "refused", _("Refused")
    REPLACED = "replaced", pgettext_lazy("achievement", "Replaced by a correction")


class AchievementQuerySet(models.QuerySet["Achievement"]):
    """Reads of achievements."""

    def visible_to(self, user: Any) -> Self:
        """The student, the office, teachers of the student's universities, and whoever hosted it."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        taught = standing.organisations(user, RoleKind.TEACHER)
        hosts = standing.organisations(user, {RoleKind.ENTERPRISE_HR, RoleKind.MENTOR})
        pupils = CohortMembership.objects.known().filter(cohort__organisation__in=taught).values("person")
        return self.filter(Q(person=user) | Q(host__in=hosts) | Q(person__in=pupils))


class Achievement(Bilingual):
    """Something achieved, of one source and quantity. `key` says what it is; `covers`, what else it is made of.

    A certificate earned by practice covers the hours of that practice: whoever deposits one cannot deposit the other.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Empty once the student has been erased.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="achievements"
    )
    source = models.CharField(_("source"), max_length=11, choices=Source.choices)
    key = models.CharField(max_length=200, unique=True, editable=False)
    covers = models.JSONField(default=list, blank=True, editable=False)
    quantity = models.DecimalField(_("quantity"), max_digits=8, decimal_places=2)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    host = models.ForeignKey(
        "community.Organisation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="hosted_achievements",
        verbose_name=_("enterprise where it was earned"),
    )
    evidence = models.TextField(_("supporting evidence"), max_length=2000, blank=True)
    state = models.CharField(max_length=9, choices=AchievementState.choices, default=AchievementState.CLAIMED)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = AchievementQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("credit bank", "achievement")
        verbose_name_plural = pgettext_lazy("credit bank", "achievements")
        ordering = ["-last_day", "-pk"]
        indexes = [models.Index(fields=["person", "state"], name="credits_achievements_of")]
        constraints = [
            models.CheckConstraint(condition=Q(source__in=Source.values), name="credits_achievement_source_known"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="credits_achievement_quantity_positive"),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="credits_achievement_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(claimed_by__isnull=True) | Q(decided_by__isnull=True) | ~Q(decided_by=F("claimed_by")),
                name="credits_achievement_decided_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(decided_by__isnull=True) | ~Q(decided_by=F("person")),
                name="credits_achievement_not_decided_by_the_student",
            ),
        ]

    @property
    def facts(self) -> list[str]:
        """Everything that a deposit of it counts."""
        return [self.key, *self.covers]


class Counted(models.Model):
    """A fact that stands in the book: the database holds each at most once, whatever rule counted it.

    A reversal takes the row out, so that what was deposited wrongly can be deposited rightly.
    """

    fact = models.CharField(max_length=200, primary_key=True)
    transaction = models.ForeignKey("credits.Transaction", on_delete=models.PROTECT, related_name="counted")

    class Meta:
        verbose_name = _("counted fact")
        verbose_name_plural = _("counted facts")
        default_permissions = ()

    def __str__(self) -> str:
        return self.fact
