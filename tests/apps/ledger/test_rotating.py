"""The key that signs the log is changed: what it signed holds, what it would sign from now on does not."""

from pathlib import Path

import pytest
from django.utils import timezone

from ronghe.apps.ledger import keys, outside, publishing, services
from ronghe.apps.ledger.errors import KeyUnavailable
from ronghe.apps.ledger.models import Checkpoint
from ronghe.apps.ledger.services import sealing
from ronghe.trust import checkpoint as notes
from ronghe.trust.log_proof import check_log_proof
from ronghe.trust.merkle import Frontier
from ronghe.trust.tiles import Tile
from ronghe.trust.verdicts import Verdict
from tests.apps.ledger.helpers import record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.RONGHE_LEDGER_KEY = ""
    settings.RONGHE_LEDGER_KEY_FILE = str(tmp_path / "ledger.pem")
    settings.RONGHE_CHECKPOINT_DIR = tmp_path / "checkpoints"
    keys.forget()
    yield tmp_path
    keys.forget()


def rotated() -> tuple[notes.VerifierKey, notes.VerifierKey]:
    record(1)
    services.seal()
    old = publishing.verifier()
    announced = services.prepare_rotation()
    assert announced in publishing.trusted_logs()
    record(2)
    new = services.rotate_key()
    assert new == announced != old
    return old, new


def test_after_a_change_the_new_key_signs_and_what_the_old_one_signed_holds(folder: Path) -> None:
    old, new = rotated()
    record(3)
    services.seal()
    _first, before, handover, after = Checkpoint.objects.order_by("size")
    assert publishing.verifier() == new
    retired = notes.VerifierKey(old.name, old.public_key, handover.size)
    assert publishing.verifiers() == publishing.trusted_logs() == (new, retired)
    for one in (before, handover, after):
        assert notes.open_checkpoint(one.note, publishing.verifiers()).checkpoint.size == one.size
    # Each key alone opens the checkpoint that both signed: trust in one reaches the other.
    for key in (old, new):
        assert notes.open_checkpoint(handover.note, [key]).checkpoint.size == handover.size
    with pytest.raises(notes.NoteError, match="no known key"):
        notes.open_checkpoint(after.note, [old])
    assert services.fsck().clean
    proof = publishing.log_proof(0)
    leaf = proof and publishing.tile_bytes(Tile(0, 0, after.size))
    assert proof and leaf
    checked = check_log_proof(proof, leaf=leaf[:32], logs=publishing.verifiers(), at=timezone.now())
    assert checked.check.verdict is Verdict.VALID


def test_whoever_comes_by_the_old_key_signs_no_longer_log_with_it(folder: Path) -> None:
    record(1)
    services.seal()
    thief = keys.signer()
    services.prepare_rotation()
    services.rotate_key()
    record(2)
    services.seal()
    frontier = Frontier().append([b"x" * 32] * 9)[0]
    forged = thief.sign(notes.Checkpoint(keys.origin(), 9, frontier.root()), time=1).encode()
    with pytest.raises(notes.NoteError, match="replaced at 2 leaves"):
        notes.open_checkpoint(forged, publishing.verifiers())


def test_what_was_recorded_before_a_change_still_authenticates_with_its_event_key(folder: Path) -> None:
    record(1)
    event_key = keys.event_key()
    services.prepare_rotation()
    services.rotate_key()
    assert keys.event_key() == event_key
    assert {path.name for path in folder.glob("ledger.pem*")} == {"ledger.pem", "ledger.pem.event"}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.glob("ledger.pem*"))


def test_a_change_that_was_cut_off_is_ended_by_whoever_seals_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(1)
    services.seal()
    announced = services.prepare_rotation()

    def cut_off() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(keys, "take_next", cut_off)
        services.rotate_key()
    keys.forget()
    assert keys.signer().verifier() != announced
    record(2)
    services.seal()
    assert keys.signer().verifier() == publishing.verifier() == announced
    assert outside.next_key() is None
    assert services.fsck().clean


def test_a_sealer_that_runs_on_takes_up_the_key_that_another_process_changed(folder: Path) -> None:
    old, new = rotated()
    # As in a process that has read the old key before.
    assert old != new
    record(3)
    sealed = services.seal()
    assert sealed.checkpoint is not None
    assert notes.open_checkpoint(sealed.checkpoint.note, [new]).checkpoint.size == sealed.checkpoint.size


def test_a_machine_with_another_key_than_the_log_names_signs_nothing(folder: Path) -> None:
    rotated()
    Path(folder / "ledger.pem").unlink()
    keys._write_key(folder / "ledger.pem", "")
    keys.forget()
    record(3)
    with pytest.raises(KeyUnavailable, match="the key here is another"):
        sealing.seal()


def test_without_a_next_key_or_with_the_key_in_the_environment_nothing_is_changed(folder: Path, settings) -> None:
    record(1)
    services.seal()
    with pytest.raises(KeyUnavailable, match="--prepare"):
        services.rotate_key()
    settings.RONGHE_LEDGER_KEY = notes.encode_base64(bytes(range(32)))
    with pytest.raises(KeyUnavailable, match="RONGHE_LEDGER_KEY_FILE"):
        services.prepare_rotation()


def test_a_key_is_changed_again_and_all_three_are_known_by_their_sizes(folder: Path) -> None:
    old, middle = rotated()
    services.prepare_rotation()
    new = services.rotate_key()
    sizes = [key.until_size for key in publishing.verifiers()]
    assert [key.public_key for key in publishing.verifiers()] == [new.public_key, middle.public_key, old.public_key]
    assert sizes == [None, 5, 4]
    assert services.fsck().clean
