"""Two people at once on one record, in two connections: the second is told, nothing is lost or counted twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import close_old_connections, connection

from ronghe.apps.demand import services
from ronghe.apps.demand.models import AskedSkill, Mention, MentionDecision, Posting, Requirement
from ronghe.apps.demand.services import PostingData
from ronghe.apps.ledger.models import Event
from ronghe.apps.ledger.revision import StaleRevision
from tests.apps.demand.conftest import Watcher
from tests.factories import PostingFactory, RequirementFactory, asks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def at_once(*calls):
    """Run the calls at the same moment, each in its own connection; return what each gave or raised."""
    start = Barrier(len(calls))

    def run(call):
        try:
            start.wait(timeout=10)
            return call()
        except Exception as error:  # the tests look at what was raised
            return error
        finally:
            close_old_connections()
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_of_two_who_amend_at_once_one_is_told(hr, colleague_hr, firm_a, skill):
    requirement = RequirementFactory.create(organisation=firm_a, skill=skill)

    def amend(actor, heads):
        return lambda: services.amend_requirement(actor=actor, requirement=requirement, revision=1, head_count=heads)

    results = at_once(amend(hr, 7), amend(colleague_hr, 8))
    told = [result for result in results if isinstance(result, StaleRevision)]
    (amended,) = [result for result in results if isinstance(result, Requirement)]
    assert len(told) == 1, results
    assert told[0].current.head_count == amended.head_count
    requirement.refresh_from_db()
    assert (requirement.head_count, requirement.revision) == (amended.head_count, 2)
    assert Event.objects.filter(type="demand.requirement.amended").count() == 1


def test_of_two_who_answer_and_withdraw_at_once_one_is_told(office, hr, firm_a, skill):
    requirement = RequirementFactory.create(organisation=firm_a, skill=skill)
    results = at_once(
        lambda: services.answer_requirement(
            actor=office, requirement=requirement, revision=1, kind="declined", text="不"
        ),
        lambda: services.withdraw_requirement(actor=hr, requirement=requirement, revision=1, explanation="取消"),
    )
    assert sum(isinstance(result, StaleRevision) for result in results) == 1, results
    requirement.refresh_from_db()
    assert requirement.revision == 2
    assert requirement.answers.count() == (requirement.state == "answered")


def test_of_two_who_decide_differently_at_once_one_is_told(office, teacher, skill):
    posting = asks(PostingFactory.create(), skill)

    def decide(actor, verdict):
        return lambda: services.decide_mention(
            actor=actor, posting=posting, skill=skill, start=0, end=1, verdict=verdict
        )

    results = at_once(decide(office, "accepted"), decide(teacher, "rejected"))
    assert sum(isinstance(result, services.DecisionConflict) for result in results) == 1, results
    decision = MentionDecision.objects.get()
    assert AskedSkill.objects.filter(posting=posting).exists() == (decision.verdict == "accepted")


def test_two_who_process_at_once_write_each_mention_once(office, source, lexicon):
    rows = [
        PostingData(str(number), PostingFactory.build().published_on, f"第{number}条 熟悉 STM32")
        for number in range(40)
    ]
    services.import_postings(actor=office, source=source, rows=rows)
    results = at_once(*[lambda: services.process_postings(actor=None, progress=Watcher())] * 2)
    assert all(isinstance(result, services.Processed) for result in results), results
    assert Mention.objects.count() == 40
    assert AskedSkill.objects.count() == 40
    assert not Posting.objects.filter(extracted_with="").exists()


def test_two_who_import_the_same_file_at_once_write_it_once(office, source):
    rows = [PostingData(str(number), PostingFactory.build().published_on, f"第{number}条") for number in range(40)]
    results = at_once(*[lambda: services.import_postings(actor=office, source=source, rows=rows)] * 2)
    assert Posting.objects.count() == 40
    assert sorted(result.written for result in results if isinstance(result, services.Imported))[-1] == 40, results
