"""Projects with several skills: a published instance, every plan of small ones, files, refusals and the check."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronghe.methods.explained import UnmetAssumption
from ronghe.methods.scheduling import (
    Activity,
    Person,
    Project,
    Standing,
    Work,
    plan_project,
    project_breaches,
    read_project,
)

# inst_set1a_sf0.5_nc1.5_n20_m10_00 of the MSPSP instance library (Young, Feydy and Schutt, CP 2017).
DURATIONS = "0,9,8,9,2,6,1,10,8,3,7,10,2,1,10,10,6,5,9,9,7,0"
NEEDS = "0000 1100 0310 3030 1300 3020 1010 3300 0230 0302 1200 0013 0302 1002 0202 0033 0130 3100 1002 0110 2100 0000"
SKILLS = "1110 1101 1000 0110 1001 0111 0110 0101 0110 1011"
BEFORE = "1,1,1,2,3,3,4,5,5,5,6,7,7,7,8,8,9,9,10,11,11,12,13,14,15,16,17,18,19,20,21"
AFTER = "2,3,4,21,9,5,6,17,6,7,20,12,13,8,10,18,11,14,14,21,15,19,16,18,17,19,20,20,22,22,22"


def zinc(durations: str, needs: str, skills: str, before: str, after: str) -> str:
    rows = " | ".join(",".join(row) for row in needs.split())
    mastery = " | ".join(",".join("true" if one == "1" else "false" for one in row) for row in skills.split())
    return (
        f"% seed = 1;\nmint = 48;\nnActs = {durations.count(',') + 1};\ndur = [{durations}];\nsreq = [| {rows} |];\n"
        f"nResources = {len(skills.split())};\nmastery = [| {mastery}, |];\npred = [{before}];\nsucc = [{after}];\n"
    )


PUBLISHED = zinc(DURATIONS, NEEDS, SKILLS, BEFORE, AFTER)


def test_a_published_instance_is_planned_near_its_proven_length() -> None:
    project = read_project(PUBLISHED)
    found = plan_project(project, seconds=3, workers=2)
    # 61 is proven shortest in the literature; the longest chain takes 48.
    assert 48 <= found.proofs[0].bound <= 61 <= found.length <= 66
    assert found.breaches == () and sum(sum(map(int, row)) for row in NEEDS.split()) == len(found.work)


def can_be_staffed(project: Project, starts: dict[str, int]) -> bool:
    """Every way of giving persons and skills to activities, one after the other."""

    def staffed(left: tuple[Activity, ...], busy: dict[str, list[tuple[int, int]]]) -> bool:
        if not left:
            return True
        one, span = left[0], (starts[left[0].id], starts[left[0].id] + left[0].duration)
        seats = [skill for skill, count in one.needs.items() for _ in range(count)]
        for team in combinations(project.persons, len(seats)):
            if any(begin < span[1] and span[0] < end for who in team for begin, end in busy[who.id]):
                continue
            fits = any(
                all(skill in who.skills for who, skill in zip(team, some, strict=True)) for some in set(orders(seats))
            )
            if fits and staffed(left[1:], {k: v + [span] * (k in {w.id for w in team}) for k, v in busy.items()}):
                return True
        return False

    return staffed(project.activities, {one.id: [] for one in project.persons})


def orders(seats: list[str]) -> list[tuple[str, ...]]:
    return list(permutations(seats))


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """Up to three activities of up to two units for up to three persons with two skills, each alone possible."""
    names = ["a", "b", "c"][: draw(st.integers(1, 3))]
    persons = tuple(
        Person(f"p{at}", frozenset(draw(st.sampled_from(["x", "y", "xy"])))) for at in range(draw(st.integers(1, 3)))
    )
    activities = []
    for at, name in enumerate(names):
        needs = {skill: draw(st.integers(0, 1)) for skill in "xy"}
        possible = can_be_staffed(Project((Activity("t", 1, needs),), persons), {"t": 0})
        after = tuple(one for one in names[:at] if draw(st.booleans()))
        activities.append(Activity(name, draw(st.integers(1, 2)), needs if possible else {}, after))
    return Project(tuple(activities), persons)


@settings(max_examples=15, deadline=None)
@given(projects())
def test_no_plan_of_all_is_shorter_than_the_one_found_and_proven(project: Project) -> None:
    found = plan_project(project, seconds=1, workers=1)
    assert found.breaches == () and found.standing is Standing.OPTIMAL
    horizon = sum(one.duration for one in project.activities)
    for starts in product(range(horizon + 1), repeat=len(project.activities)):
        at = {one.id: start for one, start in zip(project.activities, starts, strict=True)}
        ends = {one.id: at[one.id] + one.duration for one in project.activities}
        if max(ends.values()) >= found.length:
            continue
        if all(at[one.id] >= ends[name] for one in project.activities for name in one.after):
            assert not can_be_staffed(project, at)


TWO = Project(
    (Activity("1", 2, {"x": 1}), Activity("2", 3, {"x": 1, "y": 1}, ("1",))),
    (Person("a", frozenset("xy")), Person("b", frozenset("y"))),
)
STARTS = {"1": 0, "2": 2}
GOOD = (Work("1", "a", "x", 0, 2), Work("2", "a", "x", 2, 5), Work("2", "b", "y", 2, 5))


@pytest.mark.parametrize(
    ("starts", "work", "rule"),
    [
        ({"1": 0}, GOOD[:1], "project.missing"),
        ({**STARTS, "3": 0}, GOOD, "project.unknown"),
        (STARTS, (*GOOD, Work("1", "c", "x", 0, 2)), "project.unknown"),
        ({"1": 0, "2": 1}, (GOOD[0], *(replace(one, start=1, end=4) for one in GOOD[1:])), "project.order"),
        ({"1": -1, "2": 2}, GOOD, "project.order"),
        (STARTS, (*GOOD[:2], replace(GOOD[2], skill="x")), "project.skill"),
        (STARTS, GOOD[:2], "project.needs"),
        (STARTS, (*GOOD[:2], replace(GOOD[2], end=4)), "project.time"),
        (STARTS, (*GOOD[:2], replace(GOOD[2], person="a")), "project.overlap"),
    ],
)
def test_the_check_sees_a_plan_that_was_tampered_with(
    starts: dict[str, int], work: tuple[Work, ...], rule: str
) -> None:
    assert project_breaches(TWO, STARTS, GOOD) == ()
    assert rule in {breach.rule for breach in project_breaches(TWO, starts, work)}


@pytest.mark.parametrize(
    ("project", "words"),
    [
        (replace(TWO, persons=TWO.persons[:1]), "2 needs more persons of y"),
        (replace(TWO, persons=TWO.persons * 2), "person a is there twice"),
        (Project((Activity("1", 1, {}, ("2",)),), ()), "follow 2, which is not there"),
        (Project((Activity("1", -1),), ()), "takes -1"),
        (Project((Activity("1", 1, {}, ("2",)), Activity("2", 1, {}, ("1",))), ()), "1 follows 2 follows 1: a circle"),
    ],
)
def test_a_project_that_cannot_be_done_is_refused_with_what_is_lacking(project: Project, words: str) -> None:
    with pytest.raises(UnmetAssumption, match=words) as refused:
        plan_project(project)
    assert refused.value.code == "scheduling.project"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("dur = ", "length = ", "dur is missing"),
        ("nActs = 22", "nActs = 21", "nActs is 21"),
        ("true,true,true,false", "true,true,maybe,false", "neither true nor false"),
        ("0,0,0,0 | 1,1,0,0", "0,0,0 | 1,1,0,0", "rows of unequal length"),
        ("pred = [1,", "pred = [23,", "not there"),
        ("pred = [1,", "pred = [", "30 of pred beside 31 of succ"),
        ("dur = [0,", "dur = [zero,", "zero"),
    ],
)
def test_a_file_that_does_not_add_up_is_refused(old: str, new: str, words: str) -> None:
    assert old in PUBLISHED
    with pytest.raises(UnmetAssumption, match=words) as refused:
        read_project(PUBLISHED.replace(old, new))
    assert refused.value.code == "scheduling.format"


def test_with_many_skills_the_bound_still_holds_and_every_need_is_met() -> None:
    skills = [f"skill {at}" for at in range(9)]
    persons = tuple(Person(f"p{at}", frozenset({skills[at], skills[(at + 1) % 9]})) for at in range(9))
    activities = tuple(Activity(f"a{at}", 2, {skills[at]: 2 if at % 2 else 1}) for at in range(9))
    found = plan_project(Project(activities, persons), seconds=2, workers=1)
    assert found.breaches == () and found.proofs[0].bound <= found.length


def test_what_takes_no_time_keeps_nobody_busy() -> None:
    # Were the one person needed for the moments too, they could not lie within her work of five units.
    activities = (Activity("long", 5, {"x": 1}), *(Activity(f"at {n}", 0, {"x": 1}) for n in range(3)))
    found = plan_project(Project(activities, (Person("a", frozenset("x")),)), seconds=1, workers=1)
    assert (found.length, found.breaches, len(found.work)) == (5, (), 1)


def test_time_runs_out_and_several_hundred_activities_have_a_plan_with_a_bound() -> None:
    persons = tuple(Person(f"p{at}", frozenset("xy" if at % 2 else "x")) for at in range(6))
    activities = tuple(Activity(f"a{at}", 1 + at % 7, {"x": 1 + at % 3, "y": at % 2}) for at in range(300))
    found = plan_project(Project(activities, persons), seconds=1, workers=1)
    assert found.breaches == () and 0 < found.proofs[0].bound <= found.length
