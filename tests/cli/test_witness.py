"""`ronghe witness` as a university calls it: a folder with an encrypted key, and a program that stops when told."""

import re
import subprocess
import sys

import pytest

from ronghe.cli import main
from ronghe.runners.witness_client import Reply, ask
from ronghe.trust.checkpoint import SignatureType, SignedNote, VerifierKey
from ronghe.trust.witness import AddCheckpoint, cosignatures_in
from tests.cli.conftest import run_here
from tests.trust.logs import LOG, SmallLog, leaves_of

NAME = "witness.example.edu/ronghe"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("RONGHE_WITNESS_PASSPHRASE", "四个随机的词")
    made = run_here("witness", "init", tmp_path / "w", "--name", NAME, "--log", LOG.verifier().encode())
    assert made.returncode == 0, made.stderr
    return tmp_path / "w"


def test_a_new_witness_has_an_encrypted_key_that_only_its_owner_reads(folder):
    pem = folder / "witness.pem"
    assert b"ENCRYPTED" in pem.read_bytes()
    assert pem.stat().st_mode & 0o077 == 0
    printed = run_here("witness", "key", folder).stdout.decode().strip()
    assert VerifierKey.parse(printed, SignatureType.COSIGNATURE_V1).name == NAME


def test_a_witness_serves_cosigns_and_ends_when_told(folder):
    log = SmallLog(leaves_of(5))
    key = VerifierKey.parse(run_here("witness", "key", folder).stdout.decode().strip(), SignatureType.COSIGNATURE_V1)
    config = folder / "witness.toml"
    config.write_text(config.read_text().replace(":8401", ":0"))
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "ronghe", "witness", "serve", folder],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        url = re.search(r"http://\S+", process.stderr.readline())[0]
        reply = ask(url, AddCheckpoint(0, (), log.note()))
        assert reply.reply is Reply.COSIGNED, reply
        assert cosignatures_in(SignedNote.parse(log.note() + reply.text), [key])
        second = run_here("witness", "serve", folder)
        assert second.returncode == 2
        assert "another process serves" in second.stderr.decode()
    finally:
        process.terminate()
        assert process.wait(60) == 0
        process.stderr.close()
    status = run_here("witness", "status", folder)
    assert (status.returncode, status.stdout.decode()) == (0, f"{LOG.name}: 5\n")


def test_conflicts_are_shown_and_end_with_1(folder):
    (folder / "conflicts").mkdir()
    (folder / "conflicts" / "a.txt").write_text("rollback\n")
    status = run_here("witness", "status", folder)
    assert status.returncode == 1
    assert "日志自相矛盾" in status.stderr.decode()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("name = ", "nam = "), "nam means nothing"),
        (("127.0.0.1:8401", "nowhere"), "is no address"),
        (("+", "-"), "logs: a verifier key is"),
        (('name = "', "name = "), "witness.toml"),
        ((LOG.verifier().encode(), "x"), "logs: a verifier key is"),
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused_with_its_mend(folder, change, why):
    config = folder / "witness.toml"
    config.write_text(config.read_text().replace(*change))
    served = run_here("witness", "serve", folder)
    assert served.returncode == 2
    assert why in served.stderr.decode()


def test_a_wrong_or_missing_passphrase_and_a_second_init_are_refused(folder, monkeypatch):
    before = (folder / "witness.pem").read_bytes()
    again = run_here("witness", "init", folder, "--name", NAME)
    assert (again.returncode, (folder / "witness.pem").read_bytes()) == (2, before)
    monkeypatch.setenv("RONGHE_WITNESS_PASSPHRASE", "wrong")
    assert b"cannot be opened" in run_here("witness", "key", folder).stderr
    monkeypatch.delenv("RONGHE_WITNESS_PASSPHRASE")
    assert b"give its passphrase in" in run_here("witness", "key", folder).stderr
    assert b"has no witness.toml" in run_here("witness", "key", folder / "nowhere").stderr


def test_a_witness_loads_no_django():
    code = "import sys, ronghe.cli.witness; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    with pytest.raises(SystemExit):
        main(["witness"])
