"""`manage load_lexicon`: makes the skills in the database those of the lexicon that ships with this version."""

from typing import Any

from django.core.management.base import BaseCommand

from ronghe.apps.demand import services


class Command(BaseCommand):
    help = "Load the lexicon that ships with Ronghe. Loading it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = services.load_lexicon(actor=None)
        self.stdout.write(
            f"lexicon {loaded.version[:12]}: {loaded.skills} skills, {loaded.added} added, {loaded.changed} changed, "
            f"{len(loaded.retired)} retired"
        )
