"""Sends the reminders that are due; a timer of the system runs it once a day."""

from typing import Any

from django.core.management.base import BaseCommand

from ronghe.apps.agreements import services


class Command(BaseCommand):
    """`ronghe manage agreements_remind`"""

    help = "Send the reminders of agreements that are due; safe to run as often as one likes."

    def handle(self, *args: Any, **options: Any) -> None:
        done = services.remind(actor=None)
        self.stdout.write(f"{done.people} people, {done.signatures} signatures, {done.agreements} agreements")
