"""Weekly evidence: a work product and the hours it claims, what strikes about it, who decided, and by which link.

Hours are a claim until a second party has confirmed the entry they stand in; nothing else makes hours.
"""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community import standing
from ronghe.apps.training.models.placements import Placement

WEEK = timedelta(days=7)
# A week's evidence is due on the Wednesday after it.
DUE_AFTER = timedelta(days=9)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class EntryState(models.TextChoices):
    """How far an entry is. Of one week at most one counts, and at most one is undecided."""

    WAITING = "waiting", _("Waits for confirmation")
    ASKED = "asked", _("Question to the student")
    RETURNED = "returned", _("Returned")
    CONFIRMED = "confirmed", _("Confirmed")
    REPLACED = "replaced", _("Replaced by a newer version")


UNDECIDED = (EntryState.WAITING, EntryState.ASKED)


class EntryQuerySet(models.QuerySet["Entry"]):
    """Reads of entries."""

    def visible_to(self, user: Any) -> Self:
        """As the placements are."""
        if not standing.is_signed_in(user):
            return self.none()
        return self.filter(placement__in=Placement.objects.visible_to(user).order_by().values("pk"))

    def counted(self) -> Self:
        """Those whose hours count."""
        return self.filter(state=EntryState.CONFIRMED)

    def undecided(self) -> Self:
        """Those that wait for a second party, or for the student's answer to it."""
        return self.filter(state__in=UNDECIDED)


class Entry(models.Model):
    """What a student shows of one week (`week` is its Monday). A correction is another row with the next version."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="entries")
    week = models.DateField(_("week"))
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    unit = models.ForeignKey(
        "curriculum.Unit",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="evidence",
        verbose_name=_("teaching unit"),
    )
    text = models.TextField(_("what was done"), max_length=8000)
    text_digest = models.CharField(max_length=64, blank=True, editable=False)
    commit_url = models.URLField(_("commit"), max_length=500, blank=True)
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=2)
    state = models.CharField(_("state"), max_length=9, choices=EntryState.choices, default=EntryState.WAITING)
    handed_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    handed_in_at = models.DateTimeField(default=timezone.now, editable=False)
    # From when to when its hours count, so that they can be summed as they were known.
    confirmed_at = models.DateTimeField(null=True, editable=False)
    uncounted_at = models.DateTimeField(default=NEVER, editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence of a week")
        verbose_name_plural = _("evidence of weeks")
        ordering = ["-week", "-version"]
        indexes = [
            models.Index(fields=["placement", "week"], name="training_entries_of"),
            models.Index(fields=["state", "week"], name="training_entries_by_state"),
            models.Index(fields=["text_digest"], condition=~Q(text_digest=""), name="training_entries_by_text"),
            models.Index(fields=["commit_url"], condition=~Q(commit_url=""), name="training_entries_by_commit"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=EntryState.values), name="training_entry_state_known"),
            models.CheckConstraint(condition=Q(hours__gte=0, hours__lte=168), name="training_entry_hours_of_a_week"),
            models.CheckConstraint(condition=Q(week__week_day=2), name="training_entry_week_begins_on_monday"),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(confirmed_at__isnull=False),
                name="training_entry_confirmed_at",
            ),
            models.UniqueConstraint(fields=["placement", "week", "version"], name="training_entry_version_once"),
            models.UniqueConstraint(
                fields=["placement", "week"], condition=Q(state="confirmed"), name="training_entry_counts_once_a_week"
            ),
            models.UniqueConstraint(
                fields=["placement", "week"],
                condition=Q(state__in=["waiting", "asked"]),
                name="training_entry_undecided_once_a_week",
            ),
        ]

    def __str__(self) -> str:
        return str(_("Week of %(week)s") % {"week": self.week})

    def get_absolute_url(self) -> str:
        return reverse("training:entry", args=[self.uid])

    @property
    def last_day(self) -> date:
        """The Sunday of the week."""
        return self.week + timedelta(days=6)

    @property
    def due_on(self) -> date:
        """The day until which it is handed in on time."""
        return self.week + DUE_AFTER

    @property
    def fact(self) -> str:
        """What the credit bank calls this week, whichever version counts: a week is deposited once."""
        return f"training:{self.placement.uid}:{self.week}"


class Attachment(models.Model):
    """A file of an entry, checked by its content. It lies outside the database, named by its uid."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="attachments")
    filename = models.CharField(_("file"), max_length=200)
    media_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64, db_index=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "sha256"], name="training_attachment_once_an_entry"),
        ]

    def __str__(self) -> str:
        return self.filename


class MarkKind(models.TextChoices):
    """What strikes about an entry; whoever confirms is shown it, and decides."""

    LATE = "late", _("Handed in late")
    BACKDATED = "backdated", _("Handed in more than four weeks after the week")
    SAME_FILE = "same_file", _("The same file was handed in before")
    SAME_TEXT = "same_text", _("The same text was handed in before")
    NEAR_TEXT = "near_text", _("A text that is nearly the same was handed in before")
    SAME_COMMIT = "same_commit", _("The same commit was handed in before")


class Mark(models.Model):
    """One thing that strikes; `other` is the entry that has the same file, text or commit."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="marks")
    kind = models.CharField(max_length=11, choices=MarkKind.choices)
    other = models.ForeignKey(Entry, null=True, on_delete=models.CASCADE, related_name="marks_of_others")
    is_other_student = models.BooleanField(default=False)

    class Meta:
        verbose_name = pgettext_lazy("evidence", "mark")
        verbose_name_plural = pgettext_lazy("evidence", "marks")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MarkKind.values), name="training_mark_kind_known"),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class ConfirmationLink(models.Model):
    """A link for one mentor and one week of one placement, by which it is confirmed on a phone without a password.

    What is mailed is this row's uid, signed; the row says until when it holds and whether it was revoked.
    """

    LASTS = timedelta(days=7)

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="confirmation_links")
    week = models.DateField(_("week"))
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("confirmation link")
        verbose_name_plural = _("confirmation links")
        ordering = ["-made_at"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="training_link_expires"),
            models.UniqueConstraint(
                fields=["placement", "week", "mentor"],
                condition=Q(revoked_at__isnull=True),
                name="training_link_once_a_week",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)

    def is_valid(self, at: datetime | None = None) -> bool:
        """Whether it opens anything at `at` (now)."""
        return self.revoked_at is None and (at or timezone.now()) < self.expires_at


class Verdict(models.TextChoices):
    """What was done about an entry."""

    CONFIRMED = "confirmed", _("Confirmed")
    RETURNED = "returned", _("Returned")
    ASKED = "asked", pgettext_lazy("evidence", "Asked")
    ANSWERED = "answered", _("Answered")


class Confirmation(models.Model):
    """One step of deciding about an entry: append-only. `link`: the page it was done on without signing in."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="confirmations")
    verdict = models.CharField(max_length=9, choices=Verdict.choices)
    comment = models.TextField(_("comment"), max_length=2000, blank=True)
    # Empty once the person has been erased.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    side = models.CharField(max_length=8, editable=False)
    link = models.ForeignKey(ConfirmationLink, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="training_verdict_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} · {self.decided_by or '—'}"


class Reminder(models.Model):
    """That somebody was reminded of something due; once for each thing and day."""

    about = models.CharField(max_length=80)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["about", "person"], name="training_reminded_once"),
        ]

    def __str__(self) -> str:
        return self.about
