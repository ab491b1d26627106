"""A temporary PostgreSQL server for tests and benchmarks; nothing of it remains.

`python -m tests.postgres.server -- COMMAND …` runs a command with DATABASE_URL naming such a server.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_USER = "ronghe"


class PostgresAbsent(RuntimeError):
    """This machine cannot run PostgreSQL; the message says what is missing."""


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
        if not versions:
            raise PostgresAbsent(f"{name} was not found; install PostgreSQL's server (Debian: postgresql)")
        found = str(versions[-1])
    return os.path.realpath(found)


def _unprivileged() -> dict[str, int]:
    """PostgreSQL refuses to run as root; return whom to run it as."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid}
    raise PostgresAbsent("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _run(command: list[str], folder: Path, owner: dict[str, int]) -> None:
    # pg_ctl's server inherits the output: a pipe would never end.
    with (folder / "output").open("w+") as output:
        done = subprocess.run(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT, check=False, **owner)
        output.seek(0)
        if done.returncode:
            raise RuntimeError(f"{Path(command[0]).name} failed:\n{output.read()}")


@contextlib.contextmanager
def temporary_server() -> Iterator[str]:
    """Start a server on a free loopback port and yield the URL of an empty database; raises PostgresAbsent."""
    initdb, control = _program("initdb"), _program("pg_ctl")
    owner = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="ronghe-pg-", dir="/tmp"))
    try:
        if owner:
            os.chown(folder, owner["user"], owner["group"])
        data, port = folder / "data", _free_port()
        _run(
            [initdb, "-D", str(data), "-U", _USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            folder,
            owner,
        )
        # Clients are killed in tests, the server is not: it need not sync.
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        _run([control, "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start"], folder, owner)
        try:
            yield f"postgres://{_USER}@127.0.0.1:{port}/postgres"
        finally:
            _run([control, "-D", str(data), "-w", "-m", "immediate", "stop"], folder, owner)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    command = sys.argv[2:] if sys.argv[1:2] == ["--"] else sys.argv[1:]
    if not command:
        sys.exit("usage: python -m tests.postgres.server -- COMMAND …")
    with temporary_server() as url:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
