"""Reads from placements, sites, mentors and timetables what the scheduler plans from; it plans nothing itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ronghe.apps.community import standing
from ronghe.apps.community.models import Campus, RoleKind
from ronghe.apps.rotations.models import A_WEEK, Group, Member, Pin, PinKind, Plan, Stay
from ronghe.apps.sites import engagements
from ronghe.apps.sites import selectors as sites
from ronghe.apps.sites.busy import BOOKINGS
from ronghe.apps.sites.models import Authorisation, Booking, Machine, MachineFamily
from ronghe.apps.training.busy import PLACEMENTS
from ronghe.methods import scheduling
from ronghe.methods.scheduling import Authorised, Busy, open_fortnights, spans, study_days

FORTNIGHT = 2 * A_WEEK
SOURCE_OF_MENTORING = "rotations.mentoring"
_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Inputs:
    """What a plan is made from, read once: the records of the scheduler name rows by their primary keys as text."""

    plan: Plan
    groups: list[Group]
    people: dict[int, list[int]]
    machines: list[Machine]
    families: dict[int, MachineFamily]
    free: dict[int, list[tuple[datetime, datetime]]]
    busy: dict[int, list[engagements.Busy]]
    held: dict[tuple[int, int], list[Authorised]]
    mentors: dict[int, set[int]]
    campuses: dict[int, Campus]
    ways: dict[tuple[str, str], float]
    stays: dict[int, list[Stay]] = field(default_factory=dict)
    pins: dict[int, list[Pin]] = field(default_factory=dict)

    @property
    def hours(self) -> float:
        """Hours of a slot."""
        return self.plan.slot_minutes / 60

    def slots(self, week: int) -> tuple[scheduling.Slot, ...]:
        """The grid of a week, counted from 0."""
        plan = self.plan
        return scheduling.slots_of_week(
            plan.first_day + week * A_WEEK,
            plan.zone,
            opens=plan.opens,
            hours=self.hours,
            per_day=plan.slots_a_day,
            days=plan.days,
        )

    def rules(self) -> scheduling.Rules:
        """The plan's rules of work."""
        plan = self.plan
        return scheduling.Rules(
            rest_hours=float(plan.rest_hours),
            group_day=plan.group_day,
            mentor_day=plan.mentor_day,
            mentor_week=plan.mentor_week,
            group_nights=plan.group_nights,
            mentor_nights=plan.mentor_nights,
            load=plan.load,
        )

    def authorised(self, people: Iterable[int], family: MachineFamily) -> tuple[Authorised, ...]:
        """When all of these people may use a family; always where it needs no instruction."""
        if not family.needs_authorisation:
            return (Authorised(str(family.pk), _ALWAYS),)
        common = [Authorised(str(family.pk), _ALWAYS)]
        for person in people:
            both = [
                Authorised(one.family, max(one.since, other.since), _earlier(one.until, other.until))
                for one in common
                for other in self.held.get((person, family.pk), [])
            ]
            common = [one for one in both if one.until is None or one.since < one.until]
        return tuple(common)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return other if one is None else one if other is None else min(one, other)


def read(plan: Plan) -> Inputs:
    """All that a plan needs, in a number of queries that does not depend on its size."""
    groups = list(plan.groups.select_related("campus").order_by("number"))
    people: dict[int, list[int]] = {group.pk: [] for group in groups}
    for group, person in Member.objects.filter(group__plan=plan, person__isnull=False).values_list("group", "person"):
        people[group].append(person)
    families = {need.family_id: need.family for need in plan.needs.select_related("family")}
    largest = max((len(members) for members in people.values()), default=1)
    # A machine takes a whole group or none.
    machines = list(
        Machine.objects.filter(family__in=families, site__closed_on__isnull=True, places__gte=largest)
        .select_related("site__campus", "family")
        .order_by("pk")
    )
    start = datetime.combine(plan.first_day, plan.opens, UTC) - timedelta(days=2)
    end = start + plan.fortnights * FORTNIGHT + timedelta(days=5)
    free = sites.open_intervals(machines, plan.first_day, plan.last_day)
    others = Booking.objects.holding().during(start, end).filter(machine__in=free).exclude(plan=plan.booked_as)
    for machine, begins, ends in others.values_list("machine", "starts_at", "ends_at"):
        free[machine] = _without(free[machine], begins, ends)
    mentors: dict[int, set[int]] = {person.pk: set() for person in plan.mentors.all()}
    campuses = {machine.site.campus_id: machine.site.campus for machine in machines}
    campuses |= {group.campus_id: group.campus for group in groups}
    houses: dict[int, set[int]] = defaultdict(set)
    for campus in campuses.values():
        houses[campus.organisation_id].add(campus.pk)
    for lead in plan.mentors.all():
        for house in standing.organisations(lead, {RoleKind.MENTOR, RoleKind.TEACHER}):
            mentors[lead.pk] |= houses[house]
    everybody = [*mentors, *(one for many in people.values() for one in many)]
    own = {str(pk) for pk in Booking.objects.filter(plan=plan.booked_as).values_list("pk", flat=True)}
    bound = sites.busy_between(everybody, start, end)
    busy = {person: [one for one in rows if not _is_of(plan, one, own)] for person, rows in bound.items()}
    held: dict[tuple[int, int], list[Authorised]] = defaultdict(list)
    permits = Authorisation.objects.during(plan.first_day, plan.last_day).filter(
        person__in=everybody, family__in=families
    )
    for permit in permits:
        since = datetime.combine(permit.valid_from, plan.opens.min, UTC) - timedelta(hours=12)
        until = None if permit.valid_until is None else datetime.combine(permit.valid_until, plan.opens.min, UTC)
        held[permit.person_id, permit.family_id].append(Authorised(str(permit.family_id), since, until))
    ways = {
        (str(origin), str(destination)): way / timedelta(hours=1)
        for (origin, destination), way in sites.travel_times().items()
    }
    stays: dict[int, list[Stay]] = defaultdict(list)
    for stay in Stay.objects.filter(group__plan=plan):
        stays[stay.fortnight].append(stay)
    pins: dict[int, list[Pin]] = defaultdict(list)
    for pin in plan.pins.all():
        pins[pin.group_id].append(pin)
    return Inputs(plan, groups, people, machines, families, free, busy, held, mentors, campuses, ways, stays, pins)


def _is_of(plan: Plan, one: engagements.Busy, bookings: set[str]) -> bool:
    """Whether somebody is bound by this very plan, or by the placement within which the plan rotates."""
    if one.source == PLACEMENTS:
        return True
    if one.source == SOURCE_OF_MENTORING:
        return one.reference.startswith(f"{plan.pk}:")
    return one.source == BOOKINGS and one.reference in bookings


def _without(free: list[tuple[datetime, datetime]], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    kept = []
    for begin, finish in free:
        if finish <= start or begin >= end:
            kept.append((begin, finish))
            continue
        if begin < start:
            kept.append((begin, start))
        if end < finish:
            kept.append((end, finish))
    return kept


def _is_free(free: list[tuple[datetime, datetime]], slot: scheduling.Slot) -> bool:
    return any(begin <= slot.start and slot.end <= end for begin, end in free)


@dataclass(frozen=True, slots=True, order=True)
class _Alike:
    """What groups of one class have in common: fortnights and keys as the scheduler names them."""

    campus: str
    size: int
    since: tuple[tuple[str, int], ...]
    pinned: tuple[tuple[int, str], ...]
    forbidden: tuple[tuple[int, str], ...]
    stands: tuple[tuple[int, str, str], ...]


def season_of(inputs: Inputs, *, keep: bool = False) -> tuple[scheduling.Season, dict[tuple[str, int], Group]]:
    """The season of a plan, and which group a class's number stands for: groups that are alike form a class.

    With `keep` the season says where each group stands now, so that as little as possible of it moves.
    """
    plan = inputs.plan
    needs = {str(need.family_id): need.fortnights for need in plan.needs.all()}
    training = spans(plan.known_pattern, plan.pattern_starts_on)
    open_ = open_fortnights(training, plan.first_day, plan.fortnights)
    alike: dict[_Alike, list[Group]] = defaultdict(list)
    stands: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    for stay in (one for many in inputs.stays.values() for one in many if keep):
        stands[stay.group_id].append((stay.fortnight, str(stay.family_id), str(stay.campus_id)))
    for group in inputs.groups:
        since = []
        for family in inputs.families.values():
            held = inputs.authorised(inputs.people[group.pk], family)
            first = next(
                (
                    number
                    for number in range(plan.fortnights)
                    for begin in [inputs.slots(2 * number)[0].start]
                    if any(one.since <= begin and (one.until is None or begin + FORTNIGHT <= one.until) for one in held)
                ),
                plan.fortnights,
            )
            since.append((str(family.pk), first))
        pins = inputs.pins.get(group.pk, [])
        common = _Alike(
            str(group.campus_id),
            max(1, len(inputs.people[group.pk])),
            tuple(since),
            tuple(sorted((pin.fortnight, str(pin.family_id)) for pin in pins if pin.kind == PinKind.PINNED)),
            tuple(sorted((pin.fortnight, str(pin.family_id)) for pin in pins if pin.kind == PinKind.FORBIDDEN)),
            tuple(sorted(stands[group.pk])),
        )
        alike[common].append(group)
    classes, names = [], {}
    for number, (common, members) in enumerate(sorted(alike.items(), key=lambda one: one[0])):
        name = f"{number + 1}"
        classes.append(
            scheduling.GroupClass(
                name,
                common.campus,
                len(members),
                common.size,
                needs,
                open_,
                dict(common.since),
                dict(common.pinned),
                frozenset(common.forbidden),
                {at: (family, campus) for at, family, campus in common.stands},
            )
        )
        names.update({(name, index): group for index, group in enumerate(members)})
    return (
        scheduling.Season(
            plan.fortnights, tuple(classes), _bays(inputs), _campuses(inputs), _distances(inputs), plan.away
        ),
        names,
    )


def _bays(inputs: Inputs) -> tuple[scheduling.Bay, ...]:
    """Places of each family on each campus: as many groups as have their wanted sessions in the poorer week."""
    found: dict[tuple[int, int], list[int]] = {}
    for fortnight in range(inputs.plan.fortnights):
        weeks = []
        for week in (2 * fortnight, 2 * fortnight + 1):
            count: dict[tuple[int, int], int] = defaultdict(int)
            slots = inputs.slots(week)
            for machine in inputs.machines:
                count[machine.family_id, machine.site.campus_id] += sum(
                    _is_free(inputs.free[machine.pk], slot) for slot in slots
                )
            weeks.append(count)
        for key in weeks[0]:
            each = min(week[key] for week in weeks) // max(1, inputs.plan.wanted)
            found.setdefault(key, []).append(each)
    return tuple(
        scheduling.Bay(str(family), str(campus), tuple(places)) for (family, campus), places in sorted(found.items())
    )


def _campuses(inputs: Inputs) -> tuple[scheduling.Campus, ...]:
    """Campuses of one region are a core, the one with most machines, and its satellites.

    A region is made of campuses between which somebody has said how long the way takes.
    """
    machines: dict[int, int] = defaultdict(int)
    for machine in inputs.machines:
        machines[machine.site.campus_id] += 1
    regions: list[list[Campus]] = []
    for campus in sorted(inputs.campuses.values(), key=lambda one: one.pk):
        near = [region for region in regions if any(_is_near(inputs, campus, one) for one in region)]
        regions = [region for region in regions if region not in near]
        regions.append([campus, *(one for region in near for one in region)])
    plan = inputs.plan
    found = []
    for members in regions:
        core = max(members, key=lambda one: (machines[one.pk], -one.pk))
        for campus in members:
            there = sum(campus.pk in where for where in inputs.mentors.values())
            trainees = there * plan.mentor_week // max(1, plan.wanted) * plan.load
            found.append(
                scheduling.Campus(
                    str(campus.pk), None if campus is core else str(core.pk), (trainees,) * plan.fortnights
                )
            )
    return tuple(sorted(found, key=lambda one: int(one.id)))


def _is_near(inputs: Inputs, one: Campus, other: Campus) -> bool:
    ways = {(str(one.pk), str(other.pk)), (str(other.pk), str(one.pk))}
    return not ways.isdisjoint(inputs.ways)


def _distances(inputs: Inputs) -> dict[tuple[str, str], float]:
    """Hours of travel; an hour between campuses of which nobody has said how far they lie apart."""
    keys = sorted(str(key) for key in inputs.campuses)
    return {
        (one, other): inputs.ways.get((one, other), inputs.ways.get((other, one), 1.0))
        for number, one in enumerate(keys)
        for other in keys[number + 1 :]
    }


def week_of(inputs: Inputs, number: int) -> scheduling.Week:
    """A week of a plan, counted from 0: the groups whose fortnight it is, with what keeps people and machines busy."""
    plan, slots = inputs.plan, inputs.slots(number)
    kept = study_days(spans(plan.known_pattern, plan.pattern_starts_on), plan.first_day + number * A_WEEK, plan.days)
    studying = [
        Busy(same_day[0].start, same_day[-1].end)
        for day in kept
        if (same_day := [slot for slot in slots if slot.day == (day - plan.first_day).days % 7])
    ]
    machines = tuple(
        scheduling.Machine(
            str(machine.pk),
            str(machine.family_id),
            str(machine.site.campus_id),
            tuple(Busy(slot.start, slot.end) for slot in slots if not _is_free(inputs.free[machine.pk], slot)),
        )
        for machine in inputs.machines
    )
    groups = []
    by_key = {group.pk: group for group in inputs.groups}
    for stay in sorted(inputs.stays.get(number // 2, []), key=lambda one: one.group_id):
        members = inputs.people[by_key[stay.group_id].pk]
        groups.append(
            scheduling.Group(
                str(stay.group_id),
                str(stay.family_id),
                str(stay.campus_id),
                max(1, len(members)),
                plan.wanted,
                plan.least,
                inputs.authorised(members, inputs.families[stay.family_id]),
                (*studying, *(one for person in members for one in _taken(inputs, person, slots))),
            )
        )
    mentors = tuple(
        scheduling.Mentor(
            str(person),
            tuple(str(campus) for campus in sorted(campuses)),
            tuple(one for family in inputs.families.values() for one in inputs.authorised([person], family)),
            tuple(_taken(inputs, person, slots)),
        )
        for person, campuses in sorted(inputs.mentors.items())
        if campuses
    )
    return scheduling.Week(slots, machines, mentors, tuple(groups), inputs.rules(), inputs.ways)


def _taken(inputs: Inputs, person: int, slots: tuple[scheduling.Slot, ...]) -> list[Busy]:
    first, last = slots[0].start - timedelta(days=1), slots[-1].end + timedelta(days=1)
    return [
        Busy(one.start, one.end, None if one.campus is None else str(one.campus))
        for one in inputs.busy.get(person, [])
        if one.end > first and one.start < last
    ]
