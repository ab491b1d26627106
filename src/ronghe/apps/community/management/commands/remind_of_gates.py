"""The daily round of reminders: `ronghe manage remind_of_gates --site https://…`, called by cron or a timer."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ronghe.apps.community import services


class Command(BaseCommand):
    """Reminds who must act on a gate, tells office and leader of overdue ones, forgets addresses nobody answered from."""

    help = "Send reminders of gates that are due soon or overdue. Run it once a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--site", required=True, help="beginning of the platform's address for links in mails")

    def handle(self, *args: Any, **options: Any) -> None:
        done = services.remind_of_gates(site=options["site"])
        self.stdout.write(
            f"reminded: {done.reminded}, escalated: {done.escalated}, addresses forgotten: {done.forgotten}"
        )
