"""Achievements: define one, change its draft, start the next version, retire it. What was issued never changes."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credentials import documents, events
from ronghe.apps.credentials.models import (
    Achievement,
    AchievementSkill,
    AchievementVersion,
    Condition,
    Issuer,
)
from ronghe.apps.demand.models import Skill
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.apps.metrics import registry
from ronghe.trust.canonical import canonical_json

METRIC_SUBJECT = "accounts.person"
# What an achievement may take of a certificate's file, beside proofs, status and the log's part.
MOST_BYTES = 1_500
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,39}", re.ASCII)
_METRIC = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z0-9_]*)+", re.ASCII)


class Frozen(Exception):
    """Certificates of this version exist; the text says what to do instead."""


@dataclass(frozen=True, slots=True)
class ConditionData:
    """A condition: a metric about people, the least value, words for it, or openly not asked for and why."""

    metric: str
    least: float
    name_zh: str
    name_en: str = ""
    months: int | None = None
    waiver_reason: str = ""


@dataclass(frozen=True, slots=True)
class AchievementData:
    """What a version says."""

    name_zh: str
    criteria_zh: str
    type: str
    name_en: str = ""
    criteria_en: str = ""
    worker_level: int | None = None
    eqf_level: int | None = None
    months_valid: int | None = None
    skills: Sequence[tuple[Skill, int]] = ()
    conditions: Sequence[ConditionData] = ()


@transaction.atomic
def define_achievement(*, actor: Person, issuer: Issuer, code: str, data: AchievementData) -> AchievementVersion:
    """Define an achievement with its first version, a draft until it is issued. Raises ValidationError by field."""
    demand(actor, "credentials.define_achievement", issuer)
    code = code.strip()
    if not _CODE.fullmatch(code):
        raise ValidationError({"code": _("Use up to 40 letters, digits, dots and dashes, such as IC-UVM-1.")})
    if Achievement.objects.filter(issuer=issuer, code=code).exists():
        raise ValidationError({"code": _("This issuer has an achievement of that code. Start a new version of it.")})
    achievement = Achievement.objects.create(issuer=issuer, code=code)
    version = _write(AchievementVersion(achievement=achievement, number=1), data)
    ledger.record(
        actor=actor,
        type=events.ACHIEVEMENT_DEFINED,
        subject=achievement,
        payload={"issuer": issuer, "code": code, "name_zh": version.name_zh},
    )
    return version


@transaction.atomic
def change_version(
    *, actor: Person, version: AchievementVersion, revision: int, data: AchievementData
) -> AchievementVersion:
    """Change a draft. Raises `Frozen`, StaleRevision, or ValidationError by field."""
    demand(actor, "credentials.define_achievement", version.achievement)
    version = take_revision(AchievementVersion, version.pk, expected=revision)
    if version.is_frozen:
        raise Frozen(_("Certificates of this version were issued, so it stays as it is. Start a new version."))
    version = _write(version, data)
    _record(actor, events.VERSION_CHANGED, version)
    return version


@transaction.atomic
def start_version(*, actor: Person, achievement: Achievement, data: AchievementData) -> AchievementVersion:
    """Start the next version; certificates of the earlier ones stay what they are. Raises ValidationError."""
    demand(actor, "credentials.define_achievement", achievement)
    if achievement.retired_on is not None:
        raise ValidationError(_("This achievement is retired."))
    newest = achievement.versions.order_by("-number").first()
    if newest is not None and not newest.is_frozen:
        raise ValidationError(_("Version %(number)s is a draft still. Change that one.") % {"number": newest.number})
    version = _write(AchievementVersion(achievement=achievement, number=newest.number + 1 if newest else 1), data)
    _record(actor, events.VERSION_CHANGED, version)
    return version


@transaction.atomic
def retire_achievement(*, actor: Person, achievement: Achievement, on: date | None = None) -> Achievement:
    """Issue an achievement no more from a day (today) on; certificates of it stay what they are."""
    demand(actor, "credentials.define_achievement", achievement)
    if achievement.retired_on is not None:
        raise ValidationError(_("This achievement is retired."))
    achievement.retired_on = on or timezone.localdate()
    achievement.save(update_fields=["retired_on"])
    ledger.record(
        actor=actor,
        type=events.ACHIEVEMENT_RETIRED,
        subject=achievement,
        payload={"retired_on": achievement.retired_on},
    )
    return achievement


def freeze(actor: Person | None, version: AchievementVersion) -> None:
    """Freeze a version, within the transaction that issues it for the first time."""
    if version.is_frozen:
        return
    version.frozen_at = timezone.now()
    version.save(update_fields=["frozen_at"])
    _record(actor, events.VERSION_FROZEN, version)


def digest_of(version: AchievementVersion) -> str:
    """Return the SHA-256 of what a version says, as the ledger holds it."""
    said: dict[str, Any] = {
        name: getattr(version, name)
        for name in (
            "name_zh", "name_en", "criteria_zh", "criteria_en", "type", "worker_level", "eqf_level", "months_valid",
        )
    }  # fmt: skip
    said["skills"] = [[one.skill.code, one.skill_level] for one in version.skills.select_related("skill")]
    said["conditions"] = [
        [one.metric, one.least, one.months, one.name_zh, one.name_en, one.is_waived, one.waiver_reason]
        for one in version.conditions.all()
    ]
    return hashlib.sha256(canonical_json(said)).hexdigest()


def _record(actor: Person | None, type: Any, version: AchievementVersion) -> None:
    payload = {"achievement": version.achievement, "number": version.number, "digest": digest_of(version)}
    ledger.record(actor=actor, type=type, subject=version, payload=payload)


def _write(version: AchievementVersion, data: AchievementData) -> AchievementVersion:
    for name in ("name_zh", "name_en", "criteria_zh", "criteria_en"):
        setattr(version, name, getattr(data, name).strip())
    for name in ("type", "worker_level", "eqf_level", "months_valid"):
        setattr(version, name, getattr(data, name))
    version.full_clean()
    version.save()
    version.skills.all().delete()
    AchievementSkill.objects.bulk_create(
        AchievementSkill(version=version, skill=skill, skill_level=level) for skill, level in _once(data.skills)
    )
    version.conditions.all().delete()
    for condition in data.conditions:
        _condition(version, condition)
    size = len(canonical_json(documents.template(version).achievement.as_json()))
    if size > MOST_BYTES:
        raise ValidationError(
            {
                "criteria_zh": _(
                    "Names, criteria and skills take %(size)s bytes in the certificate; %(most)s fit into a file of "
                    "6 kB. Shorten the criteria or name fewer skills."
                )
                % {"size": size, "most": MOST_BYTES}
            }
        )
    return version


def _once(skills: Sequence[tuple[Skill, int]]) -> Sequence[tuple[Skill, int]]:
    if len({skill.pk for skill, _level in skills}) != len(skills):
        raise ValidationError({"skills": _("Name each skill once, with the level that was reached.")})
    if not all(1 <= level <= 5 for _skill, level in skills):
        raise ValidationError({"skills": _("A skill level is a number from 1 to 5.")})
    return skills


def _condition(version: AchievementVersion, data: ConditionData) -> None:
    metric = data.metric.strip()
    if not _METRIC.fullmatch(metric):
        raise ValidationError(
            {"conditions": _("%(metric)s is no name of a metric, such as credits.person.total.") % {"metric": metric}}
        )
    if registry.is_registered(metric) and registry.get(metric).subject != METRIC_SUBJECT:
        raise ValidationError(
            {"conditions": _("%(metric)s does not measure people. Choose one that does.") % {"metric": metric}}
        )
    if version.conditions.filter(metric=metric).exists():
        raise ValidationError({"conditions": _("%(metric)s is asked for twice.") % {"metric": metric}})
    condition = Condition(
        version=version,
        metric=metric,
        least=data.least,
        months=data.months,
        name_zh=data.name_zh.strip(),
        name_en=data.name_en.strip(),
        is_waived=bool(data.waiver_reason.strip()),
        waiver_reason=data.waiver_reason.strip(),
    )
    condition.full_clean()
    condition.save()
