"""How large bundles are, and how long one takes to verify offline, in process."""

import gc
import time
from dataclasses import replace
from itertools import count

from benchmarks.result import Result
from ronghe.trust.bundle import MAX_BYTES, Bundle, BundleTooLarge, verify_bundle
from ronghe.trust.checkpoint import Checkpoint
from ronghe.trust.log_proof import LogProof
from ronghe.trust.merkle import Frontier, Span, inclusion_spans, prove, root_of
from ronghe.trust.path import disclose
from ronghe.trust.verdicts import Verdict
from tests.trust.bundles import EVENTS, NOW, PARTS, PLAIN, TRUST, Parts
from tests.trust.logs import WITNESSES, leaves_of

COMMAND = "python -m benchmarks trust"
EVENTS_IN_THE_LOG = 1_000_003
INDEX = 654_321


def run() -> list[Result]:
    """Sizes in a log of a million events, then times of the typical bundle."""
    leaves = leaves_of(EVENTS_IN_THE_LOG)
    typical = in_a_large_log(PARTS, leaves)
    sizes = [
        _size("smallest: plain course certificate, no events shown", in_a_large_log(PLAIN, leaves)),
        _size("typical: level, five skills and criteria in two languages, two of nine events shown", typical),
        _size("largest that fits: as many of nine events as 6,000 bytes hold", _fullest(typical)),
    ]
    data = typical.encode(witnesses=TRUST.witnesses)
    # Who verifies a file holds no log of a million leaves.
    del leaves, typical
    gc.collect()
    return [*sizes, *_times(data)]


def in_a_large_log(parts: Parts, leaves: list[bytes]) -> Bundle:
    """Return the bundle of `parts` with its event among a million."""
    bundle = parts.bundle()
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
    for shown in count(1):
        if shown > len(EVENTS):
            return fullest
        wider = replace(bundle, path=disclose(EVENTS, range(shown)))
        try:
            wider.encode(witnesses=TRUST.witnesses)
        except BundleTooLarge:
            return fullest
        fullest = wider
    raise AssertionError("counting ended")


def _size(name: str, bundle: Bundle) -> Result:
    data = bundle.encode(witnesses=TRUST.witnesses)
    if verify_bundle(data, trust=TRUST, at=NOW).verdict is not Verdict.VALID:
        raise AssertionError(f"the bundle is refused: {name}")
    shown = len(bundle.path.events) if bundle.path else 0
    return Result(
        name=f"bundle, {name} ({shown} shown), log of {EVENTS_IN_THE_LOG:,} events, three witnesses",
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
