"""One certificate of each kind that is issued, its issuer, its lists and whom to trust: for the tests of `trust`."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ronghe.trust.credential import Achievement, SkillReference, Subject, build_credential
from ronghe.trust.did import Issuer, IssuerKey, TrustedIssuers, did_key, key_method
from ronghe.trust.path import PathRoot
from ronghe.trust.proof import KeySigner, add_proofs
from ronghe.trust.status_list import REVOCATION, SUSPENSION, StatusEntry, StatusList, build_status_list_credential

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
ISSUED = AT - timedelta(days=30)
# Far off: others' verifiers have a clock of their own.
ENDS = AT + timedelta(days=36_500)
DID = "did:web:rh.example:issuers:nuist"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_KEY = KEY.public_key().public_bytes_raw()
SIGNER = KeySigner(KEY, f"{DID}#k1")
ISSUER = Issuer(DID, "南京信息工程大学", (IssuerKey(f"{DID}#k1", PUBLIC_KEY, valid_from=ISSUED - timedelta(days=1)),))
TRUSTED = TrustedIssuers([ISSUER])
LISTS = {purpose: f"https://rh.example/status/7/{purpose}" for purpose in (REVOCATION, SUSPENSION)}
SLOT = 94_567
SKILLS = (
    SkillReference("嵌入式软件", "embedded software", "https://rh.example/skills/12", "Ronghe", "E-12"),
    SkillReference("C语言", "C", "http://data.europa.eu/esco/skill/4d97e3c3", "ESCO"),
)
FULL = Achievement(
    id="https://rh.example/achievements/4",
    name_zh="嵌入式开发工程师（四级）",
    name_en="Embedded Developer, Level 4",
    criteria_zh="完成16学分的岗位课程并通过企业导师评价。",
    criteria_en="16 credits of on-the-job courses and the mentor's evaluation.",
    description_zh="能独立完成单片机系统的设计与调试。",
    description_en="Designs and debugs microcontroller systems unaided.",
    worker_level=4,
    eqf_level=6,
    skills=SKILLS,
)
PLAIN = Achievement("https://rh.example/achievements/5", "课程证书", "", "通过考试。", "", type="CourseCredit")


def kinds(issuer: str = DID) -> dict[str, dict[str, Any]]:
    """Return one unsigned certificate of each kind: with all there is, and with as little as there may be."""
    holder = Subject.of("20261234", salt="c2FsdA", masked_name="张*", id="did:example:holder")
    status = StatusEntry(LISTS, SLOT)
    return {
        "full": build_credential(
            id="urn:uuid:00000000-0000-4000-8000-000000000001",
            issuer=issuer,
            issuer_name="南京信息工程大学",
            subject=holder,
            achievement=FULL,
            valid_from=ISSUED,
            valid_until=ENDS,
            status=status,
            path=PathRoot(bytes(range(32)), 12),
            evidence=[{"id": "https://rh.example/e/1", "type": ["Evidence"], "name": "企业导师评价"}],
        ),
        "plain": build_credential(
            id="urn:uuid:00000000-0000-4000-8000-000000000002",
            issuer=issuer,
            issuer_name="南京信息工程大学",
            subject=Subject.of("20265678", salt="c2FsdDI"),
            achievement=PLAIN,
            valid_from=ISSUED,
            status=status,
        ),
    }


def signed(kind: str = "full", **options: Any) -> dict[str, Any]:
    """Return a signed certificate of that kind."""
    return add_proofs(kinds()[kind], signer=SIGNER, created=ISSUED, **options)


def self_issued(kind: str = "full", **options: Any) -> dict[str, Any]:
    """Return the same by a did:key, which verifiers elsewhere resolve without asking anyone."""
    signer = KeySigner(KEY, key_method(PUBLIC_KEY))
    return add_proofs(kinds(did_key(PUBLIC_KEY))[kind], signer=signer, created=ISSUED, **options)


def lists(
    *, revoked: bool = False, suspended: bool = False, signer: KeySigner = SIGNER, **options: Any
) -> dict[str, dict[str, Any]]:
    """Return both lists, with the bit of `SLOT` as asked."""
    found = {}
    for purpose, address in LISTS.items():
        bits = StatusList(purpose)
        if (purpose == REVOCATION and revoked) or (purpose == SUSPENSION and suspended):
            bits.set(SLOT)
        document = build_status_list_credential(
            id=address,
            issuer=options.get("issuer", DID),
            status_list=bits,
            valid_from=options.get("valid_from", AT),
            valid_until=options.get("valid_until", AT + timedelta(days=1)),
        )
        found[address] = add_proofs(document, signer=signer, created=AT)
    return found
