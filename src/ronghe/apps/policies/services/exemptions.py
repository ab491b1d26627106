"""Exemptions: one person asks with a reason and an end, another grants or refuses, and a grant can be ended early."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.policies import events, subjects
from ronghe.apps.policies.models import Exemption, ExemptionState, RuleSet
from ronghe.apps.policies.selectors.obligations import current_versions
from ronghe.apps.policies.services.rule_sets import said
from ronghe.apps.policies.subjects import SubjectKind

# Nothing is lifted for longer at a time; whoever needs more asks again.
LONGEST = timedelta(days=731)


class AlreadyDecided(Exception):
    """Somebody else decided meanwhile."""

    def __init__(self, exemption: Exemption) -> None:
        super().__init__(_("This was decided meanwhile: %(state)s.") % {"state": exemption.get_state_display()})
        self.exemption = exemption


def _payload(exemption: Exemption) -> dict[str, Any]:
    return {
        "subject_kind": exemption.subject_kind,
        "subject_key": exemption.subject_key,
        "rule_set": exemption.rule_set.code,
        "rule": exemption.rule_key,
        "reason": exemption.decision_note or exemption.reason,
        "first_day": exemption.first_day,
        "last_day": exemption.last_day,
    }


@transaction.atomic
def ask_exemption(
    *,
    actor: Person,
    rule_set: RuleSet,
    rule_key: str,
    kind: SubjectKind,
    key: int,
    reason: str,
    first_day: date,
    last_day: date,
) -> Exemption:
    """Ask that a rule does not bind a subject from a day to a day. Raises ValidationError by field."""
    demand(actor, "policies.ask_exemption", (kind, key))
    wrong: dict[str, str] = {}
    found = [one for one in current_versions() if one.rule_set_id == rule_set.pk]
    if not any(entry.key == rule_key and entry.subject == kind for one in found for entry in one.read.rules):
        wrong["rule_key"] = _("This rule set has no such rule for this kind of subject.")
    if subjects.subject(kind, key) is None:
        wrong["rule_key"] = _("There is no such subject.")
    if last_day < first_day:
        wrong["last_day"] = _("It would end before it begins.")
    elif last_day - first_day > LONGEST:
        wrong["last_day"] = _("Two years at most; ask again then.")
    if wrong:
        raise ValidationError(wrong)
    reason = said(reason, "reason", _("Say why the rule should not bind here."))
    asked = Exemption.objects.filter(
        rule_set=rule_set, rule_key=rule_key, subject_kind=kind, subject_key=key, state=ExemptionState.ASKED
    )
    if asked.exists():
        raise ValidationError({"rule_key": _("This was asked for already and waits for a decision.")})
    exemption = Exemption.objects.create(
        rule_set=rule_set,
        rule_key=rule_key,
        subject_kind=kind,
        subject_key=key,
        reason=reason,
        first_day=first_day,
        last_day=last_day,
        asked_by=actor,
    )
    ledger.record(actor=actor, type=events.EXEMPTION_ASKED, subject=exemption, payload=_payload(exemption))
    return exemption


@transaction.atomic
def decide_exemption(*, actor: Person, exemption: Exemption, is_granted: bool, note: str = "") -> Exemption:
    """Grant or refuse what another person asked for; a refusal says why. Raises AlreadyDecided."""
    demand(actor, "policies.decide_exemption", exemption)
    exemption = Exemption.objects.select_for_update().select_related("rule_set").get(pk=exemption.pk)
    if exemption.state != ExemptionState.ASKED:
        raise AlreadyDecided(exemption)
    exemption.decision_note = note.strip()[:500] if is_granted else said(note, "note", _("Say why it is refused."))
    exemption.state = ExemptionState.GRANTED if is_granted else ExemptionState.REFUSED
    exemption.decided_by, exemption.decided_at = actor, timezone.now()
    exemption.revision += 1
    exemption.save()
    kind = events.EXEMPTION_GRANTED if is_granted else events.EXEMPTION_REFUSED
    ledger.record(actor=actor, type=kind, subject=exemption, payload=_payload(exemption))
    return exemption


@transaction.atomic
def revoke_exemption(*, actor: Person, exemption: Exemption, from_day: date, note: str) -> Exemption:
    """End a granted exemption: from `from_day` on the rule binds again. Raises AlreadyDecided and ValidationError."""
    demand(actor, "policies.revoke_exemption", exemption)
    exemption = Exemption.objects.select_for_update().select_related("rule_set").get(pk=exemption.pk)
    if exemption.state != ExemptionState.GRANTED or exemption.revoked_at is not None:
        raise AlreadyDecided(exemption)
    if from_day < exemption.first_day or from_day > exemption.last_day:
        raise ValidationError({"from_day": _("Choose a day within the exemption.")})
    exemption.decision_note = said(note, "note", _("Say why it ends."))
    exemption.revoked_on, exemption.revoked_at = from_day, timezone.now()
    exemption.revision += 1
    exemption.save()
    ledger.record(actor=actor, type=events.EXEMPTION_REVOKED, subject=exemption, payload=_payload(exemption))
    return exemption
