"""The daily round of reminders of gates, called by cron or a timer."""

from typing import Any

from django.core.management.base import BaseCommand

from ronghe.apps.community import services


class Command(BaseCommand):
    """Reminds who must act on a gate, tells office and leader of overdue ones, forgets addresses of old invitations."""

    help = "Send reminders of gates that are due soon or overdue. Run it once a day."

    def handle(self, *args: Any, **options: Any) -> None:
        done = services.remind_of_gates()
        self.stdout.write(
            f"reminded: {done.reminded}, escalated: {done.escalated}, addresses forgotten: {done.forgotten}"
        )
