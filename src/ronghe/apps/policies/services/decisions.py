"""A reviewer signs what the rules say of a subject on a day, and asks about what does not convince."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.policies import events, subjects
from ronghe.apps.policies.models import Decision, Question, RuleSet
from ronghe.apps.policies.selectors.obligations import Moment, Obligation, explain, of_subject
from ronghe.apps.policies.services.rule_sets import said
from ronghe.apps.policies.subjects import SubjectKind
from ronghe.trust.canonical import canonical_json

LONGEST_TEXT = 2_000


class AlreadyAnswered(Exception):
    """The question was answered meanwhile."""


def decision_lines(found: Sequence[Obligation]) -> list[dict[str, Any]]:
    """What a decision keeps of each obligation: rule-set hash, rule, measurement with its records, and explanation."""
    return [_line(one) for one in found]


def _line(one: Obligation) -> dict[str, Any]:
    entry, version, measured = one.entry, one.asked.version, one.measurement
    explanation = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            explanation[language[:2]] = explain(one)
    return {
        "rule_set": version.rule_set.code,
        "version": version.number,
        "rule_set_digest": version.digest,
        "rule": entry.key,
        "name": {"zh": entry.name.zh, "en": entry.name.en},
        "clause": {"zh": entry.clause.zh, "en": entry.clause.en},
        "standing": entry.standing.value,
        "metric": entry.rule.metric,
        "operator": entry.rule.threshold.operator.value,
        "threshold": list(entry.rule.threshold.bounds),
        "unit": entry.unit.value,
        "window": [one.window.start.isoformat(), one.window.end.isoformat()],
        "verdict": one.verdict.value,
        "reason": one.judgement.reason.value,
        "explanation": explanation,
        "exemption": str(one.exemption.uid) if one.exemption else None,
        "measurement": None
        if measured is None
        else {
            "value": measured.value,
            "low": measured.low,
            "high": measured.high,
            "count": measured.count,
            "as_of": measured.as_of.isoformat(),
            "definition": measured.definition,
            "records": json.loads(measured.records.as_json()) if measured.records else None,
        },
    }


@transaction.atomic
def sign_decision(*, actor: Person, kind: SubjectKind, key: int, moment: Moment, note: str = "") -> Decision:
    """Sign what the rules say of a subject at `moment`. Raises ValidationError when no rule asks anything of it."""
    demand(actor, "policies.sign_decision")
    subject = subjects.subject(kind, key)
    moment = moment.pinned()
    found = of_subject(kind, subject, moment) if subject is not None else []
    if not found or moment.known_at is None:
        raise ValidationError(_("On this day no rule asks anything of this subject: there is nothing to sign."))
    note = note.strip()
    if len(note) > LONGEST_TEXT:
        raise ValidationError({"note": _("Use at most %(most)s characters.") % {"most": LONGEST_TEXT}})
    lines = decision_lines(found)
    signed = {
        "subject": [kind.value, key],
        "day": moment.day.isoformat(),
        "known_at": moment.known_at.isoformat(),
        "lines": lines,
        "note": note,
    }
    decision = Decision.objects.create(
        subject_kind=kind,
        subject_key=key,
        day=moment.day,
        known_at=moment.known_at,
        lines=lines,
        digest=hashlib.sha256(canonical_json(signed)).hexdigest(),
        note=note,
        signed_by=actor,
    )
    ledger.record(
        actor=actor,
        type=events.DECISION_SIGNED,
        subject=decision,
        payload={
            "subject_kind": kind.value,
            "subject_key": key,
            "day": moment.day,
            "known_at": moment.known_at,
            "digest": decision.digest,
            "rule_sets": sorted({f"{line['rule_set']}@{line['version']}:{line['rule_set_digest']}" for line in lines}),
        },
    )
    return decision


@transaction.atomic
def ask_question(
    *,
    actor: Person,
    kind: SubjectKind,
    key: int,
    rule_set: RuleSet,
    rule_key: str,
    day: date,
    text: str,
    record: str = "",
) -> Question:
    """Ask the office about an obligation, or about one record of its sample. Raises ValidationError."""
    demand(actor, "policies.ask_question")
    text = said(text, "text", _("Write your question."), LONGEST_TEXT)
    question = Question.objects.create(
        subject_kind=kind,
        subject_key=key,
        rule_set=rule_set,
        rule_key=rule_key,
        day=day,
        record=record[:120],
        text=text,
        asked_by=actor,
    )
    ledger.record(
        actor=actor,
        type=events.QUESTION_ASKED,
        subject=question,
        payload={
            "subject_kind": kind.value,
            "subject_key": key,
            "rule_set": rule_set.code,
            "rule": rule_key,
            "text": text,
        },
    )
    return question


@transaction.atomic
def answer_question(*, actor: Person, question: Question, answer: str) -> Question:
    """Answer a reviewer's question. Raises AlreadyAnswered and ValidationError."""
    demand(actor, "policies.answer_question", question)
    answer = said(answer, "answer", _("Write your answer."), LONGEST_TEXT)
    question = Question.objects.select_for_update().get(pk=question.pk)
    if question.answered_at is not None:
        raise AlreadyAnswered(_("Somebody answered meanwhile."))
    question.answer, question.answered_by, question.answered_at = answer, actor, timezone.now()
    question.save()
    ledger.record(actor=actor, type=events.QUESTION_ANSWERED, subject=question, payload={"answer": answer})
    return question
