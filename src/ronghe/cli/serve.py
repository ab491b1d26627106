"""`ronghe serve`: brings the database up to date and serves the site, its worker and its sealer until Ctrl-C."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ronghe.web.serving import Program

# Apps of others that have many migrations. Each renders all models there are: in an empty database theirs go first,
# while these are few, which takes a fifth off the first start.
MIGRATED_FIRST = ("django_tasks_database", "socialaccount", "mfa")


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe serve`."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
    parser.add_argument("--workers", type=int, default=2, help="web processes (2)")
    parser.add_argument("--threads", type=int, default=3, help="threads of each (3)")


def prepare() -> None:
    """Load Django, migrate, make the cache table and collect the static files; a second time it takes seconds."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ronghe.web.settings")
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    if not connection.introspection.table_names():
        for label in MIGRATED_FIRST:
            call_command("migrate", label, interactive=False, verbosity=0)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def serve(
    options: argparse.Namespace, when_ready: Callable[[str], None], beside: "Mapping[str, Program] | None" = None
) -> int:
    """Serve until Ctrl-C; `when_ready` is called with the site's address once it answers."""
    from django.db import connections

    from ronghe.web.serving import Address, CannotServe
    from ronghe.web.serving import serve as serve_site

    address = Address(options.host, options.port)
    connections.close_all()
    try:
        return serve_site(
            address,
            workers=options.workers,
            threads=options.threads,
            when_ready=lambda: when_ready(address.url),
            beside=beside,
        )
    except CannotServe as reason:
        print(f"ronghe: {reason}", file=sys.stderr)
        return 1


def run(options: argparse.Namespace) -> int:
    """Prepare and serve."""
    prepare()
    return serve(options, lambda url: print(f"Ronghe serves at {url}", flush=True))
