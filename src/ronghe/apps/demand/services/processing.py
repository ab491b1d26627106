"""What is done to postings after an import: find the duplicates, then extract the skills, in bounded transactions.

Each transaction leaves a state that can stand: work that was stopped is taken up where it ended.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.demand import events, extraction
from ronghe.apps.demand.models import DataVersion, Mention, Posting, Skill
from ronghe.apps.demand.services.counting import lock_data, recount, recount_in_parts, renew_data_version
from ronghe.apps.jobs import services as jobs
from ronghe.apps.jobs.models import Job
from ronghe.apps.jobs.registry import Progress
from ronghe.apps.ledger import services as ledger
from ronghe.methods.postings import DuplicateRule, find_duplicates
from ronghe.methods.skills import Mention as Found

POSTINGS_AT_ONCE = 500
# Postings published within so many days are compared in one go; it bounds the memory, not what is found.
DAYS_AT_ONCE = 120
RULE = DuplicateRule()
_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Processed:
    """What processing did."""

    compared: int
    duplicates: int
    extracted: int
    mentions: int


def start_processing(*, actor: Person) -> Job:
    """Queue the work on all postings that wait for it: new ones, and those read with an older lexicon."""
    demand(actor, "demand.process_postings")
    return jobs.start(actor=actor, kind="demand.postings.process")


def process_postings(*, actor: Person | None, progress: Progress) -> Processed:
    """Compare and extract whatever waits for it; `actor` None is the system.

    Raises JobCancelled; what was committed until then stays.
    """
    if actor is not None:
        demand(actor, "demand.process_postings")
    compared, duplicates = _compare_all(actor, progress)
    extracted, mentions = _extract_all(actor, progress)
    return Processed(compared, duplicates, extracted, mentions)


def waiting_for_extraction() -> QuerySet[Posting]:
    """The postings that were not read yet, or with another lexicon or other rules than today's."""
    return Posting.objects.exclude(extracted_with=extraction.version_of(extraction.names().lexicon))


def _compare_all(actor: Person | None, progress: Progress) -> tuple[int, int]:
    waiting = Posting.objects.filter(compared_at__isnull=True)
    total = waiting.count()
    compared = duplicates = 0
    while True:
        progress.report(compared, total, _("Looking for duplicates"))
        first = waiting.order_by("published_on").values_list("published_on", flat=True).first()
        if first is None:
            return compared, duplicates
        more, found = _compare_slice(actor, first, first + timedelta(days=DAYS_AT_ONCE - 1))
        compared += more
        duplicates += found


def _compare_slice(actor: Person | None, first: date, last: date) -> tuple[int, int]:
    """Compare the new postings of some days with all that appeared so near to them that they may be the same."""
    reach = timedelta(days=RULE.within_days)
    waiting = set(
        Posting.objects.filter(compared_at__isnull=True, published_on__range=(first, last)).values_list("pk", flat=True)
    )
    near = Posting.objects.filter(published_on__range=(first - reach, last + reach))
    # A posting near the edge may stand for one that appeared before it.
    rows = list(
        Posting.objects.filter(Q(pk__in=near.values("pk")) | Q(duplicates__in=near))
        .distinct()
        .order_by("published_on", "pk")
        .values_list("pk", "published_on", "text", "duplicate_of_id")
    )
    verdicts = find_duplicates(
        [text for _key, _day, text, _of in rows], RULE, published=[day.toordinal() for _key, day, _text, _of in rows]
    )
    standing = {
        key: (rows[verdict.original][0], verdict.reason, verdict.similarity) if verdict.reason != "unique" else None
        for (key, _day, _text, _of), verdict in zip(rows, verdicts, strict=True)
    }
    return _keep_comparison(actor, waiting, {key: of for key, _day, _text, of in rows}, standing)


_Standing = tuple[int, str, float] | None


@transaction.atomic
def _keep_comparison(
    actor: Person | None, waiting: set[int], before: dict[int, int | None], standing: Mapping[int, _Standing]
) -> tuple[int, int]:
    lock_data()
    changed = []
    for key, verdict in standing.items():
        if before[key] == (verdict[0] if verdict else None):
            continue
        of, reason, similarity = verdict or (None, "", None)
        changed.append(Posting(pk=key, duplicate_of_id=of, duplicate_reason=reason, duplicate_similarity=similarity))
    Posting.objects.bulk_update(changed, ["duplicate_of", "duplicate_reason", "duplicate_similarity"], batch_size=200)
    touched = {posting.pk for posting in changed} | _reattach()
    Posting.objects.filter(pk__in=waiting).update(compared_at=timezone.now())
    recount_in_parts(sorted(touched))
    renew_data_version()
    found = sum(1 for key in waiting if standing[key] is not None)
    ledger.record(
        actor=actor,
        type=events.POSTINGS_COMPARED,
        subject="demand.posting:batch",
        payload={
            "compared": len(waiting),
            "duplicates": found,
            "changed": len(touched),
            "digest": _digest(f"{key} {standing[key]}" for key in sorted(waiting)),
        },
    )
    return len(waiting), found


def _reattach() -> set[int]:
    """A posting may not stand for another while it is itself a duplicate: what hung on it hangs on its original."""
    touched: set[int] = set()
    hanging = Posting.objects.filter(duplicate_of__duplicate_of__isnull=False)
    while rows := list(hanging.select_related("duplicate_of").only("pk", "duplicate_of__duplicate_of_id")):
        for row in rows:
            assert row.duplicate_of is not None  # noqa: S101 - the filter above says so
            row.duplicate_of_id = row.duplicate_of.duplicate_of_id
        Posting.objects.bulk_update(rows, ["duplicate_of"], batch_size=200)
        touched |= {row.pk for row in rows}
    return touched


def _extract_all(actor: Person | None, progress: Progress) -> tuple[int, int]:
    engine = extraction.engine()
    skills = dict(Skill.objects.current().values_list("code", "pk"))
    waiting = waiting_for_extraction()
    total = waiting.count()
    done = mentions = 0
    while True:
        progress.report(done, total, _("Extracting skills"))
        batch = list(waiting.order_by("pk").values_list("pk", "text")[:POSTINGS_AT_ONCE])
        if not batch:
            return done, mentions
        found = engine.extract([text for _key, text in batch])
        mentions += _keep_mentions(actor, engine.version, [key for key, _text in batch], found, skills)
        done += len(batch)


@transaction.atomic
def _keep_mentions(
    actor: Person | None, version: str, keys: list[int], found: Iterable[list[Found]], skills: dict[str, int]
) -> int:
    lock_data()
    Mention.objects.filter(posting__in=keys).delete()
    rows = [
        Mention(
            posting_id=key,
            skill_id=skills[mention.skill_id],
            start=mention.start,
            end=mention.end,
            tier=mention.tier,
            score=mention.score,
        )
        for key, mentions in zip(keys, found, strict=True)
        for mention in mentions
        if mention.skill_id in skills
    ]
    Mention.objects.bulk_create(rows, batch_size=_ROWS_AT_ONCE)
    Posting.objects.filter(pk__in=keys).update(extracted_with=version)
    DataVersion.objects.filter(pk=1).update(extractor=version)
    recount(keys)
    ledger.record(
        actor=actor,
        type=events.POSTINGS_EXTRACTED,
        subject="demand.posting:batch",
        payload={
            "extractor": version,
            "postings": len(keys),
            "mentions": len(rows),
            "digest": _digest(f"{row.posting_id} {row.start} {row.end} {row.skill_id} {row.tier}" for row in rows),
        },
    )
    return len(rows)


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
