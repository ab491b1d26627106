"""Forecasts of demand's own counts: what is claimed, refused or replaced, and the accuracy ledger."""

from datetime import date

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from ronghe.apps.demand import forecasts, selectors, services
from ronghe.apps.demand.figures import shift_month
from ronghe.apps.demand.models import AskedSkill, Forecast, ForecastMonth, ForecastOf, Posting
from ronghe.apps.demand.services.counting import renew_data_version
from ronghe.apps.jobs.registry import JobCancelled
from ronghe.apps.ledger.models import Event
from tests.apps.demand.conftest import Watcher
from tests.factories import PostingFactory, SkillFactory, SkillGroupFactory, asks

pytestmark = pytest.mark.django_db

FIRST = date(2024, 1, 1)
TODAY = date(2026, 2, 10)


def ask(skill, source, month, count, also=()):
    """Let `count` postings of a month ask for `skill`, the first of them for `also` too; counted rows are written."""
    made = [
        PostingFactory.build(
            source=source, published_on=month, enterprise_key=number, external_id=f"{skill.pk}-{month}-{number}"
        )
        for number in range(count)
    ]
    for posting in Posting.objects.bulk_create(made):
        for one in (skill, *also):
            AskedSkill.objects.create(
                posting=posting, skill=one, published_on=month, source=source, region="", enterprise_key=1, heads=1
            )


@pytest.fixture
def rare(db):
    return SkillFactory.create(name_en="Rare skill")


@pytest.fixture
def lone(db):
    group = SkillGroupFactory.create(code="lone.one", field__code="lone", field__name_en="Lone field")
    return SkillFactory.create(name_en="Lone skill", group=group)


@pytest.fixture
def postings(skill, rare, lone, source):
    """Twenty-five whole months: 32 ± 2 postings a month for one skill, one of them for a rare skill of its field too.

    A third skill, alone in its field, is asked for once a month.
    """
    for number in range(25):
        month = shift_month(FIRST, number)
        ask(skill, source, month, 32 + (number % 5) - 2)
        ask(rare, source, month, 1)
        ask(lone, source, month, 1)
    renew_data_version()


def test_a_series_counts_each_posting_once_and_leaves_out_the_month_that_runs(skill, other_skill, source):
    ask(skill, source, date(2026, 1, 5), 3, also=[other_skill])
    ask(skill, source, date(2026, 2, 5), 4)
    renew_data_version()
    field = skill.group.field_id
    found = forecasts.series_of({skill.pk: field, other_skill.pk: field}, [field], TODAY)
    assert found["skill", skill.pk].months == [date(2026, 1, 1)]
    assert found["skill", skill.pk].values.tolist() == [3]
    assert found["skill", other_skill.pk].values.tolist() == [3]
    assert found["field", field].values.tolist() == [3]


@pytest.fixture
def made(office, postings, skill, rare, lone):
    return services.make_forecasts(actor=office, progress=Watcher(), skills=[skill.pk, rare.pk, lone.pk], today=TODAY)


def test_claimed_replaced_and_refused_forecasts_are_all_kept(made, skill, rare, lone):
    kinds = {one.skill_id: one for one in Forecast.objects.filter(skill__isnull=False)}
    assert kinds[skill.pk].of == ForecastOf.SERIES
    assert kinds[rare.pk].of == ForecastOf.GROUP
    assert kinds[lone.pk].of == ForecastOf.REFUSED
    assert kinds[lone.pk].refusal == "forecast.too_few"
    assert not kinds[lone.pk].months.exists()
    assert kinds[skill.pk].ceiling == pytest.approx(1 - np.sqrt(2 / (np.pi * kinds[skill.pk].rate)))
    months = list(kinds[skill.pk].months.all())
    assert [month.month for month in months] == [shift_month(date(2026, 2, 1), ahead) for ahead in range(6)]
    assert all(28 < month.mean < 36 for month in months)
    assert months[0].low_80 < months[0].mean < months[0].high_80
    share = kinds[rare.pk].months.all()[0]
    assert share.share_mean == pytest.approx(share.mean / 33, rel=0.05)


def test_a_second_run_on_the_same_data_keeps_nothing_twice(office, made, skill, rare, lone):
    before = Forecast.objects.count()
    again = services.make_forecasts(actor=office, progress=Watcher(), skills=[skill.pk, rare.pk, lone.pk], today=TODAY)
    assert Forecast.objects.count() == before
    assert (again.made, again.refused) == (0, 0)
    assert again.standing == before


def test_outcomes_are_written_once_when_the_month_is_over(office, made, skill, source):
    ask(skill, source, date(2026, 2, 20), 30)
    renew_data_version()
    assert services.record_outcomes(today=date(2026, 2, 25)) == 0
    ask(skill, source, date(2026, 3, 2), 1)
    renew_data_version()
    assert services.record_outcomes(today=date(2026, 3, 3)) > 0
    kept = ForecastMonth.objects.get(forecast__skill=skill, month=date(2026, 2, 1))
    assert (kept.outcome, kept.outcome_on) == (30, date(2026, 3, 3))
    ask(skill, source, date(2026, 2, 21), 5)
    renew_data_version()
    services.record_outcomes(today=date(2026, 3, 4))
    kept.refresh_from_db()
    assert kept.outcome == 30
    score = selectors.kept_accuracy()[0]
    assert (score.horizon, score.count) == (1, 2)
    assert 0 < score.accuracy <= 1


def test_a_run_that_is_cancelled_keeps_what_it_made(office, postings, skill, rare):
    with pytest.raises(JobCancelled):
        services.make_forecasts(actor=office, progress=Watcher(stop_at=3), skills=[skill.pk, rare.pk], today=TODAY)
    assert Forecast.objects.count() == 2
    assert not Event.objects.filter(type="demand.forecasts.made").exists()


def test_without_whole_months_there_is_nothing_to_forecast(office, skill, source):
    ask(skill, source, timezone.localdate().replace(day=1), 3)
    renew_data_version()
    done = services.make_forecasts(actor=office, progress=Watcher(), skills=[skill.pk])
    assert (done.made, done.refused) == (0, 0)


@pytest.mark.parametrize("who", ["hr", "student"])
def test_only_the_office_makes_forecasts_and_everyone_reads_them(who, request, sign_in, made, skill):
    person = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        services.make_forecasts(actor=person, progress=Watcher(), skills=[], today=TODAY)
    client = sign_in(person)
    assert client.post(reverse("demand:forecast_make")).status_code == 403
    assert client.get(reverse("demand:forecast_list")).status_code == 200


def test_the_pages_show_claims_refusals_and_the_ledger(office, sign_in, made, anonymous, skill):
    client = sign_in(office)
    listed = client.get(reverse("demand:forecast_list")).content.decode()
    assert "its field instead" in listed
    assert "No claim" in listed and "fewer than 29 postings a month, in its field as well" in listed
    assert f'href="{reverse("demand:round_list")}"' in listed
    for one in Forecast.objects.filter(skill__isnull=False):
        shown = client.get(one.get_absolute_url())
        assert shown.status_code == 200
        if one.of == ForecastOf.REFUSED:
            assert "No forecast is claimed" in shown.content.decode()
    newest = client.get(reverse("demand:skill_forecast", args=[skill.code]))
    assert newest["Location"] == Forecast.objects.get(skill=skill).get_absolute_url()
    assert client.get(reverse("demand:skill_forecast", args=["nothing"]))["Location"] == reverse("demand:forecast_list")
    assert anonymous.get(reverse("demand:forecast_list"))["Location"].startswith(reverse("account_login"))
    assert client.get(reverse("demand:forecast", args=["00000000-0000-0000-0000-000000000000"])).status_code == 404


def test_the_rate_and_each_month_of_a_forecast_open_the_postings_they_count(office, sign_in, made, skill):
    client = sign_in(office)
    for one in (Forecast.objects.get(skill=skill), Forecast.objects.get(field=skill.group.field)):
        shown = client.get(one.get_absolute_url()).context
        assert shown["rate"].count == pytest.approx(one.rate * 12)
        month, count = shown["counted"][-1]
        records = client.get(count.url).context
        assert (month, records["opened"].found, records["opened"].visible) == (one.last_month, count.value, count.value)
        assert records["opened"].unchanged
        rate = client.get(shown["rate"].url).context["opened"]
        assert (rate.found, rate.unchanged) == (shown["rate"].count, True)


def test_a_forecast_keeps_the_postings_that_it_was_computed_from(office, sign_in, made, rare, skill, source):
    client = sign_in(office)
    stands_in = Forecast.objects.get(skill=rare)
    assert [len(one.records) for one in (Forecast.objects.get(skill=skill), stands_in)] == [1, 2]
    before = client.get(stands_in.get_absolute_url()).context["behind"]
    assert [name for name, _count in before] == [str(rare), str(rare.group.field)]
    late = asks(PostingFactory.create(source=source, published_on=stands_in.last_month), skill, rare)
    for (_name, count), model in zip(before, (rare, skill.group.field), strict=True):
        opened = client.get(count.url).context["opened"]
        assert (opened.found, opened.unchanged) == (count.value, True), model
        assert late.pk not in opened.rows.values_list("pk", flat=True)
    late.delete()
    stands_in.records = []
    stands_in.save()
    assert client.get(stands_in.get_absolute_url()).context["behind"] == []
