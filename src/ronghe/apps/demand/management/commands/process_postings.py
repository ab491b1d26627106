"""`manage process_postings`: finds duplicates and extracts skills, for whoever would not wait for the worker."""

from typing import Any

from django.core.management.base import BaseCommand

from ronghe.apps.demand import services


class _Printed:
    """Says on the terminal how far the work is."""

    owner_id = 0

    def __init__(self, command: BaseCommand) -> None:
        self._command = command

    def report(self, done: int, total: int | None = None, message: str = "") -> None:
        self._command.stdout.write(f"\r{message} {done}/{total}", ending="" if done != total else "\n")
        self._command.stdout.flush()


class Command(BaseCommand):
    help = "Find duplicates among new postings and extract skills from all that wait for it."

    def handle(self, *args: Any, **options: Any) -> None:
        done = services.process_postings(actor=None, progress=_Printed(self))
        self.stdout.write(
            f"{done.compared} compared, {done.duplicates} duplicates; {done.extracted} read, {done.mentions} mentions"
        )
