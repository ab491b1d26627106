"""Postings per CPU-second of the dictionary pass on real advertisements, and memory, beside pyahocorasick and
flashtext.

    python -m benchmarks.demand.dictionary_pass

Protocol. Each tool runs alone in a process of its own. Texts are in memory as strings; the clock is the CPU time of
the process from texts to the mentions of all texts, once per round; building is not counted. Value: the best round,
since other work on the machine only ever slows one down (all rounds are printed). Memory: the process's highest
resident set, lexicon, texts and mentions included.

The job. Ronghe: everything of tier 1, so also spelling variants, plurals, cased and ambiguous forms, idioms and
negation. The peers get the same surface forms, case-insensitive, whole words, longest match, spans with skills, and
none of the rest: Latin edges are tested and overlaps resolved in Python for pyahocorasick; flashtext does both
itself.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.result import Result

PROJECT = Path(__file__).resolve().parents[2]
COMMAND = "python -m benchmarks.demand.dictionary_pass"
GOAL_RATE, GOAL_MEMORY = 20_000, 500
ROUNDS = {"ronghe": 7, "arrow": 5, "pyahocorasick": 2, "flashtext": 1}
# Flashtext is slow enough to be measured on the first postings only; the others read all of them.
FLASHTEXT_POSTINGS = 3_000

Find = Callable[[list[str]], int]


def postings() -> Path:
    """The file of real advertisements."""
    root = Path(os.environ.get("RONGHE_SHARED", PROJECT.parent / "shared"))
    return root / "data" / "postings" / "who-is-hiring-2017-2018.parquet"


def ronghe() -> Find:
    """The dictionary pass from texts to the table of mentions."""
    from ronghe.runners.extraction import extractor, prepare

    prepare((1,))
    engine = extractor((1,))
    return lambda texts: len(engine.extract_table(texts).owner)


def arrow() -> Find:
    """The function that the runners call, from an Arrow batch to an Arrow batch with labels."""
    import pyarrow as pa

    from ronghe.runners.batches import POSTINGS, extract_batch
    from ronghe.runners.extraction import prepare

    prepare((1,))

    def find(texts: list[str]) -> int:
        names = pa.array([str(number) for number in range(len(texts))])
        batch = pa.RecordBatch.from_arrays([names, pa.array(texts, pa.string())], schema=POSTINGS)
        return extract_batch(batch).num_rows

    return find


def surface_forms() -> dict[str, str]:
    """Each form in lower case with the skill that owns it."""
    from ronghe.lexicon import load_lexicon

    return {form.text.lower(): form.skill_id for form in load_lexicon().surface_forms()}


def pyahocorasick() -> Find:
    """The peer's automaton; edges and overlaps in Python."""
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for text, skill in surface_forms().items():
        opens, closes = (character.isascii() and character.isalnum() for character in (text[0], text[-1]))
        automaton.add_word(text, (len(text), opens, closes, skill))
    automaton.make_automaton()

    def find(texts: list[str]) -> int:
        count = 0
        for text in texts:
            lowered = text.lower()
            found = []
            for last, (length, opens, closes, skill) in automaton.iter(lowered):
                start, end = last - length + 1, last + 1
                if opens and start and lowered[start - 1].isascii() and lowered[start - 1].isalnum():
                    continue
                if closes and end < len(lowered) and lowered[end].isascii() and lowered[end].isalnum():
                    continue
                found.append((start, end, skill))
            found.sort(key=lambda mention: (mention[0], -mention[1]))
            mentions, reach = [], 0
            for mention in found:
                if mention[0] >= reach:
                    mentions.append(mention)
                    reach = mention[1]
            count += len(mentions)
        return count

    return find


def flashtext() -> Find:
    """The peer with its own word edges."""
    from flashtext import KeywordProcessor

    processor = KeywordProcessor(case_sensitive=False)
    for text, skill in surface_forms().items():
        processor.add_keyword(text, skill)
    return lambda texts: sum(len(processor.extract_keywords(text, span_info=True)) for text in texts)


TOOLS: dict[str, Callable[[], Find]] = {
    "ronghe": ronghe,
    "arrow": arrow,
    "pyahocorasick": pyahocorasick,
    "flashtext": flashtext,
}


def measure(name: str) -> dict[str, object]:
    """Run one tool in this process."""
    import pyarrow.parquet as pq

    texts: list[str] = pq.read_table(postings(), columns=["text"])["text"].to_pylist()
    if name == "flashtext":
        texts = texts[:FLASHTEXT_POSTINGS]
    find = TOOLS[name]()
    rates = []
    mentions = 0
    for _ in range(ROUNDS[name]):
        before = time.process_time()
        mentions = find(texts)
        rates.append(len(texts) / (time.process_time() - before))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"tool": name, "postings": len(texts), "mentions": mentions, "rates": rates, "memory": memory}


def measured_alone(name: str) -> dict[str, object]:
    """Run one tool in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.demand.dictionary_pass", name],
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT / "src"), str(PROJECT)])},
    )
    found: dict[str, object] = json.loads(done.stdout)
    print(json.dumps(found), file=sys.stderr)
    return found


def run() -> list[Result]:
    """Rate and memory, and the ratio to each peer; nothing where the advertisements are not here."""
    if not postings().is_file():
        print("dictionary_pass: no open data set data/postings (RONGHE_SHARED names its folder)", file=sys.stderr)
        return []
    found = {name: measured_alone(name) for name in TOOLS}
    best = {name: max(entry["rates"]) for name, entry in found.items()}  # type: ignore[type-var,call-overload]
    memory = float(found["ronghe"]["memory"])  # type: ignore[arg-type]
    results = [
        Result(
            "dictionary pass, real advertisements",
            round(best["ronghe"]),
            "postings per CPU-second",
            peer,
            round(best[peer]),
            round(best["ronghe"] / best[peer], 2),
            f"≥ {GOAL_RATE:,}",
            best["ronghe"] >= GOAL_RATE,
            COMMAND,
        )
        for peer in ("pyahocorasick", "flashtext")
    ]
    results.append(
        Result(
            "dictionary pass, Arrow batch to Arrow batch with labels",
            round(best["arrow"]),
            "postings per CPU-second",
            command=COMMAND,
        )
    )
    results.append(
        Result(
            "dictionary pass, highest resident set",
            round(memory),
            "MB",
            "pyahocorasick",
            round(float(found["pyahocorasick"]["memory"])),  # type: ignore[arg-type]
            None,
            f"≤ {GOAL_MEMORY}",
            memory <= GOAL_MEMORY,
            COMMAND,
        )
    )
    return results


def main(arguments: list[str]) -> int:
    """Measure one tool as JSON, or all of them."""
    if arguments:
        json.dump(measure(arguments[0]), sys.stdout)
        return 0
    for result in run():
        print(result)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
