"""The public verifier: anyone drops a file, types or scans a code, and is told what every check came to. No sign-in.

A file is checked and forgotten. With scripts it is checked in the browser and not even sent (static/credentials).
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.credentials import paper, told, verification
from ronghe.apps.credentials.codes import read_code
from ronghe.apps.credentials.forms_public import CheckForm
from ronghe.apps.credentials.limits import too_many
from ronghe.apps.credentials.models import Certificate, Issuer
from ronghe.apps.credentials.services.issuing import signer_at
from ronghe.apps.credentials.signing import KeyUnavailable
from ronghe.trust import strict_json
from ronghe.trust.bundle import Bundle, BundleError
from ronghe.trust.receipt import receipt
from ronghe.trust.verdict_words import WORDS
from ronghe.trust.verdicts import Check, CheckName, Report, Verdict

CHECKS_A_MINUTE = 120
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")
_STATES = {Verdict.VALID: "ok", Verdict.INVALID: "bad", Verdict.UNKNOWN: "none"}
_EXPECTED_UNKNOWN = frozenset({"path-is-not-shown", "anchor-is-not-there"})


@dataclass(frozen=True, slots=True)
class Line:
    """One check as a page shows it: in the reader's language, and in the other one beside it."""

    name: str
    state: str
    verdict: str
    words: str
    other: str
    detail: str


def check_names() -> dict[str, str]:
    """What the checks are called."""
    return {
        CheckName.FORM: pgettext("verification", "File"),
        CheckName.ISSUER: pgettext("verification", "Issuer"),
        CheckName.SIGNATURE: pgettext("verification", "Signature"),
        CheckName.INTEGRITY: pgettext("verification", "Unchanged"),
        CheckName.LOG: pgettext("verification", "Ledger"),
        CheckName.WITNESSES: pgettext("verification", "Witnesses"),
        CheckName.STATUS: pgettext("verification", "Status"),
        CheckName.VALIDITY: pgettext("verification", "Validity"),
        CheckName.PATH: pgettext("verification", "Events shown"),
        CheckName.ANCHOR: pgettext("verification", "Anchor on a chain"),
    }


def verdict_words() -> dict[str, str]:
    """What a check came to, in a word."""
    return {
        Verdict.VALID: pgettext("verification", "holds"),
        Verdict.INVALID: pgettext("verification", "does not hold"),
        Verdict.UNKNOWN: pgettext("verification", "not known"),
    }


def headlines() -> dict[str, str]:
    """What all checks came to."""
    return {
        Verdict.VALID: _("This certificate is genuine and valid"),
        Verdict.INVALID: _("This certificate is not valid"),
        Verdict.UNKNOWN: _("Whether this certificate is valid could not be settled"),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The page: a box for a code, a place for a file; the answer about a file, which is kept nowhere."""
    form = CheckForm(request.POST or None, request.FILES or None)
    if request.method != "POST":
        return _shown(request, form)
    if _too_many(request):
        return render(request, "429.html", status=429)
    if not form.is_valid():
        return _shown(request, form, status=422)
    file = form.cleaned_data["file"]
    if file is None:
        address = _address_of(form.cleaned_data["code"])
        if address:
            return redirect(address)
        form.add_error("code", _("This is no code of a certificate. It has four groups of four signs; check them."))
        return _shown(request, form, status=422)
    data = file.read()
    if data.startswith(_IMAGES):
        form.add_error("file", _("A picture cannot be checked. Type the code beside the QR code, or scan it."))
        return _shown(request, form, status=422)
    if data.startswith(b"%PDF"):
        attached = paper.attached_bundle(data)
        if attached is None:
            form.add_error("file", _("No certificate is attached to this PDF. Type the code that is printed on it."))
            return _shown(request, form, status=422)
        data = attached
    found = verification.verification_of(data)
    return _shown(request, CheckForm(), _result(found.report, found.certificate, _document(data), data))


@never_cache
@require_safe
def code(request: HttpRequest, code: str) -> HttpResponse:
    """The answer about the certificate with a code, at an address that a QR code holds."""
    if _too_many(request):
        return render(request, "429.html", status=429)
    kept = read_code(code)
    if kept and kept != code:
        return redirect("verify:code", kept)
    found = verification.verification_of(code)
    if found.certificate is None:
        form = CheckForm({"code": code[:40]})
        form.add_error("code", _("No certificate of this community has this code. Check for mistyped signs."))
        return _shown(request, form, status=404)
    text = found.certificate.document
    document = strict_json.parse(text) if text is not None else None
    data = text.encode() if text is not None else b""
    return _shown(request, CheckForm(), _result(found.report, found.certificate, document, data))


@require_safe
def trusted_keys(request: HttpRequest) -> JsonResponse:
    """Whom this site trusts, as the file that other verifiers keep."""
    answer = JsonResponse(verification.trusted_keys().as_json(), json_dumps_params={"ensure_ascii": False})
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cache-Control"] = "public, max-age=300"
    return answer


def _too_many(request: HttpRequest) -> bool:
    return too_many(request, "verifier", most=CHECKS_A_MINUTE, seconds=60)


def _address_of(typed: str) -> str:
    """Where to go for what was typed or scanned: a code, the address of one, or a link that a holder shared."""
    if kept := read_code(typed):
        return reverse("verify:code", args=[kept])
    try:
        found = resolve(unquote(urlsplit(typed).path))
    except (Resolver404, ValueError):
        return ""
    if found.view_name == "credentials:shared":
        return reverse("credentials:shared", args=[found.kwargs["token"]])
    kept = read_code(found.kwargs["code"]) if found.view_name == "verify:code" else ""
    return reverse("verify:code", args=[kept]) if kept else ""


def _document(data: bytes) -> Mapping[str, Any] | None:
    try:
        return Bundle.decode(data).credential
    except BundleError:
        try:
            value = strict_json.parse(data)
        except strict_json.StrictJsonError:
            return None
        return value if isinstance(value, Mapping) else None


def _result(
    report: Report, certificate: Certificate | None, document: Mapping[str, Any] | None, data: bytes
) -> dict[str, Any]:
    """What the page tells: the verdict with its reason, the statements, every check, a receipt."""
    verdict = report.verdict
    refused = report.refused_by
    said = told.told(document) if document is not None else None
    return {
        "verdict": verdict,
        "tone": {Verdict.VALID: "ok", Verdict.INVALID: "bad", Verdict.UNKNOWN: "warn"}[verdict],
        "headline": headlines()[verdict],
        "reason": _words(refused.code) if refused is not None else ("", ""),
        "lines": [_line(check.name, check.verdict, check.code, check.detail) for check in _ordered(report)],
        "told": said,
        "code": certificate.code if certificate is not None else "",
        "receipt": _receipt(data, report, certificate),
        "at": timezone.now(),
    }


def _ordered(report: Report) -> list[Check]:
    order = list(CheckName)
    return sorted(report.checks, key=lambda check: order.index(check.name))


def _words(code: str) -> tuple[str, str]:
    """The sentence of a code in the reader's language, and in the other one."""
    both = WORDS[code]
    return (both.zh, both.en) if (get_language() or "").startswith("zh") else (both.en, both.zh)


def _line(name: CheckName, verdict: Verdict, code: str, detail: str) -> Line:
    words, other = _words(code)
    verdicts = verdict_words()
    said = pgettext("verification", "not there") if code in _EXPECTED_UNKNOWN else verdicts[verdict]
    return Line(check_names()[name], _STATES[verdict], said, words, other, detail)


def _receipt(data: bytes, report: Report, certificate: Certificate | None) -> str:
    """The signed receipt as a link to save, or nothing where no key of this site signs today."""
    signing = Issuer.objects.filter(is_site=True).select_related("organisation").first() or (
        certificate.issuer if certificate else None
    )
    if signing is None or not data:
        return ""
    now = timezone.now()
    try:
        _key, signer = signer_at(signing, now)
    except KeyUnavailable:
        return ""
    made = receipt(data, report, at=now, verifier=str(signing), signer=signer)
    encoded = base64.b64encode(json.dumps(made, ensure_ascii=False, indent=1).encode()).decode("ascii")
    return f"data:application/json;base64,{encoded}"


@cache
def _both_words() -> dict[str, dict[str, str]]:
    return {code: {"zh": words.zh, "en": words.en} for code, words in WORDS.items()}


def _shown(
    request: HttpRequest, form: CheckForm, result: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "result": result,
        "other_language": "en" if (get_language() or "").startswith("zh") else "zh-Hans",
        "local": None
        if result
        else {
            "trust": verification.trusted_keys().as_json(),
            "words": _both_words(),
            "names": check_names(),
            "verdicts": verdict_words(),
            "not_shown": pgettext("verification", "not there"),
            "headlines": headlines(),
            "levels": told.worker_levels(),
            "expected": sorted(_EXPECTED_UNKNOWN),
            "chinese": (get_language() or "").startswith("zh"),
            "messages": {
                "picture": _("This browser cannot read QR codes from pictures. Type the code printed beside it."),
                "nothing_in_picture": _("No QR code was found in the picture. Type the code printed beside it."),
                "no_attachment": _("No certificate is attached to this PDF. Type the code that is printed on it."),
                "too_large": _("This file is larger than any certificate."),
                "no_camera": _("The camera cannot be used. Allow it in the browser, or type the code."),
                "skipped": _("A second signature, for wallets (%s), is not checked in the browser."),
            },
        },
    }
    answer = render(request, "credentials/public_verify.html", context, status=status)
    if result is not None:
        answer["X-Robots-Tag"] = "noindex"
    return answer
