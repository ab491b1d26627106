"""Positions: drafted and submitted by a confirmed firm's HR, approved by the office, amended with dated history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.models import Agreement, AgreementKind, Term
from ronghe.apps.community import selectors as community
from ronghe.apps.community.models import Campus, Chain, ChainMembership, Organisation, Region
from ronghe.apps.community.services.permission import demand
from ronghe.apps.curriculum.models import Unit
from ronghe.apps.demand.models import Requirement, Skill
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.apps.metrics.dated import end, supersede
from ronghe.apps.positions import events
from ronghe.apps.positions.models import (
    Assignment,
    ChainRule,
    Offer,
    OrderClass,
    Position,
    PositionSkill,
    PositionState,
)


@dataclass(frozen=True, slots=True)
class SkillAsked:
    """A skill that a position asks for."""

    skill: Skill
    skill_level: int
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class PositionData:
    """What a firm says of a position; the city is the campus's where a campus is named."""

    title_zh: str
    tasks: str
    field: str
    seats: int
    starts_on: date
    ends_on: date
    title_en: str = ""
    region: Region | None = None
    campus: Campus | None = None
    chain: Chain | None = None
    order_class: OrderClass | None = None
    agreement: Agreement | None = None
    pay: Decimal | None = None
    post_pay: Decimal | None = None
    post_staff: int | None = None
    least_mentors: int | None = None
    skills: tuple[SkillAsked, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    units: tuple[Unit, ...] = ()


_OWN_TABLES = ("skills", "requirements", "units")
_COLUMNS = tuple(one.name for one in fields(PositionData) if one.name not in _OWN_TABLES)
# What an offer says, dated; a change of one of these begins another offer.
DATED = ("chain", "seats", "starts_on", "ends_on", "pay", "post_pay", "post_staff")


def _put(position: Position, data: PositionData) -> list[str]:
    """Write what the firm says into the row, unsaved; the names of what changed."""
    values: dict[str, Any] = {name: getattr(data, name) for name in _COLUMNS}
    if data.campus is not None:
        values["region"] = data.campus.region
    changed = []
    for name, value in values.items():
        if not hasattr(position, f"{name}_id") and getattr(position, name) == value:
            continue
        if hasattr(position, f"{name}_id") and getattr(position, f"{name}_id") == (value.pk if value else None):
            continue
        setattr(position, name, value)
        changed.append(name)
    return changed


def _check(position: Position, data: PositionData) -> None:
    """Raise ValidationError, by field, for what cannot be meant."""
    found: dict[str, Any] = {}
    try:
        position.full_clean(exclude=["drafted_by", "decided_by"])
    except ValidationError as error:
        found = error.error_dict
    if data.ends_on < data.starts_on:
        found["ends_on"] = [ValidationError(_("The last day is before the first day."))]
    if data.campus is not None and data.campus.organisation_id != position.organisation_id:
        found["campus"] = [ValidationError(_("This campus belongs to another organisation."))]
    if data.chain is not None and not _is_member(position.organisation, data.chain):
        found["chain"] = [ValidationError(_("The firm is not in this chain today; leave the chain empty, or join it."))]
    if data.order_class is not None and data.order_class.organisation_id != position.organisation_id:
        found["order_class"] = [ValidationError(_("This order class belongs to another enterprise."))]
    if len({asked.skill.pk for asked in data.skills}) < len(data.skills):
        found["skills"] = [ValidationError(_("A skill is named twice; keep one line of it."))]
    if any(not 1 <= asked.skill_level <= 5 for asked in data.skills):
        found["skills"] = [ValidationError(_("A skill level goes from 1 to 5."))]
    if any(one.organisation_id != position.organisation_id for one in data.requirements):
        found["requirements"] = [ValidationError(_("A position answers requirements of its own enterprise only."))]
    if found:
        raise ValidationError({name: list(errors) for name, errors in found.items()})


def _is_member(organisation: Organisation, chain: Chain) -> bool:
    today = timezone.localdate()
    return ChainMembership.objects.on(today).filter(chain=chain, organisation=organisation).exists()


def _link(position: Position, data: PositionData) -> list[str]:
    """Replace the rows of skills, requirements and units where they differ; the names of what changed."""
    changed = []
    asked = [(one.skill.pk, one.skill_level, one.is_required) for one in data.skills]
    standing = list(position.skills.values_list("skill_id", "skill_level", "is_required"))
    if sorted(asked) != sorted(standing):
        position.skills.all().delete()
        PositionSkill.objects.bulk_create(
            PositionSkill(position=position, skill_id=skill, skill_level=level, is_required=required)
            for skill, level, required in asked
        )
        changed.append("skills")
    for name in ("requirements", "units"):
        related, wanted = getattr(position, name), {one.pk for one in getattr(data, name)}
        if wanted != set(related.values_list("pk", flat=True)):
            related.set(wanted)
            changed.append(name)
    return changed


def refuse_unconfirmed(organisation: Organisation) -> None:
    """Raise ValidationError for a firm that no second person has found to be real."""
    if not community.is_confirmed(organisation):
        raise ValidationError(
            _("“%(name)s” is not confirmed yet. The community office confirms it, then it may offer positions.")
            % {"name": organisation.name}
        )


@transaction.atomic
def draft_position(*, actor: Person, organisation: Organisation, data: PositionData) -> Position:
    """Write down a position that nobody but the firm and the office sees yet. Raises ValidationError by field."""
    demand(actor, "positions.offer_position", organisation)
    return _draft(actor, organisation, data)


def _draft(actor: Person, organisation: Organisation, data: PositionData) -> Position:
    refuse_unconfirmed(organisation)
    position = Position(organisation=organisation, drafted_by=actor)
    _put(position, data)
    _check(position, data)
    position.save()
    _link(position, data)
    return position


@transaction.atomic
def import_positions(*, actor: Person, organisation: Organisation, rows: Iterable[PositionData]) -> list[Position]:
    """Write down many drafts at once, all or none."""
    demand(actor, "positions.offer_position", organisation)
    made = [_draft(actor, organisation, data) for data in rows]
    ledger.record(actor=actor, type=events.POSITIONS_IMPORTED, subject=organisation, payload={"count": len(made)})
    return made


@transaction.atomic
def change_draft(*, actor: Person, position: Position, revision: int, data: PositionData) -> Position:
    """Change what is not submitted yet. Raises StaleRevision, ValidationError."""
    demand(actor, "positions.change_position", position)
    position = take_revision(Position, position.pk, expected=revision)
    if position.state != PositionState.DRAFT:
        raise ValidationError(_("Only a draft is changed; an open position is amended."))
    _put(position, data)
    _check(position, data)
    position.save()
    _link(position, data)
    return position


def agreement_asked(chain: Chain | None, on: date) -> bool:
    """Whether the chain lets positions open only under a signed talent-supply agreement."""
    return chain is not None and ChainRule.objects.on(on).filter(chain=chain, asks_for_agreement=True).exists()


def agreements_of(organisation: Organisation, on: date) -> list[Agreement]:
    """The agreements of the firm that are in force on a day and may stand behind a position."""
    terms = Term.objects.on(on).filter(
        agreement__parties__organisation=organisation,
        agreement__kind__in=[AgreementKind.TALENT_SUPPLY, AgreementKind.STRATEGIC],
    )
    return list(Agreement.objects.filter(pk__in=terms.values("agreement")))


def check_agreement(thing: Position | OrderClass, *, asked: bool) -> None:
    """An agreement that is named must be signed and the firm's own, in force on the first day; one must be if asked."""
    if thing.agreement is None:
        if asked:
            raise ValidationError(
                {
                    "agreement": _(
                        "The chain asks for a signed talent-supply agreement: name one, or draft it under agreements."
                    )
                }
            )
        return
    in_force = Term.objects.on(thing.starts_on).filter(
        agreement=thing.agreement, agreement__parties__organisation=thing.organisation
    )
    if not in_force.exists():
        raise ValidationError(
            {
                "agreement": _(
                    "“%(title)s” is not signed by all, or not in force on %(day)s, or the firm is no party of it."
                )
                % {"title": thing.agreement.title, "day": thing.starts_on}
            }
        )
    if asked and thing.agreement.kind != AgreementKind.TALENT_SUPPLY:
        raise ValidationError({"agreement": _("The chain asks for a talent-supply agreement; this is another one.")})


@transaction.atomic
def submit_position(*, actor: Person, position: Position, revision: int) -> Position:
    """Offer the position to the community: the office approves it or sends it back."""
    demand(actor, "positions.change_position", position)
    refuse_unconfirmed(position.organisation)
    position = take_revision(Position, position.pk, expected=revision)
    if position.state != PositionState.DRAFT:
        raise ValidationError(_("This position was submitted already."))
    if position.ends_on < timezone.localdate():
        raise ValidationError({"ends_on": _("The last day has passed; set the days that you offer now.")})
    check_agreement(position, asked=agreement_asked(position.chain, timezone.localdate()))
    position.state, position.submitted_at, position.note = PositionState.SUBMITTED, timezone.now(), ""
    position.save()
    ledger.record(
        actor=actor,
        type=events.POSITION_SUBMITTED,
        subject=position,
        payload={"organisation": position.organisation, "seats": position.seats},
    )
    return position


@transaction.atomic
def approve_position(*, actor: Person, position: Position, revision: int) -> Position:
    """Open a submitted position: from today on its seats are offered."""
    demand(actor, "positions.approve_position", position)
    position = take_revision(Position, position.pk, expected=revision)
    if position.state != PositionState.SUBMITTED:
        raise ValidationError(_("This position does not wait for approval."))
    if position.drafted_by_id == actor.pk:
        raise PermissionDenied(_("A second person approves a position: ask a colleague."))
    refuse_unconfirmed(position.organisation)
    today = timezone.localdate()
    if position.chain is not None and not _is_member(position.organisation, position.chain):
        raise ValidationError(_("The firm has left the chain; send the position back."))
    check_agreement(position, asked=agreement_asked(position.chain, today))
    position.state, position.opened_on, position.decided_by = PositionState.OPEN, today, actor
    position.save()
    Offer.objects.create(
        position=position,
        organisation=position.organisation,
        offered_on=today,
        valid_from=today,
        **{name: getattr(position, name) for name in DATED},
    )
    ledger.record(
        actor=actor,
        type=events.POSITION_OPENED,
        subject=position,
        payload={
            "organisation": position.organisation,
            **({"chain": position.chain} if position.chain else {}),
            **({"agreement": position.agreement} if position.agreement else {}),
            "requirements": list(position.requirements.all()),
            "seats": position.seats,
            "starts_on": position.starts_on,
            "ends_on": position.ends_on,
        },
    )
    return position


@transaction.atomic
def return_position(*, actor: Person, position: Position, revision: int, reason: str) -> Position:
    """Send a submitted position back to the firm as a draft, with what to mend."""
    demand(actor, "positions.approve_position", position)
    position = take_revision(Position, position.pk, expected=revision)
    if position.state != PositionState.SUBMITTED:
        raise ValidationError(_("This position does not wait for approval."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say what the firm has to mend.")})
    position.state, position.note, position.submitted_at = PositionState.DRAFT, reason.strip()[:500], None
    position.save()
    ledger.record(actor=actor, type=events.POSITION_RETURNED, subject=position, payload={"reason": position.note})
    return position


def assigned_to(position: Position) -> int:
    """How many students a published round has assigned to it."""
    return Assignment.objects.published().filter(position=position).count()


def _refuse_beyond_approval(actor: Person, position: Position, data: PositionData) -> None:
    """What the office has approved the firm alone may not enlarge."""
    if actor.has_perm("positions.approve_position"):
        return
    found = {}
    if data.seats > position.seats:
        found["seats"] = _("More seats are offered as a new position, or entered by the office.")
    if (data.chain.pk if data.chain else None) != position.chain_id:
        found["chain"] = _("The office changes the chain of an open position.")
    if position.pay is not None and (data.pay is None or data.pay < position.pay):
        found["pay"] = _("Students have read this pay; the office enters a lower one.")
    if found:
        raise ValidationError(found)


@transaction.atomic
def amend_position(
    *, actor: Person, position: Position, revision: int, data: PositionData, from_day: date | None = None
) -> Position:
    """Change an open or closed position from a day on (today); what it offered before that day stays on record.

    A day that is the standing offer's first one corrects that offer. Raises StaleRevision, ValidationError.
    """
    demand(actor, "positions.amend_position", position)
    position = take_revision(Position, position.pk, expected=revision)
    if position.state not in (PositionState.OPEN, PositionState.CLOSED):
        raise ValidationError(_("Only an open position is amended."))
    _refuse_beyond_approval(actor, position, data)
    today = timezone.localdate()
    day = from_day or today
    offer = Offer.objects.known().get(position=position, valid_until__isnull=True)
    if not offer.valid_from <= day <= today:
        raise ValidationError(
            {
                "from_day": _("Choose a day from %(first)s, when the present terms began, to today.")
                % {"first": offer.valid_from}
            }
        )
    assigned = assigned_to(position)
    if data.seats < assigned:
        raise ValidationError(
            {
                "seats": ngettext(
                    "%(count)s student is assigned already; keep as many seats.",
                    "%(count)s students are assigned already; keep as many seats.",
                    assigned,
                )
                % {"count": assigned}
            }
        )
    changed = _put(position, data)
    _check(position, data)
    check_agreement(position, asked=agreement_asked(position.chain, today))
    position.save()
    changed += _link(position, data)
    terms = {name: getattr(position, name) for name in DATED}
    if set(changed) & set(DATED):
        if day == offer.valid_from:
            supersede(offer, **terms)
        else:
            end(offer, day)
            Offer.objects.create(
                position=position,
                organisation=position.organisation,
                offered_on=offer.offered_on,
                valid_from=day,
                **terms,
            )
    ledger.record(
        actor=actor,
        type=events.POSITION_AMENDED,
        subject=position,
        payload={"changed": sorted(changed), "seats": position.seats, "from_day": day},
    )
    return position


@transaction.atomic
def close_position(*, actor: Person, position: Position, revision: int) -> Position:
    """Take nobody more; the seats stay offered."""
    demand(actor, "positions.amend_position", position)
    position = take_revision(Position, position.pk, expected=revision)
    if position.state != PositionState.OPEN:
        raise ValidationError(_("Only an open position is closed."))
    position.state, position.ended_on = PositionState.CLOSED, timezone.localdate()
    position.save()
    ledger.record(actor=actor, type=events.POSITION_CLOSED, subject=position)
    return position


@transaction.atomic
def withdraw_position(
    *, actor: Person, position: Position, revision: int, reason: str, on: date | None = None
) -> Position:
    """Take the position back: its seats are offered until `on` (today). Once students have it the office alone may."""
    demand(actor, "positions.amend_position", position)
    position = take_revision(Position, position.pk, expected=revision)
    if position.state == PositionState.WITHDRAWN:
        raise ValidationError(_("This position is withdrawn already."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it is withdrawn.")})
    assigned = assigned_to(position)
    if assigned and not actor.has_perm("positions.approve_position"):
        raise ValidationError(
            ngettext(
                "%(count)s student is assigned to it; the office finds another place first.",
                "%(count)s students are assigned to it; the office finds other places first.",
                assigned,
            )
            % {"count": assigned}
        )
    today = timezone.localdate()
    for offer in Offer.objects.known().filter(position=position, valid_until__isnull=True):
        end(offer, on or today)
    position.state, position.ended_on, position.note = PositionState.WITHDRAWN, today, reason.strip()[:500]
    position.save()
    ledger.record(actor=actor, type=events.POSITION_WITHDRAWN, subject=position, payload={"reason": position.note})
    return position


@transaction.atomic
def set_chain_rule(
    *, actor: Person, chain: Chain, asks_for_agreement: bool, clause: str, valid_from: date
) -> ChainRule:
    """Say from a day on whether the chain opens positions only under a signed talent-supply agreement."""
    demand(actor, "positions.set_chain_rule", chain)
    standing = ChainRule.objects.known().filter(chain=chain, valid_until__isnull=True).first()
    if standing is not None:
        if valid_from < standing.valid_from:
            raise ValidationError(
                {"valid_from": _("A rule from %(day)s on stands already.") % {"day": standing.valid_from}}
            )
        end(standing, valid_from)
    rule = ChainRule(
        chain=chain, asks_for_agreement=asks_for_agreement, clause=clause, valid_from=valid_from, set_by=actor
    )
    rule.full_clean()
    rule.save()
    ledger.record(
        actor=actor,
        type=events.CHAIN_RULE_SET,
        subject=chain,
        payload={"asks_for_agreement": asks_for_agreement, "clause": clause, "valid_from": valid_from},
    )
    return rule


def data_of(position: Position) -> PositionData:
    """What the firm says of a position now, to be changed with `dataclasses.replace`."""
    skills: Sequence[PositionSkill] = list(position.skills.select_related("skill"))
    return PositionData(
        **{name: getattr(position, name) for name in _COLUMNS},
        skills=tuple(SkillAsked(one.skill, one.skill_level, one.is_required) for one in skills),
        requirements=tuple(position.requirements.all()),
        units=tuple(position.units.all()),
    )
