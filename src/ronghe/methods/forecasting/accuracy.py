"""How right forecasts were: WAPE, MASE, coverage, and the ledger entry that keeps each forecast until its outcome.

Stores nothing; an app keeps the entries and fills in the outcomes.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from ronghe.methods.demand import Floats
from ronghe.methods.explained import UnmetAssumption
from ronghe.methods.forecasting.series import month_number


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of a method at 1 … H months ahead: `accuracy` = 1 − WAPE, `mase` (horizon,), over `count` origins each.

    WAPE = Σ|y − ŷ| / Σ|y|. MASE divides the mean absolute error by that of the naive forecast one month ahead, over the
    whole record (Hyndman and Koehler, "Another look at measures of forecast accuracy", 2006). NaN where nothing is
    known yet or the divisor is 0.
    """

    accuracy: Floats
    mase: Floats
    count: Floats


def accuracy_of(actual: Floats, forecast: Floats, history: Floats) -> Accuracy:
    """Return the accuracy of `forecast` against `actual`, (origins, horizon) each, NaN where yet unknown."""
    known = ~np.isnan(actual)
    error = np.where(known, np.abs(np.where(known, actual, 0.0) - forecast), 0.0)
    count = known.sum(axis=0).astype(np.float64)
    total = np.abs(np.where(known, actual, 0.0)).sum(axis=0)
    step = float(np.abs(np.diff(history)).mean())
    accuracy = 1.0 - np.divide(error.sum(axis=0), total, out=np.full(len(total), np.nan), where=total > 0)
    usable = (count > 0) & (step > 0)
    mase = np.divide(error.sum(axis=0), count * step, out=np.full(len(total), np.nan), where=usable)
    return Accuracy(accuracy, mase, count)


@dataclass(frozen=True, slots=True)
class ForecastEntry:
    """One forecast of one month in the accuracy ledger; `outcome` is None until the month is over."""

    subject: str
    made_on: date
    method: str
    version: int
    inputs_hash: str
    month: date
    horizon: int
    mean: float
    low: float
    high: float
    confidence: float
    naive: float
    outcome: float | None = None

    def with_outcome(self, outcome: float, known_on: date) -> "ForecastEntry":
        """Return the entry with what happened.

        Raises `UnmetAssumption`: `forecast.outcome_early` before the month is over, `forecast.outcome_known` if another
        outcome stands already (a corrected one is a new entry's matter), `forecast.negative`.
        """
        if month_number(known_on) <= month_number(self.month):
            raise UnmetAssumption(
                "forecast.outcome_early",
                f"{self.month:%Y-%m} is not over on {known_on.isoformat()}",
                "wait until the month is over",
            )
        if self.outcome is not None and self.outcome != outcome:
            raise UnmetAssumption(
                "forecast.outcome_known", f"the outcome {self.outcome:g} is kept already", "record a correction instead"
            )
        if not outcome >= 0:
            raise UnmetAssumption("forecast.negative", f"the outcome is {outcome:g}", "check the source")
        return replace(self, outcome=outcome)


@dataclass(frozen=True, slots=True)
class LedgerScore:
    """At one horizon: accuracy and the naive forecast's, the share within the interval, and how many entries."""

    horizon: int
    confidence: float
    accuracy: float
    naive_accuracy: float
    covered: float
    count: int


def score(entries: Iterable[ForecastEntry]) -> tuple[LedgerScore, ...]:
    """Return how right the kept forecasts were, by horizon and confidence; entries without an outcome are left out.

    Entries without an interval (NaN) count for accuracy and not for coverage. NaN where there is nothing to divide by.
    """
    grouped: dict[tuple[int, float], list[ForecastEntry]] = defaultdict(list)
    for entry in entries:
        if entry.outcome is not None:
            grouped[entry.horizon, entry.confidence].append(entry)
    scores = []
    for (horizon, confidence), known in sorted(grouped.items()):
        outcome, mean, naive, low, high = (
            np.array([getattr(entry, name) for entry in known], dtype=np.float64)
            for name in ("outcome", "mean", "naive", "low", "high")
        )
        total = float(outcome.sum())
        bounded = ~np.isnan(low)
        inside = (low[bounded] <= outcome[bounded]) & (outcome[bounded] <= high[bounded])
        scores.append(
            LedgerScore(
                horizon,
                confidence,
                1.0 - float(np.abs(outcome - mean).sum()) / total if total else float("nan"),
                1.0 - float(np.abs(outcome - naive).sum()) / total if total else float("nan"),
                float(inside.mean()) if len(inside) else float("nan"),
                len(known),
            )
        )
    return tuple(scores)
