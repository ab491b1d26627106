"""Agreements, their parties, and the papers by which they begin, change and are renewed.

An agreement is the bond; an instrument is one paper of it that is signed. Whether it is in force on a day stands in
`Term`.
"""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ronghe.apps.agreements.models.templates import AgreementKind, TemplateVersion
from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.ledger.revision import RevisedRecord


def in_page_language(zh: str, en: str) -> str:
    """The Chinese words on a Chinese page, else the English ones where there are any."""
    return zh if (get_language() or "").startswith("zh") else en or zh


def speaks_for(user: Any) -> set[int]:
    """Organisations whose papers `user` may read: as their HR today, or as a signatory of theirs."""
    if not standing.is_signed_in(user):
        return set()
    kept: tuple[Any, set[int]] | None = getattr(user, "_signs_for", None)
    today = timezone.localdate()
    if kept is None or kept[0] != today:
        kept = (today, set(user.signatory_standings.on(today).values_list("organisation_id", flat=True)))
        user._signs_for = kept
    return kept[1] | standing.organisations(user, RoleKind.ENTERPRISE_HR)


def forget_signing(user: Any) -> None:
    """Ask again whom `user` signs for; called by whatever changes it."""
    if hasattr(user, "_signs_for"):
        del user._signs_for


def side_label(side: int) -> str:
    """甲方, 乙方, 丙方 … or Party A, B, C, in the language of the page."""
    letter = in_page_language("甲乙丙丁戊己", "ABCDEF")[side - 1]
    return str(_("Party %(letter)s")) % {"letter": letter}


class AgreementQuerySet(models.QuerySet["Agreement"]):
    """Reads of agreements."""

    def visible_to(self, user: Any) -> Self:
        """All for the office; for a reviewer those that were sent; for others their own, once they were shown them.

        That an agreement is visible does not open its papers: see `with_papers_for`.
        """
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        own = self._own(user)
        if standing.holds(user, RoleKind.REVIEWER):
            own |= Q(opened_at__isnull=False)
        return self.filter(own)

    def with_papers_for(self, user: Any) -> Self:
        """Those whose text `user` may read: the parties' people and the office, never a reviewer as such."""
        if not standing.is_signed_in(user):
            return self.none()
        return self if standing.holds(user, RoleKind.OFFICE) else self.filter(self._own(user))

    def _own(self, user: Any) -> Q:
        for_whom = speaks_for(user)
        is_party = Exists(
            Party.objects.filter(agreement=OuterRef("pk")).filter(Q(organisation__in=for_whom) | Q(person=user.pk))
        )
        return Q(is_party, opened_at__isnull=False) | Q(drafted_for__in=for_whom)


class Agreement(RevisedRecord):
    """What the parties of a chain promised each other. `opened_at`: when its first paper was sent to the parties."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=40, unique=True, null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=16, choices=AgreementKind.choices)
    title_zh = models.CharField(_("Chinese title"), max_length=160)
    title_en = models.CharField(_("English title"), max_length=200, blank=True)
    chain = models.ForeignKey(
        "community.Chain", null=True, blank=True, on_delete=models.PROTECT, related_name="agreements"
    )
    template_version = models.ForeignKey(
        TemplateVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="agreements"
    )
    notice_days = models.PositiveIntegerField(_("days of notice"), default=30)
    drafted_for = models.ForeignKey(
        "community.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # How it ended before its time, if it did.
    ended_by = models.ForeignKey("Party", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(_("ended from"), null=True, blank=True)
    notice_given_on = models.DateField(_("notice given on"), null=True, blank=True)
    end_reason = models.TextField(_("reason"), blank=True)
    end_consequences = models.TextField(_("what happens to open matters"), blank=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="agreements_newest"),
            models.Index(fields=["chain", "-created_at"], name="agreements_of_chain"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AgreementKind.values), name="agreements_kind_known"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, notice_given_on__isnull=True, end_reason="")
                | (Q(ended_on__isnull=False, notice_given_on__isnull=False) & ~Q(end_reason="")),
                name="agreements_ended_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("notice_given_on")),
                name="agreements_ended_after_notice",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The title in the language of the page."""
        return in_page_language(self.title_zh, self.title_en)

    def get_absolute_url(self) -> str:
        return reverse("agreements:agreement", args=[self.uid])


class Party(models.Model):
    """A party: an organisation or a person, on a side, at a place by which clauses name it."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="parties")
    place = models.PositiveSmallIntegerField(_("place"))
    side = models.PositiveSmallIntegerField(_("side of the agreement"))
    organisation = models.ForeignKey(
        "community.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="agreement_parties"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="agreement_parties"
    )
    signatures_required = models.PositiveSmallIntegerField(_("signatures required"), default=1)
    # The content that is signed names a person by uid and salted digest alone; without the salt it names nobody.
    salt = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        ordering = ["side", "place"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "place"], name="agreements_party_place_once"),
            models.UniqueConstraint(
                fields=["agreement", "organisation"],
                condition=Q(organisation__isnull=False),
                name="agreements_party_organisation_once",
            ),
            models.UniqueConstraint(
                fields=["agreement", "person"],
                condition=Q(person__isnull=False),
                name="agreements_party_person_once",
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, person__isnull=True)
                | Q(organisation__isnull=True, person__isnull=False),
                name="agreements_party_organisation_or_person",
            ),
            models.CheckConstraint(
                condition=Q(side__gte=1, side__lte=6, signatures_required__gte=1, signatures_required__lte=5),
                name="agreements_party_sides_and_signatures",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the page; of an erased person only a word that stands for it."""
        if self.organisation is not None:
            return self.organisation.name
        return self.person.name if self.person is not None and self.person.name else str(_("a person who was erased"))

    @property
    def side_label(self) -> str:
        """甲方, 乙方, 丙方 … or Party A, B, C."""
        return side_label(self.side)


class InstrumentKind(models.TextChoices):
    """What a paper does to its agreement."""

    ORIGINAL = "original", _("Agreement")
    AMENDMENT = "amendment", _("Amendment")
    RENEWAL = "renewal", _("Renewal")


class InstrumentState(models.TextChoices):
    """How far a paper is. In force, expired and ended follow from dates and stand nowhere."""

    DRAFT = "draft", _("Draft")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked, not sent")
    SENT = "sent", _("Sent for signature")
    CONCLUDED = "concluded", _("Signed by all")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class InstrumentQuerySet(models.QuerySet["Instrument"]):
    """Reads of papers."""

    def visible_to(self, user: Any) -> Self:
        """The papers that `user` may read: what is not sent yet only the office and those for whom it was drafted."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        for_whom = speaks_for(user)
        party = Party.objects.filter(agreement=OuterRef("agreement")).filter(
            Q(organisation__in=for_whom) | Q(person=user.pk)
        )
        shown = Q(Exists(party), state__in=[InstrumentState.SENT, InstrumentState.CONCLUDED])
        return self.filter(shown | Q(drafted_for__in=for_whom))


class Instrument(RevisedRecord):
    """One paper. `clauses` are what will hold from `first_day` on; `content` is what was sent, `digest` its hash."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="instruments")
    number = models.PositiveIntegerField(_("paper"))
    kind = models.CharField(_("kind"), max_length=10, choices=InstrumentKind.choices)
    state = models.CharField(_("state"), max_length=10, choices=InstrumentState.choices, default=InstrumentState.DRAFT)
    clauses = models.JSONField(default=list)
    reason = models.TextField(_("reason"), blank=True)
    first_day = models.DateField(_("holds from"))
    last_day = models.DateField(_("last day"), null=True, blank=True)
    sign_by = models.DateField(_("to be signed by"), null=True, blank=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="drafted_instruments"
    )
    drafted_for = models.ForeignKey(
        "community.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    returned_because = models.TextField(blank=True)
    code = models.CharField(_("verification code"), max_length=16, unique=True, null=True, blank=True)
    content = models.JSONField(null=True, blank=True, editable=False)
    changes = models.JSONField(default=list, editable=False)
    digest = models.CharField(max_length=80, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    concluded_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = InstrumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("paper")
        verbose_name_plural = _("papers")
        ordering = ["agreement", "number"]
        indexes = [models.Index(fields=["state", "sign_by"], name="agreements_paper_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="agreements_paper_number_once"),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")), name="agreements_paper_days"
            ),
            models.CheckConstraint(condition=Q(state__in=InstrumentState.values), name="agreements_paper_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=["sent", "concluded"], content__isnull=False, sent_at__isnull=False)
                & ~Q(digest="")
                | (~Q(state__in=["sent", "concluded"]) & Q(content__isnull=True, sent_at__isnull=True, digest="")),
                name="agreements_paper_sent_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="concluded", concluded_at__isnull=False)
                | (~Q(state="concluded") & Q(concluded_at__isnull=True)),
                name="agreements_paper_concluded_at",
            ),
            # Of an agreement one paper at a time is in the making, so that two amendments never cross unseen.
            models.UniqueConstraint(
                fields=["agreement"],
                condition=Q(state__in=["draft", "checking", "checked", "sent"]),
                name="agreements_paper_one_in_the_making",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} · {self.get_kind_display()} {self.number}"

    @property
    def is_open(self) -> bool:
        """Whether its text may still be changed."""
        return self.state == InstrumentState.DRAFT

    def get_absolute_url(self) -> str:
        return reverse("agreements:paper", args=[self.uid])
