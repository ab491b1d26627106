"""`ronghe lexicon`: check the lexicon, see which of its forms fire in real advertisements, link it to ESCO and O*NET.

Exit status as of `ronghe demand`; `check` ends with 1 where the lexicon breaks its own rules.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ronghe.cli.advertisements import TEXT, Advertisements
from ronghe.cli.console import Console
from ronghe.cli.display import table
from ronghe.cli.endings import BAD_LINES, CallRefused, ended
from ronghe.cli.results import format_of, result_file
from ronghe.lexicon import (
    Lexicon,
    LexiconError,
    Link,
    crosswalk,
    load_lexicon,
    read_esco_skills,
    read_technology_examples,
)
from ronghe.runners import extraction
from ronghe.runners.batches import extract_batch
from ronghe.tabular import Column, RowSchema, Text, write_rows

_ESCO_FILE, _ONET_FILE = "skills_en.csv", "Technology Skills.txt"
_CHINESE = range(0x3400, 0xA000)
_LINKS = RowSchema([Column(name, Text()) for name in ("skill_id", "scheme", "target", "label", "method")])


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe lexicon`."""
    commands = parser.add_subparsers(dest="task", required=True, metavar="check|stats|crosswalk")
    commands.add_parser("check", help="check the lexicon against its own rules")
    stats = commands.add_parser("stats", help="count which forms fire in files of advertisements")
    stats.add_argument("files", nargs="+", metavar="FILE", help="CSV, XLSX, JSON Lines or Parquet; - is standard input")
    stats.add_argument("--text-column", metavar="NAME", help="the column that holds the text")
    stats.add_argument("--top", type=int, default=30, metavar="N", help="how many forms to show (%(default)s)")
    stats.add_argument("--never", action="store_true", help="list the forms that never fired instead")
    stats.add_argument("--format", choices=("table", "json"), default="table", help="(%(default)s)")
    links = commands.add_parser("crosswalk", help="link the skills to ESCO and O*NET by stated rules")
    links.add_argument("--esco", metavar="DIR", help=f"the folder of ESCO's {_ESCO_FILE}")
    links.add_argument("--onet", metavar="DIR", help=f"the folder of O*NET's {_ONET_FILE}")
    links.add_argument("--out", required=True, metavar="FILE", help="where to write: .csv, .jsonl, .parquet or .xlsx")
    for command in (stats, links):
        command.add_argument("--quiet", action="store_true", help="no progress and no notes")


def run(options: argparse.Namespace) -> int:
    """Do what the call asks for; return the exit status."""
    if options.task == "check":
        return _check()
    return ended(partial({"stats": _stats, "crosswalk": _crosswalk}[options.task], options), quiet=options.quiet)


def _check() -> int:
    try:
        lexicon = load_lexicon()
    except LexiconError as error:
        for fault in error.faults:
            print(fault)
        print(f"the lexicon breaks its own rules in {len(error.faults):,} places")
        return BAD_LINES
    forms = [form for skill in lexicon.skills for form in skill.forms]
    chinese = sum(map(is_chinese, forms))
    print(
        f"{len(lexicon.skills):,} skills in {len(lexicon.groups)} groups of {len(lexicon.fields)} fields; "
        f"{len(forms):,} forms, {chinese:,} Chinese and {len(forms) - chinese:,} other; "
        f"version {lexicon.version[:12]}: nothing wrong"
    )
    return 0


def is_chinese(form: str) -> bool:
    """Whether any character of the form is Chinese."""
    return any(ord(character) in _CHINESE for character in form)


@dataclass(frozen=True, slots=True)
class FormCounts:
    """How often forms fired: by skill and form, over so many advertisements, some of which name no skill."""

    advertisements: int
    silent: int
    fired: Counter[tuple[str, str]]


def count_forms(paths: Sequence[str], text_column: str | None, console: Console) -> FormCounts:
    """Count the mentions of each form in files of advertisements by the dictionary alone."""
    fired: Counter[tuple[str, str]] = Counter()
    read = speaking = 0
    for path in paths:
        with Advertisements(path, console) as advertisements:
            text = advertisements.needed(TEXT, text_column)
            for batch in advertisements.batches(text, None):
                found = extract_batch(batch)
                read += batch.num_rows
                speaking += len(set(found.column("id").to_pylist()))
                skills, forms = found.column("skill").to_pylist(), found.column("form").to_pylist()
                fired.update((skill or "", form or "") for skill, form in zip(skills, forms, strict=True))
                console.progress("advertisements", read, advertisements.fraction() if len(paths) == 1 else None)
    return FormCounts(read, read - speaking, fired)


def _stats(options: argparse.Namespace, console: Console) -> None:
    counts = count_forms(options.files, options.text_column, console)
    known = extraction.lexicon()
    with result_file("-") as stream:
        if options.format == "json":
            stream.write((json.dumps(_stats_as_json(counts, known), ensure_ascii=False, indent=2) + "\n").encode())
        elif options.never:
            stream.writelines(f"{skill}\t{form}\n".encode() for skill, form in _never(counts, known))
        else:
            stream.write((_stats_as_table(counts, known, options.top) + "\n").encode())


def _forms_of(known: Lexicon) -> list[tuple[str, str]]:
    return [(skill.id, form) for skill in known.skills for form in skill.forms]


def _never(counts: FormCounts, known: Lexicon) -> list[tuple[str, str]]:
    return [key for key in _forms_of(known) if key not in counts.fired]


def _parts(counts: FormCounts, known: Lexicon) -> dict[str, dict[str, int]]:
    """Forms, forms that fired, skills, skills that fired and mentions: of all, by language and by field."""
    parts: dict[str, dict[str, int]] = {}
    asked = {skill for skill, _form in counts.fired}
    names = ["all", "Chinese", "other", *(field.id for field in known.fields)]
    for name in names:
        parts[name] = dict.fromkeys(("forms", "forms_fired", "skills", "skills_fired", "mentions"), 0)
    for skill in known.skills:
        for name in ("all", skill.field):
            parts[name]["skills"] += 1
            parts[name]["skills_fired"] += skill.id in asked
        for form in skill.forms:
            times = counts.fired[skill.id, form]
            for name in ("all", skill.field, "Chinese" if is_chinese(form) else "other"):
                parts[name]["forms"] += 1
                parts[name]["forms_fired"] += times > 0
                parts[name]["mentions"] += times
    return parts


def _stats_as_json(counts: FormCounts, known: Lexicon) -> dict[str, Any]:
    return {
        "lexicon": known.version,
        "advertisements": counts.advertisements,
        "without_skills": counts.silent,
        "parts": _parts(counts, known),
        "fired": [
            {"skill": skill, "form": form, "mentions": times} for (skill, form), times in counts.fired.most_common()
        ],
        "never": [{"skill": skill, "form": form} for skill, form in _never(counts, known)],
    }


def _stats_as_table(counts: FormCounts, known: Lexicon, top: int) -> str:
    rows = []
    for name, part in _parts(counts, known).items():
        by_skill = [f"{part['skills_fired']:,}", f"{part['skills']:,}"] if part["skills"] else ["", ""]
        share = f"{part['forms_fired'] / part['forms']:.1%}" if part["forms"] else ""
        forms = [f"{part['forms_fired']:,}", f"{part['forms']:,}", share]
        rows.append([name, *forms, *by_skill, f"{part['mentions']:,}"])
    headings = ["", "Forms fired", "of", "share", "Skills fired", "of", "Mentions"]
    best = [
        [form, known.by_id[skill].zh, skill, f"{times:,}"] for (skill, form), times in counts.fired.most_common(top)
    ]
    average = sum(counts.fired.values()) / counts.advertisements if counts.advertisements else 0.0
    return "\n".join(
        [
            f"{counts.advertisements:,} advertisements, {average:.1f} mentions in each on average; "
            f"{counts.silent:,} name no skill",
            "",
            table(headings, rows, frozenset(range(1, 7))),
            "",
            table(["Form", "技能", "Skill", "Mentions"], best, frozenset({3})),
        ]
    )


def _crosswalk(options: argparse.Namespace, console: Console) -> None:
    if not (options.esco or options.onet):
        raise CallRefused("name at least one of --esco DIR and --onet DIR")
    known = load_lexicon()
    try:
        esco = list(read_esco_skills(_file_in(options.esco, _ESCO_FILE))) if options.esco else []
        onet = read_technology_examples(_file_in(options.onet, _ONET_FILE)) if options.onet else []
    except ValueError as error:
        raise CallRefused(str(error)) from error
    links = crosswalk(known, esco, onet)
    with result_file(options.out) as stream:
        write_rows(links, _LINKS, format_of(options.out, None), stream, byte_order_mark=options.out != "-")
    for scheme in [name for name, given in (("esco", options.esco), ("onet", options.onet)) if given]:
        console.note(_linked(scheme, links, len(known.skills)))


def _file_in(folder: str, name: str) -> Path:
    path = Path(folder) / name
    if not path.is_file():
        raise CallRefused(f"there is no {name} in {folder}")
    return path


def _linked(scheme: str, links: Sequence[Link], skills: int) -> str:
    methods: Counter[str] = Counter({link.skill_id: link.method for link in links if link.scheme == scheme}.values())
    total = sum(methods.values())
    how = ", ".join(f"{count:,} by {method}" for method, count in methods.most_common())
    return f"{scheme}: {total:,} of {skills:,} skills linked ({how or 'none'})"
