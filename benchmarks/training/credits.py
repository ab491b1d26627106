"""The credit bank with a million entries: are balances exact, and how long does a statement take?

The rows are generated and written straight into the tables, the greater part as copies of the first with other
amounts: the bank's own services would take as long as the ledger needs for a million events, and what is measured here
is reading.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

from benchmarks.result import Result

ENTRIES = 1_000_000
STUDENTS = 4_000
# So many entries are made one by one; the others are copies of these, each with another amount.
MADE = 20_000
ROUNDS = 40
GOAL_MS = 200.0
RUN = "from benchmarks.training.credits import inside; inside()"


def run() -> list[Result]:
    """Measure in a process of its own, on a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "RONGHE_DATA_DIR": folder,
            "RONGHE_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "ronghe.web.settings",
        }
        environment.pop("DATABASE_URL", None)
        said = subprocess.run(
            [sys.executable, "-c", RUN], env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
    wrong, student, issuer, middle, deep = (float(value) for value in said.stdout.split()[-5:])
    command = "python -m benchmarks training"
    figures = [
        (f"accounts whose balance is not the sum of its {ENTRIES:,} entries", wrong, "accounts", "0", wrong == 0),
        ("statement of a student, p95", student, "ms", f"< {GOAL_MS:.0f} ms", student < GOAL_MS),
        ("statement of an issuer with 500,000 entries, p95", issuer, "ms", f"< {GOAL_MS:.0f} ms", issuer < GOAL_MS),
        ("a stretch in its middle, p95", middle, "ms", f"< {GOAL_MS:.0f} ms", middle < GOAL_MS),
        ("its oldest stretch, p95", deep, "ms", f"< {GOAL_MS:.0f} ms", deep < GOAL_MS),
    ]
    return [
        Result(
            name=name,
            value=value,
            unit=unit,
            peer=None,
            peer_value=None,
            ratio=None,
            goal=goal,
            met=met,
            command=command,
        )
        for name, value, unit, goal, met in figures
    ]


def inside() -> None:
    """Fill the environment's database, check every balance against plain Python, and time statements."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)

    from ronghe.apps.credits.models import Account
    from ronghe.apps.credits.selectors import balances, statement
    from ronghe.apps.credits.services import close_accounts

    expected = _fill()
    close_accounts()
    accounts = list(Account.objects.all())
    found: dict[int, int] = {}
    for start in range(0, len(accounts), 500):
        part = balances(accounts[start : start + 500])
        found |= {key: int(credits * 100) for key, credits in part.items()}
    wrong = sum(found[account.pk] != expected[account.pk] for account in accounts)
    students = [account for account in accounts if account.kind == "student"]
    issuers = [account for account in accounts if account.kind == "issuer"]
    rng = random.Random(2)
    oldest = 100
    print(
        wrong,
        _p95(lambda: statement(rng.choice(students))),
        _p95(lambda: statement(rng.choice(issuers))),
        _p95(lambda: statement(rng.choice(issuers), before=ENTRIES // 2)),
        _p95(lambda: statement(rng.choice(issuers), before=oldest)),
    )


def _p95(act: object) -> float:
    taken = []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        act()  # type: ignore[operator]
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.quantiles(taken, n=20)[18]


def _fill() -> dict[int, int]:
    """Write deposits of two universities and return each balance in hundredths, counted beside the database."""
    from datetime import date
    from decimal import Decimal
    from uuid import uuid4

    from django.db import transaction
    from django.utils import timezone

    from ronghe.apps.accounts.models import Person
    from ronghe.apps.community.models import Organisation
    from ronghe.apps.credits.models import Account, Achievement, ConversionRule, Entry, Lot, Transaction

    rng = random.Random(1)
    now = timezone.now()
    expected: dict[int, int] = {}
    with transaction.atomic():
        universities = [Organisation.objects.create(kind="university", name_zh=f"大学{n}") for n in range(2)]
        issuers = [Account.objects.create(kind="issuer", organisation=one) for one in universities]
        people = Person.objects.bulk_create(Person(email=f"s{n}@example.org", name=f"学生{n}") for n in range(STUDENTS))
        students = Account.objects.bulk_create(Account(kind="student", person=one) for one in people)
        rule = ConversionRule.objects.create(
            name_zh="学时", source="hours", per=Decimal(16), credits=Decimal(1), clause="§1",
            valid_from=date(2020, 1, 1), proposed_by_uid=uuid4(), published_by_uid=uuid4(), published_at=now,
        )  # fmt: skip
        expected = {account.pk: 0 for account in (*issuers, *students)}
        plan = [(rng.choice(students), rng.choice(issuers), rng.randrange(1, 400)) for _entry in range(MADE)]
        achievements = Achievement.objects.bulk_create(
            Achievement(
                person_id=student.person_id, source="hours", key=f"x:{number}", name_zh="实践", quantity=1,
                first_day=date(2026, 1, 1), last_day=date(2026, 1, 1), state="confirmed",
            )
            for number, (student, _issuer, _amount) in enumerate(plan)
        )  # fmt: skip
        done = Transaction.objects.bulk_create(
            Transaction(kind="deposit", happened_on=now.date(), recorded_at=now, rule=rule, achievement=one)
            for one in achievements
        )
        Lot.objects.bulk_create(
            Lot(transaction=one, account=student, hundredths=amount, is_practice=True, earned_on=now.date())
            for one, (student, _issuer, amount) in zip(done, plan, strict=True)
        )
        Entry.objects.bulk_create(
            Entry(transaction=one, lot_id=one.pk, source=issuer, destination=student, hundredths=amount)
            for one, (student, issuer, amount) in zip(done, plan, strict=True)
        )
        copies = ENTRIES // MADE
        fresh = {"uid": "lower(hex(randomblob(16)))", "key": "key || ':' || copy"}
        amount = {"hundredths": "hundredths + copy"}
        _multiply(Achievement, copies, {"id": f"id + copy * {MADE}", **fresh})
        shifted = {name: f"{name} + copy * {MADE}" for name in ("id", "achievement_id", "transaction_id", "lot_id")}
        _multiply(Transaction, copies, {**shifted, "uid": fresh["uid"]})
        _multiply(Lot, copies, {**shifted, **amount})
        _multiply(Entry, copies, {**shifted, **amount})
        for student, issuer, first in plan:
            for copy in range(copies):
                expected[student.pk] += first + copy
                expected[issuer.pk] -= first + copy
    return expected


def _multiply(model: Any, copies: int, changes: dict[str, str]) -> None:
    """Insert all rows of a table again, `copies` - 1 times, with the columns of `changes` computed by SQL of `copy`."""
    from django.db import connection

    table = model._meta.db_table
    columns = [field.column for field in model._meta.concrete_fields]
    values = ", ".join(changes.get(column, column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE numbers(copy) AS "
            f"(SELECT 1 UNION ALL SELECT copy + 1 FROM numbers WHERE copy < {copies - 1}) "
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM numbers, (SELECT * FROM {table})"
        )
