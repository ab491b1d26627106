"""How an organisation comes into a chain: invitation, application, three gates, evidence, decisions.

The membership that follows is `registry`'s. What a gate asks is data, dated, so that a rule of today does not judge a
gate that was opened yesterday.
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
from ronghe.apps.community.models.registry import Chain, ChainMembership, Organisation, RoleKind, Tier
from ronghe.apps.ledger.revision import RevisedRecord
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord

OPEN = "open"


class Stage(models.IntegerChoices):
    """The three stages of screening, in their order."""

    DEMAND = 1, _("Demand matched")
    RESOURCES = 2, _("Resources agreed")
    QUALITY = 3, _("Quality evaluated")


class Gate(DatedRecord):
    """How many days a stage may take, from a day on."""

    stage = models.PositiveSmallIntegerField(_("stage"), choices=Stage.choices)
    days = models.PositiveSmallIntegerField(_("days until the decision is due"))

    objects: DatedQuerySet["Gate"] = DatedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(DatedRecord.Meta):
        verbose_name = _("gate")
        verbose_name_plural = _("gates")
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="community_gate_stage_known"),
            models.CheckConstraint(condition=Q(days__gte=1), name="community_gate_takes_a_day"),
            models.UniqueConstraint(
                fields=["stage"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="community_gate_stands_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} · {self.days}"


class GateCriterion(DatedRecord):
    """What a gate asks for, in both languages, from a day on; a metric may answer it by itself."""

    code = models.SlugField(_("code"), max_length=40)
    stage = models.PositiveSmallIntegerField(_("stage"), choices=Stage.choices)
    tier = models.CharField(_("only for the tier"), max_length=10, choices=Tier.choices, blank=True)
    text_zh = models.CharField(_("asked for (Chinese)"), max_length=300)
    text_en = models.CharField(_("asked for (English)"), max_length=400)
    metric = models.CharField(
        _("metric that answers it"),
        max_length=100,
        blank=True,
        help_text=_("name in the registry of metrics; may be empty"),
    )
    at_least = models.FloatField(_("at least"), null=True, blank=True)
    is_required = models.BooleanField(_("the gate cannot be passed without it"), default=True)

    objects: DatedQuerySet["GateCriterion"] = DatedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(DatedRecord.Meta):
        verbose_name = _("criterion of a gate")
        verbose_name_plural = _("criteria of gates")
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="community_criterion_stage_known"),
            models.CheckConstraint(
                condition=Q(metric="") | Q(at_least__isnull=False), name="community_criterion_metric_has_bound"
            ),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="community_criterion_stands_once",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """What is asked for, in the language of the page."""
        return self.text_zh if (get_language() or "").startswith("zh") else self.text_en


class ChainInvitation(models.Model):
    """A link by mail to somebody whose firm shall apply to a chain: single use, with an end. Its key is not kept."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="invitations")
    tier = models.CharField(_("tier"), max_length=10, choices=Tier.choices, default=Tier.MEMBER)
    email = models.EmailField(_("e-mail"))
    organisation_name = models.CharField(_("name of the firm"), max_length=160)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="invitations"
    )
    on_behalf_of = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="invitations_sent"
    )
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    message = models.TextField(_("message"), max_length=1000, blank=True)
    key_digest = models.CharField(max_length=64, unique=True, editable=False)
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("valid until"))
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("invitation to a chain")
        verbose_name_plural = _("invitations to chains")
        ordering = ["-sent_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(revoked_at__isnull=True),
                name="community_invitation_accepted_or_revoked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chain} · {self.organisation_name}"

    @property
    def state(self) -> str:
        """accepted, revoked, expired or waiting."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at <= timezone.now() else "waiting"


class AdmissionState(models.TextChoices):
    """Where an application stands."""

    OPEN = "open", _("In screening")
    ADMITTED = "admitted", _("Admitted")
    REFUSED = "refused", pgettext_lazy("admission", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("admission", "Withdrawn")


class AdmissionQuerySet(models.QuerySet["Admission"]):
    """Reads of applications: the firm that applies, the leader of the chain, office and reviewers; nobody else."""

    def visible_to(self, user: Any, on: date | None = None) -> Self:
        """Whose applications `user` may know of."""
        if standing.holds(user, RoleKind.OFFICE) or standing.holds(user, RoleKind.REVIEWER):
            return self
        firms = standing.organisations(user, RoleKind.ENTERPRISE_HR)
        if not firms:
            return self.none()
        led = ChainMembership.objects.on(on or timezone.localdate()).filter(tier=Tier.LEADER, organisation__in=firms)
        return self.filter(Q(organisation__in=firms) | Q(chain__in=led.values("chain")))


class Admission(RevisedRecord):
    """An organisation's application to a chain, from the first gate to its end."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="admissions")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="admissions")
    tier = models.CharField(_("tier"), max_length=10, choices=Tier.choices)
    brought_in_by = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="admissions_brought_in"
    )
    invitation = models.OneToOneField(
        ChainInvitation, null=True, blank=True, on_delete=models.PROTECT, related_name="admission"
    )
    statement = models.TextField(_("why the firm wants to join"), max_length=2000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=AdmissionState.choices, default=AdmissionState.OPEN)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    applied_on = models.DateField(_("applied on"), default=timezone.localdate)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects = AdmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("application to a chain")
        verbose_name_plural = _("applications to chains")
        ordering = ["-applied_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=AdmissionState.values), name="community_admission_state_known"
            ),
            models.CheckConstraint(
                condition=(Q(state=OPEN) & Q(closed_on__isnull=True)) | (~Q(state=OPEN) & Q(closed_on__isnull=False)),
                name="community_admission_closed_has_day",
            ),
            models.UniqueConstraint(
                fields=["chain", "organisation"], condition=Q(state=OPEN), name="community_admission_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} → {self.chain}"

    def get_absolute_url(self) -> str:
        return reverse("community:admission", args=[self.uid])


class StepState(models.TextChoices):
    """Who has to act on a gate, or how it ended."""

    GATHERING = "gathering", _("Evidence is being gathered")
    WAITING = "waiting", _("Waits for a decision")
    PASSED = "passed", _("Passed")
    REFUSED = "refused", pgettext_lazy("admission", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("admission", "Withdrawn")


class AdmissionStepQuerySet(models.QuerySet["AdmissionStep"]):
    """Reads of gates of applications."""

    def visible_to(self, user: Any) -> Self:
        """As the applications."""
        return self.filter(admission__in=Admission.objects.visible_to(user).values("pk"))


class AdmissionStep(models.Model):
    """One gate of one application: opened, due, decided."""

    admission = models.ForeignKey(Admission, on_delete=models.CASCADE, related_name="steps")
    stage = models.PositiveSmallIntegerField(_("stage"), choices=Stage.choices)
    state = models.CharField(_("state"), max_length=10, choices=StepState.choices, default=StepState.GATHERING)
    opened_on = models.DateField(_("opened on"))
    due_on = models.DateField(_("due on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True, editable=False)
    escalated_on = models.DateField(null=True, blank=True, editable=False)

    objects = AdmissionStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("gate of an application")
        verbose_name_plural = _("gates of applications")
        ordering = ["admission", "stage"]
        indexes = [models.Index(fields=["stage", "opened_on"]), models.Index(fields=["state", "due_on"])]
        constraints = [
            models.UniqueConstraint(fields=["admission", "stage"], name="community_step_once"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="community_step_stage_known"),
            models.CheckConstraint(condition=Q(state__in=StepState.values), name="community_step_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.admission} · {self.get_stage_display()}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act on it."""
        return self.state in (StepState.GATHERING, StepState.WAITING)


class EvidenceKind(models.TextChoices):
    """What a piece of evidence is."""

    NOTE = "note", _("Note")
    FILE = "file", _("File")
    METRIC = "metric", _("Number with its records")
    RECORD = "record", _("Record of the platform")


class Evidence(models.Model):
    """A piece of evidence at a gate. Files lie in the data folder under the uid; only parties of the gate see them."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    step = models.ForeignKey(AdmissionStep, on_delete=models.CASCADE, related_name="evidence")
    criterion = models.ForeignKey(GateCriterion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=8, choices=EvidenceKind.choices)
    text = models.CharField(_("what it shows"), max_length=1000)
    file_name = models.CharField(max_length=200, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField(null=True, blank=True)
    digest = models.CharField(_("SHA-256"), max_length=64, blank=True)
    reference = models.CharField(_("record"), max_length=500, blank=True)
    measured = models.JSONField(null=True, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("piece of evidence")
        verbose_name_plural = pgettext_lazy("admission", "evidence")
        ordering = ["added_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=EvidenceKind.values), name="community_evidence_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind="file") | ~Q(digest=""), name="community_evidence_file_has_digest"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Verdict(models.TextChoices):
    """What is decided at a gate."""

    PASSED = "passed", _("Pass")
    RETURNED = "returned", _("Return for more evidence")
    REFUSED = "refused", pgettext_lazy("admission", "Refuse")


class RefusalReason(models.TextChoices):
    """Why applications are refused, so that reasons can be counted."""

    NO_DEMAND = "no_demand", _("No matching demand")
    NO_RESOURCES = "no_resources", _("Resources are not agreed")
    QUALITY = "quality", _("Quality is not sufficient")
    EVIDENCE = "evidence", _("Evidence is missing or does not hold")
    NOT_REAL = "not_real", _("The organisation is not what it says")
    OTHER = "other", _("Another reason")


class GateDecisionQuerySet(models.QuerySet["GateDecision"]):
    """Reads of decisions."""

    def visible_to(self, user: Any) -> Self:
        """As the applications."""
        return self.filter(step__admission__in=Admission.objects.visible_to(user).values("pk"))


class GateDecision(models.Model):
    """A decision at a gate, by someone who is no party of the application; it is never changed."""

    step = models.ForeignKey(AdmissionStep, on_delete=models.CASCADE, related_name="decisions")
    verdict = models.CharField(pgettext_lazy("admission", "decision"), max_length=10, choices=Verdict.choices)
    ground = models.CharField(_("ground"), max_length=14, choices=RefusalReason.choices, blank=True)
    reason = models.TextField(_("reason"), max_length=2000)
    measured = models.JSONField(default=list)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_on = models.DateField(_("decided on"))
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = GateDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision at a gate")
        verbose_name_plural = _("decisions at gates")
        ordering = ["recorded_at", "pk"]
        indexes = [models.Index(fields=["verdict", "decided_on"])]
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="community_decision_verdict_known"),
            models.CheckConstraint(
                condition=(Q(verdict="refused") & ~Q(ground="")) | (~Q(verdict="refused") & Q(ground="")),
                name="community_decision_refusal_has_ground",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="community_decision_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.step} · {self.get_verdict_display()}"
