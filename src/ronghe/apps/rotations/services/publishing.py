"""Publish a proposed plan as bookings once the independent check finds nothing against it, or take a plan back."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.apps.rotations import events, inputs
from ronghe.apps.rotations.models import Member, Plan, PlanState, Session, Week
from ronghe.apps.rotations.services.pinning import pins_of, unkept
from ronghe.apps.sites import services as sites
from ronghe.apps.sites.models import Machine
from ronghe.apps.sites.services import Wish
from ronghe.methods import scheduling


def breaches_now(plan: Plan) -> list[scheduling.Breach]:
    """The independent check anew, from the stored rows and today's calendars, timetables and authorisations."""
    read = inputs.read(plan)
    found: list[scheduling.Breach] = []
    for week in plan.weeks.all():
        found += scheduling.week_breaches(inputs.week_of(read, week.number), _sessions(week))
    return found


def _sessions(week: Week) -> list[scheduling.Session]:
    return [
        scheduling.Session(one.slot, str(one.group_id), str(one.machine_id), str(one.mentor_id))
        for one in week.sessions.standing()
    ]


def digest_of(plan: Plan) -> str:
    """SHA-256 over the standing sessions in order, by uids and times: what a publication can be checked against."""
    rows = Session.objects.standing().filter(week__plan=plan)
    lines = sorted(
        f"{number},{machine},{mentor},{start.isoformat()},{end.isoformat()}"
        for number, machine, mentor, start, end in rows.values_list(
            "group__number", "machine__uid", "mentor__uid", "starts_at", "ends_at"
        )
    )
    return "sha256:" + hashlib.sha256("\n".join(lines).encode()).hexdigest()


def wishes_of(plan: Plan, sessions: Iterable[Session]) -> list[Wish]:
    people: dict[int, list[Person]] = defaultdict(list)
    for member in Member.objects.filter(group__plan=plan, person__isnull=False).select_related("person").order_by("pk"):
        if member.person is not None:
            people[member.group_id].append(member.person)
    machines = {one.pk: one for one in Machine.objects.filter(rotation_sessions__week__plan=plan).distinct()}
    return [
        Wish(
            machines[one.machine_id],
            people[one.group_id][0] if people[one.group_id] else None,
            one.starts_at,
            one.ends_at,
            plan.name_zh[:200],
            tuple(people[one.group_id][1:]),
        )
        for one in sessions
    ]


@transaction.atomic
def publish_plan(*, actor: Person, plan: Plan, revision: int) -> Plan:
    """Publish a proposed plan: its machines are booked, all or nothing, and its rows change only by repairs.

    Refused where a week has no plan, where the check finds a breach by today's rows, or where a machine is taken.
    """
    demand(actor, "rotations.plan")
    now = take_revision(Plan, plan.pk, expected=revision)
    if now.state != PlanState.PROPOSED:
        raise ValidationError(_("Only a proposed plan can be published; compute it first."))
    if now.refusal:
        raise ValidationError(_("The last computation found no plan; see what stands against it and compute again."))
    if unkept(pins_of(now)):
        raise ValidationError(
            _("The plan does not keep all fortnights that are pinned or forbidden; compute it again.")
        )
    refused = [week.number + 1 for week in now.weeks.all() if week.refusal]
    if refused:
        raise ValidationError(
            _("Week %(weeks)s has no plan; see what stands against it and compute again.")
            % {"weeks": ", ".join(map(str, refused))}
        )
    if breaches := breaches_now(now):
        raise ValidationError(
            [
                _("The check finds %(count)s rules broken by what stands today; compute the plan again.")
                % {"count": len(breaches)},
                *(f"{one.rule}: {one.subject}, {one.detail}" for one in breaches[:5]),
            ]
        )
    sessions = list(Session.objects.filter(week__plan=now).select_related("week"))
    sites.book_many(actor=actor, rows=wishes_of(now, sessions), plan=now.booked_as)
    now.state, now.published_at = PlanState.PUBLISHED, timezone.now()
    now.save()
    ledger.record(
        actor=actor,
        type=events.PLAN_PUBLISHED,
        subject=now,
        payload={
            "groups": now.groups.count(),
            "sessions": len(sessions),
            "digest": digest_of(now),
            "first_day": now.first_day,
            "last_day": now.last_day,
        },
    )
    return now


@transaction.atomic
def withdraw_plan(*, actor: Person, plan: Plan, revision: int, reason: str) -> Plan:
    """Take a plan back; what was published of it and lies ahead is given back as well."""
    demand(actor, "rotations.plan")
    now = take_revision(Plan, plan.pk, expected=revision)
    if now.state == PlanState.WITHDRAWN:
        raise ValidationError(_("This plan was withdrawn already."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say what happened: everyone concerned reads it.")})
    if now.state == PlanState.PUBLISHED:
        sites.cancel_plan(actor=actor, plan=now.booked_as, reason=reason.strip())
    now.state = PlanState.WITHDRAWN
    now.save()
    ledger.record(actor=actor, type=events.PLAN_WITHDRAWN, subject=now, payload={})
    return now
