"""Drafts of white papers that take longer than a page: made by a task, shown, and frozen as they were shown."""

import pytest
from django.urls import reverse

from ronghe.apps.demand import drafts, services
from ronghe.apps.demand.services.counting import renew_data_version
from ronghe.apps.jobs.models import Job
from tests.apps.demand.test_reports import FIRST, LAST, postings, running  # noqa: F401
from tests.factories import PostingFactory, asks

pytestmark = pytest.mark.django_db


@pytest.fixture
def large(monkeypatch):
    """Data of which a draft takes longer than a page should."""
    monkeypatch.setattr(drafts, "MOST_SECONDS", -1.0)


def test_a_large_draft_is_made_by_a_task_and_frozen_as_it_was_shown(
    large,
    running,  # noqa: F811
    office,
    reviewer,
    sign_in,
    django_capture_on_commit_callbacks,
):
    renew_data_version()
    client, freezing = sign_in(office), reverse("demand:round_freeze", args=[running.uid])
    with django_capture_on_commit_callbacks() as queued:
        first = client.get(running.get_absolute_url())
        sign_in(reviewer).get(running.get_absolute_url())
        early = client.post(freezing, {"revision": "1"})
    assert first.context["sections"] == []
    assert "Being computed" in first.content.decode()
    assert (early.status_code, Job.objects.count()) == (409, 1)
    for run in queued:
        run()
    made = client.get(running.get_absolute_url())
    assert "Being computed" not in made.content.decode()
    drafted = drafts.kept_content(running)
    assert client.post(freezing, {"revision": "1"}).status_code == 302
    running.refresh_from_db()
    assert running.content == drafted
    assert services.is_intact(running)


def test_a_draft_of_earlier_data_is_not_frozen(
    large,
    running,  # noqa: F811
    office,
    skill,
    sign_in,
    django_capture_on_commit_callbacks,
):
    renew_data_version()
    client = sign_in(office)
    with django_capture_on_commit_callbacks(execute=True):
        client.get(running.get_absolute_url())
    asks(PostingFactory.create(published_on=LAST), skill)
    renew_data_version()
    assert drafts.kept_content(running) is None
    later = client.get(running.get_absolute_url())
    assert "What stands here was computed on" in later.content.decode()
    frozen = services.freeze_round(actor=office, round=running, revision=running.revision)
    assert frozen.content["postings"]["value"] == 8


def test_a_small_draft_is_computed_once_for_each_state_of_the_data(
    running,  # noqa: F811
    office,
    sign_in,
    django_assert_max_num_queries,
):
    renew_data_version()
    client = sign_in(office)
    client.get(running.get_absolute_url())
    with django_assert_max_num_queries(24):
        again = client.get(running.get_absolute_url())
    assert again.context["sections"]
    assert not Job.objects.exists()


def test_the_mark_of_a_draft_follows_the_round_its_sources_and_the_data(running, office):  # noqa: F811
    renew_data_version()
    state = drafts.data_state()
    before = drafts.mark_of(running, state)
    assert before == drafts.mark_of(running, state)
    services.register_source(actor=office, name="另一来源")
    other = drafts.mark_of(running, state)
    amended = services.amend_round(
        actor=office, round=running, revision=running.revision, data=services.RoundData("夏季", FIRST, LAST)
    )
    assert len({before, other, drafts.mark_of(amended, state)}) == 3
