"""What enterprises need: the skills of the lexicon, job advertisements with the skills found in them, and requirements.

What is taught, and by whom, belongs to other stations; here stands only what is asked for and what was answered.
"""

from ronghe.apps.demand.models.computations import Computation
from ronghe.apps.demand.models.forecasts import Forecast, ForecastMonth, ForecastOf
from ronghe.apps.demand.models.panels import (
    ConsensusRule,
    ExpertSide,
    Panel,
    PanelAnswer,
    PanelExpert,
    PanelItem,
    PanelQuerySet,
    PanelRound,
    PanelSeat,
    PanelState,
    RoundKind,
)
from ronghe.apps.demand.models.postings import (
    AskedSkill,
    Mention,
    MentionDecision,
    Posting,
    PostingQuerySet,
    Source,
    Verdict,
)
from ronghe.apps.demand.models.reports import DemandRound, DemandRoundQuerySet, DemandRoundState
from ronghe.apps.demand.models.requirements import (
    AnswerKind,
    Requirement,
    RequirementAnswer,
    RequirementQuerySet,
    RequirementState,
)
from ronghe.apps.demand.models.skills import DataVersion, LinkMethod, Skill, SkillField, SkillGroup, SkillLink

__all__ = [
    "AnswerKind",
    "AskedSkill",
    "Computation",
    "ConsensusRule",
    "DataVersion",
    "DemandRound",
    "DemandRoundQuerySet",
    "DemandRoundState",
    "ExpertSide",
    "Forecast",
    "ForecastMonth",
    "ForecastOf",
    "LinkMethod",
    "Mention",
    "MentionDecision",
    "Panel",
    "PanelAnswer",
    "PanelExpert",
    "PanelItem",
    "PanelQuerySet",
    "PanelRound",
    "PanelSeat",
    "PanelState",
    "Posting",
    "PostingQuerySet",
    "Requirement",
    "RequirementAnswer",
    "RequirementQuerySet",
    "RequirementState",
    "RoundKind",
    "Skill",
    "SkillField",
    "SkillGroup",
    "SkillLink",
    "Source",
    "Verdict",
]
