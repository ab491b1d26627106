"""How fast certificates are signed and verified, beside Digital Bazaar's verifier in Node over the same documents.

The peer is installed once into `var/interop`, as for the tests of interoperation; without it our figures stand alone.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.result import Result
from ronghe.trust.contexts import VC_V2
from ronghe.trust.credential import ANY, Policy, verify_credential
from ronghe.trust.did import TrustedIssuers
from ronghe.trust.proof import JCS, RDFC, SUITES, add_proofs
from ronghe.trust.rdf import GraphTooComplexError, canonical_nquads
from ronghe.trust.verdicts import Verdict
from tests.interop import environment
from tests.trust import certificates as c

COMMAND = "python -m benchmarks trust"
PEER = "@digitalbazaar/vc"
ROUNDS = 300
GOALS = {RDFC: 5.0, JCS: 0.9}
ANYONE = TrustedIssuers([], any_did_key=True)
# What the peer checks too: form, proofs and times, with the status left to others.
POLICY = Policy(required_suites=(), badge=False, status=False, inline_contexts=ANY.inline_contexts)


def _median(work: Callable[[], object]) -> float:
    """Return the median time of one call, in seconds, once warm."""
    seconds = []
    for round_ in range(ROUNDS + 20):
        started = time.perf_counter()
        work()
        if round_ >= 20:
            seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def _verify(document: dict[str, Any]) -> None:
    checks = verify_credential(document, resolver=ANYONE, at=c.AT, policy=POLICY)
    if any(check.verdict is not Verdict.VALID for check in checks):
        raise AssertionError(f"a good certificate was refused: {checks}")


def _peers(documents: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Return the peer's median time for each suite, in seconds; nothing where it cannot be installed."""
    try:
        folder = environment.node()
    except environment.NotInstalled:
        return {}
    tasks = [
        {"task": "time", "document": document, "suites": [suite], "rounds": ROUNDS}
        for suite, document in documents.items()
    ]
    with tempfile.TemporaryDirectory() as scratch:
        answers = environment.ask_node(folder, Path(scratch), environment.documents(c.PUBLIC_KEY), tasks)
    return {suite: statistics.median(answer) for suite, answer in zip(documents, answers, strict=True)}


def _poison(nodes: int) -> dict[str, Any]:
    labels = [f"_:b{number}" for number in range(nodes)]
    return {
        "@context": [VC_V2, environment.EXAMPLES],
        "type": ["VerifiableCredential"],
        "credentialSubject": [
            {"id": label, "knows": [{"id": other} for other in labels if other != label]} for label in labels
        ],
    }


def _worst_poison() -> float:
    """Return the longest time until a graph made to be slow was refused, in seconds of the processor."""
    worst = 0.0
    for nodes in (8, 10, 20, 40, 80, 140):
        started = time.process_time()
        try:
            canonical_nquads(_poison(nodes))
        except GraphTooComplexError:
            worst = max(worst, time.process_time() - started)
        else:
            raise AssertionError(f"poison of {nodes} nodes was not refused")
    return worst


def run() -> list[Result]:
    """Measure verifying by each suite beside the peer, signing, and the refusal of poison."""
    documents = {suite: c.self_issued("full", suites=[suite]) for suite in (RDFC, JCS)}
    theirs = _peers(documents)
    results = []
    for suite, document in documents.items():
        ours = _median(lambda document=document: _verify(document))
        ratio = theirs[suite] / ours if suite in theirs else None
        results.append(
            Result(
                f"verify a certificate, {suite}",
                1 / ours,
                "per second",
                peer=PEER if suite in theirs else None,
                peer_value=1 / theirs[suite] if suite in theirs else None,
                ratio=ratio,
                goal=f">= {GOALS[suite]:g} x the peer",
                met=None if ratio is None else ratio >= GOALS[suite],
                command=COMMAND,
            )
        )
    unsigned = c.kinds()["full"]
    signing = _median(lambda: add_proofs(unsigned, signer=c.SIGNER, created=c.ISSUED, suites=SUITES))
    results.append(Result("sign a certificate, both proofs", 1 / signing, "per second", command=COMMAND))
    poison = _worst_poison()
    results.append(
        Result("refuse a poisoned graph, worst", poison, "CPU s", goal="<= 1 s", met=poison <= 1, command=COMMAND)
    )
    return results
