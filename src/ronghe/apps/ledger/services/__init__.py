"""The ledger's verbs: record an event, seal what was recorded, erase payloads, check the whole log."""

from ronghe.apps.ledger.services.checking import Finding, Reason, Report, fsck
from ronghe.apps.ledger.services.erasing import erase_payloads
from ronghe.apps.ledger.services.recording import Entry, record, record_many
from ronghe.apps.ledger.services.sealing import Sealed, seal, seal_forever

__all__ = [
    "Entry",
    "Finding",
    "Reason",
    "Report",
    "Sealed",
    "erase_payloads",
    "fsck",
    "record",
    "record_many",
    "seal",
    "seal_forever",
]
