"""That a head of the log existed at a time: an RFC 3161 time stamp over a checkpoint's text, checked offline.

Whoever checks hands in the certificates of the authority that they trust; it is the authority's clock that is believed.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from ronghe.trust.checkpoint import Checkpoint
from ronghe.trust.log_proof import CLOCKS_MAY_DIFFER_BY
from ronghe.trust.verdicts import Check, CheckName

MAX_BYTES = 32 * 1024
_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_SIGNED_DATA_VERSION, _SIGNER_VERSION = 3, 1
# By digest, how the signature's algorithm may be written (RFC 5754, DER): with ECDSA, with RSA in two ways.
_ALGORITHMS = {
    f"2.16.840.1.101.3.4.2.{digest}": [
        bytes.fromhex(f"300a06082a8648ce3d0403{ecdsa:02x}"),
        bytes.fromhex("300d06092a864886f70d0101010500"),
        bytes.fromhex(f"300d06092a864886f70d0101{rsa:02x}0500"),
    ]
    for digest, ecdsa, rsa in ((1, 2, 0x0B), (2, 3, 0x0C), (3, 4, 0x0D))
}
_OCTETS, _LONG_LENGTH = 0x04, 0x80


class TimestampTokenError(ValueError):
    """Bytes that are no answer of a time-stamping authority, or certificates that none can be checked with."""


@dataclass(frozen=True, slots=True)
class TimestampAuthority:
    """Certificates of an authority that one trusts: the one that signs time stamps, those above it, the root."""

    signer: x509.Certificate
    above: tuple[x509.Certificate, ...]
    root: x509.Certificate

    @classmethod
    def of_pem(cls, data: bytes) -> "TimestampAuthority":
        """Return the authority whose chain is in `data`, in any order; raises `TimestampTokenError`."""
        try:
            certificates = x509.load_pem_x509_certificates(data)
        except ValueError as error:
            raise TimestampTokenError(f"these are no certificates in PEM: {error}") from error
        signers = [one for one in certificates if _stamps(one)]
        roots = [one for one in certificates if one.issuer == one.subject]
        if len(signers) != 1 or len(roots) != 1:
            raise TimestampTokenError(
                f"give one certificate for time stamping and one root; here are {len(signers)} and {len(roots)}"
            )
        above = tuple(one for one in certificates if one not in (*signers, *roots))
        return cls(signers[0], above, roots[0])


def _stamps(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING] and usage.critical


def timestamp_request(checkpoint: Checkpoint) -> bytes:
    """Return a request (DER) to stamp the text of `checkpoint` by SHA-256.

    It asks for no certificates: who checks has them already, and what is not in the answer cannot be exchanged there.
    """
    builder = TimestampRequestBuilder().data(checkpoint.text().encode()).hash_algorithm(HashAlgorithm.SHA256)
    return builder.cert_request(cert_request=False).nonce(nonce=True).build().as_bytes()


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What an answer says, read whole before anything of it is judged."""

    response: TimeStampResponse
    algorithm: x509.ObjectIdentifier
    imprint: bytes
    time: datetime
    signers: tuple[tuple[x509.Name, int], ...]
    certificates: frozenset[bytes]


def stamped_at(answer: bytes) -> datetime:
    """Return the time that an authority's answer (DER) states, nothing of it checked; raises `TimestampTokenError`."""
    return _read(answer).time


def _read(answer: bytes) -> _Stamp:
    if len(answer) > MAX_BYTES:
        raise TimestampTokenError(f"an answer has at most {MAX_BYTES} bytes")
    try:
        response = decode_timestamp_response(answer)
        if response.as_bytes() != answer:
            raise TimestampTokenError("the answer is not in the canonical form of its encoding (DER)")
        if response.status:
            raise TimestampTokenError(f"the authority refused: {', '.join(response.status_string) or response.status}")
        info, signed = response.tst_info, response.signed_data
        _refuse_what_nobody_signed(response, answer)
        return _Stamp(
            response,
            info.message_imprint.hash_algorithm,
            info.message_imprint.message,
            info.gen_time.astimezone(UTC),
            tuple((one.issuer, one.serial_number) for one in signed.signer_infos),
            frozenset(signed.certificates),
        )
    except TimestampTokenError:
        raise
    except (ValueError, TypeError, OverflowError, LookupError) as error:
        raise TimestampTokenError(f"this is no answer of a time-stamping authority: {error}") from error


def _refuse_what_nobody_signed(response: TimeStampResponse, answer: bytes) -> None:
    """Refuse values that verifying passes over, so that one stamp has one form: versions, algorithm, attributes."""
    signed = response.signed_data
    if signed.version != _SIGNED_DATA_VERSION or {one.version for one in signed.signer_infos} != {_SIGNER_VERSION}:
        raise TimestampTokenError("the versions in the answer are not those of RFC 3161 with a named certificate")
    digests = {one.dotted_string for one in signed.digest_algorithms}
    algorithms = _ALGORITHMS.get(digests.pop(), []) if len(digests) == 1 else []
    if not any(_ends_in_signature(answer, algorithm) for algorithm in algorithms):
        raise TimestampTokenError("the answer does not end in a signature by RSA or ECDSA with the digest it names")


def _ends_in_signature(answer: bytes, algorithm: bytes) -> bool:
    _, found, rest = answer.rpartition(algorithm)
    if not found or len(rest) < 2 or rest[0] != _OCTETS:
        return False
    if rest[1] < _LONG_LENGTH:
        return len(rest) == 2 + rest[1]
    size = rest[1] - _LONG_LENGTH
    return len(rest) == 2 + size + int.from_bytes(rest[2 : 2 + size], "big")


def check_timestamp(
    answer: bytes, checkpoint: Checkpoint, *, authorities: Sequence[TimestampAuthority], at: datetime
) -> Check:
    """Say whether one of `authorities` stamped the text of `checkpoint`, as of the moment `at`.

    `answer` is the authority's answer, TimeStampResp in DER. The certificates must have been valid when it stamped;
    whether one was revoked since is not asked. Unknown where another authority signed.
    """
    try:
        stamp = _read(answer)
    except TimestampTokenError as error:
        return Check.invalid(CheckName.ANCHOR, "timestamp-is-malformed", str(error))
    if stamp.algorithm != _SHA256:
        return Check.invalid(CheckName.ANCHOR, "timestamp-is-malformed", "the time stamp is not over a SHA-256")
    if stamp.imprint != hashlib.sha256(checkpoint.text().encode()).digest():
        return Check.invalid(CheckName.ANCHOR, "timestamp-is-of-another", "it is not over this checkpoint")
    if len(stamp.signers) != 1:
        return Check.invalid(CheckName.ANCHOR, "timestamp-is-malformed", "exactly one must have signed")
    ((issuer, serial),) = stamp.signers
    named = [one for one in authorities if (one.signer.issuer, one.signer.serial_number) == (issuer, serial)]
    if not named:
        return Check.unknown(
            CheckName.ANCHOR,
            "timestamp-is-not-trusted",
            f"certificate {serial:x} of {issuer.rfc4514_string()} signed; it is none of those given",
        )
    # Two certificates of one issuer do not share a number.
    if problem := _problem(stamp, named[0], checkpoint):
        return Check.invalid(CheckName.ANCHOR, "timestamp-does-not-hold", problem)
    time = f"{stamp.time:%Y-%m-%dT%H:%M:%SZ}"
    if stamp.time > at + CLOCKS_MAY_DIFFER_BY:
        return Check.invalid(CheckName.ANCHOR, "timestamp-is-in-the-future", f"it says {time}")
    name = named[0].signer.subject.rfc4514_string()
    return Check.valid(CheckName.ANCHOR, "timestamp-holds", f"{name} says {time}")


def _problem(stamp: _Stamp, authority: TimestampAuthority, checkpoint: Checkpoint) -> str:
    """Return why the answer is not the authority's; empty where it is."""
    own = (authority.signer, *authority.above, authority.root)
    if not stamp.certificates <= {one.public_bytes(Encoding.DER) for one in own}:
        return "it carries a certificate that is not the authority's"
    builder = VerifierBuilder(
        tsa_certificate=authority.signer, intermediates=list(authority.above), roots=[authority.root]
    )
    try:
        builder.build().verify_message(stamp.response, checkpoint.text().encode())
    except (VerificationError, ValueError, InvalidSignature) as error:
        return str(error)
    return ""
