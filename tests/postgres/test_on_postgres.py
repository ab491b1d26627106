"""Runs every test that is marked `postgres` once more, on a temporary PostgreSQL server."""

import os
import subprocess
import sys

import pytest

from tests.need import PROJECT, need
from tests.postgres.server import PostgresAbsent, temporary_server


def _with_marks() -> list[str]:
    """The files that may hold such a test: reading all the others takes longer than running these."""
    files = (PROJECT / "tests").rglob("test_*.py")
    return sorted(str(file) for file in files if "mark.postgres" in file.read_text(encoding="utf-8"))


@pytest.mark.xdist_group("postgres")
def test_services_constraints_and_concurrency_hold_on_postgresql(record_property):
    try:
        with temporary_server() as url:
            run = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "pytest",
                    "-m",
                    "postgres",
                    "-q",
                    "-p",
                    "no:cacheprovider",
                    "-p",
                    "no:xdist",
                    *_with_marks(),
                ],
                cwd=PROJECT,
                env={key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
                | {"DATABASE_URL": url},
                capture_output=True,
                text=True,
                check=False,
            )
    except PostgresAbsent as absent:
        need(False, str(absent))
    record_property("postgres", run.stdout.strip().splitlines()[-1] if run.stdout else "")
    assert run.returncode == 0, f"on PostgreSQL:\n{run.stdout}\n{run.stderr}"
