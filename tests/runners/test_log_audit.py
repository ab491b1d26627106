"""An audit from outside: honest growth passes; rollback, split views, altered tiles, missing witnesses do not."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ronghe.runners.log_audit import AuditError, LastAudit, audit, keep, read_last
from ronghe.runners.log_client import FolderSource, HttpSource, LogUnavailable
from ronghe.trust.checkpoint import SignerKey, VerifierKey
from ronghe.trust.merkle import Frontier
from ronghe.trust.tiles import encode, tiles_between
from ronghe.trust.verdicts import Verdict
from ronghe.trust.witness import WitnessPolicy
from tests.cli.conftest import run_here
from tests.trust.logs import LOG, TIME, WITNESSES, SmallLog, leaves_of

AT = datetime.fromtimestamp(TIME, UTC) + timedelta(hours=1)
POLICY = WitnessPolicy(tuple(one.verifier() for one in WITNESSES), 2)
LEAVES = leaves_of(66_000)
FORGED = leaves_of(2_000, "forged")


def publish(folder, leaves, *, time=TIME, witnesses=WITNESSES, signer=LOG):
    """Write a log as files, whatever was there before."""
    _frontier, completed = Frontier().append(leaves)
    levels = {0: list(leaves)}
    for level, _, hash_ in completed:
        levels.setdefault(level, []).append(hash_)
    for level, hashes in levels.items():
        for tile in tiles_between(level, 0, len(hashes)):
            path = folder / tile.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode(hashes[tile.first : tile.first + tile.width]))
    (folder / "checkpoint").write_text(SmallLog(list(leaves), signer).note(time=time, witnesses=witnesses))
    return folder


def look(folder, last=None, *, full=False, policy=POLICY, at=AT):
    return audit(FolderSource(folder), keys=[LOG.verifier()], policy=policy, at=at, last=last, full=full)


def test_a_log_that_grows_is_audited_step_by_step_reading_only_what_is_new(tmp_path):
    last = None
    for size in (1, 255, 256, 300, 513, 513, 1024, 1500):
        publish(tmp_path, LEAVES[:size])
        done = look(tmp_path, last)
        assert done.report.verdict is Verdict.VALID, done.report.checks
        assert done.last.frontier == Frontier().append(LEAVES[:size])[0]
        assert done.hashes <= size - (last.frontier.size // 256 * 256 if last else 0)
        assert look(tmp_path, last, full=True).report.verdict is Verdict.VALID
        last = LastAudit.decode(done.last.encode())


def test_sixty_six_thousand_leaves_are_read_with_the_nodes_above_them(tmp_path):
    publish(tmp_path, LEAVES)
    assert look(tmp_path).report.verdict is Verdict.VALID
    above = tmp_path / "tile/1/000"
    data = bytearray(above.read_bytes())
    data[5] ^= 1
    above.write_bytes(data)
    done = look(tmp_path)
    assert done.report.first_refusal.code == "log-does-not-make-its-root"
    assert "tile/1/000" in done.report.first_refusal.detail


def refusal(done):
    assert done.report.verdict is Verdict.INVALID
    return done.report.first_refusal.code


def test_a_rolled_back_log_is_caught_with_evidence(tmp_path):
    last = look(publish(tmp_path / "a", LEAVES[:600])).last
    done = look(publish(tmp_path / "b", LEAVES[:500], time=TIME + 60), last)
    assert refusal(done) == "log-was-rolled-back"
    evidence = keep(tmp_path / "state.json", done)
    assert evidence.read_text().startswith("rollback")
    assert last.note in evidence.read_text()
    assert not (tmp_path / "state.json").exists()


@pytest.mark.parametrize("size", [600, 601, 900, 1300])
@pytest.mark.parametrize("common", [0, 300, 590])
def test_another_version_of_the_history_is_caught_with_evidence(tmp_path, size, common):
    last = look(publish(tmp_path / "a", LEAVES[:600])).last
    other = publish(tmp_path / "b", [*LEAVES[:common], *FORGED[: size - common]])
    for full in (False, True):
        done = look(other, last, full=full)
        assert refusal(done) == "log-has-a-split-view"
        assert done.conflict.held == last.note


def test_an_altered_or_cut_tile_is_caught(tmp_path):
    publish(tmp_path, LEAVES[:600])
    tile = tmp_path / "tile/0/001"
    data = bytearray(tile.read_bytes())
    data[100] ^= 1
    tile.write_bytes(data)
    assert refusal(look(tmp_path)) == "log-does-not-make-its-root"
    tile.write_bytes(data[:-1])
    with pytest.raises(LogUnavailable, match="instead of 8192"):
        look(tmp_path)
    tile.unlink()
    with pytest.raises(LogUnavailable, match="is missing"):
        look(tmp_path)


def test_a_partial_tile_that_is_gone_is_cut_from_the_full_one(tmp_path):
    publish(tmp_path, LEAVES[:300])
    note = (tmp_path / "checkpoint").read_text()
    publish(tmp_path, LEAVES[:512])
    (tmp_path / "tile/0/001.p/44").unlink()
    (tmp_path / "checkpoint").write_text(note)
    assert look(tmp_path).report.verdict is Verdict.VALID


def test_too_few_witnesses_and_another_key_are_refused(tmp_path):
    publish(tmp_path, LEAVES[:9], witnesses=WITNESSES[:1])
    assert refusal(look(tmp_path)) == "witnesses-are-too-few"
    assert look(tmp_path, policy=WitnessPolicy()).report.verdict is Verdict.VALID
    publish(tmp_path, LEAVES[:9], signer=SignerKey(LOG.name, WITNESSES[0].private_key))
    assert refusal(look(tmp_path)) == "log-signature-does-not-hold"
    publish(tmp_path, LEAVES[:9], time=TIME + 9_000)
    assert refusal(look(tmp_path)) == "log-is-in-the-future"


def test_a_state_that_was_tampered_with_is_refused(tmp_path):
    publish(tmp_path, LEAVES[:9])
    done = look(tmp_path)
    state = tmp_path / "state.json"
    keep(state, done)
    assert read_last(state) == done.last
    value = json.loads(state.read_text())
    state.write_text(json.dumps({**value, "nodes": value["nodes"][::-1]}))
    with pytest.raises(AuditError, match="contradicts itself"):
        look(tmp_path, read_last(state))
    for text in ("", "{}", json.dumps({**value, "size": 8}), json.dumps({**value, "format": "x"})):
        state.write_text(text)
        with pytest.raises(AuditError, match="audit anew"):
            read_last(state)


def test_what_is_no_log_is_said(tmp_path):
    with pytest.raises(LogUnavailable, match="no checkpoint here"):
        look(tmp_path)
    with pytest.raises(LogUnavailable, match="no address"):
        HttpSource("ftp://example.org")


def test_the_command_says_it_in_both_languages_and_as_exit_status(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    now = int(datetime.now(UTC).timestamp())
    key = ("--key", LOG.verifier().encode())
    folder = publish(tmp_path / "log", LEAVES[:600], time=now)
    first = run_here("ledger", "audit", folder, *key)
    assert first.returncode == 0, first.stderr
    assert "账本全部条目与其签署的根哈希一致" in first.stdout.decode()
    second = run_here("ledger", "audit", publish(folder, LEAVES[:700], time=now), *key, "--json")
    value = json.loads(second.stdout)
    assert (second.returncode, value["size"], value["hashes_read"]) == (0, 700, 188)
    back = publish(tmp_path / "back", LEAVES[:100], time=now)
    third = run_here("ledger", "audit", back, *key)
    assert third.returncode == 1
    assert "evidence" in third.stdout.decode()
    assert run_here("ledger", "audit", folder).returncode == 2
    assert run_here("ledger", "audit", tmp_path / "nothing", *key).returncode == 2
    trust = tmp_path / "trust.json"
    witnesses = {"keys": [], "threshold": 0}
    trust.write_text(json.dumps({"format": "ronghe-trust-v1", "logs": [key[1]], "witnesses": witnesses}))
    assert run_here("ledger", "audit", folder, "--trust", trust).returncode == 0


def test_a_log_that_changed_its_key_is_audited_on_and_a_split_view_is_still_found(tmp_path):
    successor = SignerKey(LOG.name, Ed25519PrivateKey.from_private_bytes(b"n" * 32))
    retired = VerifierKey(LOG.name, LOG.verifier().public_key, 600)
    policy = WitnessPolicy((), 0)

    def look_with(keys, last):
        return audit(FolderSource(tmp_path), keys=keys, policy=policy, at=AT, last=last)

    publish(tmp_path, LEAVES[:600])
    last = look_with([LOG.verifier()], None).last
    publish(tmp_path, LEAVES[:900], signer=successor)
    assert look_with([LOG.verifier()], last).report.first_refusal.code == "log-signature-does-not-hold"
    assert look_with([successor.verifier(), retired], last).report.verdict is Verdict.VALID
    publish(tmp_path, FORGED[:900], signer=successor)
    split = look_with([successor.verifier(), retired], last)
    assert (split.report.first_refusal.code, split.conflict.kind) == ("log-has-a-split-view", "split-view")
    publish(tmp_path, LEAVES[:500], signer=successor)
    assert look_with([successor.verifier(), retired], last).conflict.kind == "rollback"
    # The old key signs nothing beyond the size at which it was replaced.
    publish(tmp_path, LEAVES[:900])
    late = look_with([successor.verifier(), retired], last)
    assert "replaced at 600 leaves" in late.report.first_refusal.detail
