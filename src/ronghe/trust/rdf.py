"""JSON-LD documents as RDF, and RDF in its one canonical form (RDFC-1.0), within a bounded amount of work.

Blank nodes get the names of the standard; nothing that a signature should cover is left out on the way.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import permutations
from typing import Any

from ronghe.trust.canonical import CanonicalError, canonical_json
from ronghe.trust.jsonld import JsonLdError, UndefinedTermError, expand, is_absolute

MAX_QUADS = 8_000
# Each unit is one step along a path between blank nodes, a few microseconds; the hardest published graph takes 6,168.
MAX_WORK = 15_000
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_RDF_TYPE = f"<{_RDF}type>"
_FIRST, _REST, _NIL = f"<{_RDF}first>", f"<{_RDF}rest>", f"<{_RDF}nil>"
_MAX_KEPT_LENGTH = 200
_INTEGER_LIMIT = 1e21
_ESCAPED = re.compile(r'[\x00-\x1f\x7f"\\]')
_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*")
_DIRECTIONS = frozenset({"ltr", "rtl"})

Quad = tuple[str, str, str, str]
"""Subject, predicate, object and graph name as N-Quads writes them; the graph name is empty for the default graph."""


class GraphTooComplexError(ValueError):
    """A graph that takes more work to put in canonical form than anybody's certificate should."""


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT.get(character) or f"\\u{ord(character):04X}"


def write_text(value: str) -> str:
    """Return a plain text as canonical N-Quads writes it, in quotes."""
    # Most texts have nothing to escape, which is told many times faster than it is searched for.
    if value.isprintable() and '"' not in value and "\\" not in value:
        return f'"{value}"'
    return '"' + _ESCAPED.sub(_escape, value) + '"'


def _double(value: float) -> str:
    mantissa, exponent = f"{value:.15E}".split("E")
    digits = mantissa.rstrip("0")
    return f"{digits}{'0' if digits.endswith('.') else ''}E{int(exponent)}"


def _literal(item: Mapping[str, Any]) -> str:
    """Return a value object as N-Quads writes it (JSON-LD 1.1 API §8.6)."""
    value, datatype = item["@value"], item.get("@type")
    language, direction = item.get("@language"), item.get("@direction")
    if datatype == "@json":
        try:
            return f"{write_text(canonical_json(value).decode())}^^<{_RDF}JSON>"
        except CanonicalError as error:
            raise JsonLdError(f"a JSON literal has no canonical form: {error}") from None
    if datatype is not None and not is_absolute(datatype):
        raise UndefinedTermError(f"the datatype {datatype[:80]!r} is not defined")
    if isinstance(value, bool):
        return f'"{"true" if value else "false"}"^^<{datatype or _XSD + "boolean"}>'
    if isinstance(value, int | float):
        whole = float(value).is_integer() and abs(value) < _INTEGER_LIMIT
        if whole and datatype != f"{_XSD}double":
            return f'"{int(value)}"^^<{datatype or _XSD + "integer"}>'
        return f'"{_double(value)}"^^<{datatype or _XSD + "double"}>'
    if not isinstance(value, str):
        raise JsonLdError("a value is neither text nor number nor boolean")
    if datatype is not None:
        return write_text(value) if datatype == f"{_XSD}string" else f"{write_text(value)}^^<{datatype}>"
    if language is not None and not _LANGUAGE.fullmatch(language):
        raise UndefinedTermError(f"{language[:40]!r} is no language tag")
    if direction is not None:
        if direction not in _DIRECTIONS:
            raise JsonLdError(f"{direction!r} is no direction of text")
        return f"{write_text(value)}^^<https://www.w3.org/ns/i18n#{language or ''}_{direction}>"
    return write_text(value) if language is None else f"{write_text(value)}@{language}"


def _name(iri: str) -> str:
    """Return an address or a blank node as N-Quads writes it; labels of the document are kept apart from fresh ones."""
    return _short_name(iri) if len(iri) < _MAX_KEPT_LENGTH else _written_name(iri)


def _written_name(iri: str) -> str:
    if not is_absolute(iri):
        raise UndefinedTermError(f"{iri[:80]!r} is no absolute address")
    return f"_:e{iri[2:]}" if iri.startswith("_:") else f"<{iri}>"


# Addresses of terms come again and again; a stranger's long ones are not kept.
_short_name = lru_cache(maxsize=8192)(_written_name)


def _predicate(iri: str) -> str:
    if iri.startswith("_:"):
        raise UndefinedTermError("a property is a blank node, which no signature covers")
    return _name(iri)


@dataclass(slots=True)
class _Graphs:
    """Collects the quads of an expanded document."""

    quads: set[Quad] = field(default_factory=set)
    fresh: int = 0

    def blank(self) -> str:
        self.fresh += 1
        return f"_:g{self.fresh}"

    def add(self, subject: str, predicate: str, value: str, graph: str) -> None:
        self.quads.add((subject, predicate, value, graph))
        if len(self.quads) > MAX_QUADS:
            raise GraphTooComplexError(f"more than {MAX_QUADS} statements")

    def value(self, item: Any, graph: str) -> str:
        """Return what an item of a property is called, after adding what it says."""
        if "@value" in item:
            if len(item) == 1 and type(item["@value"]) is str:
                return write_text(item["@value"])
            if "@index" in item:
                raise UndefinedTermError("an index is dropped, so no signature covers it")
            return _literal(item)
        if "@list" in item:
            return self.list(item["@list"], graph)
        return self.node(item, graph)

    def list(self, items: list[Any], graph: str) -> str:
        head = _NIL
        for item in reversed(items):
            value = self.value(item, graph)
            cell = self.blank()
            self.add(cell, _FIRST, value, graph)
            self.add(cell, _REST, head, graph)
            head = cell
        return head

    def node(self, item: Mapping[str, Any], graph: str) -> str:
        identifier = item.get("@id")
        subject = self.blank() if identifier is None else _name(identifier)
        for key, values in item.items():
            if key == "@id":
                continue
            if key == "@type":
                for kind in values:
                    self.add(subject, _RDF_TYPE, _name(kind), graph)
            elif key == "@graph":
                for inner in values:
                    self.value(inner, subject)
            elif key == "@included":
                for inner in values:
                    self.node(inner, graph)
            elif key == "@reverse":
                for name, inners in values.items():
                    for inner in inners:
                        self.add(self.node(inner, graph), _predicate(name), subject, graph)
            elif key.startswith("@"):
                raise UndefinedTermError(f"{key} is dropped, so no signature covers it")
            else:
                predicate = _predicate(key)
                for inner in values:
                    self.add(subject, predicate, self.value(inner, graph), graph)
        return subject


def quads_of(document: Mapping[str, Any]) -> set[Quad]:
    """Return the statements of a JSON-LD document.

    Raises `UndefinedTermError` where anything would be dropped, `JsonLdError` for what is no JSON-LD or has a context
    that is not pinned, and `GraphTooComplexError` beyond `MAX_QUADS`.
    """
    graphs = _Graphs()
    for item in expand(document):
        graphs.node(item, "")
    if not graphs.quads:
        raise UndefinedTermError("the document says nothing that a signature could cover")
    return graphs.quads


class _Issuer:
    """Gives out names in order (RDFC-1.0 §4.5)."""

    __slots__ = ("names", "prefix")

    def __init__(self, prefix: str, names: dict[str, str] | None = None) -> None:
        self.prefix = prefix
        self.names = {} if names is None else names

    def issue(self, label: str) -> str:
        name = self.names.get(label)
        if name is None:
            name = self.names[label] = f"{self.prefix}{len(self.names)}"
        return name

    def copy(self) -> "_Issuer":
        return _Issuer(self.prefix, dict(self.names))


@dataclass(slots=True)
class _Canonicaliser:
    """The state of one canonicalisation (RDFC-1.0 §4.2)."""

    digest: Callable[[bytes], Any]
    work: int
    mentions: dict[str, list[Quad]] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    canonical: _Issuer = field(default_factory=lambda: _Issuer("_:c14n"))

    def hash(self, text: str) -> str:
        return str(self.digest(text.encode()).hexdigest())

    def spend(self) -> None:
        self.work -= 1
        if self.work < 0:
            raise GraphTooComplexError("its blank nodes are too alike to be told apart in bounded time")

    def first_degree(self, label: str) -> str:
        """Hash First Degree Quads (§4.6)."""
        lines = []
        for subject, predicate, value, graph in self.mentions[label]:
            if subject[0] == "_":
                subject = "_:a" if subject == label else "_:z"
            if value[0] == "_":
                value = "_:a" if value == label else "_:z"
            if graph[:1] == "_":
                graph = "_:a" if graph == label else "_:z"
            lines.append(_line(subject, predicate, value, graph))
        lines.sort()
        return self.hash("".join(lines))

    def related(self, related: str, predicate: str, issuer: _Issuer, position: str) -> str:
        """Hash Related Blank Node (§4.7)."""
        name = self.canonical.names.get(related) or issuer.names.get(related) or self.first[related]
        return self.hash(position + ("" if position == "g" else predicate) + name)

    def neighbours(self, label: str, issuer: _Issuer) -> Iterator[tuple[str, list[str]]]:
        found: dict[str, list[str]] = {}
        for subject, predicate, value, graph in self.mentions[label]:
            for position, part in (("s", subject), ("o", value), ("g", graph)):
                if part.startswith("_:") and part != label:
                    self.spend()
                    found.setdefault(self.related(part, predicate, issuer, position), []).append(part)
        yield from sorted(found.items())

    def n_degree(self, label: str, issuer: _Issuer) -> tuple[str, _Issuer]:
        """Hash N-Degree Quads (§4.8)."""
        data = ""
        for related_hash, labels in self.neighbours(label, issuer):
            chosen: tuple[str, _Issuer] | None = None
            for permutation in permutations(labels):
                found = self.path(permutation, issuer.copy(), chosen[0] if chosen else "")
                if found is not None and (chosen is None or found[0] < chosen[0]):
                    chosen = found
            if chosen is None:  # pragma: no cover - the first permutation is never passed over
                raise GraphTooComplexError("no path was chosen")
            data += related_hash + chosen[0]
            issuer = chosen[1]
        return self.hash(data), issuer

    def path(self, labels: Iterable[str], issuer: _Issuer, best: str) -> tuple[str, _Issuer] | None:
        """Return the path through `labels` and its names, or None once it cannot become the least."""
        path = ""
        pending: list[str] = []
        for label in labels:
            self.spend()
            name = self.canonical.names.get(label)
            if name is None:
                if label not in issuer.names:
                    pending.append(label)
                name = issuer.issue(label)
            path += name
            if best and len(path) >= len(best) and path > best:
                return None
        for label in pending:
            digest, inner = self.n_degree(label, issuer)
            path += f"{issuer.issue(label)}<{digest}>"
            issuer = inner
            if best and len(path) >= len(best) and path > best:
                return None
        return path, issuer

    def run(self, quads: Iterable[Quad]) -> None:
        """Name every blank node (§4.4)."""
        mentions = self.mentions
        for quad in quads:
            subject, _, value, graph = quad
            if subject[0] == "_":
                mentions.setdefault(subject, []).append(quad)
            if value[0] == "_" and value != subject:
                mentions.setdefault(value, []).append(quad)
            if graph[:1] == "_" and graph not in (subject, value):
                mentions.setdefault(graph, []).append(quad)
        by_hash: dict[str, list[str]] = {}
        for label in self.mentions:
            self.first[label] = self.first_degree(label)
            by_hash.setdefault(self.first[label], []).append(label)
        alike = []
        for _, labels in sorted(by_hash.items()):
            if len(labels) == 1:
                self.canonical.issue(labels[0])
            else:
                alike.append(labels)
        for labels in alike:
            found = []
            for label in labels:
                if label in self.canonical.names:
                    continue
                issuer = _Issuer("_:b")
                issuer.issue(label)
                found.append(self.n_degree(label, issuer))
            for _, issuer in sorted(found, key=lambda result: result[0]):
                for label in issuer.names:
                    self.canonical.issue(label)


def _line(subject: str, predicate: str, value: str, graph: str) -> str:
    return f"{subject} {predicate} {value} {graph} .\n" if graph else f"{subject} {predicate} {value} .\n"


@dataclass(frozen=True, slots=True)
class CanonicalGraph:
    """A graph in canonical form: its N-Quads and the name that each blank node got."""

    nquads: bytes
    names: Mapping[str, str]


def canonicalise(
    quads: Iterable[Quad], *, digest: Callable[[bytes], Any] = hashlib.sha256, work: int = MAX_WORK
) -> CanonicalGraph:
    """Return `quads` in the form of RDFC-1.0.

    Raises `GraphTooComplexError` once `work` steps are spent, `JsonLdError` for half of a surrogate pair in a text.
    """
    try:
        return _canonicalise(set(quads), digest, work)
    except UnicodeEncodeError:
        raise JsonLdError("half of a surrogate pair stands alone in a text") from None


def _canonicalise(unique: set[Quad], digest: Callable[[bytes], Any], work: int) -> CanonicalGraph:
    state = _Canonicaliser(digest, work)
    state.run(unique)
    # Literals start with a quote and addresses with a bracket: only blank nodes are found among the names.
    name = state.canonical.names
    lines = [
        _line(name.get(subject, subject), predicate, name.get(value, value), name.get(graph, graph))
        for subject, predicate, value, graph in unique
    ]
    lines.sort()
    return CanonicalGraph("".join(lines).encode(), name)


def canonical_nquads(document: Mapping[str, Any]) -> bytes:
    """Return the canonical N-Quads of a JSON-LD document; raises what `quads_of` and `canonicalise` raise."""
    return canonicalise(quads_of(document)).nquads
