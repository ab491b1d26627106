"""Reminders by dated rules: to the signatory before and after the day, then to HR and office; before an agreement ends.

Each rule is kept once for each signature or agreement and due day, however often the work runs.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import events
from ronghe.apps.agreements.letters import mail, where
from ronghe.apps.agreements.models import InstrumentState, Reminder, Signature, Term
from ronghe.apps.community.models import Role, RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger


@dataclass(frozen=True, slots=True)
class Rule:
    """When it is due, in days from the day something is due, and whether it goes beyond the signatory."""

    name: str
    days: int
    escalates: bool = False


SIGNATURE_RULES = (
    Rule("week-before", -7),
    Rule("day-before", -1),
    Rule("day-after", 1),
    Rule("escalate", 3, escalates=True),
    Rule("escalate-again", 10, escalates=True),
)
EXPIRY_RULES = (Rule("expires-in-90", -90, escalates=True), Rule("expires-in-30", -30, escalates=True))


@dataclass(frozen=True, slots=True)
class Reminded:
    """What a run did."""

    signatures: int
    agreements: int
    people: int


@transaction.atomic
def remind(*, actor: Person | None, today: date | None = None) -> Reminded:
    """Keep every rule that is due; `actor` None is the system's own timer."""
    if actor is not None:
        demand(actor, "agreements.remind")
    day = today or timezone.localdate()
    lines: dict[int, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    people: dict[int, Person] = {}
    signatures = _signatures(day, lines, people)
    agreements = _agreements(day, lines, people)
    if lines:
        letters = [(people[key], lambda told=told: _letter(told)) for key, told in sorted(lines.items())]
        transaction.on_commit(lambda: mail(letters), robust=True)
        ledger.record(
            actor=actor,
            type=events.REMINDERS_SENT,
            subject="agreements.reminder:0",
            payload={"signatures": signatures, "agreements": agreements, "people": len(lines)},
        )
    return Reminded(signatures, agreements, len(lines))


def due_rule(rules: Sequence[Rule], due_on: date, day: date) -> Rule | None:
    """The latest rule whose day has come; those before it are not made up for."""
    return next((rule for rule in reversed(rules) if due_on + timedelta(days=rule.days) <= day), None)


def _signatures(day: date, lines: dict[int, list[tuple[str, Mapping[str, Any]]]], people: dict[int, Person]) -> int:
    asked = list(
        Signature.objects.waiting()
        .filter(instrument__state=InstrumentState.SENT, due_on__lte=day + timedelta(days=7))
        .select_related("person", "party", "instrument__agreement")
    )
    done = set(Reminder.objects.filter(signature__in=asked).values_list("signature_id", "rule", "due_on"))
    due = [
        (signature, rule)
        for signature in asked
        if (rule := due_rule(SIGNATURE_RULES, signature.due_on, day)) is not None
        and (signature.pk, rule.name, signature.due_on) not in done
    ]
    above = _above(
        {
            signature.party.organisation_id
            for signature, rule in due
            if rule.escalates and signature.party.organisation_id
        },
        day,
    )
    kept = []
    for signature, rule in due:
        told = [signature.person]
        if rule.escalates:
            told += above[None] + above.get(signature.party.organisation_id, [])
        fact = {
            "title_zh": signature.instrument.agreement.title_zh,
            "title_en": signature.instrument.agreement.title_en,
            "day": signature.due_on.isoformat(),
            "person": signature.person.name,
        }
        kind = "overdue" if signature.due_on < day else "due"
        recipients = _tell(told, (kind, fact), lines, people)
        kept.append(Reminder(rule=rule.name, signature=signature, due_on=signature.due_on, recipients=recipients))
    Reminder.objects.bulk_create(kept)
    return len(kept)


def _agreements(day: date, lines: dict[int, list[tuple[str, Mapping[str, Any]]]], people: dict[int, Person]) -> int:
    ending = list(
        Term.objects.known()
        .filter(valid_until__gt=day, valid_until__lte=day + timedelta(days=91), agreement__ended_on__isnull=True)
        .select_related("agreement")
        .prefetch_related("agreement__parties")
    )
    done = set(
        Reminder.objects.filter(agreement__in=[term.agreement_id for term in ending]).values_list(
            "agreement_id", "rule", "due_on"
        )
    )
    due = []
    for term in ending:
        if term.valid_until is None:
            continue
        last = term.valid_until - timedelta(days=1)
        rule = due_rule(EXPIRY_RULES, last, day)
        if rule is not None and (term.agreement_id, rule.name, last) not in done:
            due.append((term, rule, last))
    above = _above({party.organisation_id for term, _rule, _last in due for party in term.agreement.parties.all()}, day)
    kept = []
    for term, rule, last in due:
        told = list(above[None])
        for party in term.agreement.parties.all():
            told += above.get(party.organisation_id, []) if party.organisation_id else []
        fact = {
            "title_zh": term.agreement.title_zh,
            "title_en": term.agreement.title_en,
            "day": last.isoformat(),
            "person": "",
        }
        recipients = _tell(told, ("expires", fact), lines, people)
        kept.append(Reminder(rule=rule.name, agreement=term.agreement, due_on=last, recipients=recipients))
    Reminder.objects.bulk_create(kept)
    return len(kept)


def _above(organisations: Iterable[int | None], day: date) -> dict[int | None, list[Person]]:
    """HR by enterprise, and under None the office: one query."""
    found: dict[int | None, list[Person]] = defaultdict(list)
    wanted = {one for one in organisations if one is not None}
    asked = Q(kind=RoleKind.OFFICE) | Q(kind=RoleKind.ENTERPRISE_HR, organisation__in=wanted)
    for role in Role.objects.on(day).filter(asked).select_related("person"):
        found[None if role.kind == RoleKind.OFFICE else role.organisation_id].append(role.person)
    return found


def _tell(
    told: Iterable[Person],
    line: tuple[str, Mapping[str, Any]],
    lines: dict[int, list[tuple[str, Mapping[str, Any]]]],
    people: dict[int, Person],
) -> int:
    readers = {person.pk: person for person in told}
    for key, person in readers.items():
        people[key] = person
        lines[key].append(line)
    return len(readers)


def _letter(told: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[str, str]:
    """One letter a reader, however many papers it is about."""
    chinese = (get_language() or "").startswith("zh")
    words = {
        "due": _("“%(title)s” waits for the signature of %(person)s until %(day)s."),
        "overdue": _("“%(title)s” waits for the signature of %(person)s since %(day)s."),
        "expires": _("“%(title)s” expires after %(day)s. Renew it or let it end."),
    }
    said = []
    for kind, fact in told:
        title = fact["title_zh"] if chinese else fact["title_en"] or fact["title_zh"]
        said.append("- " + words[kind] % {**fact, "title": title})
    return _("Agreements: %(count)s reminders") % {"count": len(said)}, "\n".join(
        [*said, "", where(reverse("agreements:list"))]
    )
