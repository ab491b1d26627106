"""Panels of experts: who is invited, what is asked, the rounds, and answers that belong to a seat and to no person.

No row of a seat or an answer names a person, a time or an order of arrival; docs/decisions/0007 says against whom.
"""

import uuid
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.demand.models.skills import Skill
from ronghe.apps.ledger.revision import RevisedRecord

LEAST_POINTS, MOST_POINTS = 3, 9


def in_page_language(zh: str, en: str) -> str:
    """The text in the language of the page; the other one where that is missing."""
    return (zh or en) if (get_language() or "").startswith("zh") else (en or zh)


class PanelState(models.TextChoices):
    """A panel is prepared, then asked in rounds, then ended."""

    DRAFT = "draft", _("In preparation")
    RUNNING = "running", _("Running")
    ENDED = "ended", pgettext_lazy("panel", "Ended")


class ConsensusRule(models.TextChoices):
    """What makes consensus on an item."""

    EITHER = "either", _("enough answers in the band, or a small spread")
    BOTH = "both", _("enough answers in the band, and a small spread")
    SHARE = "share", _("enough answers in the band")
    SPREAD = "spread", _("a small spread")


class PanelQuerySet(models.QuerySet["Panel"]):
    """Reads of panels."""

    def visible_to(self, user: Any) -> Self:
        """All for office and reviewers; the panels one is invited to for everyone else, once they are opened."""
        if not standing.is_signed_in(user):
            return self.none()
        if user.has_perm("demand.view_all_panels"):
            return self
        return self.filter(experts__person=user).exclude(state=PanelState.DRAFT)


class Panel(RevisedRecord):
    """A question to experts, its items, the scale, and the criterion that is fixed before the first round."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    question_zh = models.TextField(_("question in Chinese"), max_length=2000)
    question_en = models.TextField(_("question in English"), max_length=2000, blank=True)
    points = models.PositiveSmallIntegerField(
        _("points of the scale"),
        default=5,
        validators=[MinValueValidator(LEAST_POINTS), MaxValueValidator(MOST_POINTS)],
    )
    # The criterion, as `methods.delphi.Criterion` explains it; the band reaches to the highest point of the scale.
    band_from = models.PositiveSmallIntegerField(_("agreement from this point of the scale on"), default=4)
    rule = models.CharField(_("consensus"), max_length=6, choices=ConsensusRule.choices, default="either")
    least_share = models.FloatField(_("least share of answers in agreement"), default=0.75)
    most_variation = models.FloatField(_("greatest coefficient of variation"), default=0.25)
    most_spread = models.FloatField(_("greatest interquartile range"), default=1.0)
    most_change = models.FloatField(_("share that may change between rounds"), default=0.15)
    most_rounds = models.PositiveSmallIntegerField(_("rounds at most"), default=3)
    state = models.CharField(_("state"), max_length=10, choices=PanelState.choices, default=PanelState.DRAFT)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="panels_prepared"
    )
    prepared_on = models.DateField(_("prepared on"), default=timezone.localdate)
    opened_on = models.DateField(_("opened for answers on"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    objects = PanelQuerySet.as_manager()

    class Meta:
        verbose_name = _("panel of experts")
        verbose_name_plural = _("panels of experts")
        ordering = ["-prepared_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PanelState.values), name="demand_panel_state_known"),
            models.CheckConstraint(condition=Q(rule__in=ConsensusRule.values), name="demand_panel_rule_known"),
            models.CheckConstraint(
                condition=Q(points__range=(LEAST_POINTS, MOST_POINTS)), name="demand_panel_points_in_range"
            ),
            models.CheckConstraint(
                condition=Q(band_from__gt=1, band_from__lte=F("points")), name="demand_panel_band_on_the_scale"
            ),
            models.CheckConstraint(
                condition=Q(least_share__gt=0, least_share__lte=1, most_variation__gt=0, most_spread__gte=0),
                name="demand_panel_criterion_possible",
            ),
            models.CheckConstraint(
                condition=Q(most_change__gt=0, most_change__lte=1, most_rounds__range=(2, 6)),
                name="demand_panel_stop_rule_possible",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", opened_on__isnull=True) | (~Q(state="draft") & Q(opened_on__isnull=False)),
                name="demand_panel_opened_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_on__isnull=False) | (~Q(state="ended") & Q(ended_on__isnull=True)),
                name="demand_panel_ended_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return in_page_language(self.name_zh, self.name_en)

    @property
    def question(self) -> str:
        """What the experts are asked, in the language of the page."""
        return in_page_language(self.question_zh, self.question_en)

    def get_absolute_url(self) -> str:
        return reverse("demand:panel", args=[self.uid])


class PanelItem(models.Model):
    """What is judged: a skill of the lexicon, or a statement."""

    panel = models.ForeignKey(Panel, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    skill = models.ForeignKey(Skill, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text_zh = models.CharField(max_length=300)
    text_en = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("item of a panel")
        verbose_name_plural = _("items of a panel")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "position"], name="demand_panel_item_position"),
            models.UniqueConstraint(fields=["panel", "text_zh"], name="demand_panel_item_once"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """The item in the language of the page."""
        return in_page_language(self.text_zh, self.text_en)


class ExpertSide(models.TextChoices):
    """From where an expert is invited."""

    SCHOOL = "school", _("School")
    ENTERPRISE = "enterprise", _("Enterprise")


class PanelExpert(models.Model):
    """An invitation. It says that somebody was asked, never whether or what they answered."""

    panel = models.ForeignKey(Panel, on_delete=models.CASCADE, related_name="experts")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="panel_invitations"
    )
    side = models.CharField(_("invited from"), max_length=10, choices=ExpertSide.choices)

    class Meta:
        verbose_name = _("invited expert")
        verbose_name_plural = _("invited experts")
        ordering = ["side", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "person"], name="demand_panel_expert_once"),
            models.CheckConstraint(condition=Q(side__in=ExpertSide.values), name="demand_panel_side_known"),
        ]

    def __str__(self) -> str:
        return str(self.person)


class RoundKind(models.TextChoices):
    """How the items are judged in a round."""

    RATING = "rating", _("Rating")
    PAIRWISE = "pairwise", _("Pairwise comparison")


class PanelRound(models.Model):
    """One round of a panel. `result` is written when it is closed and holds no single answer."""

    panel = models.ForeignKey(Panel, on_delete=models.CASCADE, related_name="rounds")
    number = models.PositiveSmallIntegerField(_("round"))
    kind = models.CharField(_("kind"), max_length=10, choices=RoundKind.choices)
    opened_on = models.DateField(_("opened for answers on"))
    due_on = models.DateField(_("answers by"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    result = models.JSONField(null=True, blank=True, editable=False)
    digest = models.CharField(max_length=80, blank=True, editable=False)

    class Meta:
        verbose_name = _("round of a panel")
        verbose_name_plural = _("rounds of panels")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "number"], name="demand_panel_round_number"),
            models.UniqueConstraint(
                fields=["panel"], condition=Q(closed_on__isnull=True), name="demand_panel_one_open_round"
            ),
            models.CheckConstraint(condition=Q(kind__in=RoundKind.values), name="demand_panel_round_kind_known"),
            models.CheckConstraint(condition=Q(due_on__gte=F("opened_on")), name="demand_panel_round_due_after_opened"),
        ]

    def __str__(self) -> str:
        return f"{self.panel} · {self.number}"

    def is_late(self, on: Any) -> bool:
        """Whether answers are no longer taken on this day."""
        return self.closed_on is not None or on > self.due_on


class PanelSeat(models.Model):
    """A place at a panel, opened by a token of which only the hash is kept.

    The hash is the key, so that no number tells an order; all seats of a panel are written at once, sorted by it.
    """

    token_hash = models.CharField(primary_key=True, max_length=64)
    panel = models.ForeignKey(Panel, on_delete=models.CASCADE, related_name="seats")
    is_void = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("seat of a panel")
        verbose_name_plural = _("seats of panels")
        default_permissions = ()

    def __str__(self) -> str:
        return self.token_hash[:8]


class PanelAnswer(models.Model):
    """What the holder of a seat answered in a round: written blank when the round opens, filled in place later."""

    round = models.ForeignKey(PanelRound, on_delete=models.CASCADE, related_name="answers")
    seat = models.ForeignKey(PanelSeat, on_delete=models.CASCADE, related_name="answers")
    content = models.JSONField(null=True)

    class Meta:
        verbose_name = _("answer of a panel")
        verbose_name_plural = _("answers of panels")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["round", "seat"], name="demand_panel_answer_once_a_round")]

    def __str__(self) -> str:
        return f"{self.round} · {self.seat}"
