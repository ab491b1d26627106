"""Certificates changed in every way that one can think of: each must be refused, by the check that it is for.

Every character of every name and every text, members left out, put in and exchanged, proofs dropped and swapped,
other keys, other times, other lists. The certificate itself must be accepted before and after.
"""

import copy
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.result import Result
from ronghe.trust.credential import verify_credential
from ronghe.trust.did import Issuer, IssuerKey, KeyResolver, TrustedIssuers, did_key, key_method
from ronghe.trust.proof import KeySigner, add_proofs
from ronghe.trust.strict_json import StrictJsonError, parse
from ronghe.trust.verdicts import REQUIRED_OF_A_CREDENTIAL, Report, Verdict
from tests.trust import certificates as c

COMMAND = "python -m benchmarks trust"
INJECTED: dict[str, Any] = {
    "injected": "x",
    "https://www.w3.org/2018/credentials#validUntil": "2126-01-01T00:00:00Z",
    "description": "x",
    "endorsement": [],
    "@index": "x",
    "ext:term": None,
}
Step = str | int


@dataclass(frozen=True, slots=True)
class Case:
    """One changed certificate, or the certificate under another trust, time or lists."""

    kind: str
    document: Any
    resolver: KeyResolver = c.TRUSTED
    at: Any = c.AT
    lists: Any = None


@dataclass(slots=True)
class Outcome:
    """How many were refused by which check; what was accepted, which must be nothing."""

    refused: Counter[str] = field(default_factory=Counter)
    by_kind: Counter[str] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)
    controls: int = 0

    @property
    def count(self) -> int:
        """How many changed certificates there were."""
        return sum(self.refused.values()) + len(self.accepted)


def _walk(value: Any, path: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], Any]]:
    yield path, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(inner, (*path, index))


def _parent(document: Any, path: tuple[Step, ...]) -> Any:
    for step in path[:-1]:
        document = document[step]
    return document


def _with(document: Any, path: tuple[Step, ...], value: Any) -> Any:
    changed = copy.deepcopy(document)
    _parent(changed, path)[path[-1]] = value
    return changed


def _without(document: Any, path: tuple[Step, ...]) -> Any:
    changed = copy.deepcopy(document)
    del _parent(changed, path)[path[-1]]
    return changed


def _other(character: str) -> str:
    """Return another character of the same sort: one bit away, so that what was a letter or digit mostly stays one."""
    return chr(ord(character) ^ 1)


def texts(document: Any) -> Iterator[Case]:
    """Every character of every text changed, every text cut and lengthened."""
    for path, value in _walk(document):
        if isinstance(value, str):
            for index, character in enumerate(value):
                text = value[:index] + _other(character) + value[index + 1 :]
                yield Case("one character of a text", _with(document, path, text))
            yield Case("a text cut", _with(document, path, value[:-1]))
            yield Case("a text lengthened", _with(document, path, value + "A"))


def names(document: Any) -> Iterator[Case]:
    """Every character of every name changed."""
    for path, _ in _walk(document):
        if path and isinstance(path[-1], str):
            name = path[-1]
            for index, character in enumerate(name):
                changed = copy.deepcopy(document)
                parent = _parent(changed, path)
                parent[name[:index] + _other(character) + name[index + 1 :]] = parent.pop(name)
                yield Case("one character of a name", changed)


def members(document: Any) -> Iterator[Case]:
    """Every member left out, doubled, exchanged for another kind of value; terms put into every object."""
    for path, value in _walk(document):
        if path:
            yield Case("left out", _without(document, path))
            for other in (None, [], {}, 0, True, "x", [value, value]):
                if other != value and not (isinstance(path[-1], int) and other == []):
                    yield Case("exchanged for another value", _with(document, path, other))
        # A set of proofs has no order.
        if isinstance(value, list) and len(value) > 1 and path != ("proof",):
            yield Case("put in another order", _with(document, path, value[::-1]))
        if isinstance(value, dict):
            for name, inner in INJECTED.items():
                if name not in value:
                    injected = copy.deepcopy(document)
                    target = _parent(injected, path)[path[-1]] if path else injected
                    target[name] = inner
                    yield Case("a term put in", injected)


def proofs(document: Any, another: Any) -> Iterator[Case]:
    """Proofs dropped, doubled, swapped with one another and with those of another certificate."""
    first, second = document["proof"]
    for chosen in (
        [],
        [first],
        [second],
        [first, first],
        [second, second],
        [first, second, first],
        first,
        second,
        None,
    ):
        yield Case("proofs dropped or doubled", document | {"proof": chosen})
    swapped = [first | {"proofValue": second["proofValue"]}, second | {"proofValue": first["proofValue"]}]
    yield Case("proofs swapped", document | {"proof": swapped})
    yield Case("proofs swapped", document | {"proof": another["proof"]})
    yield Case("proofs swapped", document | {"proof": [another["proof"][0], second]})
    yield Case("proofs swapped", document | {"proof": [first, another["proof"][1]]})
    for name in ("eddsa-jcs-2022", "eddsa-rdfc-2022", "ecdsa-jcs-2019", "bbs-2023"):
        yield Case("proofs of another suite", document | {"proof": [first | {"cryptosuite": name}] * 2})


def keys(unsigned: Any) -> Iterator[Case]:
    """Signed by a stranger, under the issuer's address or their own; the issuer's key revoked or out of its window."""
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = stranger.public_key().public_bytes_raw()
    for method in (f"{c.DID}#k1", f"{c.DID}#k2", key_method(public)):
        forged = add_proofs(unsigned, signer=KeySigner(stranger, method), created=c.ISSUED)
        yield Case("a wrong key", forged)
        yield Case("a wrong key", forged, resolver=TrustedIssuers([c.ISSUER], any_did_key=True))
    renamed = unsigned | {"issuer": unsigned["issuer"] | {"id": did_key(public)}}
    forged = add_proofs(renamed, signer=KeySigner(stranger, f"{c.DID}#k1"), created=c.ISSUED)
    yield Case("a wrong key", forged)
    own = add_proofs(renamed, signer=KeySigner(stranger, key_method(public)), created=c.ISSUED)
    yield Case("a stranger", own)
    document = add_proofs(unsigned, signer=c.SIGNER, created=c.ISSUED)
    hour = timedelta(hours=1)
    windows: list[dict[str, Any]] = [
        {"revoked_at": c.AT}, {"revoked_at": c.ISSUED - hour}, {"valid_until": c.ISSUED},
        {"valid_from": c.ISSUED + hour}, {"purposes": {"authentication"}},
    ]  # fmt: skip
    for window in windows:
        key = IssuerKey(f"{c.DID}#k1", c.PUBLIC_KEY, **window)
        yield Case("a key out of use", document, resolver=TrustedIssuers([Issuer(c.DID, "x", (key,))]))
    yield Case("a stranger", document, resolver=TrustedIssuers([]))


def times_and_lists(document: Any) -> Iterator[Case]:
    """Before and after its time; revoked, suspended, without lists, with others', stale and forged ones."""
    yield Case("expired", document, at=c.ENDS + timedelta(seconds=1))
    yield Case("not yet valid", document, at=c.ISSUED - timedelta(days=1))
    yield Case("revoked", document, lists=c.lists(revoked=True))
    yield Case("suspended", document, lists=c.lists(suspended=True))
    yield Case("revoked", document, lists=c.lists(revoked=True, suspended=True))
    yield Case("no list", document, lists={})
    good = c.lists()
    for address, listed in good.items():
        other = next(each for each in good if each != address)
        yield Case("another list", document, lists=good | {address: good[other]})
        yield Case("no list", document, lists={other: good[other]})
        stale = c.lists(valid_from=c.AT - timedelta(days=9), valid_until=c.AT - timedelta(days=8))
        yield Case("a stale list", document, lists=good | {address: stale[address]})
        stranger = KeySigner(Ed25519PrivateKey.from_private_bytes(bytes(32)), f"{c.DID}#k1")
        yield Case("a forged list", document, lists=good | {address: c.lists(signer=stranger)[address]})
        for case in members(listed):
            yield Case("a list changed", document, lists=good | {address: case.document})


def spellings(document: Any) -> Iterator[Case]:
    """JSON that two readers could take differently: refused before anything else is looked at."""
    text = json.dumps(document, ensure_ascii=False)
    for name in document:
        quoted = json.dumps(name)
        yield Case("a member twice", ("{" + f"{quoted}: null, " + text[1:]).encode())
        yield Case("a member twice", (text[:-1] + f", {quoted}: {json.dumps(document[name])}" + "}").encode())
    yield Case("bytes that are no text", text.encode()[:-9] + b"\xff" + text.encode()[-9:])
    yield Case("bytes that are no text", b"\xef\xbb\xbf" + text.encode())
    yield Case("more than one value", text.encode() + b" {}")


def cases(kind: str) -> Iterator[Case]:
    """Every changed certificate of that kind."""
    document, another = c.signed(kind), c.signed("plain" if kind == "full" else "full")
    yield from texts(document)
    yield from names(document)
    yield from members(document)
    yield from proofs(document, another)
    yield from keys(c.kinds()[kind])
    yield from times_and_lists(document)
    yield from spellings(document)


def judge(case: Case, lists: Any) -> Report:
    """Return the report on a case; raises `StrictJsonError` where the JSON itself is refused."""
    document = parse(case.document) if isinstance(case.document, bytes) else case.document
    status = lists if case.lists is None else case.lists
    checks = verify_credential(document, resolver=case.resolver, at=case.at, status=status)
    return Report(tuple(checks), REQUIRED_OF_A_CREDENTIAL)


def sweep(*, every: int = 1) -> Outcome:
    """Judge every n-th change of each kind of certificate, with the unchanged one as control each time it is due."""
    outcome = Outcome()
    lists = c.lists()
    for kind in c.kinds():
        control = Case("control", c.signed(kind))
        for number, case in enumerate(cases(kind)):
            # Rare kinds are judged all; of the many, every n-th.
            if number % every and case.kind.startswith(("one character", "exchanged", "a term", "a list", "left")):
                continue
            if number % 97 == 0:
                if judge(control, lists).verdict is not Verdict.VALID:
                    raise AssertionError(f"the unchanged certificate {kind} was refused")
                outcome.controls += 1
            _count(case, lists, outcome)
    return outcome


def _count(case: Case, lists: Any, outcome: Outcome) -> None:
    outcome.by_kind[case.kind] += 1
    try:
        report = judge(case, lists)
    except StrictJsonError:
        outcome.refused["form: refused as JSON"] += 1
        return
    if report.verdict is Verdict.VALID:
        outcome.accepted.append(f"{case.kind}: {json.dumps(case.document, ensure_ascii=False, default=str)[:400]}")
        return
    refusal = report.first_refusal or next(check for check in report.checks if check.verdict is Verdict.UNKNOWN)
    outcome.refused[f"{refusal.name.value}: {refusal.code}"] += 1


def run() -> list[Result]:
    """Judge all of them."""
    outcome = sweep()
    refused = outcome.count - len(outcome.accepted)
    return [
        Result(
            "changed certificates refused",
            refused,
            f"of {outcome.count}, with {outcome.controls} controls accepted",
            goal="all of >= 5,000",
            met=not outcome.accepted and outcome.count >= 5_000,
            command=COMMAND,
        )
    ]
