"""Files of evidence: what they are by their content, whatever they are called, and where they lie.

They lie outside the database and outside what the web server hands out. It knows no entry.
"""

import hashlib
import os
import uuid
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LARGEST = 20 * 1024 * 1024
_WHOLE = (
    (b"%PDF-", b"%%EOF", "application/pdf", ".pdf"),
    (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82", "image/png", ".png"),
    (b"\xff\xd8\xff", b"\xff\xd9", "image/jpeg", ".jpg"),
)
# What may follow the end of a file: scanners pad with zeros and line ends.
_TAIL = 2048
_OFFICE = (
    ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    ("ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"),
)
_TEXTS = {".txt", ".md", ".csv", ".json", ".log", ".py", ".c", ".h", ".cpp", ".v", ".sv", ".vhd", ".diff", ".patch"}


@dataclass(frozen=True, slots=True)
class Seen:
    """A file that was read and recognised."""

    data: bytes
    filename: str
    media_type: str
    sha256: str


def see(file: BinaryIO, filename: str) -> Seen:
    """Read a file and recognise it by its content. Raises ValidationError for `file`."""
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValidationError({"file": _("The file is larger than 20 MB. Hand in a smaller one or link a commit.")})
    media_type, suffix = _kind_of(data, Path(filename).suffix.lower())
    stem = Path(filename.replace("\\", "/")).stem or "evidence"
    return Seen(data, f"{stem[:120]}{suffix}", media_type, hashlib.sha256(data).hexdigest())


def _kind_of(data: bytes, suffix: str) -> tuple[str, str]:
    for begins, ends, media_type, own in _WHOLE:
        if data.startswith(begins) and ends in data[-_TAIL:]:
            return media_type, own
    if data.startswith(b"PK\x03\x04") and (found := _archive(data)):
        return found
    is_damaged = data.startswith((b"PK\x03\x04", *(begins for begins, *_rest in _WHOLE)))
    if data and not is_damaged and b"\x00" not in data:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return "text/plain", suffix if suffix in _TEXTS else ".txt"
    raise ValidationError(
        {"file": _("This is no whole PDF, PNG, JPEG, Office or ZIP file and no text in UTF-8. Save it as one of them.")}
    )


def _archive(data: bytes) -> tuple[str, str] | None:
    """An Office document or an archive by what is in it; nothing is unpacked."""
    try:
        names = set(zipfile.ZipFile(BytesIO(data)).namelist())
    except zipfile.BadZipFile:
        return None
    for inner, media_type, suffix in _OFFICE:
        if inner in names:
            return media_type, suffix
    return "application/zip", ".zip"


def path_of(uid: uuid.UUID) -> Path:
    """Where the file `uid` is kept."""
    return Path(settings.RONGHE_DATA_DIR) / "training" / str(uid)


def keep(uid: uuid.UUID, data: bytes) -> None:
    """Write a file for its owner alone, and see that it is on the disk."""
    path = path_of(uid)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as kept:
        kept.write(data)
        kept.flush()
        os.fsync(kept.fileno())


def drop(uid: uuid.UUID) -> None:
    """Delete a file; one that is gone already is no problem."""
    path_of(uid).unlink(missing_ok=True)
