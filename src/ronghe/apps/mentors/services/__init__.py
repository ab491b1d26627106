"""What can be done with mentors: appoint, offer terms, hold slots, claim and confirm hours, pay, train teachers."""

from ronghe.apps.mentors.services.appointments import (
    answer_terms,
    appoint_mentor,
    change_profile,
    confirm_qualification,
    end_appointment,
    offer_terms,
    record_qualification,
    withdraw_qualification,
    withdraw_terms,
)
from ronghe.apps.mentors.services.fees import answer_dispute, dispute_fee, issue_statement, issue_statements
from ronghe.apps.mentors.services.hours import claim_hours, confirm_hours, refuse_hours, withdraw_hours
from ronghe.apps.mentors.services.load import free_slot, set_limit, take_slot
from ronghe.apps.mentors.services.reminding import remind
from ronghe.apps.mentors.services.standards import (
    end_standard,
    propose_standard,
    publish_standard,
    set_benchmark,
    withdraw_standard,
)
from ronghe.apps.mentors.services.teachers import (
    answer_satisfaction,
    confirm_stay,
    end_certification,
    grant_certification,
    plan_training,
    record_stay,
    refuse_stay,
    stop_plan,
)

__all__ = [
    "answer_dispute",
    "answer_satisfaction",
    "answer_terms",
    "appoint_mentor",
    "change_profile",
    "claim_hours",
    "confirm_hours",
    "confirm_qualification",
    "confirm_stay",
    "dispute_fee",
    "end_appointment",
    "end_certification",
    "end_standard",
    "free_slot",
    "grant_certification",
    "issue_statement",
    "issue_statements",
    "offer_terms",
    "plan_training",
    "propose_standard",
    "publish_standard",
    "record_qualification",
    "record_stay",
    "refuse_hours",
    "refuse_stay",
    "remind",
    "set_benchmark",
    "set_limit",
    "stop_plan",
    "take_slot",
    "withdraw_hours",
    "withdraw_qualification",
    "withdraw_standard",
    "withdraw_terms",
]
