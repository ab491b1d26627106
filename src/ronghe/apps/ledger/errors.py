"""What the ledger refuses, as one small tree of exceptions.

LedgerError
├── NotInTransaction      record() outside the transaction that causes the event
├── UnknownEventType      a type that no app registered
├── InvalidPayload        a field too many, too few or of the wrong kind
├── KeyUnavailable        the signing or event key is missing or cannot be read
├── AnchorUnavailable     a checkpoint cannot be recorded on a chain or stamped: the settings, the node or the authority
└── TamperedLedger        sealing stopped: what the database holds is not what was recorded or sealed
"""


class LedgerError(ValueError):
    """Base of everything the ledger refuses; the message says what was wrong and how to mend it."""


class NotInTransaction(LedgerError):
    """An event must stand or fall with the change that it records."""


class UnknownEventType(LedgerError):
    """The event's type is in no app's `events.py`."""


class InvalidPayload(LedgerError):
    """The payload does not have the fields of its event type, or the subject has no name."""


class KeyUnavailable(LedgerError):
    """A key of the ledger is missing, unreadable or needs its passphrase."""


class AnchorUnavailable(LedgerError):
    """A chain or a time-stamping authority is not set up, cannot be reached, or answers what does not hold."""


class TamperedLedger(LedgerError):
    """The sealer found rows that were altered and signs nothing before they are mended."""
