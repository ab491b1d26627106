"""What was issued: certificates with their path and status, what holders share, what verifiers report.

A certificate's signed bytes never change; erasing its holder empties what is personal and keeps the hashes.
"""

import uuid
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community import standing


class IssueBatch(models.Model):
    """One issue of many: who issued what from which file, and how many came of it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey("credentials.AchievementVersion", on_delete=models.PROTECT, related_name="batches")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    issued_at = models.DateTimeField(default=timezone.now, editable=False)
    count = models.PositiveIntegerField(_("certificates"), default=0)

    class Meta:
        verbose_name = _("issue of many")
        verbose_name_plural = _("issues of many")
        ordering = ["-issued_at"]

    def __str__(self) -> str:
        return f"{self.version} {self.issued_at:%Y-%m-%d}"


class CertificateState(models.TextChoices):
    """Where a certificate stands; what has run out is told by its dates."""

    VALID = "valid", pgettext_lazy("certificate", "Valid")
    SUSPENDED = "suspended", _("Suspended")
    REVOKED = "revoked", _("Revoked")


class CertificateQuerySet(models.QuerySet["Certificate"]):
    """Reads of certificates."""

    def visible_to(self, user: Any) -> Self:
        """All for office and reviewers; one's own; what is shared with one's enterprise for its HR."""
        if not standing.is_signed_in(user):
            return self.none()
        if user.has_perm("credentials.view_every_certificate"):
            return self
        shared = Share.objects.standing().filter(organisation__in=standing.organisations(user, "enterprise_hr"))
        return self.filter(Q(holder=user) | Q(pk__in=shared.values("certificate")))

    def of_achievements(self) -> Self:
        """Those that certify an achievement, not what a program let us sign."""
        return self.filter(version__isnull=False)

    def good_at(self, moment: datetime) -> Self:
        """Neither withdrawn nor run out."""
        return self.filter(state=CertificateState.VALID, valid_from__lte=moment).filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=moment)
        )


class Certificate(models.Model):
    """A signed credential: of an achievement for a holder, or (without a version) what a program let an issuer sign.

    `document` are the very bytes that were signed, `path` the holder's salted events as JSON. Both are emptied when the
    holder is erased; then `digest` and `path_root` still fit what the log holds.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("code"), max_length=20, unique=True, editable=False)
    version = models.ForeignKey(
        "credentials.AchievementVersion", null=True, on_delete=models.PROTECT, related_name="certificates"
    )
    issuer = models.ForeignKey("credentials.Issuer", on_delete=models.PROTECT, related_name="certificates")
    key = models.ForeignKey("credentials.IssuerKey", on_delete=models.PROTECT, related_name="certificates")
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="certificates"
    )
    batch = models.ForeignKey(IssueBatch, null=True, on_delete=models.PROTECT, related_name="certificates")
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    # One that was renewed stands beside its follower until it runs out.
    replaced = models.BooleanField(default=False, editable=False)
    issued_at = models.DateTimeField(_("issued at"))
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True)
    status_list = models.ForeignKey("credentials.StatusList", on_delete=models.PROTECT, related_name="certificates")
    slot = models.PositiveIntegerField()
    state = models.CharField(
        _("state"), max_length=10, choices=CertificateState.choices, default=CertificateState.VALID
    )
    credential_id = models.CharField(max_length=300, db_index=True, editable=False)
    # Text, because the proofs are over these very bytes; null once its holder is erased.
    document = models.TextField(null=True, editable=False)  # noqa: DJ001
    digest = models.BinaryField(max_length=32, editable=False)
    path = models.JSONField(default=list, editable=False)
    path_root = models.BinaryField(max_length=32, null=True, editable=False)
    event = models.OneToOneField("ledger.Event", on_delete=models.PROTECT, related_name="+")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-issued_at", "-pk"]
        indexes = [
            models.Index(fields=["holder", "-issued_at"], name="credentials_by_holder"),
            models.Index(fields=["version", "state"], name="credentials_by_version"),
            models.Index(fields=["valid_until"], name="credentials_by_end"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["status_list", "slot"], name="credentials_slot_once"),
            models.UniqueConstraint(
                fields=["version", "holder"],
                condition=Q(replaced=False) & ~Q(state="revoked"),
                name="credentials_certificate_once",
            ),
            models.CheckConstraint(condition=Q(state__in=CertificateState.values), name="credentials_state_known"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="credentials_certificate_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(version__isnull=False) | Q(holder__isnull=True), name="credentials_holder_of_an_achievement"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("credentials:certificate", args=[self.uid])

    def has_run_out(self, moment: datetime) -> bool:
        """Whether its time is over."""
        return self.valid_until is not None and self.valid_until <= moment

    @property
    def is_erased(self) -> bool:
        """Whether what was personal in it is gone."""
        return self.document is None


class StatusReason(models.TextChoices):
    """Why a status was changed."""

    MISTAKE = "mistake", _("It holds a mistake")
    REPLACED = "replaced", _("A new one replaces it")
    NOT_EARNED = "not_earned", _("It was not earned")
    HOLDER = "holder", _("The holder asked for it")
    KEY = "key", _("The key it was signed with is not safe")
    ENQUIRY = "enquiry", _("An enquiry is under way")
    CLEARED = "cleared", _("The enquiry found nothing")


class StatusChange(models.Model):
    """A certificate was revoked, suspended, or its suspension lifted: by whom, when and why."""

    class Kind(models.TextChoices):
        REVOKED = "revoked", _("Revoked")
        SUSPENDED = "suspended", _("Suspended")
        LIFTED = "lifted", _("Suspension lifted")

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(_("change"), max_length=10, choices=Kind.choices)
    reason = models.CharField(_("reason"), max_length=12, choices=StatusReason.choices)
    note = models.CharField(_("note"), max_length=500, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("change of status")
        verbose_name_plural = _("changes of status")
        ordering = ["certificate", "pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["revoked", "suspended", "lifted"]), name="credentials_change_kind_known"
            ),
            models.CheckConstraint(condition=Q(reason__in=StatusReason.values), name="credentials_change_reason_known"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate} {self.kind}"


class ShareQuerySet(models.QuerySet["Share"]):
    """Reads of what holders share."""

    def standing(self, moment: datetime | None = None) -> Self:
        """Shares that are open at a moment."""
        return self.filter(withdrawn_at__isnull=True, expires_at__gt=moment or timezone.now())


class Share(models.Model):
    """The holder's consent to show one certificate, to whoever has the link or to one organisation, until a day.

    `disclosed` are the places of the events of the path that may be read; of a link only the hash is kept.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    certificate = models.ForeignKey(Certificate, on_delete=models.CASCADE, related_name="shares")
    token_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001
    organisation = models.ForeignKey(
        "community.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="shared_certificates"
    )
    shows_name = models.BooleanField(_("show my full name"), default=False)
    disclosed = models.JSONField(default=list, blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("open until"))
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    opened = models.PositiveIntegerField(default=0, editable=False)
    last_opened_at = models.DateTimeField(null=True, editable=False)

    objects = ShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("shared certificate")
        verbose_name_plural = _("shared certificates")
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(token_hash__isnull=True, organisation__isnull=False)
                | Q(token_hash__isnull=False, organisation__isnull=True),
                name="credentials_share_by_link_or_with_organisation",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="credentials_share_ends"),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class ReportState(models.TextChoices):
    """Where a report of a mismatch stands."""

    OPEN = "open", _("Waits for an answer")
    CONFIRMED = "confirmed", _("The report is right")
    UNFOUNDED = "unfounded", _("Nothing is wrong")


class MismatchReport(models.Model):
    """Someone found that a certificate and what they see do not fit together. Anyone may say so; the office answers."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    certificate = models.ForeignKey(
        Certificate, null=True, blank=True, on_delete=models.PROTECT, related_name="reports"
    )
    code = models.CharField(_("code of the certificate"), max_length=40, blank=True)
    text = models.TextField(_("what does not fit"), max_length=2000)
    contact = models.EmailField(_("e-mail address for an answer"), blank=True)
    reported_at = models.DateTimeField(default=timezone.now, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=ReportState.choices, default=ReportState.OPEN)
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("report of a mismatch")
        verbose_name_plural = _("reports of mismatches")
        ordering = ["state", "-reported_at"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReportState.values), name="credentials_report_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", answered_at__isnull=True) | (~Q(state="open") & Q(answered_at__isnull=False)),
                name="credentials_report_answered_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)

    def get_absolute_url(self) -> str:
        return reverse("credentials:report", args=[self.uid])
