"""An anchor is accepted only if all of it leads from the checkpoint to a block that one knows."""

import base64
import random
import time
from dataclasses import replace

import pytest

from ronghe.trust.anchor import MAX_BYTES, Anchor, check_anchor
from ronghe.trust.bundle import Bundle, BundleError, verify_bundle
from ronghe.trust.canonical import canonical_json
from ronghe.trust.checkpoint import encode_base64, open_checkpoint
from ronghe.trust.rlp import encode
from ronghe.trust.verdicts import CheckName, Verdict
from tests.trust.anchors import CONTRACT, anchored, chain, event, receipt
from tests.trust.bundles import NOW, PARTS, TRUST
from tests.trust.logs import LOG, SmallLog, leaves_of

LEAVES = SmallLog(leaves_of(50))
OPENED = open_checkpoint(LEAVES.note(40), [LOG.verifier()])
ROOT = OPENED.checkpoint.root
GOOD = anchored(receipt([event(LOG.name, 40, ROOT)]))
CHAINS = [chain(GOOD)]


def check(value, opened=OPENED, chains=CHAINS):
    return check_anchor(value, opened, chains=chains)


def test_a_head_that_the_contract_recorded_in_a_known_block_holds():
    found = check(GOOD.as_json())
    assert (found.name, found.verdict, found.code) == (CheckName.ANCHOR, Verdict.VALID, "anchor-holds")
    assert "40 leaves in block 1234" in found.detail
    assert Anchor.of_json(GOOD.as_json()) == GOOD


@pytest.mark.parametrize("place", [0, 1, 15, 16, 127, 128, 200])
def test_it_holds_wherever_in_the_block_the_transaction_stands(place):
    made = anchored(receipt([event(LOG.name, 40, ROOT)]), place=place, others=210)
    assert check(made.as_json(), chains=[chain(made)]).verdict is Verdict.VALID
    assert len(canonical_json(made.as_json())) <= MAX_BYTES


def test_the_first_kind_of_transactions_and_a_block_of_one_hold_too():
    made = anchored(receipt([event(LOG.name, 40, ROOT)], kind=b""), place=0, others=0)
    assert check(made.as_json(), chains=[chain(made)]).verdict is Verdict.VALID


def test_a_later_head_holds_an_earlier_checkpoint_by_its_consistency_proof():
    later = open_checkpoint(LEAVES.note(50), [LOG.verifier()]).checkpoint
    the_receipt = receipt([event(LOG.name, 50, later.root)])
    made = anchored(the_receipt, consistency=LEAVES.consistency(40, 50))
    assert check(made.as_json(), chains=[chain(made)]).verdict is Verdict.VALID
    unproved = replace(made, consistency=())
    assert check(unproved.as_json(), chains=[chain(made)]).code == "anchor-does-not-hold"
    forked = replace(made, consistency=SmallLog(leaves_of(50, "other")).consistency(40, 50))
    assert check(forked.as_json(), chains=[chain(made)]).code == "anchor-does-not-hold"


def test_a_block_or_contract_that_one_does_not_know_leaves_it_unknown():
    for chains in ([], [replace(CHAINS[0], contract=bytes(20))], [replace(CHAINS[0], blocks=frozenset([bytes(32)]))]):
        found = check(GOOD.as_json(), chains=chains)
        assert (found.verdict, found.code) == (Verdict.UNKNOWN, "anchor-is-not-trusted")
        assert CONTRACT.hex() in found.detail


@pytest.mark.parametrize(
    ("the_receipt", "code"),
    [
        (receipt([event("another.example.org", 40, ROOT)]), "anchor-is-of-another"),
        (receipt([event(LOG.name, 39, ROOT)]), "anchor-is-of-another"),
        (receipt([event(LOG.name, 40, bytes(32))]), "anchor-does-not-hold"),
        (receipt([event(LOG.name, 40, ROOT)], status=b""), "anchor-does-not-hold"),
        (receipt([event(LOG.name, 40, ROOT, topic=bytes(32))]), "anchor-does-not-hold"),
        (receipt([]), "anchor-does-not-hold"),
        (receipt([event(LOG.name, 40, ROOT + b"x")]), "anchor-does-not-hold"),
        (receipt([event(LOG.name, 40, ROOT, contract=b"x")]), "anchor-is-malformed"),
        (b"\x02" + encode([b"\x01"]), "anchor-is-malformed"),
        (b"\x02" + encode(b"x" * 60), "anchor-is-malformed"),
        (b"\x02", "anchor-is-malformed"),
    ],
)
def test_what_another_transaction_recorded_is_refused(the_receipt, code):
    made = anchored(the_receipt)
    assert check(made.as_json(), chains=[chain(made)]).code == code


@pytest.mark.parametrize(
    "change",
    [
        {"format": "ronghe-anchor-v2"},
        {"extra": 1},
        {"index": True},
        {"index": -1},
        {"log": 1.5},
        {"receipt": "x"},
        {"receipt": [""] * 17},
        {"consistency": [encode_base64(b"x")]},
        {"header": 7},
        {"header": "AB=="},
        {"consistency": [encode_base64(bytes(32))] * 65},
        {"receipt": [encode_base64(bytes(9_000))]},
    ],
)
def test_another_form_is_refused(change):
    found = check({**GOOD.as_json(), **change})
    assert (found.verdict, found.code) == (Verdict.INVALID, "anchor-is-malformed")


def test_every_byte_changed_is_refused_and_names_the_anchor():
    """Header, nodes and consistency proof byte by byte, places, nodes left out, doubled or swapped."""
    later = open_checkpoint(LEAVES.note(50), [LOG.verifier()]).checkpoint
    made = anchored(receipt([event(LOG.name, 50, later.root)]), consistency=LEAVES.consistency(40, 50))
    chains, value, chosen = [chain(made)], made.as_json(), random.Random(5)
    assert check(value, chains=chains).verdict is Verdict.VALID
    changed = []

    def texts(one):
        data = base64.b64decode(one)
        for position in range(len(data)):
            other = bytearray(data)
            other[position] ^= 1 << chosen.randrange(8)
            yield encode_base64(bytes(other))
        for position in (0, len(data) - 1):
            yield encode_base64(data[:position] + data[position + 1 :])
        yield encode_base64(data + b"\0")

    for name in ("receipt", "consistency"):
        parts = value[name]
        for place, one in enumerate(parts):
            changed += [{name: [*parts[:place], other, *parts[place + 1 :]]} for other in texts(one)]
            changed += [{name: parts[:place] + parts[place + 1 :]}, {name: [*parts[: place + 1], *parts[place:]]}]
        changed.append({name: parts[::-1]})
    changed += [{"header": other} for other in texts(value["header"])]
    changed += [{"block": value["block"][:place] + "g" + value["block"][place + 1 :]} for place in range(66)]
    changed += [{name: place} for name in ("index", "log") for place in range(40) if place != value[name]]
    began = time.process_time()
    for change in changed:
        found = check({**value, **change}, chains=chains)
        assert (found.name, found.verdict) == (CheckName.ANCHOR, Verdict.INVALID), change
    assert len(changed) >= 1_000 and time.process_time() - began < 5
    assert check(value, chains=chains).verdict is Verdict.VALID


def anchored_bundle():
    bundle = PARTS.bundle()
    checkpoint = open_checkpoint(bundle.proof.checkpoint, TRUST.logs).checkpoint
    made = anchored(receipt([event(checkpoint.origin, checkpoint.size, checkpoint.root)]), place=100, others=200)
    return replace(bundle, anchor=made.as_json()), made


def test_a_bundle_carries_it_on_top_of_its_own_size():
    bundle, made = anchored_bundle()
    data = bundle.encode()
    assert Bundle.decode(data).anchor == bundle.anchor
    unknown = verify_bundle(data, trust=TRUST, at=NOW)
    assert unknown.verdict is Verdict.VALID and unknown.verdict_on(CheckName.ANCHOR) is Verdict.UNKNOWN
    known = verify_bundle(data, trust=replace(TRUST, chains=(chain(made),)), at=NOW)
    assert known.verdict is Verdict.VALID and known.verdict_on(CheckName.ANCHOR) is Verdict.VALID


def test_an_anchor_makes_no_room_for_anything_else():
    bundle, _ = anchored_bundle()
    value = canonical_json({"anchor": {"x": "y" * 7_000}})
    for data in (value[:-1] + b"," + replace(bundle, anchor=None).encode()[1:], value + b" " * 6_000):
        with pytest.raises(BundleError) as refused:
            Bundle.decode(data)
        assert refused.value.code == "form-is-too-large"


def test_an_anchor_of_another_state_makes_the_bundle_invalid():
    bundle, made = anchored_bundle()
    report = verify_bundle(
        replace(bundle, anchor=GOOD.as_json()).encode(), trust=replace(TRUST, chains=(chain(made),)), at=NOW
    )
    assert report.first_refusal.name is CheckName.ANCHOR
