"""What pages, metrics and the API read of the credit bank; nothing here writes."""

from ronghe.apps.credits.selectors.accounts import (
    Line,
    Needed,
    Statement,
    balances,
    enrolled,
    statement,
    still_needed,
    students_progress,
)
from ronghe.apps.credits.selectors.waiting import (
    claims_waiting,
    corrections_waiting,
    rules_in_force,
    rules_proposed,
    undeposited,
    waiting_for,
)

__all__ = [
    "Line",
    "Needed",
    "Statement",
    "balances",
    "claims_waiting",
    "corrections_waiting",
    "enrolled",
    "rules_in_force",
    "rules_proposed",
    "statement",
    "still_needed",
    "students_progress",
    "undeposited",
    "waiting_for",
]
