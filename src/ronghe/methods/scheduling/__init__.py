"""Rotations by fortnights, then each week over machines, slots and mentors, with proofs, repair and a check of its own;
see docs/methods/scheduling.md. It reads no database and publishes nothing."""

from ronghe.methods.scheduling.checks import Breach, season_breaches
from ronghe.methods.scheduling.instances import Format, Instance, format_of, read_instance
from ronghe.methods.scheduling.patterns import (
    PATTERNS,
    Part,
    Pattern,
    Phase,
    Span,
    open_fortnights,
    spans,
    study_days,
)
from ronghe.methods.scheduling.project import Activity, Person, Project, Work, project_breaches, read_project
from ronghe.methods.scheduling.projects import ProjectPlan, plan_project
from ronghe.methods.scheduling.proof import Proof, Relaxation, Standing, Unschedulable
from ronghe.methods.scheduling.repair import Repair, repair_week
from ronghe.methods.scheduling.rotation import Rotation, Stay, plan_rotation
from ronghe.methods.scheduling.season import Bay, Campus, GroupClass, Season
from ronghe.methods.scheduling.shop import Chain, Run, Shop, Task, plan_shop, read_shop, shop_breaches
from ronghe.methods.scheduling.week import (
    Authorised,
    Busy,
    Group,
    Machine,
    Mentor,
    Rules,
    Session,
    Slot,
    Week,
    slots_of_week,
)
from ronghe.methods.scheduling.week_checks import week_breaches
from ronghe.methods.scheduling.weekly import WeekPlan, plan_week

__all__ = [
    "PATTERNS",
    "Activity",
    "Authorised",
    "Bay",
    "Breach",
    "Busy",
    "Campus",
    "Chain",
    "Format",
    "Group",
    "GroupClass",
    "Instance",
    "Machine",
    "Mentor",
    "Part",
    "Pattern",
    "Person",
    "Phase",
    "Project",
    "ProjectPlan",
    "Proof",
    "Relaxation",
    "Repair",
    "Rotation",
    "Rules",
    "Run",
    "Season",
    "Session",
    "Shop",
    "Slot",
    "Span",
    "Standing",
    "Stay",
    "Task",
    "Unschedulable",
    "Week",
    "WeekPlan",
    "Work",
    "format_of",
    "open_fortnights",
    "plan_project",
    "plan_rotation",
    "plan_shop",
    "plan_week",
    "project_breaches",
    "read_instance",
    "read_project",
    "read_shop",
    "repair_week",
    "season_breaches",
    "shop_breaches",
    "slots_of_week",
    "spans",
    "study_days",
    "week_breaches",
]
