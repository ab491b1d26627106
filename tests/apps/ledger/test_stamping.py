"""A checkpoint is stamped by an authority on this machine that is openssl's, kept for good, shown and checked."""

import http.server
import threading

import pytest
from django.db import DatabaseError, transaction

from ronghe.apps.ledger import selectors, services
from ronghe.apps.ledger.errors import AnchorUnavailable
from ronghe.apps.ledger.models import Timestamp
from ronghe.apps.ledger.services import anchoring
from ronghe.cli import main
from tests.apps.ledger.helpers import record
from tests.need import need
from tests.trust.stamping import OPENSSL, Authority

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    need(OPENSSL is not None, "no openssl on this machine")
    made = Authority(tmp_path_factory.mktemp("authority"))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            answer = made.stamp(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "text/plain" if self.path == "/wrong" else "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    (made.folder / "chain.pem").write_bytes(made.pem)
    yield made, f"http://127.0.0.1:{server.server_port}/tsa"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def stamped(authority, settings):
    made, settings.RONGHE_TIMESTAMP_URL = authority
    settings.RONGHE_TIMESTAMP_CERTIFICATES = str(made.folder / "chain.pem")
    record(9)
    services.seal()
    return settings


def test_a_checkpoint_is_stamped_shown_and_kept_for_good(stamped, client):
    stamp = anchoring.stamp_checkpoint()
    assert (stamp.checkpoint_id, stamp.authority) == (9, "CN=Stamps")
    for change in (lambda: Timestamp.objects.update(authority=""), lambda: Timestamp.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert f"/ledger/timestamps/{stamp.pk}" in client.get("/ledger/").content.decode()
    given = client.get(f"/ledger/timestamps/{stamp.pk}")
    assert (given.content, given["Content-Type"]) == (bytes(stamp.answer), "application/timestamp-reply")
    assert client.get("/ledger/timestamps/0").status_code == 404


def test_the_command_stamps_and_checks(stamped, tmp_path, capsys):
    assert main(["ledger", "timestamp", "send"]) == 0
    answer = bytes(Timestamp.objects.get().answer)
    (tmp_path / "stamp.tsr").write_bytes(answer)
    (tmp_path / "checkpoint").write_text(selectors.note_at(9))
    call = ["ledger", "timestamp", "check", str(tmp_path / "stamp.tsr"), "--key", selectors.verifier().encode()]
    call += ["--checkpoint", str(tmp_path / "checkpoint"), "--certificates", stamped.RONGHE_TIMESTAMP_CERTIFICATES]
    assert main(call) == 0
    (tmp_path / "stamp.tsr").write_bytes(answer[:-1] + bytes([answer[-1] ^ 1]))
    assert main(call) == 1
    (tmp_path / "checkpoint").write_text("nothing")
    assert main(call) == 2
    assert "时间戳有效" in capsys.readouterr().out


def test_what_cannot_be_stamped_is_told_with_its_mend(stamped, tmp_path):
    other = Authority(tmp_path / "other", "Somebody else")
    (tmp_path / "other.pem").write_bytes(other.pem)
    wrong = stamped.RONGHE_TIMESTAMP_URL.replace("/tsa", "/wrong")
    for name, value, why in (
        ("RONGHE_TIMESTAMP_URL", "", "time stamps are off"),
        ("RONGHE_TIMESTAMP_URL", "ftp://x", "is no address"),
        ("RONGHE_TIMESTAMP_URL", "http://127.0.0.1:9", "cannot be reached"),
        ("RONGHE_TIMESTAMP_URL", wrong, "no application/timestamp-reply"),
        ("RONGHE_TIMESTAMP_CERTIFICATES", str(tmp_path / "nowhere"), "RONGHE_TIMESTAMP_CERTIFICATES"),
        ("RONGHE_TIMESTAMP_CERTIFICATES", str(tmp_path / "other.pem"), "timestamp-is-not-trusted"),
    ):
        before = getattr(stamped, name)
        setattr(stamped, name, value)
        with pytest.raises(AnchorUnavailable, match=why):
            anchoring.stamp_checkpoint()
        setattr(stamped, name, before)
    assert not Timestamp.objects.exists()
