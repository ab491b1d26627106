"""Rounds with how far they are, the groups that quotas may name, who wished for a firm's position, and runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Q, QuerySet, Sum, When
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Chain, Cohort, Organisation, Region, StudyField
from ronghe.apps.demand.models import Skill
from ronghe.apps.positions import why
from ronghe.apps.positions.market import barred_by, classes_of, skill_fit, wanted_by
from ronghe.apps.positions.models import (
    Appeal,
    AppealState,
    Assignment,
    OrderClass,
    Participation,
    Position,
    PositionState,
    Preference,
    Priority,
    Round,
    RoundPosition,
    Run,
)
from ronghe.apps.positions.selectors.positions import overlapping
from ronghe.apps.positions.services.rounds import Place, RoundData
from ronghe.apps.positions.skills import of as skills_of

# A group of fewer is not shown: its figures would be those of its members.
FEWEST = 5


def rounds(user: Any) -> QuerySet[Round]:
    """The rounds open to `user`, newest first."""
    return Round.objects.visible_to(user).select_related("published_run")


def find_round(user: Any, uid: UUID) -> Round | None:
    """The round, if it is open to `user`."""
    return rounds(user).filter(uid=uid).first()


def find_run(user: Any, round: Round, number: int) -> Run | None:
    """A run, for whoever may read the figures of the round; beside the office only the published one."""
    if not user.has_perm("positions.see_runs", round):
        return None
    runs = round.runs.select_related("job", "round")
    if not user.has_perm("positions.run_round"):
        runs = runs.filter(published_of=round)
    return runs.filter(number=number).first()


def find_assignment(user: Any, uid: UUID) -> Assignment | None:
    """An assignment, if it is open to `user`."""
    related = ("round", "run", "person", "cohort", "position__organisation", "position__region")
    return Assignment.objects.visible_to(user).select_related(*related).filter(uid=uid).first()


def published_assignments(round: Round | None = None, people: Iterable[Person] | None = None) -> QuerySet[Assignment]:
    """Published assignments that name a position, of a round and of people where given."""
    found = Assignment.objects.published().filter(position__isnull=False, person__isnull=False)
    if round is not None:
        found = found.filter(round=round)
    if people is not None:
        found = found.filter(person__in=people)
    return found.select_related("person", "position__organisation", "round", "cohort")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a round is: students who may take part and who have handed in, positions and seats."""

    students: int
    handed_in: int
    excused: int
    positions: int
    seats: int

    @property
    def missing(self) -> int:
        """Students who have not handed in."""
        return max(self.students - self.excused - self.handed_in, 0)


def progress_of(round: Round) -> Progress:
    """The counts of a round; two queries."""
    counts = round.participations.aggregate(
        students=Count("pk"),
        handed_in=Count("pk", filter=Q(submitted_at__isnull=False, excused="")),
        excused=Count("pk", filter=~Q(excused="")),
    )
    places = round.round_positions.aggregate(positions=Count("pk"), seats=Sum("seats"))
    return Progress(**counts, positions=places["positions"], seats=places["seats"] or 0)


def own_participations(person: Person) -> QuerySet[Participation]:
    """The rounds that a student is in, newest first."""
    return Participation.objects.filter(person=person).select_related("round", "cohort").order_by("-round__created_at")


def candidate_places(user: Any, data: RoundData, cohorts: Iterable[Cohort], *, at_least: int = 0) -> list[Place]:
    """Every open position whose days overlap a round's, with the seats that no overlapping published round has given.

    Where students stay in their field, only positions of the cohorts' fields. `at_least` is the least group a position
    opens with, cut to its seats.
    """
    candidates = overlapping(user, data.starts_on, data.ends_on).order_by("organisation__name_zh", "pk")
    if data.same_field:
        candidates = candidates.filter(field__in={one.field for one in cohorts})
    found = list(candidates)
    given = dict(
        Assignment.objects.published()
        .filter(position__in=found, round__starts_on__lte=data.ends_on, round__ends_on__gte=data.starts_on)
        .order_by()
        .values_list("position_id")
        .annotate(Count("pk"))
    )
    places = [(one, one.seats - given.get(one.pk, 0)) for one in found]
    return [Place(one, seats, cohort=min(at_least, seats)) for one, seats in places if seats > 0]


def student_groups(round: Round) -> list[tuple[str, str]]:
    """The groups of students that a quota of the round may name: key and label."""
    cohorts = list(round.cohorts.select_related("organisation"))
    fields = dict.fromkeys(one.field for one in cohorts)
    universities = {one.organisation_id: one.organisation.name for one in cohorts}
    classes = OrderClass.objects.filter(
        members__person__in=round.participations.values("person"), members__state="accepted"
    ).distinct()
    return [
        *((f"cohort:{one.pk}", one.name) for one in cohorts),
        *((f"field:{one}", str(StudyField(one).label)) for one in fields),
        *((f"university:{key}", name) for key, name in universities.items()),
        *((f"class:{one.pk}", one.name) for one in classes),
    ]


def position_groups(round: Round) -> list[tuple[str, str]]:
    """The groups of positions that a quota of the round may name: key and label."""
    places = round.round_positions.select_related(
        "position__organisation", "position__chain", "position__region", "position__order_class"
    )
    found: dict[str, str] = {}
    for place in places:
        one = place.position
        if one.chain is not None:
            found[f"chain:{one.chain_id}"] = one.chain.name
        if one.order_class is not None:
            found[f"class:{one.order_class_id}"] = one.order_class.name
        found[f"city:{one.region_id}"] = one.region.name
        found[f"enterprise:{one.organisation_id}"] = one.organisation.name
        found[f"field:{one.field}"] = str(StudyField(one.field).label)
    order = ("chain", "city", "field", "class", "enterprise")
    return sorted(found.items(), key=lambda pair: (order.index(pair[0].split(":")[0]), pair[1]))


_MODELS: dict[str, Any] = {
    "cohort": Cohort,
    "university": Organisation,
    "enterprise": Organisation,
    "chain": Chain,
    "city": Region,
    "class": OrderClass,
}


def labels(keys: Iterable[str]) -> dict[str, str]:
    """The names of groups by key; one query a kind."""
    wanted: dict[str, set[int]] = {}
    found: dict[str, str] = {"": _("All")}
    for key in keys:
        kind, _colon, name = key.partition(":")
        if kind == "field" and name in StudyField.values:
            found[key] = str(StudyField(name).label)
        elif kind in _MODELS and name.isdigit():
            wanted.setdefault(kind, set()).add(int(name))
    for kind, numbers in wanted.items():
        for one in _MODELS[kind].objects.filter(pk__in=numbers):
            found[f"{kind}:{one.pk}"] = one.name
    return found


def group_label(key: str) -> str:
    """The name of one group."""
    return labels([key]).get(key, key)


@dataclass(frozen=True, slots=True)
class Applicant:
    """A student who wished for a firm's position: skill fit, and the place the firm gave."""

    person: Person
    fit: float
    priority: Priority | None


def applicants(place: RoundPosition) -> list[Applicant]:
    """Who wished for a position of a round, those put first before the others, then by fit. Not at which rank."""
    wishes = Preference.objects.filter(round=place.round, position=place.position).select_related("person")
    people = [wish.person for wish in wishes]
    put_first = {one.person_id: one for one in Priority.objects.filter(round=place.round, position=place.position)}
    wanted = wanted_by([place.position])[place.position_id]
    levels = skills_of(one.pk for one in people)
    found = [Applicant(one, skill_fit(wanted, levels[one.pk]), put_first.get(one.pk)) for one in people]
    last = 1 + max((one.place for one in put_first.values()), default=0)
    return sorted(found, key=lambda one: (one.priority.place if one.priority else last, -one.fit, one.person.pk))


def own_list(participation: Participation) -> list[Position]:
    """A student's wishes, best first."""
    rows = Preference.objects.filter(round=participation.round, person=participation.person)
    return [row.position for row in rows.select_related("position__organisation", "position__region").order_by("rank")]


def appeals(round: Round) -> QuerySet[Appeal]:
    """The appeals against a round's published matching, the open ones first."""
    found = Appeal.objects.filter(assignment__round=round).select_related("assignment__person", "assignment__position")
    return found.order_by(Case(When(state=AppealState.OPEN, then=0), default=1), "made_at")


@dataclass(frozen=True, slots=True)
class Choice:
    """A position of a round as a student weighs it: the own skill fit, and what bars it (empty: nothing)."""

    position: Position
    fit: float
    barred: str


def choices(participation: Participation) -> list[Choice]:
    """The open positions of a round for one student, the best fit first; a handful of queries."""
    round = participation.round
    places = round.round_positions.filter(position__state=PositionState.OPEN)
    found = [one.position for one in places.select_related("position__organisation", "position__region")]
    person = participation.person_id
    wanted, levels = wanted_by(found), skills_of([person])[person]
    member_of = classes_of([person]).get(person, set())
    named = Skill.objects.in_bulk({one.skill for rows in wanted.values() for one in rows})
    listed = []
    for one in found:
        detail = barred_by(
            one, wanted[one.pk], levels, participation.cohort.field, member_of, same_field=round.same_field
        )
        # A position of another field is no choice at all, so it is not shown as one that is barred.
        if detail == "field":
            continue
        listed.append(Choice(one, skill_fit(wanted[one.pk], levels), why.barred(detail, named) if detail else ""))
    return sorted(listed, key=lambda one: (bool(one.barred), -one.fit, one.position.pk))
