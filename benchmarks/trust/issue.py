"""Issuing 10,000 certificates: each signed twice, logged, proved by the log, and stored, on a durable SQLite file."""

import os
import tempfile
import time
from pathlib import Path

from benchmarks.result import Result

COUNT = 10_000
GOAL_SECONDS = 10.0
COMMAND = "python -m benchmarks trust"


def run() -> list[Result]:
    """Issue to as many students, seal, and fetch each one's proof."""
    with tempfile.TemporaryDirectory(prefix="ronghe-issue-") as folder:
        os.environ["RONGHE_DATA_DIR"] = folder
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'issue.sqlite3'}"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ronghe.web.settings")
        # Forked, so that another part of the run keeps its own Django.
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            measured = _measure()
            os.write(write, repr(measured).encode())
            os._exit(0)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            text = pipe.read().decode()
        os.waitpid(child, 0)
    issued, sealed, proved, verified, cpu = (float(part) for part in text.strip("()").split(","))
    total = issued + sealed + proved
    return [
        Result(
            name=f"{COUNT:,} certificates issued, logged, proved and stored",
            value=round(total, 2),
            unit="s",
            goal=f"< {GOAL_SECONDS:g} s",
            met=total < GOAL_SECONDS,
            command=COMMAND,
        ),
        Result(name="processor time of the first process", value=round(cpu, 2), unit="s", command=COMMAND),
        Result(name="of which signed and stored", value=round(issued, 2), unit="s", command=COMMAND),
        Result(name="of which sealed by the log", value=round(sealed, 2), unit="s", command=COMMAND),
        Result(name="of which proofs", value=round(proved, 2), unit="s", command=COMMAND),
        Result(name="of 200 drawn, valid", value=verified, unit="", goal="200", met=verified == 200, command=COMMAND),
    ]


def _measure() -> tuple[float, float, float, float, float]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.urls import reverse

    call_command("migrate", verbosity=0)
    from ronghe.apps.credentials import services, verification
    from ronghe.apps.credentials.models import Certificate
    from ronghe.apps.ledger import publishing
    from ronghe.apps.ledger import services as ledger
    from ronghe.apps.ledger.models import Leaf
    from ronghe.trust import strict_json
    from ronghe.trust.verdicts import Verdict

    office, version, people = _scene()
    ledger.seal()
    # A site that runs has read its addresses long ago.
    reverse("home")
    cpu, start = time.process_time(), time.perf_counter()
    services.issue_many(actor=office, version=version, people=people)
    issued = time.perf_counter()
    ledger.seal()
    sealed = time.perf_counter()
    indexes = list(Leaf.objects.filter(event__type="credentials.certificate.issued").values_list("index", flat=True))
    proofs = publishing.log_proofs(indexes)
    proved, cpu = time.perf_counter(), time.process_time() - cpu
    if len(proofs) != COUNT:
        raise RuntimeError(f"{len(proofs)} proofs of {COUNT}")
    drawn = Certificate.objects.order_by("code")[:200]
    valid = sum(
        verification.check_credential(strict_json.parse(one.document or "")).verdict is Verdict.VALID for one in drawn
    )
    return issued - start, sealed - issued, proved - sealed, float(valid), cpu


def _scene():  # type: ignore[no-untyped-def]
    from datetime import date

    from django.db import transaction

    from ronghe.apps.accounts.models import Consent, Person
    from ronghe.apps.community.models import AcademicYear, Cohort, CohortMembership, Organisation, Role, RoleKind
    from ronghe.apps.credentials import services
    from ronghe.apps.credentials.services import AchievementData

    with transaction.atomic():
        university = Organisation.objects.create(kind="university", name_zh="示例大学", name_en="Example University")
        office = Person.objects.create_user("office@example.org", None, name="office")
        Role.objects.create(person=office, organisation=university, kind=RoleKind.OFFICE, valid_from=date(2020, 1, 1))
        year = AcademicYear.objects.create(label="2026-2027", starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 31))
        cohort = Cohort.objects.create(organisation=university, academic_year=year, name_zh="一班", field="ic")
        people = [Person(email=f"s{number}@example.org", name=f"张{number}") for number in range(COUNT)]
        Person.objects.bulk_create(people)
        CohortMembership.objects.bulk_create(
            CohortMembership(cohort=cohort, person=person, valid_from=date(2026, 9, 1)) for person in people
        )
        Consent.objects.bulk_create(Consent(person=person, purpose="certificates", version=1) for person in people)
        issuer = services.found_issuer(actor=office, organisation=university)
        data = AchievementData(
            name_zh="芯片验证微证书",
            name_en="Chip verification",
            criteria_zh="独立搭建验证平台并完成回归。",
            criteria_en="Builds a testbench alone and runs its regression.",
            type="MicroCredential",
            worker_level=4,
            months_valid=36,
        )
        version = services.define_achievement(actor=office, issuer=issuer, code="UVM-1", data=data)
    return office, version, people
