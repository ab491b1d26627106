"""Records the newest checkpoint on a chain or has it stamped, checks what comes back, and keeps it.

No transaction is open while a chain or an authority is asked. What does not hold is not kept.
"""

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from ronghe.apps.ledger import anchors, publishing
from ronghe.apps.ledger.errors import AnchorUnavailable
from ronghe.apps.ledger.models import Anchor, Checkpoint, Timestamp
from ronghe.runners import evm
from ronghe.runners.tsa import AuthorityUnavailable, ask_for_timestamp
from ronghe.trust.anchor import TrustedChain, check_anchor, log_id
from ronghe.trust.canonical import canonical_json
from ronghe.trust.checkpoint import OpenedCheckpoint, open_checkpoint
from ronghe.trust.timestamp import check_timestamp, stamped_at
from ronghe.trust.verdicts import Verdict


class Deployed(NamedTuple):
    """A contract of this log: its chain and its address, `0x` and 40 digits."""

    chain: int
    contract: str


def deploy_contract(*, wait: float = 300.0) -> Deployed:
    """Deploy the contract of this site's log, owned by the account in the settings; raises `AnchorUnavailable`."""
    node, sender = anchors.node(), anchors.sender()
    try:
        address = evm.deploy(node, sender, publishing.verifier().name, wait=wait)
        return Deployed(node.chain_id(), f"0x{address.hex()}")
    except evm.ChainError as error:
        raise AnchorUnavailable(str(error)) from error


def anchor_checkpoint(*, wait: float = 900.0) -> Anchor:
    """Record the newest witnessed checkpoint in the contract and keep the proof; raises `AnchorUnavailable`.

    One that the contract has already is not sent again: what was cut off after sending is taken up here.
    """
    kept, opened = _newest()
    node, contract = anchors.node(), anchors.contract()
    try:
        chain = node.chain_id()
        if evm.recorded_log(node, contract) != log_id(opened.checkpoint.origin):
            raise AnchorUnavailable(f"the contract in RONGHE_ANCHOR_CONTRACT is not of {opened.checkpoint.origin}")
        mined = evm.find_head(node, contract, opened.checkpoint)
        if mined is None:
            mined = evm.send_head(node, anchors.sender(), contract, opened.checkpoint, wait=wait)
        evm.wait_for_depth(node, mined, settings.RONGHE_ANCHOR_CONFIRMATIONS, wait=wait)
        proof = evm.fetch_anchor(node, mined, contract)
    except evm.ChainError as error:
        raise AnchorUnavailable(str(error)) from error
    found = check_anchor(proof.as_json(), opened, chains=[TrustedChain(contract, frozenset([mined.block]))])
    if found.verdict is not Verdict.VALID:
        raise AnchorUnavailable(f"what the node tells does not hold: {found.detail}")
    head = proof.head()
    return Anchor.objects.get_or_create(
        checkpoint=kept,
        chain=chain,
        contract=f"0x{contract.hex()}",
        block=f"0x{head.block.hex()}",
        defaults={
            "block_number": head.number,
            "block_time": head.time,
            "transaction": f"0x{mined.transaction.hex()}",
            "proof": canonical_json(proof.as_json()).decode(),
        },
    )[0]


def stamp_checkpoint(*, at: datetime | None = None) -> Timestamp:
    """Have the newest witnessed checkpoint stamped and keep the answer; raises `AnchorUnavailable`."""
    kept, opened = _newest()
    authority = anchors.authority()
    try:
        answer = ask_for_timestamp(settings.RONGHE_TIMESTAMP_URL, opened.checkpoint)
    except AuthorityUnavailable as error:
        raise AnchorUnavailable(str(error)) from error
    found = check_timestamp(answer, opened.checkpoint, authorities=[authority], at=at or timezone.now())
    if found.verdict is not Verdict.VALID:
        raise AnchorUnavailable(f"the authority's answer does not hold ({found.code}): {found.detail}")
    name = authority.signer.subject.rfc4514_string()[:300]
    return Timestamp.objects.create(checkpoint=kept, authority=name, stamped_at=stamped_at(answer), answer=answer)


def _newest() -> tuple[Checkpoint, OpenedCheckpoint]:
    kept = publishing.witnessed_checkpoint()
    if kept is None:
        raise AnchorUnavailable("no checkpoint has enough witnesses yet: seal the log and have it witnessed first")
    return kept, open_checkpoint(kept.note, publishing.verifiers())
