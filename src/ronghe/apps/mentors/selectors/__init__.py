"""What pages, metrics, the API and the floors above read of mentors; nothing here writes."""

from ronghe.apps.mentors.selectors.fees import (
    Earned,
    benchmarks_on,
    earned,
    hours_waiting,
    last_month,
    mentors_to_pay,
    open_disputes,
    standards_on,
    standards_proposed,
)
from ronghe.apps.mentors.selectors.load import Load, free_mentors, limit_on, load_of
from ronghe.apps.mentors.selectors.people import (
    MentorRow,
    mentor_rows,
    mentors,
    papers_due,
    papers_to_confirm,
    people_of,
    sign_of,
)
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
from ronghe.apps.mentors.selectors.waiting import waiting_for

__all__ = [
    "WARN_AHEAD",
    "Earned",
    "Load",
    "MentorRow",
    "Satisfied",
    "TeacherStatus",
    "benchmarks_on",
    "earned",
    "free_mentors",
    "hours_waiting",
    "last_month",
    "limit_on",
    "load_of",
    "mentor_rows",
    "mentors",
    "mentors_to_pay",
    "open_disputes",
    "papers_due",
    "papers_to_confirm",
    "people_of",
    "plan_days",
    "renewals_due",
    "satisfaction",
    "sign_of",
    "standards_on",
    "standards_proposed",
    "stays_waiting",
    "teacher_status",
    "waiting_for",
]
