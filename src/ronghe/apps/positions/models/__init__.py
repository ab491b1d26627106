"""The tables of positions, order classes and matching rounds, by what they are about."""

from ronghe.apps.positions.models.acceptances import Acceptance, AcceptanceState
from ronghe.apps.positions.models.orders import ClassMember, MemberState, OrderClass, OrderState, Task
from ronghe.apps.positions.models.positions import (
    ChainRule,
    Offer,
    Position,
    PositionSkill,
    PositionState,
    StudentSkill,
)
from ronghe.apps.positions.models.results import Appeal, AppealState, Assignment, Run
from ronghe.apps.positions.models.rounds import (
    Decision,
    DecisionKind,
    Mode,
    Participation,
    Preference,
    Priority,
    Quota,
    Round,
    RoundPosition,
    RoundState,
    Share,
)

__all__ = [
    "Acceptance",
    "AcceptanceState",
    "Appeal",
    "AppealState",
    "Assignment",
    "ChainRule",
    "ClassMember",
    "Decision",
    "DecisionKind",
    "MemberState",
    "Mode",
    "Offer",
    "OrderClass",
    "OrderState",
    "Participation",
    "Position",
    "PositionSkill",
    "PositionState",
    "Preference",
    "Priority",
    "Quota",
    "Round",
    "RoundPosition",
    "RoundState",
    "Run",
    "Share",
    "StudentSkill",
    "Task",
]
