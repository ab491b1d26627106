"""What enterprises need: the skills of the lexicon, job advertisements with the skills found in them, and requirements.

What is taught, and by whom, belongs to other stations; here stands only what is asked for and what was answered.
"""

import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ronghe.apps.ledger.revision import RevisedRecord


class Skill(models.Model):
    """A skill of the lexicon. `code` is the lexicon's id; a skill that leaves the lexicon is retired, never deleted."""

    code = models.CharField(_("lexicon id"), max_length=80, unique=True)
    field = models.CharField(_("field"), max_length=20)
    group = models.CharField(_("group"), max_length=60)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160)
    lexicon_version = models.CharField(max_length=64, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["code"]
        indexes = [models.Index(fields=["field", "group"])]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en


class LinkMethod(models.TextChoices):
    """How a link from our lexicon to another taxonomy was made."""

    DECLARED = "declared", _("Declared in the lexicon")
    LABEL = "label", _("Same preferred label")
    SYNONYM = "synonym", _("Same synonym")
    PERSON = "person", _("Confirmed by a person")


class SkillLink(models.Model):
    """One entry of the crosswalk: our skill and its counterpart in ESCO or O*NET."""

    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="links")
    scheme = models.CharField(_("taxonomy"), max_length=20)
    identifier = models.CharField(_("identifier"), max_length=200)
    label = models.CharField(_("label"), max_length=300)
    method = models.CharField(_("how it was linked"), max_length=10, choices=LinkMethod.choices)

    class Meta:
        verbose_name = _("crosswalk link")
        verbose_name_plural = _("crosswalk links")
        constraints = [
            models.UniqueConstraint(fields=["skill", "scheme", "identifier"], name="demand_link_once"),
            models.CheckConstraint(condition=Q(method__in=LinkMethod.values), name="demand_link_method_known"),
        ]

    def __str__(self) -> str:
        return f"{self.skill} → {self.scheme} {self.label}"


class Source(models.Model):
    """Where postings come from, under which licence, and whether they may be shown in full."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    licence = models.CharField(_("licence"), max_length=120, blank=True)
    address = models.URLField(_("address"), blank=True)
    is_example = models.BooleanField(_("generated example"), default=False)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PostingQuerySet(models.QuerySet["Posting"]):
    """Reads of postings."""

    def visible_to(self, user: Any) -> "PostingQuerySet":
        """Postings are public advertisements: everyone signed in may read them."""
        return self if user.is_authenticated else self.none()

    def counted(self) -> "PostingQuerySet":
        """Postings that count as demand: each advertisement once."""
        return self.filter(duplicate_of__isnull=True)


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
    city = models.CharField(_("city"), max_length=80, blank=True)
    region = models.CharField(_("region"), max_length=80, blank=True)
    field = models.CharField(_("field"), max_length=20, blank=True)
    head_count = models.PositiveIntegerField(_("head count"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10)
    text = models.TextField(_("text"))
    text_digest = models.CharField(max_length=64, editable=False)
    duplicate_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="duplicates", editable=False
    )
    duplicate_reason = models.CharField(max_length=80, blank=True, editable=False)
    extracted_with = models.CharField(max_length=80, blank=True, editable=False)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["-published_on", "-id"]
        indexes = [
            models.Index(fields=["-published_on", "-id"]),
            models.Index(fields=["field", "published_on"]),
            models.Index(fields=["region", "published_on"]),
            models.Index(fields=["text_digest"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="demand_posting_once_a_source"),
            models.CheckConstraint(
                condition=Q(duplicate_of__isnull=True) | ~Q(duplicate_of=F("id")),
                name="demand_posting_not_its_own_duplicate",
            ),
            models.CheckConstraint(
                condition=Q(head_count__isnull=True) | Q(head_count__gte=1), name="demand_posting_head_count_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.external_id


class Mention(models.Model):
    """A span of a posting in which a skill was found, by which tier and how surely. Written anew by each extraction."""

    posting = models.ForeignKey(Posting, on_delete=models.CASCADE, related_name="mentions")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="mentions")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    tier = models.PositiveSmallIntegerField(_("tier"))
    score = models.FloatField(_("score"))

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        ordering = ["start", "end"]
        indexes = [models.Index(fields=["skill", "posting"])]
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

    posting = models.ForeignKey(Posting, on_delete=models.CASCADE, related_name="decisions")
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
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="demand_decision_verdict_known"),
        ]

    def __str__(self) -> str:
        return f"{self.skill} [{self.start}:{self.end}] {self.verdict}"


class RequirementState(models.TextChoices):
    """Where a requirement stands: raised, answered by the office, closed by what was released, or withdrawn."""

    OPEN = "open", _("Waiting for an answer")
    ANSWERED = "answered", _("Answered")
    RELEASED = "released", _("Taught")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class RequirementQuerySet(models.QuerySet["Requirement"]):
    """Reads of requirements."""

    def visible_to(self, user: Any) -> "RequirementQuerySet":
        """All for office, reviewers and teachers; one's own firm's for enterprise HR; none for anyone else."""
        from ronghe.apps.community import selectors

        if not user.is_authenticated:
            return self.none()
        if user.has_perm("demand.view_all_requirements"):
            return self
        return self.filter(organisation__in=selectors.organisations_where_hr(user))


class Requirement(RevisedRecord):
    """A need raised by an enterprise: a skill at a level, for how many heads, by when, and how much it hurts."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("community.Organisation", on_delete=models.PROTECT, related_name="requirements")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="requirements")
    skill_level = models.PositiveSmallIntegerField(
        _("skill level"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    head_count = models.PositiveIntegerField(_("head count"), validators=[MinValueValidator(1)])
    needed_by = models.DateField(_("needed by"))
    severity = models.PositiveSmallIntegerField(_("severity"), validators=[MinValueValidator(1), MaxValueValidator(5)])
    reason = models.TextField(_("what it is needed for"), max_length=2000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=RequirementState.choices, default=RequirementState.OPEN)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="requirements_raised"
    )
    raised_on = models.DateField(_("raised on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = RequirementQuerySet.as_manager()

    class Meta:
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        ordering = ["needed_by", "-severity"]
        indexes = [models.Index(fields=["state", "needed_by"]), models.Index(fields=["skill", "raised_on"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(skill_level__isnull=True) | Q(skill_level__range=(1, 5)),
                name="demand_requirement_level_in_scale",
            ),
            models.CheckConstraint(condition=Q(severity__range=(1, 5)), name="demand_requirement_severity_in_scale"),
            models.CheckConstraint(condition=Q(head_count__gte=1), name="demand_requirement_head_count_positive"),
            models.CheckConstraint(
                condition=Q(state__in=RequirementState.values), name="demand_requirement_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.skill}"

    def days_waited(self, on: date) -> int:
        """Days from raised to closed, or its age on `on` while it is open."""
        return ((self.closed_on or on) - self.raised_on).days


class AnswerKind(models.TextChoices):
    """What the office answers."""

    PLANNED = "planned", _("Will be taught")
    QUESTION = "question", _("Needs more information")
    DECLINED = "declined", _("Will not be taught")


class RequirementAnswer(models.Model):
    """One answer of the office to a requirement; answers are added, never edited."""

    requirement = models.ForeignKey(Requirement, on_delete=models.CASCADE, related_name="answers")
    kind = models.CharField(_("answer"), max_length=10, choices=AnswerKind.choices)
    text = models.TextField(_("explanation"), max_length=2000)
    planned_for = models.DateField(_("planned for"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="requirement_answers"
    )
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("answer to a requirement")
        verbose_name_plural = _("answers to requirements")
        ordering = ["answered_at"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AnswerKind.values), name="demand_answer_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind="planned") | Q(planned_for__isnull=False), name="demand_answer_planned_has_a_date"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.requirement}: {self.get_kind_display()}"
