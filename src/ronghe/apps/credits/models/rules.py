"""Dated rules: how much of what is worth how many credits, and what a programme asks for."""

import uuid
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord


class Source(models.TextChoices):
    """What can be converted into credits."""

    HOURS = "hours", _("Practice hours")
    UNITS = "units", _("Teaching units")
    COURSE = "course", _("Course credits")
    CERTIFICATE = "certificate", _("Certificate")
    SIMULATION = "simulation", _("Simulation")
    PRIOR = "prior", _("Prior learning")


class ConversionRuleQuerySet(DatedQuerySet["ConversionRule"]):
    """Reads of rules."""

    def visible_to(self, user: Any) -> Self:
        """By which rule credits are given is open to everyone who takes part."""
        return self if standing.is_signed_in(user) else self.none()

    def published(self) -> Self:
        """Rules that a second person has published; others are proposals and convert nothing."""
        return self.filter(published_by_uid__isnull=False)


class ConversionRule(Bilingual, DatedRecord):
    """`per` of a source is worth `credits`, in steps of `step`, at most `most_a_year` an academic year.

    A correction supersedes the row; a deposit names the row it was made by and keeps it.
    """

    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    source = models.CharField(_("source"), max_length=11, choices=Source.choices)
    programme = models.ForeignKey(
        "curriculum.Programme",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="conversion_rules",
        verbose_name=_("programme"),
        help_text=_("Empty: every programme that has no rule of its own."),
    )
    per = models.DecimalField(
        _("quantity"), max_digits=8, decimal_places=2, help_text=_("Hours, units, certificates or runs.")
    )
    credits = models.DecimalField(_("credits"), max_digits=6, decimal_places=2)
    step = models.DecimalField(
        _("smallest step"), max_digits=4, decimal_places=2, default=Decimal("0.5"), help_text=_("Rounded down to it.")
    )
    most_a_year = models.DecimalField(
        _("at most a year"),
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Credits; empty: no cap."),
    )
    is_practice = models.BooleanField(_("practice credits"), default=False)
    months_valid = models.PositiveSmallIntegerField(
        _("months until the credits lapse"), null=True, blank=True, help_text=_("Empty: they do not.")
    )
    clause = models.CharField(_("clause"), max_length=300, help_text=_("Where it was decided: document and paragraph."))
    # People by uid: a rule outlasts the erasure of who wrote it.
    proposed_by_uid = models.UUIDField(editable=False)
    published_by_uid = models.UUIDField(null=True, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)

    objects = ConversionRuleQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("conversion rule")
        verbose_name_plural = _("conversion rules")
        ordering = ["source", "valid_from"]
        indexes = [models.Index(fields=["uid", "superseded_at"], name="credits_rule_versions")]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(source__in=Source.values), name="credits_rule_source_known"),
            models.CheckConstraint(
                condition=Q(per__gt=0, credits__gt=0, step__gt=0), name="credits_rule_amounts_positive"
            ),
            models.CheckConstraint(
                condition=Q(most_a_year__isnull=True) | Q(most_a_year__gt=0), name="credits_rule_cap_positive"
            ),
            models.CheckConstraint(
                condition=Q(published_by_uid__isnull=True, published_at__isnull=True)
                | (Q(published_at__isnull=False) & ~Q(published_by_uid=F("proposed_by_uid"))),
                name="credits_rule_published_by_a_second_person",
            ),
        ]

    def worth(self, quantity: Decimal) -> Decimal:
        """Credits for `quantity`, rounded down to the step; the yearly cap is the deposit's to apply."""
        exact = quantity / self.per * self.credits
        return exact // self.step * self.step

    @property
    def version(self) -> str:
        """What a statement quotes: which rule, as recorded when."""
        return f"{self.uid}@{self.recorded_at:%Y-%m-%dT%H:%M:%SZ}"


class Partner(Bilingual):
    """Another institution whose statements are taken: the key of its log, named by one person, confirmed by another."""

    log_key = models.CharField(
        _("key of its log"),
        max_length=300,
        unique=True,
        help_text=_("One line, name+id+key, as its log page has it."),
    )
    origin = models.CharField(_("name of its log"), max_length=200, unique=True, editable=False)
    named_by_uid = models.UUIDField(editable=False)
    confirmed_by_uid = models.UUIDField(null=True, editable=False)
    ended_on = models.DateField(_("ended on"), null=True, editable=False)

    class Meta:
        verbose_name = _("partner institution")
        verbose_name_plural = _("partner institutions")
        ordering = ["name_zh"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by_uid__isnull=True) | ~Q(confirmed_by_uid=F("named_by_uid")),
                name="credits_partner_confirmed_by_a_second_person",
            ),
        ]

    @property
    def is_in_force(self) -> bool:
        """Whether statements of it are taken, and credits sent to it."""
        return self.confirmed_by_uid is not None and self.ended_on is None


class ProgrammeTargetQuerySet(DatedQuerySet["ProgrammeTarget"]):
    """Reads of targets."""

    def visible_to(self, user: Any) -> Self:
        return self if standing.is_signed_in(user) else self.none()


class ProgrammeTarget(DatedRecord):
    """How many credits a programme asks for, and what share of them is to be practice; dated."""

    programme = models.ForeignKey("curriculum.Programme", on_delete=models.PROTECT, related_name="credit_targets")
    credits = models.DecimalField(_("credits to earn"), max_digits=6, decimal_places=2)
    practice_share = models.DecimalField(
        _("practice credit share"), max_digits=4, decimal_places=3, default=Decimal("0.3")
    )
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    objects = ProgrammeTargetQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("target of a programme")
        verbose_name_plural = _("targets of programmes")
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(credits__gt=0), name="credits_target_positive"),
            models.CheckConstraint(
                condition=Q(practice_share__range=(Decimal(0), Decimal(1))), name="credits_target_share_is_a_share"
            ),
            models.UniqueConstraint(
                fields=["programme"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="credits_target_one_open_a_programme",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme}: {self.credits}"
