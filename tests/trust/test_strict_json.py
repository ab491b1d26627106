"""JSON from strangers has one meaning or is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronghe.trust.strict_json import StrictJsonError, parse

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=15,
)


@given(JSON, st.booleans())
def test_what_is_written_is_read(value, ascii_only):
    assert parse(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


REFUSED = {
    "a member twice": b'{"a":1,"a":1}',
    "a member twice, spelt otherwise": b'{"a":1,"\\u0061":2}',
    "a member twice, deep down": b'[{"x":{"a":1,"a":2}}]',
    "NaN": b"[NaN]",
    "infinity": b"[-Infinity]",
    "a real beyond all": b"[1e999]",
    "an integer beyond all readers": b"[9007199254740993]",
    "an integer of many digits": b"[" + b"9" * 5000 + b"]",
    "half a surrogate": b'["\\ud800"]',
    "half a surrogate as a name": b'{"\\uDEAD":1}',
    "a byte order mark": b"\xef\xbb\xbf[]",
    "bytes that are no UTF-8": b'["\xff"]',
    "a surrogate in UTF-8": b'["\xed\xa0\x80"]',
    "more than one value": b"[] []",
    "nothing": b"",
    "a comment": b"[] // x",
    "a comma too many": b"[1,]",
    "a control character": b'["\x01"]',
    "too deep": b"[" * 41 + b"]" * 41,
    "far too deep": b"[" * 100_000 + b"]" * 100_000,
    "too much": b'"' + b"x" * 1_000_001 + b'"',
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_json_that_two_readers_could_take_differently_is_refused(data):
    with pytest.raises(StrictJsonError):
        parse(data)


def test_limits_are_those_asked_for():
    assert parse(b"[[1]]", max_bytes=5, max_depth=2) == [[1]]
    with pytest.raises(StrictJsonError):
        parse(b"[[1]]", max_bytes=4)
    with pytest.raises(StrictJsonError):
        parse(b"[[1]]", max_depth=1)


def test_a_surrogate_pair_is_one_character():
    assert parse(b'["\\ud83d\\ude00"]') == ["\U0001f600"]
