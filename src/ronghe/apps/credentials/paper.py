"""The printed certificate: PDF/A-3 with the bundle attached, so that the file proves itself and the page need not.

Nothing is signed inside the PDF: a signature over its bytes breaks when a program saves it again.
"""

import math
from datetime import datetime
from typing import Any

import segno
from django.utils import timezone
from django.utils.html import escape

from ronghe import papers
from ronghe.apps.credentials import dids
from ronghe.apps.credentials.models import AchievementVersion, Certificate
from ronghe.apps.credentials.told import in_both, worker_level_words
from ronghe.trust.packing import is_packed

TEMPLATE = "apps/credentials/papers/certificate.typ"
# From here on a Chinese sign is as wide as it is high.
_FIRST_WIDE = 0x2E80


def print_certificate(certificate: Certificate, bundle: bytes, *, printed_at: datetime) -> bytes:
    """Return the PDF with `bundle` attached. Raises papers.NoChineseFont; ValueError for what certifies nothing."""
    version = certificate.version
    if version is None or certificate.holder is None:
        raise ValueError("only an achievement of a holder is printed")
    address = dids.public_address("verify:code", certificate.code)
    organisation = certificate.issuer.organisation
    data = {
        "title": f"{version.name_zh} · {certificate.code}",
        "kind": {"zh": "证书", "en": "Certificate"},
        "issuer": " · ".join(filter(None, (organisation.name_zh, organisation.name_en))),
        "holder": certificate.holder.name,
        "achievement": {"zh": version.name_zh, "en": version.name_en},
        "facts": _facts(certificate, version),
        "criteria": {"zh": version.criteria_zh, "en": version.criteria_en},
        "code": certificate.code,
        "address": dids.public_address("verify:page"),
        "qr": str(segno.make(address, error="m").svg_inline(scale=4, border=2)),
        "attachment": bundle_name(certificate, bundle),
        "attachment_type": media_type(bundle),
        # The template is handed JSON, which has no bytes.
        "bundle": list(bundle),
    }
    return papers.print_paper(TEMPLATE, data, language="zh", written_at=printed_at, standard="a-3b")


def bundle_name(certificate: Certificate, bundle: bytes) -> str:
    """Return the name of the file; one that is packed is not called .gz, since some browsers would unpack it."""
    return f"{certificate.code}.ronghe" + ("" if is_packed(bundle) else ".json")


def media_type(bundle: bytes) -> str:
    """Return what kind of file a bundle is."""
    return "application/vnd.ronghe.bundle+gzip" if is_packed(bundle) else "application/json"


def _facts(certificate: Certificate, version: AchievementVersion) -> list[dict[str, Any]]:
    facts = []

    def tell(zh: str, en: str, value: dict[str, str]) -> None:
        facts.append({"label": {"zh": zh, "en": en}, "value": value})

    if version.worker_level:
        level = str(version.worker_level)
        tell("新八级工等级", "Eight-level worker", in_both(lambda: worker_level_words(level)))
    if version.eqf_level:
        tell("欧洲资历框架", "European Qualifications Framework", {"zh": f"EQF {version.eqf_level} 级", "en": ""})
    skills = list(version.skills.select_related("skill"))
    if skills:
        tell(
            "技能",
            "Skills",
            {
                "zh": "、".join(f"{one.skill.name_zh}（{one.skill_level} 级）" for one in skills),
                "en": ", ".join(f"{one.skill.name_en} (level {one.skill_level})" for one in skills),
            },
        )
    day = timezone.localtime(certificate.issued_at)
    tell("颁发日期", "Issued", {"zh": f"{day:%Y-%m-%d}", "en": ""})
    if certificate.valid_until:
        tell("有效期至", "Valid until", {"zh": f"{timezone.localtime(certificate.valid_until):%Y-%m-%d}", "en": ""})
    return facts


def baked_badge(certificate: Certificate) -> bytes:
    """Return a picture that carries the credential, as Open Badges 3.0 bakes it into SVG (§5.3.2).

    Raises ValueError where the credential was erased.
    """
    if certificate.document is None:
        raise ValueError("there is no credential to bake")
    name = certificate.version.name_zh if certificate.version else certificate.code
    # The same JSON, without the one sequence that would end the section it stands in.
    credential = certificate.document.replace("]]>", "]]\\u003e")
    picture = f"""<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0" viewBox="0 0 400 400">
<openbadges:credential><![CDATA[{credential}]]></openbadges:credential>
<title>{escape(name)}</title>
<circle cx="200" cy="200" r="190" fill="#fbfaf7" stroke="#0b6b57" stroke-width="8"/>
<circle cx="172" cy="130" r="46" fill="none" stroke="#0b6b57" stroke-width="10"/>
<circle cx="228" cy="130" r="46" fill="none" stroke="#085243" stroke-width="10"/>
<g font-family="sans-serif" text-anchor="middle" fill="#1d211f">
<text x="200" y="235" font-size="24" textLength="{_width(name)}" lengthAdjust="spacingAndGlyphs">{escape(name)}</text>
<text x="200" y="275" font-size="17" fill="#565d59">{escape(certificate.issuer.organisation.name_zh)}</text>
<text x="200" y="315" font-size="17" font-family="monospace">{certificate.code}</text>
</g></svg>
"""
    return picture.encode()


def _width(name: str) -> int:
    return math.ceil(min(24 * sum(1.0 if ord(sign) > _FIRST_WIDE else 0.55 for sign in name), 320))
