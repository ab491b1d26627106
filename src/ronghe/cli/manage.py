"""`ronghe manage …`: Django's management commands with the site's settings."""

import argparse
import os

TAKES_REST = True


def add_to(parser: argparse.ArgumentParser) -> None:
    """Everything after `manage` is Django's."""
    parser.add_help = False
    parser.usage = "ronghe manage command [options]   (ronghe manage help lists the commands)"


def run(options: argparse.Namespace) -> int:
    """Hand the words over."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ronghe.web.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["ronghe manage", *options.rest])
    return 0
