"""A chain of one's own for tests, anvil from npm, and the compiler of the contract, each installed once a version."""

import contextlib
import random
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path

from ronghe.runners.evm import ChainError, Node
from tests.interop import environment

# The first account that anvil fills, known to everybody.
KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"


def anvil() -> Path:
    """Return the program; raises `NotInstalled`."""
    npm = shutil.which("npm")
    if npm is None:
        raise environment.NotInstalled("no npm on this machine")

    def fill(folder: Path) -> None:
        shutil.copy(environment.HERE / "anvil" / "package.json", folder)
        # Not `npm ci`: a lock names the programs of all kinds of machines, which a mirror need not have.
        command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        environment._run([*command, "--prefer-offline"], folder)

    folder = environment._folder("anvil", "anvil/package.json")
    environment._install(folder, fill)
    found = sorted(folder.glob("node_modules/@foundry-rs/anvil-*/bin/anvil*"))
    if not found:
        raise environment.NotInstalled("there is no anvil for this kind of machine")
    return found[0]


def vyper() -> list[str]:
    """Return the call of the compiler; raises `NotInstalled`."""

    def fill(folder: Path) -> None:
        venv.create(folder, with_pip=False)
        command = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet"]
        requirements = str(environment.HERE / "requirements-vyper.txt")
        environment._run([*command, "--disable-pip-version-check", "-r", requirements])

    folder = environment._folder("vyper", "requirements-vyper.txt")
    environment._install(folder, fill)
    # The script that pip wrote names the folder that it was made in, which bears another name now.
    return [str(folder / "bin" / "python"), "-I", "-m", "vyper"]


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Run a chain on this machine alone; yield its address."""
    program, port = anvil(), random.randint(20_000, 40_000)
    process = subprocess.Popen([program, "--host", "127.0.0.1", "--port", str(port), "--silent"])
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                Node(url).chain_id()
                break
            except ChainError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)
