"""What pages, metrics, the API and the floors above read of mentors; nothing here writes."""

from ronghe.apps.mentors.selectors.load import Load, free_mentors, limit_on, load_of
from ronghe.apps.mentors.selectors.teachers import (
    WARN_AHEAD,
    Satisfied,
    TeacherStatus,
    plan_days,
    renewals_due,
    satisfaction,
    stays_waiting,
    teacher_status,
)

__all__ = [
    "WARN_AHEAD",
    "Load",
    "Satisfied",
    "TeacherStatus",
    "free_mentors",
    "limit_on",
    "load_of",
    "plan_days",
    "renewals_due",
    "satisfaction",
    "stays_waiting",
    "teacher_status",
]
