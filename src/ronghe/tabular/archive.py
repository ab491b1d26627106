"""The zip archive inside an XLSX, opened so that it cannot inflate beyond the limits; knows nothing of sheets."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from ronghe.tabular.errors import FileDamaged, FileTooLarge, WrongKind
from ronghe.tabular.limits import Limits

_CHUNK = 1 << 16
_LONGEST_TAIL = 22 + 65_535
_LONGEST_DIRECTORY_ENTRY = 46 + 600
_SMALL_PART = 1 << 20
_ENCRYPTED_FLAG = 0x1


def _directory_bytes(stream: BinaryIO) -> int:
    """Size of the central directory, read before ``zipfile`` builds an object for each of its entries."""
    stream.seek(0, 2)
    size = stream.tell()
    stream.seek(max(0, size - _LONGEST_TAIL))
    tail = stream.read(_LONGEST_TAIL)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:
        raise FileDamaged("archive.damaged", part="zip")
    (directory,) = struct.unpack_from("<L", tail, end + 12)
    if end >= 20 and tail[end - 20 : end - 16] == b"PK\x06\x07":
        if end < 76 or tail[end - 76 : end - 72] != b"PK\x06\x06":
            raise FileDamaged("archive.damaged", part="zip64")
        (directory,) = struct.unpack_from("<Q", tail, end - 76 + 40)
    return int(directory)


class Archive:
    """Parts of a zip archive by name. All that is inflated through one archive counts against one limit."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        """Check what the directory declares. Raises ``FileDamaged``, ``FileTooLarge`` and ``WrongKind`` (encrypted)."""
        self._limits = limits
        self._inflated = 0
        if _directory_bytes(stream) > limits.max_archive_entries * _LONGEST_DIRECTORY_ENTRY:
            raise FileTooLarge("archive.too_many_entries", limit=limits.max_archive_entries)
        stream.seek(0)
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, struct.error) as error:
            raise FileDamaged("archive.damaged", part="zip") from error
        entries = self._zip.infolist()
        if len(entries) > limits.max_archive_entries:
            raise FileTooLarge("archive.too_many_entries", limit=limits.max_archive_entries)
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            if entry.flag_bits & _ENCRYPTED_FLAG:
                raise WrongKind("kind.encrypted")
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.filename in self._entries:
                raise FileDamaged("archive.damaged", part=entry.filename[:80])
            self._check_ratio(entry, entry.file_size)
            self._entries[entry.filename] = entry
        if sum(entry.file_size for entry in entries) > limits.max_inflated_bytes:
            raise self._too_large()
        if sum(entry.compress_size for entry in entries) > stream.seek(0, 2):
            raise FileDamaged("archive.damaged", part="zip")

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._entries)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Inflate one part piece by piece, never more than the limits whatever the archive's headers say."""
        entry = self._entries.get(name)
        if entry is None:
            raise FileDamaged("archive.damaged", part=name[:80])
        inflated = 0
        try:
            with self._zip.open(entry) as part:
                while chunk := part.read(_CHUNK):
                    inflated += len(chunk)
                    self._inflated += len(chunk)
                    self._check_ratio(entry, inflated)
                    if self._inflated > self._limits.max_inflated_bytes:
                        raise self._too_large()
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, struct.error) as error:
            raise FileDamaged("archive.damaged", part=name[:80]) from error

    def small_part(self, name: str) -> bytes:
        """The whole of a part such as the workbook's list of sheets. Raises ``FileTooLarge`` beyond 16 MB."""
        pieces: list[bytes] = []
        size = 0
        for chunk in self.chunks(name):
            size += len(chunk)
            if size > 16 * _SMALL_PART:
                raise FileTooLarge("archive.too_large", limit_mb=16)
            pieces.append(chunk)
        return b"".join(pieces)

    def _check_ratio(self, entry: zipfile.ZipInfo, inflated: int) -> None:
        if inflated > _SMALL_PART and inflated > entry.compress_size * self._limits.max_inflation_ratio:
            raise FileTooLarge("archive.bomb", part=entry.filename[:80], ratio=self._limits.max_inflation_ratio)

    def _too_large(self) -> FileTooLarge:
        return FileTooLarge("archive.too_large", limit_mb=self._limits.max_inflated_bytes // 1024**2)
