"""Everything that changes certificates and what belongs to them: verbs, permission first, one event at the end."""

from ronghe.apps.credentials.services.achievements import (
    AchievementData,
    ConditionData,
    Frozen,
    change_version,
    define_achievement,
    retire_achievement,
    start_version,
)
from ronghe.apps.credentials.services.api_keys import find_api_key, make_api_key, note_use, revoke_api_key
from ronghe.apps.credentials.services.bundles import BundleUnavailable, download_bundle
from ronghe.apps.credentials.services.issuers import (
    add_key,
    found_issuer,
    retire_key,
    revoke_key,
    rotate_key,
    seal_anew,
)
from ronghe.apps.credentials.services.issuing import IssueRefused, correct, issue, issue_many, renew
from ronghe.apps.credentials.services.programs import revoke_signed, sign_credential
from ronghe.apps.credentials.services.recognition import (
    confirm_recognition,
    end_mapping,
    end_recognition,
    record_mapping,
    record_recognition,
)
from ronghe.apps.credentials.services.reports import answer_report, report_mismatch
from ronghe.apps.credentials.services.sharing import open_share, share, withdraw_share
from ronghe.apps.credentials.services.status import change_status, lift, revoke, revoke_many, suspend

__all__ = [
    "AchievementData",
    "BundleUnavailable",
    "ConditionData",
    "Frozen",
    "IssueRefused",
    "add_key",
    "answer_report",
    "change_status",
    "change_version",
    "confirm_recognition",
    "correct",
    "define_achievement",
    "download_bundle",
    "end_mapping",
    "end_recognition",
    "find_api_key",
    "found_issuer",
    "issue",
    "issue_many",
    "lift",
    "make_api_key",
    "note_use",
    "open_share",
    "record_mapping",
    "record_recognition",
    "renew",
    "report_mismatch",
    "retire_achievement",
    "retire_key",
    "revoke",
    "revoke_api_key",
    "revoke_key",
    "revoke_many",
    "revoke_signed",
    "rotate_key",
    "seal_anew",
    "share",
    "sign_credential",
    "start_version",
    "suspend",
    "withdraw_share",
]
