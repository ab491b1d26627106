"""Sizes of the pages in a Parquet file, read from the page headers themselves and not from the footer, which may lie.

The library that decodes pages allocates what a page header declares; a few kilobytes can declare gigabytes of zeros.
Follows the Apache Parquet format (PageHeader in parquet.thrift) in the Thrift compact protocol. Decodes no page.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from ronghe.tabular.errors import FileDamaged, FileTooLarge
from ronghe.tabular.limits import Limits

_HEADER_GUESS = 1 << 12
_LONGEST_HEADER = 1 << 22
_DEEPEST = 8
_LONGEST_VARINT = 10
_BOOLEANS = (1, 2)
_BYTE = 3
_INTEGERS = (4, 5, 6)
_DOUBLE = 7
_BINARY = 8
_LISTS = (9, 10)
_STRUCT = 12
_UNCOMPRESSED_SIZE = 2
_COMPRESSED_SIZE = 3


class _Compact:
    """A cursor over the Thrift compact protocol. Raises ``IndexError`` at the end of its bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def _byte(self) -> int:
        self.position += 1
        return self._data[self.position - 1]

    def _varint(self) -> int:
        number = 0
        for shift in range(0, 7 * _LONGEST_VARINT, 7):
            byte = self._byte()
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
        raise ValueError("varint")

    def _signed(self) -> int:
        number = self._varint()
        return (number >> 1) ^ -(number & 1)

    def _skip_bytes(self, count: int) -> None:
        self.position += count
        if self.position > len(self._data):
            raise IndexError(self.position)

    def _skip(self, kind: int, depth: int) -> None:
        if kind in _BOOLEANS:
            return
        if kind == _BYTE:
            self._skip_bytes(1)
        elif kind in _INTEGERS:
            self._varint()
        elif kind == _DOUBLE:
            self._skip_bytes(8)
        elif kind == _BINARY:
            self._skip_bytes(self._varint())
        elif kind in _LISTS:
            start = self._byte()
            count = start >> 4 if start >> 4 < 15 else self._varint()
            element = start & 0x0F
            for _ in range(count):
                self._skip(_BYTE if element in _BOOLEANS else element, depth + 1)
        elif kind == _STRUCT and depth < _DEEPEST:
            self.struct(depth + 1)
        else:
            raise ValueError("type")

    def struct(self, depth: int = 0) -> dict[int, int]:
        """Read one struct to its end; its integer fields by number."""
        found: dict[int, int] = {}
        number = 0
        while start := self._byte():
            kind = start & 0x0F
            number = number + (start >> 4) if start >> 4 else self._signed()
            if kind in _INTEGERS:
                found[number] = self._signed()
            else:
                self._skip(kind, depth)
        return found


def _header_at(stream: BinaryIO, offset: int, end: int) -> tuple[dict[int, int], int]:
    """The integer fields of the page header at ``offset``, and its length."""
    guess = _HEADER_GUESS
    while True:
        stream.seek(offset)
        data = stream.read(min(guess, end - offset))
        cursor = _Compact(data)
        try:
            return cursor.struct(), cursor.position
        except ValueError as error:
            raise FileDamaged("parquet.damaged", reason="page header") from error
        except IndexError as error:
            if guess >= _LONGEST_HEADER or guess >= end - offset:
                raise FileDamaged("parquet.damaged", reason="page header") from error
            guess *= 32


def check_pages(stream: BinaryIO, metadata: Any, limits: Limits) -> None:
    """Add up what the page headers of each row group declare.

    Raises ``FileTooLarge`` if that is beyond ``limits.max_row_group_bytes`` and ``FileDamaged`` if a header makes no
    sense. ``metadata`` is pyarrow's ``FileMetaData``.
    """
    stream.seek(0, 2)
    size = stream.tell()
    for group in range(metadata.num_row_groups):
        inflated = 0
        for index in range(metadata.num_columns):
            column = metadata.row_group(group).column(index)
            offset = column.data_page_offset
            if column.has_dictionary_page and column.dictionary_page_offset is not None:
                offset = min(offset, column.dictionary_page_offset)
            end = offset + column.total_compressed_size
            if not 0 <= offset <= end <= size:
                raise FileDamaged("parquet.damaged", reason="column offset")
            while offset < end:
                fields, length = _header_at(stream, offset, end)
                packed, unpacked = fields.get(_COMPRESSED_SIZE, -1), fields.get(_UNCOMPRESSED_SIZE, -1)
                if packed < 0 or unpacked < 0:
                    raise FileDamaged("parquet.damaged", reason="page size")
                inflated += unpacked
                if inflated > limits.max_row_group_bytes:
                    raise FileTooLarge(
                        "parquet.row_group", group=group + 1, limit_mb=limits.max_row_group_bytes // 1024**2
                    )
                offset += length + packed
