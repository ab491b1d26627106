"""A configuration that would break the ledger is refused at start."""

import pytest
from django.core.checks import run_checks
from django.db import connection


def ledger_errors():
    return [message.id for message in run_checks() if (message.id or "").startswith("ledger.")]


def test_the_sites_own_settings_pass():
    assert ledger_errors() == []


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="transaction_mode is SQLite's")
@pytest.mark.parametrize("mode", [None, "DEFERRED"])
def test_sqlite_without_immediate_transactions_is_refused(monkeypatch, mode):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "transaction_mode", mode)
    assert ledger_errors() == ["ledger.E001"]
