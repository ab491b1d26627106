"""The W3C VC-API at its own paths: issue, set a status, verify credentials and presentations. Thin: services decide.

A verification that does not hold answers 400 with every check; one that holds 200. Issuing needs the key of a program.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from ronghe.apps.credentials import limits, problems, services, status_lists, suites, verification
from ronghe.apps.credentials.models import ApiKey, Scope
from ronghe.apps.credentials.services.programs import usable_issuer
from ronghe.apps.credentials.signing import KeyUnavailable
from ronghe.trust import strict_json
from ronghe.trust.proof import ASSERTION, AUTHENTICATION, SUITES
from ronghe.trust.verdicts import Check, CheckName, Report, Verdict

MOST_BYTES = 512 * 1024
OPEN_CALLS_A_MINUTE = 120

View = Callable[[HttpRequest, dict[str, Any], ApiKey | None], JsonResponse]
_SECURED = "verifiableCredential"


class Refused(Exception):
    """A call that is answered with a problem: its status and what is wrong."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title


def key_of(request: HttpRequest) -> ApiKey | None:
    """Return the key that a call brings; raises `Refused` for one that opens nothing or is used too often."""
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    if not text:
        return None
    key = services.find_api_key(text) if scheme.lower() == "bearer" else None
    if key is None:
        raise Refused(401, "UNAUTHORIZED", _("This key opens nothing: it is revoked, has run out, or never was."))
    if limits.over_limit(key):
        raise Refused(429, "TOO_MANY_REQUESTS", _("This key has made too many requests in this minute."))
    services.note_use(key)
    return key


def _endpoint(view: View) -> Callable[[HttpRequest], JsonResponse]:
    @csrf_exempt
    @never_cache
    @require_POST
    @wraps(view)
    def answer(request: HttpRequest) -> JsonResponse:
        try:
            key = key_of(request)
            return view(request, _body(request), key)
        except Refused as refused:
            return _problem(refused.status, refused.title, str(refused))
        except PermissionDenied as error:
            return _problem(403, "FORBIDDEN", str(error))
        except ValidationError as error:
            return _problem(400, "MALFORMED_VALUE_ERROR", " ".join(error.messages))
        except KeyUnavailable as error:
            return _problem(503, "KEY_UNAVAILABLE", str(error))

    return answer


def _body(request: HttpRequest) -> dict[str, Any]:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise Refused(413, "TOO_LARGE", _("A request has at most 512 kB."))
    try:
        value = strict_json.parse(request.body, max_bytes=MOST_BYTES)
    except strict_json.StrictJsonError as error:
        raise Refused(400, "PARSING_ERROR", str(error)) from error
    if isinstance(value, dict) and value.get("options") is None:
        value["options"] = {}
    if not isinstance(value, dict) or not isinstance(value["options"], dict):
        raise Refused(400, "PARSING_ERROR", _("A request is a JSON object, and its options are one as well."))
    return value


def _problem(status: int, title: str, detail: str) -> JsonResponse:
    problem = {
        "type": problems.type_of_request(title),
        "title": title,
        "detail": detail,
        "status": status,
    }
    return JsonResponse({**problem, "errors": [detail], "problemDetails": [problem]}, status=status)


def _member(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise Refused(400, "MALFORMED_VALUE_ERROR", _("%(name)s is missing, or is no JSON object.") % {"name": name})
    return value


def _issue(request: HttpRequest, body: dict[str, Any], key: ApiKey | None) -> JsonResponse:
    """Sign a credential for the organisation whose key it is."""
    issuer = usable_issuer(key)
    if issuer is None:
        raise Refused(401, "UNAUTHORIZED", _("Issuing needs the key of a program that may issue."))
    options = body["options"]
    cryptosuites = _suites(options.get("cryptosuite") or request.GET.get("cryptosuite"))
    credential = verification.issuable(_member(body, "credential"), issuer)
    secured = services.sign_credential(
        key=key,
        issuer=issuer,
        credential=credential,
        cryptosuites=cryptosuites,
        with_status=request.GET.get("status") != "none",
        credential_id=str(options.get("credentialId") or ""),
        purpose=_purpose(options.get("statusPurpose") or request.GET.get("statusPurpose")),
    )
    # One suite reads the credential at the top of an answer over plain http, the others where the VC-API has it.
    beside = secured if suites.is_open() else {}
    return JsonResponse({**beside, _SECURED: secured}, status=201)


def _purpose(asked: Any) -> str | None:
    if asked is None:
        # What suites read is one entry; programs get one for each purpose unless they ask for one.
        return status_lists.PURPOSES[0] if suites.is_open() else None
    if asked not in status_lists.PURPOSES:
        raise Refused(400, "MALFORMED_VALUE_ERROR", _("The purpose of a status is revocation or suspension."))
    return str(asked)


def _suites(asked: Any) -> tuple[str, ...]:
    if asked is None:
        return SUITES
    if asked not in SUITES:
        raise Refused(400, "MALFORMED_VALUE_ERROR", _("The suites are %(all)s.") % {"all": ", ".join(SUITES)})
    return (str(asked),)


def _status(request: HttpRequest, body: dict[str, Any], key: ApiKey | None) -> JsonResponse:
    """Set or clear the status of what this program had signed."""
    issuer = usable_issuer(key)
    if issuer is None:
        raise Refused(401, "UNAUTHORIZED", _("Issuing needs the key of a program that may issue."))
    entry = _member(body, "credentialStatus") if "credentialStatus" in body else {}
    services.revoke_signed(
        key=key,
        issuer=issuer,
        credential_id=str(body.get("credentialId") or ""),
        purpose=str(body.get("statusPurpose") or entry.get("statusPurpose") or "revocation"),
        on=body.get("status", True) not in (False, "0", 0),
    )
    return JsonResponse({"updated": True})


def _verify(request: HttpRequest, body: dict[str, Any], key: ApiKey | None) -> JsonResponse:
    """Say of a credential whether it holds, check by check."""
    _demand_verify(request, key)
    options = body["options"]
    document = _credential_in(_member(body, _SECURED))
    report = verification.check_credential(
        document, challenge=_asked(options, "challenge"), domain=_domain(options), any_did_key=suites.is_open()
    )
    report = _without_what_was_not_asked(_for_purpose(report, options, ASSERTION), options)
    return _verdict(report, _SECURED, document)


def _credential_in(document: dict[str, Any]) -> dict[str, Any]:
    """Return the credential of an answer to an issuing that is handed back whole: it stands there twice, the same."""
    inner = document.get(_SECURED)
    if suites.is_open() and isinstance(inner, dict) and document == {**inner, _SECURED: inner}:
        return inner
    return document


def _without_what_was_not_asked(report: Report, options: dict[str, Any]) -> Report:
    """Return the report without a status that cannot be had, where `checks` names others alone; a bad one stays."""
    asked = options.get("checks")
    if not isinstance(asked, list) or not asked or "credentialStatus" in asked:
        return report
    kept = [one for one in report.checks if one.name is not CheckName.STATUS or one.verdict is not Verdict.UNKNOWN]
    return Report(tuple(kept), frozenset(report.required) - {CheckName.STATUS})


def _for_purpose(report: Report, options: dict[str, Any], purpose: str) -> Report:
    """Return the report, and that the proofs are for another purpose where the caller asks for another."""
    expected = _asked(options, "expectedProofPurpose")
    if expected is None or expected == purpose:
        return report
    wrong = Check.invalid(CheckName.SIGNATURE, "signature-purpose-is-wrong", f"proofPurpose is not {expected[:60]}")
    return Report((*report.checks, wrong), report.required)


def _verify_presentation(request: HttpRequest, body: dict[str, Any], key: ApiKey | None) -> JsonResponse:
    """Say of a presentation whether it holds and was made for this challenge and domain."""
    _demand_verify(request, key)
    options = body["options"]
    document = _member(body, "verifiablePresentation")
    report = verification.check_presentation(
        document, challenge=_asked(options, "challenge"), domain=_domain(options), any_did_key=suites.is_open()
    )
    return _verdict(_for_purpose(report, options, AUTHENTICATION), "verifiablePresentation", document)


def _asked(options: dict[str, Any], name: str) -> str | None:
    value = options.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused(400, "MALFORMED_VALUE_ERROR", _("%(name)s is a text.") % {"name": name})
    return value


def _domain(options: dict[str, Any]) -> list[str] | None:
    """The domains that the proofs must be for: one text, or a list of them."""
    value = options.get("domain")
    if value is None:
        return None
    domains = value if isinstance(value, list) else [value]
    if not domains or not all(isinstance(one, str) for one in domains):
        raise Refused(400, "MALFORMED_VALUE_ERROR", _("domain is a text, or a list of texts."))
    return domains


def _demand_verify(request: HttpRequest, key: ApiKey | None) -> None:
    if key is not None:
        if Scope.VERIFY not in key.scopes and Scope.ISSUE not in key.scopes:
            raise PermissionDenied(_("This key may not verify. Ask for one with that scope."))
    elif not suites.is_open() and limits.too_many(request, "verify", most=OPEN_CALLS_A_MINUTE, seconds=60):
        raise Refused(429, "TOO_MANY_REQUESTS", _("Too many requests in this minute. Ask for a key for your program."))


def _verdict(report: Report, name: str, document: dict[str, Any]) -> JsonResponse:
    found = [
        {
            "type": problems.type_of_check(check.code),
            "title": check.code,
            "detail": check.detail,
            "check": check.name.value,
            "verdict": check.verdict.value,
        }
        for check in report.checks
        if check.verdict is not Verdict.VALID
    ]
    verified = report.verdict is Verdict.VALID
    answer: dict[str, Any] = {"verified": verified, **report.as_json(), "problemDetails": found}
    if verified:
        return JsonResponse({**answer, name: document})
    return JsonResponse({**answer, "errors": [problem["title"] for problem in found]}, status=400)


@require_safe
def implementation(request: HttpRequest) -> JsonResponse:
    """This site as the W3C suites list implementations; there is nothing here unless it is open to them."""
    issuer = usable_issuer(None)
    if issuer is None:
        raise Http404(_("This site is not open to conformance suites."))
    base = request.build_absolute_uri("/")
    return JsonResponse(suites.implementation(base, suites.name_of_key(issuer, timezone.now())))


issue = _endpoint(_issue)
status = _endpoint(_status)
verify = _endpoint(_verify)
verify_presentation = _endpoint(_verify_presentation)
