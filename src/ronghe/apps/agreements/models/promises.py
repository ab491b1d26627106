"""What holds, dated: the term of each agreement and the numbers promised in it. Written by services, read by metrics.

Both keep valid time and recorded time; a change supersedes a row and never edits it.
"""

from datetime import date, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronghe.apps.agreements.clauses import COUNTED, ClauseKind, FeePer, Per
from ronghe.apps.agreements.models.agreements import Agreement
from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind, StudyField
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord


class Spanned(DatedRecord):
    """A dated record that people read with its last day, as agreements say it."""

    class Meta(DatedRecord.Meta):
        abstract = True

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds; None without an end."""
        return self.valid_until - timedelta(days=1) if self.valid_until is not None else None


class TermQuerySet(DatedQuerySet["Term"]):
    """Reads of terms."""

    def visible_to(self, user: Any) -> Self:
        """As the agreements are."""
        return self.filter(agreement__in=Agreement.objects.visible_to(user).order_by().values("pk"))


class Term(Spanned):
    """The days on which an agreement is in force; chain and parties are looked up through it."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="terms")
    chain = models.ForeignKey("community.Chain", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = TermQuerySet.as_manager()

    class Meta(Spanned.Meta):
        verbose_name = _("term of an agreement")
        verbose_name_plural = _("terms of agreements")
        indexes = [
            models.Index(fields=["superseded_at", "chain", "valid_from"], name="agreements_term_of_chain"),
            models.Index(
                fields=["valid_until"],
                condition=Q(superseded_at__isnull=True),
                name="agreements_term_ends",
            ),
        ]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["agreement"], condition=Q(superseded_at__isnull=True), name="agreements_term_one_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} {self.valid_from}"


class PromiseQuerySet(DatedQuerySet["Promise"]):
    """Reads of promises."""

    def visible_to(self, user: Any) -> Self:
        """All typed promises for office and reviewer, their own for the parties."""
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE) or standing.holds(user, RoleKind.REVIEWER):
            return self
        return self.filter(agreement__in=Agreement.objects.with_papers_for(user).order_by().values("pk"))


_PERS = sorted({*Per.values, *FeePer.values})


class Promise(Spanned):
    """A promised number: `quantity` seats, mentors, machines or graduates, or fen of a fee, in its window."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="promises")
    chain = models.ForeignKey("community.Chain", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    clause = models.CharField(_("clause"), max_length=20)
    kind = models.CharField(_("promised"), max_length=16, choices=ClauseKind.choices)
    quantity = models.PositiveBigIntegerField(_("how many"))
    per = models.CharField(_("window"), max_length=10, blank=True)
    field = models.CharField(_("field"), max_length=20, choices=StudyField.choices, blank=True)
    by = models.ForeignKey("community.Organisation", on_delete=models.PROTECT, related_name="promises_made")
    to = models.ForeignKey(
        "community.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="promises_received"
    )

    objects = PromiseQuerySet.as_manager()

    class Meta(Spanned.Meta):
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        indexes = [
            models.Index(fields=["kind", "superseded_at", "chain", "valid_from"], name="agreements_promise_of_chain"),
            models.Index(fields=["kind", "superseded_at", "by", "valid_from"], name="agreements_promise_by"),
        ]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=[str(kind) for kind in COUNTED]), name="agreements_promise_kind_known"
            ),
            models.CheckConstraint(condition=Q(per__in=["", *_PERS]), name="agreements_promise_per_known"),
            models.UniqueConstraint(
                fields=["agreement", "clause", "valid_from"],
                condition=Q(superseded_at__isnull=True),
                name="agreements_promise_once_from_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.quantity}"

    @property
    def yuan(self) -> float | None:
        """A fee in yuan; None for what is no fee."""
        return self.quantity / 100 if self.kind == ClauseKind.FEES else None

    @property
    def per_label(self) -> str:
        """The window in words."""
        if self.kind == ClauseKind.FEES:
            return str(FeePer(self.per).label)
        return str(Per(self.per).label) if self.per else ""
