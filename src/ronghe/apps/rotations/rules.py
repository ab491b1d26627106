"""Who may do what: the office plans, publishes and repairs; whoever takes part sees what concerns them."""

from ronghe.apps.community.rules import (
    is_enterprise_hr,
    is_mentor,
    is_office,
    is_reviewer,
    is_student,
    is_teacher,
    permit,
)

permit("rotations.view_plan", is_office | is_reviewer | is_teacher | is_mentor | is_enterprise_hr | is_student)
permit("rotations.plan", is_office)
permit("rotations.view_capacity", is_office | is_reviewer)
