"""Runs the command: in this process where only its words and results matter, else as a person does."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ronghe.cli import main
from tests.need import PROJECT

Run = Callable[..., subprocess.CompletedProcess[bytes]]

SAMPLE = PROJECT / "src/ronghe/apps/demand/samples/postings-sample.csv"


def run_here(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """`ronghe …` in this process, whose extractor is built once for all tests."""
    given = list(map(str, arguments))
    streams = [io.TextIOWrapper(io.BytesIO(content), encoding="utf-8") for content in (stdin, b"", b"")]
    with pytest.MonkeyPatch.context() as patch:
        for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
            patch.setattr(sys, name, stream)
        try:
            status = main(given)
        except SystemExit as ended:
            status = int(ended.code or 0)
    written = []
    for stream in streams[1:]:
        stream.flush()
        written.append(stream.buffer.getvalue())  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(given, status, *written)


def run_apart(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """`ronghe …` in a process of its own, where a warning is an error."""
    return subprocess.run(
        [sys.executable, "-m", "ronghe", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        timeout=300,
        env=os.environ | {"PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8"},
    )


@pytest.fixture(scope="session")
def run() -> Run:
    return run_here


@pytest.fixture(scope="session")
def run_process() -> Run:
    return run_apart


@pytest.fixture(scope="session")
def sample() -> Path:
    """The sample of advertisements that ships with Ronghe."""
    return SAMPLE
