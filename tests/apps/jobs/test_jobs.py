"""Background work: what a person sees of it, and what is left when it fails, is cancelled or loses its worker."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.jobs import registry, services
from ronghe.apps.jobs.models import Job, JobState
from ronghe.apps.jobs.registry import JobResult, Progress, job
from tests.conftest import SignIn
from tests.factories import OrganisationFactory, PersonFactory

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Kinds of work of these tests only; reports are written at once."""
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    monkeypatch.setattr(services, "SECONDS_BETWEEN_REPORTS", 0)

    @job("test.count", label="Counting")  # type: ignore[arg-type]
    def count(progress: Progress, *, upto: int) -> JobResult:
        for done in range(upto + 1):
            progress.report(done, upto, f"at {done}")
        return JobResult(f"counted to {upto}", "/there/", {"numbers": upto})

    @job("test.fail", label="Failing")  # type: ignore[arg-type]
    def fail(progress: Progress) -> JobResult:
        with transaction.atomic():
            OrganisationFactory.create(name_zh="半成品")
            raise ValueError("the file has no second page")

    yield


@pytest.mark.django_db(transaction=True)
def test_work_is_done_and_tells_what_came_of_it(stranger: Person) -> None:
    started = services.start(actor=stranger, kind="test.count", upto=3)
    done = Job.objects.get(pk=started.pk)
    assert (done.state, done.done, done.total) == (JobState.DONE, 3, 3)
    assert (done.message, done.result) == ("counted to 3", {"url": "/there/", "figures": {"numbers": 3}})
    assert done.started_at is not None and done.finished_at is not None


@pytest.mark.django_db
def test_work_begins_only_when_its_cause_is_committed(
    stranger: Person, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=False) as waiting:  # type: ignore[operator]
        started = services.start(actor=stranger, kind="test.count", upto=1)
    assert len(waiting) == 1
    started.refresh_from_db()
    assert started.state == JobState.WAITING


@pytest.mark.django_db
def test_unknown_work_is_refused_before_anything_is_written(stranger: Person) -> None:
    with pytest.raises(KeyError):
        services.start(actor=stranger, kind="test.unknown")
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_failing_work_says_why_and_leaves_nothing_half_written(stranger: Person, sign_in: SignIn) -> None:
    started = services.start(actor=stranger, kind="test.fail")
    failed = Job.objects.get(pk=started.pk)
    assert (failed.state, failed.error) == (JobState.FAILED, "the file has no second page")
    assert not Organisation.objects.filter(name_zh="半成品").exists()
    page = sign_in(stranger).get(reverse("jobs:status", args=[failed.uid])).content.decode()
    assert "the file has no second page" in page and "start the task again" in page


@pytest.mark.django_db(transaction=True)
def test_work_is_cancelled_midway(stranger: Person) -> None:
    reached = threading.Event()
    asked = threading.Event()
    seen: list[int] = []

    @job("test.slow", label="Slow")  # type: ignore[arg-type]
    def slow(progress: Progress) -> JobResult:
        for step in range(1_000):
            seen.append(step)
            if step == 5:
                reached.set()
                assert asked.wait(10)
            progress.report(step, 1_000)
        return JobResult("all of it")

    waiting = Job.objects.create(kind="test.slow", owner=stranger)

    def work() -> None:
        try:
            services.carry_out(str(waiting.uid))
        finally:
            connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    assert reached.wait(10)
    running = Job.objects.get(pk=waiting.pk)
    assert (running.state, running.done) == (JobState.RUNNING, 4)
    services.cancel(actor=stranger, job=running)
    asked.set()
    worker.join(10)
    ended = Job.objects.get(pk=waiting.pk)
    assert ended.state == JobState.CANCELLED and ended.finished_at is not None
    assert seen == [0, 1, 2, 3, 4, 5]


@pytest.mark.django_db(transaction=True)
def test_work_that_is_cancelled_inside_a_transaction_is_undone(stranger: Person) -> None:
    @job("test.write", label="Writing")  # type: ignore[arg-type]
    def write(progress: Progress) -> JobResult:
        with transaction.atomic():
            OrganisationFactory.create(name_zh="撤销我")
            # In the same transaction, because SQLite has one writer: what matters is who hears it, and when.
            Job.objects.filter(kind="test.write").update(cancel_requested=True)
            progress.report(1, 2)
            raise AssertionError("the report should have stopped this")

    services.start(actor=stranger, kind="test.write")
    assert Job.objects.get().state == JobState.CANCELLED
    assert not Organisation.objects.filter(name_zh="撤销我").exists()


@pytest.mark.django_db(transaction=True)
def test_reports_inside_a_transaction_are_not_written(stranger: Person) -> None:
    running = Job.objects.create(kind="test.count", owner=stranger, state=JobState.RUNNING)
    with transaction.atomic():
        services.JobProgress(running).report(3, 10)
        assert connection.in_atomic_block
    running.refresh_from_db()
    assert (running.done, running.total) == (0, None)


@pytest.mark.django_db
def test_waiting_work_is_cancelled_at_once_and_then_not_done(stranger: Person) -> None:
    waiting = Job.objects.create(kind="test.count", owner=stranger, arguments={"upto": 3})
    services.cancel(actor=stranger, job=waiting)
    services.carry_out(str(waiting.uid))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.done) == (JobState.CANCELLED, 0)


@pytest.mark.django_db
def test_finished_work_is_not_cancelled(stranger: Person) -> None:
    done = Job.objects.create(
        kind="test.count", owner=stranger, state=JobState.DONE, finished_at=timezone.now(), message="there"
    )
    assert services.cancel(actor=stranger, job=done).state == JobState.DONE


@pytest.mark.django_db(transaction=True)
def test_one_piece_of_work_is_done_once(stranger: Person) -> None:
    started = services.start(actor=stranger, kind="test.count", upto=2)
    first = Job.objects.get(pk=started.pk)
    services.carry_out(str(started.uid))
    assert Job.objects.get(pk=started.pk).finished_at == first.finished_at


@pytest.mark.django_db
@pytest.mark.parametrize(("silent_for", "lost"), [(timedelta(minutes=9), False), (timedelta(minutes=11), True)])
def test_work_whose_worker_is_lost_ends_on_its_page(
    silent_for: timedelta, lost: bool, stranger: Person, sign_in: SignIn
) -> None:
    running = Job.objects.create(
        kind="test.count", owner=stranger, state=JobState.RUNNING, heard_at=timezone.now() - silent_for
    )
    page = sign_in(stranger).get(reverse("jobs:status", args=[running.uid])).content.decode()
    running.refresh_from_db()
    assert (running.state == JobState.FAILED) is lost
    assert ("Start the task again" in page) is lost


@pytest.mark.django_db
def test_the_database_keeps_ended_work_ended(stranger: Person) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind="test.count", owner=stranger, state=JobState.DONE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind="test.count", owner=stranger, done=3, total=2)


@pytest.mark.django_db
def test_more_done_than_there_was_is_shown_as_all(stranger: Person) -> None:
    running = Job.objects.create(kind="test.count", owner=stranger, state=JobState.RUNNING)
    # Outside of a test, work runs outside of a transaction.
    connection.in_atomic_block, kept = False, connection.in_atomic_block
    try:
        services.JobProgress(running).report(12, 10)
    finally:
        connection.in_atomic_block = kept
    running.refresh_from_db()
    assert (running.done, running.total) == (10, 10)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("language", "said"), [("zh-hans", "已完成"), ("en", "Done")])
def test_work_speaks_the_language_of_its_owner(language: str, said: str, stranger: Person) -> None:
    @job("test.greet", label="Greeting")  # type: ignore[arg-type]
    def greet(progress: Progress) -> JobResult:
        return JobResult(gettext("Done"))

    Person.objects.filter(pk=stranger.pk).update(language=language)
    with translation.override("en" if language == "zh-hans" else "zh-hans"):
        services.start(actor=stranger, kind="test.greet")
    assert Job.objects.get().message == said


# Who sees it


@pytest.fixture
def running(stranger: Person) -> Job:
    return Job.objects.create(
        kind="test.count", owner=stranger, state=JobState.RUNNING, done=1, total=4, heard_at=timezone.now()
    )


def test_the_owner_and_the_office_see_a_task_and_others_do_not(
    running: Job, stranger: Person, office: Person, hr: Person, anonymous: Client, sign_in: SignIn
) -> None:
    url = reverse("jobs:status", args=[running.uid])
    assert sign_in(stranger).get(url).status_code == 200
    assert sign_in(office).get(url).status_code == 200
    assert sign_in(hr).get(url).status_code == 404
    assert anonymous.get(url).status_code == 302
    listed = {
        who: str(running.uid) in sign_in(who).get(reverse("jobs:list")).content.decode() for who in (stranger, hr)
    }
    assert listed == {stranger: True, hr: False}
    assert anonymous.get(reverse("jobs:list")).status_code == 302


def test_an_outsider_cannot_cancel_a_task(running: Job, hr: Person, anonymous: Client, sign_in: SignIn) -> None:
    url = reverse("jobs:cancel", args=[running.uid])
    assert sign_in(hr).post(url).status_code == 404
    assert anonymous.post(url).status_code == 302
    with pytest.raises(PermissionDenied):
        services.cancel(actor=hr, job=running)
    running.refresh_from_db()
    assert not running.cancel_requested


def test_the_owner_cancels_on_the_page(running: Job, stranger: Person, sign_in: SignIn) -> None:
    client = sign_in(stranger)
    assert client.get(reverse("jobs:cancel", args=[running.uid])).status_code == 405
    assert client.post(reverse("jobs:cancel", args=[running.uid])).status_code == 302
    running.refresh_from_db()
    assert running.cancel_requested


def test_htmx_gets_the_progress_alone_and_a_reload_at_the_end(running: Job, stranger: Person, sign_in: SignIn) -> None:
    client = sign_in(stranger)
    url = reverse("jobs:status", args=[running.uid])
    answer = client.get(url, headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode() and "<progress" in answer.content.decode()
    assert "HX-Refresh" not in answer.headers
    Job.objects.update(state=JobState.DONE, finished_at=timezone.now())
    assert client.get(url, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_the_list_costs_the_same_with_5_and_with_50_tasks(
    office: Person, sign_in: SignIn, django_assert_max_num_queries: object
) -> None:
    client = sign_in(office)
    counts = []
    for more in (5, 45):
        for _ in range(more):
            Job.objects.create(kind="test.count", owner=PersonFactory.create())
        with django_assert_max_num_queries(9) as queries:  # type: ignore[operator]
            assert client.get(reverse("jobs:list")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_a_task_whose_kind_is_gone_is_still_listed(stranger: Person, sign_in: SignIn) -> None:
    old = Job.objects.create(kind="old.kind", owner=stranger, state=JobState.DONE, finished_at=timezone.now())
    assert "old.kind" in sign_in(stranger).get(reverse("jobs:list")).content.decode()
    assert sign_in(stranger).get(reverse("jobs:status", args=[old.uid])).status_code == 200
