"""What the office (and, for its own organisation, HR) does to the registry of the community.

Every verb checks the permission first, raises `ValidationError` with what is wrong and how to mend it, and records one
event at its end. A dated fact is never edited: it is superseded, so that the past can be asked as it was known.
"""

from ronghe.apps.community.services.chains import admit_to_chain, change_tier, found_chain, leave_chain
from ronghe.apps.community.services.cohorts import (
    Enrolment,
    enrol,
    enrol_many,
    leave_cohort,
    open_academic_year,
    open_cohort,
    transfer,
)
from ronghe.apps.community.services.organisations import (
    add_campus,
    amend_organisation,
    register_organisation,
    register_organisations,
)
from ronghe.apps.community.services.roles import Appointment, appoint, appoint_many, end_role

__all__ = [
    "Appointment",
    "Enrolment",
    "add_campus",
    "admit_to_chain",
    "amend_organisation",
    "appoint",
    "appoint_many",
    "change_tier",
    "end_role",
    "enrol",
    "enrol_many",
    "found_chain",
    "leave_chain",
    "leave_cohort",
    "open_academic_year",
    "open_cohort",
    "register_organisation",
    "register_organisations",
    "transfer",
]
