"""Signs thousands of credentials that differ in a few values: what they share is expanded and hashed once.

The result is, byte for byte, what `trust.proof.add_proofs` makes of each document (Ed25519 is deterministic, and a
stencil must first prove it on a document that it was not cut from); only the way there is shorter. The canonical names
of blank nodes depend on the values, so the canonical form of the graph is computed for each document in full.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ronghe.trust.canonical import canonical_json
from ronghe.trust.multibase import encode_base58btc
from ronghe.trust.proof import JCS, RDFC, DataSigner, add_proofs
from ronghe.trust.rdf import Quad, canonical_nquads, canonicalise, quads_of

# Characters that N-Quads writes otherwise; a document that has one of them in its own values takes the long way.
_ESCAPED = re.compile(r'[\x00-\x20\x7f"\\<>{}|^`]')
_Place = tuple[str | int, ...]


@dataclass(slots=True)
class Stencil:
    """What documents of one shape share. `places` are where each has a value of its own, all of them texts."""

    signer: DataSigner
    created: datetime
    places: tuple[_Place, ...]
    _is_proven: bool = False
    _options: dict[str, tuple[dict[str, Any], bytes]] = field(default_factory=dict)
    _fixed: frozenset[Quad] = frozenset()
    _open: tuple[tuple[tuple[str, int | None, str], ...], ...] = ()
    _unsigned: tuple[str | int, ...] = ()
    _secured: tuple[str | int, ...] = ()

    def sign(self, values: Sequence[str], document: Callable[[], Mapping[str, Any]]) -> str:
        """Return the canonical JSON, with both proofs, of the document that has `values` at the places.

        `document` makes it, and is asked only where the short way is not open. Raises what `add_proofs` raises.
        """
        if not _is_plain(values):
            return self._long_way(document())
        if self._is_proven:
            return self._short_way(values)
        whole = document()
        long = self._long_way(whole)
        if [_at(whole, place) for place in self.places] == list(values):
            # What is cut from one document is proven on the next: a value that by chance equals a text which all
            # documents have, such as a slot and a level, is found out then.
            if self._secured and self._short_way(values) == long:
                self._is_proven = True
            else:
                self._cut(whole, values)
        return long

    def takes(self, values: Sequence[str]) -> bool:
        """Say whether the short way is open for a document with `values`: then `sign_short` needs no document."""
        return self._is_proven and _is_plain(values)

    def sign_short(self, values: Sequence[str]) -> str:
        """Return what `sign` returns, for values that the stencil `takes`."""
        if not self.takes(values):
            raise ValueError("these values go the long way")
        return self._short_way(values)

    def _long_way(self, document: Mapping[str, Any]) -> str:
        return canonical_json(add_proofs(document, signer=self.signer, created=self.created)).decode()

    def _cut(self, document: Mapping[str, Any], values: Sequence[str]) -> None:
        """Learn from one document what all of them share."""
        secured = add_proofs(document, signer=self.signer, created=self.created)
        for proof in secured["proof"]:
            options = {name: value for name, value in proof.items() if name != "proofValue"}
            if proof["cryptosuite"] == RDFC:
                hashed = hashlib.sha256(canonical_nquads({"@context": document["@context"], **options})).digest()
            else:
                hashed = hashlib.sha256(canonical_json(options)).digest()
            self._options[proof["cryptosuite"]] = (options, hashed)
        signatures = [proof["proofValue"] for proof in secured["proof"]]
        self._unsigned = tuple(_cut_text(canonical_json(document).decode(), values))
        self._secured = tuple(_cut_text(canonical_json(secured).decode(), [*values, *signatures]))
        fixed, opened = set(), []
        for quad in quads_of(document):
            parts = tuple(_cut_term(term, values) for term in quad)
            if any(number is not None for _before, number, _after in parts):
                opened.append(parts)
            else:
                fixed.add(quad)
        self._fixed, self._open = frozenset(fixed), tuple(opened)

    def _short_way(self, values: Sequence[str]) -> str:
        quoted = [f'"{value}"' for value in values]
        unsigned = _filled(self._unsigned, quoted)
        graph = set(self._fixed)
        for parts in self._open:
            first, second, third, fourth = (
                before if number is None else f"{before}{values[number]}{after}" for before, number, after in parts
            )
            graph.add((first, second, third, fourth))
        data = {
            JCS: self._options[JCS][1] + hashlib.sha256(unsigned.encode()).digest(),
            RDFC: self._options[RDFC][1] + hashlib.sha256(canonicalise(graph).nquads).digest(),
        }
        quoted += [f'"{encode_base58btc(self.signer.sign(data[suite]))}"' for suite in self._options]
        return _filled(self._secured, quoted)


def _is_plain(values: Sequence[str]) -> bool:
    return len(set(values)) == len(values) and not any(_ESCAPED.search(value) for value in values)


def _at(document: Any, place: _Place) -> str:
    for step in place:
        document = document[step]
    if not isinstance(document, str):
        raise TypeError(f"{place} holds no text")
    return document


def _cut_text(text: str, values: Sequence[str]) -> Iterator[str | int]:
    """Yield the parts of canonical JSON between the values, and the numbers of the values where they stand."""
    numbers = {f'"{value}"': number for number, value in enumerate(values)}
    # A colon or bracket before it: the name of a member is never taken for a value.
    pattern = re.compile("(?<=[:,[])(" + "|".join(map(re.escape, numbers)) + ")(?=[,}\\]])")
    last = 0
    for found in pattern.finditer(text):
        yield text[last : found.start()]
        yield numbers[found.group()]
        last = found.end()
    yield text[last:]


def _filled(parts: tuple[str | int, ...], quoted: Sequence[str]) -> str:
    return "".join([quoted[part] if isinstance(part, int) else part for part in parts])


def _cut_term(term: str, values: Sequence[str]) -> tuple[str, int | None, str]:
    """Return a term of N-Quads as what stands before a value, the value's number, and what stands after it."""
    for number, value in enumerate(values):
        if term == f"<{value}>":
            return "<", number, ">"
        if term.startswith(f'"{value}"'):
            return '"', number, term[len(value) + 1 :]
    return term, None, ""
