"""The verbs of policies: rule sets, exemptions, decisions and questions, incentives, pay, mail."""

from ronghe.apps.policies.services.decisions import (
    AlreadyAnswered,
    answer_question,
    ask_question,
    decision_lines,
    sign_decision,
)
from ronghe.apps.policies.services.digest import Mail, compose, may_get_mail, send_digests, set_digest
from ronghe.apps.policies.services.exemptions import (
    AlreadyDecided,
    ask_exemption,
    decide_exemption,
    revoke_exemption,
)
from ronghe.apps.policies.services.incentives import ClaimClosed, draft_claim, move_claim, redraft_claim
from ronghe.apps.policies.services.pay import declare_payslip, end_pay_link, publish_pay_link, withdraw_payslip
from ronghe.apps.policies.services.rule_sets import (
    NotProposed,
    load_shipped,
    propose_version,
    publish_version,
    refuse_version,
)

__all__ = [
    "AlreadyAnswered",
    "AlreadyDecided",
    "ClaimClosed",
    "Mail",
    "NotProposed",
    "answer_question",
    "ask_exemption",
    "ask_question",
    "compose",
    "decide_exemption",
    "decision_lines",
    "declare_payslip",
    "draft_claim",
    "end_pay_link",
    "load_shipped",
    "may_get_mail",
    "move_claim",
    "propose_version",
    "publish_pay_link",
    "publish_version",
    "redraft_claim",
    "refuse_version",
    "revoke_exemption",
    "send_digests",
    "set_digest",
    "sign_decision",
    "withdraw_payslip",
]
