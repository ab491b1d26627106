"""Planted lags of 0 to 24 months, recovered from what a community of 60 enterprises happened to advertise.

    python -m benchmarks.response.lags [worlds]

Each world gives every skill that arose within the record a first release 0 to 24 months after its true onset (see
`planted`); skills asked of nobody in the last three months are left out, as no lag is claimed for them. Peer: the first
month whose raw three-month share reaches a quarter, without the monotone fit.
"""

import sys

import numpy as np

from benchmarks.response.planted import MONTHS, community, true_onset, world
from benchmarks.result import Result
from ronghe.methods.cri import LagInputs, estimate_lags
from ronghe.methods.demand import demand_by_month

COMMAND = "python -m benchmarks.response.lags"
WORLDS = 200
FIRST_SEED = 50_000


def first_crossing(monthly: np.ndarray) -> np.ndarray:
    """The month of the first raw crossing, (skills,)."""
    window = np.stack([monthly[:, max(0, month - 2) : month + 1].sum(axis=1) for month in range(MONTHS)], axis=1)
    share = window / window.sum(axis=0)
    return np.argmax((share > 0) & (share >= 0.25 * share[:, -1:]), axis=1)


def errors(worlds: int) -> tuple[np.ndarray, np.ndarray]:
    """Estimated minus planted lag in months, by the method and by the peer."""
    found, raw = [], []
    for seed in range(FIRST_SEED, FIRST_SEED + worlds):
        generator = np.random.default_rng(seed)
        planted = world(generator)
        onset = true_onset(planted)
        lag = generator.integers(0, 25, len(onset))
        history, _, _ = community(planted, generator, 60)
        monthly = demand_by_month(history.table, history.month, MONTHS, history.head_count)
        release = onset + lag
        asked = (onset > 0) & (release < MONTHS) & (monthly[:, -3:].sum(axis=1) > 0)
        release = np.where(asked, release, np.nan)
        estimate = estimate_lags(LagInputs(monthly, release))
        found.append((estimate.lag - lag)[asked])
        raw.append((np.maximum(0.0, release - first_crossing(monthly)) - lag)[asked])
    return np.concatenate(found), np.concatenate(raw)


def run(worlds: int = WORLDS) -> list[Result]:
    """The median absolute error, the mean error and the ninth decile."""
    found, raw = errors(worlds)
    median, peer = float(np.median(np.abs(found))), float(np.median(np.abs(raw)))
    name, crossing = f"planted lags of 0–24 months ({len(found):,} skills)", "first raw crossing"
    return [
        Result(f"{name}, median error", median, "months", crossing, peer, None, "≤ 2", median <= 2, COMMAND),
        *(
            Result(
                f"{name}, {label}",
                round(float(statistic(found)), 2),
                "months",
                crossing,
                round(float(statistic(raw)), 2),
                command=COMMAND,
            )
            for label, statistic in (
                ("mean absolute error", lambda error: np.mean(np.abs(error))),
                ("bias", np.mean),
                ("90% of errors at most", lambda error: np.quantile(np.abs(error), 0.9)),
            )
        ),
    ]


if __name__ == "__main__":
    for result in run(*map(int, sys.argv[1:])):
        print(result)
