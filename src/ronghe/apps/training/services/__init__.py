"""What people do in training: plan and run placements, hand in evidence, confirm it, assess, mend what goes wrong."""

from ronghe.apps.training.files import Seen, see
from ronghe.apps.training.services.assessing import open_assessment, rate, settle, side_of
from ronghe.apps.training.services.changing import Change, change_placement
from ronghe.apps.training.services.confirming import (
    confirm_entries,
    decide_entry,
    link_of,
    revoke_link,
    send_link,
    token_of,
)
from ronghe.apps.training.services.handing_in import Work, answer_entry, hand_in, hours_left
from ronghe.apps.training.services.history import Times
from ronghe.apps.training.services.planning import (
    Plan,
    agreement_problem,
    draft_three_party,
    name_agreement,
    plan_placement,
    plan_placements,
    state_paper,
    university_of,
    wants_agreement,
)
from ronghe.apps.training.services.prior import state_prior_work
from ronghe.apps.training.services.relations import conflict_between, declare_relation, end_relation
from ronghe.apps.training.services.reminding import Reminded, remind
from ronghe.apps.training.services.running import (
    finish_placement,
    pause_placement,
    resume_placement,
    start_placement,
    stop_placement,
)
from ronghe.apps.training.services.study import MeetsClasses
from ronghe.apps.training.services.supervising import change_supervisor, supervisor_on
from ronghe.apps.training.services.troubles import (
    answer_incident,
    close_incident,
    decide_absence,
    escalate_incidents,
    report_absence,
    report_incident,
)

__all__ = [
    "Change",
    "MeetsClasses",
    "Plan",
    "Reminded",
    "Seen",
    "Times",
    "Work",
    "agreement_problem",
    "answer_entry",
    "answer_incident",
    "change_placement",
    "change_supervisor",
    "close_incident",
    "confirm_entries",
    "conflict_between",
    "decide_absence",
    "decide_entry",
    "declare_relation",
    "draft_three_party",
    "end_relation",
    "escalate_incidents",
    "finish_placement",
    "hand_in",
    "hours_left",
    "link_of",
    "name_agreement",
    "open_assessment",
    "pause_placement",
    "plan_placement",
    "plan_placements",
    "rate",
    "remind",
    "report_absence",
    "report_incident",
    "resume_placement",
    "revoke_link",
    "see",
    "send_link",
    "settle",
    "side_of",
    "start_placement",
    "state_paper",
    "state_prior_work",
    "stop_placement",
    "supervisor_on",
    "token_of",
    "university_of",
    "wants_agreement",
]
