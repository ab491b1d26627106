"""Placements of students, where each is and who looks after it, dated; absences; what went wrong and who answers.

What a student shows of the work stands in `evidence`, how it is judged in `assessments`.
"""

import uuid
from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.text import capfirst
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import CohortMembership, RoleKind
from ronghe.apps.ledger.revision import RevisedRecord
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord

WHOLE = 100
# Days of the week by their number, Monday is 1.
WORKING_DAYS = "12345"
ALL_DAYS = "1234567"
OPENS, CLOSES = time(9), time(18)


class PlacementState(models.TextChoices):
    """How far a placement is; its history stands in `Stay`."""

    PLANNED = "planned", _("Planned")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped")
    FINISHED = "finished", pgettext_lazy("training", "Finished")


OPEN = (PlacementState.PLANNED, PlacementState.RUNNING, PlacementState.PAUSED)
BEGUN = (PlacementState.RUNNING, PlacementState.PAUSED)


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def pupils_of(user: Any) -> Any:
    """The students of the universities at which `user` teaches, as a subquery; None for whoever teaches nowhere."""
    taught = standing.organisations(user, RoleKind.TEACHER)
    if not taught:
        return None
    return CohortMembership.objects.known().filter(cohort__organisation__in=taught).values("person")


class PlacementQuerySet(models.QuerySet["Placement"]):
    """Reads of placements."""

    def visible_to(self, user: Any) -> Self:
        """The student, the office, teachers of the student's university, HR of a host, and who looks after it."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        firms = standing.organisations(user, RoleKind.ENTERPRISE_HR)
        # Who looked after it once still reads what was confirmed then.
        looked_after = Supervision.objects.known().filter(placement=OuterRef("pk"), person=user.pk)
        open_ = Q(person=user.pk) | Q(Exists(looked_after))
        if firms:
            open_ |= Q(Exists(Stay.objects.known().filter(placement=OuterRef("pk"), organisation__in=firms)))
        pupils = pupils_of(user)
        if pupils is not None:
            open_ |= Q(person__in=pupils)
        return self.filter(open_)

    def open(self) -> Self:
        """Planned, running or paused."""
        return self.filter(state__in=OPEN)


class Placement(RevisedRecord):
    """A student in a seat. `ends_on` is the last day; hosts and their shares stand in `Stay`."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Empty once the student has been erased.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="placements",
        verbose_name=_("student"),
    )
    position = models.ForeignKey(
        "positions.Position",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="placements",
        verbose_name=_("position"),
    )
    assignment = models.OneToOneField(
        "positions.Assignment", null=True, blank=True, on_delete=models.PROTECT, related_name="placement"
    )
    agreement = models.ForeignKey(
        "agreements.Agreement",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="placements",
        verbose_name=_("three-party agreement"),
    )
    # An agreement that was signed on paper and is not kept here, as the office states it.
    paper_number = models.CharField(_("number of the paper agreement"), max_length=60, blank=True, editable=False)
    paper_signed_on = models.DateField(_("paper signed on"), null=True, editable=False)
    work_zh = models.CharField(_("work (Chinese)"), max_length=120)
    work_en = models.CharField(_("work (English)"), max_length=160, blank=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    state = models.CharField(
        _("state"), max_length=8, choices=PlacementState.choices, default=PlacementState.PLANNED, editable=False
    )
    # Why it was stopped, or why the office recorded that it began without an agreement.
    reason = models.CharField(_("reason"), max_length=500, blank=True, editable=False)
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    planned_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PlacementQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("training", "placement")
        verbose_name_plural = pgettext_lazy("training", "placements")
        ordering = ["-starts_on", "-pk"]
        indexes = [
            models.Index(fields=["person", "state"], name="training_placements_of"),
            models.Index(fields=["state", "starts_on"], name="training_placement_by_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="training_placement_days"),
            models.CheckConstraint(condition=Q(state__in=PlacementState.values), name="training_placement_state_known"),
            models.CheckConstraint(
                condition=~Q(state="stopped") | ~Q(reason="") | Q(person__isnull=True),
                name="training_placement_stopped_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(paper_number="", paper_signed_on__isnull=True)
                | (~Q(paper_number="") & Q(paper_signed_on__isnull=False)),
                name="training_placement_paper_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_name} · {self.work}"

    def get_absolute_url(self) -> str:
        return reverse("training:placement", args=[self.uid])

    @property
    def work(self) -> str:
        """What the student works on, in the language of the page."""
        return self.work_zh if _is_chinese() else self.work_en or self.work_zh

    @property
    def student_name(self) -> str:
        """The student's name; of an erased one only a word that stands for it."""
        return self.person.name if self.person is not None else str(_("a person who was erased"))

    @property
    def is_open(self) -> bool:
        """Whether it still runs or is to run."""
        return self.state in OPEN


class _OfPlacement(DatedQuerySet[Any]):
    """Reads of what belongs to placements."""

    def visible_to(self, user: Any) -> Self:
        """As the placements are."""
        return self.filter(placement__in=Placement.objects.visible_to(user).order_by().values("pk"))


class Stay(DatedRecord):
    """A student at a host, with which share of the week, and whether the work runs. Ended by ending the row.

    On which days of the week and at which hours of a day the student is there says `days`, `opens` and `closes`: with
    weekly release some days are kept for study.
    """

    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="stays")
    organisation = models.ForeignKey(
        "community.Organisation", on_delete=models.PROTECT, related_name="stays", verbose_name=_("host")
    )
    share = models.PositiveSmallIntegerField(_("share of the week in %"), default=WHOLE)
    days = models.CharField(_("days at the host"), max_length=7, default=WORKING_DAYS)
    opens = models.TimeField(_("work begins at"), default=OPENS)
    closes = models.TimeField(_("work ends at"), default=CLOSES)
    state = models.CharField(_("state"), max_length=8, choices=PlacementState.choices)
    is_first = models.BooleanField(default=False, editable=False)
    without_agreement = models.BooleanField(default=False, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = _OfPlacement.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("stay")
        verbose_name_plural = _("stays")
        ordering = ["valid_from", "pk"]
        indexes = [
            models.Index(fields=["organisation", "superseded_at", "valid_from"], name="training_stays_at"),
            models.Index(fields=["placement", "superseded_at"], name="training_stays_of"),
        ]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(share__range=(1, WHOLE)), name="training_stay_share_of_a_week"),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "running", "paused"]), name="training_stay_state_known"
            ),
            models.CheckConstraint(condition=~Q(days=""), name="training_stay_has_days"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="training_stay_hours"),
            models.UniqueConstraint(
                fields=["placement", "organisation", "valid_from"],
                condition=Q(superseded_at__isnull=True),
                name="training_stay_once_from_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.share}%"

    @property
    def when(self) -> str:
        """Days of the week and hours, as people say them."""
        names = [capfirst(str(WEEKDAYS_ABBR[int(one) - 1])) for one in self.days]
        return f"{'、'.join(names) if _is_chinese() else ', '.join(names)} {self.opens:%H:%M}–{self.closes:%H:%M}"

    @property
    def last_day(self) -> date | None:
        """The last day of it."""
        return self.valid_until - timedelta(days=1) if self.valid_until is not None else None


class SupervisionKind(models.TextChoices):
    """From which side somebody looks after a placement."""

    MENTOR = "mentor", pgettext_lazy("training", "Mentor")
    TEACHER = "teacher", pgettext_lazy("training", "Teacher")


class Supervision(DatedRecord):
    """Who looks after a placement from which side, dated; `slot` is the place it takes in a mentor's load."""

    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="supervisions")
    kind = models.CharField(_("side"), max_length=8, choices=SupervisionKind.choices)
    # Empty once the person has been erased.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="placements_supervised"
    )
    slot = models.ForeignKey(
        "mentors.Slot", null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    objects = _OfPlacement.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("supervision")
        verbose_name_plural = _("supervisions")
        ordering = ["kind", "valid_from", "pk"]
        indexes = [models.Index(fields=["person", "superseded_at"], name="training_supervised_by")]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=SupervisionKind.values), name="training_supervision_kind"),
            models.UniqueConstraint(
                fields=["placement", "kind", "valid_from"],
                condition=Q(superseded_at__isnull=True),
                name="training_supervision_once_from_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.person or '—'}"

    @property
    def last_day(self) -> date | None:
        """The last day of it."""
        return self.valid_until - timedelta(days=1) if self.valid_until is not None else None


class AbsenceKind(models.TextChoices):
    """Why a student was away."""

    SICK = "sick", _("Sick")
    LEAVE = "leave", _("Leave")
    STUDY = "study", _("Study at the university")
    UNEXCUSED = "unexcused", _("Without excuse")


class Absence(models.Model):
    """Days on which a student was away. A second person decides whether it is excused."""

    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="absences")
    kind = models.CharField(_("kind"), max_length=10, choices=AbsenceKind.choices)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    reported_at = models.DateTimeField(default=timezone.now, editable=False)
    is_excused = models.BooleanField(null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["-first_day", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AbsenceKind.values), name="training_absence_kind_known"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="training_absence_days"),
            models.CheckConstraint(
                condition=Q(is_excused__isnull=True, decided_at__isnull=True)
                | Q(is_excused__isnull=False, decided_at__isnull=False),
                name="training_absence_decided_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.first_day}"


class Severity(models.IntegerChoices):
    """How bad an incident is; it says how fast it must be answered."""

    MINOR = 1, _("Minor")
    SERIOUS = 2, _("Serious")
    GRAVE = 3, _("Grave")


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Reads of incidents."""

    def visible_to(self, user: Any) -> Self:
        """As the placements are."""
        return self.filter(placement__in=Placement.objects.visible_to(user).order_by().values("pk"))

    def unanswered(self) -> Self:
        """Nobody has answered yet."""
        return self.filter(answered_at__isnull=True, closed_at__isnull=True)

    def open(self) -> Self:
        """Not closed."""
        return self.filter(closed_at__isnull=True)


class Incident(models.Model):
    """Something that went wrong. Unanswered at `answer_by`, it goes from the teacher to the office."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="incidents")
    severity = models.PositiveSmallIntegerField(pgettext_lazy("incident", "severity"), choices=Severity.choices)
    happened_on = models.DateField(_("happened on"))
    what = models.TextField(_("what happened"), max_length=2000)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    reported_at = models.DateTimeField(default=timezone.now, editable=False)
    answer_by = models.DateTimeField(_("to be answered by"))
    with_office = models.BooleanField(_("with the office"), default=False, editable=False)
    escalated_at = models.DateTimeField(null=True, editable=False)
    answer = models.TextField(_("what is done about it"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    answered_at = models.DateTimeField(null=True, editable=False)
    outcome = models.TextField(_("how it ended"), max_length=2000, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    closed_at = models.DateTimeField(null=True, editable=False)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-reported_at", "-pk"]
        indexes = [models.Index(fields=["closed_at", "answer_by"], name="training_incidents_open")]
        constraints = [
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="training_incident_severity_known"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(answered_at__isnull=False),
                name="training_incident_answered_before_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_severity_display()} · {self.happened_on}"

    def get_absolute_url(self) -> str:
        return reverse("training:incident", args=[self.uid])

    @property
    def is_late(self) -> bool:
        """Whether it should have been answered by now."""
        return self.answered_at is None and self.closed_at is None and self.answer_by < timezone.now()


class RelationKind(models.TextChoices):
    """Why two people do not confirm for each other."""

    FAMILY = "family", _("Family")
    BUSINESS = "business", _("Business partners")
    OTHER = "other", _("Another reason")


class Relation(DatedRecord):
    """That two people are so close that neither confirms or judges the other's work; declared by either or the office.

    Nobody withdraws it without the office.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="relations")
    other = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="relations_of_others")
    kind = models.CharField(_("relation"), max_length=10, choices=RelationKind.choices)
    declared_by_uid = models.UUIDField(editable=False)

    objects = DatedQuerySet["Relation"].as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("declared relation")
        verbose_name_plural = _("declared relations")
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=~Q(person=F("other")), name="training_relation_of_two"),
            models.UniqueConstraint(
                fields=["person", "other"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="training_relation_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.other}"


def related_pairs(people: Iterable[int], day: date) -> set[frozenset[int]]:
    """Pairs that declared a relation, with at least one of `people`, on a day; one query."""
    keys = list(people)
    found = Relation.objects.on(day).filter(Q(person__in=keys) | Q(other__in=keys))
    return {frozenset(pair) for pair in found.values_list("person_id", "other_id")}
