"""Tests that go on from kept scenes find exactly what their own fixtures would have made (`tests/scenes.py`)."""

import pytest

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation, Role
from tests.factories import OrganisationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("scenes")]
TIMES = range(3)
_made: list[str] = []
_counted: list[int] = []


@pytest.fixture
def renamed(firm_a: Organisation) -> Organisation:
    """Firm A by another name: what a fixture does to the object of an earlier one is kept as well."""
    _made.append("renamed")
    firm_a.name_en = "Renamed"
    firm_a.save()
    return firm_a


@pytest.fixture
def head_of_hr(renamed: Organisation, hr: Person) -> Role:
    return Role.objects.get(person=hr, organisation=renamed)


def _spoil(firm: Organisation) -> None:
    firm.name_en = "Spoilt"
    firm.save()
    OrganisationFactory.create()


@pytest.mark.parametrize("time", TIMES)
def test_nothing_that_another_test_changed_is_seen(time: int, firm_a: Organisation, renamed: Organisation) -> None:
    assert renamed is firm_a
    assert firm_a.name_en == Organisation.objects.get().name_en == "Renamed"
    # The second time and the third it was not made again.
    _counted.append(len(_made))
    assert len(set(_counted)) == 1
    _spoil(firm_a)


@pytest.mark.parametrize("time", TIMES)
def test_a_fixture_that_is_not_asked_for_has_done_nothing(time: int, firm_a: Organisation) -> None:
    assert firm_a.name_en == Organisation.objects.get().name_en == "Firm A Electronics"
    assert not Person.objects.exists()
    _spoil(firm_a)


@pytest.mark.parametrize("time", TIMES)
def test_what_hangs_together_hangs_together_in_the_copies(time: int, head_of_hr: Role, hr: Person) -> None:
    assert Organisation.objects.get().name_en == "Renamed"
    assert head_of_hr.person == hr
    head_of_hr.delete()


@pytest.mark.parametrize("time", TIMES)
def test_a_test_that_commits_begins_with_nothing_kept(time: int, transactional_db: None) -> None:
    assert not Organisation.objects.exists()
    OrganisationFactory.create()
