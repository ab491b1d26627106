"""A round as a market for `ronghe.methods.matching`: who may go where, how skills fit, whom firms put first.

Students and positions are named by their uids, so that anyone who knows the seed can draw the same lots again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone

from ronghe.apps.accounts.models import Consent
from ronghe.apps.community.models import CohortMembership
from ronghe.apps.positions import skills
from ronghe.apps.positions.consent import MATCHING
from ronghe.apps.positions.models import (
    ClassMember,
    Decision,
    DecisionKind,
    MemberState,
    Participation,
    Position,
    PositionSkill,
    PositionState,
    Preference,
    Priority,
    Round,
)
from ronghe.methods import matching

# A required skill weighs twice as much as one that is only wished for.
REQUIRED_WEIGHT = 2
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """A skill that a position asks for, with primary keys."""

    skill: int
    level: int
    is_required: bool


@dataclass(frozen=True, slots=True)
class Built:
    """The market with what its ids stand for, and who could not be taken in."""

    market: matching.Market
    participations: Mapping[str, Participation]
    positions: Mapping[str, Position]
    without_consent: int


def skill_fit(wanted: Iterable[Wanted], has: Mapping[int, int]) -> float:
    """How well skill levels suit a position, from 0 to 1: Σ w · min(has, asked)/asked ÷ Σ w, w = 2 where required.

    A position that asks for nothing suits everyone: 1.
    """
    total = met = 0.0
    for one in wanted:
        weight = REQUIRED_WEIGHT if one.is_required else 1
        total += weight
        met += weight * min(has.get(one.skill, 0), one.level) / one.level
    return round(met / total, _DIGITS) if total else 1.0


def own_fit(score: float) -> float:
    """The skill fit in a score of the market: without what a firm's priority adds, which is even and at least 2."""
    return round(score % 2, _DIGITS) if score > 1 else score


def barred_by(
    position: Position, wanted: Iterable[Wanted], has: Mapping[int, int], field: str, classes: Iterable[int],
    *, same_field: bool,
) -> str:  # fmt: skip
    """Why a student cannot take a position, as words for `why.sentence` to put into language; empty where he can."""
    if same_field and position.field != field:
        return "field"
    if position.order_class_id is not None and position.order_class_id not in set(classes):
        return "class"
    for one in wanted:
        if one.is_required and has.get(one.skill, 0) < one.level:
            return f"skill:{one.skill}:{one.level}:{has.get(one.skill, 0)}"
    return ""


def wanted_by(positions: Iterable[Position]) -> dict[int, list[Wanted]]:
    """What each position asks for; one query."""
    found: dict[int, list[Wanted]] = defaultdict(list)
    rows = PositionSkill.objects.filter(position__in=[one.pk for one in positions])
    for position, skill, level, required in rows.values_list("position_id", "skill_id", "skill_level", "is_required"):
        found[position].append(Wanted(skill, level, required))
    return found


def classes_of(people: Iterable[int]) -> dict[int, set[int]]:
    """The order classes that each person is a member of; one query."""
    found: dict[int, set[int]] = defaultdict(set)
    members = ClassMember.objects.filter(person__in=list(people), state=MemberState.ACCEPTED)
    for person, order_class in members.values_list("person_id", "order_class_id"):
        if person is not None:
            found[person].add(order_class)
    return found


def position_groups(position: Position) -> frozenset[str]:
    """By what quotas may name a position."""
    groups = {f"enterprise:{position.organisation_id}", f"city:{position.region_id}", f"field:{position.field}"}
    if position.chain_id is not None:
        groups.add(f"chain:{position.chain_id}")
    if position.order_class_id is not None:
        groups.add(f"class:{position.order_class_id}")
    return frozenset(groups)


def _takes_part(round: Round) -> tuple[list[Participation], int]:
    """Who agreed, is still enrolled and not left out; and how many would be but did not agree."""
    rows = list(round.participations.filter(excused="").select_related("person", "cohort").order_by("pk"))
    people = [row.person_id for row in rows]
    agreed = set(
        Consent.objects.filter(
            person__in=people, purpose=MATCHING.name, version=MATCHING.version, withdrawn_at=None
        ).values_list("person_id", flat=True)
    )
    enrolled = set(
        CohortMembership.objects.on(timezone.localdate())
        .filter(person__in=people, cohort__in=round.cohorts.all())
        .values_list("person_id", flat=True)
    )
    enrolled_rows = [row for row in rows if row.person_id in enrolled]
    taking = [row for row in enrolled_rows if row.consented_at is not None and row.person_id in agreed]
    return taking, len(enrolled_rows) - len(taking)


def market_of(round: Round) -> Built:
    """The market of a round as it stands, in a number of queries that does not grow with it."""
    taking, without_consent = _takes_part(round)
    places = list(
        round.round_positions.filter(position__state__in=[PositionState.OPEN, PositionState.CLOSED])
        .select_related("position__organisation")
        .order_by("pk")
    )
    positions = {place.position_id: place.position for place in places}
    names = {key: str(position.uid) for key, position in positions.items()}
    people = {row.person_id: str(row.person.uid) for row in taking}
    wishes: dict[int, list[int]] = defaultdict(list)
    for person, position in (
        Preference.objects.filter(round=round).order_by("person_id", "rank").values_list("person_id", "position_id")
    ):
        if person in people and position in names:
            wishes[person].append(position)
    wanted = wanted_by(positions.values())
    levels, classes = skills.of(people), classes_of(people)
    put_first = _priorities(round)
    fit: dict[tuple[str, str], float] = {}
    ineligible: dict[tuple[str, str], str] = {}
    decisions = list(Decision.objects.filter(round=round))
    locked_pairs = {(one.person_id, one.position_id) for one in decisions if one.kind == DecisionKind.LOCKED}
    for row in taking:
        everywhere = round.beyond == "last"
        reach = list(positions) if everywhere else wishes[row.person_id]
        reach = [*reach, *(key for person, key in locked_pairs if person == row.person_id and key not in reach)]
        own, member_of = levels[row.person_id], classes.get(row.person_id, set())
        for key in reach:
            pair = people[row.person_id], names[key]
            fit[pair] = skill_fit(wanted[key], own) + put_first.get((row.person_id, key), 0)
            barred = barred_by(
                positions[key], wanted[key], own, row.cohort.field, member_of, same_field=round.same_field
            )
            # What the office fixes by hand it answers for; eligibility then does not stand in the way.
            if barred and (row.person_id, key) not in locked_pairs:
                ineligible[pair] = barred
    students = tuple(
        matching.Student(
            people[row.person_id],
            matching.strict(*(names[key] for key in wishes[row.person_id])),
            frozenset(
                {
                    f"cohort:{row.cohort_id}",
                    f"field:{row.cohort.field}",
                    f"university:{row.cohort.organisation_id}",
                    *(f"class:{key}" for key in classes.get(row.person_id, ())),
                }
            ),
        )
        for row in taking
    )
    decided = {
        kind: frozenset(
            (people[one.person_id], names[one.position_id])
            for one in decisions
            if one.kind == kind and one.person_id in people and one.position_id in names
        )
        for kind in DecisionKind
    }
    market = matching.Market(
        students=students,
        positions=tuple(
            matching.Position(
                names[place.position_id],
                min(place.seats, place.position.seats),
                least=place.least,
                cohort=place.cohort,
                groups=position_groups(place.position),
            )
            for place in places
        ),
        fit=fit,
        ineligible=ineligible,
        quotas=tuple(
            matching.Quota(
                one.name,
                one.students or None,
                one.positions or None,
                one.least,
                one.most,
                None if one.least_share is None else float(one.least_share),
                matching.ShareOf(one.share_of),
            )
            for one in round.quotas.all()
        ),
        locked=decided[DecisionKind.LOCKED],
        forbidden=decided[DecisionKind.FORBIDDEN],
        unlisted=matching.Unlisted(round.beyond),
        seed=round.seed,
    )
    return Built(
        market,
        {people[row.person_id]: row for row in taking},
        {names[key]: position for key, position in positions.items()},
        without_consent,
    )


def _priorities(round: Round) -> dict[tuple[int, int], float]:
    """What is added to the fit of those whom a firm puts first: more than any fit, and 2 more for each place ahead."""
    rows = list(Priority.objects.filter(round=round).values_list("person_id", "position_id", "place"))
    last: dict[int, int] = defaultdict(int)
    for _person, position, place in rows:
        last[position] = max(last[position], place)
    return {(person, position): 2.0 * (last[position] - place + 1) for person, position, place in rows}
