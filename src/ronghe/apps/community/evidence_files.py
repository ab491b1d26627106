"""Where the files of evidence lie, and which files are taken: by what is in them, never by their name."""

import hashlib
import os
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

LARGEST = 20 * 1024**2
# The first bytes of the files that are taken, and what they are.
_BEGINNINGS = ((b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


class Stored(NamedTuple):
    """A file that was kept."""

    name: str
    media_type: str
    size: int
    digest: str


def path_of(uid: UUID) -> Path:
    """Where the bytes of the evidence `uid` are kept."""
    return Path(settings.RONGHE_DATA_DIR) / "evidence" / str(uid)


def keep(uid: UUID, file: UploadedFile[Any]) -> Stored:
    """Keep an uploaded PDF, PNG or JPEG. Raises ValidationError for anything else or more than 20 MB."""
    size = file.size or 0
    if size > LARGEST:
        raise ValidationError(
            {"file": _("The file is larger than %(limit)s MB. Make it smaller.") % {"limit": LARGEST // 1024**2}}
        )
    file.seek(0)
    beginning = file.read(8)
    media_type = next((kind for start, kind in _BEGINNINGS if beginning.startswith(start)), "")
    if not media_type:
        raise ValidationError({"file": _("Only PDF, PNG and JPEG are taken. Save or scan it as one of these.")})
    file.seek(0)
    path = path_of(uid)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("xb") as kept:
        for chunk in file.chunks():
            digest.update(chunk)
            kept.write(chunk)
        kept.flush()
        os.fsync(kept.fileno())
    path.chmod(0o600)
    return Stored(Path(file.name or "").name[:200], media_type, size, digest.hexdigest())


def is_whole(uid: UUID, digest: str) -> bool:
    """Whether the file is there and is the one that was kept."""
    path = path_of(uid)
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == digest


def drop(uid: UUID) -> None:
    """Delete the bytes of a piece of evidence that was taken back."""
    path_of(uid).unlink(missing_ok=True)
