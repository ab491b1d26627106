"""Prints a paper as PDF with its verification code, and keeps the hash of each copy, by which a file is verified."""

import hashlib
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ronghe import papers
from ronghe.apps.agreements.codes import shown
from ronghe.apps.agreements.models import Instrument, PrintedCopy

TEMPLATE = "apps/agreements/papers/agreement.typ"


def print_copy(*, instrument: Instrument, language: str, verify_url: str) -> bytes:
    """The PDF of a sent or concluded paper in "zh" or "en". Raises papers.NoChineseFont.

    Whoever calls it has asked `visible_to`. The hash of what is given out is kept.
    """
    if instrument.content is None or instrument.sent_at is None:
        raise ValueError("a paper is printed once it is sent")
    with translation.override("zh-hans" if language == "zh" else "en"):
        data = _data(instrument, language, verify_url)
    written_at = instrument.concluded_at or instrument.sent_at
    printed = papers.print_paper(TEMPLATE, data, language=language, written_at=written_at)
    sha256 = hashlib.sha256(printed).hexdigest()
    PrintedCopy.objects.get_or_create(
        instrument=instrument, digest=instrument.digest, sha256=sha256, defaults={"language": language}
    )
    return printed


def _data(instrument: Instrument, language: str, verify_url: str) -> dict[str, Any]:
    content = instrument.content or {}
    code = shown(instrument.code or "")
    agreement = instrument.agreement
    title = content["agreement"]["title"]
    signatures = instrument.signatures.filter(settled_at__isnull=True).select_related("party__organisation", "person")
    return {
        "title": title[language] or title["zh"],
        "subtitle": " · ".join(
            part
            for part in (
                content["agreement"]["number"],
                str(instrument.get_kind_display()),
                content["chain"][language] or content["chain"]["zh"] if content["chain"] else "",
            )
            if part
        ),
        "foot": _("Verification code %(code)s · %(digest)s") % {"code": code, "digest": instrument.digest},
        "parties_heading": _("Parties"),
        "parties": [
            {"side": party.side_label, "name": party.name, "code": _code(party)}
            for party in agreement.parties.select_related("organisation", "person")
        ],
        "term": _("In force from %(first)s to %(last)s.") % {"first": content["first_day"], "last": content["last_day"]}
        if content["last_day"]
        else _("In force from %(first)s on.") % {"first": content["first_day"]},
        "reason": content["paper"]["reason"],
        "clauses": [
            {
                "heading": clause["heading"][language] or clause["heading"]["zh"],
                "text": clause["text"][language] or clause["text"]["zh"],
                "said": clause["said"][language],
            }
            for clause in content["clauses"]
        ],
        "signatures_heading": _("Signatures"),
        "signatures": [
            [
                f"{one.party.side_label} · {one.party.name}",
                " ".join(
                    part for part in (one.person.name, one.title_zh if language == "zh" else one.title_en) if part
                ),
                f"{timezone.localtime(one.signed_at):%Y-%m-%d %H:%M}" if one.signed_at else _("not signed yet"),
                str(one.get_method_display()) if one.signed_at else "",
            ]
            for one in signatures
        ],
        "signatures_columns": [_("Party"), _("Signatory"), _("Signed at"), _("How")],
        "verify_heading": _("Verify this paper"),
        "verify": _("Scan the code, or enter %(code)s at %(url)s. The page says whether this paper is genuine.")
        % {"code": code, "url": verify_url.split("?")[0]},
        "qr": _qr(verify_url),
    }


def _code(party: Any) -> str:
    return (party.organisation.registration_number or "") if party.organisation is not None else ""


def _qr(address: str) -> str:
    import segno

    return str(segno.make(address, error="m").svg_inline(scale=4, border=1))
