"""`manage ledger_seal [--watch]`: seals what waits and has it witnessed, once or for as long as it runs."""

import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ronghe.apps.ledger import services
from ronghe.apps.ledger.errors import LedgerError


class Command(BaseCommand):
    help = "Seal the events that wait: number them, extend the log and sign a checkpoint."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on until stopped")
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between two looks (1.0)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["watch"]:
            self._watch(options["interval"])
            return
        try:
            sealed = services.seal()
        except LedgerError as error:
            raise CommandError(str(error)) from error
        size = sealed.checkpoint.size if sealed.checkpoint else 0
        self.stdout.write(f"{sealed.events} events sealed; the log has {size} leaves")
        for asked in services.ask_witnesses():
            self.stdout.write(f"{asked.witness}: {asked.state}{f' ({asked.detail})' if asked.detail else ''}")

    def _watch(self, interval: float) -> None:
        stop = threading.Event()

        def end(signum: int, frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        # Witnesses may be slow; sealing does not wait for them.
        witnessing = threading.Thread(
            target=services.witness_forever,
            kwargs={"interval": interval, "stop": stop.is_set, "sleep": stop.wait},
            daemon=True,
        )
        witnessing.start()
        services.seal_forever(interval=interval, stop=stop.is_set, sleep=stop.wait)
