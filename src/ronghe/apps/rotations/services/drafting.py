"""A plan of rotations before it is computed: what it asks, and the groups of trainees who rotate."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.rotations import events
from ronghe.apps.rotations.models import A_WEEK, Group, Member, Need, Plan, PlanState
from ronghe.apps.sites.models import Machine, MachineFamily
from ronghe.apps.training import selectors as training
from ronghe.methods import scheduling
from ronghe.methods.explained import UnmetAssumption


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
