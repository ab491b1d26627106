"""The weekly mail on obligations, called by cron or a timer."""

from typing import Any

from django.core.management.base import BaseCommand

from ronghe.apps.policies import services


class Command(BaseCommand):
    """Sends the mail to office, HR and reviewers who want it and had none in the last days."""

    help = "Send the weekly mail on obligations. Run it once a day or a week: nobody gets two within six days."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"mails sent: {services.send_digests(actor=None)}")
