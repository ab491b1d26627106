"""Repair a published plan by what stands today, moving as little as possible."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.rotations import events, inputs
from ronghe.apps.rotations.models import Plan, PlanState, Repair, Session
from ronghe.apps.rotations.services.computing import row_of
from ronghe.apps.rotations.services.publishing import digest_of, wishes_of
from ronghe.apps.sites import services as sites
from ronghe.apps.sites.models import Booking, BookingState
from ronghe.methods import scheduling
from ronghe.methods.explained import UnmetAssumption


@dataclass(frozen=True, slots=True)
class Mending:
    """What a repair would do: by week the rows it ends and those it makes, and what is proven of it."""

    ended: tuple[Session, ...]
    made: tuple[Session, ...]
    lost: int
    moved: int
    reseated: int
    proven: bool
    short: tuple[str, ...]
    other_breaches: int
    digest: str

    @property
    def changes(self) -> bool:
        """Whether anything changes."""
        return bool(self.ended or self.made)


def mending(plan: Plan, now: datetime | None = None) -> Mending:
    """The repair of a published plan by what stands today, from now on; nothing is written.

    Raises UnmetAssumption where none was found in time.
    """
    at = now or timezone.now()
    read = inputs.read(plan)
    ended: list[Session] = []
    made: list[Session] = []
    lost = moved = reseated = others = 0
    proven, short = True, []
    for week in plan.weeks.all():
        asked = inputs.week_of(read, week.number)
        if asked.slots[-1].end <= at:
            continue
        rows = {
            (one.group_id, one.slot): one
            for one in week.sessions.standing().select_related("machine", "mentor", "group")
        }
        before = [
            scheduling.Session(slot, str(group), str(one.machine_id), str(one.mentor_id or ""))
            for (group, slot), one in rows.items()
        ]
        found = scheduling.repair_week(asked, before, at)
        fresh = {(int(one.group), one.slot): one for one in found.sessions}
        for key, old in rows.items():
            new = fresh.get(key)
            if new is None or (new.machine, new.mentor) != (str(old.machine_id), str(old.mentor_id)):
                ended.append(old)
                if new is not None:
                    made.append(row_of(week, new, asked))
        made += [row_of(week, one, asked) for key, one in fresh.items() if key not in rows]
        lost, moved, reseated = lost + len(found.lost), moved + len(found.moved), reseated + len(found.reseated)
        proven = proven and found.standing is scheduling.Standing.OPTIMAL
        short += [one.subject for one in found.breaches if one.rule == "week.sessions"]
        others += sum(one.rule != "week.sessions" for one in found.breaches)
    lines = sorted(
        f"{one.group_id},{one.slot},{one.machine_id},{one.mentor_id},{one.starts_at}" for one in (*ended, *made)
    )
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return Mending(tuple(ended), tuple(made), lost, moved, reseated, proven, tuple(short), others, digest)


@transaction.atomic
def repair_plan(*, actor: Person, plan: Plan, reason: str, digest: str = "") -> Repair:
    """Mend a published plan: rows that cannot stand are ended, others made, and the bookings follow, all or nothing.

    With `digest` only what was shown before is done: refused where something changed meanwhile.
    """
    demand(actor, "rotations.plan")
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if plan.state != PlanState.PUBLISHED:
        raise ValidationError(_("Only a published plan is repaired; compute others anew."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say what happened: everyone concerned reads it.")})
    try:
        found = mending(plan)
    except UnmetAssumption as unmet:
        raise ValidationError(
            _("No repair was found in time; withdraw the rest of the plan and draft a new one.")
        ) from unmet
    if not found.changes:
        raise ValidationError(_("Everything in this plan still stands; there is nothing to repair."))
    if digest and digest != found.digest:
        raise ValidationError(_("Something changed while you were looking. See the repair that holds now."))
    if found.other_breaches:
        raise ValidationError(_("The repair would break other rules; see which in the check of the plan."))
    repair = Repair.objects.create(
        plan=plan,
        reason=reason.strip(),
        lost=found.lost,
        moved=found.moved,
        reseated=found.reseated,
        is_proven=found.proven,
        made_by=actor,
    )
    Session.objects.filter(pk__in=[one.pk for one in found.ended]).update(ended_by=repair)
    for one in found.made:
        one.made_by = repair
    Session.objects.bulk_create(found.made, batch_size=500)
    _follow(actor, plan, found, repair)
    ledger.record(
        actor=actor,
        type=events.PLAN_REPAIRED,
        subject=plan,
        payload={
            "reason": repair.reason,
            "lost": repair.lost,
            "moved": repair.moved,
            "reseated": repair.reseated,
            "proven": repair.is_proven,
            "digest": digest_of(plan),
        },
    )
    return repair


def _follow(actor: Person, plan: Plan, found: Mending, repair: Repair) -> None:
    """Give back the bookings of rows that ended and book what was made; the same machine and time stays booked."""
    ended = {(one.machine_id, one.starts_at, one.group_id) for one in found.ended}
    made = {(one.machine_id, one.starts_at, one.group_id) for one in found.made}
    held = Booking.objects.filter(plan=plan.booked_as, state=BookingState.BOOKED, starts_at__gte=timezone.now())
    gone = {(machine, start) for machine, start, _group in ended - made}
    for booking in held.select_related("machine__site", "person"):
        if (booking.machine_id, booking.starts_at) in gone:
            sites.cancel_booking(actor=actor, booking=booking, reason=repair.reason)
    rows = [one for one in found.made if (one.machine_id, one.starts_at, one.group_id) not in ended]
    sites.book_many(actor=actor, rows=wishes_of(plan, rows), plan=plan.booked_as)
