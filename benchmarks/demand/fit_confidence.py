"""Learns how sure a mention in a Chinese clause is, estimates what it is worth and writes it into the lexicon.

    python -m benchmarks.demand.fit_confidence            estimate and write
    python -m benchmarks.demand.fit_confidence estimate   estimate only

It learns from `first-mentions.jsonl`: what the dictionary found in the development clauses before it had been tuned on
them, so that they show the errors of unseen text. The clauses of writers A, B and C were read by the lexicon as it
stood when they came; those of the first set (writer O), on which the lexicon had been tuned by then, by the lexicon
from before that tuning with the cue phrases of later. The test half of the first set is not read.

The estimate leaves out one writer at a time. Gradient boosting on the logistic loss: each tree on a random part of the
mentions, each question on a random part of what can be asked (fixed seed), its leaves by one step of Newton's method.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.demand.chinese import FOLDER, read_clauses, read_lines, read_more
from ronghe.methods.skills.confidence import DEPTH, Confidence, FormTraits, Placed, features

TARGET = Path(__file__).resolve().parents[2] / "src" / "ronghe" / "lexicon" / "models" / "mention_confidence.json"
TREES, RATE, PENALTY, LEAST_LEAF = 160, 0.06, 1.0, 8
PART_OF_MENTIONS, PART_OF_QUESTIONS = 0.7, 0.4
SEED = 20_261_123
PLACES = 4
LEAST = 0.70
"""Mentions below this chance do not count; chosen on the estimate, for precision with recall to spare."""
STEPS = (0.0, 0.6, 0.65, LEAST, 0.72, 0.74, 0.76, 0.8, 0.85)

UNREACHED = 1e6
"""A threshold that nothing exceeds, where a tree has no question left to ask."""

Floats = NDArray[np.float64]
Tree = tuple[NDArray[np.int64], Floats, Floats]
Texts = dict[str, tuple[str, str, set[str]]]


def read_texts() -> Texts:
    """Writer, text and gold items of every development clause by its id."""
    texts = {clause.id: ("O", clause.text, set(clause.gold)) for clause in read_clauses("development")}
    writers = {line["id"]: line["writer"] for line in read_lines("more/clauses.jsonl")}
    return texts | {clause.id: (writers[clause.id], clause.text, set(clause.gold)) for clause in read_more()}


def read_mentions() -> list[dict[str, Any]]:
    """What was found in them, in order of place."""
    return [json.loads(line) for line in (FOLDER / "more" / "first-mentions.jsonl").read_text("utf-8").splitlines()]


def weighed(mentions: Sequence[dict[str, Any]], texts: Texts) -> dict[str, Floats]:
    """What `features` gives for the mentions; each brings the traits that its form had when it was found."""
    begins: dict[str, int] = {}
    joined = "\n\n"
    for identifier in dict.fromkeys(mention["id"] for mention in mentions):
        begins[identifier] = len(joined)
        joined += texts[identifier][1] + "\n\x00\n"
    names = list(dict.fromkeys(name for mention in mentions for name in mention["traits"]))
    skill, group, field = (
        np.unique([mention[key] for mention in mentions], return_inverse=True)[1].astype(np.int64)
        for key in ("skill", "group", "field")
    )
    traits = FormTraits(
        skill,
        group,
        field,
        np.array([bool(mention["traits"].get("ambiguous")) for mention in mentions]),
        {name: np.array([mention["traits"].get(name, 0.0) for mention in mentions]) for name in names},
    )
    offset = np.array([begins[mention["id"]] for mention in mentions])
    placed = Placed(
        offset + [mention["start"] for mention in mentions],
        offset + [mention["end"] for mention in mentions],
        np.arange(len(mentions)),
        np.array([mention["score"] for mention in mentions]),
    )
    return features(np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32), placed, traits)


def grow(table: Floats, slope: Floats, curvature: Floats, generator: np.random.Generator) -> Tree:
    """Return one tree that lowers the loss, given its slope and curvature at each row."""
    inner = 2**DEPTH - 1
    question, threshold, leaf = np.zeros(inner, dtype=np.int64), np.full(inner, np.inf), np.zeros(inner + 1)
    asked = max(1, round(PART_OF_QUESTIONS * table.shape[1]))

    def gain(of_slope: Floats, of_curvature: Floats) -> Floats:
        value: Floats = of_slope**2 / (of_curvature + PENALTY)
        return value

    def split(place: int, rows: NDArray[np.int64]) -> None:
        if place >= inner:
            leaf[place - inner] = RATE * slope[rows].sum() / (curvature[rows].sum() + PENALTY)
            return
        best = 1e-9
        for column in generator.choice(table.shape[1], asked, replace=False).tolist():
            order = rows[np.argsort(table[rows, column], kind="stable")]
            value = table[order, column]
            slopes, curvatures = np.cumsum(slope[order]), np.cumsum(curvature[order])
            cut = np.flatnonzero(value[1:] > value[:-1])
            cut = cut[(cut + 1 >= LEAST_LEAF) & (len(order) - cut - 1 >= LEAST_LEAF)]
            if not len(cut):
                continue
            better = (
                gain(slopes[cut], curvatures[cut])
                + gain(slopes[-1] - slopes[cut], curvatures[-1] - curvatures[cut])
                - gain(slopes[-1:], curvatures[-1:])
            )
            at = int(better.argmax())
            if better[at] > best:
                best = float(better[at])
                question[place], threshold[place] = column, (value[cut[at]] + value[cut[at] + 1]) / 2
        beyond = table[rows, question[place]] > threshold[place]
        split(2 * place + 1, rows[~beyond])
        split(2 * place + 2, rows[beyond])

    part = generator.choice(len(table), round(PART_OF_MENTIONS * len(table)), replace=False)
    split(0, np.sort(part))
    return question, np.minimum(threshold, UNREACHED), leaf


def fit(names: Sequence[str], table: Floats, right: Floats) -> Confidence:
    """Return the trees, rounded as they are written."""
    generator = np.random.default_rng(SEED)
    bias = round(float(np.log(right.mean() / (1 - right.mean()))), PLACES)
    trees: list[Tree] = []
    model = Confidence(tuple(names), *stacked(trees), bias, LEAST)
    for _ in range(TREES):
        chance = model.chance(by_name(names, table))
        question, threshold, leaf = grow(table, right - chance, chance * (1 - chance), generator)
        trees.append((question, np.round(threshold, PLACES), np.round(leaf, PLACES)))
        model = Confidence(tuple(names), *stacked(trees), bias, LEAST)
    return model


def stacked(trees: Sequence[Tree]) -> tuple[NDArray[np.int64], Floats, Floats]:
    """The trees as three arrays."""
    inner = 2**DEPTH - 1
    return (
        np.array([tree[0] for tree in trees], dtype=np.int64).reshape(-1, inner),
        np.array([tree[1] for tree in trees]).reshape(-1, inner),
        np.array([tree[2] for tree in trees]).reshape(-1, inner + 1),
    )


def by_name(names: Sequence[str], table: Floats) -> dict[str, Floats]:
    """The columns of a table by name."""
    return {name: table[:, column] for column, name in enumerate(names)}


def scored(mentions: Sequence[dict[str, Any]], chance: Floats, texts: Texts, writers: str, least: float) -> str:
    """Precision and recall over the clauses of some writers, by section 7 of the guideline."""
    found: set[tuple[str, str]] = {
        (mention["id"], mention["skill"])
        for mention, value in zip(mentions, chance.tolist(), strict=True)
        if value >= least and texts[mention["id"]][0] in writers
    }
    right = sum(skill in texts[identifier][2] for identifier, skill in found)
    wanted = sum(len(gold) for writer, _, gold in texts.values() if writer in writers)
    return f"{right / max(len(found), 1):.3f} / {right / wanted:.3f}"


def main(arguments: Sequence[str]) -> int:
    """Print the estimate and, unless only that is wanted, write the model."""
    texts, mentions = read_texts(), read_mentions()
    values = weighed(mentions, texts)
    names = [name for name in values if name != "chinese"]
    table = np.column_stack([values[name] for name in names])
    right = np.array([float(mention["skill"] in texts[mention["id"]][2]) for mention in mentions])
    writer = np.array([texts[mention["id"]][0] for mention in mentions])
    held_out = np.zeros(len(mentions))
    for left_out in np.unique(writer).tolist():
        train = writer != left_out
        held_out[~train] = fit(names, table[train], right[train]).chance(by_name(names, table[~train]))
    print(
        f"{len(mentions)} mentions, {dict(Counter(writer.tolist()))}; precision / recall, one writer left out at a time"
    )
    print("| least | A | B | C | A, B, C | O |\n|---|---|---|---|---|---|")
    for least in STEPS:
        cells = (scored(mentions, held_out, texts, writers, least) for writers in ("A", "B", "C", "ABC", "O"))
        print(f"| {least:.2f} | {' | '.join(cells)} |")
    if list(arguments) == ["estimate"]:
        return 0
    model = fit(names, table, right)
    content = {
        "what": "chance that a mention in a Chinese clause is asked for, by boosted decision trees",
        "source": "tests/data/zh_clauses/more/first-mentions.jsonl, development clauses only",
        "made_by": "python -m benchmarks.demand.fit_confidence",
        "mentions": len(mentions),
        "least": LEAST,
        "bias": model.bias,
        "names": names,
        "question": model.question.tolist(),
        "threshold": model.threshold.tolist(),
        "leaf": model.leaf.tolist(),
    }
    TARGET.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
