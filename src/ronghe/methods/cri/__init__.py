"""CRI, the Corporate Response Index: how well teaching answers what enterprises ask for; reads no database, no clock.

`corporate_response` gives the index with its exact decompositions, `what_if` the index after a change, `estimate_lags`
the months that teaching came after demand, `community_interval` and `enterprise_intervals` the sampling intervals,
`placebo` and `sensitivity` what stands beside them.
"""

from ronghe.methods.cri.definition import (
    CRI_1,
    CriDefinition,
    CriInputs,
    Requirements,
    Teaching,
    enterprise_demand,
    required_levels,
)
from ronghe.methods.cri.index import (
    FACTORS,
    CriResult,
    SkillChange,
    WhatIf,
    WhatIfAnswer,
    changed,
    corporate_response,
    what_if,
)
from ronghe.methods.cri.interval import (
    CriBootstrap,
    CriInterval,
    DemandHistory,
    EnterpriseIntervals,
    community_interval,
    enterprise_intervals,
)
from ronghe.methods.cri.lag import LagInputs, LagResult, estimate_lags
from ronghe.methods.cri.robustness import (
    Placebo,
    PlaceboResult,
    Sensitivity,
    SensitivityRow,
    placebo,
    sensitivity,
)

__all__ = [
    "CRI_1",
    "FACTORS",
    "CriBootstrap",
    "CriDefinition",
    "CriInputs",
    "CriInterval",
    "CriResult",
    "DemandHistory",
    "EnterpriseIntervals",
    "LagInputs",
    "LagResult",
    "Placebo",
    "PlaceboResult",
    "Requirements",
    "Sensitivity",
    "SensitivityRow",
    "SkillChange",
    "Teaching",
    "WhatIf",
    "WhatIfAnswer",
    "changed",
    "community_interval",
    "corporate_response",
    "enterprise_demand",
    "enterprise_intervals",
    "estimate_lags",
    "placebo",
    "required_levels",
    "sensitivity",
    "what_if",
]
