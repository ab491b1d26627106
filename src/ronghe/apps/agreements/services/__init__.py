"""What people do with agreements. Every verb checks the permission first and records one event at its end."""

from ronghe.apps.agreements.services.drafting import (
    DraftData,
    PartyData,
    WrongState,
    change_paper,
    check_paper,
    draft_agreement,
    draft_amendment,
    draft_renewal,
    submit_paper,
)
from ronghe.apps.agreements.services.ending import end_agreement
from ronghe.apps.agreements.services.outside import decide_scan, path_of, upload_scan
from ronghe.apps.agreements.services.printing import print_copy
from ronghe.apps.agreements.services.records import SignedOutside, record_signed_outside
from ronghe.apps.agreements.services.reminding import Reminded, remind
from ronghe.apps.agreements.services.sending import recall_paper, send_paper, withdraw_paper
from ronghe.apps.agreements.services.signatories import appoint_signatory, end_signatory, waiting_of
from ronghe.apps.agreements.services.signing import (
    NotConfirmed,
    SignatureCheck,
    decline,
    hand_over,
    sign,
    verify_signature,
)
from ronghe.apps.agreements.services.templates import (
    load_standard_templates,
    put_template_clauses,
    retire_template,
    write_template,
)

__all__ = [
    "DraftData",
    "NotConfirmed",
    "PartyData",
    "Reminded",
    "SignatureCheck",
    "SignedOutside",
    "WrongState",
    "appoint_signatory",
    "change_paper",
    "check_paper",
    "decide_scan",
    "decline",
    "draft_agreement",
    "draft_amendment",
    "draft_renewal",
    "end_agreement",
    "end_signatory",
    "hand_over",
    "load_standard_templates",
    "path_of",
    "print_copy",
    "put_template_clauses",
    "recall_paper",
    "record_signed_outside",
    "remind",
    "retire_template",
    "send_paper",
    "sign",
    "submit_paper",
    "upload_scan",
    "verify_signature",
    "waiting_of",
    "withdraw_paper",
    "write_template",
]
