"""Files that carry a certificate inside: a PDF with a bundle attached, a picture with a credential baked in.

What is found is only taken out here; whether it holds is `bundle.py`'s and `credential.py`'s. Nothing else of the file
is read, so a program may save it again as it likes.
"""

import re
import zlib

from ronghe.trust import packing
from ronghe.trust.bundle import MAX_BYTES_WITH_ANCHOR

_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_MOST_STREAMS = 2_000
# Deflate adds little to what cannot be made smaller.
_LONGEST_STREAM = MAX_BYTES_WITH_ANCHOR + 1_000
_PNG = b"\x89PNG\r\n\x1a\n"
_BAKED_PNG = b"openbadgecredential\x00"
# Open Badges 3.0 §5.3.2: a section of characters, so nothing in it is escaped.
_BAKED_SVG = re.compile(
    rb"<openbadges:credential\b[^>]*>\s*<!\[CDATA\[(.*?)\]\]>\s*</openbadges:credential>", re.DOTALL
)
_LOOKED_AT = 4_096


def is_carrier(data: bytes) -> bool:
    """Whether a file is of a kind that may carry a certificate: PDF, SVG or PNG."""
    return data.startswith((b"%PDF", _PNG)) or _is_svg(data)


def carried(data: bytes) -> bytes | None:
    """Return the bundle or credential that a carrier has inside, or None where it has none."""
    if data.startswith(b"%PDF"):
        return _attached(data)
    return _baked_into_png(data) if data.startswith(_PNG) else _baked_into_svg(data)


def _is_svg(data: bytes) -> bool:
    begins = data[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip()
    return begins.startswith(b"<") and b"<svg" in begins


def _attached(data: bytes) -> bytes | None:
    """Return the bundle among the streams of a PDF, whatever is said about them: programs write that differently."""
    view = memoryview(data)
    for number, found in enumerate(_STREAM.finditer(data)):
        if number == _MOST_STREAMS:
            return None
        if (bundle := _bundle_in(view[found.end() : found.end() + _LONGEST_STREAM])) is not None:
            return bundle
    return None


def _bundle_in(stream: memoryview) -> bytes | None:
    unpacker = zlib.decompressobj()
    try:
        # One byte more than a bundle has is enough to see that it is none.
        inside = unpacker.decompress(stream, MAX_BYTES_WITH_ANCHOR + 1)
    except zlib.error:
        # Neither JSON nor what is packed ends with the end of a line.
        inside = bytes(stream).partition(b"endstream")[0].rstrip(b"\r\n")
    is_json = inside.startswith(b'{"') and b'"format":"ronghe-bundle-' in inside
    return inside if is_json or inside.startswith(packing.HEAD) else None


def _baked_into_svg(data: bytes) -> bytes | None:
    found = _BAKED_SVG.search(data)
    return found[1].strip() if found else None


def _baked_into_png(data: bytes) -> bytes | None:
    """Return the international text of a PNG (§5.3.1) that has the keyword of a credential."""
    at = len(_PNG)
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, text = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if kind == b"iTXt" and text.startswith(_BAKED_PNG):
            # Whether it is compressed, how, the language and the keyword in it come before the text.
            flags, rest = text[len(_BAKED_PNG) : len(_BAKED_PNG) + 2], text[len(_BAKED_PNG) + 2 :]
            said = rest.split(b"\x00", 2)
            return said[2] if flags == b"\x00\x00" and len(said) > 2 else None
        at += length + 12
    return None
