"""The ledger on durable SQLite: WAL and synchronous=FULL, so that each transaction waits for the disk.

Run in a process and a database of their own under `var/`, which must be on the disk that the site would use.
"""

import contextlib
import hashlib
import json
import multiprocessing
import os
import secrets
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.result import Result
from ronghe.trust.merkle import Frontier

COMMAND = "python -m benchmarks trust"
REPOSITORY = Path(__file__).resolve().parents[1]


def run() -> list[Result]:
    """Measure the frontier here, and the database in a process of its own."""
    return [measure_frontier(), *_in_a_site_of_its_own()]


def measure_frontier(count: int = 1 << 17, rounds: int = 5) -> Result:
    """Append `count` leaf hashes in the sealer's batches, beside a bare loop of as many SHA-256 of as many bytes."""
    leaves = [hashlib.sha256(number.to_bytes(8, "big")).digest() for number in range(count)]
    pairs = [b"\x01" + left + right for left, right in zip(leaves, reversed(leaves), strict=True)]

    def append() -> None:
        frontier = Frontier()
        for start in range(0, count, 2_000):
            frontier, _ = frontier.append(leaves[start : start + 2_000])

    def bare() -> None:
        sha256 = hashlib.sha256
        for pair in pairs:
            sha256(pair).digest()

    ours, peer = (count / statistics.median(_seconds(work) for _ in range(rounds)) for work in (append, bare))
    return Result(
        name="frontier append",
        value=ours,
        unit="leaves/s",
        peer="bare hashlib loop, one 65-byte SHA-256 a leaf",
        peer_value=peer,
        ratio=ours / peer,
        goal=">= 0.5 x peer",
        met=ours >= 0.5 * peer,
        command=COMMAND,
    )


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _in_a_site_of_its_own() -> list[Result]:
    (REPOSITORY / "var").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="benchmark-ledger-", dir=REPOSITORY / "var"))
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "ronghe.web.settings",
        "RONGHE_DATA_DIR": str(folder),
        "RONGHE_CHECKPOINT_DIR": str(folder / "checkpoints"),
        "RONGHE_LOG_LEVEL": "ERROR",
        "DATABASE_URL": f"sqlite:///{folder / 'ronghe.sqlite3'}",
    }
    try:
        for command in (["-m", "django", "migrate", "--verbosity=0", "--skip-checks"], ["-m", "benchmarks.ledger"]):
            done = subprocess.run(
                [sys.executable, *command], cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, check=True
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [Result(**row) for row in json.loads(done.stdout)]


def measure_database() -> list[Result]:
    """Everything that needs the site's database, in order: the log grows from one measurement to the next."""
    return [
        *_measure_transactions(),
        *_measure_bulk(),
        *_measure_load(),
        *_measure_reading(),
    ]


@contextlib.contextmanager
def _bare_database() -> Iterator[sqlite3.Connection]:
    """A bare SQLite file beside the site's, with the site's durability."""
    path = Path(os.environ["RONGHE_DATA_DIR"]) / "bare.sqlite3"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, a TEXT, b BLOB, c BLOB)")
    yield connection
    connection.close()


def _bare_transactions(count: int) -> float:
    with _bare_database() as connection:
        start = time.perf_counter()
        for number in range(count):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO row (a, b, c) VALUES (?, ?, ?)", [str(number), bytes(32), bytes(32)])
            connection.execute("COMMIT")
        return count / (time.perf_counter() - start)


def _add_person() -> Any:
    from ronghe.apps.accounts import services

    return services.add_person(actor=None, email=f"{secrets.token_hex(8)}@example.org", name="张伟")


def _give_and_withdraw_consent(person: Any, count: int) -> None:
    """Make `count` transactions of a real service: it reads one row, writes one and records one event."""
    from ronghe.apps.accounts import purposes, services

    purpose = purposes.registered()[0].name
    for number in range(count):
        verb = services.withdraw_consent if number % 2 else services.give_consent
        verb(actor=person, person=person, purpose=purpose)


def _measure_transactions(count: int = 2_000) -> list[Result]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        (journal,) = cursor.fetchone()
        cursor.execute("PRAGMA synchronous")
        (synchronous,) = cursor.fetchone()
    if (journal, synchronous) != ("wal", 2):
        raise RuntimeError(f"the site's database is not durable: {journal}, synchronous={synchronous}")
    person = _add_person()
    _give_and_withdraw_consent(person, 50)
    ours = count / _seconds(lambda: _give_and_withdraw_consent(person, count))
    peer = _bare_transactions(count)
    return [
        Result(
            name="service transactions, one event each (consent), one writer, WAL, synchronous=FULL",
            value=ours,
            unit="transactions/s",
            peer="bare sqlite3, one row a transaction, same durability",
            peer_value=peer,
            ratio=ours / peer,
            goal=">= 500/s",
            met=ours >= 500,
            command=COMMAND,
        )
    ]


def _event_type() -> Any:
    from ronghe.apps.ledger.event_types import EventType, Field, Kind, register

    return register(
        EventType(
            "benchmarks.hours.confirmed",
            "Hours confirmed",
            (Field("hours", Kind.INTEGER), Field("student", Kind.PERSON), Field("note", Kind.TEXT, personal=True)),
        )
    )


def _measure_bulk(count: int = 50_000) -> list[Result]:
    from django.db import transaction

    from ronghe.apps.accounts.models import Person
    from ronghe.apps.ledger import services

    services.seal()
    hours_confirmed, person = _event_type(), Person.objects.order_by("pk")[0]
    entries = [
        services.Entry(
            hours_confirmed,
            f"training.evidence:{number}",
            {"hours": number % 12, "student": person, "note": "焊接并测试了一块电路板"},
        )
        for number in range(count)
    ]

    def record() -> None:
        with transaction.atomic():
            services.record_many(actor=person, entries=entries)

    recorded = count / _seconds(record)
    sealed = count / _seconds(services.seal)
    with _bare_database() as connection:

        def insert() -> None:
            connection.execute("BEGIN IMMEDIATE")
            # The ledger writes five rows an event: event, payload, queue and two mentions.
            for _ in range(5):
                connection.executemany(
                    "INSERT INTO row (a, b, c) VALUES (?, ?, ?)",
                    ((f"training.evidence:{number}", bytes(32), bytes(32)) for number in range(count)),
                )
            connection.execute("COMMIT")

        peer = count / _seconds(insert)
    return [
        Result(
            name="events recorded in bulk",
            value=recorded,
            unit="events/s",
            peer="bare sqlite3 executemany, five rows an event",
            peer_value=peer,
            ratio=recorded / peer,
            goal=">= 5,000/s",
            met=recorded >= 5_000,
            command=COMMAND,
        ),
        Result(
            name="events sealed",
            value=sealed,
            unit="events/s",
            peer="events recorded in bulk",
            peer_value=recorded,
            ratio=sealed / recorded,
            goal=">= 1 x peer: sealing keeps up",
            met=sealed >= recorded,
            command=COMMAND,
        ),
    ]


def _write_until(started: Any, stopped: Any, written: Any) -> None:
    import django

    django.setup()
    person = _add_person()
    started.wait()
    while not stopped.is_set():
        _give_and_withdraw_consent(person, 10)
        with written.get_lock():
            written.value += 10


def _measure_load(seconds: float = 10.0, writers: int = 2) -> list[Result]:
    """Writers as fast as they can beside a sealer that looks every half second: how far behind does it fall?"""
    from django.db import connection

    from ronghe.apps.ledger import selectors, services

    connection.close()
    context = multiprocessing.get_context("spawn")
    written, stopped, started = context.Value("i", 0), context.Event(), context.Barrier(writers + 1)
    processes = [
        context.Process(target=_write_until, args=(started, stopped, written), daemon=True) for _ in range(writers)
    ]
    for process in processes:
        process.start()
    started.wait(timeout=120)
    start = time.monotonic()
    lags = []
    while time.monotonic() < start + seconds:
        time.sleep(0.5)
        lags.append(selectors.head().lag.total_seconds())
        services.seal()
    total, elapsed = written.value, time.monotonic() - start
    stopped.set()
    for process in processes:
        process.join()
    services.seal()
    return [
        Result(
            name=f"service transactions, {writers} writers beside a sealer",
            value=total / elapsed,
            unit="transactions/s",
            command=COMMAND,
        ),
        Result(
            name="oldest event waiting when the sealer looks, every 0.5 s, under that load (worst)",
            value=max(lags),
            unit="s",
            goal="<= 2 s",
            met=max(lags) <= 2,
            command=COMMAND,
        ),
    ]


def _measure_reading() -> list[Result]:
    from ronghe.apps.ledger import selectors, services

    size = selectors.head().size
    took = _seconds(services.fsck)
    indexes = [secrets.randbelow(size) for _ in range(200)]
    proofs = sorted(_seconds(lambda index=index: selectors.inclusion_proof(index)) for index in indexes)
    return [
        Result(name=f"fsck of {size:,} leaves", value=size / took, unit="leaves/s", command=COMMAND),
        Result(
            name=f"inclusion proof from {size:,} leaves, p95", value=proofs[189] * 1_000, unit="ms", command=COMMAND
        ),
    ]


def main() -> None:
    import django

    django.setup()
    sys.stdout.write(json.dumps([asdict(result) for result in measure_database()]))


if __name__ == "__main__":
    main()
