"""Weights by pairwise comparison (analytic hierarchy process), of one expert or a panel, from complete or incomplete
judgments; see docs/methods/ahp.md. It never alters a judgment."""

from ronghe.methods.ahp.group import PanelPriorities, PanelQuestion, panel_priorities
from ronghe.methods.ahp.judgments import Comparisons, Judgment
from ronghe.methods.ahp.priorities import Priorities, PriorityQuestion, Triad, priorities
from ronghe.methods.ahp.random_index import SAATY, SIMULATED, RandomIndex, RandomIndexTable

__all__ = [
    "SAATY",
    "SIMULATED",
    "Comparisons",
    "Judgment",
    "PanelPriorities",
    "PanelQuestion",
    "Priorities",
    "PriorityQuestion",
    "RandomIndex",
    "RandomIndexTable",
    "Triad",
    "panel_priorities",
    "priorities",
]
