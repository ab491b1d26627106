"""A witness signs growth alone; forks, rollbacks and unproved growth get no signature, and the evidence is kept."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ronghe.trust.checkpoint import NoteError, SignatureType, SignedNote, SignerKey, VerifierKey
from ronghe.trust.verdicts import Verdict
from ronghe.trust.witness import (
    AddCheckpoint,
    Answer,
    ConflictKind,
    Witness,
    WitnessPolicy,
    check_witnesses,
    cosignatures_in,
)
from tests.trust.logs import LOG, TIME, WITNESSES, SmallLog, leaves_of

AT = datetime.fromtimestamp(TIME, UTC) + timedelta(hours=1)
WITNESS = Witness(WITNESSES[0], (LOG.verifier(),))
POLICY = WitnessPolicy(tuple(signer.verifier() for signer in WITNESSES), 2)
ANY_LOG = SmallLog(leaves_of(20))
# The example of C2SP tlog-witness.
EXAMPLE = (
    b"old 20852014\n"
    b"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
    b"jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
    b"5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
    b"/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
    b"\n"
    b"example.com/behind-the-sofa\n"
    b"20852163\n"
    b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    b"\n"
    b"\xe2\x80\x94 example.com/behind-the-sofa "
    b"Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)


def grow(log: SmallLog, first: int, second: int, *, time: int = TIME) -> AddCheckpoint:
    return AddCheckpoint(first, log.consistency(first, second) if first else (), log.note(second, time=time))


def test_the_published_request_is_read_and_written():
    request = AddCheckpoint.parse(EXAMPLE)
    assert (request.old_size, len(request.proof)) == (20852014, 4)
    assert request.encode() == EXAMPLE


@given(st.lists(st.integers(0, 20), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_growth_is_cosigned_step_by_step_and_each_signature_holds(steps):
    held, size = None, 0
    for step in sorted(steps):
        if step == 0:
            continue
        decision = WITNESS.decide(grow(ANY_LOG, size, step, time=TIME + step), held=held, time=TIME + step)
        assert decision.answer is Answer.COSIGNED, decision
        note = SignedNote.parse(decision.note + decision.line)
        assert cosignatures_in(note, [WITNESSES[0].verifier()]) == {WITNESSES[0].name: TIME + step}
        held, size = decision.note, step


def test_the_same_checkpoint_may_be_cosigned_again():
    decision = WITNESS.decide(grow(ANY_LOG, 7, 7), held=ANY_LOG.note(7), time=TIME)
    assert decision.answer is Answer.COSIGNED


def test_a_fork_of_the_same_size_is_refused_with_evidence_that_anyone_can_check():
    fork = SmallLog(leaves_of(7, "forged"))
    held = ANY_LOG.note(7)
    decision = WITNESS.decide(AddCheckpoint(7, (), fork.note(7)), held=held, time=TIME)
    assert (decision.answer, decision.line, decision.size) == (Answer.FORK, "", 7)
    assert decision.conflict is not None
    assert decision.conflict.kind is ConflictKind.SPLIT_VIEW
    assert held in decision.conflict.text()
    assert fork.note(7) in decision.conflict.text()


@pytest.mark.parametrize(("old", "answer"), [(0, Answer.STALE), (5, Answer.STALE), (9, Answer.MALFORMED)])
def test_a_fork_is_evidence_also_where_the_protocol_answers_that_the_old_size_is_wrong(old, answer):
    fork = SmallLog(leaves_of(7, "forged"))
    decision = WITNESS.decide(AddCheckpoint(old, (), fork.note(7)), held=ANY_LOG.note(7), time=TIME)
    assert (decision.answer, decision.line, decision.size) == (answer, "", 7)
    assert decision.conflict is not None
    assert decision.conflict.kind is ConflictKind.SPLIT_VIEW


@pytest.mark.parametrize("size", [9, 12, 20])
def test_a_fork_that_grew_is_refused(size):
    fork = SmallLog([*ANY_LOG.leaves[:6], *leaves_of(14, "forged")])
    decision = WITNESS.decide(grow(fork, 7, size), held=ANY_LOG.note(7), time=TIME)
    assert (decision.answer, decision.line, decision.note) == (Answer.NOT_PROVED, "", "")


def test_a_smaller_log_signed_later_is_a_rollback_and_a_late_one_is_only_stale():
    held = ANY_LOG.note(12, time=TIME)
    rolled_back = WITNESS.decide(grow(ANY_LOG, 5, 8, time=TIME + 60), held=held, time=TIME + 60)
    assert (rolled_back.answer, rolled_back.size, rolled_back.line) == (Answer.STALE, 12, "")
    assert rolled_back.conflict is not None
    assert rolled_back.conflict.kind is ConflictKind.ROLLBACK
    late = WITNESS.decide(grow(ANY_LOG, 5, 8, time=TIME - 60), held=held, time=TIME)
    assert (late.answer, late.size, late.conflict) == (Answer.STALE, 12, None)


@pytest.mark.parametrize("old", [0, 6, 8])
def test_who_does_not_know_what_was_last_signed_is_told(old):
    decision = WITNESS.decide(grow(ANY_LOG, old, 9), held=ANY_LOG.note(7), time=TIME)
    assert (decision.answer, decision.size) == (Answer.STALE, 7)


def test_a_log_that_is_not_looked_after_and_a_checkpoint_that_is_not_signed_are_refused():
    stranger = SmallLog(leaves_of(3), SignerKey("other.example.org", WITNESSES[1].private_key))
    assert WITNESS.decide(grow(stranger, 0, 3), held=None, time=TIME).answer is Answer.UNKNOWN_LOG
    impostor = SmallLog(leaves_of(3), SignerKey(LOG.name, WITNESSES[1].private_key))
    assert WITNESS.decide(grow(impostor, 0, 3), held=None, time=TIME).answer is Answer.NOT_SIGNED
    altered = ANY_LOG.note(5).replace("\n5\n", "\n6\n")
    assert WITNESS.decide(AddCheckpoint(0, (), altered), held=None, time=TIME).answer is Answer.NOT_SIGNED
    assert WITNESS.decide(AddCheckpoint(0, (), "nonsense"), held=None, time=TIME).answer is Answer.MALFORMED


def test_a_first_checkpoint_comes_without_a_proof_and_an_old_size_is_not_larger_than_the_new():
    with_proof = AddCheckpoint(0, (bytes(32),), ANY_LOG.note(3))
    assert WITNESS.decide(with_proof, held=None, time=TIME).answer is Answer.NOT_PROVED
    larger = AddCheckpoint(9, (), ANY_LOG.note(8))
    assert WITNESS.decide(larger, held=ANY_LOG.note(8), time=TIME).answer is Answer.MALFORMED


@pytest.mark.parametrize(
    "body",
    [b"", b"old 1", b"old 01\n\nx", b"old -1\n\nx", b"new 1\n\nx", b"old 1\nAAAA\n\nx", b"old 1\n\xff\n\nx",
     b"old 1\n" + b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 64 + b"\nx", b"x" * 70_000],
)  # fmt: skip
def test_what_is_no_request_is_refused_when_read(body):
    with pytest.raises(NoteError):
        AddCheckpoint.parse(body)


@pytest.mark.parametrize("count", range(4))
def test_two_of_three_witnesses_suffice_and_fewer_do_not(count):
    check = check_witnesses(ANY_LOG.note(witnesses=WITNESSES[:count]), POLICY, at=AT)
    assert check.verdict is (Verdict.VALID if count >= 2 else Verdict.INVALID)
    assert check.code == ("witnesses-suffice" if count >= 2 else "witnesses-are-too-few")


def test_one_witness_who_signed_twice_counts_once():
    check = check_witnesses(ANY_LOG.note(witnesses=[WITNESSES[0], WITNESSES[0]]), POLICY, at=AT)
    assert check.code == "witnesses-are-too-few"


def test_a_witness_signature_of_another_checkpoint_or_of_the_future_is_refused():
    other = ANY_LOG.note(4, witnesses=[WITNESSES[2]]).splitlines(keepends=True)[-1]
    note = ANY_LOG.note(witnesses=WITNESSES[:2])
    assert check_witnesses(note + other, POLICY, at=AT).code == "witness-signature-does-not-hold"
    text = SignedNote.parse(note).text
    future = WITNESSES[2].cosign(text, time=TIME + 9_000).line()
    assert check_witnesses(note + future, POLICY, at=AT).code == "witness-is-in-the-future"


def test_strangers_are_passed_over_and_altered_names_are_not():
    stranger = SignerKey("stranger.example.org", WITNESSES[2].private_key)
    policy = WitnessPolicy(POLICY.keys[:2], 2)
    note = ANY_LOG.note(witnesses=[*WITNESSES[:2], stranger])
    assert check_witnesses(note, policy, at=AT).verdict is Verdict.VALID
    renamed = ANY_LOG.note(witnesses=WITNESSES).replace("witness3.", "witness4.")
    assert check_witnesses(renamed, POLICY, at=AT).code == "witness-signature-does-not-hold"


def test_without_named_witnesses_nothing_is_known_and_none_may_be_asked_for():
    assert check_witnesses(ANY_LOG.note(), WitnessPolicy(), at=AT).verdict is Verdict.UNKNOWN
    assert check_witnesses(ANY_LOG.note(), WitnessPolicy(threshold=0), at=AT).code == "witnesses-are-not-required"


def test_a_policy_that_nobody_can_meet_is_refused():
    key = WITNESSES[0].verifier()
    for keys, threshold in (((key,), 2), ((key, key), 1), ((key, VerifierKey("x", key.public_key)), 1), ((key,), -1)):
        with pytest.raises(NoteError):
            WitnessPolicy(keys, threshold)


def test_a_witness_s_key_is_written_as_one_for_cosignatures():
    key = WITNESSES[0].verifier()
    text = key.encode(SignatureType.COSIGNATURE_V1)
    assert VerifierKey.parse(text, SignatureType.COSIGNATURE_V1) == key
    with pytest.raises(NoteError, match="for checkpoints"):
        VerifierKey.parse(text)


def test_a_witness_goes_on_over_a_change_of_key_and_finds_forks_across_it():
    successor = SignerKey(LOG.name, Ed25519PrivateKey.from_private_bytes(b"n" * 32))
    retired = VerifierKey(LOG.name, LOG.verifier().public_key, 12)
    before, after = SmallLog(leaves_of(20)), SmallLog(leaves_of(20), successor)
    held = before.note(12)
    witness = Witness(WITNESSES[0], (successor.verifier(), retired))
    grown = AddCheckpoint(12, after.consistency(12, 20), after.note(20, time=TIME + 1))
    assert witness.decide(grown, held=held, time=TIME).answer is Answer.COSIGNED
    fork = SmallLog(leaves_of(12, "forged"), successor)
    decision = witness.decide(AddCheckpoint(12, (), fork.note(time=TIME + 1)), held=held, time=TIME)
    assert decision.conflict.kind is ConflictKind.SPLIT_VIEW
    rolled_back = witness.decide(AddCheckpoint(12, (), after.note(5, time=TIME + 1)), held=held, time=TIME)
    assert rolled_back.conflict.kind is ConflictKind.ROLLBACK
    late = AddCheckpoint(12, before.consistency(12, 20), before.note(20, time=TIME + 1))
    assert witness.decide(late, held=held, time=TIME).answer is Answer.NOT_SIGNED
    assert VerifierKey.parse(retired.encode()) == retired
    for wrong in ("x", "-1", "01", ""):
        with pytest.raises(NoteError, match="until"):
            VerifierKey.parse(LOG.verifier().encode() + " until " + wrong)
