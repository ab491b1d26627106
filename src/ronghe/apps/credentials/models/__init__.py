"""The rows of the credentials app, gathered: issuers, achievements, certificates, recognition."""

from ronghe.apps.credentials.models.achievements import (
    Achievement,
    AchievementSkill,
    AchievementType,
    AchievementVersion,
    Condition,
    WorkerLevel,
)
from ronghe.apps.credentials.models.certificates import (
    Certificate,
    CertificateState,
    IssueBatch,
    MismatchReport,
    ReportState,
    Share,
    StatusChange,
    StatusReason,
)
from ronghe.apps.credentials.models.issuers import ApiKey, Issuer, IssuerKey, Scope, StatusList
from ronghe.apps.credentials.models.recognition import (
    AchievementMapping,
    Framework,
    RecognitionAgreement,
    Standing,
)

__all__ = [
    "Achievement",
    "AchievementMapping",
    "AchievementSkill",
    "AchievementType",
    "AchievementVersion",
    "ApiKey",
    "Certificate",
    "CertificateState",
    "Condition",
    "Framework",
    "IssueBatch",
    "Issuer",
    "IssuerKey",
    "MismatchReport",
    "RecognitionAgreement",
    "ReportState",
    "Scope",
    "Share",
    "Standing",
    "StatusChange",
    "StatusList",
    "StatusReason",
    "WorkerLevel",
]
