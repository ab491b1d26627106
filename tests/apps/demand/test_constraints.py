"""What the database itself refuses, whatever code writes to it."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from ronghe.apps.demand.models import (
    AskedSkill,
    DataVersion,
    Mention,
    MentionDecision,
    Posting,
    Requirement,
    RequirementAnswer,
    SkillLink,
)
from tests.factories import PostingFactory, RequirementFactory, asks

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def refused(make):
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


def test_a_number_stands_once_at_a_source():
    posting = PostingFactory.create()
    refused(lambda: PostingFactory.create(source=posting.source, external_id=posting.external_id))


def test_a_posting_is_not_its_own_duplicate_and_a_duplicate_has_a_reason():
    posting, other = PostingFactory.create(), PostingFactory.create()
    refused(lambda: Posting.objects.filter(pk=posting.pk).update(duplicate_of=posting, duplicate_reason="exact"))
    refused(lambda: Posting.objects.filter(pk=posting.pk).update(duplicate_of=other, duplicate_reason=""))


def test_head_counts_are_positive(skill):
    refused(lambda: PostingFactory.create(head_count=0))
    refused(lambda: RequirementFactory.create(head_count=0, skill=skill))


@pytest.mark.parametrize("wrong", [{"start": 4, "end": 4}, {"score": 1.1}, {"score": -0.1}, {"tier": 4}, {"tier": 0}])
def test_a_mention_has_a_span_a_tier_and_a_score(skill, wrong):
    values = {"posting": PostingFactory.create(), "skill": skill, "start": 0, "end": 4, "tier": 1, "score": 1.0}
    refused(lambda: Mention.objects.create(**{**values, **wrong}))


def test_a_skill_is_decided_on_once_in_a_span(skill):
    values = {"posting": PostingFactory.create(), "skill": skill, "start": 0, "end": 4}
    MentionDecision.objects.create(**values, verdict="accepted")
    refused(lambda: MentionDecision.objects.create(**values, verdict="rejected"))
    refused(lambda: MentionDecision.objects.create(**{**values, "start": 1}, verdict="perhaps"))


def test_a_posting_asks_for_a_skill_once(skill):
    posting = asks(PostingFactory.create(), skill)
    row = AskedSkill.objects.get(posting=posting)
    row.pk = None
    refused(row.save)


@pytest.mark.parametrize(
    "wrong",
    [
        {"severity": 0},
        {"severity": 6},
        {"skill_level": 6},
        {"state": "lost"},
        {"state": "withdrawn"},
        {"closed_on": date(2026, 1, 1)},
        {"state": "answered", "answered_on": None},
        {"state": "withdrawn", "closed_on": timezone.localdate() - timedelta(days=1)},
    ],
)
def test_a_requirement_is_whole(skill, wrong):
    refused(lambda: RequirementFactory.create(skill=skill, **wrong))


def test_the_day_until_which_it_waits_follows_from_the_others(skill):
    today = timezone.localdate()
    waiting = RequirementFactory.create(skill=skill)
    answered = RequirementFactory.create(skill=skill, state="answered", answered_on=today)
    assert Requirement.objects.get(pk=waiting.pk).waits_until == date(9999, 12, 31)
    assert Requirement.objects.get(pk=answered.pk).waits_until == today


def test_a_plan_has_a_day(skill):
    requirement = RequirementFactory.create(skill=skill)
    refused(lambda: RequirementAnswer.objects.create(requirement=requirement, kind="planned", text="x"))
    refused(lambda: RequirementAnswer.objects.create(requirement=requirement, kind="maybe", text="x"))


def test_a_link_stands_once_and_says_how_it_was_made(skill):
    values = {"skill": skill, "scheme": "esco", "identifier": "a", "label": "a"}
    SkillLink.objects.create(**values, method="label")
    refused(lambda: SkillLink.objects.create(**values, method="person"))
    refused(lambda: SkillLink.objects.create(**{**values, "identifier": "b"}, method="guess"))


def test_there_is_one_state_of_the_data():
    DataVersion.objects.get_or_create(pk=1)
    refused(lambda: DataVersion.objects.create(pk=2))
