"""What the office does with plans of rotations: draft, form groups, compute, publish as bookings, repair, withdraw."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.jobs import services as jobs
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.apps.rotations import events, inputs
from ronghe.apps.rotations.models import A_WEEK, Group, Member, Need, Plan, PlanState, Repair, Session, Stay, Week
from ronghe.apps.sites import services as sites
from ronghe.apps.sites.models import Booking, BookingState, Machine, MachineFamily
from ronghe.apps.sites.services import Wish
from ronghe.apps.training import selectors as training
from ronghe.methods import scheduling
from ronghe.methods.explained import UnmetAssumption

JOB = "rotations.plan"
SECONDS_A_WEEK = 20.0
SECONDS_OF_ROTATION = 60.0


@transaction.atomic
def draft_plan(
    *, actor: Person, needs: Mapping[MachineFamily, int], mentors: Iterable[Person] = (), **fields: Any
) -> Plan:
    """A plan with its rules, the fortnights each group needs at each family, and the mentors who may lead."""
    demand(actor, "rotations.plan")
    plan = Plan(created_by=actor, **fields)
    plan.full_clean(exclude=["created_by"])
    _demand_grid(plan)
    wanted = {family: count for family, count in needs.items() if count}
    if not wanted:
        raise ValidationError(_("Say at which machine families groups work, and for how many fortnights."))
    if sum(wanted.values()) > plan.fortnights:
        raise ValidationError(
            _("%(needed)s fortnights at machines do not fit into %(there)s; take fewer, or a longer plan.")
            % {"needed": sum(wanted.values()), "there": plan.fortnights}
        )
    plan.save()
    plan.mentors.set(mentors)
    Need.objects.bulk_create(Need(plan=plan, family=family, fortnights=count) for family, count in wanted.items())
    ledger.record(
        actor=actor,
        type=events.PLAN_DRAFTED,
        subject=plan,
        payload={"first_day": plan.first_day, "fortnights": plan.fortnights, "pattern": plan.pattern},
    )
    return plan


def _demand_grid(plan: Plan) -> None:
    """Every week's grid can be laid: the zone is known, and no opening falls where the clocks change."""
    for week in range(2 * plan.fortnights):
        try:
            scheduling.slots_of_week(
                plan.first_day + week * A_WEEK,
                plan.zone,
                opens=plan.opens,
                hours=plan.slot_minutes / 60,
                per_day=plan.slots_a_day,
                days=plan.days,
            )
        except UnmetAssumption as unmet:
            name = "zone" if unmet.code == "scheduling.zone" else "opens"
            said = {
                "zone": _("No time zone is called %(zone)s. Write it as Asia/Shanghai.") % {"zone": plan.zone},
                "opens": _("In week %(week)s the clocks change at this hour, or slots run into the next day.")
                % {"week": week + 1},
            }
            raise ValidationError({name: said[name]}) from unmet


@transaction.atomic
def form_groups(*, actor: Person, plan: Plan) -> int:
    """Form groups of students placed on the first day, campus by campus; returns how many groups there are.

    A student's campus is that of the position, else one of the host where machines of the plan stand, else the core:
    the campus with most of these machines.
    """
    demand(actor, "rotations.plan")
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if not plan.is_open:
        raise ValidationError(_("This plan is computed or published; its groups stay."))
    families = plan.needs.values("family")
    standing_at: dict[int, int] = {}
    count: Counter[int] = Counter()
    for machine in Machine.objects.filter(family__in=families).select_related("site__campus").order_by("pk"):
        standing_at.setdefault(machine.site.campus.organisation_id, machine.site.campus_id)
        count[machine.site.campus_id] += 1
    if not count:
        raise ValidationError(_("No machine of these families stands anywhere; register machines, or choose others."))
    core = min(count, key=lambda campus: (-count[campus], campus))
    by_campus: dict[int, list[int]] = defaultdict(list)
    placed = training.current_placements(on=plan.first_day).select_related("position")
    seen: set[int] = set()
    for placement in placed.order_by("person_id"):
        if placement.person_id is None or placement.person_id in seen:
            continue
        seen.add(placement.person_id)
        position = placement.position
        campus = position.campus_id if position is not None else None
        if campus is None and position is not None:
            campus = standing_at.get(position.organisation_id)
        if campus is None:
            hosts = [stay.organisation_id for stay in placement.stays.known() if stay.holds_on(plan.first_day)]
            campus = next((standing_at[host] for host in hosts if host in standing_at), core)
        by_campus[campus].append(placement.person_id)
    if not by_campus:
        raise ValidationError(
            _("No student is placed on %(day)s. Plan placements first, or choose another first day.")
            % {"day": plan.first_day}
        )
    plan.groups.all().delete()
    plan.weeks.all().delete()
    number = 0
    for campus, people in sorted(by_campus.items()):
        for begin in range(0, len(people), plan.load):
            number += 1
            group = Group.objects.create(plan=plan, number=number, campus_id=campus)
            Member.objects.bulk_create(Member(group=group, person_id=one) for one in people[begin : begin + plan.load])
    plan.state, plan.refusal, plan.figures = PlanState.DRAFT, {}, {}
    plan.save()
    return number


@transaction.atomic
def start_computing(*, actor: Person, plan: Plan) -> Plan:
    """Compute the plan in the background; what was computed before is thrown away when it ends."""
    demand(actor, "rotations.plan")
    plan = Plan.objects.select_for_update().select_related("job").get(pk=plan.pk)
    if plan.state == PlanState.COMPUTING and plan.job is not None and not plan.job.is_finished and not plan.job.is_lost:
        raise ValidationError(_("The plan is being computed; wait for it or cancel the task."))
    if plan.state not in (PlanState.DRAFT, PlanState.PROPOSED, PlanState.COMPUTING):
        raise ValidationError(_("This plan was published or withdrawn; draft a new one."))
    if not plan.groups.exists():
        raise ValidationError(_("Form groups first: nobody rotates yet."))
    plan.job = jobs.start(actor=actor, kind=JOB, plan=str(plan.uid))
    plan.state = PlanState.COMPUTING
    plan.save()
    return plan


def _refusal(error: UnmetAssumption) -> dict[str, Any]:
    given = getattr(error, "relaxations", ())
    return {
        "code": error.code,
        "found": error.found,
        "remedy": error.remedy,
        "relaxations": [
            {
                "kind": one.kind,
                "subject": list(one.subject),
                "asked": one.asked,
                "by": one.by,
                "fortnight": one.fortnight,
            }
            for one in given
        ],
    }


def _proofs(proofs: Iterable[scheduling.Proof]) -> list[dict[str, Any]]:
    return [{"aim": one.aim, "value": one.value, "bound": one.bound, "gap": one.gap} for one in proofs]


def compute(plan: Plan, report: Callable[[int, int, str], None]) -> Plan:
    """Both stages, written down in one transaction at the end; the task alone calls it."""
    read = inputs.read(plan)
    steps = 2 * plan.fortnights + 2
    report(1, steps, _("Rotations by fortnights"))
    season, names = inputs.season_of(read)
    stays: list[Stay] = []
    figures: dict[str, Any] = {"groups": len(read.groups), "classes": len(season.classes)}
    try:
        rotation = scheduling.plan_rotation(season, seconds=SECONDS_OF_ROTATION)
    except UnmetAssumption as unmet:
        return _keep(plan, [], [], {**figures}, _refusal(unmet))
    figures |= {
        "standing": rotation.standing.value,
        "travel": rotation.travel,
        "proofs": _proofs(rotation.proofs),
        "breaches": len(rotation.breaches),
        "inputs": rotation.explanation.inputs_hash,
    }
    for stay in rotation.stays:
        group = names[stay.class_id, stay.group]
        stays.append(
            Stay(group=group, fortnight=stay.fortnight, family_id=int(stay.family), campus_id=int(stay.campus))
        )
    read.stays = defaultdict(list)
    for one in stays:
        read.stays[one.fortnight].append(one)
    weeks: list[tuple[Week, list[scheduling.Session], scheduling.Week]] = []
    for number in range(2 * plan.fortnights):
        said = _("Week %(number)s of %(all)s") % {"number": number + 1, "all": 2 * plan.fortnights}

        def tell(_share: float, number: int = number, said: str = said) -> None:
            report(number + 2, steps, said)

        asked = inputs.week_of(read, number)
        row = Week(plan=plan, number=number)
        try:
            found = scheduling.plan_week(asked, seconds=SECONDS_A_WEEK, progress=tell)
        except UnmetAssumption as unmet:
            row.refusal = _refusal(unmet)
            weeks.append((row, [], asked))
            continue
        row.figures = {
            "placed": len(found.sessions),
            "wanted": found.wanted,
            "open": found.open_slots,
            "standing": found.standing.value,
            "proofs": _proofs(found.proofs),
            "breaches": [[one.rule, one.subject, one.detail] for one in found.breaches],
            "inputs": found.explanation.inputs_hash,
        }
        weeks.append((row, list(found.sessions), asked))
    return _keep(plan, stays, weeks, figures, {})


@transaction.atomic
def _keep(
    plan: Plan,
    stays: list[Stay],
    weeks: list[tuple[Week, list[scheduling.Session], scheduling.Week]],
    figures: dict[str, Any],
    refusal: dict[str, Any],
) -> Plan:
    now = Plan.objects.select_for_update().get(pk=plan.pk)
    now.weeks.all().delete()
    Stay.objects.filter(group__plan=now).delete()
    Stay.objects.bulk_create(stays, batch_size=500)
    for row, sessions, asked in weeks:
        row.save()
        Session.objects.bulk_create([_row(row, one, asked) for one in sessions], batch_size=500)
    now.figures, now.refusal, now.computed_at = figures, refusal, timezone.now()
    now.save()
    return now


def _row(week: Week, one: scheduling.Session, asked: scheduling.Week, repair: Repair | None = None) -> Session:
    slot = asked.slots[one.slot]
    return Session(
        week=week,
        group_id=int(one.group),
        machine_id=int(one.machine),
        mentor_id=int(one.mentor),
        slot=one.slot,
        starts_at=slot.start,
        ends_at=slot.end,
        made_by=repair,
    )


def end_computing(plan: Plan) -> None:
    """Whatever came of it, the plan waits for the office again: proposed where sessions stand, else a draft."""
    found = Session.objects.filter(week__plan=plan).exists()
    state = PlanState.PROPOSED if found else PlanState.DRAFT
    waiting = (PlanState.DRAFT, PlanState.COMPUTING, PlanState.PROPOSED)
    Plan.objects.filter(pk=plan.pk, state__in=waiting).update(state=state)


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


def _wishes(plan: Plan, sessions: Iterable[Session]) -> list[Wish]:
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
    refused = [week.number + 1 for week in now.weeks.all() if week.refusal]
    if now.refusal or refused:
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
    sites.book_many(actor=actor, rows=_wishes(now, sessions), plan=now.booked_as)
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
                    made.append(_row(week, new, asked))
        made += [_row(week, one, asked) for key, one in fresh.items() if key not in rows]
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
    sites.book_many(actor=actor, rows=_wishes(plan, rows), plan=plan.booked_as)


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
