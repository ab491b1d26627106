"""Sends the reminders that are due; a timer of the system runs it once a day."""

from typing import Any

from django.core.management.base import BaseCommand

from ronghe.apps.mentors import services


class Command(BaseCommand):
    """`ronghe manage mentors_remind`"""

    help = "Send the reminders of mentors and teachers that are due; safe to run as often as one likes."

    def handle(self, *args: Any, **options: Any) -> None:
        people = services.remind(actor=None)
        self.stdout.write(f"{people} people")
