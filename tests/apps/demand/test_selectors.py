"""What pages read: the overview with its filters, a skill, lists; each with a budget of queries."""

from datetime import date

import pytest
from django.utils import timezone, translation

from ronghe.apps.demand import selectors, services
from ronghe.apps.demand.figures import Scope, month_window
from ronghe.apps.demand.models import SkillLink
from tests.factories import (
    PostingFactory,
    RequirementFactory,
    SkillFactory,
    SkillFieldFactory,
    SkillGroupFactory,
    SourceFactory,
    asks,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def market(skill, other_skill):
    """March: eight ask for microcontrollers, six for real-time systems; in February four and six."""
    for day, first, second in ((date(2026, 2, 3), 5, 8), (date(2026, 3, 3), 8, 6)):
        for _ in range(first):
            asks(PostingFactory.create(published_on=day, region="广东"), skill)
        for _ in range(second):
            asks(PostingFactory.create(published_on=day), other_skill)
    return month_window(date(2026, 3, 1), date(2026, 3, 1))


def shown(overview):
    return [row.skill.name_en for row in overview.page.object_list]


def test_skills_stand_by_volume_growth_or_name(market):
    micro, real_time = "Microcontrollers", "Real-time systems"
    assert shown(selectors.overview(window=market)) == [micro, real_time]
    assert shown(selectors.overview(window=market, sort="postings")) == [real_time, micro]
    assert shown(selectors.overview(window=market, sort="-growth")) == [micro, real_time]
    assert shown(selectors.overview(window=market, sort="growth")) == [real_time, micro]
    assert shown(selectors.overview(window=market, sort="-name")) == [real_time, micro]
    assert shown(selectors.overview(window=market, sort="'; drop table")) == [micro, real_time]


def test_the_order_by_growth_is_that_of_the_growth_shown(market):
    rows = selectors.overview(window=market, sort="-growth").page.object_list
    grown = [row.growth.value for row in rows]
    assert grown == sorted(grown, reverse=True)


def test_filters_by_field_group_text_source_and_region(market, skill):
    elsewhere = SkillFactory.create(
        name_en="Verilog",
        name_zh="硬件描述语言",
        group=SkillGroupFactory.create(code="ic.design", field=SkillFieldFactory.create(code="ic")),
    )
    source = SourceFactory.create()
    asks(PostingFactory.create(published_on=date(2026, 3, 4), source=source), elsewhere, skill)
    assert shown(selectors.overview(window=market, field="ic")) == ["Verilog"]
    assert shown(selectors.overview(window=market, group="ic.design")) == ["Verilog"]
    assert shown(selectors.overview(window=market, text="硬件描述")) == ["Verilog"]
    assert shown(selectors.overview(window=market, text=" verILOG ")) == ["Verilog"]
    assert shown(selectors.overview(window=market, scope=Scope(source=source.pk))) == ["Microcontrollers", "Verilog"]
    assert shown(selectors.overview(window=market, scope=Scope(region="广东"))) == ["Microcontrollers"]
    assert shown(selectors.overview(window=market, field="ic", text="micro")) == []


def test_pages_have_twenty_rows_and_an_unknown_page_is_the_nearest(market):
    for _ in range(21):
        asks(PostingFactory.create(published_on=date(2026, 3, 4)), SkillFactory.create())
    first = selectors.overview(window=market)
    assert (len(first.page.object_list), first.skills_asked, first.page.paginator.num_pages) == (20, 23, 2)
    assert len(selectors.overview(window=market, page=99).page.object_list) == 3
    assert selectors.overview(window=market, page="x").page.number == 1
    assert len(selectors.all_rows(window=market).rows) == 23


def test_the_overview_takes_few_queries_and_one_when_nothing_has_changed(market, django_assert_max_num_queries):
    for _ in range(25):
        asks(PostingFactory.create(published_on=date(2026, 3, 4)), SkillFactory.create())
    with django_assert_max_num_queries(13):
        selectors.overview()
    with django_assert_max_num_queries(1):
        selectors.overview()


def test_the_usual_period_ends_with_the_latest_posting(market):
    assert selectors.default_window() == month_window(date(2026, 2, 1), date(2026, 3, 1))
    PostingFactory.create(published_on=date(2024, 1, 1))
    services.counting.renew_data_version()
    assert selectors.default_window() == month_window(date(2025, 4, 1), date(2026, 3, 1))


def test_without_any_posting_the_overview_is_empty_and_says_no_data():
    found = selectors.overview()
    assert found.postings.value is None
    assert list(found.page.object_list) == []
    assert found.window.end >= timezone.localdate()


def test_names_follow_the_language_of_the_page(market):
    with translation.override("zh-hans"):
        assert [str(row.skill) for row in selectors.overview(window=market).page.object_list] == [
            "单片机",
            "实时操作系统",
        ]


def test_the_page_of_a_skill_has_all_that_is_known_of_it(market, skill, other_skill, hr, other_hr, firm_a):
    asks(PostingFactory.create(published_on=date(2026, 3, 9), title="两样都要"), skill, other_skill)
    RequirementFactory.create(skill=skill, organisation=firm_a)
    SkillLink.objects.create(
        skill=skill, scheme="esco", identifier="http://…/1", label="microcontrollers", method="label"
    )
    page = selectors.skill_page(hr, skill.code, window=market)
    assert page.row.postings.value == 9
    assert [month.postings.value for month in page.months] == [9]
    assert page.newest[0].title == "两样都要"
    assert [(one.skill.code, one.postings) for one in page.companions] == [(other_skill.code, 1)]
    assert page.companions[0].share == pytest.approx(1 / 9)
    assert [link.label for link in page.links] == ["microcontrollers"]
    assert len(page.requirements) == 1
    assert page.gap.value is None
    assert page.taught is not None
    assert page.taught.value is None
    assert selectors.skill_page(other_hr, skill.code, window=market).requirements == []
    assert selectors.skill_page(hr, "no.such-skill") is None


def test_the_page_of_a_skill_takes_few_queries(market, skill, office, django_assert_max_num_queries):
    office.has_perm("demand.view_skill")
    with django_assert_max_num_queries(21):
        selectors.skill_page(office, skill.code)
    with django_assert_max_num_queries(8):
        selectors.skill_page(office, skill.code)


def test_postings_are_listed_newest_first_and_filtered(market, skill, office):
    original = asks(PostingFactory.create(published_on=date(2026, 3, 20), text="熟悉 Zephyr", language="zh"), skill)
    PostingFactory.create(duplicate_of=original, duplicate_reason="near", published_on=date(2026, 3, 21))
    found = selectors.postings(office)
    assert found[0] == original
    assert found.count() == 28
    assert selectors.postings(office, duplicates=True).count() == 29
    assert list(selectors.postings(office, text="zephyr")) == [original]
    assert selectors.postings(office, skill=skill.code).count() == 14
    assert selectors.postings(office, skill=skill.code, window=market).count() == 9
    assert selectors.postings(office, region="广东", source=original.source_id).count() == 0


def test_a_posting_page_takes_few_queries_however_many_spans(office, skill, django_assert_max_num_queries):
    posting = asks(PostingFactory.create(), *(SkillFactory.create() for _ in range(12)))
    office.has_perm("demand.view_posting")
    with django_assert_max_num_queries(9):
        assert len(selectors.posting_page(office, posting.pk).spans) == 12
    assert selectors.posting_page(office, 10**9) is None


def test_the_board_is_filtered_and_takes_few_queries(office, hr, skill, firm_a, firm_b, django_assert_max_num_queries):
    mine = RequirementFactory.create(skill=skill, organisation=firm_a, reason="新产线")
    for number in range(5):
        RequirementFactory.create(skill=SkillFactory.create(), organisation=firm_b, severity=1 + number)
    services.answer_requirement(actor=office, requirement=mine, revision=1, kind="declined", text="不")
    office.has_perm("demand.view_requirement")
    with django_assert_max_num_queries(3):
        rows = selectors.requirement_rows(office, selectors.requirements(office))
    assert len(rows) == 6
    assert all(row.may_answer and row.may_amend for row in rows)
    assert [row.requirement for row in rows if row.answers] == [mine]
    assert list(selectors.requirements(office, state="answered")) == [mine]
    assert list(selectors.requirements(office, text="新产线")) == [mine]
    assert list(selectors.requirements(office, skill=skill.code)) == [mine]
    assert selectors.requirements(office, organisation=firm_b.pk).count() == 5
    own = selectors.requirement_rows(hr, selectors.requirements(hr))
    assert [(row.requirement, row.may_amend, row.may_answer) for row in own] == [(mine, True, False)]
    assert selectors.requirement_row(hr, rows[-1].requirement.uid if rows[-1].requirement != mine else None) is None


def test_what_waits_for_work_is_said(source, office, lexicon):
    services.import_postings(
        actor=office, source=source, rows=[services.PostingData("1", date(2026, 3, 1), "会 Python")]
    )
    waiting = selectors.processing_state()
    assert (waiting.postings, waiting.waiting_for_comparison, waiting.waiting_for_extraction) == (1, 1, 1)
    assert waiting.extractor
