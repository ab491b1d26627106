"""Needs of enterprises: raised, amended and withdrawn by their HR, answered by the office."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import selectors as community
from ronghe.apps.community.models import Organisation, OrganisationKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.demand import events
from ronghe.apps.demand.models import AnswerKind, Requirement, RequirementAnswer, RequirementState, Skill
from ronghe.apps.demand.services.counting import renew_data_version
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision

AMENDABLE = ("skill", "skill_level", "head_count", "needed_by", "severity", "reason")
LONGEST_TEXT = 2_000


class RequirementClosed(Exception):
    """The requirement was withdrawn, or what it asked for is taught: it can be neither amended nor answered."""

    def __init__(self, requirement: Requirement) -> None:
        super().__init__(
            _("This requirement is closed: %(state)s. Raise a new one instead.")
            % {"state": requirement.get_state_display()}
        )
        self.requirement = requirement


@dataclass(frozen=True, slots=True)
class RequirementData:
    """One requirement as a file has it, with its organisation and skill found."""

    organisation: Organisation
    skill: Skill
    head_count: int
    needed_by: date
    severity: int
    skill_level: int | None = None
    reason: str = ""


def _need(requirement: Requirement) -> dict[str, Any]:
    return {
        "organisation": requirement.organisation,
        "skill": requirement.skill.code,
        "skill_level": requirement.skill_level,
        "head_count": requirement.head_count,
        "needed_by": requirement.needed_by,
        "severity": requirement.severity,
        "reason": requirement.reason,
    }


def _clean(requirement: Requirement, *, today: date, date_changed: bool) -> None:
    requirement.reason = requirement.reason.strip()
    requirement.clean_fields(exclude=["raised_by", "state", "organisation"])
    wrong: dict[str, str] = {}
    if requirement.organisation.kind != OrganisationKind.ENTERPRISE:
        wrong["organisation"] = _("Only an enterprise raises requirements.")
    if requirement.skill.retired_at is not None:
        wrong["skill"] = _("This skill is no longer in the lexicon. Choose another one.")
    if date_changed and requirement.needed_by < today:
        wrong["needed_by"] = _("The day by which it is needed lies in the past.")
    if len(requirement.reason) > LONGEST_TEXT:
        wrong["reason"] = _("Use at most 2,000 characters.")
    if wrong:
        raise ValidationError(wrong)


def _demand_confirmed(organisations: Iterable[Organisation]) -> None:
    for organisation in community.unconfirmed_among(organisations):
        raise ValidationError(
            {
                "organisation": _(
                    "“%(name)s” is not confirmed yet. A second person has to confirm that it is real; until then it "
                    "raises no requirement."
                )
                % {"name": organisation.name}
            }
        )


@transaction.atomic
def raise_requirement(
    *,
    actor: Person,
    organisation: Organisation,
    skill: Skill,
    head_count: int,
    needed_by: date,
    severity: int,
    skill_level: int | None = None,
    reason: str = "",
) -> Requirement:
    """Say what an enterprise needs, once it is confirmed to be real. Raises ValidationError by field."""
    demand(actor, "demand.raise_requirement", organisation)
    _demand_confirmed([organisation])
    today = timezone.localdate()
    requirement = Requirement(
        organisation=organisation,
        skill=skill,
        skill_level=skill_level,
        head_count=head_count,
        needed_by=needed_by,
        severity=severity,
        reason=reason,
        raised_by=actor,
        raised_on=today,
    )
    _clean(requirement, today=today, date_changed=True)
    requirement.save()
    renew_data_version()
    ledger.record(actor=actor, type=events.REQUIREMENT_RAISED, subject=requirement, payload=_need(requirement))
    return requirement


@transaction.atomic
def amend_requirement(*, actor: Person, requirement: Requirement, revision: int, **changes: Any) -> Requirement:
    """Change what is needed; one that was answered waits for an answer again. Changing nothing records nothing.

    `changes` are among AMENDABLE. Raises StaleRevision, RequirementClosed and ValidationError.
    """
    demand(actor, "demand.amend_requirement", requirement)
    if unknown := sorted(set(changes) - set(AMENDABLE)):
        raise TypeError(f"{', '.join(unknown)} of a requirement cannot be amended")
    requirement = _take(requirement, revision)
    changed = [name for name in AMENDABLE if name in changes and getattr(requirement, name) != changes[name]]
    if not changed:
        requirement.revision -= 1
        return requirement
    for name in changed:
        setattr(requirement, name, changes[name])
    _clean(requirement, today=timezone.localdate(), date_changed="needed_by" in changed)
    requirement.state, requirement.answered_on = RequirementState.OPEN, None
    requirement.save()
    renew_data_version()
    ledger.record(
        actor=actor,
        type=events.REQUIREMENT_AMENDED,
        subject=requirement,
        payload={**_need(requirement), "revision": requirement.revision, "changed": changed},
    )
    return requirement


@transaction.atomic
def withdraw_requirement(*, actor: Person, requirement: Requirement, revision: int, explanation: str) -> Requirement:
    """Close a requirement that is no longer needed. Raises StaleRevision, RequirementClosed and ValidationError."""
    demand(actor, "demand.withdraw_requirement", requirement)
    explanation = _said(explanation, "explanation", _("Say why it is no longer needed."))
    requirement = _take(requirement, revision)
    requirement.state = RequirementState.WITHDRAWN
    requirement.closed_on = timezone.localdate()
    requirement.save()
    renew_data_version()
    ledger.record(
        actor=actor, type=events.REQUIREMENT_WITHDRAWN, subject=requirement, payload={"explanation": explanation}
    )
    return requirement


@transaction.atomic
def answer_requirement(
    *, actor: Person, requirement: Requirement, revision: int, kind: str, text: str, planned_for: date | None = None
) -> RequirementAnswer:
    """Answer a requirement: it will be taught by a day, it will not, or a question, after which it still waits.

    Raises StaleRevision, RequirementClosed and ValidationError.
    """
    demand(actor, "demand.answer_requirement", requirement)
    if kind not in AnswerKind.values:
        raise ValidationError({"kind": _("Choose one of the answers.")})
    text = _said(text, "text", _("Explain the answer to the enterprise."))
    today = timezone.localdate()
    if kind != AnswerKind.PLANNED:
        planned_for = None
    elif planned_for is None:
        raise ValidationError({"planned_for": _("Say by which day it will be taught.")})
    elif planned_for < today:
        raise ValidationError({"planned_for": _("The day by which it will be taught lies in the past.")})
    requirement = _take(requirement, revision)
    answer = RequirementAnswer.objects.create(
        requirement=requirement, kind=kind, text=text, planned_for=planned_for, answered_by=actor
    )
    if kind != AnswerKind.QUESTION:
        requirement.state, requirement.answered_on = RequirementState.ANSWERED, today
    requirement.save()
    renew_data_version()
    ledger.record(
        actor=actor,
        type=events.REQUIREMENT_ANSWERED,
        subject=requirement,
        payload={"answer": str(kind), "text": text, "planned_for": planned_for},
    )
    return answer


@transaction.atomic
def import_requirements(*, actor: Person, rows: Iterable[RequirementData]) -> tuple[int, int]:
    """Raise many requirements on behalf of their enterprises; return how many were raised, and how many stood already.

    One stands already when the same enterprise waits for, or was promised, the same skill for as many heads by the
    same day.
    """
    demand(actor, "demand.import_requirements")
    today = timezone.localdate()
    open_ones = Requirement.objects.filter(closed_on__isnull=True)
    known = set(open_ones.values_list("organisation_id", "skill_id", "head_count", "needed_by"))
    rows = list(rows)
    _demand_confirmed([row.organisation for row in rows])
    new: list[Requirement] = []
    skipped = 0
    for row in rows:
        key = (row.organisation.pk, row.skill.pk, row.head_count, row.needed_by)
        if key in known:
            skipped += 1
            continue
        known.add(key)
        requirement = Requirement(
            organisation=row.organisation,
            skill=row.skill,
            skill_level=row.skill_level,
            head_count=row.head_count,
            needed_by=row.needed_by,
            severity=row.severity,
            reason=row.reason,
            raised_by=actor,
            raised_on=today,
        )
        _clean(requirement, today=today, date_changed=True)
        new.append(requirement)
    if new:
        Requirement.objects.bulk_create(new, batch_size=500)
        renew_data_version()
        ledger.record_many(
            actor=actor,
            entries=(ledger.Entry(events.REQUIREMENT_RAISED, requirement, _need(requirement)) for requirement in new),
        )
    return len(new), skipped


def _take(requirement: Requirement, revision: int) -> Requirement:
    taken = take_revision(Requirement, requirement.pk, expected=revision)
    if taken.is_closed:
        raise RequirementClosed(taken)
    return taken


def _said(text: str, field: str, otherwise: str) -> str:
    text = text.strip()
    if not text:
        raise ValidationError({field: otherwise})
    if len(text) > LONGEST_TEXT:
        raise ValidationError({field: _("Use at most 2,000 characters.")})
    return text
