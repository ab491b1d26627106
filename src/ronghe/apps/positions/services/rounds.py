"""Matching rounds: opened by the office, wishes of students, priorities of firms, fixed and forbidden pairs.

Computing and publishing stand in `results`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Cohort, CohortMembership
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.apps.positions import events
from ronghe.apps.positions.consent import MATCHING
from ronghe.apps.positions.models import (
    Decision,
    DecisionKind,
    Participation,
    Position,
    PositionState,
    Preference,
    Priority,
    Quota,
    Round,
    RoundPosition,
    RoundState,
)


@dataclass(frozen=True, slots=True)
class RoundData:
    """What the office says of a round."""

    name_zh: str
    opens_on: date
    closes_on: date
    starts_on: date
    ends_on: date
    name_en: str = ""
    mode: str = "stable"
    beyond: str = "refused"
    most_wishes: int = 12
    same_field: bool = True
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a round: how many of its seats, how many to be filled, and with how few it does not open."""

    position: Position
    seats: int
    least: int = 0
    cohort: int = 0


@dataclass(frozen=True, slots=True)
class QuotaData:
    """A quota; groups as `selectors.rounds` lists them, empty for all."""

    name: str
    students: str = ""
    positions: str = ""
    least: int = 0
    most: int | None = None
    least_share: Decimal | None = None
    share_of: str = "placements"


def _put(round: Round, data: RoundData) -> None:
    for one in fields(RoundData):
        setattr(round, one.name, getattr(data, one.name))
    found: dict[str, Any] = {}
    try:
        round.full_clean(exclude=["created_by"])
    except ValidationError as error:
        found = error.error_dict
    if data.closes_on < data.opens_on:
        found["closes_on"] = [ValidationError(_("Preferences would close before they open."))]
    if data.ends_on < data.starts_on:
        found["ends_on"] = [ValidationError(_("The last day is before the first day."))]
    if data.starts_on <= data.closes_on:
        found["starts_on"] = [ValidationError(_("The stays begin after the preferences have closed."))]
    if found:
        raise ValidationError({name: list(errors) for name, errors in found.items()})


@transaction.atomic
def open_round(*, actor: Person, data: RoundData, cohorts: Iterable[Cohort], places: Iterable[Place]) -> Round:
    """Open a round for cohorts and positions. Everyone enrolled today takes part, if they agree when they wish."""
    demand(actor, "positions.run_round")
    round = Round(created_by=actor)
    _put(round, data)
    cohorts, places = list(cohorts), list(places)
    if not cohorts:
        raise ValidationError({"cohorts": _("Choose at least one cohort.")})
    if not places:
        raise ValidationError({"places": _("No position is open in these days; approve positions first.")})
    round.save()
    round.cohorts.set(cohorts)
    _put_places(round, places)
    students = _enrol(round)
    ledger.record(
        actor=actor,
        type=events.ROUND_OPENED,
        subject=round,
        payload={
            "students": students,
            "positions": len(places),
            "closes_on": round.closes_on,
            "seed": round.seed,
        },
    )
    return round


def _put_places(round: Round, places: Sequence[Place]) -> None:
    for one in places:
        if one.position.state not in (PositionState.OPEN, PositionState.CLOSED):
            raise ValidationError({"places": _("“%(name)s” is not open.") % {"name": one.position.name}})
        if not 0 < one.seats <= one.position.seats:
            raise ValidationError(
                {
                    "places": _("“%(name)s” has %(seats)s seats; let the round fill 1 to %(seats)s of them.")
                    % {"name": one.position.name, "seats": one.position.seats}
                }
            )
        if one.least > one.seats or one.cohort > one.seats:
            raise ValidationError(
                {
                    "places": _("“%(name)s” has %(seats)s seats in this round; ask for no more than that.")
                    % {"name": one.position.name, "seats": one.seats}
                }
            )
    RoundPosition.objects.filter(round=round).exclude(position__in=[one.position for one in places]).delete()
    standing = {one.position_id: one for one in round.round_positions.all()}
    for one in places:
        row = standing.get(one.position.pk) or RoundPosition(round=round, position=one.position)
        row.seats, row.least, row.cohort = one.seats, one.least, one.cohort
        row.save()
    kept = [one.position.pk for one in places]
    Preference.objects.filter(round=round).exclude(position__in=kept).delete()
    Decision.objects.filter(round=round).exclude(position__in=kept).delete()
    Priority.objects.filter(round=round).exclude(position__in=kept).delete()


def _enrol(round: Round) -> int:
    """Take in who is enrolled today; a student in two cohorts of the round comes in with the first."""
    rows = CohortMembership.objects.on(timezone.localdate()).filter(cohort__in=round.cohorts.all()).order_by("pk")
    standing = set(round.participations.values_list("person_id", flat=True))
    found: dict[int, Participation] = {}
    for row in rows:
        if row.person_id not in standing and row.person_id not in found:
            found[row.person_id] = Participation(round=round, person_id=row.person_id, cohort_id=row.cohort_id)
    Participation.objects.bulk_create(found.values())
    return len(standing) + len(found)


def _preparing(round: Round, revision: int | None = None) -> Round:
    """Lock a round whose inputs may still change, and count the change."""
    now = Round.objects.select_for_update().get(pk=round.pk)
    if now.state == RoundState.COMPUTING:
        raise ValidationError(_("A matching is being computed; wait for it or cancel the task."))
    if now.state not in (RoundState.COLLECTING, RoundState.PROPOSED):
        raise ValidationError(_("This round is over; what was published stays."))
    now = take_revision(Round, round.pk, expected=now.revision if revision is None else revision)
    now.save(update_fields=["revision"])
    return now


@transaction.atomic
def change_round(
    *,
    actor: Person,
    round: Round,
    revision: int,
    data: RoundData,
    cohorts: Iterable[Cohort] | None = None,
    places: Iterable[Place] | None = None,
) -> Round:
    """Change a round that is not published; with a later closing day students may wish again.

    Wishes for positions taken out of the round are dropped. Raises StaleRevision, ValidationError.
    """
    demand(actor, "positions.run_round")
    now = _preparing(round, revision)
    _put(now, data)
    if timezone.localdate() <= data.closes_on:
        now.state = RoundState.COLLECTING
    now.save()
    changed = ["round"]
    if cohorts is not None:
        now.cohorts.set(list(cohorts))
        changed.append("cohorts")
        Participation.objects.filter(round=now).exclude(cohort__in=now.cohorts.all()).delete()
        Preference.objects.filter(round=now).exclude(person__in=now.participations.values("person")).delete()
    _enrol(now)
    if places is not None:
        _put_places(now, list(places))
        changed.append("positions")
    ledger.record(actor=actor, type=events.ROUND_CHANGED, subject=now, payload={"changed": changed})
    return now


@transaction.atomic
def put_quota(*, actor: Person, round: Round, data: QuotaData, quota: Quota | None = None) -> Quota:
    """Ask something of the result, or change what was asked. Raises ValidationError by field."""
    demand(actor, "positions.run_round")
    now = _preparing(round)
    row = quota or Quota(round=now)
    for one in fields(QuotaData):
        setattr(row, one.name, getattr(data, one.name))
    row.full_clean()
    if not data.least and data.most is None and data.least_share is None:
        raise ValidationError(_("This asks for nothing: give a least or a greatest number, or a share."))
    if data.least_share is not None and data.share_of == "placements" and not data.students:
        raise ValidationError(
            {"students": _("Of those placed there everyone would count; name the group of students.")}
        )
    row.save()
    ledger.record(actor=actor, type=events.ROUND_CHANGED, subject=now, payload={"changed": ["quotas"]})
    return row


@transaction.atomic
def drop_quota(*, actor: Person, quota: Quota) -> None:
    """Ask this no more."""
    demand(actor, "positions.run_round")
    now = _preparing(quota.round)
    quota.delete()
    ledger.record(actor=actor, type=events.ROUND_CHANGED, subject=now, payload={"changed": ["quotas"]})


@transaction.atomic
def state_wishes(
    *, actor: Person, participation: Participation, revision: int, positions: Sequence[Position], agrees: bool
) -> Participation:
    """Hand in one's wishes, best first, instead of earlier ones; only who agrees takes part.

    Raises StaleRevision when the wishes were handed in elsewhere meanwhile, ValidationError.
    """
    demand(actor, "positions.state_wishes", participation)
    now = take_revision(Participation, participation.pk, expected=revision)
    round = now.round
    if not round.takes_wishes(timezone.localdate()):
        raise ValidationError(
            _("Preferences for this round are taken from %(first)s to %(last)s.")
            % {"first": round.opens_on, "last": round.closes_on}
        )
    if not agrees:
        raise ValidationError({"agrees": _("Agree to take part; without it your wishes are not used.")})
    keys = [one.pk for one in positions]
    if len(set(keys)) < len(keys):
        raise ValidationError({"positions": _("A position stands twice in the list; rank each once.")})
    if len(keys) > round.most_wishes:
        raise ValidationError({"positions": _("At most %(most)s wishes are taken.") % {"most": round.most_wishes}})
    offered = set(
        round.round_positions.filter(position__state=PositionState.OPEN).values_list("position_id", flat=True)
    )
    if gone := [one.name for one in positions if one.pk not in offered]:
        raise ValidationError(
            {"positions": _("No longer in this round: %(names)s. Take them out.") % {"names": ", ".join(gone[:5])}}
        )
    accounts.give_consent(actor=actor, person=actor, purpose=MATCHING.name)
    Preference.objects.filter(round=round, person=actor).delete()
    Preference.objects.bulk_create(
        Preference(round=round, person=actor, position=one, rank=rank) for rank, one in enumerate(positions, start=1)
    )
    now.consented_at = now.consented_at or timezone.now()
    now.submitted_at = timezone.now()
    now.save()
    ledger.record(
        actor=actor, type=events.WISHES_STATED, subject=round, payload={"student": actor, "wishes": len(keys)}
    )
    return now


@transaction.atomic
def give_priorities(*, actor: Person, place: RoundPosition, ranked: Sequence[tuple[Person, str]]) -> list[Priority]:
    """Say whom the firm would take before all others for its position, best first, each with a reason.

    It replaces what was said before. Only students who wished for the position can be named.
    """
    demand(actor, "positions.give_priority", place)
    now = _preparing(place.round)
    people = [person for person, _reason in ranked]
    if len({one.pk for one in people}) < len(people):
        raise ValidationError(_("A student is named twice."))
    if not all(reason.strip() for _person, reason in ranked):
        raise ValidationError(_("Give a reason for each: the student may ask for it."))
    wishing = set(
        Preference.objects.filter(round=now, position=place.position, person__in=people).values_list(
            "person_id", flat=True
        )
    )
    if any(one.pk not in wishing for one in people):
        raise ValidationError(_("Only students who wished for this position can be put first."))
    Priority.objects.filter(round=now, position=place.position).delete()
    rows = Priority.objects.bulk_create(
        Priority(
            round=now, position=place.position, person=person, place=number, reason=reason.strip()[:300], given_by=actor
        )
        for number, (person, reason) in enumerate(ranked, start=1)
    )
    ledger.record(
        actor=actor,
        type=events.PRIORITY_GIVEN,
        subject=now,
        payload={"students": people, "position": place.position},
    )
    return rows


@transaction.atomic
def decide_pair(*, actor: Person, round: Round, person: Person, position: Position, kind: str, reason: str) -> Decision:
    """Fix a student in a position, or rule the pair out, for the runs to come."""
    demand(actor, "positions.run_round")
    now = _preparing(round)
    if not now.participations.filter(person=person, excused="").exists():
        raise ValidationError({"person": _("This student does not take part in the round.")})
    place = now.round_positions.filter(position=position).first()
    if place is None:
        raise ValidationError({"position": _("This position is not in the round.")})
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the student reads it.")})
    if kind == DecisionKind.LOCKED:
        fixed = now.decisions.filter(kind=DecisionKind.LOCKED)
        if fixed.filter(person=person).exclude(position=position).exists():
            raise ValidationError({"person": _("The student is fixed in another position; lift that first.")})
        if fixed.filter(position=position).exclude(person=person).count() >= place.seats:
            raise ValidationError({"position": _("All seats of this position are fixed already.")})
    row, _made = Decision.objects.update_or_create(
        round=now,
        person=person,
        position=position,
        defaults={
            "kind": kind,
            "reason": reason.strip()[:300],
            "decided_by": actor,
            "decided_at": timezone.now(),
        },
    )
    ledger.record(
        actor=actor,
        type=events.PAIR_DECIDED,
        subject=now,
        payload={"student": person, "position": position, "decision": kind, "reason": row.reason},
    )
    return row


@transaction.atomic
def lift_decision(*, actor: Person, decision: Decision) -> None:
    """Let the pair be matched like any other again."""
    demand(actor, "positions.run_round")
    now = _preparing(decision.round)
    payload = {"student": decision.person, "position": decision.position, "decision": str(decision.kind)}
    decision.delete()
    ledger.record(actor=actor, type=events.PAIR_LIFTED, subject=now, payload=payload)


@transaction.atomic
def excuse_student(*, actor: Person, participation: Participation, reason: str) -> Participation:
    """Leave a student out of the round, with the reason; an empty one takes the student in again."""
    demand(actor, "positions.run_round")
    now = _preparing(participation.round)
    row = Participation.objects.select_for_update().get(pk=participation.pk)
    fixed = now.decisions.filter(person=row.person, kind=DecisionKind.LOCKED).exists()
    if reason.strip() and fixed:
        raise ValidationError(_("The student is fixed in a position; lift that first."))
    row.excused = reason.strip()[:300]
    row.save(update_fields=["excused"])
    ledger.record(
        actor=actor,
        type=events.STUDENT_EXCUSED,
        subject=now,
        payload={"student": row.person, "reason": row.excused},
    )
    return row


@transaction.atomic
def cancel_round(*, actor: Person, round: Round, revision: int, reason: str) -> Round:
    """Call a round off before it is published."""
    demand(actor, "positions.run_round")
    now = _preparing(round, revision)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it is called off.")})
    now.state = RoundState.CANCELLED
    now.save()
    ledger.record(actor=actor, type=events.ROUND_CANCELLED, subject=now, payload={"reason": reason.strip()[:500]})
    return now


@transaction.atomic
def withdraw_from_round(*, actor: Person, participation: Participation) -> Participation:
    """Take one's wishes back while they are taken; the student is then not matched in this round."""
    demand(actor, "positions.state_wishes", participation)
    if not participation.round.takes_wishes(timezone.localdate()):
        raise PermissionDenied(_("Preferences are closed. Ask the community office."))
    Preference.objects.filter(round=participation.round, person=actor).delete()
    Participation.objects.filter(pk=participation.pk).update(
        consented_at=None, submitted_at=None, revision=F("revision") + 1
    )
    participation.refresh_from_db()
    ledger.record(
        actor=actor, type=events.WISHES_STATED, subject=participation.round, payload={"student": actor, "wishes": 0}
    )
    return participation
