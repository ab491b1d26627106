"""JSON-LD 1.1 expansion against pinned contexts, quick for what credentials use and exact for the rest.

Contexts are processed by PyLD once and kept; what a credential usually has is then expanded here, to the same result
as PyLD's; anything rarer is handed to PyLD. Whatever would be dropped, and so not be signed, is refused.
"""

import re
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ronghe.trust.contexts import ContextError, context_document

MAX_CONTEXTS = 12
_MAX_KEPT = 64
_MAX_STATES = 4096
_MAX_KEPT_LENGTH = 100
_KEYWORD_CONTAINERS = frozenset({"@set", "@list", "@graph"})
_ABSOLUTE = re.compile(r"(?:_|[A-Za-z][A-Za-z0-9+.-]*):[^\x00-\x20<>\"{}|\\^`]*")
_LOCK = threading.RLock()


class JsonLdError(ValueError):
    """A document that is no JSON-LD, that names a context not pinned, or a part of which no signature would cover."""


class UnknownContextError(JsonLdError):
    """A context that is not pinned: what the document means cannot be known here."""


class UndefinedTermError(JsonLdError):
    """A term without a definition, a relative address or a value that expansion drops: no signature would cover it."""


class _Rare(Exception):
    """The document has something that is left to PyLD."""


@cache
def _pyld() -> Any:
    """Return PyLD's module; imported late, for it is large and many a command needs none of it."""
    import pyld.jsonld  # type: ignore[import-untyped]

    return pyld.jsonld


@cache
def _options() -> dict[str, Any]:
    """Return PyLD's options: nothing fetched, no base address, JSON-LD 1.1."""
    from cachetools import LRUCache
    from pyld.context_resolver import ContextResolver  # type: ignore[import-untyped]

    def load(url: str, _options: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": context_document(url),
        }

    return {
        "isFrame": False,
        "keepFreeFloatingNodes": False,
        "documentLoader": load,
        "contextResolver": ContextResolver(LRUCache(maxsize=_MAX_KEPT), load),
        "extractAllScripts": False,
        "processingMode": "json-ld-1.1",
        "base": None,
    }


def is_absolute(iri: str) -> bool:
    """Say whether `iri` is an absolute address or a blank node label that N-Quads can hold as it stands."""
    return _ABSOLUTE.fullmatch(iri) is not None


@dataclass(frozen=True, slots=True)
class _Term:
    """What one key means in one active context."""

    iri: str | None
    coercion: str | None
    container: frozenset[str]
    language: str | None
    rare: bool
    scoped: bool
    # A text under this term is just that text.
    plain: bool


_UNDEFINED = _Term(None, None, frozenset(), None, rare=False, scoped=False, plain=False)


@dataclass(slots=True)
class _State:
    """An active context of PyLD with what has been asked of it so far."""

    active: dict[str, Any]
    previous: "_State | None" = None
    budget: list[int] = field(default_factory=lambda: [_MAX_STATES])
    terms: dict[str, _Term] = field(default_factory=dict)
    scoped: dict[tuple[bool, str], "_State"] = field(default_factory=dict)

    def term(self, key: str) -> _Term:
        found = self.terms.get(key)
        if found is None:
            found = self._compile(key)
            # Beyond the context's own terms only so many are kept: a stranger's keys have no end.
            if key in self.active["mappings"] or (len(self.terms) < _MAX_STATES and len(key) < _MAX_KEPT_LENGTH):
                self.terms[key] = found
        return found

    def _compile(self, key: str) -> _Term:
        module = _pyld()
        processor = module.JsonLdProcessor
        active = self.active
        with _LOCK:
            iri = processor()._expand_iri(active, key, vocab=True)
        if iri is None or not (iri.startswith("@") or is_absolute(iri)):
            return _UNDEFINED
        mapping = active["mappings"].get(key)
        container = frozenset(processor.arrayify(processor.get_context_value(active, key, "@container"))) - {None}
        coercion = processor.get_context_value(active, key, "@type")
        language = processor.get_context_value(active, key, "@language")
        rare = bool(
            container - _KEYWORD_CONTAINERS
            or (mapping and mapping["reverse"])
            or processor.get_context_value(active, key, "@direction") is not None
        )
        scoped = bool(mapping) and "@context" in mapping
        special = rare or scoped or coercion or language or iri.startswith("@") or container - {"@set"}
        return _Term(iri, coercion, container, language, rare, scoped, not special)

    def with_property(self, key: str) -> "_State":
        """Return the state within the values of a term that has a context of its own."""
        return self._derive(key, of_type=False)

    def with_type(self, name: str, looked_up_in: "_State") -> "_State":
        """Return the state within a node of type `name`, whose definition stands in `looked_up_in`."""
        return self._derive(name, of_type=True, source=looked_up_in)

    def _derive(self, key: str, *, of_type: bool, source: "_State | None" = None) -> "_State":
        # A type is looked up in the state before any type was applied; that state is fixed by this one.
        found = self.scoped.get((of_type, key))
        if found is not None:
            return found
        local = (source or self).active["mappings"][key]["@context"]
        with _LOCK:
            active = _process(self.active, local, override_protected=not of_type, propagate=not of_type)
        previous = self.previous or self if of_type else self.previous
        if "previousContext" not in active:
            previous = None
        derived = _State(active, previous, self.budget)
        self.budget[0] -= 1
        if self.budget[0] > 0:
            self.scoped[of_type, key] = derived
        return derived


def _process(active: dict[str, Any], local: Any, **options: bool) -> dict[str, Any]:
    module = _pyld()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            processed: dict[str, Any] = module.JsonLdProcessor()._process_context(active, local, _options(), **options)
    except (module.JsonLdError, ContextError) as error:
        raise _refusal(error) from None
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise JsonLdError(f"a context could not be read: {type(error).__name__}") from None
    return processed


def _refusal(error: BaseException) -> JsonLdError:
    """Return what went wrong in PyLD's words, or which context is not pinned."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ContextError):
            return UnknownContextError(str(cause))
        cause = cause.__cause__ or cause.__context__
    return JsonLdError(str(error).split("\n", 1)[0][:200])


_ROOTS: dict[tuple[str, ...], _State] = {}


def _root(context: Any) -> _State:
    """Return the state that a document starts with."""
    entries = context if isinstance(context, list) else [context]
    if len(entries) > MAX_CONTEXTS:
        raise JsonLdError(f"more than {MAX_CONTEXTS} contexts")
    if not all(isinstance(entry, str) for entry in entries):
        raise _Rare
    key = tuple(entries)
    state = _ROOTS.get(key)
    if state is None or state.budget[0] <= 0:
        with _LOCK:
            initial = _pyld().JsonLdProcessor()._get_initial_context(_options())
            state = _State(_process(initial, entries))
            if len(_ROOTS) >= _MAX_KEPT:
                _ROOTS.clear()
            _ROOTS[key] = state
    return state


def _identifier(state: _State, value: str) -> str:
    """Return the absolute address that `value` stands for; prefixes of the context are written out."""
    prefix, colon, suffix = value.partition(":")
    if not colon or not prefix:
        raise UndefinedTermError(f"{value[:80]!r} is a relative address")
    if prefix != "_" and not suffix.startswith("//"):
        mapping = state.active["mappings"].get(prefix)
        if mapping and mapping["_prefix"]:
            value = mapping["@id"] + suffix
    if not is_absolute(value):
        raise UndefinedTermError(f"{value[:80]!r} is no absolute address")
    return value


def _type(state: _State, name: str) -> str:
    iri = state.term(name).iri
    if iri is None or iri == "@json":
        raise (_Rare() if iri else UndefinedTermError(f"the type {name[:80]!r} is not defined"))
    if iri.startswith("@"):
        raise _Rare
    return iri


def _scalar(state: _State, term: _Term, value: str | float | bool) -> dict[str, Any]:
    coercion = term.coercion
    if isinstance(value, str):
        if coercion == "@id":
            return {"@id": _identifier(state, value)}
        if coercion == "@vocab":
            found = state.term(value).iri
            return {"@id": found if found and not found.startswith("@") else _identifier(state, value)}
    if coercion is not None and coercion not in ("@id", "@vocab", "@none"):
        return {"@type": coercion, "@value": value}
    if isinstance(value, str) and term.language is not None:
        return {"@language": term.language, "@value": value}
    return {"@value": value}


def _value_object(state: _State, element: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value object with `@value` and `@type` or `@language`; what else may stand in one is left to PyLD."""
    expanded: dict[str, Any] = {}
    for key, value in element.items():
        iri = state.term(key).iri
        if iri not in ("@value", "@type", "@language") or iri in expanded or not isinstance(value, str):
            raise _Rare
        expanded[iri] = value
    if "@value" not in expanded or len(expanded) > 2:
        raise _Rare
    if "@type" in expanded:
        expanded["@type"] = _type(state, expanded["@type"])
    if "@language" in expanded:
        expanded["@language"] = expanded["@language"].lower()
    return expanded


def _expand(state: _State, key: str | None, element: Any) -> Any:
    """Expand one value of the property `key`, the same way as PyLD, whose order of steps this follows."""
    if isinstance(element, list):
        results = []
        for inner in element:
            if isinstance(inner, list):
                raise _Rare
            results.append(_expand(state, key, inner))
        return results
    if element is None:
        raise UndefinedTermError(f"the value of {key!r} is null, which no signature covers")
    if not isinstance(element, dict):
        if key is None:
            raise _Rare
        return _scalar(state, state.term(key), element)
    return _object(state, key, element)


def _object(state: _State, key: str | None, element: Mapping[str, Any]) -> dict[str, Any]:
    own = state.term(key) if key is not None else _UNDEFINED
    property_state = state
    reverts = state.previous is not None
    if len(element) <= 2:
        kinds = {state.term(name).iri for name in element}
        if "@value" in kinds:
            if own.scoped:
                raise _Rare
            return _value_object(state, element)
        reverts = reverts and not (kinds == {"@id"} and len(element) == 1)
    if reverts and state.previous is not None:
        state = state.previous
    if own.scoped and key is not None:
        if property_state.active["mappings"][key] is not state.active["mappings"].get(key):
            raise _Rare
        state = state.with_property(key)
    if "@context" in element and key is not None:
        raise _Rare
    return _node(state, key, element)


def _node(state: _State, key: str | None, element: Mapping[str, Any]) -> dict[str, Any]:
    before_types = state
    names = sorted(name for name in element if name != "@context")
    for name in names:
        if before_types.term(name).iri != "@type":
            continue
        value = element[name]
        types = value if isinstance(value, list) else [value]
        if not types or not all(isinstance(kind, str) for kind in types):
            raise _Rare
        for kind in sorted(types):
            if before_types.term(kind).scoped:
                state = state.with_type(kind, before_types)
    expanded: dict[str, Any] = {}
    for name in names:
        _member(state, before_types, name, element[name], expanded)
    return expanded


def _member(state: _State, before_types: _State, name: str, value: Any, expanded: dict[str, Any]) -> None:
    term = state.term(name)
    iri = term.iri
    if term.plain and iri is not None and type(value) is str:
        expanded.setdefault(iri, []).append({"@value": value})
        return
    if iri is None:
        raise UndefinedTermError(f"the term {name[:80]!r} is not defined, so no signature covers it")
    if term.rare:
        raise _Rare
    if iri.startswith("@"):
        if iri in expanded:
            raise _Rare
        if iri == "@id" and isinstance(value, str):
            expanded["@id"] = _identifier(state, value)
        elif iri == "@type":
            kinds = value if isinstance(value, list) else [value]
            if not all(isinstance(kind, str) for kind in kinds):
                raise _Rare
            expanded["@type"] = [_type(before_types, kind) for kind in kinds]
        else:
            raise _Rare
        return
    if value is None or value == []:
        raise UndefinedTermError(f"{name!r} has no value, so no signature covers it")
    if term.coercion == "@json":
        result: Any = {"@type": "@json", "@value": value}
    else:
        inner = state.with_property(name) if term.scoped else state
        result = _expand(inner, name, value)
    if "@list" in term.container:
        result = {"@list": result if isinstance(result, list) else [result]}
    if "@graph" in term.container:
        result = [{"@graph": [entry]} for entry in (result if isinstance(result, list) else [result])]
    collected = expanded.setdefault(iri, [])
    collected.extend(result if isinstance(result, list) else [result])


def expand(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the expanded form of `document` (JSON-LD 1.1 API §5.1), safe to sign.

    Raises `UndefinedTermError` for whatever expansion would drop and `JsonLdError` for what is no JSON-LD or names a
    context that is not pinned.
    """
    try:
        expanded = _object(_root(document.get("@context", [])), None, document)
    except _Rare:
        return expand_exactly(document)
    if expanded.keys() <= {"@id"}:
        raise UndefinedTermError("the document says nothing that a signature could cover")
    return [expanded]


@cache
def _strict_processor() -> Any:
    """Return PyLD's processor, made to refuse whatever it would drop."""
    module = _pyld()

    class Strict(module.JsonLdProcessor):  # type: ignore[misc, name-defined]
        def _expand(self, active_ctx: Any, active_property: Any, element: Any, *rest: Any, **named: Any) -> Any:
            result = super()._expand(active_ctx, active_property, element, *rest, **named)
            if result is None or result == []:
                raise UndefinedTermError(f"the value of {active_property!r} is dropped, so no signature covers it")
            return result

    def refuse(name: object) -> None:
        raise UndefinedTermError("a term is not defined, so no signature covers it")

    return Strict(on_property_dropped=refuse)


def expand_exactly(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what `expand` does by PyLD alone: slower, and the measure of the quick way."""
    module = _pyld()
    try:
        with _LOCK, warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            result: list[dict[str, Any]] = _strict_processor().expand(dict(document), dict(_options()))
    except JsonLdError:
        raise
    except (module.JsonLdError, ContextError) as error:
        raise _refusal(error) from None
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise JsonLdError(f"the document could not be expanded: {type(error).__name__}") from None
    return result
