"""Who may sign for whom, the signatures asked for and given, papers signed outside, printed copies, reminders."""

import uuid
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.agreements.models.agreements import Agreement, Instrument, Party, in_page_language
from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord


class SignatoryQuerySet(DatedQuerySet["Signatory"]):
    """Reads of signatories."""

    def visible_to(self, user: Any) -> Self:
        """All for the office; those of the own enterprise for its HR; one's own."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        return self.filter(Q(person=user.pk) | Q(organisation__in=standing.organisations(user, RoleKind.ENTERPRISE_HR)))


class Signatory(DatedRecord):
    """That a person may sign for an organisation, dated: a standing of its own, given with no role and by no role."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="signatory_standings")
    organisation = models.ForeignKey("community.Organisation", on_delete=models.PROTECT, related_name="signatories")
    title_zh = models.CharField(_("Chinese title"), max_length=60)
    title_en = models.CharField(_("English title"), max_length=80, blank=True)
    basis = models.CharField(_("by what"), max_length=200, blank=True)

    objects = SignatoryQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("signatory")
        verbose_name_plural = _("signatories")
        indexes = [models.Index(fields=["organisation", "superseded_at", "valid_from"])]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["person", "organisation", "valid_from"],
                condition=Q(superseded_at__isnull=True),
                name="agreements_signatory_once_from_a_day",
            ),
            models.UniqueConstraint(
                fields=["person", "organisation"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="agreements_signatory_held_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.organisation}"

    @property
    def title(self) -> str:
        """The title in the language of the page."""
        return in_page_language(self.title_zh, self.title_en)


class SignatureMethod(models.TextChoices):
    """How it was signed."""

    PLATFORM = "platform", _("on the platform")
    OUTSIDE = "outside", _("on paper, uploaded")


class SignatureQuerySet(models.QuerySet["Signature"]):
    """Reads of signatures."""

    def visible_to(self, user: Any) -> Self:
        """As far as the agreement is visible."""
        return self.filter(Exists(Agreement.objects.visible_to(user).filter(pk=OuterRef("instrument__agreement"))))

    def waiting(self) -> Self:
        """Asked for and neither given nor settled otherwise."""
        return self.filter(signed_at__isnull=True, settled_at__isnull=True)

    def overdue_on(self, day: Any) -> Self:
        """Those that were asked for, due before `day` and not given or settled by then."""
        return self.filter(asked_on__lte=day, due_on__lt=day, open_until__gt=day)


class Signature(models.Model):
    """One signature that is asked of a person for a party, and what was signed once it is given.

    `settled_at` without `signed_at`: it is asked no more (handed over, declined, recalled). `open_until` is the first
    day on which it is not waited for, far in the future while it is.
    """

    NEVER = date(9999, 1, 1)

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="signatures")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="signatures")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="signatures_asked")
    asked_on = models.DateField(_("asked on"))
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    due_on = models.DateField(_("due on"))
    open_until = models.DateField(default=NEVER, editable=False)
    settled_at = models.DateTimeField(null=True, blank=True, editable=False)
    settled_because = models.CharField(max_length=300, blank=True)
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True)
    method = models.CharField(_("how"), max_length=10, choices=SignatureMethod.choices, blank=True)
    confirmed_by = models.CharField(_("identity confirmed by"), max_length=40, blank=True)
    signed_digest = models.CharField(max_length=80, blank=True, editable=False)
    title_zh = models.CharField(max_length=60, blank=True)
    title_en = models.CharField(max_length=80, blank=True)
    event = models.BigIntegerField(null=True, blank=True, editable=False)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["party__side", "party__place", "pk"]
        indexes = [
            models.Index(fields=["open_until", "due_on"], name="agreements_signature_open"),
            models.Index(fields=["person", "open_until"], name="agreements_signature_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "party", "person"],
                condition=Q(settled_at__isnull=True),
                name="agreements_signature_asked_once",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True, signed_digest="", method="")
                | (Q(signed_at__isnull=False) & ~Q(signed_digest="") & ~Q(method="")),
                name="agreements_signature_whole",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("asked_on")), name="agreements_signature_due_later"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} · {self.party} · {self.person}"

    @property
    def title(self) -> str:
        """The title under which it was given, in the language of the page."""
        return in_page_language(self.title_zh, self.title_en)

    @property
    def is_waiting(self) -> bool:
        """Whether it is still waited for."""
        return self.signed_at is None and self.settled_at is None

    @property
    def is_overdue(self) -> bool:
        """Whether it should have been given by now."""
        return self.is_waiting and self.due_on < timezone.localdate()


class OutsidePaper(models.Model):
    """A scan of a paper that was signed outside: counted once a second person of the office has looked at it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="outside_papers")
    party = models.ForeignKey(Party, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_on = models.DateField(_("signed on"))
    filename = models.CharField(_("file"), max_length=200)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_confirmed = models.BooleanField(null=True, blank=True)
    refused_because = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("paper signed outside")
        verbose_name_plural = _("papers signed outside")
        ordering = ["-uploaded_at"]
        indexes = [models.Index(fields=["sha256"], name="agreements_outside_by_hash")]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_confirmed__isnull=True, decided_at__isnull=True)
                | Q(is_confirmed__isnull=False, decided_at__isnull=False),
                name="agreements_outside_decided_whole",
            ),
            models.UniqueConstraint(
                fields=["instrument", "sha256"],
                condition=Q(is_confirmed__isnull=True) | Q(is_confirmed=True),
                name="agreements_outside_uploaded_once",
            ),
        ]

    def __str__(self) -> str:
        return self.filename


class PrintedCopy(models.Model):
    """The hash of a PDF that was given out, so that the file itself can be verified later."""

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="printed_copies")
    language = models.CharField(max_length=10)
    # Of what was printed: a paper that was called back and sent again is another one.
    digest = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64, db_index=True)
    printed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("printed copy")
        verbose_name_plural = _("printed copies")
        constraints = [
            models.UniqueConstraint(fields=["instrument", "digest", "sha256"], name="agreements_copy_once"),
        ]

    def __str__(self) -> str:
        return self.sha256


class Reminder(models.Model):
    """That a rule of reminding was kept for a signature or an agreement; once for each rule and due day."""

    rule = models.CharField(max_length=40)
    signature = models.ForeignKey(Signature, null=True, blank=True, on_delete=models.CASCADE, related_name="reminders")
    agreement = models.ForeignKey(Agreement, null=True, blank=True, on_delete=models.CASCADE, related_name="reminders")
    due_on = models.DateField()
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    recipients = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(
                fields=["signature", "rule", "due_on"],
                condition=Q(signature__isnull=False),
                name="agreements_reminder_signature_once",
            ),
            models.UniqueConstraint(
                fields=["agreement", "rule", "due_on"],
                condition=Q(agreement__isnull=False),
                name="agreements_reminder_agreement_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.due_on}"
