"""Real witnesses on loopback sign this log's checkpoints; a rollback or another version is found, kept and shown."""

import contextlib

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import override_settings

from ronghe.apps.ledger import freezing, keys, outside, selectors, services, tree, witnesses
from ronghe.apps.ledger.models import Checkpoint, Cosignature, WitnessContact
from ronghe.runners.witness_client import ask
from ronghe.trust import checkpoint as notes
from ronghe.trust.checkpoint import SignatureType, open_checkpoint
from ronghe.trust.merkle import leaf_hash, root_of
from ronghe.trust.verdicts import Verdict
from ronghe.trust.witness import AddCheckpoint, check_witnesses
from tests.apps.ledger.helpers import record
from tests.runners.witnesses import serving
from tests.trust.logs import WITNESSES

pytestmark = pytest.mark.django_db(transaction=True)

States = WitnessContact.State


def setting(signer, url):
    return f"{signer.verifier().encode(SignatureType.COSIGNATURE_V1)} {url}"


@pytest.fixture
def three(tmp_path):
    """Three witnesses that serve, and are named in the settings."""
    with contextlib.ExitStack() as stack:
        log = keys.signer().verifier()
        urls = [
            stack.enter_context(serving(tmp_path / str(number), signer, log)) for number, signer in enumerate(WITNESSES)
        ]
        lines = [setting(signer, url) for signer, url in zip(WITNESSES, urls, strict=True)]
        stack.enter_context(override_settings(RONGHE_WITNESSES=lines))
        yield urls


def grow(count):
    record(count)
    services.seal()


@pytest.mark.postgres
def test_each_checkpoint_is_cosigned_by_all_and_satisfies_two_of_three(three):
    for count in (3, 300, 1):
        grow(count)
        asked = services.ask_witnesses()
        assert [(one.state, one.detail) for one in asked] == [(States.SIGNED, "")] * 3
        newest = Checkpoint.objects.order_by("-size").first()
        check = check_witnesses(selectors.note_of(newest), selectors.witness_policy(), at=newest.signed_at)
        assert check.verdict is Verdict.VALID, check
        assert selectors.witnessed_checkpoint() == newest
    assert services.ask_witnesses() == []
    assert Cosignature.objects.count() == 9
    assert [line.size for line in selectors.witness_lines()] == [304] * 3


def test_a_witness_that_was_asked_past_us_is_caught_up_from_where_it_stands(three):
    grow(5)
    newest = Checkpoint.objects.get()
    # The answer to this one was lost: the witness is at 5, and nothing is kept here.
    ask(three[0], AddCheckpoint(0, (), newest.note))
    grow(4)
    assert {one.state for one in services.ask_witnesses()} == {States.SIGNED}


def test_a_witness_that_cannot_be_reached_holds_up_nobody(three):
    lines = [setting(WITNESSES[0], "http://127.0.0.1:1")]
    with override_settings(RONGHE_WITNESSES=lines, RONGHE_WITNESS_THRESHOLD=1):
        grow(2)
        (asked,) = services.ask_witnesses(timeout=1)
        assert asked.state == States.UNREACHABLE
        assert selectors.witnessed_checkpoint() is None
        assert selectors.log_proof(0) is None
        (line,) = selectors.witness_lines()
        assert (line.is_failing, line.is_in_conflict, line.size) == (True, False, 0)


def larger_history(size):
    """A checkpoint that this log's key signed of a history that the database does not have."""
    leaves = [leaf_hash(b"gone %d" % number) for number in range(size)]
    head = notes.Checkpoint(keys.origin(), size, root_of(leaves))
    return keys.signer().sign(head, time=1_790_000_000).encode()


@pytest.mark.parametrize(("size", "kind"), [(9, "rollback"), (4, "split-view"), (3, "split-view")])
def test_a_witness_that_holds_another_history_is_evidence_that_is_kept_and_shown(three, client, size, kind):
    held = larger_history(size)
    ask(three[1], AddCheckpoint(0, (), held))
    grow(4)
    asked = {one.witness: one for one in services.ask_witnesses()}
    other = asked.pop(WITNESSES[1].name)
    assert {one.state for one in asked.values()} == {States.SIGNED}
    assert other.state == States.CONFLICT
    (path,) = selectors.conflicts()
    assert other.detail == path.name
    text = path.read_text()
    assert text.startswith(kind)
    for note in (held, Checkpoint.objects.get().note):
        assert note in text
        open_checkpoint(note, [keys.signer().verifier()])
    grow(1)
    services.ask_witnesses()
    assert len(selectors.conflicts()) == 1
    page = client.get("/ledger/").content.decode()
    assert path.name in page
    assert client.get(f"/ledger/conflicts/{path.name}").content.decode() == text
    assert client.get("/ledger/conflicts/nothing.txt").status_code == 404
    assert Cosignature.objects.filter(witness=WITNESSES[1].name).count() == 0


def test_no_transaction_is_open_while_a_witness_is_asked(three, monkeypatch):
    from ronghe.apps.ledger.services import witnessing

    grow(2)
    seen = []
    real = witnessing._all_at_once

    def watched(work, given):
        seen.append(connection.in_atomic_block)
        return real(work, given)

    monkeypatch.setattr(witnessing, "_all_at_once", watched)
    services.ask_witnesses()
    assert seen == [False, False]


@pytest.mark.postgres
def test_a_cosignature_is_never_changed_or_removed(three):
    grow(2)
    services.ask_witnesses()
    row = Cosignature.objects.first()
    for change in (lambda: Cosignature.objects.filter(pk=row.pk).update(line="x"), row.delete):
        with pytest.raises(DatabaseError, match="the ledger only grows"), transaction.atomic():
            change()
    assert freezing.problems(connection) == []


def test_sealing_by_hand_says_what_each_witness_answered(three, capsys):
    record(2)
    call_command("ledger_seal")
    assert capsys.readouterr().out.splitlines()[1:] == [f"{signer.name}: signed" for signer in WITNESSES]


def test_the_sealer_s_loop_asks_and_waits_longer_for_who_fails(three):
    grow(2)
    turns = iter(range(6))
    services.witness_forever(interval=0.0, stop=lambda: next(turns, None) is None, sleep=lambda seconds: None)
    assert Cosignature.objects.count() == 3


def test_witnesses_that_make_no_sense_are_refused_with_their_mend():
    line = setting(WITNESSES[0], "https://w.example.org")
    for lines, why in (
        (["x https://w.example.org"], "verifier key"),
        ([line.split(" ")[0]], "comes its address"),
        ([line.replace("https", "ftp")], "comes its address"),
    ):
        with override_settings(RONGHE_WITNESSES=lines), pytest.raises(ImproperlyConfigured, match=why):
            witnesses.configured()
    with override_settings(RONGHE_WITNESSES=[line]), pytest.raises(ImproperlyConfigured, match="can never sign"):
        witnesses.policy()


def test_an_empty_log_asks_nobody_and_one_without_witnesses_proves_by_its_newest_checkpoint():
    assert services.ask_witnesses() == []
    grow(3)
    assert services.ask_witnesses() == []
    assert selectors.witnessed_checkpoint() == Checkpoint.objects.get()
    assert outside.read_latest() == selectors.note_of(Checkpoint.objects.get())
    assert tree.frontier(3).root() == bytes(Checkpoint.objects.get().root)
