"""Keeps the rows that figures are computed from in step with mentions, decisions and duplicates. Records no event."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence

from django.utils import timezone

from ronghe.apps.demand.models import AskedSkill, DataVersion, Mention, MentionDecision, Posting, Verdict

_ROWS_AT_ONCE = 2_000
_POSTINGS_AT_ONCE = 5_000


def lock_data() -> DataVersion:
    """Lock the one row that says which state of the data stands: of two changes to what is counted one waits."""
    DataVersion.objects.get_or_create(pk=1)
    return DataVersion.objects.select_for_update().get(pk=1)


def renew_data_version() -> None:
    """Tell every process that what it has computed is of the past."""
    mark, now = uuid.uuid4(), timezone.now()
    if not DataVersion.objects.filter(pk=1).update(mark=mark, changed_at=now):
        DataVersion.objects.create(pk=1, mark=mark, changed_at=now)


def recount(postings: Collection[int]) -> int:
    """Write anew which skills these postings ask for, and return how many rows there are now.

    A skill is asked for where it is found in a span that nobody rejected, or in one that somebody accepted.
    """
    AskedSkill.objects.filter(posting__in=postings).delete()
    counted = {
        posting.pk: posting
        for posting in Posting.objects.counted()
        .filter(pk__in=postings)
        .only("pk", "published_on", "source_id", "region", "enterprise_key", "head_count")
    }
    asked: dict[int, set[int]] = defaultdict(set)
    rejected: set[tuple[int, int, int, int]] = set()
    for posting, skill, start, end, verdict in MentionDecision.objects.filter(
        posting__in=counted, skill__retired_at__isnull=True
    ).values_list("posting_id", "skill_id", "start", "end", "verdict"):
        if verdict == Verdict.REJECTED:
            rejected.add((posting, skill, start, end))
        else:
            asked[posting].add(skill)
    for posting, skill, start, end in Mention.objects.filter(
        posting__in=counted, skill__retired_at__isnull=True
    ).values_list("posting_id", "skill_id", "start", "end"):
        if (posting, skill, start, end) not in rejected:
            asked[posting].add(skill)
    rows = [
        AskedSkill(
            posting_id=key,
            skill_id=skill,
            published_on=posting.published_on,
            source_id=posting.source_id,
            region=posting.region,
            enterprise_key=posting.enterprise_key,
            heads=posting.head_count or 1,
        )
        for key, posting in counted.items()
        for skill in sorted(asked[key])
    ]
    AskedSkill.objects.bulk_create(rows, batch_size=_ROWS_AT_ONCE)
    renew_data_version()
    return len(rows)


def recount_in_parts(postings: Sequence[int]) -> None:
    """`recount` for any number of postings."""
    for start in range(0, len(postings), _POSTINGS_AT_ONCE):
        recount(postings[start : start + _POSTINGS_AT_ONCE])
