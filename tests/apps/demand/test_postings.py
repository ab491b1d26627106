"""Postings: imported all or nothing and once, compared with those near to them, read in bounded transactions."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from ronghe.apps.demand import extraction, services
from ronghe.apps.demand.keys import enterprise_key, language_of
from ronghe.apps.demand.models import AskedSkill, Mention, MentionDecision, Posting, Skill, Source
from ronghe.apps.demand.services import PostingData
from ronghe.apps.demand.services.processing import POSTINGS_AT_ONCE
from ronghe.apps.jobs.registry import JobCancelled
from ronghe.apps.ledger.models import Event
from tests.apps.demand.conftest import Watcher
from tests.factories import OrganisationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

DAY = date(2026, 3, 2)
# Long enough to be compared by similarity and not for equality only.
LONG = (
    "我们在做工业以太网网关，招聘嵌入式软件工程师：熟悉 STM32 与 FreeRTOS，能看懂原理图，会用示波器，"
    "了解 Modbus 和 CAN 总线，写过驱动的优先。上班地点在东莞松山湖，双休，有食堂和班车，试用期三个月。"
)


def ad(number, text=LONG, day=DAY, **more):
    return PostingData(external_id=f"A-{number}", published_on=day, text=text, **more)


def brought_in(actor, source, *rows):
    return services.import_postings(actor=actor, source=source, rows=rows)


def processed(watcher=None):
    return services.process_postings(actor=None, progress=watcher or Watcher())


def codes(posting):
    return set(AskedSkill.objects.filter(posting=posting).values_list("skill__code", flat=True))


def test_the_office_imports_postings_and_one_event_stands_for_all_of_them(office, source):
    imported = brought_in(office, source, ad(1), ad(2, "招会写 Python 的人", DAY + timedelta(days=9)))
    assert (imported.written, imported.skipped) == (2, 0)
    assert (imported.first_day, imported.last_day) == (DAY, DAY + timedelta(days=9))
    assert Event.objects.filter(type="demand.postings.imported").count() == 1
    assert set(Posting.objects.values_list("language", flat=True)) == {"zh"}


@pytest.mark.parametrize("who", ["hr", "teacher", "reviewer", "student", "mentor", "stranger"])
def test_others_import_nothing(request, who, source):
    actor = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        brought_in(actor, source, ad(1))
    with pytest.raises(PermissionDenied):
        services.register_source(actor=actor, name="另一来源")
    with pytest.raises(PermissionDenied):
        services.start_processing(actor=actor)
    assert not Posting.objects.exists()


def test_a_posting_that_is_there_is_skipped_and_counted(office, source):
    brought_in(office, source, ad(1))
    again = brought_in(office, source, ad(1), ad(2, "另一条"), ad(2, "另一条"))
    assert (again.written, again.skipped) == (1, 2)
    assert Posting.objects.count() == 2


def test_another_text_under_the_same_number_refuses_the_whole_import(office, source):
    brought_in(office, source, ad(1))
    with pytest.raises(services.ImportRefused, match="A-1"):
        brought_in(office, source, ad(5, "新的一条"), ad(1, "换了内容"))
    assert Posting.objects.get().text == LONG


def test_the_same_number_at_another_source_is_another_posting(office, source):
    brought_in(office, source, ad(1))
    elsewhere = services.register_source(actor=office, name="另一来源", licence="CC BY 4.0")
    assert brought_in(office, elsewhere, ad(1)).written == 1


def test_a_source_has_a_name_of_its_own(office, source):
    with pytest.raises(ValidationError):
        services.register_source(actor=office, name=source.name)
    assert Source.objects.count() == 1


def test_a_posting_is_counted_as_that_of_the_registered_enterprise_of_its_name(office, source, firm_a):
    brought_in(office, source, ad(1, organisation="甲电子有限公司"), ad(2, "x", organisation="FIRM A electronics"))
    assert set(Posting.objects.values_list("organisation", flat=True)) == {firm_a.pk}
    assert Posting.objects.values("enterprise_key").distinct().count() == 1


def test_a_name_that_two_enterprises_bear_is_nobodys(office, source):
    OrganisationFactory.create(name_zh="同名公司")
    OrganisationFactory.create(name_zh="同名公司")
    brought_in(office, source, ad(1, organisation="同名公司"))
    assert Posting.objects.get().organisation is None


def test_postings_of_one_enterprise_share_its_key_however_its_name_is_written():
    assert enterprise_key(None, "Acme（深圳）有限公司", "") == enterprise_key(None, "ＡＣＭＥ 有限公司", "")
    assert enterprise_key(None, "", "Acme (YC S15) | Dev | Berlin\n…") == enterprise_key(None, "acme", "")
    assert enterprise_key(None, "", "一条没有写企业的信息") != enterprise_key(None, "", "另一条没有写企业的信息")
    assert enterprise_key(7, "Acme", "") == enterprise_key(7, "别的名字", "")


@pytest.mark.parametrize(
    ("text", "language"),
    [("熟悉 Kubernetes、Docker", "zh"), ("We use Python (see 知乎)", "en"), ("", "en"), ("招聘", "zh")],
)
def test_the_language_is_that_of_most_letters(text, language):
    assert language_of(text) == language


def test_skills_are_extracted_and_counted(office, source, lexicon):
    brought_in(office, source, ad(1))
    done = processed()
    posting = Posting.objects.get()
    assert (done.compared, done.extracted) == (1, 1)
    assert done.mentions == posting.mentions.count() > 3
    assert {"embedded.stm32", "embedded.freertos", "embedded.can-bus"} <= codes(posting)
    assert posting.extracted_with == extraction.engine().version
    for mention in posting.mentions.select_related("skill"):
        if mention.skill.code == "embedded.stm32":
            assert posting.text[mention.start : mention.end] == "STM32"
    assert Event.objects.filter(type="demand.postings.extracted").count() == 1


def test_processing_again_finds_nothing_to_do(office, source, lexicon):
    brought_in(office, source, ad(1))
    processed()
    before = Event.objects.count()
    assert processed() == services.Processed(0, 0, 0, 0)
    assert Event.objects.count() == before


def test_a_repost_forty_days_later_counts_once_and_one_after_sixty_counts_again(office, source, lexicon):
    brought_in(
        office,
        source,
        ad(1),
        ad(2, LONG.replace("试用期三个月", "试用期两个月"), DAY + timedelta(days=40)),
        ad(3, LONG, DAY + timedelta(days=60)),
    )
    done = processed()
    first, second, third = Posting.objects.order_by("published_on")
    assert done.duplicates == 1
    assert (second.duplicate_of, second.duplicate_reason) == (first, "near")
    assert first.duplicate_of is third.duplicate_of is None
    assert codes(first) and not codes(second) and codes(third)
    assert second.mentions.exists()


def test_an_earlier_posting_that_arrives_later_becomes_the_original(office, source, lexicon):
    brought_in(office, source, ad(2, day=DAY + timedelta(days=10)), ad(3, day=DAY + timedelta(days=20)))
    processed()
    brought_in(office, source, ad(1, day=DAY))
    processed()
    first, second, third = Posting.objects.order_by("published_on")
    assert first.duplicate_of is None
    assert second.duplicate_of == third.duplicate_of == first
    assert codes(first) and not codes(second) and not codes(third)


def test_the_copies_of_a_posting_that_turns_out_a_copy_hang_on_the_original(office, source, lexicon):
    """The last is too far from the new original to be compared with it, and stands for itself again."""
    brought_in(office, source, ad(2, day=DAY + timedelta(days=40)), ad(3, day=DAY + timedelta(days=84)))
    processed()
    brought_in(office, source, ad(1, day=DAY))
    processed()
    assert not Posting.objects.filter(duplicate_of__duplicate_of__isnull=False).exists()
    first, second, third = Posting.objects.order_by("published_on")
    assert second.duplicate_of == first
    assert third.duplicate_of is None
    assert codes(third)


def test_duplicates_are_found_across_sources(office, source, lexicon):
    other = services.register_source(actor=office, name="另一来源")
    brought_in(office, source, ad(1))
    brought_in(office, other, ad(1, day=DAY + timedelta(days=3)))
    assert processed().duplicates == 1


def test_work_that_was_stopped_is_taken_up_where_it_ended(office, source, lexicon):
    texts = [f"第 {number} 条：熟悉 Python 与 Docker" for number in range(POSTINGS_AT_ONCE + 20)]
    brought_in(office, source, *(ad(number, text) for number, text in enumerate(texts)))
    with pytest.raises(JobCancelled):
        processed(Watcher(stop_at=4))
    read = Posting.objects.exclude(extracted_with="").count()
    assert read == POSTINGS_AT_ONCE
    assert AskedSkill.objects.values("posting").distinct().count() == POSTINGS_AT_ONCE
    assert processed().extracted == 20
    assert AskedSkill.objects.values("posting").distinct().count() == len(texts)


def test_a_new_lexicon_reads_again_and_keeps_what_people_decided(office, source, lexicon):
    brought_in(office, source, ad(1))
    processed()
    posting = Posting.objects.get()
    stm32 = posting.mentions.get(skill__code="embedded.stm32")
    services.decide_mention(
        actor=office, posting=posting, skill=stm32.skill, start=stm32.start, end=stm32.end, verdict="rejected"
    )
    freertos = posting.mentions.get(skill__code="embedded.freertos")
    services.decide_mention(
        actor=office, posting=posting, skill=freertos.skill, start=freertos.start, end=freertos.end, verdict="accepted"
    )
    # What an older version had found and today's no longer finds.
    relic = Skill.objects.get(code="ic.verilog")
    Mention.objects.create(posting=posting, skill=relic, start=0, end=2, tier=1, score=1.0)
    services.decide_mention(actor=office, posting=posting, skill=relic, start=0, end=2, verdict="accepted")
    Posting.objects.update(extracted_with="an older version")

    assert processed().extracted == 1
    assert MentionDecision.objects.count() == 3
    assert not posting.mentions.filter(skill=relic).exists()
    assert posting.mentions.filter(skill=stm32.skill).exists()
    found = codes(posting)
    assert "embedded.stm32" not in found
    assert {"embedded.freertos", "ic.verilog"} <= found


def test_a_head_count_and_a_region_follow_the_posting_into_what_is_counted(office, source, lexicon):
    brought_in(office, source, ad(1, head_count=8, region="广东"), ad(2, "会 Python 即可", region="浙江"))
    processed()
    rows = set(AskedSkill.objects.values_list("region", "heads", "source"))
    assert rows == {("广东", 8, source.pk), ("浙江", 1, source.pk)}


def test_a_posting_without_any_skill_is_read_once_and_for_all(office, source, lexicon):
    brought_in(office, source, ad(1, "包吃包住"))
    assert processed().mentions == 0
    assert processed().extracted == 0
