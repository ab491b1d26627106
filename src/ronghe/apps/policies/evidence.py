"""The evidence file of a claim: a ZIP with the claim as XLSX and PDF, and proofs that its events are in the log.

Whoever calls it has checked who may have it. It holds only what the firm declared and what the platform measured.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ronghe import papers
from ronghe.apps.ledger import entries
from ronghe.apps.ledger import selectors as ledger
from ronghe.apps.ledger.models import Event
from ronghe.apps.policies.content import IncentiveEntry
from ronghe.apps.policies.models import IncentiveClaim
from ronghe.apps.policies.names import declared_label

TEMPLATE = "apps/policies/papers/claim.typ"


def build(claim: IncentiveClaim, incentive: IncentiveEntry) -> bytes:
    """The file in the language of the page. Without a font with Chinese the PDF is left out, and README says so."""
    sheets = list(_sheets(claim, incentive))
    made = timezone.now()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("claim.xlsx", _workbook(sheets))
        notes = [
            _("claim.xlsx: what was claimed, declared and measured."),
            _("proofs.json: the events of this claim with their inclusion proofs in the log."),
        ]
        try:
            packed.writestr("claim.pdf", _paper(claim, incentive, sheets, made))
            notes.append(_("claim.pdf: the same for printing."))
        except papers.NoChineseFont:
            notes.append(_("There is no claim.pdf: this server has no font with Chinese."))
        packed.writestr("proofs.json", json.dumps(proofs(claim), ensure_ascii=False, indent=1))
        packed.writestr("README.txt", "\n".join(notes) + "\n")
    return buffer.getvalue()


Sheet = tuple[str, list[str], list[list[str]]]


def _sheets(claim: IncentiveClaim, incentive: IncentiveEntry) -> Iterator[Sheet]:
    """Titles, headings and rows; everything is text as a person reads it."""
    facts = [
        [_("Incentive"), str(incentive.name)],
        [_("Clause"), f"{incentive.source} · {incentive.clause}"],
        [_("Enterprise"), claim.organisation.name_zh],
        [_("Unified social credit code"), claim.organisation.registration_number or "—"],
        [_("Year"), str(claim.year)],
        [_("State"), str(claim.get_state_display())],
        [_("Amount (yuan)"), f"{claim.amount:,.2f}"],
        *([str(declared_label(name)), value] for name, value in claim.declared.items()),
        [_("Rule set"), f"{claim.version.rule_set.code} v{claim.version.number}"],
        [_("SHA-256 of the rule set"), claim.version.digest],
    ]
    yield _("Claim"), [_("What"), _("Value")], facts
    language = (get_language() or "zh")[:2]
    language = language if language in ("zh", "en") else "zh"
    lines = [
        [
            line["name"][language],
            line["verdict"],
            line["explanation"][language],
            line["metric"],
            "" if not line["measurement"] else str(line["measurement"]["value"]),
            "" if not line["measurement"] else line["measurement"]["definition"],
            "" if not (line["measurement"] or {}).get("records") else line["measurement"]["records"]["digest"],
        ]
        for line in claim.eligibility
    ]
    headings = [_("Rule"), _("Verdict"), _("Why"), _("Metric"), _("Value"), _("Definition"), _("Digest of the records")]
    yield _("Eligibility"), headings, lines
    steps = [
        [str(step.get_state_display()), step.day.isoformat(), f"{step.amount:,.2f}", step.note]
        for step in claim.steps.all()
    ]
    yield _("Steps"), [_("State"), _("Day"), _("Amount (yuan)"), _("Note")], steps


def _workbook(sheets: Sequence[Sheet]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    for title, headings, rows in sheets:
        sheet = book.create_sheet(title[:31])
        for row in [headings, *rows]:
            cells = []
            for value in row:
                cell = WriteOnlyCell(sheet, value=value)
                # What a person typed is never a formula.
                cell.data_type = "s"
                cells.append(cell)
            sheet.append(cells)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _paper(claim: IncentiveClaim, incentive: IncentiveEntry, sheets: Sequence[Sheet], made: datetime) -> bytes:
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    data: dict[str, Any] = {
        "title": str(incentive.name),
        "subtitle": f"{claim.organisation.name_zh} · {claim.year}",
        "foot": _("Claim %(uid)s · rule set %(digest)s") % {"uid": claim.uid, "digest": claim.version.digest[:16]},
        "text": str(incentive.text),
        "sections": [
            # The paper is narrow: what identifies a record stands in the workbook.
            {"title": title, "headings": headings[:3], "rows": [row[:3] for row in rows]}
            for title, headings, rows in sheets
            if rows
        ],
    }
    return papers.print_paper(TEMPLATE, data, language=language, written_at=made)


def proofs(claim: IncentiveClaim) -> list[dict[str, Any]]:
    """Each event of the claim and of its rule set with payload, salt, entry, leaf and inclusion proof (RFC 9162).

    Whoever has the file recomputes SHA-256(salt + payload), finds it in the entry, hashes that to the leaf and follows
    the path to the root of the signed checkpoint. An event that is not sealed yet has no proof.
    """
    names = [f"policies.incentiveclaim:{claim.uid}", f"policies.rulesetversion:{claim.version_id}"]
    events = Event.objects.filter(subject__in=names).select_related("payload", "leaf").order_by("pk")
    found = []
    for event in events:
        proof = ledger.inclusion_proof(event.leaf.index) if hasattr(event, "leaf") else None
        digest = bytes(event.digest)
        entry = entries.entry_bytes(
            type=event.type, subject=event.subject, recorded_at=event.recorded_at, digest=digest
        )
        payload = event.payload
        found.append(
            {
                "type": event.type,
                "entry": entry.decode(),
                "payload": payload.content,
                "salt": bytes(payload.salt).hex() if payload.salt is not None else None,
                "index": proof.index if proof else None,
                "leaf": proof.leaf.hex() if proof else None,
                "path": [one.hex() for one in proof.path] if proof else None,
                "checkpoint": proof.checkpoint.note if proof else None,
            }
        )
    return found
