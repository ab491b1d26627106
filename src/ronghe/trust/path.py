"""A person's events as a salted tree: its root goes into a certificate, and any of them can be shown with their proof.

Each leaf is salted, so that nobody guesses what is not shown. Erasing an event keeps its leaf hash, and every proof.
"""

import hmac
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ronghe.trust.canonical import CanonicalError, canonical_json
from ronghe.trust.checkpoint import NoteError, decode_base64, encode_base64
from ronghe.trust.merkle import HASH_SIZE, leaf_hash, node_hash, root_of
from ronghe.trust.verdicts import Check, CheckName

SALT_SIZE = 16
MAX_EVENTS = 1 << 20


class PathError(ValueError):
    """Events that do not make the tree they claim to be of; the message says which condition failed."""


@dataclass(frozen=True, slots=True)
class PathRoot:
    """What a certificate commits to: the root over all events and how many there are."""

    root: bytes
    size: int

    def __post_init__(self) -> None:
        if len(self.root) != HASH_SIZE or not 0 < self.size <= MAX_EVENTS:
            raise PathError(f"a path has a root of {HASH_SIZE} bytes and 1 to {MAX_EVENTS} events")


@dataclass(frozen=True, slots=True)
class PathEvent:
    """One event with its salt of 16 random bytes: leaf = SHA-256(0x00 || salt || JCS(content))."""

    content: Mapping[str, Any]
    salt: bytes

    def leaf(self) -> bytes:
        """Return the leaf hash, all that remains of an erased event. Raises `CanonicalError`."""
        return leaf_hash(self.salt + canonical_json(self.content))


def new_salt() -> bytes:
    """Return a fresh salt; one for each event, never used twice."""
    return secrets.token_bytes(SALT_SIZE)


def path_root(leaves: Sequence[bytes]) -> PathRoot:
    """Return the root over the leaf hashes of all events, in their order."""
    return PathRoot(root_of(leaves), len(leaves))


@dataclass(frozen=True, slots=True)
class DisclosedPath:
    """Some events of a path of `size`, by index, and the hashes that stand for all others, from left to right."""

    size: int
    events: tuple[tuple[int, PathEvent], ...]
    hashes: tuple[bytes, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as a bundle carries it."""
        return {
            "events": [
                {"content": dict(event.content), "index": index, "salt": encode_base64(event.salt)}
                for index, event in self.events
            ],
            "hashes": [encode_base64(hash_) for hash_ in self.hashes],
            "size": self.size,
        }

    @classmethod
    def of_json(cls, value: Any) -> "DisclosedPath":
        """Return what `as_json` wrote; raises `PathError` for anything else."""
        try:
            if not isinstance(value["events"], list) or not isinstance(value["hashes"], list):
                raise PathError("a path shown is not well formed: its events and hashes are lists")
            if set(value) != {"events", "hashes", "size"} or any(
                set(event) != {"content", "index", "salt"} or not isinstance(event["content"], dict)
                for event in value["events"]
            ):
                raise PathError("a path shown has events (content, index, salt), hashes and its size, nothing else")
            events = tuple(
                (_whole(event["index"]), PathEvent(event["content"], decode_base64(event["salt"], "the salt")))
                for event in value["events"]
            )
            hashes = tuple(decode_base64(hash_, "a hash of the path") for hash_ in value["hashes"])
            return cls(_whole(value["size"]), events, hashes)
        except (TypeError, KeyError, AttributeError, NoteError) as error:
            raise PathError(f"a path shown is not well formed: {error}") from error


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise PathError(f"{value!r} is no number of an event")
    return value


def disclose(leaves: Sequence[PathEvent | bytes], indexes: Collection[int]) -> DisclosedPath:
    """Return the chosen events with what proves them; an erased event is given by its leaf hash.

    Raises `PathError` if nothing is chosen, or an event that is not there any more.
    """
    size, chosen = len(leaves), sorted(set(indexes))
    events = []
    for index in chosen:
        event = leaves[index] if 0 <= index < size else None
        if not isinstance(event, PathEvent):
            raise PathError(f"event {index} cannot be shown: " + ("it was erased" if event else "there is none"))
        events.append((index, event))
    if not events:
        raise PathError("choose at least one event to show")
    known = [one if isinstance(one, bytes) else one.leaf() for one in leaves]
    hashes = tuple(root_of(known[start:end]) for start, end in _hidden(chosen, 0, size))
    return DisclosedPath(size, tuple(events), hashes)


def _hidden(chosen: Sequence[int], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the largest nodes without a chosen leaf, from left to right."""
    if not any(start <= index < end for index in chosen):
        yield start, end
    elif end - start > 1:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        yield from _hidden(chosen, start, middle)
        yield from _hidden(chosen, middle, end)


def verify_path(disclosed: DisclosedPath, root: PathRoot) -> None:
    """Check that the events shown are those of the path with `root`; raises `PathError` or `CanonicalError`."""
    if disclosed.size != root.size:
        raise PathError(f"the events shown are of {disclosed.size}, the certificate's path has {root.size}")
    indexes = [index for index, _ in disclosed.events]
    if not indexes or indexes != sorted(set(indexes)) or indexes[-1] >= root.size:
        raise PathError("the events shown are not in order, or one of them is not there")
    if any(len(event.salt) != SALT_SIZE for _, event in disclosed.events):
        raise PathError(f"a salt has {SALT_SIZE} bytes")
    if any(len(hash_) != HASH_SIZE for hash_ in disclosed.hashes):
        raise PathError(f"a hash has {HASH_SIZE} bytes")
    leaves = {index: event.leaf() for index, event in disclosed.events}
    hashes = iter(disclosed.hashes)
    computed = _root_of_range(leaves, hashes, 0, root.size)
    if next(hashes, None) is not None:
        raise PathError("there are more hashes than events that are not shown need")
    if not hmac.compare_digest(computed, root.root):
        raise PathError("the events shown lead to another root")


def _root_of_range(leaves: Mapping[int, bytes], hashes: Iterator[bytes], start: int, end: int) -> bytes:
    if not any(start <= index < end for index in leaves):
        found = next(hashes, None)
        if found is None:
            raise PathError("there are fewer hashes than events that are not shown need")
        return found
    if end - start == 1:
        return leaves[start]
    middle = start + (1 << (end - start - 1).bit_length() - 1)
    left = _root_of_range(leaves, hashes, start, middle)
    return node_hash(left, _root_of_range(leaves, hashes, middle, end))


def check_path(disclosed: DisclosedPath | None, root: PathRoot | None) -> Check:
    """Return whether the events shown belong to the certificate that commits to `root`."""
    if disclosed is None:
        return Check.unknown(CheckName.PATH, "path-is-not-shown")
    if root is None:
        return Check.invalid(CheckName.PATH, "path-has-no-root")
    try:
        verify_path(disclosed, root)
    except (PathError, CanonicalError) as error:
        return Check.invalid(CheckName.PATH, "path-does-not-hold", str(error))
    return Check.valid(CheckName.PATH, "path-holds", f"{len(disclosed.events)} of {root.size} events are shown")
