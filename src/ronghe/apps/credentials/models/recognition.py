"""How achievements stand in other frameworks, and who has agreed to recognise them: dated, with source and evidence.

Nothing here is shown as recognised unless an agreement that someone else has confirmed holds on that day.
"""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import Bilingual
from ronghe.apps.metrics.dated import DatedQuerySet, DatedRecord


class Framework(models.TextChoices):
    """Into which framework an achievement is mapped."""

    EQF = "eqf", _("European Qualifications Framework")
    ESCO = "esco", _("ESCO skills")
    OTHER = "other", _("Another framework")


class Standing(models.TextChoices):
    """How much a mapping can be relied on."""

    CLAIMED = "claimed", _("Our own reading")
    SOURCE_SEEN = "source_seen", _("The source was read")
    AUTHORITY = "authority", _("Confirmed by the competent body")


class AchievementMapping(DatedRecord):
    """An achievement's counterpart in a framework, dated, with the source it rests on and how it stands."""

    achievement = models.ForeignKey("credentials.Achievement", on_delete=models.PROTECT, related_name="mappings")
    framework = models.CharField(_("framework"), max_length=10, choices=Framework.choices)
    identifier = models.CharField(_("identifier"), max_length=300)
    label_zh = models.CharField(_("Chinese name"), max_length=200)
    label_en = models.CharField(_("English name"), max_length=200, blank=True)
    standing = models.CharField(_("how sure it is"), max_length=12, choices=Standing.choices, default=Standing.CLAIMED)
    source = models.CharField(_("source"), max_length=500)

    objects = DatedQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("mapping")
        verbose_name_plural = _("mappings")
        ordering = ["achievement", "framework", "identifier"]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["achievement", "framework", "identifier"],
                condition=Q(superseded_at__isnull=True, valid_until__isnull=True),
                name="credentials_mapping_once",
            ),
            models.CheckConstraint(
                condition=Q(framework__in=Framework.values), name="credentials_mapping_framework_known"
            ),
            models.CheckConstraint(
                condition=Q(standing__in=Standing.values), name="credentials_mapping_standing_known"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="credentials_mapping_has_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.achievement} → {self.framework} {self.identifier}"


class RecognitionAgreementQuerySet(DatedQuerySet["RecognitionAgreement"]):
    """Reads of agreements of recognition."""

    def visible_to(self, user: Any) -> Self:
        """Everyone who takes part may know who recognises what."""
        return self if standing.is_signed_in(user) else self.none()

    def confirmed(self) -> Self:
        """Those whose evidence a second person has confirmed."""
        return self.filter(confirmed_at__isnull=False)


class RecognitionAgreement(Bilingual, DatedRecord):
    """A body (named) recognises achievements of ours, or we theirs, from a day on, by a paper that is kept as evidence.

    `evidence_digest` is the SHA-256 of that paper; the paper lies in the site's files.
    """

    class Direction(models.TextChoices):
        OURS = "ours", _("They recognise ours")
        THEIRS = "theirs", _("We recognise theirs")
        MUTUAL = "mutual", _("Mutual")

    uid = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    direction = models.CharField(_("direction"), max_length=6, choices=Direction.choices, default=Direction.OURS)
    country = models.CharField(_("country or region"), max_length=60, blank=True)
    extent = models.TextField(_("what is recognised as what"), max_length=2000)
    achievements = models.ManyToManyField(
        "credentials.Achievement", related_name="agreements", verbose_name=_("achievements")
    )
    source = models.CharField(_("source"), max_length=500)
    evidence = models.FileField(_("paper of evidence"), upload_to="credentials/recognition/", blank=True)
    evidence_digest = models.CharField(max_length=64, blank=True, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = RecognitionAgreementQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = _("agreement of recognition")
        verbose_name_plural = _("agreements of recognition")
        ordering = ["-valid_from", "pk"]
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(direction__in=["ours", "theirs", "mutual"]), name="credentials_recognition_direction_known"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="credentials_recognition_has_a_source"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | ~Q(evidence_digest=""),
                name="credentials_recognition_confirmed_with_evidence",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | Q(recorded_by__isnull=True)
                | ~Q(confirmed_by=F("recorded_by")),
                name="credentials_recognition_by_a_second_person",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("credentials:recognition")
