"""Keeps the rows that figures are computed from in step with mentions, decisions and duplicates. Records no event."""

import uuid
from collections.abc import Collection, Sequence

from django.db import connection
from django.utils import timezone

from ronghe.apps.demand.models import AskedSkill, DataVersion, Mention, MentionDecision, Posting, Skill, Verdict

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


def recount(postings: Collection[int]) -> None:
    """Write anew which skills these postings ask for.

    A skill is asked for where it is found in a span that nobody rejected, or in one that somebody accepted; only by
    postings that are no duplicates, and only while it stands in the lexicon.
    """
    AskedSkill.objects.filter(posting__in=postings).delete()
    keys = sorted(postings)
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(_write_asked(len(keys)), [Verdict.REJECTED, *keys, Verdict.ACCEPTED, *keys])
    renew_data_version()


def _write_asked(postings: int) -> str:
    """The statement that derives the rows in the database: reading and sending them back takes five times as long."""
    name = connection.ops.quote_name
    table = {model: name(model._meta.db_table) for model in (AskedSkill, Mention, MentionDecision, Posting, Skill)}
    marks = ", ".join(["%s"] * postings)
    # Nothing but names of our own tables and placeholders is put into the text.
    return f"""
        INSERT INTO {table[AskedSkill]} (posting_id, skill_id, published_on, source_id, region, enterprise_key, heads)
        SELECT posting.id, found.skill_id, posting.published_on, posting.source_id, posting.region,
               posting.enterprise_key, COALESCE(posting.head_count, 1)
        FROM (
            SELECT mention.posting_id, mention.skill_id
            FROM {table[Mention]} mention
            WHERE NOT EXISTS (
                SELECT 1 FROM {table[MentionDecision]} decision
                WHERE decision.posting_id = mention.posting_id AND decision.skill_id = mention.skill_id
                  AND decision.start = mention.start AND decision.{name("end")} = mention.{name("end")}
                  AND decision.verdict = %s
            ) AND mention.posting_id IN ({marks})
            UNION
            SELECT decision.posting_id, decision.skill_id
            FROM {table[MentionDecision]} decision
            WHERE decision.verdict = %s AND decision.posting_id IN ({marks})
        ) found
        JOIN {table[Posting]} posting ON posting.id = found.posting_id AND posting.duplicate_of_id IS NULL
        JOIN {table[Skill]} skill ON skill.id = found.skill_id AND skill.retired_at IS NULL
        ORDER BY posting.id, found.skill_id
    """  # noqa: S608


def recount_in_parts(postings: Sequence[int]) -> None:
    """`recount` for any number of postings."""
    for start in range(0, len(postings), _POSTINGS_AT_ONCE):
        recount(postings[start : start + _POSTINGS_AT_ONCE])
