"""Achievements: claimed with evidence, decided by a second party, or collected from what another station confirmed."""

import uuid
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credits import events
from ronghe.apps.credits.models import Achievement, AchievementState, Source
from ronghe.apps.credits.sources import Found
from ronghe.apps.ledger import services as ledger

# What a student may claim without a station of the platform that confirms it.
CLAIMABLE = (Source.PRIOR, Source.CERTIFICATE, Source.HOURS)


@transaction.atomic
def claim_achievement(
    *,
    actor: Person,
    source: str,
    name_zh: str,
    name_en: str = "",
    quantity: Decimal,
    first_day: date,
    last_day: date,
    evidence: str,
    host: Organisation | None = None,
) -> Achievement:
    """Claim something of one's own that no station saw; it counts once a second party has confirmed it."""
    demand(actor, "credits.claim")
    if source not in CLAIMABLE:
        raise ValidationError({"source": _("The platform itself records these; they need no claim.")})
    if last_day > timezone.localdate():
        raise ValidationError({"last_day": _("Only what is finished can be claimed.")})
    if not evidence.strip():
        raise ValidationError({"evidence": _("Say what shows it: a document, a link, whom to ask.")})
    key = uuid.uuid4()
    achievement = Achievement(
        uid=key,
        person=actor,
        source=source,
        key=f"claim:{key}",
        name_zh=name_zh.strip(),
        name_en=name_en.strip(),
        quantity=quantity,
        first_day=first_day,
        last_day=last_day,
        host=host,
        evidence=evidence.strip(),
        claimed_by=actor,
    )
    achievement.full_clean()
    _refuse_twins(achievement)
    achievement.save()
    ledger.record(
        actor=actor,
        type=events.ACHIEVEMENT_CLAIMED,
        subject=achievement,
        payload={
            "student": actor,
            "source": source,
            "quantity": quantity,
            "first_day": first_day,
            "last_day": last_day,
            "evidence": achievement.evidence,
            **({"host": host} if host else {}),
        },
    )
    return achievement


def _refuse_twins(achievement: Achievement) -> None:
    """The same hours at the same place on the same days are one achievement, however often they are claimed."""
    twins = Achievement.objects.filter(
        person=achievement.person,
        source=achievement.source,
        host=achievement.host,
        first_day__lte=achievement.last_day,
        last_day__gte=achievement.first_day,
    ).exclude(state__in=[AchievementState.REFUSED, AchievementState.REPLACED])
    if achievement.source != Source.HOURS:
        twins = twins.filter(name_zh__iexact=achievement.name_zh)
    if twin := twins.first():
        raise ValidationError(
            _("“%(name)s” from %(first)s to %(last)s is recorded already; one achievement counts once.")
            % {"name": twin.name, "first": twin.first_day, "last": twin.last_day}
        )


def _open_claim(actor: Person, achievement: Achievement) -> Achievement:
    if not actor.has_perm("credits.decide", achievement):
        raise PermissionDenied(
            _("A second party decides: a teacher of the student's university, or the enterprise where it was earned.")
        )
    achievement = Achievement.objects.select_for_update().get(pk=achievement.pk)
    if achievement.state != AchievementState.CLAIMED:
        raise ValidationError(_("Somebody has decided about this already."))
    achievement.decided_by, achievement.decided_at = actor, timezone.now()
    return achievement


@transaction.atomic
def confirm_achievement(*, actor: Person, achievement: Achievement) -> Achievement:
    """Confirm a claim as a second party."""
    achievement = _open_claim(actor, achievement)
    achievement.state = AchievementState.CONFIRMED
    achievement.save()
    ledger.record(
        actor=actor,
        type=events.ACHIEVEMENT_CONFIRMED,
        subject=achievement,
        payload={"student": achievement.person, "quantity": achievement.quantity},
    )
    return achievement


@transaction.atomic
def refuse_achievement(*, actor: Person, achievement: Achievement, reason: str) -> Achievement:
    """Refuse a claim, with the reason that the student reads."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why, so that the student can mend it.")})
    achievement = _open_claim(actor, achievement)
    achievement.state, achievement.reason = AchievementState.REFUSED, reason.strip()
    achievement.save()
    ledger.record(
        actor=actor,
        type=events.ACHIEVEMENT_REFUSED,
        subject=achievement,
        payload={"student": achievement.person, "reason": achievement.reason},
    )
    return achievement


@transaction.atomic
def collect_achievements(*, actor: Person, found: Iterable[Found]) -> list[Achievement]:
    """Take over what another station has confirmed; what is known by its key already is left as it is."""
    demand(actor, "credits.deposit_all")
    found = list(found)
    known = set(Achievement.objects.filter(key__in=[one.key for one in found]).values_list("key", flat=True))
    now = timezone.now()
    return Achievement.objects.bulk_create(
        Achievement(
            person_id=one.person,
            source=one.source,
            key=one.key,
            covers=list(one.covers),
            name_zh=one.name_zh,
            name_en=one.name_en,
            quantity=one.quantity,
            first_day=one.first_day,
            last_day=one.last_day,
            host_id=one.host,
            state=AchievementState.CONFIRMED,
            decided_by_id=one.confirmed_by,
            decided_at=now,
        )
        for one in found
        if one.key not in known
    )
