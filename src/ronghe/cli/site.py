"""Whether the database that a command was pointed at holds a site at all: a wrong folder is told, not traced."""

import sys


def is_missing(command: str) -> bool:
    """Say so, and what to do, where the database has no tables; Django is set up already."""
    from django.conf import settings
    from django.db import connection

    if connection.introspection.table_names():
        return False
    print(
        f"{command}: no site stands in this database. Point RONGHE_DATA_DIR (now {settings.RONGHE_DATA_DIR}) or "
        "DATABASE_URL to one, or start one by `ronghe serve`.",
        file=sys.stderr,
    )
    return True
