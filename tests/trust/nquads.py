"""Reads the N-Quads of the published vectors, the plain way."""

import re

_PART = re.compile(r'\s*(<[^>]*>|_:[^\s.]+(?:\.[^\s.]+)*|"(?:[^"\\]|\\.)*"(?:\^\^<[^>]*>|@[A-Za-z0-9-]+)?|\.)')
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_SHORT = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_STRING = "^^<http://www.w3.org/2001/XMLSchema#string>"


def unescape(text: str) -> str:
    """Return `text` with its escapes read."""
    return _ESCAPE.sub(lambda found: _SHORT[found[3]] if found[3] else chr(int(found[1] or found[2], 16)), text)


def read(text: str) -> list[tuple[str, str, str, str, str]]:
    """Return each statement: subject, predicate, object without its type, the object's type, graph name."""
    statements = []
    for line in text.split("\n"):
        if not line.strip() or line.startswith("#"):
            continue
        *parts, dot = _PART.findall(line)
        assert dot == "."
        subject, predicate, value, *graph = parts
        kind = ""
        if value.startswith('"'):
            end = value.rindex('"')
            value, kind = unescape(value[1:end]), unescape(value[end + 1 :])
        else:
            value = unescape(value)
        statements.append((unescape(subject), unescape(predicate), value, kind, unescape(graph[0]) if graph else ""))
    return statements
