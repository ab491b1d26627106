"""The conversion rate by hand-worked Kaplan–Meier, what is known when, assets and income as they stood."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Window
from ronghe.apps.metrics.records import open_records
from ronghe.apps.pool import services
from ronghe.apps.pool.metrics import months_between
from ronghe.apps.pool.models import Asset, Conversion, Project
from tests.apps.pool.conftest import AssetMaker, Earner

pytestmark = pytest.mark.django_db
END = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2024, 2, 29), date(2026, 2, 28), 23 + 30 / 31),
        (date(2024, 1, 15), date(2026, 1, 15), 24.0),
        (date(2024, 1, 31), date(2024, 3, 1), 1 + 1 / 31),
        (date(2024, 1, 31), date(2024, 1, 31), 0.0),
        (date(2024, 12, 31), date(2025, 1, 1), 1 / 31),
    ],
)
def test_months_are_those_of_the_calendar(first: date, last: date, months: float) -> None:
    assert months_between(first, last) == pytest.approx(months)


def test_months_never_decrease_from_one_day_to_the_next() -> None:
    first = date(2024, 1, 31)
    found = [months_between(first, first + timedelta(days=days)) for days in range(800)]
    assert found == sorted(found)


def _project(office: Person, university: Organisation, closed: date, *converted: date) -> Project:
    project = services.record_project(
        actor=office, name_zh=f"项目 {closed}", host=university, field="ic", started_on=date(2020, 1, 1)
    )
    project = services.close_project(actor=office, project=project, closed_on=closed, revision=1)
    for day in converted:
        asset = Asset.objects.create(project=project, kind="case", name_zh="案例", recorded_by=office)
        Conversion.objects.create(
            asset=asset,
            kind="adoption",
            party=university,
            happened_on=day,
            evidence="报告",
            state="confirmed",
            claimed_by=office,
            claimed_at=datetime(2026, 1, 1, tzinfo=UTC),
            decided_at=datetime(2026, 1, 2, tzinfo=UTC),
        )
    return project


def _rate(end: date = END, known_at: datetime | None = None) -> Measurement:
    return registry.measure("pool.conversion_rate", [COMMUNITY], Window(date(end.year, 1, 1), end, known_at))[COMMUNITY]


@pytest.fixture
def six_projects(office: Person, university: Organisation) -> list[Project]:
    """Months observed by the end of June 2026, converted ones with a star: 6*, 12*, 18, 20*, 30, 41."""
    return [
        _project(office, university, date(2023, 12, 30), date(2024, 6, 30), date(2025, 1, 1)),
        _project(office, university, date(2024, 6, 30), date(2025, 6, 30)),
        _project(office, university, date(2024, 12, 30)),
        _project(office, university, date(2024, 10, 30), date(2026, 6, 30)),
        _project(office, university, date(2023, 12, 30)),
        _project(office, university, date(2023, 1, 30)),
    ]


def test_the_rate_is_one_less_the_product_over_those_still_at_risk(six_projects: list[Project]) -> None:
    rate = _rate()
    # S(24) = 5/6 · 4/5 · 2/3: the project of 18 months is at risk at 6 and 12 and no longer at 20.
    assert rate.value == pytest.approx(1 - 5 / 6 * 4 / 5 * 2 / 3)
    assert rate.value is not None and rate.low is not None and rate.high is not None
    assert rate.low < rate.value < rate.high
    assert rate.count == 6


def test_only_what_was_confirmed_and_known_counts_and_a_withdrawn_conversion_no_more(
    six_projects: list[Project], office: Person
) -> None:
    Conversion.objects.filter(asset__project=six_projects[3]).update(state="claimed", decided_at=None)
    assert _rate().value == pytest.approx(1 - 5 / 6 * 4 / 5)
    services.withdraw_conversion(
        actor=office, conversion=Conversion.objects.get(asset__project=six_projects[1]), reason="未采用"
    )
    assert _rate().value == pytest.approx(1 - 5 / 6)
    before = _rate(known_at=datetime(2026, 1, 1, 12, tzinfo=UTC))
    # On that day nobody had recorded the close of any project yet.
    assert before.value is None and before.count == 0


def test_below_five_projects_there_is_no_data_and_a_project_still_young_is_censored(
    six_projects: list[Project],
) -> None:
    Project.objects.filter(pk__in=[one.pk for one in six_projects[:2]]).update(closed_on=None, closed_recorded_at=None)
    assert _rate().value is None
    assert _rate(date(2021, 1, 1)).count == 0


def test_the_records_behind_the_rate_are_its_projects(six_projects: list[Project], office: Person) -> None:
    rate = _rate()
    assert rate.records is not None
    opened = open_records(rate.records, office)
    assert opened.found == 6 and opened.unchanged
    assert six_projects[0].first_conversion() == date(2024, 6, 30)


def test_assets_and_income_are_counted_as_they_stood(
    asset_of: AssetMaker, earned: Earner, office: Person, second_office: Person
) -> None:
    asset = asset_of()
    income = earned()
    earned(amount=Decimal("0.05"), received_on=date(2024, 4, 1))
    today = Window(date(2024, 1, 1), timezone.localdate())
    assert registry.measure_community("pool.assets", today).value == 2
    assert registry.measure_community("pool.income", today).value == pytest.approx(100.05)
    services.reverse_income(actor=second_office, income=income, reason="退款")
    services.lapse_asset(actor=office, asset=asset, lapsed_on=timezone.localdate(), revision=1)
    assert registry.measure_community("pool.assets", today).value == 1
    assert registry.measure_community("pool.income", today).value == pytest.approx(0.05)
    for name in ("pool.assets", "pool.income"):
        records = registry.measure_community(name, today).records
        assert records is not None and open_records(records, office).unchanged
