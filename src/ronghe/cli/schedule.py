"""`ronghe schedule`: plans a published scheduling problem, with its bound and the verdict of the independent check.

It also checks a plan that somebody else made. Rotations and weeks of a community are planned on the site.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ronghe.cli.answers import Answer, Shown, add_answer_options, answered, number, positive, share
from ronghe.cli.console import Console
from ronghe.cli.drawing import Stretch, schedule_chart
from ronghe.cli.endings import CallRefused
from ronghe.cli.results import result_file
from ronghe.cli.tables import columns_help, read_file
from ronghe.methods import scheduling
from ronghe.tabular import Column, Integer, RowSchema, Text, write_rows

_NAME = Text(200, identifier=True)
_MOST = 10**9
RUNS = (
    Column("job", _NAME, zh="工件", en="job", required=True, help_en="its number, counted from 1"),
    Column("step", Integer(1, _MOST), zh="工序", en="step", required=True, help_en="counted from 1"),
    Column("machine", _NAME, zh="设备", en="machine", required=True, help_en="where the step is done, from 1"),
    Column("start", Integer(-_MOST, _MOST), zh="开始", en="start", required=True, help_en="in whole units of time"),
    Column("end", Integer(-_MOST, _MOST), zh="结束", en="end", required=True, help_en="when the machine is free again"),
)
WORK = (
    Column("activity", _NAME, zh="活动", en="activity", required=True, help_en="its number, counted from 1"),
    Column("person", Text(200), zh="人员", en="person", default="", help_en="who; blank where nobody is needed"),
    Column("skill", Text(200), zh="技能", en="skill", default="", help_en="which skill the person gives"),
    Column("start", Integer(-_MOST, _MOST), zh="开始", en="start", required=True, help_en="in whole units of time"),
    Column("end", Integer(-_MOST, _MOST), zh="结束", en="end", required=True, help_en="when the person is free again"),
)
# A bad plan may break thousands of rules; this many are shown, all stand in the JSON.
_SHOWN = 20


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe schedule`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", metavar="FILE", help="the problem; - is standard input")
    parser.add_argument(
        "--format", choices=["auto", *scheduling.Format], default="auto",
        help="fjsp, fajsp, json: flexible job shops of FJSPLib; jobshop: of JSPLIB; mspsp: multi-skill projects "
        "(DataZinc); psplib: projects with resources (.sm) (%(default)s: as the file looks)",
    )  # fmt: skip
    parser.add_argument("--seconds", type=positive, default=60, help="for the search (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the search (%(default)s)")
    parser.add_argument(
        "--workers", type=positive, default=8, help="threads; with one the same call answers the same (%(default)s)"
    )
    parser.add_argument("--plan", metavar="FILE", help="write who does what when into this CSV")
    parser.add_argument("--check", metavar="FILE", help="plan nothing: check this plan (CSV or XLSX), whoever made it")
    parser.add_argument("--quiet", action="store_true", help="no notes")
    parser.epilog = (
        "exit status: 0 planned (or the plan keeps all rules), 1 a rule is broken, 2 refused\n\n"
        f"a plan of a job shop: {columns_help(RUNS, 'ronghe schedule mk01.txt --plan plan.csv')}\n\n"
        f"a plan of a project: {columns_help(WORK, 'ronghe schedule project.dzn --check plan.csv')}"
    )
    add_answer_options(parser)


def run(options: argparse.Namespace) -> int:
    """Answer; return the exit status."""
    return answered(_work, options)


def _work(options: argparse.Namespace, console: Console) -> Answer:
    kind = None if options.format == "auto" else scheduling.Format(options.format)
    text = _text(options.file)
    instance = scheduling.read_instance(text, kind)
    if options.check:
        return _checked(options, console, instance)
    console.note(f"{options.file}: {_size(instance)}, {options.seconds} s")
    begin = time.monotonic()
    how = {"seconds": float(options.seconds), "seed": options.seed, "workers": options.workers}
    if isinstance(instance, scheduling.Project):
        found: scheduling.ProjectPlan | scheduling.Shop = scheduling.plan_project(instance, **how)
    else:
        found = scheduling.plan_shop(instance, **how)
    took = time.monotonic() - begin
    rows = _rows(instance, found)
    if options.plan:
        with result_file(options.plan) as stream:
            write_rows(
                rows, RowSchema(RUNS if isinstance(found, scheduling.Shop) else WORK), "csv", stream, language="en"
            )
    proof = found.proofs[0]
    proven = "proven shortest 已证明最短" if found.standing is scheduling.Standing.OPTIMAL else "not proven 未证明最短"
    figures = Shown(
        "",
        ("Length 总长", "No plan is shorter than 下界", "Gap 差距", "Breaches 违规", "Seconds 秒"),
        (
            (
                number(proof.value, 9),
                number(proof.bound, 9),
                share(proof.gap),
                str(len(found.breaches)),
                number(took, 3),
            ),
        ),
        frozenset(),
    )
    return Answer(
        f"length {found.length}: {proven}",
        (figures, *_broken(found.breaches)),
        (found.explanation,),
        {"plan": found, "seconds": took, "rows": rows},
        draw=lambda: _drawn(f"{Path(options.file).name}: {found.length}", rows, found.length),
    )


def _text(path: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CallRefused(f"{path} is no text: give the file as its library publishes it, unpacked") from error


def _size(instance: scheduling.Instance) -> str:
    if isinstance(instance, scheduling.Project):
        skills = {skill for one in instance.activities for skill in one.needs}
        return f"{len(instance.activities)} activities, {len(instance.persons)} persons, {len(skills)} skills"
    machines = {machine for chain in instance for task in chain.tasks for machine in task.durations}
    return f"{sum(len(chain.tasks) for chain in instance)} steps of {len(instance)} jobs, {len(machines)} machines"


def _rows(instance: scheduling.Instance, found: scheduling.ProjectPlan | scheduling.Shop) -> list[dict[str, Any]]:
    """The plan a line a step, or a line a person of an activity; activities that need nobody have a line too."""
    if isinstance(found, scheduling.Shop):
        return [
            {"job": run.chain, "step": run.task + 1, "machine": run.machine, "start": run.start, "end": run.end}
            for run in sorted(found.runs, key=lambda run: (run.start, run.end, run.chain, run.task))
        ]
    rows = [
        {"activity": one.activity, "person": one.person, "skill": one.skill, "start": one.start, "end": one.end}
        for one in found.work
    ]
    staffed = {row["activity"] for row in rows}
    rows += [
        {
            "activity": one.id, "person": "", "skill": "", "start": found.starts[one.id],
            "end": found.starts[one.id] + one.duration,
        }
        for one in (instance.activities if isinstance(instance, scheduling.Project) else ())
        if one.id not in staffed
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["start"], row["end"], row["activity"], row["person"]))


def _checked(options: argparse.Namespace, console: Console, instance: scheduling.Instance) -> Answer:
    """The verdict on a plan from a file: its length and every rule it breaks."""
    project = isinstance(instance, scheduling.Project)
    rows = [
        row.record
        for row in read_file(options.check, options.check, WORK if project else RUNS, console, skip_bad=False)
    ]
    length = max((row["end"] for row in rows), default=0)
    if isinstance(instance, scheduling.Project):
        starts: dict[str, int] = {}
        for row in rows:
            if starts.setdefault(row["activity"], row["start"]) != row["start"]:
                raise CallRefused(f"{options.check}: activity {row['activity']} has two starts; give it one")
        work = [
            scheduling.Work(row["activity"], row["person"], row["skill"], row["start"], row["end"])
            for row in rows
            if row["person"]
        ]
        breaches = scheduling.project_breaches(instance, starts, work)
    else:
        runs = [scheduling.Run(row["job"], row["step"] - 1, row["machine"], row["start"], row["end"]) for row in rows]
        breaches = scheduling.shop_breaches(instance, runs)
    console.bad += len(breaches)
    verdict = "keeps all rules 遵守全部规则" if not breaches else f"breaks a rule {len(breaches)} times 违反规则"
    return Answer(
        f"length {length}: the plan {verdict}", _broken(breaches), (), {"length": length, "breaches": breaches}
    )


def _broken(breaches: Sequence[scheduling.Breach]) -> tuple[Shown, ...]:
    if not breaches:
        return ()
    rows = tuple((one.rule, one.subject, one.detail) for one in breaches[:_SHOWN])
    more = f" (the first {_SHOWN} of {len(breaches)})" if len(breaches) > _SHOWN else ""
    return (
        Shown(f"Rules broken 违反的规则{more}", ("Rule 规则", "Where 位置", "What 情况"), rows, frozenset({0, 1, 2})),
    )


def _drawn(title: str, rows: Iterable[Mapping[str, Any]], length: int) -> str:
    stretches = [
        Stretch(
            str(row.get("machine") or row["person"]), str(row.get("job") or row["activity"]), row["start"], row["end"]
        )
        for row in rows
        if row.get("machine") or row.get("person")
    ]
    return schedule_chart(title, stretches, length)
