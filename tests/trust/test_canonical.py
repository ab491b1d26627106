"""Canonical JSON against the published vectors of RFC 8785."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ronghe.trust.canonical import CanonicalError, canonical_json
from tests.need import shared

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


def test_the_example_of_rfc_8785_section_3_2_comes_out_as_printed():
    value = json.loads(
        r'{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],'
        r'"string": "\u20ac$\u000F\u000aA\u0027\u0042\u0022\u005c\\\"\/",'
        r'"literals": [null, true, false]}'
    )
    assert canonical_json(value).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_every_published_vector_comes_out_byte_for_byte():
    folder = shared("vectors/trust/rfc8785")
    files = sorted((folder / "input").glob("*.json"))
    assert len(files) == 6
    for file in files:
        expected = bytes.fromhex((folder / "outhex" / file.with_suffix(".txt").name).read_text())
        assert canonical_json(json.loads(file.read_text(encoding="utf-8"))) == expected, file.name


def as_json_number(text: str) -> int | float:
    """A JSON number beyond 2**53 is a double, however it is spelt."""
    return int(text) if abs(int(text)) < 2**53 else float(text)


@given(JSON)
def test_reading_the_canonical_form_and_writing_it_again_changes_nothing(value):
    once = canonical_json(value)
    assert canonical_json(json.loads(once, parse_int=as_json_number)) == once


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner)
        | st.dictionaries(st.text(st.sampled_from("aZ中\ue000😀")), inner)
    ),
    max_leaves=20,
)


@given(PLAIN)
def test_the_quick_way_writes_what_the_reference_writes(value):
    assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**53, "\ud800", {1: "a"}, {"a": object()}, {"a": {1, 2}}]
)
def test_a_value_without_a_canonical_form_is_refused(value):
    with pytest.raises(CanonicalError):
        canonical_json(value)
