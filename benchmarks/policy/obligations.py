"""Obligations of 200 chains by 30 rules on any day, from 100,000 dated memberships, facts, agreements and positions.

Run in a process and a database of its own under `var/`. The rules name ten metrics in three windows each, so that no
two rules share a measurement; beside them a bare scan of the same dated rows, read once for each rule, in the same run.
"""

import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.result import Result

COMMAND = "python -m benchmarks policy"
REPOSITORY = Path(__file__).resolve().parents[2]
CHAINS, ORGANISATIONS = 200, 2_000
MEMBERSHIPS, FACTS, AGREEMENTS, POSITIONS = 40_000, 10_000, 20_000, 30_000
FIRST, LAST = date(2021, 1, 1), date(2026, 11, 23)
METRICS = (
    ("community.chain.members", "count"),
    ("community.chain.firms_brought_in", "count"),
    ("community.chain.leader_insured_staff", "persons"),
    ("community.chain.leader_violations", "count"),
    ("agreements.seats_promised", "count"),
    ("agreements.seats_a_year", "count"),
    ("agreements.mentors_promised", "persons"),
    ("agreements.graduates_promised", "persons"),
    ("agreements.in_force", "count"),
    ("agreements.overdue_signatures", "count"),
)
WINDOWS = ('"day"', "{ months = 12 }", "{ months = 24 }")


def run() -> list[Result]:
    """Measure in a process and a database of their own."""
    (REPOSITORY / "var").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="benchmark-policy-", dir=REPOSITORY / "var"))
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "ronghe.web.settings",
        "RONGHE_DATA_DIR": str(folder),
        "RONGHE_CHECKPOINT_DIR": str(folder / "checkpoints"),
        "RONGHE_LOG_LEVEL": "ERROR",
        "DATABASE_URL": f"sqlite:///{folder / 'ronghe.sqlite3'}",
    }
    try:
        for command in (
            ["-m", "django", "migrate", "--verbosity=0", "--skip-checks"],
            ["-m", "benchmarks.policy.obligations"],
        ):
            done = subprocess.run(
                [sys.executable, *command], cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, check=True
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [Result(**row) for row in json.loads(done.stdout)]


def _span(rng: random.Random) -> dict[str, Any]:
    """Valid time over the years, a third still open; one in ten was corrected and is superseded."""
    first = FIRST + timedelta(days=rng.randrange((LAST - FIRST).days - 30))
    until = None if rng.random() < 0.33 else first + timedelta(days=rng.randrange(30, 900))
    return {"valid_from": first, "valid_until": until}


def _moments(rng: random.Random, valid_from: date) -> dict[str, Any]:
    from django.utils import timezone

    recorded = timezone.make_aware(datetime(valid_from.year, valid_from.month, valid_from.day))
    superseded = recorded + timedelta(days=rng.randrange(1, 60)) if rng.random() < 0.1 else None
    return {"recorded_at": recorded, "superseded_at": superseded}


def build() -> int:
    """Fill the database and return how many dated rows it holds."""
    from ronghe.apps.accounts.models import Person
    from ronghe.apps.agreements.models import Agreement, Promise, Term
    from ronghe.apps.community.models import Chain, ChainMembership, Organisation, OrganisationFact, Region

    rng = random.Random(20261123)
    person = Person.objects.create(email="bench@example.org", name="bench")
    other = Person.objects.create(email="second@example.org", name="second")
    region, _made = Region.objects.get_or_create(code="440300", defaults={"name_zh": "深圳市"})
    firms = Organisation.objects.bulk_create(
        Organisation(kind="enterprise", name_zh=f"企业{number}", region=region, registered_on=FIRST)
        for number in range(ORGANISATIONS)
    )
    chains = Chain.objects.bulk_create(
        Chain(name_zh=f"生态链{number}", field="ic", region=region, founded_on=FIRST) for number in range(CHAINS)
    )
    leaders = {chain.pk: firms[number] for number, chain in enumerate(chains)}
    memberships = [
        ChainMembership(chain=chain, organisation=leaders[chain.pk], tier="leader", valid_from=FIRST)
        for chain in chains
    ]
    seen = {(one.chain_id, one.organisation_id) for one in memberships}
    while len(memberships) < MEMBERSHIPS:
        chain, firm = rng.choice(chains), rng.choice(firms)
        if (chain.pk, firm.pk) in seen:
            continue
        seen.add((chain.pk, firm.pk))
        span = _span(rng)
        memberships.append(
            ChainMembership(
                chain=chain,
                organisation=firm,
                tier="member",
                brought_in_by=leaders[chain.pk] if rng.random() < 0.2 else None,
                **span,
                **_moments(rng, span["valid_from"]),
            )
        )
    ChainMembership.objects.bulk_create(memberships, batch_size=5_000)
    facts = []
    for number in range(FACTS):
        span = _span(rng)
        kind = ("insured_staff", "violations", "staff")[number % 3]
        facts.append(
            OrganisationFact(
                organisation=rng.choice(firms),
                kind=kind,
                value=rng.randrange(2) if kind == "violations" else rng.randrange(50, 900),
                declared_by=person,
                confirmed_by=other,
                **span,
                **_moments(rng, span["valid_from"]),
            )
        )
    OrganisationFact.objects.bulk_create(facts, batch_size=5_000)
    agreements = Agreement.objects.bulk_create(
        (
            Agreement(kind="strategic", title_zh=f"协议{number}", chain=rng.choice(chains))
            for number in range(AGREEMENTS)
        ),
        batch_size=5_000,
    )
    terms = []
    for agreement in agreements:
        span = _span(rng)
        terms.append(
            Term(agreement=agreement, chain_id=agreement.chain_id, **span, **_moments(rng, span["valid_from"]))
        )
    Term.objects.bulk_create(terms, batch_size=5_000)
    promises = []
    for number in range(POSITIONS):
        agreement, span = rng.choice(agreements), _span(rng)
        promises.append(
            Promise(
                agreement=agreement,
                chain_id=agreement.chain_id,
                clause=f"c{number}",
                kind=("positions", "positions", "mentors", "talent_supply")[number % 4],
                quantity=rng.randrange(1, 30),
                per="year",
                by=rng.choice(firms),
                **span,
                **_moments(rng, span["valid_from"]),
            )
        )
    Promise.objects.bulk_create(promises, batch_size=5_000)
    return len(memberships) + len(facts) + len(terms) + len(promises)


def rule_set() -> str:
    """Thirty rules: ten metrics in three windows each."""
    head = """
code = "bench"
name_zh = "基准"
name_en = "Benchmark"
jurisdiction = "440000"
authority_zh = "基准"
authority_en = "Benchmark"
source = "generated"
standing = "claim"
"""
    rules = [
        f"""
[[rules]]
key = "r{number}-{place}"
name_zh = "规则"
name_en = "Rule"
text_zh = "规则"
text_en = "Rule"
clause_zh = "一"
clause_en = "1"
subject = "chain"
metric = "{metric}"
operator = "at least"
threshold = {10 * (place + 1)}
unit = "{unit}"
window = {window}
margin = 2
severity = "major"
effective_from = 2021-01-01
"""
        for number, (metric, unit) in enumerate(METRICS)
        for place, window in enumerate(WINDOWS)
    ]
    return head + "".join(rules)


def measure() -> list[Result]:
    """Seconds for days over the years, as it was and as it was known; the queries for few and for many chains."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from ronghe.apps.community.models import Chain
    from ronghe.apps.policies import content, loading
    from ronghe.apps.policies.models import RuleSet, RuleSetVersion
    from ronghe.apps.policies.selectors.obligations import Moment, obligations
    from ronghe.apps.policies.subjects import SubjectKind, subjects_of
    from ronghe.trust.canonical import canonical_json

    rows = build()
    normal = loading.load(rule_set())
    RuleSetVersion.objects.create(
        rule_set=RuleSet.objects.create(code="bench"),
        number=1,
        source_text="",
        content=canonical_json(normal).decode(),
        digest=content.digest_of(normal),
        note="bench",
        state="published",
        decided_at=timezone.make_aware(datetime(2021, 1, 1)),
    )
    days = [LAST, date(2026, 3, 1), date(2025, 6, 15), date(2024, 2, 29), date(2022, 12, 31)]
    known = timezone.make_aware(datetime(2025, 1, 1))

    processor: list[float] = []

    def judged(day: date, known_at: Any = None) -> float:
        started, worked = time.perf_counter(), time.process_time()
        found = subjects_of(SubjectKind.CHAIN, day)
        answer = obligations(SubjectKind.CHAIN, found, Moment(day, known_at))
        seconds = time.perf_counter() - started
        processor.append(time.process_time() - worked)
        if len(answer) != CHAINS or {len(rows) for rows in answer.values()} != {len(METRICS) * len(WINDOWS)}:
            raise RuntimeError("not every chain was judged by every rule")
        return seconds

    judged(LAST)
    seconds = [judged(day) for day in days for _round in range(3)]
    as_known = [judged(day, known) for day in days[2:]]

    def queries(number: int) -> int:
        few = {chain.pk: chain for chain in Chain.objects.select_related("region")[:number]}
        with CaptureQueriesContext(connection) as caught:
            obligations(SubjectKind.CHAIN, few, Moment(LAST))
        return len(caught)

    few, many = queries(20), queries(CHAINS)
    shape = f"{CHAINS} chains x 30 rules, {rows:,} dated rows"
    bare = _bare_scan()
    worst = max(*seconds, *as_known)
    return [
        Result(
            name=f"obligations: {shape} (median of any day)",
            value=statistics.median(seconds),
            unit="s",
            peer="bare SQLite: the same rows fetched once for each rule",
            peer_value=bare,
            ratio=statistics.median(seconds) / bare,
            goal="<= 2 s",
            met=statistics.median(seconds) <= 2,
            command=COMMAND,
        ),
        Result(
            "obligations: processor time of that (median), whatever else the machine does",
            statistics.median(processor),
            "s",
            goal="<= 2 s",
            met=statistics.median(processor) <= 2,
            command=COMMAND,
        ),
        Result("obligations: the slowest day", worst, "s", goal="<= 2 s", met=worst <= 2, command=COMMAND),
        Result(
            "obligations: as it was known earlier (slowest)",
            max(as_known),
            "s",
            goal="<= 2 s",
            met=max(as_known) <= 2,
            command=COMMAND,
        ),
        Result(
            f"obligations: queries for {CHAINS} chains",
            many,
            "queries",
            peer="for 20 chains",
            peer_value=few,
            ratio=many / few,
            goal="as many as for 20",
            met=many == few,
            command=COMMAND,
        ),
    ]


def _bare_scan() -> float:
    """Fetch the dated rows that hold on the last day, once for each rule on them, without a framework."""
    path = Path(os.environ["RONGHE_DATA_DIR"]) / "ronghe.sqlite3"
    tables = ["community_chainmembership"] * 6 + ["community_organisationfact"] * 6
    tables += ["agreements_promise"] * 12 + ["agreements_term"] * 6
    with sqlite3.connect(path) as bare:
        started = time.perf_counter()
        for table in tables:
            bare.execute(
                f"SELECT id, valid_from, valid_until FROM {table} WHERE superseded_at IS NULL AND valid_from <= ? "
                "AND (valid_until IS NULL OR valid_until > ?)",
                (LAST.isoformat(), LAST.isoformat()),
            ).fetchall()
        return time.perf_counter() - started


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps([asdict(result) for result in measure()]))
