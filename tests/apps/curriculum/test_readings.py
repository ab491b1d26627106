"""The index of a large community: computed by a task, kept, shown with its date until the next one is there."""

import math
from datetime import timedelta

import numpy as np
import pytest
from django.urls import reverse

from ronghe.apps.curriculum import readings, response, services
from ronghe.apps.curriculum.selectors.index import Scope, index_page
from ronghe.apps.demand.figures import data_state
from ronghe.apps.demand.services.counting import renew_data_version
from ronghe.apps.jobs.models import Job, JobState
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Window
from tests.apps.curriculum.conftest import unit_data
from tests.apps.curriculum.test_response import post, today
from tests.factories import OrganisationFactory, RequirementFactory

pytestmark = pytest.mark.django_db
PAGE = "curriculum:cri"


@pytest.fixture
def asked(firm_a, firm_b, skill, other_skill, package, release):
    """Eight firms advertise, two of them wait for a requirement; one of two skills is taught."""
    for number, firm in enumerate([firm_a, firm_b, *OrganisationFactory.create_batch(6, kind="enterprise")]):
        for months in range(6):
            post(firm, *([skill, other_skill] if number % 2 else [skill]), days=30 * months)
    RequirementFactory.create(organisation=firm_a, skill=skill, skill_level=5, raised_on=today() - timedelta(days=80))
    RequirementFactory.create(organisation=firm_b, skill=other_skill, raised_on=today())
    release(package, unit_data(skill, level=2, hours=4))
    renew_data_version()


@pytest.fixture
def large(monkeypatch):
    """A community whose index takes longer than a page should."""
    monkeypatch.setattr(readings, "MOST_SECONDS", -1.0)


def shown(client):
    return client.get(reverse(PAGE))


def test_a_kept_reading_says_what_was_computed(asked, firm_a):
    state = data_state()
    computed = readings.Computed(response.response(today(), None, state), state)
    kept = readings.unpack(readings.pack(computed))
    for name in ("skills", "enterprises", "requirement_keys", "taught", "day", "programme", "parameters"):
        assert getattr(kept.answer.found, name) == getattr(computed.answer.found, name)
    found, again = computed.answer.found.result, kept.answer.found.result
    assert again.explanation == found.explanation
    assert (again.cri, kept.ends, kept.chance, kept.sensitivity) == (
        found.cri, computed.ends, computed.chance, computed.sensitivity,
    )  # fmt: skip
    for name in ("low", "high", "rows"):
        np.testing.assert_array_equal(getattr(kept.bounds, name), getattr(computed.bounds, name))
    assert [(one.day, one.cri) for one in kept.past] == [(one.day, one.cri) for one in computed.past]
    np.testing.assert_array_equal(kept.past[-1].by_enterprise, computed.past[-1].by_enterprise)


def test_a_reading_without_an_index_keeps_the_reason(db):
    state = data_state()
    nothing = readings.Computed(response.response(today(), None, state), state)
    kept = readings.unpack(readings.pack(nothing))
    assert kept.answer.found is None
    assert (kept.answer.refused.code, str(kept.answer.refused)) == (
        nothing.answer.refused.code,
        str(nothing.answer.refused),
    )


def test_one_enterprise_alone_has_the_index_that_it_has_among_all(asked, firm_a):
    found = response.response(today()).found
    own = index_page(today(), Scope(enterprise=firm_a.pk))
    at = found.enterprises.index(firm_a.pk)
    assert own.result.cri == pytest.approx(found.result.by_enterprise[at], abs=1e-12)
    assert own.result.inputs.demand.shape[0] == 2
    np.testing.assert_allclose(own.result.required_level[0], found.result.required_level[at])
    assert own.result.cri + own.result.skill_loss.sum() + own.result.requirement_loss.sum() + own.prior_loss == (
        pytest.approx(100)
    )
    assert not math.isnan(own.low)


@pytest.mark.postgres
def test_a_large_community_is_computed_by_one_task_whoever_looks(
    large, asked, sign_in, teacher, student, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as queued:
        first, second = shown(sign_in(teacher)), shown(sign_in(student))
    for answer in (first, second):
        assert (answer.status_code, answer.context["page"]) == (200, None)
        assert "Being computed" in answer.content.decode()
    job = Job.objects.get()
    assert (job.kind, job.owner) == (readings.KIND, teacher)
    progress = reverse("demand:computation", args=[readings.key_of(None)])
    assert "hx-get" in sign_in(student).get(progress).content.decode()
    for run in queued:
        run()
    assert sign_in(student).get(progress)["HX-Refresh"] == "true"
    after = shown(sign_in(student))
    assert after.context["page"].result.cri == response.response(today()).found.result.cri
    assert "Being computed" not in after.content.decode()
    assert Job.objects.get().state == JobState.DONE


def test_until_the_next_one_is_there_the_last_one_is_shown_and_cannot_be_kept(
    large, asked, sign_in, teacher, firm_a, skill, django_capture_on_commit_callbacks
):
    client = sign_in(teacher)
    with django_capture_on_commit_callbacks(execute=True):
        shown(client)
    before = shown(client).context["page"].result.cri
    post(firm_a, skill, heads=50)
    renew_data_version()
    with django_capture_on_commit_callbacks() as queued:
        while_waiting = shown(client)
    assert while_waiting.context["page"].result.cri == before
    assert "What stands here was computed on" in while_waiting.content.decode()
    assert registry.measure_community("curriculum.cri", Window(today(), today())).value == before
    refused = client.post(reverse("curriculum:cri_freeze"), follow=True)
    assert "Keep it when that is done" in refused.content.decode()
    for run in queued:
        run()
    assert shown(client).context["page"].result.cri != before


def test_a_task_that_failed_says_why_and_is_started_again_on_demand_only(
    large, asked, sign_in, teacher, monkeypatch, django_capture_on_commit_callbacks
):
    client = sign_in(teacher)
    with django_capture_on_commit_callbacks():
        shown(client)
    Job.objects.update(state=JobState.FAILED, error="The disk is full.", finished_at=Job.objects.get().created_at)
    answer = shown(client)
    assert "The disk is full." in answer.content.decode()
    assert Job.objects.count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(reverse("curriculum:cri_again")).status_code == 302
    assert shown(client).context["page"] is not None


def test_what_if_is_answered_from_the_kept_arrays(
    large, asked, sign_in, teacher, skill, programme, django_capture_on_commit_callbacks, django_assert_max_num_queries
):
    client = sign_in(teacher)
    with django_capture_on_commit_callbacks(execute=True):
        shown(client)
    shown(client)
    typed = {"skill": "单片机", "skill_level": "5", "hours": "16", "practice_hours": "8"}
    type(skill).objects.filter(pk=skill.pk).update(code="embedded.mcu")
    assert client.get(reverse(PAGE), typed).context["answer"].gain > 0
    services.amend_programme(actor=teacher, programme=programme, revision=1, name_en="Other")
    assert client.get(reverse("curriculum:due")).status_code == 200


def test_the_progress_of_nothing_is_not_found_and_closed_to_visitors(sign_in, student, anonymous):
    address = reverse("demand:computation", args=["curriculum.cri@1.1:999"])
    assert sign_in(student).get(address).status_code == 404
    assert anonymous.get(address).status_code == 302


def test_the_estimate_grows_with_the_community_and_parts_the_small_from_the_large():
    assert readings.estimated_seconds(600, 8, 60) < readings.MOST_SECONDS
    assert readings.estimated_seconds(560_000, 300, 959) > 10
