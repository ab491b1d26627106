"""Correct what was deposited: asked by those it concerns, done by the office in one deed, so that nothing counts twice.

What was corrected at its station is read there anew: the old deposit is reversed, the old achievement replaced, and
what its station says now is deposited in its place.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credits import events, sources
from ronghe.apps.credits.models import Achievement, AchievementState, Correction, Transaction, TransactionKind
from ronghe.apps.credits.services.achievements import collect_achievements
from ronghe.apps.credits.services.depositing import Refused, deposit_many
from ronghe.apps.credits.services.moving import reverse
from ronghe.apps.ledger import services as ledger


@dataclass(frozen=True, slots=True)
class Corrected:
    """What came of a correction: what was taken out of the book, what stands in its place, and what could not."""

    reversed: tuple[Transaction, ...]
    deposited: tuple[Transaction, ...]
    refused: tuple[Refused, ...]


@transaction.atomic
def ask_correction(*, actor: Person, achievement: Achievement, reason: str) -> Correction:
    """Ask the office to correct an achievement that was wrong, as its student or as a second party to it."""
    demand(actor, "credits.ask_correction", achievement)
    achievement = Achievement.objects.select_for_update().get(pk=achievement.pk)
    if achievement.state != AchievementState.CONFIRMED:
        raise ValidationError(_("Only what was confirmed is corrected; this is not, or was replaced already."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say what is wrong; the office reads it.")})
    if achievement.corrections.waiting().exists():
        raise ValidationError(_("A correction was asked for already; the office decides."))
    asked = Correction.objects.create(achievement=achievement, reason=reason.strip()[:300], asked_by=actor)
    ledger.record(
        actor=actor,
        type=events.CORRECTION_ASKED,
        subject=achievement,
        payload={"student": achievement.person, "reason": asked.reason},
    )
    return asked


def _open(actor: Person, correction: Correction) -> Correction:
    demand(actor, "credits.reverse")
    kept = Correction.objects.select_for_update().get(pk=correction.pk)
    if kept.settled_at is not None:
        raise ValidationError(_("Somebody has settled this request already."))
    if actor.pk == kept.achievement.person_id:
        raise ValidationError(_("Nobody corrects the own credits."))
    return kept


@transaction.atomic
def refuse_correction(*, actor: Person, correction: Correction, answer: str) -> Correction:
    """Leave the achievement as it is, with a word why."""
    correction = _open(actor, correction)
    if not answer.strip():
        raise ValidationError({"reason": _("Say why; who asked reads it.")})
    return _settle(actor, correction, answer, is_done=False)


@transaction.atomic
def correct(*, actor: Person, correction: Correction) -> Corrected:
    """Reverse the deposit, replace the achievement by what its station says now, and deposit that: all or nothing.

    Raises ValidationError while credits of the deposit are used elsewhere. What the rules do not convert is told.
    """
    correction = _open(actor, correction)
    old = Achievement.objects.select_for_update().get(pk=correction.achievement_id)
    if old.state != AchievementState.CONFIRMED:
        raise ValidationError(_("Only what was confirmed is corrected; this is not, or was replaced already."))
    standing = old.transactions.filter(kind=TransactionKind.DEPOSIT, reversal__isnull=True)
    taken = tuple(reverse(actor=actor, done=one, reason=correction.reason) for one in standing)
    old.state, old.reason = AchievementState.REPLACED, correction.reason
    old.save(update_fields=["state", "reason"])
    anew = collect_achievements(actor=actor, found=list(_now(old)))
    done = deposit_many(actor=actor, achievements=anew)
    _settle(actor, correction, "", is_done=True, instead=anew)
    return Corrected(taken, done.transactions, done.refused)


def _now(old: Achievement) -> Iterable[sources.Found]:
    """What the station of an achievement says now of the very things it was made of."""
    station, _dot, rest = old.key.partition(":")
    facts = set(old.covers)
    if old.person_id is None or not rest:
        return
    for source in sources.registered():
        if source.name == station:
            yield from (one for one in source.confirmed([old.person_id]) if facts.intersection(one.covers))


def _settle(
    actor: Person, correction: Correction, answer: str, *, is_done: bool, instead: Iterable[Achievement] = ()
) -> Correction:
    correction.settled_by, correction.settled_at = actor, timezone.now()
    correction.is_done, correction.answer = is_done, answer.strip()[:300]
    correction.save()
    ledger.record(
        actor=actor,
        type=events.CORRECTION_SETTLED,
        subject=correction.achievement,
        payload={
            "student": correction.achievement.person,
            "done": is_done,
            "instead": list(instead),
            **({"reason": correction.answer} if correction.answer else {}),
        },
    )
    return correction
