"""Forecasts monthly series: averaged exponential smoothing with conformal intervals, always beside the naive forecast
and the ceiling that chance sets; reads no database and no clock.

`forecast` answers for one series (or its group, where the series has too few events for a claim), `backtest` gives
every forecast that could have been made, `score` sums up the accuracy ledger's entries.
"""

from ronghe.methods.forecasting.accuracy import Accuracy, ForecastEntry, LedgerScore, accuracy_of, score
from ronghe.methods.forecasting.forecast import METHOD, VERSION, Backtest, ForecastResult, backtest, forecast
from ronghe.methods.forecasting.series import (
    LEAST_MONTHS,
    LEAST_RATE,
    ForecastInputs,
    following_months,
    noise_ceiling,
    rate,
)

__all__ = [
    "LEAST_MONTHS",
    "LEAST_RATE",
    "METHOD",
    "VERSION",
    "Accuracy",
    "Backtest",
    "ForecastEntry",
    "ForecastInputs",
    "ForecastResult",
    "LedgerScore",
    "accuracy_of",
    "backtest",
    "following_months",
    "forecast",
    "noise_ceiling",
    "rate",
    "score",
]
