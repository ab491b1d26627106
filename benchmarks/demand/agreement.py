"""How far the two annotators of the Chinese clauses agree, by section 6 of their guideline, before adjudication.

It reads no program's output and scores no extractor: it prints the table only.

    python -m benchmarks.demand.agreement           the first set, whole and by half
    python -m benchmarks.demand.agreement more      the second set, whole and by writer
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "data" / "zh_clauses"
OTHER = "other"
SAMPLES = 1_000
SEED = 20_261_122


class Span(TypedDict):
    """One marked stretch: half-open offsets in code points, and an inventory id or `other`."""

    start: int
    end: int
    text: str
    label: str


Pairs = list[tuple[Span, Span]]
Totals = dict[str, float]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of one JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def exact_pairs(first: Sequence[Span], second: Sequence[Span]) -> Pairs:
    """Spans of equal start and end."""
    places = {(span["start"], span["end"]): span for span in second}
    return [(span, places[place]) for span in first if (place := (span["start"], span["end"])) in places]


def overlapping_pairs(first: Sequence[Span], second: Sequence[Span]) -> Pairs:
    """Spans paired one to one, the largest overlap in characters first, ties from left to right."""
    candidates = sorted(
        (-overlap, i, j)
        for i, one in enumerate(first)
        for j, two in enumerate(second)
        if (overlap := min(one["end"], two["end"]) - max(one["start"], two["start"])) > 0
    )
    taken: dict[int, int] = {}
    for _, i, j in candidates:
        if i not in taken and j not in taken.values():
            taken[i] = j
    return [(first[i], second[j]) for i, j in taken.items()]


def clause_counts(first: Sequence[Span], second: Sequence[Span]) -> Totals:
    """What one clause adds to the totals that every measure is computed from."""
    counts: Totals = {"clauses": 1, "spans": len(first) + len(second)}
    for kind, pairs in (("exact", exact_pairs(first, second)), ("overlap", overlapping_pairs(first, second))):
        both_other = sum(one["label"] == two["label"] == OTHER for one, two in pairs)
        counts |= {
            kind: len(pairs),
            f"{kind}_same": sum(one["label"] == two["label"] for one, two in pairs),
            f"{kind}_other": both_other,
        }
    ids = [{span["label"] for span in spans} - {OTHER} for spans in (first, second)]
    unnamed = [len({span["text"] for span in spans if span["label"] == OTHER}) for spans in (first, second)]
    return counts | {
        "one_has": bool(first),
        "two_has": bool(second),
        "same_answer": bool(first) == bool(second),
        "shared_ids": len(ids[0] & ids[1]),
        "ids": len(ids[0]) + len(ids[1]),
        "one_other": unnamed[0],
        "two_other": unnamed[1],
    }


def kappa(totals: Totals) -> float:
    """Cohen's kappa (p_o − p_e) ÷ (1 − p_e) on "the clause has a skill", with both annotators' own margins."""
    clauses = totals["clauses"]
    one, two = totals["one_has"] / clauses, totals["two_has"] / clauses
    expected = one * two + (1 - one) * (1 - two)
    return (totals["same_answer"] / clauses - expected) / (1 - expected)


# The evaluation's measure counts `other` in the reference only, so each annotator stands once as the reference.
MEASURES: dict[str, Callable[[Totals], float]] = {
    "Span F1, exact": lambda t: 2 * t["exact"] / t["spans"],
    "Span F1, overlapping": lambda t: 2 * t["overlap"] / t["spans"],
    "Label agreement, exact pairs": lambda t: t["exact_same"] / t["exact"],
    "… without pairs of `other`, exact": lambda t: (
        (t["exact_same"] - t["exact_other"]) / (t["exact"] - t["exact_other"])
    ),
    "Label agreement, overlapping pairs": lambda t: t["overlap_same"] / t["overlap"],
    "… without pairs of `other`, overlapping": lambda t: (
        (t["overlap_same"] - t["overlap_other"]) / (t["overlap"] - t["overlap_other"])
    ),
    "Cohen's kappa, clause has a skill": kappa,
    "Set F1, 1 against 2": lambda t: 2 * t["shared_ids"] / (t["ids"] + t["two_other"]),
    "Set F1, 2 against 1": lambda t: 2 * t["shared_ids"] / (t["ids"] + t["one_other"]),
}


def measure(counts: Sequence[Totals]) -> dict[str, tuple[float, float, float]]:
    """Each measure with the 95% percentile interval of bootstrap samples of clauses."""
    keys = list(counts[0])
    table = np.array([[clause[key] for key in keys] for clause in counts], dtype=float)
    chosen = np.random.default_rng(SEED).integers(0, len(table), size=(SAMPLES, len(table)))
    samples = [dict(zip(keys, table[rows].sum(axis=0).tolist(), strict=True)) for rows in chosen]
    whole = dict(zip(keys, table.sum(axis=0).tolist(), strict=True))
    result = {}
    for name, formula in MEASURES.items():
        low, high = np.percentile([formula(sample) for sample in samples], (2.5, 97.5))
        result[name] = (formula(whole), float(low), float(high))
    return result


def main(arguments: Sequence[str]) -> int:
    """Print all measures, over all clauses and each part of them, as a Markdown table."""
    more = list(arguments) == ["more"]
    folder, part = (FOLDER / "more", "writer") if more else (FOLDER, "half")
    parts = {clause["id"]: clause[part] for clause in read_lines(folder / "clauses.jsonl")}
    first, second = (
        {clause["id"]: clause["spans"] for clause in read_lines(folder / f"annotator-{number}.jsonl")}
        for number in (1, 2)
    )
    scopes = {
        scope: measure([clause_counts(first[key], second[key]) for key in parts if scope in ("all", parts[key])])
        for scope in ("all", *sorted(set(parts.values())))
    }
    print(f"| Measure | {' | '.join(scopes)} |")
    print("|---|" + "---|" * len(scopes))
    for name in MEASURES:
        cells = (f"{value:.3f} [{low:.3f}, {high:.3f}]" for value, low, high in (s[name] for s in scopes.values()))
        print(f"| {name} | {' | '.join(cells)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
