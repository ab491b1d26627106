"""The path that earned a certificate: a person's facts from the stations that stand today, gathered for many at once.

Each source answers for all people in a few queries. The salted tree over the facts is `trust.path`'s.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Sum

from ronghe.apps.community.models import Cohort, CohortMembership
from ronghe.apps.credentials.models import Certificate
from ronghe.apps.credits.models import Lot, credits_of
from ronghe.apps.training.models import Entry
from ronghe.trust.checkpoint import decode_base64, encode_base64
from ronghe.trust.path import PathEvent, PathRoot, new_salt, path_root

# What happened, on which day, and its words in both languages.
Fact = dict[str, Any]
Source = Callable[[Collection[int], datetime], Mapping[int, list[Fact]]]


def enrolments(people: Collection[int], until: datetime) -> Mapping[int, list[Fact]]:
    """That a person entered a cohort of a university, as far as was known at `until`."""
    rows = list(
        CohortMembership.objects.known(until)
        .filter(person__in=people, valid_from__lte=until.date())
        .order_by("valid_from", "pk")
        .values_list("person_id", "valid_from", "cohort_id")
    )
    # Thousands of people are in a few cohorts.
    cohorts = Cohort.objects.select_related("organisation", "academic_year").in_bulk({cohort for *_, cohort in rows})
    words = {key: _entered(cohort) for key, cohort in cohorts.items()}
    found: defaultdict[int, list[Fact]] = defaultdict(list)
    for person, day, cohort in rows:
        found[person].append({"what": "community.cohort.entered", "on": day.isoformat(), **words[cohort]})
    return found


def _entered(cohort: Cohort) -> Fact:
    university = cohort.organisation
    return {
        "zh": f"入读{university.name_zh} · {cohort.name_zh}（{cohort.academic_year}）",
        "en": f"Entered {university.name_en or university.name_zh}, "
        f"{cohort.name_en or cohort.name_zh} ({cohort.academic_year})",
    }


def earlier_certificates(people: Collection[int], until: datetime) -> Mapping[int, list[Fact]]:
    """The certificates that a person held and holds still: larger ones are built from them."""
    rows = (
        Certificate.objects.good_at(until)
        .filter(holder__in=people, version__isnull=False)
        .order_by("issued_at", "pk")
        .values_list("holder_id", "issued_at", "digest", "version__name_zh", "version__name_en")
    )
    found: defaultdict[int, list[Fact]] = defaultdict(list)
    for holder, issued_at, digest, name_zh, name_en in rows:
        found[holder].append(
            {
                "what": "credentials.certificate.issued",
                "on": issued_at.date().isoformat(),
                "zh": f"获得证书：{name_zh}",
                "en": f"Certificate: {name_en or name_zh}",
                "digest": bytes(digest).hex(),
            }
        )
    return found


def practice(people: Collection[int], until: datetime) -> Mapping[int, list[Fact]]:
    """Placements with the hours that a second party has confirmed; the day is the last one confirmed."""
    entries = Entry.objects.counted().filter(placement__person__in=people, hours__gt=0, handed_in_at__lte=until)
    rows = (
        entries.order_by("placement")
        .values_list("placement__person_id", "placement__work_zh", "placement__work_en", "placement")
        .annotate(hours=Sum("hours"), week=Max("week"))
    )
    found: defaultdict[int, list[Fact]] = defaultdict(list)
    for person, work_zh, work_en, _placement, hours, week in rows:
        found[person].append(
            {
                "what": "training.hours.confirmed",
                "on": min(week + timedelta(days=6), until.date()).isoformat(),
                "zh": f"企业实践：{work_zh}，经第二方确认 {hours:f} 学时",
                "en": f"Practice: {work_en or work_zh}, {hours:f} hours confirmed by a second party",
            }
        )
    return found


def deposits(people: Collection[int], until: datetime) -> Mapping[int, list[Fact]]:
    """Credits that stand in the credit bank, by what earned them."""
    rows = (
        Lot.objects.filter(
            account__person__in=people,
            transaction__reversal__isnull=True,
            transaction__recorded_at__lte=until,
            transaction__achievement__isnull=False,
        )
        .order_by("earned_on", "pk")
        .values_list(
            "account__person_id",
            "earned_on",
            "hundredths",
            "transaction__achievement__name_zh",
            "transaction__achievement__name_en",
        )
    )
    found: defaultdict[int, list[Fact]] = defaultdict(list)
    for person, day, hundredths, name_zh, name_en in rows:
        credits = credits_of(hundredths)
        found[person].append(
            {
                "what": "credits.deposit.made",
                "on": day.isoformat(),
                "zh": f"存入学分 {credits:f}：{name_zh}",
                "en": f"{credits:f} credits: {name_en or name_zh}",
            }
        )
    return found


# In the order of the loop.
SOURCES: tuple[Source, ...] = (enrolments, practice, deposits, earlier_certificates)


def gather(people: Collection[int], until: datetime) -> Mapping[int, list[Fact]]:
    """Return the facts of each person by day, all sources together."""
    found: defaultdict[int, list[Fact]] = defaultdict(list)
    for source in SOURCES:
        for person, facts in source(people, until).items():
            found[person] += facts
    return {person: sorted(facts, key=lambda fact: str(fact["on"])) for person, facts in found.items()}


def plant(facts: list[Fact]) -> list[PathEvent]:
    """Return the facts as salted events."""
    return [PathEvent(fact, new_salt()) for fact in facts]


def root_of(events: list[PathEvent]) -> PathRoot | None:
    """Return what the certificate commits to; None where no station knows anything."""
    return path_root([event.leaf() for event in events]) if events else None


def kept(events: list[PathEvent]) -> list[dict[str, Any]]:
    """Return the events as the certificate's row keeps them."""
    return [{"content": dict(event.content), "salt": encode_base64(event.salt)} for event in events]


def read(rows: list[dict[str, Any]]) -> list[PathEvent | bytes]:
    """Return the events that a row keeps; of an erased one its leaf hash."""
    return [
        PathEvent(row["content"], decode_base64(row["salt"], "a salt"))
        if "content" in row
        else decode_base64(row["leaf"], "a leaf hash")
        for row in rows
    ]


def emptied(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with content and salt gone; the leaf hashes that stay keep every proof of others valid."""
    return [{"leaf": encode_base64(event if isinstance(event, bytes) else event.leaf())} for event in read(rows)]
