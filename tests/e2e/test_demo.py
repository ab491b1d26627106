"""`make demo` as a person meets it: it starts, answers, starts again without building, and stops cleanly."""

import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.e2e.conftest import Site, answers
from tests.schema import described

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_the_demonstration_answers_and_prints_who_may_sign_in(first_start: Site, site: Site) -> None:
    assert answers(site.url)
    assert len(site.addresses) == 9
    assert "all of its data is generated" in first_start.printed


def test_a_second_start_builds_nothing_and_ctrl_c_leaves_nothing_running(first_start: Site, site: Site) -> None:
    assert "Building" not in site.printed
    assert site.addresses == first_start.addresses
    assert not answers(first_start.url)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", urlsplit(first_start.url).port))


def test_a_taken_port_is_told_before_anything_is_built(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", "ronghe", "demo", "--port", str(port)],
            capture_output=True,
            text=True,
            timeout=60,
            env={"RONGHE_DATA_DIR": str(tmp_path / "data"), "PATH": "/usr/bin:/bin"},
        )
    assert ended.returncode == 1
    assert f"port {port} cannot be used" in ended.stderr
    assert "PORT=" in ended.stderr


def test_migrations_lead_to_the_tables_that_tests_make_from_the_models(
    first_start: Site, site: Site, transactional_db: None
) -> None:
    with closing(sqlite3.connect(site.data / "ronghe.sqlite3")) as migrated:
        expected = described(migrated)
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as made:
        found = described(made)
    # Which migrations were applied is written down by migrating alone.
    expected.pop("django_migrations")
    assert found == expected
