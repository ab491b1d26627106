"""How well the response is measured: CRI and its intervals, lags and forecasts."""
