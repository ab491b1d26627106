"""Finds the published test vectors that lie outside the repository; a test that needs them skips plainly without."""

import os
from pathlib import Path

import pytest


def vectors(name: str) -> Path:
    """Return the folder of the vectors `name` of trust; skips the test if it is absent, or fails if all is required."""
    repository = Path(__file__).resolve().parents[2]
    folder = repository / os.environ.get("RONGHE_SHARED", "../shared") / "vectors" / "trust" / name
    if not folder.is_dir():
        reason = f"the published vectors {name} are absent; set RONGHE_SHARED to the folder that holds them"
        if os.environ.get("RONGHE_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
