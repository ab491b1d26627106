"""The witness's program over real HTTP: what it answers, what it keeps, and that no kill makes it sign a rollback."""

import http.client
import json
import subprocess
import sys
import threading

import pytest

from ronghe.runners.files import create_file
from ronghe.runners.witness_client import Reply, ask, held_by
from ronghe.runners.witness_service import StateUnreadable, WitnessServer, WitnessState, folder_name
from ronghe.trust.checkpoint import SignatureType, SignedNote, VerifierKey
from ronghe.trust.witness import AddCheckpoint, Answer, Witness, cosignatures_in
from tests.need import PROJECT
from tests.runners.witnesses import serving
from tests.trust.logs import LOG, TIME, WITNESSES, SmallLog, leaves_of

LOGGED = SmallLog(leaves_of(30))
KEY = WITNESSES[0].verifier()


def grow(first: int, second: int, *, time: int = TIME, log: SmallLog = LOGGED) -> AddCheckpoint:
    return AddCheckpoint(first, log.consistency(first, second) if first else (), log.note(second, time=time))


def test_a_log_that_grows_is_cosigned_and_the_witness_tells_what_it_holds(tmp_path):
    with serving(tmp_path, WITNESSES[0], LOG.verifier()) as url:
        for first, second in ((0, 3), (3, 17), (17, 30)):
            reply = ask(url, grow(first, second))
            assert reply.reply is Reply.COSIGNED, reply
            note = SignedNote.parse(LOGGED.note(second) + reply.text)
            assert cosignatures_in(note, [KEY]).keys() == {KEY.name}
        assert held_by(url, LOG.name) == LOGGED.note(30)
        assert held_by(url, "another.example.org") is None


def test_stale_forked_unsigned_and_malformed_requests_get_the_statuses_of_the_protocol(tmp_path):
    fork = SmallLog(leaves_of(17, "forged"))
    with serving(tmp_path, WITNESSES[0], LOG.verifier()) as url:
        ask(url, grow(0, 17))
        stale = ask(url, grow(3, 20))
        assert (stale.reply, stale.size) == (Reply.STALE, 17)
        assert ask(url, AddCheckpoint(17, (), fork.note(17))).reply is Reply.FORK
        assert ask(url, AddCheckpoint(17, (bytes(32),), LOGGED.note(20))).text.startswith("HTTP 422")
        altered = LOGGED.note(20).replace("\n20\n", "\n21\n")
        assert ask(url, AddCheckpoint(17, (), altered)).text.startswith("HTTP 403")
        stranger = SmallLog(leaves_of(3), WITNESSES[1])
        assert ask(url, AddCheckpoint(0, (), stranger.note(3))).text.startswith("HTTP 404")
        assert ask(url, AddCheckpoint(0, (), "x\n")).text.startswith("HTTP 400")
        assert held_by(url, LOG.name) == LOGGED.note(17)
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
        for method, path, body, status in (
            ("GET", "/", None, 200),
            ("GET", "/conflicts", None, 200),
            ("GET", "/nowhere", None, 404),
            ("GET", "/conflicts/../witness.pem", None, 404),
            ("POST", "/elsewhere", b"x", 404),
            ("POST", "/add-checkpoint", b"nonsense", 400),
        ):
            connection.request(method, path, body=body)
            answer = connection.getresponse()
            text = answer.read().decode()
            assert answer.status == status, (method, path, text)
            if path == "/":
                about = json.loads(text)
                assert VerifierKey.parse(about["key"], SignatureType.COSIGNATURE_V1) == KEY
                assert about["conflicts"] == 1
        connection.putrequest("POST", "/add-checkpoint")
        connection.putheader("Content-Length", "70000")
        connection.endheaders()
        assert connection.getresponse().status == 413
        connection.close()


def test_evidence_of_a_fork_and_of_a_rollback_is_kept_for_anyone_to_check(tmp_path):
    state = WitnessState(tmp_path)
    witness = Witness(WITNESSES[0], (LOG.verifier(),))
    state.prepare(witness)
    assert state.answer(witness, grow(0, 17), now=TIME).answer is Answer.COSIGNED
    forked = SmallLog(leaves_of(17, "forged")).note(17)
    state.answer(witness, AddCheckpoint(17, (), forked), now=TIME)
    rolled_back = LOGGED.note(9, time=TIME + 100)
    assert state.answer(witness, AddCheckpoint(0, (), rolled_back), now=TIME + 100).answer is Answer.STALE
    texts = sorted(path.read_text() for path in state.conflicts())
    assert [text.split("\n")[0] for text in texts] == ["rollback", "split-view"]
    assert rolled_back in texts[0]
    assert forked in texts[1]
    assert all(LOGGED.note(17) in text for text in texts)


def test_two_growths_at_once_are_answered_one_after_the_other(tmp_path):
    state = WitnessState(tmp_path)
    witness = Witness(WITNESSES[0], (LOG.verifier(),))
    state.prepare(witness)
    answers = []
    threads = [
        threading.Thread(target=lambda size=size: answers.append(state.answer(witness, grow(0, size), now=TIME)))
        for size in (5, 9, 12, 14)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(decision.answer for decision in answers) == [
        Answer.COSIGNED,
        Answer.STALE,
        Answer.STALE,
        Answer.STALE,
    ]


def test_a_state_that_the_log_never_signed_stops_the_witness(tmp_path):
    witness = Witness(WITNESSES[0], (LOG.verifier(),))
    WitnessState(tmp_path).prepare(witness)
    (tmp_path / "held" / folder_name(LOG.name)).write_text(LOGGED.note(9).replace("\n9\n", "\n8\n"))
    with pytest.raises(StateUnreadable, match="restore the file"):
        WitnessState(tmp_path).prepare(witness)


def test_what_cannot_be_reached_is_said_and_nothing_is_raised():
    assert ask("http://127.0.0.1:1", grow(0, 3), timeout=1).reply is Reply.UNREACHABLE
    assert ask("ftp://example.org", grow(0, 3)).reply is Reply.UNREACHABLE
    assert held_by("http://127.0.0.1:1", LOG.name, timeout=1) is None


def test_a_key_file_is_never_overwritten(tmp_path):
    create_file(tmp_path / "key", b"first")
    with pytest.raises(FileExistsError):
        create_file(tmp_path / "key", b"second")
    assert (tmp_path / "key").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_witness_killed_at_any_write_never_holds_less_than_it_cosigned(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.runners.witness_kills", tmp_path, *map(str, range(1, 15))],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "14\n"), done.stderr


def test_a_caller_that_hangs_up_is_logged_in_a_line_and_a_fault_with_its_trace(tmp_path, caplog):
    server = WitnessServer(("127.0.0.1", 0), Witness(WITNESSES[0], (LOG.verifier(),)), WitnessState(tmp_path))
    caplog.set_level("INFO")
    with server:
        for error in (BrokenPipeError(), ValueError()):
            try:
                raise error
            except type(error):
                server.handle_error(None, ("127.0.0.1", 1))
    assert [(record.levelname, record.exc_info is not None) for record in caplog.records] == [
        ("INFO", False),
        ("ERROR", True),
    ]
