"""Whether the teaching that CRI calls related is related: demonstration programmes against real advertisements.

    python -m benchmarks.response.relevance

Data: the 14,513 advertisements of `data/postings`, nearly all for software, their skills read by the dictionary pass;
the demonstration programmes with the skills, levels and hours that their units in force declare. CRI's coverage is the
matching M = Σ w k min(1, p/r) without lag (the advertisements are older than the programmes). The related programme is
the one of the field software. Beside it: every other programme, the difference to the best of them with an interval
over advertisements, and the placebo: the same declarations on skills drawn at random, among the skills that any of
these advertisements asks for, so that no advantage comes from skills which nobody asks for.
"""

import os
import sys

import numpy as np

from benchmarks.demand.dictionary_pass import postings
from benchmarks.result import Result
from ronghe.methods.cri import CriInputs, Placebo, Teaching, corporate_response, placebo
from ronghe.methods.cri.index import answered
from ronghe.methods.demand import poisson_weights

COMMAND = "python -m benchmarks.response.relevance"
RELATED = "software"
FULL_COVERAGE_HOURS = 8.0
REPLICATES = 1_000


def mentions() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Advertisement and skill of every mention once, and the skills asked for."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from ronghe.runners.batches import POSTINGS, extract_batch

    texts = pa.array(pq.read_table(postings(), columns=["text"])["text"].to_pylist(), pa.string())
    names = pa.array([str(number) for number in range(len(texts))])
    found = extract_batch(pa.RecordBatch.from_arrays([names, texts], schema=POSTINGS))
    pairs = sorted(set(zip(map(int, found["id"].to_pylist()), found["skill"].to_pylist(), strict=True)))
    skills = sorted({skill for _, skill in pairs})
    place = {skill: number for number, skill in enumerate(skills)}
    return np.array([row for row, _ in pairs]), np.array([place[skill] for _, skill in pairs]), skills


def declared(skills: list[str]) -> dict[str, Teaching]:
    """By field, what the versions in force declare."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ronghe.web.settings")
    import django

    django.setup()
    from ronghe.apps.demo.curriculum import PROGRAMMES

    place = {skill: number for number, skill in enumerate(skills)}
    found = {}
    for _, field, _, _, packages in PROGRAMMES:
        hours, practice, level = (np.zeros(len(skills)) for _ in range(3))
        for package in packages:
            released = [version for version in package.versions if version.months_ago]
            for unit in released[-1].units if released else ():
                for skill, taught, spent, practised, _ in unit.teaches:
                    if skill in place:
                        hours[place[skill]] += spent
                        practice[place[skill]] += practised
                        level[place[skill]] = max(level[place[skill]], taught)
        share = np.divide(practice, hours, out=np.zeros(len(skills)), where=hours > 0)
        asked = np.full(len(skills), 0.5)
        found[field] = Teaching(
            np.minimum(1.0, hours / FULL_COVERAGE_HOURS), level, np.zeros(len(skills)), share, asked
        )
    return found


def run() -> list[Result]:
    """Coverage of the related programme beside the unrelated ones and the placebo."""
    if not postings().is_file():
        print("relevance: no open data set data/postings (RONGHE_SHARED names its folder)", file=sys.stderr)
        return []
    row, column, skills = mentions()
    programmes = declared(skills)
    if RELATED not in programmes:
        print(f"relevance: no demonstration programme of the field {RELATED}", file=sys.stderr)
        return []
    demand = np.bincount(column, minlength=len(skills)).astype(float)[None, :]
    coverage, tested = {}, {}
    for field, teaching in programmes.items():
        base = corporate_response(CriInputs(demand, np.ones(1), teaching))
        coverage[field] = 100.0 * float(base.matching[0])
        tested[field] = placebo(Placebo(base))
    other = max((field for field in programmes if field != RELATED), key=lambda field: coverage[field])
    # Each advertisement's mentions that either programme answers, weighted anew in each replicate.
    level = np.full(len(skills), 3.0)
    answers = [answered(programmes[field], level, 18.0)[column] for field in (RELATED, other)]
    sums = np.stack([np.bincount(row, weights=value) for value in (*answers, np.ones(len(row)))], axis=1)
    drawn = poisson_weights(np.random.default_rng(0), (REPLICATES, len(sums))) @ sums
    difference = 100.0 * (drawn[:, 0] - drawn[:, 1]) / drawn[:, 2]
    low, high = np.quantile(difference, (0.025, 0.975))
    chance = tested[RELATED]
    return [
        Result(
            "CRI coverage of real advertisements, related programme (software)",
            round(coverage[RELATED], 2),
            "%",
            f"best unrelated ({other})",
            round(coverage[other], 2),
            round(coverage[RELATED] / coverage[other], 1) if coverage[other] else None,
            f"difference above 0 (95%: {low:.2f} to {high:.2f})",
            bool(low > 0),
            COMMAND,
        ),
        Result(
            "CRI coverage, related programme, p against permuted skills",
            chance.matching_p_value,
            "p",
            "mean of the placebo, %",
            round(100.0 * chance.matching_mean, 2),
            None,
            "< 0.01",
            chance.matching_p_value < 0.01,
            COMMAND,
        ),
        *(
            Result(
                f"CRI coverage, unrelated programme ({field}), p against permuted skills",
                tested[field].matching_p_value,
                "p",
                "its coverage, %",
                round(coverage[field], 2),
                command=COMMAND,
            )
            for field in programmes
            if field != RELATED
        ),
    ]


if __name__ == "__main__":
    for result in run():
        print(result)
