"""Rule sets in versions, exemptions, signed decisions and questions on them; incentives claimed; pay tied to levels.

What a rule says is the JSON of its set's version; obligations are computed and stored only where somebody signs them.
"""

import uuid
from datetime import date, datetime
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.ledger.revision import RevisedRecord
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord
from ronghe.apps.policies import levels
from ronghe.apps.policies.content import RuleSetContent, stored
from ronghe.apps.policies.subjects import SubjectKind, sees_all

_PERSON = settings.AUTH_USER_MODEL


class RuleSet(models.Model):
    """A rule set by its code; what it says stands in its versions."""

    code = models.CharField(_("code"), max_length=80, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("policy rule set")
        verbose_name_plural = _("policy rule sets")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("policies:rule_set", args=[self.code])


class VersionState(models.TextChoices):
    """Proposed by one person, published or refused by another."""

    PROPOSED = "proposed", _("Proposed")
    PUBLISHED = "published", _("Published")
    REFUSED = "refused", _("Refused")


class RuleSetVersion(models.Model):
    """One version of a rule set: its source text, what was read from it and the digest of that. Published, it stays."""

    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    source_text = models.TextField(_("source text"))
    content = models.TextField(editable=False)
    digest = models.CharField(max_length=64, editable=False)
    note = models.CharField(_("what changes and why"), max_length=500)
    state = models.CharField(_("state"), max_length=10, choices=VersionState.choices, default=VersionState.PROPOSED)
    # Nobody proposed a set that comes with the platform.
    proposed_by = models.ForeignKey(_PERSON, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_by = models.ForeignKey(_PERSON, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    decision_note = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("version of a rule set")
        verbose_name_plural = _("versions of rule sets")
        ordering = ["rule_set", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["rule_set", "number"], name="policies_version_numbered_once"),
            models.UniqueConstraint(
                fields=["rule_set"], condition=Q(state="proposed"), name="policies_one_proposal_at_a_time"
            ),
            models.CheckConstraint(condition=Q(state__in=VersionState.values), name="policies_version_state_known"),
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=True) | Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="policies_version_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at__isnull=True)
                | Q(~Q(state="proposed"), decided_at__isnull=False),
                name="policies_version_decided_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.read.name} v{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("policies:version", args=[self.rule_set.code, self.number])

    @property
    def read(self) -> RuleSetContent:
        """What the version says."""
        return stored(self.digest, self.content)


class OfSubject(models.Model):
    """Something about one subject of rules, named by kind and key."""

    subject_kind = models.CharField(_("subject"), max_length=10, choices=SubjectKind.choices)
    subject_key = models.PositiveBigIntegerField()

    class Meta:
        abstract = True


class ExemptionState(models.TextChoices):
    """Asked for by one person, granted or refused by another."""

    ASKED = "asked", _("Asked for")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")


class ExemptionQuerySet(models.QuerySet["Exemption"]):
    """Reads of exemptions."""

    def standing_on(self, day: date, known_at: datetime | None = None) -> Self:
        """Those granted that hold on `day`, as known at `known_at` (now when None)."""
        moment = known_at or timezone.now()
        return self.filter(
            Q(revoked_at__isnull=True) | Q(revoked_at__gt=moment) | Q(revoked_on__gt=day),
            state=ExemptionState.GRANTED,
            decided_at__lte=moment,
            first_day__lte=day,
            last_day__gte=day,
        )


class Exemption(OfSubject, RevisedRecord):
    """A rule does not bind one subject from a day to a day, for a reason, as a second person granted."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="exemptions")
    rule_key = models.CharField(_("rule"), max_length=80)
    reason = models.CharField(_("reason"), max_length=500)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    state = models.CharField(_("state"), max_length=8, choices=ExemptionState.choices, default=ExemptionState.ASKED)
    asked_by = models.ForeignKey(_PERSON, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_by = models.ForeignKey(_PERSON, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    decision_note = models.CharField(_("reason of the decision"), max_length=500, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_on = models.DateField(null=True, blank=True, editable=False)

    objects = ExemptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("exemption")
        verbose_name_plural = _("exemptions")
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["state", "last_day"])]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="policies_exemption_ends_later"),
            models.CheckConstraint(condition=Q(state__in=ExemptionState.values), name="policies_exemption_state_known"),
            models.CheckConstraint(
                condition=Q(asked_by__isnull=True) | Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="policies_exemption_decided_by_another",
            ),
            models.UniqueConstraint(
                fields=["rule_set", "rule_key", "subject_kind", "subject_key"],
                condition=Q(state="asked"),
                name="policies_exemption_asked_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_key} · {self.subject_kind} {self.subject_key}"

    def get_absolute_url(self) -> str:
        return reverse("policies:exemption", args=[self.uid])


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Reads of decisions."""

    def visible_to(self, user: Any) -> Self:
        """All for the office and reviewers; others reach those on their own subjects from their obligations."""
        return self if sees_all(user) else self.none()


class Decision(OfSubject):
    """What a reviewer found of one subject on one day, and signed: its obligations with measurements and records."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    day = models.DateField(_("on the day"))
    known_at = models.DateTimeField(_("as it was known at"))
    lines = models.JSONField(editable=False)
    digest = models.CharField(max_length=64, editable=False)
    note = models.TextField(_("what was found"), max_length=2_000, blank=True)
    signed_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    signed_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-signed_at"]
        indexes = [models.Index(fields=["subject_kind", "subject_key", "-signed_at"])]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_key} · {self.day}"

    def get_absolute_url(self) -> str:
        return reverse("policies:decision", args=[self.uid])


class Question(OfSubject):
    """A reviewer's question on one obligation or on a record of its sample, and the office's answer."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="questions")
    rule_key = models.CharField(_("rule"), max_length=80)
    day = models.DateField(_("on the day"))
    record = models.CharField(_("record"), max_length=120, blank=True)
    text = models.TextField(_("question"), max_length=2_000)
    asked_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    answer = models.TextField(_("answer"), max_length=2_000, blank=True)
    answered_by = models.ForeignKey(_PERSON, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("question on an obligation")
        verbose_name_plural = _("questions on obligations")
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["subject_kind", "subject_key", "rule_key"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="") | Q(Q(answered_at__isnull=False), ~Q(answer="")),
                name="policies_question_answer_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_key} · {self.subject_kind} {self.subject_key}"


class ClaimState(models.TextChoices):
    """How far a claim on an incentive is; granted and refused are final."""

    DRAFTED = "drafted", _("Drafted")
    FILED = "filed", _("Filed")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")


class ClaimQuerySet(models.QuerySet["IncentiveClaim"]):
    """Reads of claims."""

    def visible_to(self, user: Any) -> Self:
        """The office sees all, HR those of its own firm; nobody else sees what a firm earns."""
        if standing.holds(user, RoleKind.OFFICE):
            return self
        return self.filter(organisation__in=standing.organisations(user, RoleKind.ENTERPRISE_HR))


class IncentiveClaim(RevisedRecord):
    """A firm's claim on an incentive for a year: what it declared, what follows from it, and how far it is."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        "community.Organisation", on_delete=models.PROTECT, related_name="incentive_claims"
    )
    version = models.ForeignKey(RuleSetVersion, on_delete=models.PROTECT, related_name="claims")
    incentive_key = models.CharField(_("incentive"), max_length=80)
    year = models.PositiveIntegerField(_("year"), validators=[MinValueValidator(2018), MaxValueValidator(2100)])
    declared = models.JSONField(editable=False)
    amount = models.DecimalField(_("amount (yuan)"), max_digits=14, decimal_places=2)
    state = models.CharField(_("state"), max_length=8, choices=ClaimState.choices, default=ClaimState.DRAFTED)
    eligibility = models.JSONField(editable=False)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim on an incentive")
        verbose_name_plural = _("claims on incentives")
        ordering = ["-year", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ClaimState.values), name="policies_claim_state_known"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="policies_claim_not_negative"),
            models.UniqueConstraint(
                fields=["organisation", "incentive_key", "year"],
                condition=~Q(state="refused"),
                name="policies_claimed_once_a_year",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incentive_key} {self.year}"

    def get_absolute_url(self) -> str:
        return reverse("policies:claim", args=[self.uid])


class ClaimStep(models.Model):
    """A claim reached a state on a day; never edited."""

    claim = models.ForeignKey(IncentiveClaim, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(_("state"), max_length=8, choices=ClaimState.choices)
    day = models.DateField(_("day"))
    amount = models.DecimalField(_("amount (yuan)"), max_digits=14, decimal_places=2)
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("step of a claim")
        verbose_name_plural = _("steps of claims")
        ordering = ["recorded_at", "pk"]

    def __str__(self) -> str:
        return f"{self.claim} · {self.state}"


class UpliftKind(models.TextChoices):
    """What a pay link promises. A relative change of pay and an amount are two types; points fit neither."""

    RELATIVE = "relative", _("per cent of base pay (relative change)")
    YUAN = "yuan", _("yuan a month")


class PayLinkQuerySet(DatedQuerySet["PayLink"]):
    """Reads of pay tables."""

    def visible_to(self, user: Any) -> Self:
        """A table is published: everyone who takes part may read it."""
        return self if standing.is_signed_in(user) else self.none()


class PayLink(DatedRecord):
    """A line of a firm's eight-level pay table: who holds this level in this post earns so much more, from a day on."""

    organisation = models.ForeignKey("community.Organisation", on_delete=models.PROTECT, related_name="pay_links")
    level = models.PositiveSmallIntegerField(_("worker level"), choices=levels.CHOICES)
    post_zh = models.CharField(_("post (Chinese)"), max_length=80)
    post_en = models.CharField(_("post (English)"), max_length=120, blank=True)
    kind = models.CharField(_("promised as"), max_length=8, choices=UpliftKind.choices)
    uplift = models.DecimalField(_("uplift"), max_digits=10, decimal_places=2)
    published_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = PayLinkQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("pay link")
        verbose_name_plural = _("pay links")
        ordering = ["post_zh", "level", "valid_from"]
        indexes = [models.Index(fields=["organisation", "superseded_at", "valid_from"])]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=8), name="policies_pay_level_of_eight"),
            models.CheckConstraint(condition=Q(kind__in=UpliftKind.values), name="policies_pay_kind_known"),
            models.CheckConstraint(condition=Q(uplift__gte=0), name="policies_pay_uplift_not_negative"),
            models.UniqueConstraint(
                fields=["organisation", "level", "post_zh"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="policies_pay_link_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.post} · {self.level_label}"

    @property
    def post(self) -> str:
        """The post in the language of the page."""
        return self.post_zh if (get_language() or "").startswith("zh") else self.post_en or self.post_zh

    @property
    def level_label(self) -> str:
        """The level's name with its ordinal."""
        return str(levels.label(self.level))


class DeclaredBy(models.TextChoices):
    """Who says what was paid."""

    WORKER = "worker", _("the worker")
    FIRM = "firm", _("the firm")


class PayslipQuerySet(models.QuerySet["Payslip"]):
    """Reads of payslips."""

    def visible_to(self, user: Any) -> Self:
        """One's own, and for HR those that its firm declared. Nobody else, the office neither."""
        if not standing.is_signed_in(user):
            return self.none()
        firms = standing.organisations(user, RoleKind.ENTERPRISE_HR)
        return self.filter(Q(person=user) | Q(organisation__in=firms, declared_by=DeclaredBy.FIRM))


class Payslip(models.Model):
    """What a worker earned in a month at a firm, declared by one of them; private to both."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="payslips")
    organisation = models.ForeignKey("community.Organisation", on_delete=models.PROTECT, related_name="payslips")
    month = models.DateField(_("month"), help_text=_("its first day"))
    post_zh = models.CharField(_("post"), max_length=80)
    base_pay = models.DecimalField(_("base pay of the post (yuan a month)"), max_digits=10, decimal_places=2)
    paid = models.DecimalField(_("paid (yuan)"), max_digits=10, decimal_places=2)
    declared_by = models.CharField(_("declared by"), max_length=6, choices=DeclaredBy.choices)
    declared_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PayslipQuerySet.as_manager()

    class Meta:
        verbose_name = _("payslip")
        verbose_name_plural = _("payslips")
        ordering = ["-month", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "month", "declared_by"], name="policies_payslip_once_a_month"
            ),
            models.CheckConstraint(condition=Q(base_pay__gt=0, paid__gte=0), name="policies_payslip_amounts"),
            models.CheckConstraint(condition=Q(declared_by__in=DeclaredBy.values), name="policies_payslip_declared_by"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class DigestChoice(models.Model):
    """Whether a person wants the weekly mail, and when it last went out; without a row they get it."""

    person = models.OneToOneField(_PERSON, on_delete=models.CASCADE, related_name="policy_digest")
    is_wanted = models.BooleanField(_("send me the weekly mail"), default=True)
    last_sent_on = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("choice of mail")
        verbose_name_plural = _("choices of mail")

    def __str__(self) -> str:
        return f"{self.person} · {self.is_wanted}"
