"""How fast a page of twenty rows is: 16 keep-alive connections on two gunicorn workers, with all advertisements loaded.

The advertisements are the real ones where RONGHE_SHARED has them, else generated ones; the figure's name says which.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.result import Result
from benchmarks.visitors import milliseconds, request_of
from ronghe.web.serving import Address, programs

CONNECTIONS = 16
SECONDS = 12.0
# Each worker computes the figures of a page once for each state of the data.
SECONDS_TO_WARM = 3.0
GOAL_MS = 150.0
REAL_ADS = "data/postings/who-is-hiring-2017-2018.parquet"
PAGES = {
    "postings": "/demand/postings/",
    "demand overview": "/demand/",
    "demand overview, filtered": "/demand/?field=software&sort=-growth",
}
PREPARE = """
import sys
from benchmarks.pages import build
build(sys.argv[1])
"""


def build(advertisements: str) -> None:
    """Fill the environment's database with a member of the office and the advertisements; print the session key."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    from django.test import Client

    from ronghe.apps.accounts.models import Person
    from ronghe.apps.demand import services as demand
    from ronghe.apps.demo import services as demo

    demo.build()
    office = Person.objects.get(email__startswith="office@")
    if advertisements:
        from ronghe.tabular import Row, open_rows

        source = demand.register_source(actor=office, name="benchmark")
        with open_rows(Path(advertisements)) as rows:
            demand.import_postings(
                actor=office,
                source=source,
                rows=(_posting(number, row.record) for number, row in enumerate(rows) if isinstance(row, Row)),
            )
        demand.process_postings(actor=office, progress=_Quiet(office.pk))
    client = Client()
    client.force_login(office, backend="django.contrib.auth.backends.ModelBackend")
    print(client.cookies["ronghe_session"].value)


def _posting(number: int, record: dict[str, str]) -> object:
    from ronghe.apps.demand.services import PostingData

    day = record.get("month") or record.get("date") or record.get("published_on") or "2018-01"
    return PostingData(
        external_id=str(record.get("id") or number),
        published_on=date.fromisoformat(f"{day}-01" if len(day) == 7 else day[:10]),
        text=record.get("text") or record.get("description") or "-",
    )


class _Quiet:
    def __init__(self, owner_id: int) -> None:
        self.owner_id = owner_id

    def report(self, done: int, total: int | None = None, message: str = "") -> None:
        return


def _milliseconds(port: int, path: str, session: str, seconds: float = SECONDS) -> list[float]:
    request = request_of("GET", path, Cookie=f"ronghe_session={session}")
    return milliseconds(port, request, connections=CONNECTIONS, seconds=seconds)


def run() -> list[Result]:
    """Measure every page of `PAGES`."""
    shared = Path(os.environ.get("RONGHE_SHARED", "../shared")) / REAL_ADS
    kind = "real ads" if shared.exists() else "generated ads"
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "RONGHE_DATA_DIR": folder,
            "RONGHE_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "ronghe.web.settings",
        }
        environment.pop("DATABASE_URL", None)
        session = subprocess.run(
            [sys.executable, "-c", PREPARE, str(shared.resolve()) if shared.exists() else ""],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout.split()[-1]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen(
            programs(Address(port=port), workers=2)["web"],
            env=environment,
        )
        try:
            _wait(port)
            for path in PAGES.values():
                _milliseconds(port, path, session, seconds=SECONDS_TO_WARM)
            return [_result(name, kind, _milliseconds(port, path, session)) for name, path in PAGES.items()]
        finally:
            server.terminate()
            server.wait(30)


def _result(name: str, kind: str, taken: list[float]) -> Result:
    p95 = statistics.quantiles(taken, n=20)[18]
    return Result(
        name=f"20 rows: {name} ({kind}), p95 at {CONNECTIONS} connections, {len(taken) / SECONDS:.0f} answers/s",
        value=p95,
        unit="ms",
        peer=None,
        peer_value=None,
        ratio=None,
        goal=f"< {GOAL_MS:.0f} ms",
        met=p95 < GOAL_MS,
        command="python -m benchmarks demand",
    )


def _wait(port: int) -> None:
    for _attempt in range(300):
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the site did not answer")
