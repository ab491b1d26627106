"""The public verifier: anyone drops a file, types or scans a code, and is told what every check came to. No sign-in.

A file is checked and forgotten. With scripts it is checked in the browser and not even sent (static/credentials).
"""

from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.credentials import told, verification
from ronghe.apps.credentials.codes import read_code
from ronghe.apps.credentials.documents import masked
from ronghe.apps.credentials.forms_public import CheckForm
from ronghe.apps.credentials.limits import too_many
from ronghe.apps.credentials.models import Issuer
from ronghe.apps.credentials.services.issuing import signer_at
from ronghe.apps.credentials.signing import KeyUnavailable
from ronghe.apps.credentials.status_lists import PURPOSES
from ronghe.apps.credentials.views.public_frame import answered, drawn
from ronghe.trust import carriers
from ronghe.trust import receipt as receipts
from ronghe.trust.credit_statement import is_statement
from ronghe.trust.proof import JCS, RDFC
from ronghe.trust.verdict_words import WORDS
from ronghe.trust.verdicts import Check, CheckName, Report, Verdict

CHECKS_A_MINUTE = 120
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")
_STATES = {Verdict.VALID: "ok", Verdict.INVALID: "bad", Verdict.UNKNOWN: "none"}
_EXPECTED_UNKNOWN = frozenset({"path-is-not-shown", "anchor-is-not-there"})
_SEAL = "ronghe.credentials.receipt"
_RECEIPT_WITHIN = timedelta(hours=1)


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


def headlines_of_a_statement() -> dict[str, str]:
    """The same for a statement of the credit bank."""
    return {
        Verdict.VALID: _("This statement is genuine: the bank made it, and nothing was changed"),
        Verdict.INVALID: _("This statement does not hold"),
        Verdict.UNKNOWN: _("Whether this statement is genuine could not be settled"),
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
    if carriers.is_carrier(data) and (inside := carriers.carried(data)) is not None:
        data = inside
    elif data.startswith(b"%PDF"):
        form.add_error("file", _("No certificate is attached to this PDF. Type the code that is printed on it."))
        return _shown(request, form, status=422)
    elif data.startswith(_IMAGES) or carriers.is_carrier(data):
        form.add_error("file", _("A picture cannot be checked. Type the code beside the QR code, or scan it."))
        return _shown(request, form, status=422)
    return _answered(request, verification.verification_of(data), data)


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
    return _answered(request, found, (found.certificate.document or "").encode())


@never_cache
@require_POST
def receipt(request: HttpRequest) -> HttpResponse:
    """The signed receipt of an answer that this site gave within the hour, as a file to save.

    The page carries what was found under the site's own seal, so that only who asks for a receipt has one signed.
    """
    if _too_many(request):
        return render(request, "429.html", status=429)
    try:
        found, issuer = signing.loads(request.POST.get("found", ""), salt=_SEAL, max_age=_RECEIPT_WITHIN)
    except signing.BadSignature:
        form = CheckForm({})
        form.add_error(None, _("A receipt is signed within an hour of the check. Verify the certificate again."))
        return _shown(request, form, status=422)
    verifier = Issuer.objects.filter(is_site=True).select_related("organisation").first() or (
        Issuer.objects.filter(pk=issuer).select_related("organisation").first()
    )
    try:
        if verifier is None:
            raise KeyUnavailable(_("This site has no issuer, whose key would sign."))
        _key, signer = signer_at(verifier, timezone.now())
    except KeyUnavailable as error:
        form = CheckForm({})
        form.add_error(None, str(error))
        return _shown(request, form, status=503)
    answer = JsonResponse(
        receipts.signed(found, verifier=str(verifier), signer=signer),
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
    answer["Content-Disposition"] = 'attachment; filename="ronghe-receipt.json"'
    return answer


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


def _result(found: verification.Found, data: bytes) -> dict[str, Any]:
    """What the page tells: the verdict with its reason, the statements, every check, and what a receipt would say."""
    report, certificate, language = found.report, found.certificate, get_language() or ""
    verdict, refused, now = report.verdict, report.refused_by, timezone.now()
    sealed = [receipts.findings(data, report, at=now), certificate.issuer_id if certificate is not None else None]
    return {
        "verdict": verdict,
        "tone": {Verdict.VALID: "ok", Verdict.INVALID: "bad", Verdict.UNKNOWN: "warn"}[verdict],
        "headline": (headlines_of_a_statement() if is_statement(data) else headlines())[verdict],
        "statement": found.statement,
        "holder": masked(found.statement.holder) if found.statement is not None else "",
        "reason": _words(refused.code, language) if refused is not None else ("", ""),
        "lines": [
            (_line(one.name, one.verdict, one.code, language, _which(one)), one.detail) for one in _ordered(report)
        ],
        "told": told.told(found.document) if found.document is not None else None,
        "code": certificate.code if certificate is not None else "",
        "found": signing.dumps(sealed, salt=_SEAL, compress=True) if data else "",
        "at": now,
    }


def _ordered(report: Report) -> list[Check]:
    order = list(CheckName)
    return sorted(report.checks, key=lambda check: order.index(check.name))


def _words(code: str, language: str) -> tuple[str, str]:
    """The sentence of a code in the reader's language, and in the other one."""
    both = WORDS[code]
    return (both.zh, both.en) if language.startswith("zh") else (both.en, both.zh)


def _which(check: Check) -> str:
    """Which of several checks of one name this is: the kind of a signature, the purpose of a status."""
    first = check.detail.partition(" ")[0]
    if check.name is CheckName.SIGNATURE:
        return first if first in {JCS, RDFC} else ""
    if check.name is CheckName.STATUS:
        return first if first in PURPOSES else ""
    return ""


def _which_in_words(which: str) -> str:
    words = {"revocation": pgettext("verification", "Revocation"), "suspension": pgettext("verification", "Suspension")}
    return words.get(which, which)


# There are as many as codes, and each is drawn in two languages.
@cache
def _line(name: CheckName, verdict: Verdict, code: str, language: str, which: str = "") -> SafeString:
    """One check as the page shows it: its name, what it came to, and why, in the reader's language and the other."""
    words, other = _words(code, language)
    said = pgettext("verification", "not there") if code in _EXPECTED_UNKNOWN else verdict_words()[verdict]
    line = {
        "name": check_names()[name],
        "which": _which_in_words(which),
        "state": _STATES[verdict],
        "verdict": said,
        "words": words,
        "other": other,
    }
    return render_to_string("credentials/public_line.html", {"line": line, "other_language": _other_than(language)})


def _other_than(language: str) -> str:
    return "en" if language.startswith("zh") else "zh-Hans"


@cache
def _both_words() -> dict[str, dict[str, str]]:
    return {code: {"zh": words.zh, "en": words.en} for code, words in WORDS.items()}


def _answered(request: HttpRequest, found: verification.Found, data: bytes) -> HttpResponse:
    result = _result(found, data)
    context = {"result": result, "other_language": _other_than(get_language() or ""), "csrf_token": get_token(request)}
    drawn_answer = render_to_string("credentials/public_result.html", context)
    answer = answered(request, headline=result["headline"], answer=drawn_answer)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _shown(request: HttpRequest, form: CheckForm, *, status: int = 200) -> HttpResponse:
    language = get_language() or ""
    context = {
        "form": form,
        "fields": "" if form.is_bound else drawn("credentials/public_fields.html", language),
        "side": drawn("credentials/public_side.html", language),
        "other_language": _other_than(language),
        "local": {
            "trust": verification.trusted_keys().as_json(),
            "words": _both_words(),
            "names": check_names(),
            "verdicts": verdict_words(),
            "not_shown": pgettext("verification", "not there"),
            "headlines": headlines(),
            "levels": told.worker_levels(),
            "expected": sorted(_EXPECTED_UNKNOWN),
            "chinese": language.startswith("zh"),
            "messages": {
                "picture": _("This browser cannot read QR codes from pictures. Type the code printed beside it."),
                "nothing_in_picture": _("No QR code was found in the picture. Type the code printed beside it."),
                "no_attachment": _("No certificate is attached to this PDF. Type the code that is printed on it."),
                "too_large": _("This file is larger than any certificate."),
                "statement": _(
                    "This is a statement of the credit bank, which the browser does not check by itself. Have the "
                    "platform check it, or run “ronghe verify”."
                ),
                "no_camera": _("The camera cannot be used. Allow it in the browser, or type the code."),
                "skipped": _("A second signature, for wallets (%s), is not checked in the browser."),
            },
        },
    }
    return render(request, "credentials/public_verify.html", context, status=status)
