"""Contexts are the pinned files or none."""

import hashlib
import json

import pytest

from ronghe.trust import contexts
from ronghe.trust.contexts import PINNED, ContextError, context_bytes, context_document, is_pinned


@pytest.mark.parametrize("url", PINNED)
def test_the_installed_file_is_the_pinned_one(url):
    assert hashlib.sha256(context_bytes(url)).hexdigest() == PINNED[url].sha256
    assert "@context" in context_document(url)
    assert json.loads(context_bytes(url)) == context_document(url)


def test_nothing_is_fetched():
    assert not is_pinned("https://schema.org/")
    with pytest.raises(ContextError):
        context_bytes("https://schema.org/")


def test_a_file_that_was_changed_is_refused(monkeypatch):
    changed = {"urn:x": PINNED[contexts.VC_V2]._replace(sha256="0" * 64)}
    monkeypatch.setattr(contexts, "PINNED", changed)
    with pytest.raises(ContextError, match="pinned"):
        context_bytes("urn:x")
