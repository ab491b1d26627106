"""A hundred people ask for one machine at one time: how many get it, are all others told, and how long does it take?

Each asks through the service that the page uses, from twenty processes, on SQLite and, where a server can run,
on PostgreSQL. The peer is the same insert without service or locks, held back by the database alone.
"""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from typing import Any

from benchmarks.result import Result

MANY = 100
PROCESSES = 20
COMMAND = "python -m benchmarks training"
RUN = "from benchmarks.training.bookings import inside; inside()"


def run() -> list[Result]:
    """Measure on both databases, each in a process of its own."""
    results = []
    for database, command in (
        ("SQLite", [sys.executable, "-c", RUN]),
        ("PostgreSQL", [sys.executable, "-m", "tests.postgres.server", "--", sys.executable, "-c", RUN]),
    ):
        with tempfile.TemporaryDirectory() as folder:
            environment = {
                **os.environ,
                "RONGHE_DATA_DIR": folder,
                "RONGHE_LOG_LEVEL": "CRITICAL",
                "DJANGO_SETTINGS_MODULE": "ronghe.web.settings",
            }
            environment.pop("DATABASE_URL", None)
            said = subprocess.run(command, env=environment, check=False, stdout=subprocess.PIPE, text=True)
        if said.returncode:
            # A machine without PostgreSQL's server measures the other database alone.
            continue
        found = json.loads(said.stdout.splitlines()[-1])
        results += [
            _result(
                f"{database}: bookings made of {MANY} asked for at once",
                found["made"],
                "bookings",
                "1",
                found["made"] == 1,
            ),
            _result(
                f"{database}: people told that it is taken", found["told"], "people", "99", found["told"] == MANY - 1
            ),
            _result(
                f"{database}: bookings that stand afterwards", found["stand"], "bookings", "1", found["stand"] == 1
            ),
            Result(
                name=f"{database}: all {MANY} answered",
                value=found["seconds"],
                unit="s",
                peer="insert without the service",
                peer_value=found["peer_seconds"],
                ratio=found["seconds"] / found["peer_seconds"],
                goal=None,
                met=None,
                command=COMMAND,
            ),
            _result(
                f"{database}: rows that stand without the service",
                found["peer_stand"],
                "rows",
                "1",
                found["peer_stand"] == 1,
            ),
        ]
    return results


def _result(name: str, value: float, unit: str, goal: str, met: bool) -> Result:
    return Result(name=name, value=value, unit=unit, goal=goal, met=met, command=COMMAND)


def _ask(keys: list[int], machine: int, start: Any, gate: Any, outcomes: Any) -> None:
    """Some people ask, one after the other, in a process that was forked before any connection was made."""
    from django.db import IntegrityError, connections, transaction

    from ronghe.apps.accounts.models import Person
    from ronghe.apps.sites import services
    from ronghe.apps.sites.models import Booking, Machine
    from ronghe.apps.sites.services import SlotTaken

    connections.close_all()
    people = list(Person.objects.filter(pk__in=keys)) if keys else []
    wanted = Machine.objects.get(pk=machine)
    gate.wait()
    said = []
    for number in range(MANY // PROCESSES):
        try:
            if people:
                person = people[number]
                services.book(actor=person, machine=wanted, person=person, start=start, end=start + timedelta(hours=2))
            else:
                with transaction.atomic():
                    Booking.objects.create(
                        machine=wanted, starts_at=start, ends_at=start + timedelta(hours=2), source="log"
                    )
            said.append("made")
        except (SlotTaken, IntegrityError):
            said.append("told")
    outcomes.put(said)
    connections.close_all()


def _race(people: list[int], machine: int, start: Any) -> tuple[list[str], float]:
    """All at once; what each was told, and the seconds until the last was."""
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("fork")
    gate, outcomes = context.Barrier(PROCESSES + 1), context.Queue()
    share = MANY // PROCESSES
    workers = [
        context.Process(target=_ask, args=(people[n * share : (n + 1) * share], machine, start, gate, outcomes))
        for n in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    gate.wait()
    begun = time.perf_counter()
    said = [one for _worker in workers for one in outcomes.get()]
    seconds = time.perf_counter() - begun
    for worker in workers:
        worker.join()
    return said, seconds


def inside() -> None:
    """Build a site, let everybody ask, and print what came of it."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from ronghe.apps.accounts.models import Person
    from ronghe.apps.community.models import Campus, Organisation, Region, Role
    from ronghe.apps.sites import services
    from ronghe.apps.sites.models import Booking
    from ronghe.apps.sites.zones import at_minute

    office = Person.objects.create_superuser("office@example.org", "-", name="office")
    school = Organisation.objects.create(kind="university", name_zh="学校")
    campus = Campus.objects.create(organisation=school, name_zh="校区", region=Region.objects.first())
    site = services.register_site(actor=office, campus=campus, name_zh="场地", keeps_holidays=False)
    since = date(2020, 1, 1)
    services.set_hours(actor=office, site=site, hours={day: [(0, 1440)] for day in range(7)}, valid_from=since)
    family = services.register_family(actor=office, code="m", name_zh="设备", needs_authorisation=False)
    machine = services.register_machine(
        actor=office, site=site, family=family, code="1", name_zh="设备一", in_use_from=since
    )
    people = Person.objects.bulk_create(Person(email=f"p{n}@example.org", name=str(n)) for n in range(MANY))
    Role.objects.bulk_create(
        Role(person=person, organisation=school, kind="student", valid_from=since) for person in people
    )
    start = at_minute(date.today() + timedelta(days=3), 10 * 60, site.zone_info)
    said, seconds = _race([person.pk for person in people], machine.pk, start)
    later = start + timedelta(days=1)
    _others, peer = _race([], machine.pk, later)
    print(
        json.dumps(
            {
                "made": said.count("made"),
                "told": said.count("told"),
                "stand": Booking.objects.filter(starts_at=start).count(),
                "seconds": seconds,
                "peer_seconds": peer,
                "peer_stand": Booking.objects.filter(starts_at=later).count(),
            }
        )
    )
