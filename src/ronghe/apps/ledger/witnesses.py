"""The witnesses of this site's log as the settings name them, and the triggers that keep their signatures.

`RONGHE_WITNESSES` lists `KEY ADDRESS` pairs separated by commas: the public key that `ronghe witness key` prints, and
where the witness answers. `RONGHE_WITNESS_THRESHOLD` of them must have signed a checkpoint (2).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from ronghe.apps.ledger.freezing import Trigger
from ronghe.trust.checkpoint import NoteError, SignatureType, VerifierKey
from ronghe.trust.witness import WitnessPolicy

_SAYS = "the ledger only grows: {verb} on {table} is refused"


@dataclass(frozen=True, slots=True)
class ConfiguredWitness:
    """A witness's public key and its submission prefix."""

    key: VerifierKey
    url: str


def configured() -> tuple[ConfiguredWitness, ...]:
    """Return the witnesses; raises `ImproperlyConfigured` with what to mend."""
    return _parse(tuple(settings.RONGHE_WITNESSES))


def policy() -> WitnessPolicy:
    """Return what this site asks of a checkpoint; raises `ImproperlyConfigured`."""
    keys = tuple(witness.key for witness in configured())
    try:
        return WitnessPolicy(keys, settings.RONGHE_WITNESS_THRESHOLD)
    except NoteError as error:
        raise ImproperlyConfigured(f"RONGHE_WITNESSES and RONGHE_WITNESS_THRESHOLD: {error}") from error


@lru_cache(maxsize=8)
def _parse(lines: tuple[str, ...]) -> tuple[ConfiguredWitness, ...]:
    found = []
    for line in lines:
        text, _, url = line.strip().partition(" ")
        try:
            key = VerifierKey.parse(text, SignatureType.COSIGNATURE_V1)
        except NoteError as error:
            raise ImproperlyConfigured(f"RONGHE_WITNESSES: {text[:80]!r}: {error}") from error
        if not url.strip().startswith(("https://", "http://")):
            raise ImproperlyConfigured(f"RONGHE_WITNESSES: after the key of {key.name} comes its address, https://…")
        found.append(ConfiguredWitness(key, url.strip()))
    return tuple(found)


def triggers() -> Iterable[Trigger]:
    """Return the triggers by which cosignatures refuse every change."""
    for verb in ("UPDATE", "DELETE"):
        name = f"ledger_cosignature_no_{verb.lower()}"
        yield Trigger(name, "ledger_cosignature", verb, verb, "1 = 1", _SAYS)
