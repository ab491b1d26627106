"""Figures against counts and intervals computed independently, and what they say when there is too little."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from django.utils import timezone, translation

from ronghe.apps.demand import figures, services
from ronghe.apps.demand.figures import Scope, month_window, previous
from ronghe.apps.demand.models import Posting
from ronghe.apps.demand.services.counting import renew_data_version
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Measurement, Unit, Window
from ronghe.apps.metrics.records import select
from tests.factories import OrganisationFactory, PostingFactory, RequirementFactory, SourceFactory, asks

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

MARCH = month_window(date(2026, 3, 1), date(2026, 3, 1))


def posted(day, *skills, **more):
    return asks(PostingFactory.create(published_on=day, **more), *skills)


def of(skill, window=MARCH, scope=figures.EVERYTHING):
    return figures.skill_figures([skill.pk], window, scope)[skill.pk]


def test_the_previous_period_has_as_many_months_or_as_many_days():
    assert previous(MARCH) == Window(date(2026, 2, 1), date(2026, 2, 28))
    quarter = month_window(date(2026, 1, 15), date(2026, 3, 2))
    assert quarter == Window(date(2026, 1, 1), date(2026, 3, 31))
    assert previous(quarter) == Window(date(2025, 10, 1), date(2025, 12, 31))
    assert previous(Window(date(2026, 3, 2), date(2026, 3, 8))) == Window(date(2026, 2, 23), date(2026, 3, 1))


def test_postings_shares_heads_and_trend_are_counted(skill, other_skill):
    posted(date(2026, 3, 1), skill, head_count=5)
    posted(date(2026, 3, 31), skill, other_skill)
    posted(date(2026, 2, 28), skill)
    posted(date(2026, 4, 1), skill)
    posted(date(2026, 3, 15))
    posted(date(2026, 3, 15), other_skill)
    found = of(skill)
    assert (found.postings.value, found.postings.count) == (2, 2)
    assert (found.share.value, found.share.numerator, found.share.denominator) == (0.5, 2, 4)
    assert (found.head_count.value, found.head_count.unit) == (6, Unit.PERSONS)
    two_months = of(skill, month_window(date(2026, 2, 1), date(2026, 3, 1)))
    assert two_months.trend == (1, 2)


def test_duplicates_and_postings_that_were_not_read_do_not_count(skill):
    original = posted(date(2026, 3, 1), skill)
    posted(date(2026, 3, 2), skill, duplicate_of=original, duplicate_reason="exact")
    PostingFactory.create(published_on=date(2026, 3, 3), extracted_with="")
    renew_data_version()
    found = of(skill)
    assert (found.postings.value, found.share.denominator) == (1, 1)
    assert figures.posting_count(MARCH).value == 2


def test_a_scope_counts_one_source_or_region(skill):
    source = SourceFactory.create()
    posted(date(2026, 3, 1), skill, source=source, region="广东")
    posted(date(2026, 3, 1), source=source, region="浙江")
    posted(date(2026, 3, 1), skill, region="广东")
    assert of(skill, scope=Scope(source=source.pk)).share.value == 0.5
    assert of(skill, scope=Scope(region="广东")).postings.value == 2
    assert of(skill, scope=Scope(source.pk, "浙江")).postings.value == 0


def test_without_postings_there_is_no_share_and_no_growth(skill):
    found = of(skill)
    assert found.postings.value == 0
    assert found.share.value is None
    assert found.growth.value is None
    assert figures.posting_count(MARCH).value is None


def test_below_five_postings_there_is_no_interval_and_from_fewer_than_five_no_growth(skill):
    for _ in range(4):
        posted(date(2026, 3, 1), skill)
        posted(date(2026, 2, 1), skill)
    found = of(skill)
    assert (found.postings.low, found.share.low, found.head_count.high) == (None, None, None)
    assert found.growth.value is None
    assert found.growth.note


def test_growth_is_of_the_share_and_not_of_the_volume(skill):
    """Ten times the advertisements, the same share: no growth but that of the half counts."""
    for day, count in ((date(2026, 2, 1), 10), (date(2026, 3, 1), 100)):
        for number in range(count):
            posted(day, *([skill] if number % 2 else []))
    growth = of(skill).growth
    assert growth.value == pytest.approx((50.5 / 5.5) * (10 / 100) - 1)
    assert growth.low < 0 < growth.high
    assert (growth.numerator, growth.denominator) == (50, 5)


def test_the_interval_is_that_of_an_independent_bootstrap_of_enterprises(skill):
    """Forty enterprises with one to ten postings each: resampling them with replacement gives nearly the same."""
    sizes = [1 + number % 10 for number in range(40)]
    for enterprise, size in enumerate(sizes):
        for number in range(size):
            posted(date(2026, 3, 1), *([skill] if enterprise % 2 else []), enterprise_key=enterprise + 1)
            assert number < 10
    counts = np.array([size if enterprise % 2 else 0 for enterprise, size in enumerate(sizes)])
    totals = np.array(sizes)
    generator = np.random.default_rng(7)
    drawn = generator.integers(0, 40, (4000, 40))
    low, high = np.percentile(counts[drawn].sum(axis=1) / totals[drawn].sum(axis=1), (2.5, 97.5))
    share = of(skill).share
    assert share.value == pytest.approx(counts.sum() / totals.sum())
    assert share.low == pytest.approx(low, abs=0.03)
    assert share.high == pytest.approx(high, abs=0.03)
    # Postings taken as independent would pretend to know twice as much.
    error = (share.value * (1 - share.value) / totals.sum()) ** 0.5
    assert share.high - share.low > 1.5 * 2 * 1.96 * error


def test_every_number_opens_the_postings_behind_it(skill):
    before = posted(date(2026, 2, 10), skill)
    inside = [posted(date(2026, 3, day), skill, region="广东") for day in (1, 31)]
    posted(date(2026, 3, 9))
    found = of(skill, scope=Scope(region="广东"))
    opened = select(found.postings.records)
    assert set(opened) == set(inside)
    assert set(select(of(skill).growth.records)) == {before, *inside}
    counted = figures.posting_count(MARCH).records
    assert select(counted).count() == counted.count == 3


def test_a_number_is_the_same_until_the_data_change(skill):
    posted(date(2026, 3, 1), skill)
    first = of(skill)
    Posting.objects.update(head_count=100)
    assert of(skill) is first
    renew_data_version()
    assert of(skill) is not first


def test_a_past_moment_counts_what_was_recorded_by_then(skill):
    old = posted(date(2026, 3, 1), skill)
    Posting.objects.filter(pk=old.pk).update(recorded_at=timezone.now() - timedelta(days=30))
    posted(date(2026, 3, 1), skill)
    then = timezone.now() - timedelta(days=10)
    window = Window(MARCH.start, MARCH.end, then)
    assert of(skill, window).postings.value == 1
    assert set(select(of(skill, window).postings.records)) == {old}
    assert figures.posting_count(window).value == 1
    assert of(skill).postings.value == 2


def test_each_month_has_its_own_count_and_a_month_without_postings_no_data(skill):
    for _ in range(6):
        posted(date(2026, 1, 5), skill)
    posted(date(2026, 3, 5))
    months = figures.skill_by_month(skill.pk, month_window(date(2026, 1, 1), date(2026, 3, 1)))
    assert [(found.month, found.postings.value) for found in months] == [
        (date(2026, 1, 1), 6),
        (date(2026, 2, 1), None),
        (date(2026, 3, 1), 0),
    ]
    assert months[0].postings.low < 6 < months[0].postings.high


def test_the_registry_measures_all_skills_at_once_with_few_queries(skill, other_skill, django_assert_max_num_queries):
    posted(date(2026, 3, 1), skill)
    for name in ("postings", "share", "growth", "headcount"):
        with django_assert_max_num_queries(3):
            found = registry.measure(f"demand.skill.{name}", [skill.pk, other_skill.pk], MARCH)
        assert found[skill.pk].definition == registry.get(f"demand.skill.{name}").identifier
    assert registry.measure_community("demand.postings.count", MARCH).value == 1


@pytest.fixture
def supply():
    """A curriculum that says how many students it brings, for as long as the test lasts."""
    known = {}
    real = registry._metrics.pop("curriculum.skills.supply", None)

    @registry.metric("curriculum.skills.supply", unit=Unit.PERSONS, label="x", definition="x", subject="demand.Skill")
    def measured(skills, window):
        return {
            skill: Measurement(known[skill], Unit.PERSONS, window.end, "curriculum.skills.supply@1", 1)
            for skill in skills
            if skill in known
        }

    yield known
    registry._metrics.pop("curriculum.skills.supply")
    if real is not None:
        registry._metrics["curriculum.skills.supply"] = real


def test_without_supply_there_is_no_gap_and_the_note_says_why(skill):
    posted(date(2026, 3, 1), skill)
    with translation.override("en"):
        found = registry.measure("demand.skill.gap", [skill.pk], MARCH)[skill.pk]
    assert found.value is None
    assert "supply" in found.note


def test_the_gap_is_demand_weighted_by_heads_and_recency_plus_requirements_less_supply(skill, other_skill, supply):
    """On 31 March: 4 heads of that day weigh 4; 8 heads of 180 days ago weigh 4; a requirement of 3 heads weighs 3."""
    posted(date(2026, 3, 31), skill, head_count=4)
    posted(date(2026, 3, 31) - timedelta(days=180), skill, head_count=8)
    RequirementFactory.create(skill=skill, head_count=3, raised_on=date(2026, 3, 1))
    RequirementFactory.create(skill=skill, head_count=50, raised_on=date(2026, 4, 1))
    RequirementFactory.create(
        skill=skill, head_count=60, raised_on=date(2026, 1, 1), state="withdrawn", closed_on=date(2026, 3, 1)
    )
    supply[skill.pk] = 5.0
    found = registry.measure("demand.skill.gap", [skill.pk, other_skill.pk], MARCH)
    gap = found[skill.pk]
    assert gap.value == pytest.approx(4 + 4 + 3 - 5)
    assert (gap.numerator, gap.denominator, gap.count) == (pytest.approx(11), 5, 3)
    assert gap.low is None
    assert gap.note
    assert found[other_skill.pk].value is None


def test_the_gap_has_an_interval_from_five_postings_and_requirements_on(skill, supply):
    for _ in range(8):
        posted(date(2026, 3, 31), skill)
    supply[skill.pk] = 2.0
    gap = registry.measure("demand.skill.gap", [skill.pk], MARCH)[skill.pk]
    assert gap.value == pytest.approx(6)
    assert gap.low < 6 < gap.high


def test_requirements_wait_until_they_are_answered_or_closed(skill):
    firm = OrganisationFactory.create()
    more = {"skill": skill, "organisation": firm}
    RequirementFactory.create(raised_on=date(2026, 3, 1), **more)
    RequirementFactory.create(raised_on=date(2026, 3, 21), state="answered", answered_on=date(2026, 4, 2), **more)
    RequirementFactory.create(raised_on=date(2026, 2, 1), state="answered", answered_on=date(2026, 3, 5), **more)
    RequirementFactory.create(raised_on=date(2026, 1, 1), state="answered", answered_on=date(2026, 2, 5), **more)
    RequirementFactory.create(raised_on=date(2026, 4, 1), **more)
    waiting = registry.measure_community("demand.requirements.open", MARCH)
    assert waiting.value == 2
    assert select(waiting.records).count() == 2
    days = registry.measure_community("demand.requirements.waiting_days", MARCH)
    # On 31 March the three that waited in March had done so for 30, 10 and 32 days.
    assert (days.value, days.count) == (30, 3)
    assert select(days.records).count() == 3


def test_without_requirements_nobody_waits_and_days_are_no_data():
    assert registry.measure_community("demand.requirements.open", MARCH).value == 0
    assert registry.measure_community("demand.requirements.waiting_days", MARCH).value is None


def test_figures_follow_a_decision_at_once(office, skill):
    posting = posted(date(2026, 3, 1), skill)
    assert of(skill).postings.value == 1
    services.decide_mention(actor=office, posting=posting, skill=skill, start=0, end=1, verdict="rejected")
    assert of(skill).postings.value == 0


def test_the_state_of_the_data_is_pinned_to_its_last_change(skill):
    posted(date(2026, 3, 1), skill)
    state = figures.data_state()
    now = Window(MARCH.start, MARCH.end, timezone.now())
    assert state.pinned(MARCH) == state.pinned(now)
    then = Window(MARCH.start, MARCH.end, datetime(2026, 1, 1, tzinfo=timezone.get_current_timezone()))
    assert state.pinned(then) == then
