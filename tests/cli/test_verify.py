"""`ronghe verify` as an employer calls it: offline, in both languages, with an exit status that scripts can use."""

import json
import subprocess
import sys
import zlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ronghe.trust.bundle import verify_bundle
from ronghe.trust.packing import pack
from ronghe.trust.proof import KeySigner
from ronghe.trust.receipt import receipt
from ronghe.trust.status_statement import Status
from ronghe.trust.verdicts import Report
from tests.cli.conftest import run_apart, run_here
from tests.trust.bundles import NOW, PARTS, TRUST
from tests.trust.certificates import SIGNER, signed

AT = ("--at", NOW.isoformat().replace("+00:00", "Z"))


@pytest.fixture
def trust(tmp_path):
    path = tmp_path / "trust.json"
    path.write_text(json.dumps(TRUST.as_json()))
    return path


@pytest.fixture
def files(tmp_path):
    found = {
        "good": PARTS.build(),
        "revoked": PARTS.build(status=Status.REVOKED),
        "stale": PARTS.build(status=None),
        "bare": json.dumps(signed()).encode(),
        "nothing": b"nothing",
        "packed": pack(PARTS.build()),
        "paper.pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nstream\n" + zlib.compress(PARTS.build()) + b"\nendstream",
        "empty.pdf": b"%PDF-1.7",
    }
    for name, data in found.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


@pytest.mark.parametrize(
    ("names", "status", "said"),
    [
        (["good"], 0, "● valid 有效"),
        (["revoked"], 1, "证书已被撤销。 The certificate is revoked."),
        (["stale"], 2, "○ unknown 未知 — 没有关于是否撤销的说明。"),
        (["bare"], 2, "status-list|status 撤销状态"),
        (["nothing"], 1, "文件格式不正确"),
        (["packed"], 0, "● valid 有效"),
        (["paper.pdf"], 0, "● valid 有效"),
        (["empty.pdf"], 2, "○ unknown 未知 — 文件中没有附带证书。"),
        (["missing", "good", "revoked"], 1, "good: ● valid"),
        (["missing", "good"], 2, "good: ● valid"),
        (["good", "stale", "revoked"], 1, "good: ● valid"),
        (["good", "stale"], 2, "stale: ○ unknown"),
    ],
)
def test_the_verdict_is_said_in_both_languages_and_as_exit_status(files, trust, names, status, said):
    done = run_here("verify", *[files / name for name in names], "--trust", trust, *AT)
    assert done.returncode == status, done.stdout.decode()
    text = done.stdout.decode()
    assert any(part in text for part in said.split("|")), text


def test_json_has_every_answer_with_its_words(files, trust):
    done = run_here("verify", files / "good", "--json", "--trust", trust, *AT)
    value = json.loads(done.stdout)
    assert value["verdict"] == "valid"
    assert {check["check"] for check in value["checks"]} >= {"form", "issuer", "signature", "log", "witnesses"}
    assert all(check["zh"] and check["en"] for check in value["checks"])


def test_quiet_says_nothing_and_a_file_may_come_by_a_pipe(files, trust):
    done = run_here("verify", "-", "--quiet", "--trust", trust, *AT, stdin=(files / "good").read_bytes())
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_the_trusted_keys_may_lie_in_their_usual_place_or_be_named_by_the_environment(files, trust, monkeypatch):
    monkeypatch.setenv("RONGHE_TRUST", str(trust))
    assert run_here("verify", files / "good", *AT).returncode == 0
    monkeypatch.delenv("RONGHE_TRUST")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(files))
    missing = run_here("verify", files / "good", *AT)
    assert missing.returncode == 2
    assert "your community publishes it" in missing.stderr.decode()
    (files / "ronghe").mkdir()
    trust.rename(files / "ronghe" / "trust.toml")
    assert run_here("verify", files / "good", *AT).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [(("--at", "soon"), "is no moment"), (("--trust", "good"), "trusted keys"), (("absent",), "No such file")],
)
def test_a_call_that_makes_no_sense_is_refused_with_its_mend(files, trust, monkeypatch, arguments, why):
    monkeypatch.chdir(files)
    monkeypatch.setenv("RONGHE_TRUST", str(trust))
    done = run_here("verify", files / "good", *arguments)
    assert done.returncode == 2
    assert why in done.stderr.decode()


def test_the_program_itself_loads_neither_django_nor_a_network_and_warns_of_nothing(files, trust):
    assert run_apart("verify", files / "good", "--trust", trust, *AT).returncode == 0
    code = (
        "import sys, ronghe.cli.verify; "
        "sys.exit(str({'django', 'http.client', 'urllib.request', 'numpy'} & set(sys.modules) or '') or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_receipt_is_told_for_its_file_alone_and_only_if_a_trusted_issuer_signed_it(files, trust):
    said = {"verifier": "示例大学", "at": NOW, "signer": SIGNER}
    for name in ("good", "revoked", "paper.pdf"):
        data = (files / name.replace("paper.pdf", "good")).read_bytes()
        report = verify_bundle(data, trust=TRUST, at=NOW)
        # As the platform hands it out, for people to read.
        (files / f"of-{name}").write_text(json.dumps(receipt(data, report, **said), ensure_ascii=False, indent=1))
    stranger = KeySigner(Ed25519PrivateKey.generate(), "did:web:other.example#k")
    (files / "of-nobody").write_text(json.dumps(receipt(b"", Report(()), **{**said, "signer": stranger})))
    for paper, name, status, told in (
        ("of-good", "good", 0, "示例大学, 2026-11-23T08:00:00Z): ● valid"),
        ("of-paper.pdf", "paper.pdf", 0, "● valid"),
        ("of-revoked", "revoked", 1, "证书已被撤销。"),
        ("of-good", "revoked", 1, "the receipt is for another file"),
        ("of-nobody", "good", 2, "nobody of those who are trusted is did:web:other.example#k"),
        ("nothing", "good", 1, "文件格式不正确"),
    ):
        done = run_here("verify", files / name, "--receipt", files / paper, "--trust", trust, *AT)
        assert (done.returncode, told in done.stdout.decode()) == (status, True), done.stdout.decode()
    done = run_here("verify", files / "good", "--receipt", files / "of-good", "--json", "--trust", trust, *AT)
    assert json.loads(done.stdout)["verifier"] == "示例大学"
    alone = run_here("verify", files / "of-good", "--trust", trust, *AT)
    assert (alone.returncode, b"--receipt" in alone.stdout) == (2, True)
    two = run_here("verify", files / "good", files / "good", "--receipt", files / "of-good", "--trust", trust, *AT)
    assert two.returncode == 2
