"""Many writers, two sealers and sudden death, in real processes on a database of their own."""

import os
import shutil
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.apps.ledger.plugin import KEY
from tests.apps.ledger.processes import run
from tests.need import PROJECT

pytestmark = pytest.mark.postgres

KILLS = int(os.environ.get("RONGHE_KILLS", "20"))


def _environment(data, url):
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
        "PYTHONPATH": os.pathsep.join([str(PROJECT / "src"), str(PROJECT)]),
        "DJANGO_SETTINGS_MODULE": "ronghe.web.settings",
        "RONGHE_DATA_DIR": str(data),
        "RONGHE_CHECKPOINT_DIR": str(data / "checkpoints"),
        "RONGHE_LEDGER_KEY": KEY,
        "RONGHE_LOG_LEVEL": "ERROR",
        "DATABASE_URL": url,
    }


def _migrate(environment):
    command = [sys.executable, "-m", "django", "migrate", "ledger", "--verbosity=0", "--skip-checks"]
    subprocess.run(command, cwd=PROJECT, env=environment, check=True)


def _on(server, name):
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """What each site begins with: a database with an empty ledger, its file on SQLite, its name on PostgreSQL."""
    data = tmp_path_factory.mktemp("migrated")
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        file = data / "ronghe.sqlite3"
        _migrate(_environment(data, f"sqlite:///{file}"))
        yield file
        return
    import psycopg

    name = f"ledger_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            _migrate(_environment(data, _on(server, name)))
            yield name
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def site(migrated, tmp_path):
    """The environment of a site with an empty ledger, on the database server that this run uses."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        file = tmp_path / "ronghe.sqlite3"
        with closing(sqlite3.connect(migrated)) as begun, closing(sqlite3.connect(file)) as own:
            begun.backup(own)
        yield _environment(tmp_path, f"sqlite:///{file}")
        return
    import psycopg

    name = f"ledger_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {migrated}")
    try:
        yield _environment(tmp_path, _on(server, name))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        shutil.rmtree(tmp_path, ignore_errors=True)


def test_many_writers_and_two_sealers_lose_nothing_and_the_root_is_that_of_an_independent_reading(site):
    result = run("storm", site, writers=6, sealers=2, transactions=30, seed=1)
    assert result["codes"] == [0] * 9
    assert result["findings"] == []
    assert result["lost"] == result["twice"] == 0
    assert result["acknowledged"] == result["events"] == result["leaves"] > 350
    assert result["checkpoints"] > 1
    assert result["root"] == result["independent root"]
    assert result["kept outside"]


def test_a_process_killed_at_any_write_leaves_a_log_that_is_whole(site):
    result = run("crash", site, kills=KILLS, seed=int(os.environ.get("RONGHE_SEED", "7")))
    assert result["killed"] == KILLS
    assert result["after kills"] == []
    assert result["findings"] == []
    assert result["lost"] == result["twice"] == 0
    # What a killed process committed but could no longer tell is in the log as well.
    assert result["events"] == result["leaves"] >= result["acknowledged"] > 0
    assert result["root"] == result["independent root"]
    assert result["kept outside"]
