"""Gives every test its own folder of checkpoints and a fixed key."""

import base64
import itertools
from collections.abc import Iterator

import pytest
from django.test import override_settings

KEY = base64.b64encode(bytes(range(32))).decode()
_numbers = itertools.count()


@pytest.fixture(scope="session")
def _checkpoints_of_this_run(tmp_path_factory: pytest.TempPathFactory):
    return tmp_path_factory.mktemp("checkpoints")


@pytest.fixture(autouse=True)
def _own_checkpoints(_checkpoints_of_this_run) -> Iterator[None]:
    with override_settings(
        RONGHE_CHECKPOINT_DIR=_checkpoints_of_this_run / str(next(_numbers)),
        RONGHE_LEDGER_KEY=KEY,
        RONGHE_LEDGER_EVENT_KEY="",
    ):
        yield
