"""Changing the key that signs the log: the log records the change, and both keys sign the checkpoint that has it.

Until then the old key signs, from then on the new one; the old one's private half is gone. Whoever wants to be ready is
told of the next key before.
"""

import logging

from django.db import transaction

from ronghe.apps.ledger import keys, known_keys, outside
from ronghe.apps.ledger.errors import KeyUnavailable
from ronghe.apps.ledger.events import KEY_ROTATED
from ronghe.apps.ledger.services import sealing
from ronghe.apps.ledger.services.recording import record
from ronghe.trust.checkpoint import Checkpoint, SignedNote, VerifierKey

logger = logging.getLogger(__name__)

SUBJECT = "ledger.key:1"


class _Handover:
    """Signs with both keys, so that each one's trust reaches the other."""

    def __init__(self, old: keys.Signer, new: keys.Signer) -> None:
        self.old, self.new = old, new

    def verifier(self) -> VerifierKey:
        return self.new.verifier()

    def sign(self, checkpoint: Checkpoint, *, time: int) -> SignedNote:
        first, second = (signer.sign(checkpoint, time=time) for signer in (self.old, self.new))
        return SignedNote(first.text, (*first.signatures, *second.signatures))


def prepare_rotation() -> VerifierKey:
    """Make the next key, if there is none yet, and say which it is to all who ask for trusted keys.

    Raises `KeyUnavailable` where the key is not in a file.
    """
    following = keys.next_signer(make=True).verifier()
    outside.keep_next_key(following.encode())
    return following


def rotate_key() -> VerifierKey:
    """Let the next key sign from now on, and return it. Raises `KeyUnavailable`, `TamperedLedger`.

    If it is cut off after the log has recorded the change, whoever seals next ends it.
    """
    old, new = sealing.current_signer(), keys.next_signer()
    keys.keep_event_key()
    # Most of what waits is sealed before, so that the change itself takes little time.
    sealing.seal(signer=old)
    with transaction.atomic():
        sealing.become_the_only_sealer()
        if (said := known_keys.stated()) is not None and said != old.verifier().encode():
            raise KeyUnavailable("another process has changed the key meanwhile; nothing was done here")
        while sealing.seal_batch(old)[0] == sealing.BATCH:
            continue
        payload = {"key": new.verifier().encode(), "retired": old.verifier().encode()}
        record(actor=None, type=KEY_ROTATED, subject=SUBJECT, payload=payload)
        known = (new.verifier(), *known_keys.all_of(old.verifier()))
        _sealed, newest = sealing.seal_batch(_Handover(old, new), known)
        if newest is not None:
            transaction.on_commit(lambda: sealing.keep_outside(newest, new.verifier()))
    sealing.current_signer()
    logger.warning("the ledger's key was changed", extra=payload)
    return new.verifier()
