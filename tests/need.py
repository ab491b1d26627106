"""What a test needs beside Python: without it the test skips with a plain reason, or fails where all is asked for."""

import os
import shutil
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


def need(available: object, reason: str) -> None:
    """Go on if `available`; else skip with `reason`, or fail where RONGHE_REQUIRE_ALL=1 forbids skipping."""
    if available:
        return
    if os.environ.get("RONGHE_REQUIRE_ALL") == "1":
        pytest.fail(f"{reason}, and RONGHE_REQUIRE_ALL=1 asks for every check")
    pytest.skip(reason)


def shared(relative: str) -> Path:
    """A file or folder of the larger open data sets, found through RONGHE_SHARED."""
    root = Path(os.environ.get("RONGHE_SHARED", PROJECT.parent / "shared"))
    path = root / relative
    need(path.exists(), f"the open data set {relative} is not here (RONGHE_SHARED names its folder)")
    return path


def chromium() -> str:
    """The browser that opens the pages; one without windows, where there is one, takes less processor time."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    need(path, "no Chromium on this machine")
    assert path is not None
    return path
