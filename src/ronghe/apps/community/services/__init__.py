"""What office, reviewers and, for its own organisation, HR do to the registry of the community.

Every verb checks the permission first, raises `ValidationError` with what is wrong and how to mend it, and records one
event at its end. A dated fact is never edited: it is superseded, so that the past can be asked as it was known.
"""

from ronghe.apps.community.services.admissions import (
    add_evidence,
    apply_to_chain,
    decide_gate,
    remove_evidence,
    submit_gate,
    withdraw_admission,
)
from ronghe.apps.community.services.chains import (
    admit_to_chain,
    amend_chain,
    change_tier,
    found_chain,
)
from ronghe.apps.community.services.cohorts import (
    Enrolment,
    amend_cohort,
    enrol,
    enrol_many,
    graduate,
    leave_cohort,
    open_academic_year,
    open_cohort,
    transfer,
)
from ronghe.apps.community.services.confirmation import (
    confirm_fact,
    confirm_organisation,
    decide_duplicate,
    declare_fact,
    withdraw_confirmation,
    withdraw_fact,
)
from ronghe.apps.community.services.gates import (
    Reminded,
    end_criterion,
    remind_of_gates,
    set_criterion,
)
from ronghe.apps.community.services.invitations import (
    InvitationClosed,
    accept_invitation,
    find_invitation,
    invite_to_chain,
    revoke_invitation,
)
from ronghe.apps.community.services.leaving import (
    change_leader,
    leave_chain,
    replace_member,
)
from ronghe.apps.community.services.network import (
    Supply,
    end_supply,
    place_region,
    record_supplies,
)
from ronghe.apps.community.services.organisations import (
    add_campus,
    amend_organisation,
    register_organisation,
    register_organisations,
)
from ronghe.apps.community.services.roles import (
    Appointment,
    appoint,
    appoint_many,
    end_role,
)

__all__ = [
    "Appointment",
    "Enrolment",
    "InvitationClosed",
    "Reminded",
    "Supply",
    "accept_invitation",
    "add_campus",
    "add_evidence",
    "admit_to_chain",
    "amend_chain",
    "amend_cohort",
    "amend_organisation",
    "apply_to_chain",
    "appoint",
    "appoint_many",
    "change_leader",
    "change_tier",
    "confirm_fact",
    "confirm_organisation",
    "decide_duplicate",
    "decide_gate",
    "declare_fact",
    "end_criterion",
    "end_role",
    "end_supply",
    "enrol",
    "enrol_many",
    "find_invitation",
    "found_chain",
    "graduate",
    "invite_to_chain",
    "leave_chain",
    "leave_cohort",
    "open_academic_year",
    "open_cohort",
    "place_region",
    "record_supplies",
    "register_organisation",
    "register_organisations",
    "remind_of_gates",
    "remove_evidence",
    "replace_member",
    "revoke_invitation",
    "set_criterion",
    "submit_gate",
    "transfer",
    "withdraw_admission",
    "withdraw_confirmation",
    "withdraw_fact",
]
