"""Dated records: the past as it was, and the past as it was known, against a model that only knows sets of days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ronghe.apps.community.models import Role
from ronghe.apps.metrics.dated import AlreadySuperseded, end, supersede, withdraw
from tests.factories import RoleFactory

pytestmark = pytest.mark.postgres

FIRST = date(2026, 1, 1)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def _day(number: int) -> date:
    return FIRST + timedelta(days=number)


def _moment(number: int) -> datetime:
    return EPOCH + timedelta(hours=number)


# A history: when it first held, then corrections, each at a later moment: the new first and last day, or a withdrawal.
spans = st.tuples(st.integers(0, 20), st.one_of(st.none(), st.integers(1, 20)))
histories = st.lists(st.one_of(spans, st.just("withdrawn")), min_size=1, max_size=5).filter(
    lambda h: h[0] != "withdrawn"
)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories, asked_day=st.integers(0, 45), asked_moment=st.integers(0, 6))
def test_the_past_is_told_as_it_was_known(
    history: list[tuple[int, int | None] | str], asked_day: int, asked_moment: int
) -> None:
    Role.objects.all().delete()
    known: list[set[int]] = []
    row: Role | None = None
    for hour, said in enumerate(history):
        if said == "withdrawn":
            if row is not None:
                withdraw(row, at=_moment(hour))
                row = None
            known.append(set())
            continue
        first, length = said
        values = {"valid_from": _day(first), "valid_until": None if length is None else _day(first + length)}
        if row is None:
            row = RoleFactory.create(recorded_at=_moment(hour), **values)
        else:
            row = supersede(row, at=_moment(hour), **values)
        known.append(set(range(first, 60 if length is None else first + length)))

    held_then = Role.objects.on(_day(asked_day), known_at=_moment(asked_moment))
    assert held_then.exists() is (asked_day in known[min(asked_moment, len(known) - 1)])
    held_now = Role.objects.on(_day(asked_day))
    assert held_now.exists() is (asked_day in known[-1])
    assert Role.objects.known().count() <= 1


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.integers(0, 20),
    length=st.one_of(st.none(), st.integers(1, 20)),
    start=st.integers(0, 45),
    days=st.integers(0, 10),
)
def test_during_finds_what_holds_on_some_day_of_the_window(
    first: int, length: int | None, start: int, days: int
) -> None:
    Role.objects.all().delete()
    RoleFactory.create(valid_from=_day(first), valid_until=None if length is None else _day(first + length))
    held = set(range(first, 100 if length is None else first + length))
    found = Role.objects.during(_day(start), _day(start + days)).exists()
    assert found is bool(held & set(range(start, start + days + 1)))


@pytest.mark.django_db
def test_ending_a_fact_keeps_the_row_that_was_believed() -> None:
    role = RoleFactory.create(valid_from=_day(0))
    ended = end(role, _day(10))
    assert ended is not None and ended.valid_until == _day(10) and ended.pk != role.pk
    role.refresh_from_db()
    assert role.valid_until is None and role.superseded_at == ended.recorded_at


@pytest.mark.django_db
def test_what_ends_on_its_first_day_never_held() -> None:
    role = RoleFactory.create(valid_from=_day(5))
    assert end(role, _day(5)) is None
    assert not Role.objects.known().exists()


@pytest.mark.django_db
def test_a_row_is_superseded_once() -> None:
    role = RoleFactory.create(valid_from=_day(0))
    stale = Role.objects.get(pk=role.pk)
    end(role, _day(10))
    with pytest.raises(AlreadySuperseded):
        end(stale, _day(12))
    assert Role.objects.known().count() == 1
