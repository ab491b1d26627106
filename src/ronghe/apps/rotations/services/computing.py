"""Compute a plan in the background: rotations by fortnights, then each week; nothing of it is published."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.jobs import services as jobs
from ronghe.apps.rotations import inputs
from ronghe.apps.rotations.models import Group, Plan, PlanState, Repair, Session, Stay, Week
from ronghe.methods import scheduling
from ronghe.methods.explained import UnmetAssumption, inputs_hash

JOB = "rotations.plan"
SECONDS_A_WEEK = 20.0
SECONDS_OF_ROTATION = 60.0


@transaction.atomic
def start_computing(*, actor: Person, plan: Plan, keep: bool = False) -> Plan:
    """Compute the plan in the background; what was computed before is thrown away when it ends.

    With `keep` as little as possible moves of what stands; it all stays where the pins leave no plan.
    """
    demand(actor, "rotations.plan")
    plan = Plan.objects.select_for_update().select_related("job").get(pk=plan.pk)
    if plan.state == PlanState.COMPUTING and plan.job is not None and not plan.job.is_finished and not plan.job.is_lost:
        raise ValidationError(_("The plan is being computed; wait for it or cancel the task."))
    if plan.state not in (PlanState.DRAFT, PlanState.PROPOSED, PlanState.COMPUTING):
        raise ValidationError(_("This plan was published or withdrawn; draft a new one."))
    if not plan.groups.exists():
        raise ValidationError(_("Form groups first: nobody rotates yet."))
    plan.job = jobs.start(actor=actor, kind=JOB, plan=str(plan.uid), keep=keep)
    plan.state = PlanState.COMPUTING
    plan.save()
    return plan


def _refusal(error: UnmetAssumption, names: Mapping[tuple[str, int], Group] | None = None) -> dict[str, Any]:
    """A refusal as it is kept; `groups` says which numbers the groups of a class have, where it speaks of classes."""
    given = getattr(error, "relaxations", ())
    groups: dict[str, list[int]] = defaultdict(list)
    for (name, _index), group in (names or {}).items():
        groups[name].append(group.number)
    return {
        "conflict": list(getattr(error, "conflict", ())),
        "groups": groups,
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


def compute(plan: Plan, report: Callable[[int, int, str], None], *, keep: bool = False) -> Plan:
    """Both stages, written down in one transaction at the end; the task alone calls it.

    With `keep` the fortnights move as little as possible, and weeks of which nothing changed keep their sessions.
    """
    read = inputs.read(plan)
    steps = 2 * plan.fortnights + 2
    report(1, steps, _("Rotations by fortnights"))
    keep = keep and bool(read.stays)
    season, names = inputs.season_of(read, keep=keep)
    stays: list[Stay] = []
    figures: dict[str, Any] = {"groups": len(read.groups), "classes": len(season.classes)}
    try:
        rotation = scheduling.plan_rotation(season, seconds=SECONDS_OF_ROTATION)
    except UnmetAssumption as unmet:
        refused = _refusal(unmet, names)
        return _refuse(plan, refused) if keep else _keep(plan, [], [], figures, refused)
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
    if keep:
        figures["moved"] = _moved([one for many in read.stays.values() for one in many], stays)
    before = _sessions_by_inputs(plan) if keep else {}
    read.stays = defaultdict(list)
    for one in stays:
        read.stays[one.fortnight].append(one)
    weeks: list[tuple[Week, list[scheduling.Session], scheduling.Week]] = []
    for number in range(2 * plan.fortnights):
        said = _("Week %(number)s of %(all)s") % {"number": number + 1, "all": 2 * plan.fortnights}

        def tell(_share: float, number: int = number, said: str = said) -> None:
            report(number + 2, steps, said)

        asked = inputs.week_of(read, number)
        row, digest = Week(plan=plan, number=number), inputs_hash(asked)
        if (number, digest) in before:
            old, sessions = before[number, digest]
            row.figures = old.figures
            weeks.append((row, sessions, asked))
            continue
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
            "asked": digest,
        }
        weeks.append((row, list(found.sessions), asked))
    return _keep(plan, stays, weeks, figures, {})


def _moved(before: Iterable[Stay], after: Iterable[Stay]) -> list[dict[str, Any]]:
    """Each fortnight of a group that is spent elsewhere than it was, with the keys of both places."""
    old = {(one.group_id, one.fortnight): one for one in before}
    found = []
    for new in sorted(after, key=lambda one: (one.group.number, one.fortnight)):
        was = old.get((new.group_id, new.fortnight))
        if was is None or (was.family_id, was.campus_id) != (new.family_id, new.campus_id):
            found.append(
                {
                    "group": new.group.number,
                    "fortnight": new.fortnight,
                    "before": [was.family_id, was.campus_id] if was is not None else None,
                    "after": [new.family_id, new.campus_id],
                }
            )
    return found


def _sessions_by_inputs(plan: Plan) -> dict[tuple[int, str], tuple[Week, list[scheduling.Session]]]:
    """Weeks that were planned, by number and what they were planned from."""
    found = {}
    for week in plan.weeks.prefetch_related("sessions"):
        rows = list(week.sessions.all())
        if not week.refusal and all(one.mentor_id is not None for one in rows):
            sessions = [
                scheduling.Session(one.slot, str(one.group_id), str(one.machine_id), str(one.mentor_id)) for one in rows
            ]
            found[week.number, week.figures.get("asked", "")] = week, sessions
    return found


@transaction.atomic
def _refuse(plan: Plan, refusal: dict[str, Any]) -> Plan:
    """Leave what stands and write down what stands against the change."""
    now = Plan.objects.select_for_update().get(pk=plan.pk)
    now.refusal, now.computed_at = refusal, timezone.now()
    now.save()
    return now


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
        Session.objects.bulk_create([row_of(row, one, asked) for one in sessions], batch_size=500)
    now.figures, now.refusal, now.computed_at = figures, refusal, timezone.now()
    now.save()
    return now


def row_of(week: Week, one: scheduling.Session, asked: scheduling.Week, repair: Repair | None = None) -> Session:
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
