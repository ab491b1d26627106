"""How large bundles are, and how long one takes to verify offline, in process."""

import gc
import random
import time
from collections.abc import Collection
from dataclasses import replace

from benchmarks.result import Result
from ronghe.trust.bundle import MAX_BYTES, Bundle, credential_digest, verify_bundle
from ronghe.trust.canonical import canonical_json
from ronghe.trust.checkpoint import Checkpoint
from ronghe.trust.credential import Achievement, SkillReference, Subject, build_credential
from ronghe.trust.did import Issuer, IssuerKey
from ronghe.trust.log_proof import LoggedEvent, LogProof
from ronghe.trust.merkle import Frontier, Span, inclusion_spans, prove, root_of
from ronghe.trust.packing import is_packed
from ronghe.trust.path import PathEvent, disclose, path_root
from ronghe.trust.proof import KeySigner, add_proofs
from ronghe.trust.status_list import REVOCATION, SUSPENSION, StatusEntry
from ronghe.trust.status_statement import CredentialMark, Status, status_statement
from ronghe.trust.trusted_keys import TrustedKeys
from ronghe.trust.verdicts import Verdict
from tests.trust import certificates
from tests.trust.bundles import EVENTS, NOW, PARTS, PLAIN, TRUST, Parts
from tests.trust.logs import WITNESSES, leaves_of

COMMAND = "python -m benchmarks trust"
EVENTS_IN_THE_LOG = 1_000_003
INDEX = 654_321
# A long address, an issuer that lies under it, and all that an achievement may say (apps/credentials).
SITE = "ronghe.nanjing-university-of-information.edu.cn"
LONG_DID = f"did:web:{SITE}:credentials:issuers:6d5c8f9e-0b1c-4d2e-9f3a-1b2c3d4e5f60"
ACHIEVEMENT_BYTES = 1_500
LONG = replace(TRUST, issuers=(Issuer(LONG_DID, "x", (IssuerKey(f"{LONG_DID}#key-1", certificates.PUBLIC_KEY),)),))
SEED = 20_261_123
HAN = "".join(map(chr, range(0x4E00, 0x4E00 + 3_500)))
LATIN = "abcdefghijklmnopqrstuvwxyz "


def run() -> list[Result]:
    """Sizes in a log of a million events, then times of the typical bundle."""
    leaves = leaves_of(EVENTS_IN_THE_LOG)
    typical = in_a_large_log(PARTS, leaves)
    sizes = [
        _size("smallest: plain course certificate, no events shown", in_a_large_log(PLAIN, leaves)),
        _size("typical: level, five skills and criteria in two languages, two of nine events shown", typical),
        _size("most events of nine that go without packing", _fullest(typical)),
        *(
            _size(
                f"at its longest: site, issuer, names, criteria; {len(shown)} of nine events",
                _longest(leaves, shown),
                LONG,
            )
            for shown in ((), (0, 4, 8), range(9))
        ),
    ]
    data = typical.encode()
    # Who verifies a file holds no log of a million leaves.
    del leaves, typical
    gc.collect()
    return [*sizes, *_times(data)]


def in_a_large_log(parts: Parts, leaves: list[bytes]) -> Bundle:
    """Return the bundle of `parts` with its event among a million."""
    return _among(parts.bundle(), parts, leaves)


def _among(bundle: Bundle, parts: Parts, leaves: list[bytes]) -> Bundle:
    leaves = [*leaves[:INDEX], bundle.event.leaf(), *leaves[INDEX + 1 :]]
    root = Frontier().append(leaves)[0].root()
    text = parts.log.sign(Checkpoint(parts.log.name, len(leaves), root), time=int(parts.checked_at.timestamp()))
    lines = [one.cosign(text.text, time=int(parts.checked_at.timestamp())).line() for one in WITNESSES]

    def node(span: Span) -> bytes:
        return root_of(leaves[span.start : span.end])

    path = prove(inclusion_spans(INDEX, len(leaves)), node)
    return replace(bundle, proof=LogProof(INDEX, tuple(path), text.encode() + "".join(lines)))


def _fullest(bundle: Bundle) -> Bundle:
    fullest = bundle
    for shown in range(1, len(EVENTS) + 1):
        wider = replace(bundle, path=disclose(EVENTS, range(shown)))
        if is_packed(wider.encode()):
            break
        fullest = wider
    return fullest


def _longest(leaves: list[bytes], shown: Collection[int]) -> Bundle:
    """Return a bundle as a site would make it that has long names everywhere; nothing in it repeats by chance alone."""
    signer = KeySigner(certificates.KEY, f"{LONG_DID}#key-1")
    dice = random.Random(SEED)

    def words(signs: str, count: int) -> str:
        return "".join(dice.choice(signs) for _ in range(count))

    def achievement(criteria: int) -> Achievement:
        skills = (
            SkillReference(
                "通用验证方法学（3 级）", "Universal verification methodology (level 3)", "urn:ronghe:skill:ic.uvm"
            ),
            SkillReference("硬件描述语言（3 级）", "Hardware description (level 3)", "urn:ronghe:skill:ic.verilog"),
        )
        return Achievement(
            id="urn:uuid:c38bace7-513e-4ea8-a301-a26304596e5a",
            name_zh="集成电路设计验证工程师职业能力证书（第四级）",
            name_en="Professional certificate of integrated circuit verification, level 4",
            criteria_zh=criteria_zh[:criteria],
            criteria_en="Builds a reusable testbench alone, runs its regression and reports coverage.",
            worker_level=4,
            eqf_level=6,
            skills=skills,
        )

    criteria_zh = words(HAN, ACHIEVEMENT_BYTES)
    room = ACHIEVEMENT_BYTES - len(canonical_json(achievement(0).as_json()))
    events = [
        PathEvent(
            {
                "en": f"Practice: {words(LATIN, 60)}, {number}20 hours confirmed by a second party",
                "on": f"2026-0{number + 1}-15",
                "what": "training.hours.confirmed",
                "zh": f"企业实践：{words(HAN, 24)}，经第二方确认 {number}20 学时",
            },
            dice.randbytes(16),
        )
        for number in range(9)
    ]
    status = {
        purpose: f"https://{SITE}/credentials/status/20651f22-b18c-4cb0-8cbf-9519754919b1/{purpose}"
        for purpose in (REVOCATION, SUSPENSION)
    }
    unsigned = build_credential(
        id="urn:uuid:c7839c24-cfbd-4578-829c-c11b009ebbc1",
        issuer=LONG_DID,
        issuer_name="南京信息工程大学电子信息产教融合共同体",
        subject=Subject.of("20261234", salt=dice.randbytes(16).hex(), masked_name="欧**", identity_type="emailAddress"),
        achievement=achievement(room // 3),
        valid_from=certificates.ISSUED,
        valid_until=certificates.ENDS,
        status=StatusEntry(status, 131_071),
        path=path_root([event.leaf() for event in events]),
    )
    credential = add_proofs(unsigned, signer=signer, created=certificates.ISSUED)
    digest = credential_digest(credential)
    statement = status_statement(
        CredentialMark(credential["id"], LONG_DID, digest),
        Status.GOOD,
        at=PARTS.status_at,
        until=PARTS.status_until,
        signer=signer,
    )
    event = LoggedEvent(
        "credentials.certificate.issued",
        f"credentials.certificate:{credential['id'].removeprefix('urn:uuid:')}",
        PARTS.bundle().event.recorded_at,
        dice.randbytes(32),
        {"actor": None, "fields": {"credential": digest}},
    )
    path = disclose(events, shown) if shown else None
    return _among(
        replace(PARTS.bundle(), credential=credential, event=event, status=statement, path=path), PARTS, leaves
    )


def _size(name: str, bundle: Bundle, trust: TrustedKeys = TRUST) -> Result:
    data = bundle.encode()
    if verify_bundle(data, trust=trust, at=NOW).verdict is not Verdict.VALID:
        raise AssertionError(f"the bundle is refused: {name}")
    shown = len(bundle.path.events) if bundle.path else 0
    packed = ", packed" if is_packed(data) else ""
    return Result(
        name=f"bundle, {name} ({shown} shown{packed}), log of {EVENTS_IN_THE_LOG:,} events, three witnesses",
        value=float(len(data)),
        unit="bytes",
        goal=f"<= {MAX_BYTES:,}",
        met=len(data) <= MAX_BYTES,
        command=COMMAND,
    )


def _times(data: bytes, rounds: int = 2_000) -> list[Result]:
    trust_resolver = TRUST.resolver()
    times, processor = [], []
    for number in range(rounds + 50):
        started, worked = time.perf_counter(), time.process_time()
        report = verify_bundle(data, trust=TRUST, at=NOW, resolver=trust_resolver)
        taken, work = time.perf_counter() - started, time.process_time() - worked
        if report.verdict is not Verdict.VALID:
            raise AssertionError("the bundle is refused")
        if number >= 50:
            times.append(taken * 1_000)
            processor.append(work * 1_000)
    times.sort()
    processor.sort()
    p50, p99 = times[rounds // 2], times[rounds * 99 // 100]
    return [
        Result(name="bundle verified offline, both proofs, p50", value=p50, unit="ms", command=COMMAND),
        Result(
            name="bundle verified offline, both proofs, p99",
            value=p99,
            unit="ms",
            goal="< 5 ms",
            met=p99 < 5,
            command=COMMAND,
        ),
        Result(name="processor time of it, p99", value=processor[rounds * 99 // 100], unit="ms", command=COMMAND),
    ]


if __name__ == "__main__":
    for result in run():
        print(result)
