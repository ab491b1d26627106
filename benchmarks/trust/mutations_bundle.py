"""Bundles changed in every way that one can think of: each must be refused, by the check that it concerns.

Every byte of the file, and of the file packed; every member left out, exchanged and altered, with the file made
canonical again; every character of the log's proof; parts of other bundles; logs that were rolled back or forked; other
keys, other times, other statuses. The bundle itself must be accepted before and after.
"""

import copy
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.result import Result
from ronghe.trust.bundle import verify_bundle
from ronghe.trust.canonical import CanonicalError, canonical_json
from ronghe.trust.checkpoint import SignerKey
from ronghe.trust.did import Issuer, IssuerKey
from ronghe.trust.log_proof import LogProof
from ronghe.trust.merkle import leaf_hash
from ronghe.trust.packing import pack
from ronghe.trust.proof import KeySigner
from ronghe.trust.status_statement import Status
from ronghe.trust.trusted_keys import TrustedKeys
from ronghe.trust.verdicts import Verdict
from tests.trust import certificates as c
from tests.trust.bundles import NOW, PARTS, PLAIN, TRUST
from tests.trust.logs import LOG, TIME, WITNESSES, SmallLog

COMMAND = "python -m benchmarks trust"
STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
# Two of three: each cosignature counts, so that none may be altered or left out.
MADE = replace(PARTS, witnesses=tuple(WITNESSES[:2]))


@dataclass(frozen=True, slots=True)
class Case:
    """One changed bundle, made when it is asked for, or the bundle under other keys or at another time."""

    kind: str
    make: Callable[[], bytes]
    trust: TrustedKeys = TRUST
    at: datetime = NOW


@dataclass(slots=True)
class Outcome:
    """How many were refused by which check, and what was accepted, which must be nothing."""

    refused: Counter[str] = field(default_factory=Counter)
    by_kind: Counter[str] = field(default_factory=Counter)
    accepted: list[Case] = field(default_factory=list)
    controls: int = 0
    slowest: float = 0.0

    @property
    def count(self) -> int:
        """How many changed bundles there were."""
        return sum(self.refused.values()) + len(self.accepted)


def one_byte(data: bytes) -> Iterator[Case]:
    """Every byte of the file, one bit of it; the same of the file packed."""
    packed = pack(data)
    for kind, file in (("one byte", data), ("one byte of a packed file", packed)):
        for position, byte in enumerate(file):
            yield Case(kind, partial(_with_byte, file, position, byte ^ 1))
    for position in range(0, len(packed), 50):
        yield Case("a packed file cut off or gone on", partial(packed.__getitem__, slice(position)))
        yield Case("a packed file cut off or gone on", partial(packed.__add__, packed[:position] or b"\x00"))


def _with_byte(data: bytes, position: int, byte: int) -> bytes:
    return data[:position] + bytes([byte]) + data[position + 1 :]


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield from _places(one, (*path, name))


def _changed(value: Any, path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Any:
    whole = copy.deepcopy(value)
    parent = whole
    for step in path[:-1]:
        parent = parent[step]
    change(parent, path[-1])
    return whole


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def _other_texts(text: str) -> Iterator[str]:
    for position in {0, len(text) // 2, len(text) - 1} if text else set():
        yield text[:position] + chr(ord(text[position]) ^ 1) + text[position + 1 :]
    yield text + "A"
    yield text[:-1]


def every_member(data: bytes) -> Iterator[Case]:
    """Every member left out, doubled, exchanged for another kind of value, or altered; then the file made canonical."""
    value = json.loads(data)
    for path in _places(value):
        # What the holder need not show may be left out; that is their right.
        if path != ("path",):
            yield from _canonical(
                "left out", lambda path=path: _changed(value, path, lambda parent, at: parent.pop(at))
            )
        current = _at(value, path)
        others: list[Any] = [None, True, 7, "x", [], {}, [current]]
        if isinstance(current, str):
            others += _other_texts(current)
        if isinstance(current, int):
            others += [current + 1, current - 1, -current, str(current), current * 2**20]
        if isinstance(current, list) and len(current) > 1:
            others.append(current[::-1])
        for other in others:
            if other != current or type(other) is not type(current):
                yield from _canonical(
                    "exchanged",
                    lambda path=path, other=other: _changed(
                        value, path, lambda parent, at: parent.__setitem__(at, other)
                    ),
                )
        if isinstance(current, dict):
            yield from _canonical(
                "put in", lambda path=path: _changed(value, path, lambda parent, at: parent[at].__setitem__("zz", 1))
            )


def _canonical(kind: str, change: Callable[[], Any]) -> Iterator[Case]:
    yield Case(kind, lambda: canonical_json(change()))


def every_character_of_the_proof(data: bytes) -> Iterator[Case]:
    """Each character of the text that the log and its witnesses signed or proved, and each line left out or doubled."""
    value = json.loads(data)
    text = value["log"]["proof"]

    def put(other: str) -> Callable[[], bytes]:
        return lambda: canonical_json({**value, "log": {**value["log"], "proof": other}})

    for position, character in enumerate(text):
        yield Case("one character of the proof", put(text[:position] + chr(ord(character) ^ 2) + text[position + 1 :]))
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        yield Case("a line of the proof left out", put("".join(lines[:number] + lines[number + 1 :])))
        # A signature that stands twice is still one signature.
        if not line.startswith("\u2014"):
            yield Case("a line of the proof doubled", put("".join([*lines[:number], line, *lines[number:]])))


def parts_of_others(data: bytes) -> Iterator[Case]:
    """Parts of another bundle in the place of this one's."""
    value = json.loads(data)
    others = [
        json.loads(replace(PLAIN, witnesses=MADE.witnesses).build()),
        json.loads(MADE.build(changes={"name": "另一张证书"})),
        json.loads(MADE.build(index=12)),
        json.loads(MADE.build(size=31, index=12)),
    ]
    for other in others:
        for part in ("credential", "log", "status"):
            if other[part] != value[part] and other["credential"] != value["credential"]:
                yield Case("another's part", partial(canonical_json, {**value, part: other[part]}))
        if other["log"] != value["log"]:
            swapped = {**value["log"], "proof": other["log"]["proof"]}
            if other["credential"] != value["credential"] or other["log"]["event"] != value["log"]["event"]:
                yield Case("another's part", partial(canonical_json, {**value, "log": swapped}))
        if other["log"]["event"] != value["log"]["event"]:
            swapped = {**value["log"], "event": other["log"]["event"]}
            yield Case("another's part", partial(canonical_json, {**value, "log": swapped}))


def rollbacks_and_split_views() -> Iterator[Case]:
    """Logs that forgot the certificate, or that have it in a version which only the log signed."""
    bundle = MADE.bundle()
    time_ = int(MADE.checked_at.timestamp())
    honest = MADE.log_of(bundle.event)
    forgotten = SmallLog([leaf_hash(b"other %d" % number) for number in range(MADE.size)])
    true_lines = "".join(honest.note(time=time_, witnesses=list(MADE.witnesses)).splitlines(keepends=True)[-2:])

    def with_proof(make: Callable[[], LogProof]) -> Callable[[], bytes]:
        return lambda: replace(bundle, proof=make()).encode()

    def with_note(size: int) -> LogProof:
        return replace(bundle.proof, checkpoint=honest.note(size, time=time_, witnesses=list(MADE.witnesses)))

    def forked(offset: int, lines: str = "", signers: tuple[SignerKey, ...] = ()) -> LogProof:
        # The log shows the verifier a tree of its own, with the cosignatures of the true one or of few.
        place = (MADE.index + offset) % MADE.size
        leaves = list(forgotten.leaves)
        leaves[place] = bundle.event.leaf()
        fork = SmallLog([*leaves, *(leaf_hash(b"fork %d" % number) for number in range(offset))])
        proof = fork.proof(place, time=time_, witnesses=list(signers))
        return replace(proof, checkpoint=proof.checkpoint + lines)

    for size in (*range(1, MADE.index + 1), *range(MADE.index + 1, MADE.size, 11)):
        yield Case("a log rolled back", with_proof(partial(with_note, size)))
    impostors = tuple(SignerKey(one.name, STRANGER) for one in WITNESSES)
    for offset in range(1, 41):
        for lines in ("", true_lines):
            yield Case("a split view", with_proof(partial(forked, offset, lines)))
        for signers in ((WITNESSES[0],), impostors):
            yield Case("a split view", with_proof(partial(forked, offset, signers=signers)))
    forgetful = replace(bundle.proof, checkpoint=forgotten.note(time=time_, witnesses=list(MADE.witnesses)))
    yield Case("a log rolled back", with_proof(lambda: forgetful))


def other_keys(data: bytes) -> Iterator[Case]:
    """Signed by strangers under the right names; by keys that are revoked, out of use, unknown or not trusted."""
    for method in (f"{c.DID}#k1", f"{c.DID}#k2", "did:web:other.example#k1"):
        yield Case("a wrong key", partial(MADE.build, signer=KeySigner(STRANGER, method)))
        yield Case("a wrong key", partial(MADE.build, status_signer=KeySigner(STRANGER, method)))
    yield Case("a wrong key", partial(MADE.build, log=SignerKey(LOG.name, STRANGER)))
    yield Case("a wrong key", partial(MADE.build, log=SignerKey("other.example.org", STRANGER)))
    for count in (1, 2, 3):
        strangers = [SignerKey(one.name, Ed25519PrivateKey.generate()) for one in WITNESSES[:count]]
        yield Case("a wrong key", partial(MADE.build, witnesses=(*strangers,)))
        yield Case("a wrong key", partial(MADE.build, witnesses=(*strangers, *WITNESSES[count:])))
    for count in (0, 1):
        yield Case("too few witnesses", partial(MADE.build, witnesses=tuple(WITNESSES[:count])))
    day = timedelta(days=1)
    for window in (
        {"revoked_at": NOW},
        {"revoked_at": c.ISSUED - day},
        {"valid_until": c.ISSUED},
        {"valid_from": c.ISSUED + day},
        {"valid_until": MADE.status_at},
    ):
        key = IssuerKey(f"{c.DID}#k1", c.PUBLIC_KEY, **window)
        yield Case("a key out of use", lambda: data, replace(TRUST, issuers=(Issuer(c.DID, "x", (key,)),)))
    yield Case("not trusted", lambda: data, replace(TRUST, issuers=()))
    yield Case("not trusted", lambda: data, replace(TRUST, logs=()))
    yield Case("not trusted", lambda: data, TrustedKeys())


def other_times_and_states(data: bytes) -> Iterator[Case]:
    """Expired, not yet valid, of the future; revoked, suspended, without a status, with a stale one."""
    for days in (*range(8, 60), 701, 800, 3650):
        yield Case("expired or stale", lambda: data, at=NOW + timedelta(days=days))
    for days in range(1, 60):
        yield Case("of the future", lambda: data, at=NOW - timedelta(days=days))
    for status in (Status.REVOKED, Status.SUSPENDED):
        for days in range(0, 60):
            yield Case(str(status), partial(MADE.build, status=status), at=NOW + timedelta(days=days))
    yield Case("no status", partial(MADE.build, status=None))
    for days in range(1, 30):
        early = NOW - timedelta(days=days)
        yield Case("a stale status", partial(MADE.build, status_at=early - timedelta(days=1), status_until=early))
        late = NOW + timedelta(days=days)
        yield Case("of the future", partial(MADE.build, status_at=late, status_until=late + timedelta(days=1)))
        yield Case("of the future", partial(MADE.build, checked_at=late))
    yield Case("of the future", partial(MADE.build, checked_at=datetime.fromtimestamp(TIME * 3, NOW.tzinfo)))


def cases() -> Iterator[Case]:
    """Yield all changed bundles."""
    data = MADE.build()
    yield from one_byte(data)
    yield from every_member(data)
    yield from every_character_of_the_proof(data)
    yield from parts_of_others(data)
    yield from rollbacks_and_split_views()
    yield from other_keys(data)
    yield from other_times_and_states(data)


def refuse_all(*, every: int = 1) -> Outcome:
    """Verify each changed bundle, or one of `every`, and the bundle itself every now and then."""
    outcome = Outcome()
    good = MADE.build()
    packed = pack(good)
    for number, case in enumerate(cases()):
        if number % every:
            continue
        if number % (50 * every) == 0:
            if any(verify_bundle(one, trust=TRUST, at=NOW).verdict is not Verdict.VALID for one in (good, packed)):
                raise AssertionError("the bundle itself is refused")
            outcome.controls += 1
        try:
            data = case.make()
        except CanonicalError:
            # Nobody could write such a file.
            continue
        started = time.perf_counter()
        report = verify_bundle(data, trust=case.trust, at=case.at)
        outcome.slowest = max(outcome.slowest, time.perf_counter() - started)
        found = report.refused_by
        if report.verdict is Verdict.VALID or found is None:
            outcome.accepted.append(case)
            continue
        outcome.refused[f"{found.name}: {found.code}"] += 1
        outcome.by_kind[case.kind] += 1
    return outcome


def run() -> list[Result]:
    """Refuse all of them."""
    outcome = refuse_all()
    for name, count in (*outcome.by_kind.most_common(), *outcome.refused.most_common()):
        print(f"{count:7,}  {name}")
    return [
        Result(
            name=f"changed bundles refused, each by a check that is named ({outcome.controls} controls accepted)",
            value=float(outcome.count - len(outcome.accepted)),
            unit="bundles",
            peer="all of them",
            peer_value=float(outcome.count),
            ratio=(outcome.count - len(outcome.accepted)) / outcome.count,
            goal=">= 10,000, all refused",
            met=outcome.count >= 10_000 and not outcome.accepted,
            command=COMMAND,
        ),
        Result(name="slowest refusal of a changed bundle", value=outcome.slowest * 1_000, unit="ms", command=COMMAND),
    ]


if __name__ == "__main__":
    for result in run():
        print(result)
