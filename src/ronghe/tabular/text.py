"""Text files: their encoding, found from the whole file, and their lines as an editor counts them."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ronghe.tabular.errors import FileDamaged, WrongKind

_CHUNK = 1 << 18
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_REPLACEMENT = "\ufffd"
_REPLACEMENT_UTF8 = b"\xef\xbf\xbd"
_FEW = 0.1
_TEXT_BYTES = bytes(byte for byte in range(256) if byte >= 0x20 or byte in b"\t\n\r\f")
_MOST_CONTROLS_ONE_IN = 20

ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
"""What an undecodable byte becomes when a damaged file is read with ``surrogateescape``."""


@dataclass(frozen=True, slots=True)
class TextEncoding:
    """How to decode a text file. ``damaged``: a few bytes do not decode, so that lines must be checked one by one."""

    name: str
    codec: str
    damaged: bool = False

    def open(self, stream: BinaryIO) -> io.TextIOWrapper:
        """The text from the start, line ends as they are. Detach the wrapper if the stream is to outlive it."""
        stream.seek(0)
        errors = "surrogateescape" if self.damaged else "strict"
        return io.TextIOWrapper(stream, encoding=self.codec, errors=errors, newline="")


def find_encoding(stream: BinaryIO) -> TextEncoding:
    """The encoding of the stream's text: UTF-8, UTF-16 with a byte order mark, or GB18030 (which contains GBK).

    The whole stream is decoded, so that no sample decides. Text with at most a tenth of its non-ASCII characters
    undecodable is called damaged and is still read, its bad rows reported; beyond that it is ``FileDamaged`` with the
    first undecodable byte and its line. Raises ``WrongKind`` for UTF-32 and for what is not text.
    """
    stream.seek(0)
    head = stream.read(_CHUNK)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise WrongKind("kind.utf32")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        byte = _first_undecodable(stream, "utf-16")
        if byte is not None:
            raise FileDamaged("encoding.utf16_damaged", line=_line_of(stream, "utf-16", byte))
        return TextEncoding("UTF-16", "utf-16")
    if len(head.translate(None, _TEXT_BYTES)) * _MOST_CONTROLS_ONE_IN > len(head) or _is_utf16_without_mark(head):
        raise WrongKind("kind.binary")
    byte = _first_undecodable(stream, "utf-8")
    if byte is None:
        return TextEncoding("UTF-8", "utf-8-sig")
    good, bad = _utf8_characters(stream)
    if bad <= good * _FEW:
        return TextEncoding("UTF-8", "utf-8-sig", damaged=True)
    byte = _first_undecodable(stream, "gb18030")
    if byte is None:
        return TextEncoding("GB18030", "gb18030")
    good, bad = _characters(stream, "gb18030")
    if bad <= good * _FEW:
        return TextEncoding("GB18030", "gb18030", damaged=True)
    value = _byte_at(stream, byte)
    raise FileDamaged("encoding.unknown", line=_line_of(stream, "gb18030", byte), byte=f"{value:02X}")


def _is_utf16_without_mark(head: bytes) -> bool:
    """Line ends and separators with a zero byte beside them: UTF-16, which is only read with a byte order mark."""
    return (b"\n\0" in head and b",\0" in head) or (b"\0\n" in head and b"\0," in head)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while chunk := stream.read(_CHUNK):
        yield chunk


def _first_undecodable(stream: BinaryIO, codec: str) -> int | None:
    """Offset of the first byte that does not decode, or ``None``."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    passed = 0
    for chunk in _chunks(stream):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            return max(passed - pending + error.start, 0)
        passed += len(chunk)
    pending = len(decoder.getstate()[0])
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return passed - pending
    return None


def _characters(stream: BinaryIO, codec: str) -> tuple[int, int]:
    """Non-ASCII characters that decode, and places that do not."""
    decoder = codecs.getincrementaldecoder(codec)("replace")
    good = bad = 0
    for chunk in _chunks(stream):
        text = decoder.decode(chunk)
        wrong = text.count(_REPLACEMENT)
        bad += wrong
        good += len(text) - len(text.encode("ascii", "ignore")) - wrong
    bad += decoder.decode(b"", final=True).count(_REPLACEMENT)
    return good, bad


def _utf8_characters(stream: BinaryIO) -> tuple[int, int]:
    """As ``_characters`` for UTF-8, not counting replacement characters that the text itself contains as bad."""
    good, bad = _characters(stream, "utf-8")
    genuine = 0
    carried = b""
    for chunk in _chunks(stream):
        window = carried + chunk
        genuine += window.count(_REPLACEMENT_UTF8)
        carried = window[-2:]
    return good + genuine, bad - genuine


def _byte_at(stream: BinaryIO, offset: int) -> int:
    stream.seek(offset)
    found = stream.read(1)
    return found[0] if found else 0


def _line_of(stream: BinaryIO, codec: str, offset: int) -> int:
    """The line, from 1, on which the byte at ``offset`` stands; the text before it decodes."""
    decoder = codecs.getincrementaldecoder(codec)("ignore")
    ends = 0
    passed = 0
    after_return = False
    for chunk in _chunks(stream):
        text = decoder.decode(chunk[: offset - passed])
        passed += len(chunk)
        ends += len(_LINE_ENDS.findall(text)) - (after_return and text.startswith("\n"))
        if text:
            after_return = text.endswith("\r")
        if passed >= offset:
            break
    return ends + 1


class Lines:
    """Lines of text with their numbers, as an editor shows them; a line longer than the limit is cut and marked."""

    def __init__(self, text: io.TextIOWrapper, longest: int) -> None:
        self._text = text
        self._longest = longest
        self.number = 0

    def next_line(self) -> tuple[str, bool] | None:
        """The next line with its end, and whether it was too long (then it is cut); ``None`` at the end."""
        line = self._text.readline(self._longest)
        if not line:
            return None
        self.number += 1
        if len(line) < self._longest or line[-1] == "\n":
            return line, False
        too_long = False
        while rest := self._text.readline(self._longest):
            too_long = too_long or bool(rest.strip("\r\n"))
            if rest[-1] in "\r\n":
                break
        return line, too_long
