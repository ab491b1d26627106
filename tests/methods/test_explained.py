"""An answer's hash of its inputs depends on their values and on nothing else."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronghe.methods.explained import UnmetAssumption, inputs_hash


@dataclass(frozen=True)
class Plain:
    rate: float
    names: tuple[str, ...]


class Colour(Enum):
    RED = "red"


KNOWN = "sha256:2510374b68828afc969e61df4499261cd38b2acba9008d2a32bebed4fb5a0680"

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@given(values, values)
def test_different_values_have_different_hashes_and_equal_ones_the_same(left: object, right: object) -> None:
    assert (inputs_hash(left) == inputs_hash(right)) == (repr(left) == repr(right) or _same(left, right))


def _same(left: object, right: object) -> bool:
    """Equal also in kind: 1, 1.0 and True differ; the order of a mapping does not count."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return type(left) is type(right) and repr(left) == repr(right)


def test_the_hash_of_an_array_ignores_byte_order_and_layout() -> None:
    plain = np.arange(6, dtype="<f8").reshape(2, 3)
    assert inputs_hash(plain) == inputs_hash(plain.astype(">f8")) == inputs_hash(np.asfortranarray(plain))
    assert inputs_hash(plain) != inputs_hash(plain.T)
    assert inputs_hash(plain) != inputs_hash(plain.astype("<f4"))


def test_moving_a_value_from_one_input_to_the_next_changes_the_hash() -> None:
    assert inputs_hash(["a"], ["b", "c"]) != inputs_hash(["a", "b"], ["c"])
    assert inputs_hash("ab", "c") != inputs_hash("a", "bc")


def test_the_hash_of_a_known_input_stays_what_it_was() -> None:
    assert inputs_hash(Plain(0.5, ("a",)), date(2026, 1, 2), Colour.RED, {3, 1}, np.int64(4)) == KNOWN


def test_what_has_no_value_of_its_own_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot hash object"):
        inputs_hash(object())


def test_a_refusal_says_what_was_found_and_what_to_do() -> None:
    refusal = UnmetAssumption("survival.negative_time", "row 3 has the time -1.0", "give durations from 0 on")
    assert str(refusal) == "row 3 has the time -1.0: give durations from 0 on"
    assert refusal.code == "survival.negative_time"
