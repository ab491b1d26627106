"""Learns the gate of tier 2 from SkillSpan's train part, measures it on its dev part and writes it into the lexicon.

    python -m benchmarks.demand.fit_gate

Newton's method for logistic regression with an L2 penalty; no random choice. SkillSpan: Zhang and others, NAACL
2022, MIT licence.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ronghe.runners.encoding import ENCODER, UniversalSentenceEncoder

PROJECT = Path(__file__).resolve().parents[2]
TARGET = PROJECT / "src" / "ronghe" / "lexicon" / "models" / "skill_gate.json"
PENALTY = 1.0
PLACES = 4

Floats = NDArray[np.float64]


def read_part(name: str) -> tuple[list[str], Floats]:
    """Return the sentences of one part and whether each names a skill or a piece of knowledge."""
    folder = Path(os.environ.get("RONGHE_SHARED", PROJECT.parent / "shared")) / "data" / "skill-gold" / "skillspan"
    texts, named = [], []
    for line in (folder / f"{name}.json").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        text = " ".join(entry["tokens"])
        if len(text) >= 3:
            texts.append(text)
            named.append(any(tag != "O" for tag in entry["tags_skill"] + entry["tags_knowledge"]))
    return texts, np.array(named, dtype=np.float64)


def fit(vectors: Floats, named: Floats) -> Floats:
    """Return the weights, the last of them the bias."""
    design = np.column_stack((vectors, np.ones(len(vectors))))
    penalty = np.append(np.full(vectors.shape[1], PENALTY), 1e-9)
    weights = np.zeros(design.shape[1])
    for _ in range(25):
        chance = 1.0 / (1.0 + np.exp(-design @ weights))
        slope = design.T @ (chance - named) + penalty * weights
        curvature = (design.T * (chance * (1 - chance))) @ design + np.diag(penalty)
        weights -= np.linalg.solve(curvature, slope)
    return weights


def area_under_curve(scores: Floats, named: Floats) -> float:
    """Return the probability that a sentence with a skill scores above one without (ties by order)."""
    ranks = np.empty(len(scores))
    ranks[np.argsort(scores)] = np.arange(1, len(scores) + 1)
    positive = named.sum()
    return float((ranks[named == 1].sum() - positive * (positive + 1) / 2) / (positive * (len(named) - positive)))


def main() -> int:
    """Fit, measure and write."""
    encoder = UniversalSentenceEncoder()
    texts, named = read_part("train")
    weights = np.round(fit(encoder.encode(texts).astype(np.float64), named), PLACES)
    held_out, answers = read_part("dev")
    scores = encoder.encode(held_out) @ weights[:-1] + weights[-1]
    content = {
        "what": "chance that a sentence names a skill or a piece of knowledge, by logistic regression on its vector",
        "source": "SkillSpan, train part (Zhang and others, NAACL 2022), MIT licence",
        "encoder": ENCODER,
        "made_by": "python -m benchmarks.demand.fit_gate",
        "sentences": len(texts),
        "penalty": PENALTY,
        "dev_area_under_curve": round(area_under_curve(scores, answers), 4),
        "dev_accuracy": round(float(((scores > 0) == answers).mean()), 4),
        "bias": float(weights[-1]),
        "weights": weights[:-1].tolist(),
    }
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
    print({key: value for key, value in content.items() if key != "weights"})
    return 0


if __name__ == "__main__":
    sys.exit(main())
