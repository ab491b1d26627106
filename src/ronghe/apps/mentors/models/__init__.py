"""The rows of the mentors app: who mentors, how many, for how many hours and which fee, and teachers in training."""

from ronghe.apps.mentors.models.appointments import (
    Appointment,
    MentorKind,
    Offer,
    OfferState,
    Profile,
    Qualification,
    Title,
)
from ronghe.apps.mentors.models.fees import Dispute, EntryKind, FeeEntry, Outcome, Statement
from ronghe.apps.mentors.models.hours import MINUTES, Benchmark, ClassHour, FeeStandard, HourState
from ronghe.apps.mentors.models.load import LoadLimit, Slot
from ronghe.apps.mentors.models.reminders import Reminder
from ronghe.apps.mentors.models.teachers import (
    SMALLEST_ROUND,
    Certification,
    PlanState,
    Satisfaction,
    Stay,
    StayState,
    TrainingPlan,
)

__all__ = [
    "MINUTES",
    "SMALLEST_ROUND",
    "Appointment",
    "Benchmark",
    "Certification",
    "ClassHour",
    "Dispute",
    "EntryKind",
    "FeeEntry",
    "FeeStandard",
    "HourState",
    "LoadLimit",
    "MentorKind",
    "Offer",
    "OfferState",
    "Outcome",
    "PlanState",
    "Profile",
    "Qualification",
    "Reminder",
    "Satisfaction",
    "Slot",
    "Statement",
    "Stay",
    "StayState",
    "Title",
    "TrainingPlan",
]
