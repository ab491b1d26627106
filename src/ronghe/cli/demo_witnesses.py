"""The witnesses of the demonstration: three programs on the same machine, as three institutions would run them.

On one machine they prove how witnessing works, not that anyone independent watched; their names say so.
"""

import argparse
import contextlib
import io
import os
import secrets
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from ronghe.cli import witness
from ronghe.web.serving import Program

NAMES = ("university", "leader", "chamber")


@dataclass(frozen=True, slots=True)
class DemoWitnesses:
    """How the witnesses are started, and what the site's `RONGHE_WITNESSES` says of them."""

    programs: dict[str, Program]
    setting: str


def prepare(folder: Path, log_key: str) -> DemoWitnesses:
    """Make the witnesses' folders where there are none, and find each a free port."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    passphrase = folder / "passphrase"
    if not passphrase.exists():
        passphrase.touch(mode=0o600)
        passphrase.write_text(secrets.token_urlsafe(24), encoding="ascii")
    os.environ[witness.PASSPHRASE] = passphrase.read_text(encoding="ascii")
    programs, lines = {}, []
    with contextlib.ExitStack() as probes:
        for name in NAMES:
            own = folder / name
            if not (own / witness.CONFIG).exists():
                _call("init", folder=str(own), name=f"demo-{name}.ronghe.example", log=[log_key])
            probe = probes.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
            programs[f"witness {name}"] = Program(
                [sys.executable, "-m", "ronghe", "witness", "serve", str(own)],
                own / "witness.log",
                {"RONGHE_WITNESS_LISTEN": address},
            )
            lines.append(f"{_call('key', folder=str(own))} http://{address}")
    return DemoWitnesses(programs, ",".join(lines))


def _call(task: str, **options: object) -> str:
    """Do a task of `ronghe witness` and return what it printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        status = witness.run(argparse.Namespace(task=task, **options))
    if status:
        raise RuntimeError(f"the demonstration's witnesses: {task} ended with status {status}")
    return printed.getvalue().strip()
