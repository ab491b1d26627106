"""The contract that records heads of a log, in Vyper, with what its compiler makes of it."""

import json
from functools import cache
from importlib.resources import files


@cache
def bytecode() -> bytes:
    """Return the code that deploys the contract; its one argument, the log's id (32 bytes), is appended to it."""
    compiled = json.loads(files(__name__).joinpath("Anchor.json").read_text(encoding="utf-8"))
    return bytes.fromhex(compiled["bytecode"].removeprefix("0x"))
