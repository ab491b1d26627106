"""Accuracy and intervals of forecasts on the Hiring Lab's sector series, rolling origin, beside ETS, Theta and naive.

    python -m benchmarks.response.forecasts

Data: every country's `job_postings_by_sector_*.csv` in the folder: an index per sector and day, here the mean of each
month that is complete. Protocol: from 12 months known on, each month is an origin; each method knows the months before
it alone. Accuracy = 1 − WAPE, errors and values pooled over series and origins; also from 24 months on. Peers: AutoETS
and AutoTheta of statsforecast where it is installed (season_length=1: the series are adjusted for season), and this
package's single best smoothing, Theta and the last value. Intervals: the share of outcomes within, over all horizons of
1 to 6 months.

Skill counts: how many advertisements a month name a skill, read by the dictionary pass from `data/postings` (18
months), for the skills with at least 29 a month in the first twelve; beside the ceiling 1 − 0.8 Σ√λ / Σλ.
"""

import csv
import os
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.result import Result
from ronghe.methods.forecasting import LEAST_RATE, METHOD, Backtest, backtest

PROJECT = Path(__file__).resolve().parents[2]
COMMAND = "python -m benchmarks.response.forecasts"
GOALS = {1: 97.0, 3: 93.5, 6: 89.5}
HORIZON = 6
STARTS = (12, 24)
OWN = {"ets": "best single smoothing", "theta": "Theta", "naive": "naive"}


def folder() -> Path:
    """Where the series lie."""
    return Path(os.environ.get("RONGHE_SHARED", PROJECT.parent / "shared")) / "data" / "hiring-lab"


def monthly_series(path: Path) -> list[np.ndarray]:
    """One country's sectors by month; a last month with fewer than 25 days is left out."""
    daily: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with path.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["variable"] == "total postings":
                daily[row["display_name"]][row["date"][:7]].append(float(row["indeed_job_postings_index"]))
    found = []
    for sector in sorted(daily):
        months = sorted(daily[sector])
        if len(daily[sector][months[-1]]) < 25:
            months.pop()
        found.append(np.array([np.mean(daily[sector][month]) for month in months]))
    return found


def accuracy(tested: list[Backtest], forecasts: list[np.ndarray], start: int) -> np.ndarray:
    """1 − WAPE in per cent at 1 … 6 months, pooled."""
    error, total = np.zeros(HORIZON), np.zeros(HORIZON)
    for each, found in zip(tested, forecasts, strict=True):
        counted = (each.origins >= start)[:, None] & ~np.isnan(each.actual)
        error += np.where(counted, np.abs(each.actual - found), 0.0).sum(axis=0)
        total += np.where(counted, each.actual, 0.0).sum(axis=0)
    return np.asarray(100.0 * (1.0 - error / total))


def covered(tested: list[Backtest], confidence: float, start: int) -> float:
    """The share of outcomes within the interval, in per cent, over all horizons."""
    inside = known = 0
    for each in tested:
        low, high = each.low[confidence], each.high[confidence]
        counted = (each.origins >= start)[:, None] & ~np.isnan(each.actual) & ~np.isnan(low)
        inside += int((counted & (low <= each.actual) & (each.actual <= high)).sum())
        known += int(counted.sum())
    return 100.0 * inside / known


def statsforecast_peers(series: list[np.ndarray], tested: list[Backtest]) -> dict[str, list[np.ndarray]]:
    """AutoETS and AutoTheta at every origin from the first start on; empty where they are not installed."""
    try:
        from statsforecast.models import AutoETS, AutoTheta
    except ImportError:
        print("forecasts: statsforecast is not installed; own ETS and Theta stand beside alone", file=sys.stderr)
        return {}
    makers: dict[str, Callable[[], object]] = {
        "AutoETS (statsforecast)": lambda: AutoETS(season_length=1),
        "AutoTheta (statsforecast)": lambda: AutoTheta(season_length=1),
    }
    found: dict[str, list[np.ndarray]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, make in makers.items():
            found[name] = []
            for values, each in zip(series, tested, strict=True):
                forecasts = np.full(each.actual.shape, np.nan)
                for row, origin in enumerate(each.origins):
                    if STARTS[0] <= origin < len(values):
                        forecasts[row] = make().forecast(values[:origin], HORIZON)["mean"]  # type: ignore[attr-defined]
                found[name].append(forecasts)
    return found


def skill_counts() -> list[np.ndarray]:
    """Monthly counts of each skill with enough of them; none where the advertisements are not here."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from ronghe.runners.batches import POSTINGS, extract_batch

    path = folder().parent / "postings" / "who-is-hiring-2017-2018.parquet"
    if not path.is_file():
        return []
    read = pq.read_table(path, columns=["month", "text"])
    months = sorted(set(read["month"].to_pylist()))
    place = [months.index(month) for month in read["month"].to_pylist()]
    names = pa.array([str(number) for number in range(read.num_rows)])
    texts = pa.array(read["text"].to_pylist(), pa.string())
    found = extract_batch(pa.RecordBatch.from_arrays([names, texts], schema=POSTINGS))
    counts: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(len(months)))
    for number, skill in sorted(set(zip(found["id"].to_pylist(), found["skill"].to_pylist(), strict=True))):
        counts[skill][place[int(number)]] += 1.0
    return [counts[skill] for skill in sorted(counts) if counts[skill][: STARTS[0]].mean() >= LEAST_RATE]


def count_results() -> list[Result]:
    """Accuracy on skill counts."""
    counts = skill_counts()
    if not counts:
        print("forecasts: no open data set data/postings (RONGHE_SHARED names its folder)", file=sys.stderr)
        return []
    tested = [backtest(values, HORIZON) for values in counts]
    own, last = (accuracy(tested, [each.forecasts[name] for each in tested], STARTS[0]) for name in (METHOD, "naive"))
    every = np.concatenate(counts)
    ceiling = 100.0 * (1.0 - np.sqrt(2.0 / np.pi) * np.sqrt(every).sum() / every.sum())
    return [
        Result(
            f"forecast, {months} months ahead, counts of {len(counts)} skills (ceiling {ceiling:.1f}%)",
            round(float(own[months - 1]), 1),
            "% (1 − WAPE)",
            "naive",
            round(float(last[months - 1]), 1),
            command=COMMAND,
        )
        for months in GOALS
    ]


def made_up() -> dict[str, list[np.ndarray]]:
    """Sixty series of sixty months of each kind: independent counts, a random walk, one that calms down half way."""
    kinds: dict[str, list[np.ndarray]] = {
        "independent counts": [],
        "a random walk": [],
        "restlessness falls to a fifth": [],
    }
    for seed in range(60):
        generator = np.random.default_rng(seed)
        kinds["independent counts"].append(generator.poisson(60.0, 60).astype(float))
        walk = 100.0 + np.cumsum(generator.normal(0.0, 4.0, 60))
        kinds["a random walk"].append(np.maximum(walk, 0.0))
        calmer = 200.0 + np.cumsum(generator.normal(0.0, np.repeat([10.0, 2.0], 30)))
        kinds["restlessness falls to a fifth"].append(np.maximum(calmer, 0.0))
    return kinds


def made_up_results() -> list[Result]:
    """How often intervals cover on series whose kind is known."""
    results = []
    for kind, series in made_up().items():
        tested = [backtest(values, HORIZON) for values in series]
        results += [
            Result(
                f"forecast, {confidence:.0%} interval covers, made-up series: {kind}",
                round(covered(tested, confidence, STARTS[0]), 1),
                "%",
                command=COMMAND,
            )
            for confidence in (0.8, 0.9)
        ]
    return results


def run() -> list[Result]:
    """Accuracy at 1, 3 and 6 months beside each peer, intervals, and seconds a series."""
    paths = sorted(folder().glob("job_postings_by_sector_*.csv"))
    if not paths:
        print("forecasts: no open data set data/hiring-lab (RONGHE_SHARED names its folder)", file=sys.stderr)
        return []
    series = [values for path in paths for values in monthly_series(path)]
    started = time.perf_counter()
    tested = [backtest(values, HORIZON) for values in series]
    seconds = (time.perf_counter() - started) / len(series)
    peers = {label: [each.forecasts[name] for each in tested] for name, label in OWN.items()}
    peers |= statsforecast_peers(series, tested)
    ours = [each.forecasts[METHOD] for each in tested]
    results = []
    for start in STARTS:
        own = accuracy(tested, ours, start)
        for label, forecasts in peers.items():
            other = accuracy(tested, forecasts, start)
            for months, goal in GOALS.items():
                value, peer = float(own[months - 1]), float(other[months - 1])
                results.append(
                    Result(
                        f"forecast, {months} months ahead, {len(series)} series, from {start} months known",
                        round(value, 2),
                        "% (1 − WAPE)",
                        label,
                        round(peer, 2),
                        round((100 - peer) / (100 - value), 2),
                        f"≥ {goal}",
                        value >= goal,
                        COMMAND,
                    )
                )
        for confidence in (0.8, 0.9):
            share = covered(tested, confidence, start)
            results.append(
                Result(
                    f"forecast, {confidence:.0%} interval covers, from {start} months known",
                    round(share, 1),
                    "%",
                    goal=f"{100 * confidence - 2:g}–{100 * confidence + 2:g}",
                    met=abs(share - 100 * confidence) <= 2,
                    command=COMMAND,
                )
            )
    results.append(
        Result(
            "forecast, whole backtest of a series",
            round(seconds, 3),
            "s",
            goal="≤ 1",
            met=seconds <= 1,
            command=COMMAND,
        )
    )
    return results + made_up_results() + count_results()


if __name__ == "__main__":
    for result in run():
        print(result)
