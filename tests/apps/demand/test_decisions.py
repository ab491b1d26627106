"""Decisions of people on mentions: who may decide, what counts after, and what happens when two decide at once."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from ronghe.apps.demand import selectors, services
from ronghe.apps.demand.models import AskedSkill, Mention, MentionDecision
from ronghe.apps.ledger.models import Event
from tests.factories import PostingFactory, asks

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def posting(firm_a, skill):
    return asks(PostingFactory.create(organisation=firm_a), skill)


def decide(actor, posting, skill, verdict, **more):
    return services.decide_mention(actor=actor, posting=posting, skill=skill, start=0, end=1, verdict=verdict, **more)


def is_asked(posting, skill):
    return AskedSkill.objects.filter(posting=posting, skill=skill).exists()


@pytest.mark.parametrize("who", ["office", "teacher", "hr", "colleague_hr"])
def test_those_who_know_may_reject_a_mention_and_it_counts_no_more(request, who, posting, skill):
    actor = request.getfixturevalue(who)
    assert is_asked(posting, skill)
    decision = decide(actor, posting, skill, "rejected")
    assert decision.decided_by == actor
    assert not is_asked(posting, skill)
    assert Event.objects.filter(type="demand.mention.decided", subject=f"demand.posting:{posting.pk}").count() == 1


@pytest.mark.parametrize("who", ["other_hr", "mentor", "student", "reviewer", "stranger"])
def test_others_may_not_decide(request, who, posting, skill):
    with pytest.raises(PermissionDenied):
        decide(request.getfixturevalue(who), posting, skill, "rejected")
    assert is_asked(posting, skill)
    assert not MentionDecision.objects.exists()


def test_an_advertisement_of_no_registered_enterprise_is_decided_on_by_office_and_teachers_only(hr, teacher, skill):
    posting = asks(PostingFactory.create(organisation=None), skill)
    with pytest.raises(PermissionDenied):
        decide(hr, posting, skill, "rejected")
    assert decide(teacher, posting, skill, "rejected").pk


def test_a_skill_rejected_in_one_span_still_counts_by_another(office, posting, skill):
    Mention.objects.create(posting=posting, skill=skill, start=5, end=7, tier=1, score=1.0)
    decide(office, posting, skill, "rejected")
    assert is_asked(posting, skill)


def test_undoing_a_decision_lets_the_mention_count_again(office, posting, skill):
    decide(office, posting, skill, "rejected")
    services.undo_decision(actor=office, posting=posting, skill=skill, start=0, end=1, seen="rejected")
    assert is_asked(posting, skill)
    assert not MentionDecision.objects.exists()
    assert Event.objects.filter(type="demand.decision.undone").count() == 1


def test_deciding_the_same_again_records_nothing(office, teacher, posting, skill):
    first = decide(office, posting, skill, "accepted")
    second = decide(teacher, posting, skill, "accepted")
    assert (second.pk, second.decided_by) == (first.pk, office)
    assert Event.objects.filter(type="demand.mention.decided").count() == 1


def test_who_did_not_see_the_other_verdict_is_told_and_it_stands(office, teacher, posting, skill):
    decide(office, posting, skill, "accepted")
    with pytest.raises(services.DecisionConflict) as conflict:
        decide(teacher, posting, skill, "rejected")
    assert conflict.value.current.decided_by == office
    assert MentionDecision.objects.get().verdict == "accepted"
    assert decide(teacher, posting, skill, "rejected", seen="accepted").verdict == "rejected"


def test_undoing_what_was_undone_or_changed_meanwhile_is_a_conflict(office, posting, skill):
    with pytest.raises(services.DecisionConflict) as conflict:
        services.undo_decision(actor=office, posting=posting, skill=skill, start=0, end=1, seen="rejected")
    assert conflict.value.current is None


def test_where_nothing_was_found_nothing_can_be_decided(office, posting, other_skill):
    with pytest.raises(ValidationError):
        decide(office, posting, other_skill, "accepted")
    with pytest.raises(ValidationError):
        decide(office, posting, other_skill, "perhaps")


def test_the_page_of_a_posting_shows_each_span_with_its_verdict(office, posting, skill, other_skill):
    Mention.objects.create(posting=posting, skill=other_skill, start=3, end=8, tier=2, score=0.7)
    decide(office, posting, skill, "rejected")
    page = selectors.posting_page(office, posting.pk)
    shown = [(span.start, span.end, span.tier, span.verdict, span.counts, span.decided_by) for span in page.spans]
    assert shown == [(0, 1, 1, "rejected", False, "office"), (3, 8, 2, "", True, "")]
    assert page.spans[1].text == posting.text[3:8]
    assert [found.code for found in page.skills] == [other_skill.code]
    assert page.may_decide
