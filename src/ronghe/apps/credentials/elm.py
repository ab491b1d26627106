"""A certificate in the words of the European Learning Model 3 (JSON-LD), for Europass readers. Not signed.

Only what an agreement in force says is written as recognition; levels that are our own reading say so in their note.
"""

from typing import Any

from ronghe.apps.credentials import dids
from ronghe.apps.credentials.models import Certificate, Framework, Standing
from ronghe.apps.credentials.selectors.recognition import Recognised, recognition_of
from ronghe.trust.times import timestamp

CONTEXT = "http://data.europa.eu/snb/model/context/edc-ap"
_EQF = "http://data.europa.eu/snb/eqf/"
_LANGUAGES = "http://publications.europa.eu/resource/authority/language/"
_READING = {
    "zh": "对应关系为本共同体自行解读，未经主管机构确认。",
    "en": "Our own reading, not confirmed by the competent body.",
}


def credential(certificate: Certificate) -> dict[str, Any]:
    """Return the European Digital Credential that says what `certificate` says."""
    version = certificate.version
    if version is None:
        raise ValueError("only certificates of achievements are exported")
    recognised = recognition_of(version.achievement)
    organisation = certificate.issuer.organisation
    awarding: dict[str, Any] = {
        "id": certificate.issuer.did,
        "type": "Organisation",
        "legalName": _text(organisation.name_zh, organisation.name_en),
    }
    document: dict[str, Any] = {
        "@context": ["https://www.w3.org/ns/credentials/v2", CONTEXT],
        "id": certificate.credential_id,
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
        "issuer": awarding,
        "validFrom": timestamp(certificate.valid_from),
        "issued": timestamp(certificate.issued_at),
        "credentialSubject": {
            "type": "Person",
            "hasClaim": [
                {
                    "id": f"{certificate.credential_id}#achievement",
                    "type": "LearningAchievement",
                    "title": _text(version.name_zh, version.name_en),
                    "awardedBy": {
                        "type": "AwardingProcess",
                        "awardingBody": [awarding],
                        "awardingDate": timestamp(certificate.issued_at),
                    },
                    "specifiedBy": _specification(certificate, recognised),
                }
            ],
        },
        "displayParameter": {
            "type": "DisplayParameter",
            "title": _text(version.name_zh, version.name_en),
            "primaryLanguage": _concept(f"{_LANGUAGES}ZHO", "中文", "Chinese"),
            "language": [
                _concept(f"{_LANGUAGES}ZHO", "中文", "Chinese"),
                _concept(f"{_LANGUAGES}ENG", "英文", "English"),
            ],
        },
        "evidence": [
            {
                "type": "Evidence",
                "id": dids.public_address("credentials:certificate", certificate.uid),
                "digest": bytes(certificate.digest).hex(),
            }
        ],
    }
    if certificate.valid_until is not None:
        document["validUntil"] = timestamp(certificate.valid_until)
    return document


def _specification(certificate: Certificate, recognised: Recognised) -> dict[str, Any]:
    version = certificate.version
    assert version is not None  # noqa: S101 - the caller has looked
    said: dict[str, Any] = {
        "id": f"urn:uuid:{version.uid}",
        "type": "LearningAchievementSpecification",
        "title": _text(version.name_zh, version.name_en),
        "description": _text(version.criteria_zh, version.criteria_en),
        "learningOutcome": [
            {
                "type": "LearningOutcome",
                "title": _text(one.skill.name_zh, one.skill.name_en),
                "relatedESCOSkill": [
                    _concept(link.identifier, link.label, link.label)
                    for link in one.skill.links.all()
                    if link.scheme == "esco"
                ],
            }
            for one in version.skills.select_related("skill").prefetch_related("skill__links")
        ],
    }
    level = next((one for one in recognised.mappings if one.framework == Framework.EQF), None)
    number = level.identifier if level else str(version.eqf_level) if version.eqf_level else ""
    if number:
        said["eqfLevel"] = _concept(f"{_EQF}{number}", f"EQF {number} 级", f"EQF level {number}")
        if level is None or level.standing != Standing.AUTHORITY:
            said["additionalNote"] = [{"type": "Note", "noteLiteral": _READING}]
    agreements = [one for one in recognised.in_force if one.direction != "theirs"]
    if agreements:
        said["recognition"] = [
            {
                "type": "Recognition",
                "recognisingBody": _text(one.name_zh, one.name_en),
                "extent": one.extent,
                "source": one.source,
                "validFrom": one.valid_from.isoformat(),
            }
            for one in agreements
        ]
    return said


def _text(zh: str, en: str) -> dict[str, list[str]]:
    return {"zh": [zh], "en": [en or zh]}


def _concept(identifier: str, zh: str, en: str) -> dict[str, Any]:
    return {"id": identifier, "type": "Concept", "prefLabel": _text(zh, en)}
