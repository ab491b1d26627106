"""The ledger's verbs: record an event, seal what was recorded and have it witnessed, change the key, erase
payloads, check it all."""

from ronghe.apps.ledger.services.checking import Finding, Reason, Report, fsck
from ronghe.apps.ledger.services.erasing import erase_payloads
from ronghe.apps.ledger.services.recording import Entry, record, record_many
from ronghe.apps.ledger.services.rotating import prepare_rotation, rotate_key
from ronghe.apps.ledger.services.sealing import Sealed, seal, seal_forever
from ronghe.apps.ledger.services.witnessing import Asked, ask_witnesses, witness_forever

__all__ = [
    "Asked",
    "Entry",
    "Finding",
    "Reason",
    "Report",
    "Sealed",
    "ask_witnesses",
    "erase_payloads",
    "fsck",
    "prepare_rotation",
    "record",
    "record_many",
    "rotate_key",
    "seal",
    "seal_forever",
    "witness_forever",
]
