"""The one place without Django that builds what reads skills out of texts, once a process, from Ronghe's lexicon.

The first call in a process takes some seconds; what it returns does not change and is shared by the process's threads.
"""

import gc
import threading
from functools import cache

from ronghe.lexicon import Lexicon, load_confidence, load_lexicon
from ronghe.methods.skills import Extractor

Tiers = tuple[int, ...]

DEFAULT_TIERS: Tiers = (1,)

# Two threads that ask first must not both build.
_building = threading.RLock()


def known_tiers() -> Tiers:
    """The tiers that can be asked for: 1 is the dictionary pass, 2 adds the sentence encoder."""
    return (1, 2)


def checked_tiers(tiers: Tiers) -> Tiers:
    """The tiers once each, in order. Raises `ValueError` for tiers that there are not; tier 1 is always among them."""
    known = known_tiers()
    if 1 not in tiers or not set(tiers) <= set(known):
        choices = " or ".join(",".join(map(str, known[:count])) for count in range(1, len(known) + 1))
        raise ValueError(f"the tiers to read with are {choices}, not {','.join(map(str, tiers)) or 'none'}")
    return tuple(sorted(set(tiers)))


@cache
def _lexicon() -> Lexicon:
    return load_lexicon()


@cache
def _extractor(tiers: Tiers) -> Extractor:
    known = lexicon()
    automaton = known.automaton(confidence=load_confidence())
    if 2 not in tiers:
        return Extractor(automaton)
    # The encoder is loaded only by who asks for it.
    from ronghe.runners.encoding import semantic_tier

    return Extractor(automaton, semantic_tier(known, automaton))


def lexicon() -> Lexicon:
    """The lexicon of this process."""
    with _building:
        return _lexicon()


def extractor(tiers: Tiers = DEFAULT_TIERS) -> Extractor:
    """The extractor of this process with these tiers. Raises `ValueError` for tiers that there are not."""
    with _building:
        return _extractor(checked_tiers(tiers))


def prepare(tiers: Tiers = DEFAULT_TIERS) -> None:
    """Build the extractor of a process that does nothing else."""
    extractor(tiers)
    # What is kept for good need not be looked through again at each collection.
    gc.collect()
    gc.freeze()
