"""Files with a certificate inside: it is found however the file was saved again, and nothing else is taken for one."""

import json
import struct
import zlib

import pytest

from ronghe.trust.carriers import carried, is_carrier
from ronghe.trust.packing import pack
from tests.trust.bundles import PARTS
from tests.trust.certificates import signed

BUNDLE = PARTS.build()
CREDENTIAL = json.dumps(signed()).encode()


def pdf(*streams: tuple[bytes, bytes]) -> bytes:
    """Return what stands for a PDF: its streams, each with the dictionary that a program wrote."""
    objects = [b"%d 0 obj\n%s" % (number, head + body) for number, (head, body) in enumerate(streams, 1)]
    return b"%PDF-1.7\n" + b"\nendstream\nendobj\n".join([*objects, b""]) + b"trailer\n%%EOF"


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    whole = b"\x89PNG\r\n\x1a\n"
    for kind, data in (*chunks, (b"IEND", b"")):
        whole += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return whole


def svg(inside: str) -> bytes:
    return f'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>'.encode()


@pytest.mark.parametrize("bundle", [BUNDLE, pack(BUNDLE)], ids=["plain", "packed"])
@pytest.mark.parametrize(
    "head",
    [
        b"<</Type/EmbeddedFile/Filter/FlateDecode/Params<</Size 9>>>>\nstream\r\n",
        b"<</Length 12 0 R /Params << /CheckSum <00> >> >>\nstream\n",
        b"<< /DL 1 >> stream\n",
    ],
)
def test_the_bundle_of_a_pdf_is_found_however_it_was_saved(bundle, head):
    font = (b"<</Type/FontFile3>>\nstream\n", zlib.compress(bytes(50_000)))
    text = (b"<<>>\nstream\n", b"BT (not deflated) Tj ET")
    for stored in (zlib.compress(bundle), zlib.compress(bundle, 0), bundle):
        assert carried(pdf(font, text, (head, stored), font)) == bundle


def test_a_pdf_without_a_bundle_carries_nothing():
    for data in (pdf(), pdf((b"<<>>\nstream\n", zlib.compress(CREDENTIAL))), b"%PDF-1.7\nstream\n"):
        assert is_carrier(data)
        assert carried(data) is None
    many = (b"<<>>\nstream\n", b"q Q")
    assert carried(pdf(*[many] * 1_500, (b"<<>>\nstream\n", zlib.compress(BUNDLE)))) == BUNDLE
    assert carried(pdf(*[many] * 3_000, (b"<<>>\nstream\n", zlib.compress(BUNDLE)))) is None


def test_the_credential_baked_into_a_picture_is_found():
    said = f"<openbadges:credential><![CDATA[{CREDENTIAL.decode()}]]></openbadges:credential>"
    assert carried(svg(said)) == CREDENTIAL
    assert carried(b"\xef\xbb\xbf" + svg(said)) == CREDENTIAL
    text = b"openbadgecredential\x00\x00\x00en\x00\x00" + CREDENTIAL
    assert carried(png((b"IHDR", bytes(13)), (b"iTXt", b"Title\x00\x00\x00\x00\x00x"), (b"iTXt", text))) == CREDENTIAL


@pytest.mark.parametrize(
    "data",
    [
        svg("<circle/>"),
        svg("<openbadges:credential verify='eyJ'/>"),
        png(),
        png((b"iTXt", b"openbadgecredential\x00\x01\x00\x00\x00x")),
        png((b"iTXt", b"openbadgecredential\x00")),
        b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffiTXt",
    ],
)
def test_a_picture_without_a_credential_carries_nothing(data):
    assert is_carrier(data)
    assert carried(data) is None


@pytest.mark.parametrize("data", [BUNDLE, pack(BUNDLE), CREDENTIAL, b"", b"<html>", b"nothing"])
def test_other_files_are_no_carriers(data):
    assert not is_carrier(data)
