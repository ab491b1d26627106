"""The public face of the log: tiles that rebuild it, proofs that hold, caches that know them, and no entries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ronghe.apps.ledger import proofs, selectors, services, tile_views, tree
from ronghe.apps.ledger.models import Event, Leaf
from ronghe.trust.checkpoint import open_checkpoint
from ronghe.trust.log_proof import LogProof, check_log_proof
from ronghe.trust.merkle import ProofError, leaf_hash, root_of
from ronghe.trust.tiles import Tile, hashes_of, tiles_of
from ronghe.trust.verdicts import Verdict
from tests.apps.ledger import independent
from tests.apps.ledger.helpers import make_log, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def log():
    record(700)
    services.seal()
    record(3)
    return selectors.head().checkpoint


def test_the_tiles_rebuild_the_tree_that_the_checkpoint_signs(client, log):
    note = client.get("/ledger/checkpoint")
    assert note["Content-Type"] == "text/plain; charset=utf-8"
    opened = open_checkpoint(note.content, [selectors.verifier()]).checkpoint
    levels = {}
    for tile in tiles_of(opened.size):
        answer = client.get(f"/ledger/{tile.path}")
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/octet-stream")
        assert "immutable" in answer["Cache-Control"]
        assert answer["Access-Control-Allow-Origin"] == "*"
        levels.setdefault(tile.level, []).extend(hashes_of(tile, answer.content))
    assert levels[0] == [leaf_hash(entry) for entry in independent.sealed_entries()]
    assert root_of(levels[0]) == opened.root
    assert levels[1] == [root_of(levels[0][:256]), root_of(levels[0][256:512])]


def test_a_cache_that_has_a_tile_is_told_so(client, log):
    first = client.get("/ledger/tile/0/000")
    again = client.get("/ledger/tile/0/000", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    note = client.get("/ledger/checkpoint")
    assert client.get("/ledger/checkpoint", headers={"if-none-match": note["ETag"]}).status_code == 304
    record(1)
    services.seal()
    assert client.get("/ledger/checkpoint", headers={"if-none-match": note["ETag"]}).status_code == 200


def test_what_the_checkpoint_does_not_have_is_not_there(client, log):
    for path in (
        "tile/0/003", "tile/0/002.p/189", "tile/1/000.p/3", "tile/7/000", "tile/0/2", "tile/entries/000",
        "tile/0/000/", "proof/700", "proof/99999999999999999999",
    ):  # fmt: skip
        assert client.get(f"/ledger/{path}").status_code == 404, path


def test_only_reading_is_answered_and_too_much_of_it_is_not(client, log, monkeypatch):
    assert client.post("/ledger/checkpoint").status_code == 405
    monkeypatch.setattr(tile_views, "_limit", tile_views._Limit())
    with override_settings(RONGHE_LEDGER_REQUESTS_PER_10_SECONDS=3):
        statuses = [client.get("/ledger/tile/0/000").status_code for _ in range(5)]
        assert statuses.count(200) >= 3
        assert statuses[-1] == 429
        assert client.get("/ledger/tile/0/000")["Retry-After"] == "10"


def test_a_proof_of_any_leaf_holds_with_nothing_but_the_log_s_key(client, log):
    at = timezone.now() + timedelta(minutes=1)
    for index in (0, 255, 256, 699):
        proof = LogProof.parse(client.get(f"/ledger/proof/{index}").content.decode())
        leaf = bytes(Leaf.objects.get(index=index).hash)
        checked = check_log_proof(proof, leaf=leaf, logs=[selectors.verifier()], at=at)
        assert checked.check.verdict is Verdict.VALID, checked


@pytest.mark.postgres
def test_proofs_in_bulk_are_those_of_one_leaf_each_and_take_as_many_queries(log):
    with CaptureQueriesContext(connection) as few:
        found = proofs.inclusion_proofs([3], 700)
    with CaptureQueriesContext(connection) as many:
        found |= proofs.inclusion_proofs(range(0, 700, 7), 700)
    assert len(many) == len(few)
    assert {index: tree.inclusion_proof(index, 700) for index in found} == found
    assert proofs.inclusion_proofs([], 700) == {}
    with pytest.raises(ProofError, match="no leaf 700"):
        proofs.inclusion_proofs([700], 700)


def test_leaves_beyond_the_checkpoint_are_left_out_of_many_proofs(log):
    assert set(selectors.log_proofs([0, 5, 700, -1])) == {0, 5}


def test_an_event_with_its_payload_leads_to_its_leaf_and_an_erased_one_is_none(student, office):
    make_log(batches=1, width=2, waiting=0)
    event = Event.objects.select_related("payload", "leaf").order_by("id").first()
    found = selectors.logged_event(event)
    assert found.leaf() == bytes(event.leaf.hash)
    assert found.moment() == event.recorded_at
    services.erase_payloads(actor=office, subject=event.subject, reason="asked for it")
    event = Event.objects.select_related("payload").get(pk=event.pk)
    assert selectors.logged_event(event) is None


def test_the_public_page_tells_how_to_audit_and_that_nobody_watches_yet(client, log):
    page = client.get("/ledger/", headers={"accept-language": "en"}).content.decode()
    assert "ronghe ledger audit http://testserver/ledger/ --key " in page
    assert "Nobody watches this log yet" in page
    assert Tile(0, 0).path not in page
