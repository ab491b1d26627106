"""How many trainees mentors have and may have: on a day for many mentors, over a span for those of one organisation."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.mentors.models import Appointment, LoadLimit, Offer, OfferState, Qualification, Slot


@dataclass(frozen=True, slots=True)
class Load:
    """Trainees of a mentor on a day, and how many there may be. No limit in force: 0."""

    taken: int
    limit: int

    @property
    def free(self) -> int:
        """How many more there may be."""
        return max(0, self.limit - self.taken)


def limit_on(day: date) -> LoadLimit | None:
    """The rule of a day."""
    return LoadLimit.objects.on(day).order_by("-valid_from").first()


def _limits(keys: Iterable[int], first: date, last: date) -> dict[int, int]:
    """The lowest limit of each mentor on the days of a span: the rule's, what was accepted, 0 while an offer waits."""
    keys = list(keys)
    rules = list(LoadLimit.objects.during(first, last).values_list("trainees", flat=True))
    rule = min(rules, default=0)
    accepted: dict[int, list[int]] = defaultdict(list)
    waiting: set[int] = set()
    offers = Offer.objects.during(first, last).filter(person__in=keys)
    for person, state, load in offers.values_list("person", "state", "load").order_by():
        if state == OfferState.ACCEPTED:
            accepted[person].append(load)
        elif state == OfferState.WAITING:
            waiting.add(person)
    return {key: min(rule, *accepted[key]) if key in accepted else 0 if key in waiting else rule for key in keys}


def load_of(mentors: Iterable[Person | int], on: date) -> dict[int, Load]:
    """Load of each mentor on a day, by primary key, in three queries whatever their number."""
    keys = {one.pk if isinstance(one, Person) else one for one in mentors}
    taken = Counter(Slot.objects.on(on).filter(mentor__in=keys).values_list("mentor", flat=True).order_by())
    return {key: Load(taken[key], limit) for key, limit in _limits(keys, on, on).items()}


def free_mentors(organisation: Organisation, first_day: date, last_day: date) -> list[Person]:
    """Mentors of an organisation who could take one more trainee on every day of a span; those with most room first.

    Their appointment covers the span, no needed paper has lapsed on its first day, and offered terms are accepted.
    """
    held = Appointment.objects.on(first_day).filter(organisation=organisation).select_related("person")
    people = {one.person_id: one.person for one in held if one.valid_until is None or one.valid_until > last_day}
    lapsed = set(Qualification.objects.lapsed(first_day).filter(person__in=people).values_list("person", flat=True))
    limits = _limits(people, first_day, last_day)
    slots: dict[int, list[Slot]] = defaultdict(list)
    for slot in Slot.objects.during(first_day, last_day).filter(mentor__in=people):
        slots[slot.mentor_id].append(slot)
    room = {key: limits[key] - peak(slots[key], first_day, last_day) for key in people if key not in lapsed}
    free = [key for key, left in room.items() if left > 0]
    return [people[key] for key in sorted(free, key=lambda key: (-room[key], people[key].name, key))]


def peak(slots: Iterable[Slot], first: date, last: date) -> int:
    """The most slots held on one of the days: reached on the first day, or on one where a slot begins."""
    slots = list(slots)
    days = {first, *(slot.valid_from for slot in slots if first <= slot.valid_from <= last)}
    return max(sum(slot.holds_on(day) for slot in slots) for day in days)
