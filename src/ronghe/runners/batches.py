"""The one function that every runner applies: advertisements as an Arrow batch in, mentions as an Arrow batch out.

It depends on nothing but the batch and the tiers, so it gives the same rows in this process, in a pool and on Spark.
"""

from __future__ import annotations

from operator import getitem
from typing import Any

import numpy as np
import pyarrow as pa

from ronghe.lexicon import Lexicon
from ronghe.methods.skills import Extractor
from ronghe.runners.extraction import DEFAULT_TIERS, Tiers, extractor, lexicon

POSTINGS = pa.schema([pa.field("id", pa.string()), pa.field("text", pa.string())])
"""Advertisements: what to call them, and their text."""

_COLUMNS: list[pa.Field[Any]] = [
    pa.field("id", pa.string()),
    pa.field("start", pa.int32()),
    pa.field("end", pa.int32()),
    pa.field("text", pa.string()),
    pa.field("form", pa.string()),
    pa.field("skill", pa.string()),
    pa.field("zh", pa.string()),
    pa.field("en", pa.string()),
    pa.field("field", pa.string()),
    pa.field("tier", pa.int32()),
    pa.field("score", pa.float64()),
]
MENTIONS = pa.schema(_COLUMNS)
"""Mentions, one a row: the advertisement's `id`; half-open offsets in code points of its text and what stands there;
the form of the lexicon that it matched; the skill with its names and field; the tier that found it and its score in
(0, 1], to four places."""

_SCORE_PLACES = 4


def extract_batch(batch: pa.RecordBatch, tiers: Tiers = DEFAULT_TIERS) -> pa.RecordBatch:
    """Return the mentions (`MENTIONS`) in a batch of advertisements (`POSTINGS`), by row and then by start.

    A missing text has no mentions. Builds the process's extractor when it is called first.
    """
    return mentions_in(batch, extractor(tiers), lexicon())


def mentions_in(batch: pa.RecordBatch, engine: Extractor, known: Lexicon) -> pa.RecordBatch:
    """`extract_batch` with an extractor of the caller's, built from the lexicon `known`."""
    texts: list[str] = [text or "" for text in batch.column("text").to_pylist()]
    table = engine.extract_table(texts)
    used = np.flatnonzero(np.bincount(table.form))
    row = np.zeros(len(engine.automaton.forms), dtype=np.int64)
    row[used] = np.arange(len(used))
    forms = [engine.automaton.forms[number] for number in used.tolist()]
    skills = [known.by_id[form.skill_id] for form in forms]
    owners, stretches = table.owner.tolist(), map(slice, table.start.tolist(), table.end.tolist())
    written = list(map(getitem, map(texts.__getitem__, owners), stretches))
    # The stubs of Arrow know nothing of arrays of numbers.
    which: Any = pa.array(row[table.form])
    owner: Any = pa.array(table.owner)

    def by_form(values: list[str]) -> pa.Array[Any]:
        return pa.array(values, pa.string()).take(which)

    columns: list[pa.Array[Any]] = [
        batch.column("id").cast(pa.string()).take(owner),
        pa.array(table.start.astype(np.int32)),
        pa.array(table.end.astype(np.int32)),
        pa.array(written, pa.string()),
        by_form([form.text for form in forms]),
        by_form([skill.id for skill in skills]),
        by_form([skill.zh for skill in skills]),
        by_form([skill.en for skill in skills]),
        by_form([skill.field for skill in skills]),
        pa.array(table.tier.astype(np.int32)),
        pa.array(np.round(table.score.astype(np.float64), _SCORE_PLACES)),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=MENTIONS)
