"""A path: any choice of events proves itself, nothing else does, and erasing one leaves all other proofs valid."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronghe.trust.merkle import inclusion_spans, prove, root_of, verify_inclusion
from ronghe.trust.path import (
    DisclosedPath,
    PathError,
    PathEvent,
    PathRoot,
    check_path,
    disclose,
    new_salt,
    path_root,
    verify_path,
)
from ronghe.trust.verdicts import Verdict


def events(count: int) -> list[PathEvent]:
    return [PathEvent({"hours": number, "what": "焊接"}, number.to_bytes(16, "big")) for number in range(count)]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_choice_of_events_proves_itself_and_nothing_about_the_others(data):
    all_events = events(data.draw(st.integers(1, 40)))
    chosen = data.draw(st.sets(st.integers(0, len(all_events) - 1), min_size=1))
    root = path_root([event.leaf() for event in all_events])
    shown = disclose(all_events, chosen)
    verify_path(shown, root)
    assert DisclosedPath.of_json(shown.as_json()) == shown
    for index, event in enumerate(all_events):
        assert (base64.b64encode(event.salt).decode() in str(shown.as_json())) == (index in chosen)


def test_one_event_is_proved_by_the_path_of_rfc_9162():
    all_events = events(13)
    leaves = [event.leaf() for event in all_events]
    shown = disclose(all_events, [5])
    path = prove(inclusion_spans(5, 13), lambda span: root_of(leaves[span.start : span.end]))
    assert sorted(shown.hashes) == sorted(path)
    verify_inclusion(index=5, size=13, leaf=leaves[5], path=path, root=path_root(leaves).root)


def test_an_erased_event_keeps_the_root_and_can_never_be_shown_again():
    all_events = events(9)
    root = path_root([event.leaf() for event in all_events])
    erased = [event.leaf() if number in (2, 3) else event for number, event in enumerate(all_events)]
    verify_path(disclose(erased, [1, 8]), root)
    assert path_root([one if isinstance(one, bytes) else one.leaf() for one in erased]) == root
    with pytest.raises(PathError, match="event 2 cannot be shown: it was erased"):
        disclose(erased, [1, 2])


def test_a_salt_hides_what_could_be_guessed():
    one, other = PathEvent({"passed": True}, new_salt()), PathEvent({"passed": True}, new_salt())
    assert one.leaf() != other.leaf()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda value: value["events"][0]["content"].update(hours=12), "another root"),
        (lambda value: value["events"][0].update(index=5), "hashes"),
        (lambda value: value["events"][0].update(salt="AAAAAAAAAAAAAAAAAAAAAA=="), "another root"),
        (lambda value: value["events"][0].update(salt="AAAA"), "salt has 16"),
        (lambda value: value["events"][0].update(extra=1), "nothing else"),
        (lambda value: value["events"].reverse(), "not in order"),
        (lambda value: value["events"].pop(), "fewer hashes|more hashes|another root"),
        (lambda value: value["events"].clear(), "not in order"),
        (lambda value: value["hashes"].reverse(), "another root"),
        (lambda value: value["hashes"].append(value["hashes"][0]), "more hashes"),
        (lambda value: value["hashes"].pop(), "fewer hashes"),
        (lambda value: value["hashes"].__setitem__(0, "AAAA"), "hash has 32"),
        (lambda value: value["hashes"].__setitem__(0, 7), "well formed"),
        (lambda value: value.update(size=11), "of 11"),
        (lambda value: value.update(size=True), "no number"),
        (lambda value: value.pop("size"), "nothing else"),
        (lambda value: value.update(events=None), "well formed"),
        (lambda value: value.update(hashes={}), "well formed"),
    ],
)
def test_anything_altered_is_refused(change, why):
    all_events = events(10)
    root = path_root([event.leaf() for event in all_events])
    value = disclose(all_events, [2, 6]).as_json()
    change(value)
    with pytest.raises(PathError, match=why):
        verify_path(DisclosedPath.of_json(value), root)


def test_the_check_tells_what_is_shown_missing_and_wrong():
    all_events = events(3)
    root = path_root([event.leaf() for event in all_events])
    shown = disclose(all_events, [0])
    assert check_path(shown, root).verdict is Verdict.VALID
    assert check_path(None, root).code == "path-is-not-shown"
    assert check_path(shown, None).code == "path-has-no-root"
    assert check_path(shown, PathRoot(bytes(32), 3)).verdict is Verdict.INVALID


@pytest.mark.parametrize("size", [0, (1 << 20) + 1])
def test_a_root_of_no_or_too_many_events_is_none(size):
    with pytest.raises(PathError, match="1 to"):
        PathRoot(bytes(32), size)
