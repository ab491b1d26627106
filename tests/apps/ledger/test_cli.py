"""`ronghe ledger` as an operator calls it: what it prints and how it exits."""

import os
import subprocess
import sys

import pytest

from ronghe.apps.ledger import keys, outside
from ronghe.cli import main
from tests.apps.ledger.helpers import event_at, intruder, make_log, record

pytestmark = pytest.mark.django_db(transaction=True)


def test_sealing_says_how_far_the_log_has_grown(capsys):
    record(3)
    assert main(["ledger", "seal"]) == 0
    assert capsys.readouterr().out == "3 events sealed; the log has 3 leaves\n"


def test_sealing_an_altered_log_fails_with_the_reason(capsys):
    make_log()
    with intruder() as cursor:
        cursor.execute("DELETE FROM ledger_checkpoint WHERE size = 40")
    assert main(["ledger", "seal"]) == 1
    assert "leaves after checkpoint 30" in capsys.readouterr().err


def test_a_clean_log_exits_with_0(capsys):
    make_log()
    assert main(["ledger", "fsck"]) == 0
    assert capsys.readouterr().out == "40 leaves and 5 events that wait: nothing found\n"


def test_the_first_bad_leaf_is_on_the_first_line_and_the_exit_status_is_1(capsys):
    make_log()
    event = event_at(17)
    with intruder() as cursor:
        cursor.execute(f"UPDATE ledger_event SET subject = 'a.b:1' WHERE id IN ({event}, {event_at(30)})")
    assert main(["ledger", "fsck"]) == 1
    assert capsys.readouterr().out.splitlines()[0].startswith(f"leaf 17, event {event}: changed: ")


def test_a_log_without_a_checkpoint_outside_exits_with_2(capsys):
    make_log()
    for path in outside.kept_notes():
        path.unlink()
    assert main(["ledger", "fsck"]) == 2
    assert "not checked: no checkpoint in" in capsys.readouterr().out


def test_a_checkpoint_from_elsewhere_finds_what_was_cut_off(capsys, tmp_path):
    make_log(waiting=0)
    (tmp_path / "kept").write_text(outside.read_latest())
    for path in outside.kept_notes():
        path.unlink()
    with intruder() as cursor:
        cursor.execute('DELETE FROM ledger_leaf WHERE "index" >= 30')
        cursor.execute("DELETE FROM ledger_checkpoint WHERE size > 30")
    assert main(["ledger", "fsck", "--checkpoint", str(tmp_path / "kept")]) == 1
    assert capsys.readouterr().out.startswith("leaf 30: truncated: ")


@pytest.mark.parametrize("content", ["", "nonsense", "\u2014", "a\n1\nAAAA\n\n\u2014 a AAAA\n"])
def test_a_file_that_is_no_checkpoint_exits_with_2_and_says_so(content, tmp_path, capsys):
    make_log()
    (tmp_path / "kept").write_text(content)
    assert main(["ledger", "fsck", "--checkpoint", str(tmp_path / "kept")]) == 2
    assert "the checkpoint cannot be used" in capsys.readouterr().err


def test_a_file_that_is_not_there_exits_with_2(tmp_path, capsys):
    assert main(["ledger", "fsck", "--checkpoint", str(tmp_path / "nothing")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_the_printed_key_is_the_one_that_checks(capsys):
    make_log()
    assert main(["ledger", "key"]) == 0
    key = capsys.readouterr().out.strip()
    assert key == keys.signer().verifier().encode()
    assert main(["ledger", "fsck", "--key", key]) == 0
    assert main(["ledger", "fsck", "--key", key[:-2] + "=="]) == 2


def test_a_key_of_the_environment_is_written_into_a_file_and_changed_from_there(capsys, settings, tmp_path):
    record(3)
    before, path = keys.signer().verifier(), tmp_path / "moved.pem"
    assert main(["ledger", "rotate-key", "--prepare"]) == 1
    assert "ledger key --to-file FILE" in capsys.readouterr().err
    assert main(["ledger", "key", "--to-file", str(path)]) == 0
    assert f"RONGHE_LEDGER_KEY_FILE={path}" in capsys.readouterr().err
    assert path.stat().st_mode & 0o777 == 0o600
    assert main(["ledger", "key", "--to-file", str(path)]) == 1
    settings.RONGHE_LEDGER_KEY, settings.RONGHE_LEDGER_KEY_FILE = "", str(path)
    keys.forget()
    assert keys.signer().verifier() == before
    assert [main(["ledger", "rotate-key", *more]) for more in (["--prepare"], [])] == [0, 0]
    assert keys.signer().verifier() != before
    # What was recorded before authenticates still.
    assert main(["ledger", "fsck", "--quiet"]) == 0
    assert main(["ledger", "key", "--to-file", str(tmp_path / "again.pem")]) == 1
    assert "in a file already" in capsys.readouterr().err


def test_a_folder_without_a_site_is_told_and_not_traced(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "RONGHE_DATA_DIR": str(tmp_path),
    }
    call = [sys.executable, "-m", "ronghe", "ledger", "fsck"]
    ended = subprocess.run(call, capture_output=True, text=True, check=False, env=environment)
    assert ended.returncode == 2
    assert ended.stderr.startswith("ronghe ledger: no site stands in this database.")
    assert str(tmp_path) in ended.stderr
