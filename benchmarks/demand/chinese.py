"""Precision and recall of the shipped extractor on the Chinese clauses, by section 7 of their guideline; tunes nothing.

    python -m benchmarks.demand.chinese                                 figures of both halves
    python -m benchmarks.demand.chinese --half development --errors     every clause that is not exactly right

The test half was annotated and frozen before the lexicon was tuned; its errors cannot be listed.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from benchmarks.result import Result
from ronghe.methods.skills import Mention
from ronghe.runners.extraction import DEFAULT_TIERS, Tiers, extractor, known_tiers

Half = Literal["development", "test"]

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "data" / "zh_clauses"
COMMAND = "python -m benchmarks.demand.chinese"
OTHER = "other"
SAMPLES, SEED = 1_000, 20_261_122
GOALS = {"precision": 0.85, "recall": 0.60}


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause with its gold items, each with the text marked: skill ids, and one item a distinct `other` text."""

    id: str
    field: str
    text: str
    gold: dict[str, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """One clause beside the mentions found in it, one a skill id."""

    clause: Clause
    found: dict[str, Mention]

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many items are right, predicted and wanted."""
        return len(self.clause.gold.keys() & self.found.keys()), len(self.found), len(self.clause.gold)


@dataclass(frozen=True, slots=True)
class Score:
    """Micro-averaged counts and the measures from them; a measure without a denominator is NaN: no data."""

    right: int
    predicted: int
    wanted: int

    @classmethod
    def of(cls, judged: Iterable[Judged]) -> "Score":
        """The sum over clauses."""
        right = predicted = wanted = 0
        for one in judged:
            add = one.counts
            right, predicted, wanted = right + add[0], predicted + add[1], wanted + add[2]
        return cls(right, predicted, wanted)

    @property
    def precision(self) -> float:
        """Share of the predictions that are right."""
        return self.right / self.predicted if self.predicted else float("nan")

    @property
    def recall(self) -> float:
        """Share of the gold items that were predicted."""
        return self.right / self.wanted if self.wanted else float("nan")

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.predicted + self.wanted
        return 2 * self.right / total if total else float("nan")

    @property
    def measures(self) -> dict[str, float]:
        """All three by name."""
        return {"precision": self.precision, "recall": self.recall, "F1": self.f1}


def read_lines(name: str) -> list[dict[str, Any]]:
    """The objects of one JSON Lines file of the test set."""
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


def gold_items(spans: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The items that a clause wants, each with the text marked."""
    return {f"{OTHER}:{span['text']}" if span["label"] == OTHER else span["label"]: span["text"] for span in spans}


def read_clauses(half: Half) -> list[Clause]:
    """The clauses of one half with their gold items."""
    answers = {line["id"]: line["spans"] for line in read_lines("gold.jsonl")}
    clauses = []
    for line in read_lines("clauses.jsonl"):
        if line["half"] == half:
            clauses.append(Clause(line["id"], line["field"], line["text"], gold_items(answers[line["id"]])))
    return clauses


def read_more() -> list[Clause]:
    """The clauses of the second development set with their gold items."""
    answers = {line["id"]: line["spans"] for line in read_lines("more/gold.jsonl")}
    return [
        Clause(line["id"], line["field"], line["text"], gold_items(answers[line["id"]]))
        for line in read_lines("more/clauses.jsonl")
    ]


def judge(half: Half, tiers: Tiers = DEFAULT_TIERS) -> list[Judged]:
    """Read the clauses of a half with the extractor of these tiers."""
    clauses = read_clauses(half)
    mentions = extractor(tiers).extract_all([clause.text for clause in clauses])
    return [
        Judged(clause, {mention.skill_id: mention for mention in reversed(found)})
        for clause, found in zip(clauses, mentions, strict=True)
    ]


def intervals(judged: Sequence[Judged]) -> dict[str, tuple[float, float]]:
    """The 95% intervals of the measures, from bootstrap samples of clauses; samples without a denominator drop out."""
    counts = np.array([one.counts for one in judged], dtype=float)
    drawn = np.random.default_rng(SEED).integers(0, len(counts), (SAMPLES, len(counts)))
    right, predicted, wanted = counts[drawn].sum(axis=1).T
    with np.errstate(invalid="ignore", divide="ignore"):
        samples = {
            "precision": right / predicted,
            "recall": right / wanted,
            "F1": 2 * right / (predicted + wanted),
        }
    return {
        name: (float(np.nanpercentile(values, 2.5)), float(np.nanpercentile(values, 97.5)))
        for name, values in samples.items()
    }


def figures(judged: Sequence[Judged]) -> list[str]:
    """The measures of a half as lines of text: all, the diagnoses of section 7, by tier and by field."""
    total, ends = Score.of(judged), intervals(judged)
    lines = [
        f"  {name:<9} {value:.3f}  [{ends[name][0]:.3f}, {ends[name][1]:.3f}]" for name, value in total.measures.items()
    ]
    others = sum(item.startswith(f"{OTHER}:") for one in judged for item in one.clause.gold)
    named = Score(total.right, total.predicted, total.wanted - others)
    lines.append(
        f"  items {total.wanted}, of these other {others / total.wanted:.3f}; recall without {named.recall:.3f}"
    )
    free = [one for one in judged if not one.clause.gold]
    lines.append(
        f"  clauses without a skill {len(free)}, of these with a prediction {sum(bool(o.found) for o in free)}"
    )
    for tier in known_tiers():
        found = [
            skill in one.clause.gold for one in judged for skill, mention in one.found.items() if mention.tier == tier
        ]
        if found:
            lines.append(f"  tier {tier}: {len(found)} predictions, right {sum(found) / len(found):.3f}")
    by_field: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        by_field[one.clause.field].append(one)
    for field, part in sorted(by_field.items()):
        score = Score.of(part)
        lines.append(f"  {field:<11} P {score.precision:.3f}  R {score.recall:.3f}  ({len(part)} clauses)")
    return lines


def differences(judged: Sequence[Judged]) -> list[str]:
    """Each clause that is not exactly right, with the words that were missed and those that misled."""
    lines = []
    for one in judged:
        gold, found = one.clause.gold, one.found
        missed = [f"{item} ({gold[item]})" for item in sorted(gold.keys() - found.keys())]
        wrong = [
            f"{skill} ({one.clause.text[found[skill].start : found[skill].end]}, tier {found[skill].tier})"
            for skill in sorted(found.keys() - gold.keys())
        ]
        if missed or wrong:
            lines.append(f"{one.clause.id} {one.clause.text}")
            lines += [f"    missed {item}" for item in missed]
            lines += [f"    wrong  {item}" for item in wrong]
    return lines


def run() -> list[Result]:
    """Precision, recall and F1 of the shipped default on both halves; the goals are those of the test half."""
    results = []
    for half in get_args(Half):
        judged = judge(half)
        ends = intervals(judged)
        for name, value in Score.of(judged).measures.items():
            least = GOALS.get(name) if half == "test" else None
            results.append(
                Result(
                    f"Chinese clauses, {half} half, {name}",
                    round(value, 4),
                    f"share, 95% {ends[name][0]:.3f} to {ends[name][1]:.3f}",
                    goal=None if least is None else f"≥ {least:.2f}",
                    met=None if least is None else value >= least,
                    command=f"{COMMAND} --half {half}",
                )
            )
    return results


def main(arguments: Sequence[str]) -> int:
    """Print the figures asked for."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="precision and recall on Chinese clauses")
    parser.add_argument("--half", choices=get_args(Half), help="one half only")
    parser.add_argument("--errors", action="store_true", help="list the errors too; of the development half only")
    parser.add_argument("--tiers", default=",".join(map(str, DEFAULT_TIERS)), help="1 or 1,2; the default is shipped")
    options = parser.parse_args(arguments)
    if options.errors and options.half != "development":
        parser.error("errors are listed of the development half only: add --half development")
    tiers = tuple(int(tier) for tier in options.tiers.split(","))
    for half in [options.half] if options.half else get_args(Half):
        judged = judge(half, tiers)
        print(f"{half} half, {len(judged)} clauses, tiers {options.tiers}")
        print("\n".join(figures(judged)))
        if options.errors:
            print("\n".join(differences(judged)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
