"""Time until an event from durations that may be cut short: Kaplan–Meier, log-rank, restricted mean, Cox regression.

The event is whatever ends the time counted (leaving the employer, adopting a technology). Nothing here knows dates or
decides what counts as an event.
"""

from ronghe.methods.survival.comparison import LogRank, Weighting, chi_square_tail, log_rank
from ronghe.methods.survival.cox import Cox, CoxRegression, Ties, cox
from ronghe.methods.survival.curves import Curve, KaplanMeier, kaplan_meier, quantile, restricted_mean, survival_at
from ronghe.methods.survival.durations import Durations

__all__ = [
    "Cox",
    "CoxRegression",
    "Curve",
    "Durations",
    "KaplanMeier",
    "LogRank",
    "Ties",
    "Weighting",
    "chi_square_tail",
    "cox",
    "kaplan_meier",
    "log_rank",
    "quantile",
    "restricted_mean",
    "survival_at",
]
