"""Lets offers of places lapse that nobody answered in time; a timer of the system runs it once a day."""

from typing import Any

from django.core.management.base import BaseCommand

from ronghe.apps.positions import services


class Command(BaseCommand):
    """`ronghe manage positions_day`"""

    help = "Let unanswered offers of order classes lapse; safe to run as often as one likes."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{services.lapse_places()} offers lapsed")
