"""Recognition: mappings into other frameworks, and agreements that count only when a second person saw the paper."""

import hashlib
from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credentials import events
from ronghe.apps.credentials.models import Achievement, AchievementMapping, Framework, RecognitionAgreement, Standing
from ronghe.apps.ledger import services as ledger
from ronghe.apps.metrics import dated

_LARGEST = 10 * 1024 * 1024
_ESCO = "http://data.europa.eu/esco/"
_KINDS = {b"%PDF-": "pdf", b"\x89PNG": "png", b"\xff\xd8\xff": "jpg"}


@transaction.atomic
def record_mapping(
    *,
    actor: Person,
    achievement: Achievement,
    framework: str,
    identifier: str,
    label_zh: str,
    label_en: str = "",
    source: str,
    standing: str = Standing.CLAIMED,
    valid_from: date | None = None,
) -> AchievementMapping:
    """Record what an achievement corresponds to in a framework, from a day on. Raises ValidationError by field."""
    demand(actor, "credentials.record_recognition", achievement)
    identifier = identifier.strip()
    if framework == Framework.EQF and identifier not in {str(level) for level in range(1, 9)}:
        raise ValidationError({"identifier": _("A level of the European Qualifications Framework is 1 to 8.")})
    if framework == Framework.ESCO and not identifier.startswith(_ESCO):
        raise ValidationError({"identifier": _("An ESCO skill is named by its address, %(start)s…") % {"start": _ESCO}})
    if not source.strip():
        raise ValidationError({"source": _("Name the document or page that this rests on.")})
    standing_rows = AchievementMapping.objects.on(timezone.localdate()).filter(
        achievement=achievement, framework=framework
    )
    if standing_rows.filter(identifier=identifier).exists():
        raise ValidationError({"identifier": _("This mapping is recorded already.")})
    if framework == Framework.EQF and standing_rows.exists():
        raise ValidationError({"identifier": _("An achievement has one level at a time. End the other mapping first.")})
    mapping = AchievementMapping(
        achievement=achievement,
        framework=framework,
        identifier=identifier,
        label_zh=label_zh.strip(),
        label_en=label_en.strip(),
        source=source.strip(),
        standing=standing,
        valid_from=valid_from or timezone.localdate(),
    )
    mapping.full_clean()
    mapping.save()
    ledger.record(
        actor=actor,
        type=events.MAPPING_RECORDED,
        subject=mapping,
        payload={
            "achievement": achievement,
            "framework": str(mapping.framework),
            "identifier": identifier,
            "standing": str(mapping.standing),
            "source": mapping.source,
        },
    )
    return mapping


@transaction.atomic
def end_mapping(*, actor: Person, mapping: AchievementMapping, day: date | None = None) -> None:
    """Say that a mapping holds no longer from a day (today) on."""
    demand(actor, "credentials.record_recognition", mapping.achievement)
    ended = day or timezone.localdate()
    dated.end(mapping, ended)
    ledger.record(actor=actor, type=events.MAPPING_ENDED, subject=mapping, payload={"day": ended})


@transaction.atomic
def record_recognition(
    *,
    actor: Person,
    name_zh: str,
    name_en: str = "",
    direction: str,
    country: str = "",
    extent: str,
    achievements: Sequence[Achievement],
    source: str,
    valid_from: date,
    valid_until: date | None = None,
    evidence: File[bytes] | None = None,
) -> RecognitionAgreement:
    """Record an agreement with another body and the paper that proves it; it counts once a second person confirms it.

    Raises ValidationError by field.
    """
    demand(actor, "credentials.record_recognition")
    if not achievements:
        raise ValidationError({"achievements": _("Choose the achievements that are recognised.")})
    if valid_until is not None and valid_until <= valid_from:
        raise ValidationError({"valid_until": _("It ends after it begins.")})
    agreement = RecognitionAgreement(
        name_zh=name_zh.strip(),
        name_en=name_en.strip(),
        direction=direction,
        country=country.strip(),
        extent=extent.strip(),
        source=source.strip(),
        valid_from=valid_from,
        valid_until=valid_until,
        recorded_by=actor,
    )
    if evidence is not None:
        agreement.evidence_digest, kind = _seen(evidence)
        evidence.name = f"{agreement.evidence_digest[:32]}.{kind}"
        agreement.evidence.save(evidence.name, evidence, save=False)
    agreement.full_clean()
    agreement.save()
    agreement.achievements.set(achievements)
    ledger.record(
        actor=actor,
        type=events.RECOGNITION_RECORDED,
        subject=agreement,
        payload={
            "name_zh": agreement.name_zh,
            "source": agreement.source,
            "evidence": agreement.evidence_digest or None,
            "achievements": list(achievements),
        },
    )
    return agreement


@transaction.atomic
def confirm_recognition(*, actor: Person, agreement: RecognitionAgreement) -> RecognitionAgreement:
    """Say that one has read the paper and it says so. Raises ValidationError without a paper, or for the recorder."""
    demand(actor, "credentials.confirm_recognition", agreement)
    agreement = RecognitionAgreement.objects.select_for_update().get(pk=agreement.pk)
    if agreement.confirmed_at is not None:
        raise ValidationError(_("This agreement is confirmed already."))
    if agreement.superseded_at is not None:
        raise ValidationError(_("This agreement was ended meanwhile."))
    if not agreement.evidence_digest:
        raise ValidationError(_("There is no paper to confirm. Record the agreement with its paper."))
    if agreement.recorded_by_id == actor.pk:
        raise ValidationError(_("Whoever recorded an agreement cannot confirm it. Ask a colleague."))
    agreement.confirmed_by, agreement.confirmed_at = actor, timezone.now()
    agreement.save(update_fields=["confirmed_by", "confirmed_at"])
    ledger.record(
        actor=actor,
        type=events.RECOGNITION_CONFIRMED,
        subject=agreement,
        payload={"evidence": agreement.evidence_digest},
    )
    return agreement


@transaction.atomic
def end_recognition(*, actor: Person, agreement: RecognitionAgreement, day: date | None = None) -> None:
    """Say that an agreement holds no longer from a day (today) on."""
    demand(actor, "credentials.record_recognition", agreement)
    achievements = list(agreement.achievements.all())
    ended = day or timezone.localdate()
    replacement = dated.end(agreement, ended)
    if replacement is not None:
        replacement.achievements.set(achievements)
    ledger.record(actor=actor, type=events.RECOGNITION_ENDED, subject=agreement, payload={"day": ended})


def _seen(evidence: File[bytes]) -> tuple[str, str]:
    """Return the SHA-256 and the kind of a paper, by its content and not by its name."""
    if evidence.size > _LARGEST:
        raise ValidationError({"evidence": _("The paper is larger than 10 MB. Scan it at a lower resolution.")})
    evidence.seek(0)
    content = evidence.read()
    evidence.seek(0)
    kind = next((name for start, name in _KINDS.items() if content.startswith(start)), None)
    if kind is None:
        raise ValidationError({"evidence": _("The paper must be a PDF, PNG or JPEG file.")})
    return hashlib.sha256(content).hexdigest(), kind
