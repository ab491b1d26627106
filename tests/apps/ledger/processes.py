"""A site of its own for tests that need real processes, and what those processes do.

`python -m tests.apps.ledger.processes storm|crash JSON` runs in a process of its own, forks the workers, and prints
what came of it as JSON. The database and the data folder come from the environment, as in production.
"""

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.need import PROJECT


def run(task: str, environment: dict[str, str], **arguments: Any) -> dict[str, Any]:
    """Run a task in a process of its own and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.apps.ledger.processes", task, json.dumps(arguments)],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{task} failed:\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout.splitlines()[-1])


def _fork(work: Callable[[int], None]) -> tuple[int, int]:
    """Run `work` in a child; it is given a pipe for what it acknowledges. Return the child and the pipe's other end."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    code = 1
    try:
        os.close(reading)
        work(writing)
        code = 0
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(code)


def _read_all(pipes: list[int]) -> list[int]:
    """Return the numbers that the children acknowledged, until all have ended."""
    texts = dict.fromkeys(pipes, b"")
    waiting = set(pipes)
    while waiting:
        for pipe in select.select(list(waiting), [], [])[0]:
            data = os.read(pipe, 65_536)
            texts[pipe] += data
            if not data:
                waiting.discard(pipe)
                os.close(pipe)
    # A child killed while it wrote leaves a last line that ends nowhere.
    return [int(line) for text in texts.values() for line in text.split(b"\n")[:-1]]


def _write(pipe: int, generator: random.Random, until: Callable[[], bool]) -> None:
    """Commit transactions of one to five events, and roll every sixth back; acknowledge what was committed."""
    from django.db import transaction

    from ronghe.apps.ledger import services
    from tests.apps.ledger.events import HOURS_CONFIRMED

    class Withdrawn(Exception):
        pass

    while not until():
        try:
            with transaction.atomic():
                events = [
                    services.record(
                        actor=None,
                        type=HOURS_CONFIRMED,
                        subject=f"training.evidence:{generator.randrange(10**9)}",
                        payload={"hours": generator.randrange(12)},
                    )
                    for _ in range(generator.randint(1, 5))
                ]
                if generator.random() < 1 / 6:
                    raise Withdrawn
        except Withdrawn:
            continue
        os.write(pipe, b"".join(b"%d\n" % event.pk for event in events))


def _result(acknowledged: list[int]) -> dict[str, Any]:
    from ronghe.apps.ledger import outside, services
    from ronghe.apps.ledger.models import Checkpoint, Cosignature, Event, Leaf
    from tests.apps.ledger import independent

    services.seal()
    states = [asked.state.value for asked in services.ask_witnesses()]
    report = services.fsck()
    entries = independent.sealed_entries()
    newest = Checkpoint.objects.order_by("-size").first()
    return {
        "acknowledged": len(acknowledged),
        "twice": len(acknowledged) - len(set(acknowledged)),
        "lost": len(set(acknowledged) - set(Leaf.objects.values_list("event_id", flat=True))),
        "events": Event.objects.count(),
        "leaves": len(entries),
        "checkpoints": Checkpoint.objects.count(),
        "root": bytes(newest.root).hex() if newest else None,
        "independent root": independent.root(entries).hex(),
        "kept outside": outside.read_latest() == (newest.note if newest else None),
        "witnesses": states,
        "cosignatures": Cosignature.objects.count(),
        "findings": [str(finding) for finding in report.findings] + report.unchecked,
    }


def storm(*, writers: int, sealers: int, transactions: int, seed: int) -> dict[str, Any]:
    """Let writers, sealers and a checker work at once; return what stands in the end."""
    from ronghe.apps.ledger import services

    def writer(number: int) -> Callable[[int], None]:
        def work(pipe: int) -> None:
            left = iter(range(transactions))
            _write(pipe, random.Random(seed * 1_000 + number), lambda: next(left, None) is None)

        return work

    def sealer(pipe: int) -> None:
        while not done.exists():
            services.seal()
            time.sleep(0.001)

    def checker(pipe: int) -> None:
        while not done.exists():
            if findings := services.fsck().findings:
                raise AssertionError(f"found while others wrote: {findings[0]}")

    done = Path(os.environ["RONGHE_DATA_DIR"]) / "writers are done"
    children = [_fork(writer(number)) for number in range(writers)]
    others = [*(_fork(sealer) for _ in range(sealers)), _fork(checker)]
    acknowledged = _read_all([pipe for _, pipe in children])
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child, _ in children]
    done.touch()
    codes += [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child, _ in others]
    return {"codes": codes, **_result(acknowledged)}


def _die_at(point: int) -> None:
    """Kill this process at its `point`-th statement or file operation of the ledger, before or after it."""
    from django.db import connection

    left = point

    def step() -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        step()
        result = execute(sql, params, many, context)
        step()
        return result

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event in {"open", "os.rename", "os.remove", "os.link"} and "checkpoints" in str(arguments[0]):
            step()

    connection.execute_wrappers.append(around)
    sys.addaudithook(audit)


def crash(*, kills: int, seed: int) -> dict[str, Any]:
    """Kill writers and sealers again and again, each at a random write point or moment; check the log after each."""
    from django.db import connection

    from ronghe.apps.ledger import services

    generator = random.Random(seed)
    acknowledged: list[int] = []
    findings: list[str] = []
    killed = 0
    for round_ in range(kills):
        by_point = generator.random() < 0.7
        point, delay = generator.randint(1, 150), generator.uniform(0.005, 0.15)
        order = generator.randrange(10**6)
        connection.close()

        def work(pipe: int, order: int = order, by_point: bool = by_point, point: int = point) -> None:
            if by_point:
                connection.ensure_connection()
                _die_at(point)
            dice = random.Random(order)
            while True:
                steps = iter(range(dice.randint(1, 4)))
                _write(pipe, dice, lambda steps=steps: next(steps, None) is None)
                services.seal()
                services.ask_witnesses()

        child, pipe = _fork(work)
        if not by_point:
            time.sleep(delay)
            os.kill(child, signal.SIGKILL)
        acknowledged += _read_all([pipe])
        killed += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        report = services.fsck()
        findings += [f"after kill {round_}: {finding}" for finding in report.findings]
    return {"killed": killed, "after kills": findings, **_result(acknowledged)}


def main() -> None:
    import django

    django.setup()
    task, arguments = sys.argv[1], json.loads(sys.argv[2])
    result = {"storm": storm, "crash": crash}[task](**arguments)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
