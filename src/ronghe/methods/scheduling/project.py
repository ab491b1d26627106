"""Projects whose activities need several persons with different skills at once: records, files and the check.

The multi-skill project scheduling problem (MSPSP): a defence, an assessment or a joint project needs so many persons
of each skill from its start to its end, each person gives one skill at a time. It plans nothing: see `projects`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ronghe.methods.explained import UnmetAssumption
from ronghe.methods.scheduling.checks import Breach


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that takes `duration` whole units of time, needs so many persons of each skill, and follows others.

    What takes no time keeps nobody busy, whatever it needs.
    """

    id: str
    duration: int
    needs: Mapping[str, int] = field(default_factory=dict)
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody and the skills he or she has; in one activity a person gives one of them."""

    id: str
    skills: frozenset[str]


@dataclass(frozen=True, slots=True)
class Project:
    """Activities and the persons who do them."""

    activities: tuple[Activity, ...]
    persons: tuple[Person, ...]


@dataclass(frozen=True, slots=True, order=True)
class Work:
    """A person who gives a skill to an activity from `start` until before `end`."""

    activity: str
    person: str
    skill: str
    start: int
    end: int


def read_project(text: str) -> Project:
    """A project from DataZinc as the MSPSP instance library writes it (Young, Feydy and Schutt, CP 2017).

    Read are `dur`, `sreq` (a row an activity, a column a skill), `mastery` (a row a person), `pred` and `succ` (pairs
    counted from 1) and, where given, `nActs`, `nSkills` and `nResources`, which must then agree. All else is derived
    from these and passed over. Activities, persons and skills are called by their numbers from 1.

    Raises `UnmetAssumption` (`scheduling.format`) where something is missing or does not add up.
    """
    plain = re.sub(r"%[^\n]*", "", text)
    given: dict[str, str] = dict(re.findall(r"(\w+)\s*=\s*([^;]*);", plain))
    try:
        durations = _numbers(given["dur"])
        needs = [_numbers(row) for row in _rows(given["sreq"])]
        mastery = [_truths(row) for row in _rows(given["mastery"])]
        before, then = _numbers(given["pred"]), _numbers(given["succ"])
        sizes: dict[str, int] = {"nActs": len(durations), "nSkills": len(needs[0]), "nResources": len(mastery)}
        wrong = [
            f"{name} is {given[name]}" for name, size in sizes.items() if name in given and int(given[name]) != size
        ]
        if wrong:
            raise ValueError(f"{wrong[0]} beside {sizes}")
        widths = {len(row) for row in needs} | {len(row) for row in mastery}
        if len(needs) != len(durations) or widths != {len(needs[0])}:
            raise ValueError(f"{len(durations)} durations, {len(needs)} rows of needs, rows of unequal length")
        if len(before) != len(then):
            raise ValueError(f"{len(before)} of pred beside {len(then)} of succ")
        if any(not 1 <= one <= len(durations) for one in [*before, *then]):
            raise ValueError("an activity is to follow one that is not there")
    except KeyError as error:
        raise _format(f"{error.args[0]} is missing") from error
    except (ValueError, IndexError) as error:
        raise _format(str(error)) from error
    after: dict[int, list[str]] = defaultdict(list)
    for first, second in zip(before, then, strict=True):
        after[second].append(str(first))
    return Project(
        tuple(
            Activity(
                str(number),
                duration,
                {str(skill): count for skill, count in enumerate(row, start=1) if count},
                tuple(after[number]),
            )
            for number, (duration, row) in enumerate(zip(durations, needs, strict=True), start=1)
        ),
        tuple(
            Person(str(number), frozenset(str(skill) for skill, has in enumerate(row, start=1) if has))
            for number, row in enumerate(mastery, start=1)
        ),
    )


def _numbers(text: str) -> list[int]:
    return [int(word) for word in re.findall(r"[^\s,\[\]|]+", text)]


def _truths(text: str) -> list[bool]:
    words = re.findall(r"[^\s,\[\]|]+", text)
    if not set(words) <= {"true", "false"}:
        raise ValueError("mastery holds something that is neither true nor false")
    return [word == "true" for word in words]


def _rows(text: str) -> list[str]:
    """The rows of a DataZinc matrix `[| 1, 2 | 3, 4 |]`."""
    return [row for row in text.strip().strip("[]").split("|") if re.search(r"\w", row)]


def _format(found: str) -> UnmetAssumption:
    return UnmetAssumption(
        "scheduling.format", f"this is no project ({found})", "give dur, sreq, mastery, pred and succ as DataZinc"
    )


def check_project(project: Project) -> None:
    """Refuse what contradicts itself or cannot be done at all.

    Raises `UnmetAssumption` (`scheduling.project`): ids twice, an activity that follows one that is not there or, over
    others, itself, times or needs below 0, and an activity whose needs all persons together cannot meet at once.
    """
    for kind, names in (
        ("activity", [one.id for one in project.activities]),
        ("person", [one.id for one in project.persons]),
    ):
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise _refusal(f"the {kind} {twice[0]} is there twice", "give each one once")
    known = {one.id for one in project.activities}
    for one in project.activities:
        missing = [name for name in one.after if name not in known]
        if missing:
            raise _refusal(f"{one.id} is to follow {missing[0]}, which is not there", "add it or leave it out")
        if one.duration < 0 or any(count < 0 for count in one.needs.values()):
            raise _refusal(f"{one.id} takes {one.duration} or needs fewer than no persons", "count from 0")
        short = _short(one, project.persons)
        if short:
            raise _refusal(
                f"{one.id} needs more persons of {', '.join(short)} at once than there are",
                "train or call in more persons, or divide the activity",
            )
    order(project)


def order(project: Project) -> list[str]:
    """The activities, each after all that it follows; refuses a circle, naming one."""
    left = {one.id: set(one.after) for one in project.activities}
    done: list[str] = []
    while left:
        free = [name for name, before in left.items() if not before]
        if not free:
            path = [next(iter(left))]
            while path[-1] not in path[:-1]:
                path.append(min(left[path[-1]]))
            circle = path[path.index(path[-1]) :]
            raise _refusal(f"{' follows '.join(circle)}: a circle", "leave one of these orders out")
        for name in free:
            del left[name]
        for before in left.values():
            before.difference_update(free)
        done += free
    return done


def _short(activity: Activity, persons: Iterable[Person]) -> tuple[str, ...]:
    """The skills of which an activity needs more at once than all persons give; empty where they suffice."""
    seats = [skill for skill, count in sorted(activity.needs.items()) for _ in range(count)]
    held: dict[str, int] = {}
    having: dict[str, list[str]] = defaultdict(list)
    for person in persons:
        for skill in person.skills:
            having[skill].append(person.id)

    def seated(seat: int, tried: set[str]) -> bool:
        for person in having[seats[seat]]:
            if person not in tried:
                tried.add(person)
                if person not in held or seated(held[person], tried):
                    held[person] = seat
                    return True
        return False

    return tuple(sorted({seats[seat] for seat in range(len(seats)) if not seated(seat, set())}))


def _refusal(found: str, remedy: str) -> UnmetAssumption:
    return UnmetAssumption("scheduling.project", found, remedy)


def project_breaches(project: Project, starts: Mapping[str, int], work: Iterable[Work]) -> tuple[Breach, ...]:
    """Every rule broken by the starts and the rows of work; shares no step with the planner.

    Each activity has one start, at 0 or later and after what it follows has ended; exactly as many persons as it needs
    of each skill work on it from its start to its end, who have the skill (nobody where it takes no time); nobody does
    two things at once.
    """
    found = []
    known = {one.id: one for one in project.activities}
    skills = {one.id: one.skills for one in project.persons}
    found += [Breach("project.unknown", name, "no such activity") for name in sorted(set(starts) - set(known))]
    for one in project.activities:
        if one.id not in starts:
            found.append(Breach("project.missing", one.id, "has no start"))
        elif starts[one.id] < 0:
            found.append(Breach("project.order", one.id, f"starts at {starts[one.id]}"))
        for name in one.after:
            if one.id in starts and name in starts and starts[one.id] < starts[name] + known[name].duration:
                found.append(Breach("project.order", one.id, f"starts at {starts[one.id]}, before {name} is done"))
    given: Counter[tuple[str, str]] = Counter()
    by_person: dict[str, list[Work]] = defaultdict(list)
    for row in sorted(work):
        if row.activity not in known or row.person not in skills or row.activity not in starts:
            found.append(Breach("project.unknown", row.activity, f"{row.person} is to work on it"))
            continue
        begin = starts[row.activity]
        if (row.start, row.end) != (begin, begin + known[row.activity].duration):
            found.append(Breach("project.time", row.activity, f"{row.person} from {row.start} to {row.end}"))
        if row.skill not in skills[row.person]:
            found.append(Breach("project.skill", row.person, f"has no {row.skill}, asked for in {row.activity}"))
        given[row.activity, row.skill] += 1
        by_person[row.person].append(row)
    for one in project.activities:
        for skill in sorted({*one.needs, *(skill for name, skill in given if name == one.id)}):
            asked, got = one.needs.get(skill, 0) if one.duration else 0, given[one.id, skill]
            if asked != got and one.id in starts:
                found.append(Breach("project.needs", one.id, f"{got} of {asked} persons of {skill}"))
    for person, rows in sorted(by_person.items()):
        rows.sort(key=lambda row: (row.start, row.end))
        latest = rows[0]
        for row in rows[1:]:
            if row.activity == latest.activity or row.start < latest.end:
                found.append(Breach("project.overlap", person, f"{latest.activity} and {row.activity} at {row.start}"))
            latest = max(latest, row, key=lambda one: one.end)
    return tuple(found)
