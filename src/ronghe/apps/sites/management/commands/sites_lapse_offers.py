"""Lets offers of waiting lists lapse that nobody answered; a timer of the system runs it every few minutes."""

from typing import Any

from django.core.management.base import BaseCommand

from ronghe.apps.sites import services


class Command(BaseCommand):
    """`ronghe manage sites_lapse_offers`"""

    help = "Let offers lapse whose time to answer is over, and ask the next; safe to run as often as one likes."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{services.lapse_offers()} offers lapsed")
