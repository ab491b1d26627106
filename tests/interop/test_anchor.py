"""Heads of the log on a chain of anvil's: deployed, recorded, proved and checked; the chain is not ours, its proofs are
rebuilt by us. It proves that the parts fit together, not that nobody could change such a chain."""

import contextlib
import json
import subprocess
from dataclasses import replace
from importlib.resources import files

import pytest
from django.db import DatabaseError, transaction

from ronghe.apps.ledger import selectors, services
from ronghe.apps.ledger.errors import AnchorUnavailable
from ronghe.apps.ledger.models import Anchor
from ronghe.apps.ledger.services import anchoring
from ronghe.cli import main
from ronghe.runners import evm
from ronghe.trust import contracts
from ronghe.trust.anchor import TrustedChain, check_anchor
from ronghe.trust.checkpoint import Checkpoint, open_checkpoint
from ronghe.trust.rlp import keccak256, number
from ronghe.trust.verdicts import Verdict
from tests.apps.ledger.helpers import record
from tests.interop import chain, environment
from tests.need import need

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("interop")]


@pytest.fixture(scope="module")
def url():
    with contextlib.ExitStack() as stack:
        try:
            address = stack.enter_context(chain.running())
        except environment.NotInstalled as error:
            need(False, f"anvil cannot be installed: {error}")
        yield address


@pytest.fixture
def log(url, settings):
    settings.RONGHE_ANCHOR_URL, settings.RONGHE_ANCHOR_KEY = url, chain.KEY
    settings.RONGHE_ANCHOR_CONFIRMATIONS = 0
    settings.RONGHE_ANCHOR_CONTRACT = anchoring.deploy_contract().contract
    record(9)
    services.seal()
    return settings


def opened(size):
    return open_checkpoint(selectors.note_at(size), [selectors.verifier()])


def trusted(anchor):
    return [TrustedChain(bytes.fromhex(anchor.contract[2:]), frozenset([bytes.fromhex(anchor.block[2:])]))]


def test_the_compiled_contract_is_what_its_source_gives():
    try:
        compiler = chain.vyper()
    except environment.NotInstalled as error:
        need(False, f"the compiler cannot be installed: {error}")
    folder = files(contracts)
    command = [*compiler, "-f", "abi,bytecode", str(folder / "Anchor.vy")]
    abi, code = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    kept = json.loads((folder / "Anchor.json").read_text())
    assert (json.loads(abi), code) == (kept["abi"], kept["bytecode"])


def test_a_head_is_recorded_proved_and_kept_for_good(log, client):
    anchor = services_anchor()
    assert (anchor.checkpoint_id, anchor.chain) == (9, 31337)
    assert check_anchor(json.loads(anchor.proof), opened(9), chains=trusted(anchor)).verdict is Verdict.VALID
    # What was sent once is found again, not sent again.
    assert services_anchor() == anchor
    for change in (lambda: Anchor.objects.update(chain=1), lambda: Anchor.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    page = client.get("/ledger/").content.decode()
    assert f"/ledger/anchors/{anchor.pk}" in page and "31337" in page
    given = client.get(f"/ledger/anchors/{anchor.pk}")
    assert (given.content.decode(), given["Content-Type"]) == (anchor.proof, "application/json")
    assert client.get("/ledger/checkpoints/9").content.decode() == selectors.note_at(9)
    assert client.get("/ledger/anchors/0").status_code == client.get("/ledger/checkpoints/5").status_code == 404


def services_anchor():
    return anchoring.anchor_checkpoint(wait=10)


def test_an_earlier_checkpoint_is_held_by_a_later_anchor(log):
    record(20)
    services.seal()
    anchor = services_anchor()
    assert anchor.checkpoint_id == 29 and selectors.anchor_for(30) is None
    value = selectors.anchor_for(9)
    assert len(value["consistency"]) > 1
    assert check_anchor(value, opened(9), chains=trusted(anchor)).verdict is Verdict.VALID


def test_the_command_checks_what_the_page_offers(log, tmp_path, capsys):
    assert main(["ledger", "anchor", "send"]) == 0
    anchor = Anchor.objects.get()
    (tmp_path / "anchor.json").write_text(anchor.proof)
    (tmp_path / "checkpoint").write_text(selectors.note_at(9))
    call = ["ledger", "anchor", "check", str(tmp_path / "anchor.json"), "--checkpoint", str(tmp_path / "checkpoint")]
    call += ["--key", selectors.verifier().encode(), "--contract", anchor.contract, "--block"]
    assert main([*call, anchor.block]) == 0
    assert main([*call, "0x" + "00" * 32]) == 2
    (tmp_path / "anchor.json").write_text(anchor.proof.replace('"index":0', '"index":1'))
    assert main([*call, anchor.block]) == 1
    assert "有效" in capsys.readouterr().out


def test_only_the_owner_records_and_a_log_only_grows(log):
    node, contract = evm.Node(log.RONGHE_ANCHOR_URL), bytes.fromhex(log.RONGHE_ANCHOR_CONTRACT[2:])
    services_anchor()
    owner, stranger = (evm.Sender.of_secret(bytes.fromhex(key)) for key in (chain.KEY, "11" * 32))
    node.call("anvil_setBalance", "0x" + stranger.address.hex(), hex(10**20))
    head = Checkpoint("x", 10, bytes(32))
    with pytest.raises(evm.ChainError, match="only the owner anchors"):
        evm.send_head(node, stranger, contract, head)
    for size in (9, 8, 0):
        with pytest.raises(evm.ChainError, match="a log only grows"):
            evm.send_head(node, owner, contract, replace(head, size=size))
    assert evm.recorded_size(node, contract) == 9


def test_a_proof_holds_in_a_block_of_many_transactions(log):
    node, contract = evm.Node(log.RONGHE_ANCHOR_URL), bytes.fromhex(log.RONGHE_ANCHOR_CONTRACT[2:])
    owner = evm.Sender.of_secret(bytes.fromhex(chain.KEY))
    count = int(node.call("eth_getTransactionCount", "0x" + owner.address.hex(), "latest"), 16)
    root = opened(9).checkpoint.root
    node.call("evm_setAutomine", False)
    try:
        for size in range(9, 159):
            data = keccak256(b"anchor(uint64,bytes32)")[:4] + size.to_bytes(32, "big") + root
            fields = [31337, count + size - 9, 1, 10**10, 100_000]
            raw = owner.sign([*map(number, fields), contract, b"", data, []])
            node.call("eth_sendRawTransaction", "0x" + raw.hex())
        node.call("evm_mine")
    finally:
        node.call("evm_setAutomine", True)
    for size in (9, 10, 24, 25, 136, 137, 158):
        mined = evm.find_head(node, contract, Checkpoint(opened(9).checkpoint.origin, size, root))
        proof = evm.fetch_anchor(node, mined, contract)
        assert (proof.index, proof.head().size) == (size - 9, size)


def test_what_cannot_be_done_is_told_with_its_mend(log):
    for name, value, why in (
        ("RONGHE_ANCHOR_CONTRACT", "", "anchor deploy"),
        ("RONGHE_ANCHOR_CONTRACT", "0x" + "00" * 20, "no contract of a log"),
        ("RONGHE_ANCHOR_KEY_FILE", "/nowhere.pem", "cannot be read"),
        ("RONGHE_ANCHOR_KEY", "", "RONGHE_ANCHOR_KEY_FILE"),
        ("RONGHE_ANCHOR_URL", "http://127.0.0.1:9", "cannot be reached"),
        ("RONGHE_ANCHOR_URL", "", "anchoring is off"),
    ):
        before = getattr(log, name)
        setattr(log, name, value)
        with pytest.raises(AnchorUnavailable, match=why):
            services_anchor()
        setattr(log, name, before)
    assert not Anchor.objects.exists()
