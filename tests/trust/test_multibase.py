"""Bytes as text: one spelling for each value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronghe.trust.multibase import (
    MultibaseError,
    decode_base58btc,
    decode_base64url,
    decode_multikey,
    encode_base58btc,
    encode_base64url,
    encode_multikey,
)


@given(st.binary(max_size=100))
def test_bytes_come_back_from_both_bases(data):
    assert decode_base58btc(encode_base58btc(data)) == data
    assert decode_base64url(encode_base64url(data)) == data


@given(st.text("z123ABCabcYZ", max_size=20))
def test_base58_has_one_spelling_for_each_value(digits):
    assert encode_base58btc(decode_base58btc("z" + digits)) == "z" + digits


def test_published_examples_of_base58btc_come_out_as_printed():
    # draft-msporny-base58-03, §5.
    assert encode_base58btc(b"Hello World!") == "z2NEpo7TZRRrLZSi2U"
    assert encode_base58btc(bytes.fromhex("0000287fb4cd")) == "z11233QC4"


@pytest.mark.parametrize("text", ["", "u2NEpo", "z0", "zO", "zI", "zl", "z 2", "z2\n", "z" + "2" * 1025])
def test_what_is_no_base58btc_is_refused(text):
    with pytest.raises(MultibaseError):
        decode_base58btc(text)


@pytest.mark.parametrize("text", ["", "zAA", "uAB", "uA", "uAA==", "uA+", "uA/", "uAA ", "u中"])
def test_what_is_not_the_one_spelling_in_base64url_is_refused(text):
    with pytest.raises(MultibaseError):
        decode_base64url(text)


def test_a_key_of_another_kind_or_length_is_no_multikey():
    key = bytes(range(32))
    assert decode_multikey(encode_multikey(key)) == key
    for data in (b"\xed\x01" + key[:31], b"\xed\x01" + key + b"\0", b"\x80\x24" + key, key):
        with pytest.raises(MultibaseError):
            decode_multikey(encode_base58btc(data))
    with pytest.raises(MultibaseError):
        encode_multikey(key[:31])


def test_a_length_that_was_asked_for_is_kept_to():
    assert decode_base58btc(encode_base58btc(bytes(64)), size=64) == bytes(64)
    with pytest.raises(MultibaseError):
        decode_base58btc(encode_base58btc(bytes(63)), size=64)
