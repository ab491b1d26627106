"""Set-level F1 on sentences of real advertisements with ESCO labels (skill-gold, validation parts), beside a peer.

    python -m benchmarks.demand.skill_gold

Protocol. Every sentence of the file counts. Gold: the set of its labels without "LABEL NOT PRESENT" and
"UNDERSPECIFIED". Predicted: the set of preferred labels of the ESCO concepts found. Micro-averaged over sentences:
F1 = 2·Σ|P∩G| ÷ (Σ|P| + Σ|G|).

Ronghe: the shipped tiers 1 and 2 with the shipped rule and gate, over ESCO's own preferred labels, read from the
originals at run time (a label's explanation in brackets left out): nothing is trained on these sentences. The rule's
two thresholds were looked at on them, so the figure "cross-validated" chooses both on four fifths and scores on the
fifth.

Peer: `esco-skill-extractor` 0.1.18 with its defaults and its model all-MiniLM-L6-v2, in an interpreter of its own:
RONGHE_PEER_PYTHON names the interpreter and RONGHE_PEER_MODEL the folder of the model. Without them the peer's columns
are empty.
"""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.result import Result
from ronghe.lexicon import EscoSkill, load_lexicon, normal_form, read_esco_skills
from ronghe.methods.skills import Extractor, SurfaceAutomaton, SurfaceForm
from ronghe.methods.skills.semantic import Label, SemanticRule, SemanticTier
from ronghe.runners.encoding import UniversalSentenceEncoder, load_gate

PROJECT = Path(__file__).resolve().parents[2]
COMMAND = "python -m benchmarks.demand.skill_gold"
PEER = "esco-skill-extractor 0.1.18"
NO_LABEL = {"LABEL NOT PRESENT", "UNDERSPECIFIED", ""}
ANCHORS = {"tech": 0.40, "house": 0.28}
FOLDS = 5
GRID = [(similarity, chance) for similarity in (0.50, 0.55, 0.60, 0.65, 0.70) for chance in (0.15, 0.30, 0.50)]

Gold = dict[str, set[str]]
Predictions = list[set[str]]


def shared(*parts: str) -> Path:
    """A file of the open data sets."""
    return Path(os.environ.get("RONGHE_SHARED", PROJECT.parent / "shared"), "data", *parts)


def read_gold(part: str) -> Gold:
    """The set of labels of each sentence of a validation part, in the order of the file."""
    gold: Gold = {}
    with shared("skill-gold", f"{part}_validation_annotations.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            labels = gold.setdefault(row["sentence"], set())
            if row["label"] not in NO_LABEL:
                labels.add(row["label"])
    return gold


def f1(predictions: Sequence[set[str]], gold: Sequence[set[str]]) -> tuple[float, float, float]:
    """Micro-averaged precision, recall and F1."""
    right = sum(len(found & wanted) for found, wanted in zip(predictions, gold, strict=True))
    predicted, wanted = sum(map(len, predictions)), sum(map(len, gold))
    return right / max(predicted, 1), right / max(wanted, 1), 2 * right / max(predicted + wanted, 1)


class EscoExtractor:
    """The shipped tiers over ESCO's preferred labels; the rule of tier 2 can be changed for cross-validation."""

    def __init__(self, concepts: Sequence[EscoSkill]) -> None:
        forms: dict[str, SurfaceForm] = {}
        for concept in concepts:
            text = re.sub(r"\s*\(.*?\)\s*$", "", concept.label)
            forms.setdefault(normal_form(text), SurfaceForm(text, concept.label, "esco", "esco"))
        cues = load_lexicon().cues
        self._automaton = SurfaceAutomaton(forms.values(), cues=cues)
        self._encoder = UniversalSentenceEncoder()
        self._labels = [Label(number, form.text) for number, form in enumerate(self._automaton.forms)]
        self._vectors = self._label_vectors()
        self._cues = cues
        self._gate = load_gate()

    def _label_vectors(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        texts = [label.text for label in self._labels]
        digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
        path = PROJECT / "var" / "benchmarks" / f"esco-labels-{digest}.npy"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, self._encoder.encode(texts))
        return np.load(path, allow_pickle=False)

    def predict(self, sentences: Sequence[str], rule: SemanticRule | None = None) -> Predictions:
        """The set of preferred labels in each sentence."""
        second = SemanticTier(
            self._labels, self._vectors, self._encoder, self._gate, self._cues, {}, rule or SemanticRule()
        )
        found = Extractor(self._automaton, second).extract_all(sentences)
        return [{mention.skill_id for mention in mentions} for mentions in found]


def cross_validated(extractor: EscoExtractor, gold: Mapping[str, Gold]) -> dict[str, float]:
    """F1 of each part when both thresholds are chosen on the other folds of both parts together."""
    rows = [(part, sentence) for part, found in gold.items() for sentence in found]
    # By digest, so that a sentence's fold depends on nothing but its text.
    fold = np.array([int(hashlib.sha256(sentence.encode()).hexdigest(), 16) % FOLDS for _, sentence in rows])
    wanted = [gold[part][sentence] for part, sentence in rows]
    every = [
        extractor.predict(
            [sentence for _, sentence in rows],
            SemanticRule(least_similarity_latin=similarity, least_chance_latin=chance),
        )
        for similarity, chance in GRID
    ]
    chosen: Predictions = [set() for _ in rows]
    for held_out in range(FOLDS):
        train = np.flatnonzero(fold != held_out).tolist()
        best = max(every, key=lambda found: f1([found[at] for at in train], [wanted[at] for at in train])[2])
        for at in np.flatnonzero(fold == held_out).tolist():
            chosen[at] = best[at]
    return {
        part: f1(
            [chosen[at] for at, (name, _) in enumerate(rows) if name == part],
            [wanted[at] for at, (name, _) in enumerate(rows) if name == part],
        )[2]
        for part in gold
    }


def peer_predictions(sentences: Sequence[str], names: Mapping[str, str]) -> Predictions | None:
    """What the peer finds, as preferred labels; `None` where it is not installed."""
    python, model = os.environ.get("RONGHE_PEER_PYTHON"), os.environ.get("RONGHE_PEER_MODEL")
    if not (python and model):
        return None
    done = subprocess.run(
        [python, str(Path(__file__).with_name("esco_peer.py")), model],
        input=json.dumps(list(sentences)),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    return [{names.get(address, address) for address in found} for found in json.loads(done.stdout)]


def run() -> list[Result]:
    """F1 on TECH and HOUSE, shipped and cross-validated, beside the peer; nothing where the data are not here."""
    if not shared("skill-gold").is_dir():
        print("skill_gold: no open data set data/skill-gold (RONGHE_SHARED names its folder)", file=sys.stderr)
        return []
    concepts = list(read_esco_skills(shared("esco", "skills_en.csv")))
    names = {concept.uri: concept.label for concept in concepts}
    gold = {part: read_gold(part) for part in ANCHORS}
    extractor = EscoExtractor(concepts)
    careful = cross_validated(extractor, gold)
    everything = [sentence for found in gold.values() for sentence in found]
    theirs = peer_predictions(everything, names)
    results = []
    start = 0
    for part, found in gold.items():
        wanted = list(found.values())
        precision, recall, value = f1(extractor.predict(list(found)), wanted)
        peer_value = None
        if theirs is not None:
            peer_precision, peer_recall, peer_value = f1(theirs[start : start + len(found)], wanted)
            print(f"{part}: peer P {peer_precision:.3f} R {peer_recall:.3f} F1 {peer_value:.3f}", file=sys.stderr)
        start += len(found)
        print(f"{part}: ours P {precision:.3f} R {recall:.3f} F1 {value:.3f}", file=sys.stderr)
        for name, measured in (("F1", value), ("F1, cross-validated", careful[part])):
            results.append(
                Result(
                    f"skill-gold {part.upper()} validation, {name}",
                    round(measured, 4),
                    "share",
                    PEER,
                    None if peer_value is None else round(peer_value, 4),
                    round(measured / peer_value, 2) if peer_value else None,
                    f"≥ {ANCHORS[part]:.2f}",
                    measured >= ANCHORS[part],
                    COMMAND,
                )
            )
    return results


if __name__ == "__main__":
    for result in run():
        print(result)
