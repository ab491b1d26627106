"""Reads scheduling problems as published libraries write them and tells which kind a file holds; it plans nothing.

Formats: flexible job shops as FJSPLib writes them (job by job, step by step, or JSON) and as Brandimarte wrote them,
classical job shops as JSPLIB writes them, multi-skill projects (DataZinc) and projects with resources (PSPLIB, `.sm`).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Any

from ronghe.methods.explained import UnmetAssumption
from ronghe.methods.scheduling.project import Activity, Person, Project, read_project
from ronghe.methods.scheduling.shop import Chain, Task, read_shop, shortest

# Persons stand for the units of a resource; more than this is no plan of people or machines.
_MOST_UNITS = 10_000
_MOST_MACHINES = 100_000


class Format(StrEnum):
    """How a file is written."""

    FJSP = "fjsp"
    FAJSP = "fajsp"
    FJSP_JSON = "json"
    JOB_SHOP = "jobshop"
    MULTI_SKILL = "mspsp"
    PROJECT = "psplib"


Instance = tuple[Chain, ...] | Project


def format_of(text: str) -> Format:
    """The format that a file is most likely written in, from its words and the count of its lines.

    Raises `UnmetAssumption` (`scheduling.format`) where it looks like none of them.
    """
    if re.search(r"\bsreq\s*=|\bmastery\s*=", text):
        return Format.MULTI_SKILL
    if re.search(r"^\s*PRECEDENCE RELATIONS", text, re.MULTILINE):
        return Format.PROJECT
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return Format.FJSP_JSON
    rows = [line.split() for line in text.splitlines() if line.strip()]
    try:
        head = [float(word) for word in rows[0]]
        rest = [[float(word) for word in row] for row in rows[1:]]
    except (IndexError, ValueError):
        head, rest = [], []
    if len(head) == 3 and len(rest) == head[0] + head[1]:
        return Format.FAJSP
    if len(head) in (2, 3) and rest:
        each_once = all(row[::2] and sorted(row[::2]) == list(range(int(head[1]))) for row in rest)
        return Format.JOB_SHOP if len(head) == 2 and each_once else Format.FJSP
    raise UnmetAssumption(
        "scheduling.format",
        "this looks like none of the formats that are known",
        f"name one of {', '.join(Format)}, or see what each of them holds in docs/how-to/schedule-from-a-file.md",
    )


def read_instance(text: str, kind: Format | None = None) -> Instance:
    """The chains of a job shop or the project that a file describes, whichever of the formats it is written in.

    Lines that begin with # say something to people and are passed over.

    Raises `UnmetAssumption` (`scheduling.format`) where something is missing, does not add up or is beyond what is
    planned here: several ways to do an activity, resources that are used up, a step that follows or precedes several.
    """
    text = re.sub(r"^\s*#.*$", "", text.removeprefix("\ufeff"), flags=re.MULTILINE)
    kind = kind or format_of(text)
    readers: Mapping[Format, Any] = {
        Format.FJSP: read_shop,
        Format.FAJSP: _read_steps,
        Format.FJSP_JSON: _read_json,
        Format.JOB_SHOP: _read_job_shop,
        Format.MULTI_SKILL: read_project,
        Format.PROJECT: _read_psplib,
    }
    try:
        found: Instance = readers[kind](text)
    except UnmetAssumption:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UnmetAssumption(
            "scheduling.format", f"this is not written as {kind} ({error})",
            "compare it with the format's description in docs/how-to/schedule-from-a-file.md",
        ) from error  # fmt: skip
    return found


def _read_steps(text: str) -> tuple[Chain, ...]:
    """FJSPLib's `fajsp`: steps, precedences and machines counted; precedences `x y job`; steps `n m d m d …`."""
    rows = [[int(word) for word in line.split()] for line in text.splitlines() if line.strip()]
    steps, links, machines = rows[0]
    if len(rows) != 1 + links + steps:
        raise ValueError(f"{len(rows) - 1} lines where {links} precedences and {steps} steps are announced")
    pairs = [(row[0], row[1]) for row in rows[1 : links + 1]]
    tasks = []
    for at, row in enumerate(rows[links + 1 :]):
        options, *values = row
        if len(values) != 2 * options:
            raise ValueError(f"step {at} announces {options} machines and has {len(values)} numbers")
        tasks.append(_task(at, zip(values[::2], values[1::2], strict=True), range(machines)))
    return _chains(tasks, pairs)


def _read_json(text: str) -> tuple[Chain, ...]:
    """FJSPLib's JSON: `operations` with operation, machine and duration, `precedences` with before and after."""
    given = json.loads(text)
    options: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for one in given["operations"]:
        options[int(one["operation"])].append((int(one["machine"]), int(one["duration"])))
    if sorted(options) != list(range(len(options))):
        raise ValueError("the operations are not numbered from 0 on")
    tasks = [_task(at, options[at], range(_MOST_MACHINES)) for at in range(len(options))]
    return _chains(tasks, [(int(one["before"]), int(one["after"])) for one in given["precedences"]])


def _read_job_shop(text: str) -> tuple[Chain, ...]:
    """JSPLIB: jobs and machines, then for each job its steps as `machine duration`, machines counted from 0."""
    rows = [[int(word) for word in line.split()] for line in text.splitlines() if line.strip()]
    jobs, machines = rows[0][:2]
    if len(rows) != 1 + jobs or any(len(row) % 2 for row in rows[1:]):
        raise ValueError(f"{len(rows) - 1} lines of {jobs} jobs, each to hold pairs of machine and duration")
    return tuple(
        Chain(
            str(number),
            tuple(
                _task(at, [pair], range(machines))
                for at, pair in enumerate(zip(row[::2], row[1::2], strict=True))
            ),
        )
        for number, row in enumerate(rows[1:], start=1)
    )  # fmt: skip


def _task(at: int, options: Iterable[tuple[int, int]], machines: range) -> Task:
    """A step on machines counted from 0, which are called by their numbers from 1 as in Brandimarte's files."""
    pairs = list(options)
    for machine, duration in pairs:
        if machine not in machines or duration < 0:
            raise ValueError(f"step {at} names machine {machine} of {len(machines)} for {duration}")
    return Task(shortest((str(machine + 1), duration) for machine, duration in pairs))


def _chains(tasks: list[Task], pairs: Iterable[tuple[int, int]]) -> tuple[Chain, ...]:
    """The chains that precedences between steps make; steps that none links stand alone."""
    after: dict[int, int] = {}
    before: dict[int, int] = {}
    for one, then in pairs:
        if not (0 <= one < len(tasks) and 0 <= then < len(tasks)):
            raise ValueError(f"{then} is to follow {one}, which is not there")
        if after.setdefault(one, then) != then or before.setdefault(then, one) != one:
            raise ValueError(f"{one} or {then} follows or precedes several steps: only chains are planned")
    found: list[Chain] = []
    for first in (at for at in range(len(tasks)) if at not in before):
        chain = [first]
        while chain[-1] in after:
            chain.append(after[chain[-1]])
        found.append(Chain(str(len(found) + 1), tuple(tasks[at] for at in chain)))
    if sum(len(chain.tasks) for chain in found) < len(tasks):
        raise ValueError("steps follow each other in a circle")
    return tuple(found)


def _read_psplib(text: str) -> Project:
    """PSPLIB's `.sm`: a unit of a renewable resource becomes a person whose one skill is called like the resource."""
    if any(int(count) for count in re.findall(r"(?:nonrenewable|doubly constrained)\s*:\s*(\d+)", text)):
        raise ValueError("it has resources that are used up; only renewable ones are planned")
    sections = dict(_sections(text))
    following = {row[0]: row[3:] for row in sections["PRECEDENCE RELATIONS"]}
    if any(row[1] != 1 for row in sections["PRECEDENCE RELATIONS"]):
        raise ValueError("it has several modes; only one way to do an activity is planned")
    units = sections["RESOURCEAVAILABILITIES"][-1]
    if any(not 0 <= count <= _MOST_UNITS for count in units):
        raise ValueError(f"a resource has fewer than 0 or more than {_MOST_UNITS} units")
    asked = {row[0]: row[2:] for row in sections["REQUESTS/DURATIONS"]}
    wrong = [job for job, row in asked.items() if len(row) != 1 + len(units)]
    if wrong or asked.keys() != following.keys():
        raise ValueError(f"its parts do not name the same activities and {len(units)} resources (see {wrong[:3]})")
    after: dict[int, list[str]] = defaultdict(list)
    for job, then in following.items():
        for one in then:
            after[one].append(str(job))
    if after.keys() - asked.keys():
        raise ValueError(f"{min(after.keys() - asked.keys())} is to follow another and is not there")
    names = [f"R{number}" for number in range(1, len(units) + 1)]
    return Project(
        tuple(
            Activity(
                str(job), row[0], {name: count for name, count in zip(names, row[1:], strict=True) if count},
                tuple(after[job]),
            )
            for job, row in asked.items()
        ),
        tuple(
            Person(f"{name}/{unit}", frozenset({name}))
            for name, count in zip(names, units, strict=True)
            for unit in range(1, count + 1)
        ),
    )  # fmt: skip


def _sections(text: str) -> Iterator[tuple[str, list[list[int]]]]:
    """The tables of a PSPLIB file by their headings, only their lines of whole numbers."""
    parts = re.split(r"^(PRECEDENCE RELATIONS|REQUESTS/DURATIONS|RESOURCEAVAILABILITIES).*$", text, flags=re.MULTILINE)
    for heading, body in pairwise(parts[1:]):
        if heading in ("PRECEDENCE RELATIONS", "REQUESTS/DURATIONS", "RESOURCEAVAILABILITIES"):
            lines = (line.split() for line in body.splitlines())
            rows = [[int(word) for word in line] for line in lines if line and all(word.isdigit() for word in line)]
            if not rows:
                raise ValueError(f"{heading} holds nothing")
            yield heading, rows
