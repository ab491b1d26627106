"""The addresses by which the standards name what is wrong, for `type` in problem details (RFC 9457).

vc-data-model-2.0 §7.2, vc-data-integrity §4.7 and vc-bitstring-status-list §3.5 list theirs; what none of them lists
is `about:blank`, and our own code of the check says what it is.
"""

_MODEL = "https://www.w3.org/TR/vc-data-model#"
_SECURITY = "https://w3id.org/security#"
_STATUS = "https://www.w3.org/ns/credentials/status-list#"
_NO_TYPE = "about:blank"
_OF_REQUESTS = frozenset({"PARSING_ERROR", "MALFORMED_VALUE_ERROR"})
# The first that a code begins with.
_OF_CHECKS = (
    ("form-", f"{_MODEL}MALFORMED_VALUE_ERROR"),
    ("signature-", f"{_SECURITY}PROOF_VERIFICATION_ERROR"),
    ("issuer-", f"{_SECURITY}PROOF_VERIFICATION_ERROR"),
    ("integrity-terms-", f"{_SECURITY}DATA_LOSS_DETECTION_ERROR"),
    ("integrity-", f"{_SECURITY}PROOF_TRANSFORMATION_ERROR"),
    ("validity-", f"{_MODEL}RANGE_ERROR"),
    ("status-list-is-unavailable", f"{_STATUS}STATUS_RETRIEVAL_ERROR"),
    ("status-is-malformed", f"{_MODEL}MALFORMED_VALUE_ERROR"),
    ("status-signature-", f"{_STATUS}STATUS_VERIFICATION_ERROR"),
)


def type_of_request(title: str) -> str:
    """Return the address of what is wrong with a request."""
    return _MODEL + title if title in _OF_REQUESTS else _NO_TYPE


def type_of_check(code: str) -> str:
    """Return the address of what a check found."""
    return next((address for begins, address in _OF_CHECKS if code.startswith(begins)), _NO_TYPE)
