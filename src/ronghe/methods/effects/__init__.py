"""Effects of improvements: difference-in-differences, series, synthetic control, power, guards and the verdict.

Each method takes one frozen parameter object and returns one frozen result that explains itself; none reads a file,
a clock or a database. Formulas, sources and worked examples: docs/methods/effects.md.
"""

from ronghe.methods.effects.cohorts import BaselineDifference, CohortEffect, Cohorts, compare_cohorts
from ronghe.methods.effects.comparison import Adjustment
from ronghe.methods.effects.estimate import Estimate, Interval
from ronghe.methods.effects.few_units import FewUnits, FewUnitsEffect, Periods, few_units
from ronghe.methods.effects.guards import (
    Guard,
    Look,
    Standing,
    alpha_spending,
    attrition_guard,
    holm,
    negative_control_guard,
    pre_trend_guard,
)
from ronghe.methods.effects.panel import Incomplete, Panel
from ronghe.methods.effects.power import (
    Power,
    SharesTest,
    TwoShares,
    UnitSeries,
    UnitsPower,
    UnitsPowerResult,
    power_of_few_units,
    power_of_many_units,
    power_of_two_shares,
)
from ronghe.methods.effects.pretrend import PreTrend
from ronghe.methods.effects.randomisation import Randomisation, RandomisationTest, randomisation_test
from ronghe.methods.effects.sensitivity import RelativeMagnitudes, Sensitivity, relative_magnitudes
from ronghe.methods.effects.series import (
    Errors,
    Family,
    InterruptedSeries,
    InterruptedSeriesEffect,
    interrupted_series,
)
from ronghe.methods.effects.staggered import (
    Base,
    Compared,
    EventTimeEffect,
    GroupTimeEffect,
    Staggered,
    StaggeredEffect,
    staggered,
)
from ronghe.methods.effects.synthetic import Placebo, SyntheticControl, SyntheticControlEffect, synthetic_control
from ronghe.methods.effects.two_period import CellMean, TwoByTwo, TwoByTwoEffect, two_by_two
from ronghe.methods.effects.verdict import (
    Decision,
    Design,
    Direction,
    Evidence,
    Plan,
    Reason,
    Registration,
    Tier,
    Verdict,
    decide,
    decide_year,
    register,
)

__all__ = [
    "Adjustment",
    "Base",
    "BaselineDifference",
    "CellMean",
    "CohortEffect",
    "Cohorts",
    "Compared",
    "Decision",
    "Design",
    "Direction",
    "Errors",
    "Estimate",
    "EventTimeEffect",
    "Evidence",
    "Family",
    "FewUnits",
    "FewUnitsEffect",
    "GroupTimeEffect",
    "Guard",
    "Incomplete",
    "InterruptedSeries",
    "InterruptedSeriesEffect",
    "Interval",
    "Look",
    "Panel",
    "Periods",
    "Placebo",
    "Plan",
    "Power",
    "PreTrend",
    "Randomisation",
    "RandomisationTest",
    "Reason",
    "Registration",
    "RelativeMagnitudes",
    "Sensitivity",
    "SharesTest",
    "Staggered",
    "StaggeredEffect",
    "Standing",
    "SyntheticControl",
    "SyntheticControlEffect",
    "Tier",
    "TwoByTwo",
    "TwoByTwoEffect",
    "TwoShares",
    "UnitSeries",
    "UnitsPower",
    "UnitsPowerResult",
    "Verdict",
    "alpha_spending",
    "attrition_guard",
    "compare_cohorts",
    "decide",
    "decide_year",
    "few_units",
    "holm",
    "interrupted_series",
    "negative_control_guard",
    "power_of_few_units",
    "power_of_many_units",
    "power_of_two_shares",
    "pre_trend_guard",
    "randomisation_test",
    "register",
    "relative_magnitudes",
    "staggered",
    "synthetic_control",
    "two_by_two",
]
