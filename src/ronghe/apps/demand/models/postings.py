"""Job advertisements: their sources, the skills found in them, what people said of those, and what is counted."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community import standing
from ronghe.apps.demand.models.skills import Skill

_HEADING_LENGTH = 120
_COUNTED = Q(duplicate_of__isnull=True)


class Source(models.Model):
    """Where postings come from, under which licence, and whether they are made up as an example."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    licence = models.CharField(_("licence"), max_length=120, blank=True)
    address = models.URLField(pgettext_lazy("on the web", "address"), blank=True)
    is_example = models.BooleanField(_("generated example"), default=False)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PostingQuerySet(models.QuerySet["Posting"]):
    """Reads of postings."""

    def visible_to(self, user: Any) -> Self:
        """Postings are public advertisements: everyone signed in may read them."""
        return self if standing.is_signed_in(user) else self.none()

    def counted(self) -> Self:
        """Postings that count as demand: each advertisement once."""
        return self.filter(_COUNTED)


class Posting(models.Model):
    """A job advertisement as it was published; its text is never edited."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="postings")
    external_id = models.CharField(_("number at the source"), max_length=120)
    published_on = models.DateField(_("published on"))
    title = models.CharField(_("title"), max_length=300, blank=True)
    organisation_name = models.CharField(_("enterprise"), max_length=200, blank=True)
    organisation = models.ForeignKey(
        "community.Organisation", null=True, blank=True, on_delete=models.SET_NULL, related_name="postings"
    )
    # Which enterprise an interval takes it to be of: postings of one enterprise are no independent observations.
    enterprise_key = models.BigIntegerField(editable=False)
    city = models.CharField(_("city"), max_length=80, blank=True)
    region = models.CharField(_("region"), max_length=80, blank=True)
    field = models.CharField(_("field"), max_length=20, blank=True)
    head_count = models.PositiveIntegerField(_("head count"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10)
    text = models.TextField(_("text"))
    text_digest = models.CharField(max_length=64, editable=False)
    duplicate_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="duplicates",
        editable=False,
        db_index=False,
    )
    duplicate_reason = models.CharField(max_length=10, blank=True, editable=False)
    duplicate_similarity = models.FloatField(null=True, blank=True, editable=False)
    compared_at = models.DateTimeField(null=True, blank=True, editable=False)
    extracted_with = models.CharField(max_length=80, blank=True, editable=False)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["-published_on", "-id"]
        indexes = [
            models.Index(fields=["-published_on", "-id"]),
            # Lists show each advertisement once and newest first: in this order no text is read to be sorted.
            models.Index(fields=["-published_on", "-id"], condition=_COUNTED, name="demand_posting_listed"),
            models.Index(
                fields=["source", "-published_on", "-id"], condition=_COUNTED, name="demand_posting_by_source"
            ),
            models.Index(
                fields=["region", "-published_on", "-id"], condition=_COUNTED, name="demand_posting_by_region"
            ),
            models.Index(fields=["field", "-published_on", "-id"], condition=_COUNTED, name="demand_posting_by_field"),
            models.Index(fields=["duplicate_of"], condition=~_COUNTED, name="demand_posting_duplicates"),
            models.Index(fields=["extracted_with"]),
            models.Index(fields=["id"], condition=Q(compared_at__isnull=True), name="demand_posting_not_compared"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="demand_posting_once_a_source"),
            models.CheckConstraint(
                condition=Q(duplicate_of__isnull=True) | ~Q(duplicate_of=F("id")),
                name="demand_posting_not_its_own_duplicate",
            ),
            models.CheckConstraint(
                condition=Q(duplicate_of__isnull=True, duplicate_reason="") | Q(duplicate_reason__in=["exact", "near"]),
                name="demand_posting_duplicate_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(head_count__isnull=True) | Q(head_count__gte=1), name="demand_posting_head_count_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.heading

    def get_absolute_url(self) -> str:
        return reverse("demand:posting", args=[self.pk])

    @property
    def heading(self) -> str:
        """The title, or the first line of an advertisement that has none."""
        if self.title:
            return self.title
        first = next((line.strip() for line in self.text.splitlines() if line.strip()), self.external_id)
        return first if len(first) <= _HEADING_LENGTH else first[: _HEADING_LENGTH - 1] + "…"


class Mention(models.Model):
    """A span of a posting in which a skill was found, by which tier and how surely. Written anew by each extraction."""

    posting = models.ForeignKey(Posting, on_delete=models.CASCADE, related_name="mentions", db_index=False)
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="mentions")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    tier = models.PositiveSmallIntegerField(_("tier"))
    score = models.FloatField(_("score"))

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        ordering = ["start", "end"]
        constraints = [
            models.UniqueConstraint(fields=["posting", "start", "end", "skill"], name="demand_mention_once"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="demand_mention_not_empty"),
            models.CheckConstraint(condition=Q(score__gte=0) & Q(score__lte=1), name="demand_mention_score_in_range"),
            models.CheckConstraint(condition=Q(tier__in=[1, 2, 3]), name="demand_mention_tier_known"),
        ]

    def __str__(self) -> str:
        return f"{self.skill} [{self.start}:{self.end}]"


class Verdict(models.TextChoices):
    """What a person said of a mention."""

    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")


class MentionDecision(models.Model):
    """A person's verdict on a skill in a span. It outlives the mention, so that the next extraction heeds it."""

    posting = models.ForeignKey(Posting, on_delete=models.CASCADE, related_name="decisions", db_index=False)
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="decisions")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict.choices)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="mention_decisions"
    )
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("decision on a mention")
        verbose_name_plural = _("decisions on mentions")
        constraints = [
            models.UniqueConstraint(fields=["posting", "start", "end", "skill"], name="demand_decision_once"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="demand_decision_not_empty"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="demand_decision_verdict_known"),
        ]

    def __str__(self) -> str:
        return f"{self.skill} [{self.start}:{self.end}] {self.verdict}"


class AskedSkill(models.Model):
    """A counted posting asks for a skill: what all figures of demand are computed from.

    A row stands for a skill that was found or accepted, and not rejected, in a posting that is no duplicate. The
    posting's date, source, region, enterprise and heads stand here again, so that figures need no join.
    """

    posting = models.ForeignKey(Posting, on_delete=models.CASCADE, related_name="asked", db_index=False)
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="asked", db_index=False)
    published_on = models.DateField()
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.CharField(max_length=80, blank=True)
    enterprise_key = models.BigIntegerField()
    heads = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("skill asked for")
        verbose_name_plural = _("skills asked for")
        indexes = [
            models.Index(fields=["skill", "published_on", "source", "region"], name="demand_asked_by_skill"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["posting", "skill"], name="demand_asked_once_a_posting"),
            models.CheckConstraint(condition=Q(heads__gte=1), name="demand_asked_heads_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.posting} · {self.skill}"
