"""Papers that were signed outside: the scan is checked by its content and kept; a second person confirms."""

import hashlib
import os
import uuid
from datetime import date
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import events
from ronghe.apps.agreements.models import Agreement, Instrument, InstrumentState, OutsidePaper, Party
from ronghe.apps.agreements.services.drafting import WrongState, told
from ronghe.apps.agreements.services.signing import record_outside
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger

LARGEST = 20 * 1024 * 1024
_KINDS = (
    (b"%PDF-", b"%%EOF", "application/pdf", ".pdf"),
    (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82", "image/png", ".png"),
    (b"\xff\xd8\xff", b"\xff\xd9", "image/jpeg", ".jpg"),
)
# What may follow the end of a file: scanners pad with zeros and line ends.
_TAIL = 2048


def kind_of(data: bytes) -> tuple[str, str]:
    """Media type and suffix by the first and last bytes, whatever the file is called. Raises ValidationError."""
    for begins, ends, media_type, suffix in _KINDS:
        if data.startswith(begins) and ends in data[-_TAIL:]:
            return media_type, suffix
    raise ValidationError({"file": _("This is no whole PDF, PNG or JPEG. Scan the paper again and upload the scan.")})


def path_of(uid: uuid.UUID) -> Path:
    """Where the scan `uid` is kept: outside the database, and outside what the web server hands out."""
    return Path(settings.RONGHE_DATA_DIR) / "agreements" / str(uid)


def upload_scan(
    *,
    actor: Person,
    instrument: Instrument,
    signed_on: date,
    file: BinaryIO,
    filename: str,
    party: Party | None = None,
) -> OutsidePaper:
    """Keep the scan of a sent paper that `party` (None: all who have not signed here) signed outside."""
    uid = uuid.uuid4()
    try:
        with transaction.atomic():
            return _upload_scan(uid, actor, instrument, signed_on, file, filename, party)
    except Exception:
        path_of(uid).unlink(missing_ok=True)
        raise


def _upload_scan(
    uid: uuid.UUID,
    actor: Person,
    instrument: Instrument,
    signed_on: date,
    file: BinaryIO,
    filename: str,
    party: Party | None,
) -> OutsidePaper:
    demand(actor, "agreements.upload_scan", instrument)
    paper = Instrument.objects.select_for_update().get(pk=instrument.pk)
    if paper.state != InstrumentState.SENT:
        raise WrongState(paper)
    if party is not None and party.agreement_id != paper.agreement_id:
        raise ValidationError({"party": _("Choose one of the parties.")})
    if paper.sent_at is None or not timezone.localdate(paper.sent_at) <= signed_on <= timezone.localdate():
        raise ValidationError({"signed_on": _("Choose a day from the day it was sent until today.")})
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValidationError({"file": _("The file is larger than 20 MB. Scan with fewer dots or in grey.")})
    media_type, suffix = kind_of(data)
    sha256 = hashlib.sha256(data).hexdigest()
    if paper.outside_papers.exclude(is_confirmed=False).filter(sha256=sha256).exists():
        raise ValidationError({"file": _("This very file is here already.")})
    stem = Path(filename.replace("\\", "/")).stem or "scan"
    scan = OutsidePaper.objects.create(
        uid=uid,
        instrument=paper,
        party=party,
        signed_on=signed_on,
        filename=f"{stem[:120]}{suffix}",
        media_type=media_type,
        size=len(data),
        sha256=sha256,
        uploaded_by=actor,
    )
    path = path_of(uid)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as kept:
        kept.write(data)
        kept.flush()
        os.fsync(kept.fileno())
    ledger.record(
        actor=actor,
        type=events.SCAN_UPLOADED,
        subject=paper.agreement,
        payload={**told(paper), "digest": f"sha256:{sha256}", "size": len(data), "signed_on": signed_on},
    )
    return scan


@transaction.atomic
def decide_scan(*, actor: Person, scan: OutsidePaper, confirmed: bool, reason: str = "") -> OutsidePaper:
    """Confirm that a scan bears the signatures it is said to bear, or refuse it; never one's own upload."""
    demand(actor, "agreements.decide_scan")
    Agreement.objects.select_for_update().get(pk=scan.instrument.agreement_id)
    paper = Instrument.objects.select_for_update().get(pk=scan.instrument_id)
    taken = OutsidePaper.objects.select_for_update().get(pk=scan.pk)
    if taken.uploaded_by_id == actor.pk:
        raise PermissionDenied(_("You uploaded this scan; a second person confirms it."))
    if taken.is_confirmed is not None or paper.state != InstrumentState.SENT:
        raise WrongState(paper)
    if not confirmed and not reason.strip():
        raise ValidationError({"reason": _("Say what is wrong with the scan.")})
    if confirmed and hashlib.sha256(path_of(taken.uid).read_bytes()).hexdigest() != taken.sha256:
        raise ValidationError(_("The kept file is not the one that was uploaded. Ask for another scan."))
    taken.is_confirmed, taken.decided_by, taken.decided_at = confirmed, actor, timezone.now()
    taken.refused_because = reason.strip()[:300]
    taken.save()
    ledger.record(
        actor=actor,
        type=events.SCAN_DECIDED,
        subject=paper.agreement,
        payload={
            **told(paper),
            "digest": f"sha256:{taken.sha256}",
            "confirmed": confirmed,
            "reason": reason.strip() or None,
        },
    )
    if confirmed:
        record_outside(actor, paper, taken)
    return taken
