"""`manage import_crosswalk --esco FILE --onet FILE`: links the lexicon to ESCO and O*NET by their original files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ronghe.apps.demand import extraction, services
from ronghe.lexicon import crosswalk, read_esco_skills, read_technology_examples


class Command(BaseCommand):
    help = "Link the lexicon to ESCO and O*NET by their original files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--esco", type=Path, help="ESCO's skills_en.csv")
        parser.add_argument("--onet", type=Path, help="O*NET's Technology Skills.txt")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["esco"] and not options["onet"]:
            raise CommandError("name at least one file: --esco skills_en.csv or --onet 'Technology Skills.txt'")
        lexicon = extraction.names().lexicon
        try:
            esco = list(read_esco_skills(options["esco"])) if options["esco"] else []
            onet = read_technology_examples(options["onet"]) if options["onet"] else []
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        links = crosswalk(lexicon, esco, onet)
        for scheme in ("esco", "onet"):
            if options[scheme]:
                count = services.import_crosswalk(
                    actor=None, scheme=scheme, links=links, lexicon_version=lexicon.version
                )
                self.stdout.write(f"{scheme}: {count} links")
