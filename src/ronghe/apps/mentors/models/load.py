"""How many trainees a mentor may have, by a dated rule, and the numbered slots that hold who has whom."""

import uuid
from datetime import date, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.mentors.models.appointments import Appointment, own_firms
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord

# Of the limit that a new site begins with; the row holds the English, pages say it in their language.
SEEDED_CLAUSE = gettext_noop("Three-in-one mentors: one mentor to five trainees (a published claim, not a decision)")
# Of slots: above every load, so that numbers can be given anew without two slots meeting on the way.
LARGEST_LOAD = 400


class LoadLimitQuerySet(DatedQuerySet["LoadLimit"]):
    """Reads of the limit."""

    def visible_to(self, user: Any) -> Self:
        """The rule is open to everyone who takes part."""
        return self if standing.is_signed_in(user) else self.none()


class LoadLimit(DatedRecord):
    """How many trainees a mentor guides at a time, at most; the office sets it, and says where it was decided."""

    trainees = models.PositiveSmallIntegerField(_("trainees at a time, at most"))
    clause = models.CharField(_("clause"), max_length=300, help_text=_("Where it was decided: document and paragraph."))
    set_by_uid = models.UUIDField(null=True, editable=False)

    objects = LoadLimitQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("load limit")
        verbose_name_plural = _("load limits")
        ordering = ["-valid_from"]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(trainees__range=(1, LARGEST_LOAD)), name="mentors_limit_positive"),
            models.UniqueConstraint(
                fields=["valid_from"], condition=Q(superseded_at__isnull=True), name="mentors_limit_once_from_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trainees} · {self.valid_from}"

    @property
    def said_clause(self) -> str:
        """Where it was decided, as the office wrote it; that of a new site in the language of the page."""
        return gettext(self.clause) if self.clause == SEEDED_CLAUSE else self.clause


class SlotQuerySet(DatedQuerySet["Slot"]):
    """Reads of slots."""

    def visible_to(self, user: Any) -> Self:
        """Mentor and student; the office; teachers of the student's universities; HR of the mentor's firms."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        taught = standing.organisations(user, RoleKind.TEACHER)
        firms = own_firms(user)
        seen = Q(mentor=user) | Q(student=user)
        if taught:
            seen |= Q(
                student__in=models.Subquery(
                    Slot.student.field.related_model._default_manager.filter(
                        cohort_memberships__cohort__organisation__in=taught,
                        cohort_memberships__superseded_at__isnull=True,
                    ).values("pk")
                )
            )
        if firms:
            seen |= Q(mentor__in=Appointment.objects.known().filter(organisation__in=firms).values("person"))
        return self.filter(seen)


class Slot(DatedRecord):
    """One numbered place beside a mentor, held by a student from a day to a day, with what it is for.

    No two known slots of a mentor have the same number on a day: triggers, and on PostgreSQL an exclusion constraint,
    hold that. A number means nothing else; slots that were shortened keep their `uid` and supersede their row.
    """

    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mentor_slots")
    student = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mentored_slots")
    number = models.PositiveSmallIntegerField(_("number"))
    cause = models.CharField(_("what it is for"), max_length=200)

    objects = SlotQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("slot of a mentor")
        verbose_name_plural = _("slots of mentors")
        ordering = ["mentor", "valid_from", "number"]
        indexes = [
            models.Index(fields=["mentor", "superseded_at", "valid_from"], name="mentors_slots_of"),
            models.Index(fields=["student", "superseded_at"], name="mentors_slots_for"),
            models.Index(fields=["uid"], name="mentors_slot_versions"),
        ]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(valid_until__isnull=False), name="mentors_slot_has_an_end"),
            models.CheckConstraint(
                condition=Q(number__range=(1, 2 * LARGEST_LOAD)), name="mentors_slot_number_in_range"
            ),
            models.CheckConstraint(condition=~Q(mentor=models.F("student")), name="mentors_slot_of_another_person"),
        ]

    def __str__(self) -> str:
        return f"{self.mentor} · {self.student}"

    @property
    def last_day(self) -> date | None:
        """The last day on which the student has the slot."""
        return self.valid_until - timedelta(days=1) if self.valid_until else None
