"""A time-stamping authority for tests: certificates of our own, time stamps by openssl, which is not ours."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ronghe.trust.timestamp import TimestampAuthority

OPENSSL = shutil.which("openssl")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
ENDS = datetime(2046, 1, 1, tzinfo=UTC)
CONFIGURATION = """
[tsa]
default_tsa = one
[one]
dir = {folder}
serial = {folder}/serial
signer_cert = {folder}/signer.pem
certs = {folder}/root.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _certificate(subject, key, issuer, issuer_key, extensions, ends=ENDS):
    builder = x509.CertificateBuilder(_name(issuer), _name(subject), key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(BEGAN).not_valid_after(ends)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


def _usage(**given):
    names = [
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ]
    return x509.KeyUsage(**{name: given.get(name, False) for name in names})


class Authority:
    """An authority with its keys in a folder; `stamp` makes openssl answer a request."""

    def __init__(self, folder: Path, name: str = "Stamps", ends: datetime = ENDS) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = _certificate(
            f"{name} root", root_key, f"{name} root", root_key,
            [(x509.BasicConstraints(True, None), True), (_usage(key_cert_sign=True, crl_sign=True), True)],
        )  # fmt: skip
        signer = _certificate(
            name, key, f"{name} root", root_key,
            [
                (x509.BasicConstraints(False, None), True),
                (_usage(digital_signature=True), True),
                (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING]), True),
            ],
            ends,
        )  # fmt: skip
        self.folder = folder
        self.pem = signer.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM)
        (folder / "signer.pem").write_bytes(signer.public_bytes(Encoding.PEM))
        (folder / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
        (folder / "signer.key").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        )
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(CONFIGURATION.format(folder=folder))
        self.trusted = TimestampAuthority.of_pem(self.pem)

    def stamp(self, request: bytes) -> bytes:
        (self.folder / "request.tsq").write_bytes(request)
        given = ["-config", "tsa.cnf", "-queryfile", "request.tsq", "-out", "answer.tsr"]
        subprocess.run([OPENSSL, "ts", "-reply", *given], cwd=self.folder, check=True, capture_output=True)
        return (self.folder / "answer.tsr").read_bytes()
