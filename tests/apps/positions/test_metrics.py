"""Seats offered, on any day, as it was and as it was known; a withdrawn position counts no more, a closed one does."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Chain, Organisation
from ronghe.apps.metrics.measurement import Window, digest_of
from ronghe.apps.metrics.registry import measure, measure_community
from ronghe.apps.positions import services
from ronghe.apps.positions.models import Offer
from ronghe.apps.positions.services import PositionData
from tests.apps.positions.conftest import Opener

pytestmark = pytest.mark.django_db


def _seats(chain: Chain, window: Window) -> float | None:
    return measure("positions.chain.seats_offered", [chain.pk], window)[chain.pk].value


def test_seats_count_from_approval_until_withdrawal_and_once_in_a_window(
    opened: Opener, chain: Chain, firm_a: Organisation, firm_b: Organisation, office: Person, hr: Person,
    data: PositionData, today: date, django_assert_num_queries,
) -> None:  # type: ignore[no-untyped-def]  # fmt: skip
    long_ago, month_ago = today - timedelta(days=400), today - timedelta(days=30)
    first, second, third = opened(seats=2), opened(seats=3), opened(seats=40)
    Offer.objects.filter(position=first).update(valid_from=long_ago, offered_on=long_ago)
    Offer.objects.filter(position__in=[second, third]).update(valid_from=month_ago, offered_on=month_ago)
    year = Window(today - timedelta(days=365), today)
    assert _seats(chain, year) == 43
    services.close_position(actor=hr, position=second, revision=second.revision)
    services.withdraw_position(actor=hr, position=third, revision=third.revision, reason="停线")
    services.amend_position(actor=office, position=second, revision=second.revision + 1, data=replace(data, seats=5))
    assert _seats(chain, year) == 5
    assert _seats(chain, Window(year.start, today - timedelta(days=1))) == 43, "as it was yesterday"
    assert _seats(chain, Window(today - timedelta(days=730), today)) == 7, "two years take the older one in"
    assert _seats(chain, Window(today, today)) == 0, "nothing was offered today"
    with django_assert_num_queries(1):
        found = measure("positions.enterprise.seats_offered", [firm_a.pk, firm_b.pk], year)
    assert [found[firm_a.pk].value, found[firm_b.pk].value] == [5, 0]
    assert measure_community("positions.seats_offered", year).value == 5
    records = found[firm_a.pk].records
    assert records is not None and records.digest == digest_of(
        Offer.objects.known().filter(position=second, seats=5).values_list("pk", flat=True)
    )


def test_what_was_corrected_later_was_not_known_before(
    opened: Opener, chain: Chain, office: Person, data: PositionData, today: date
) -> None:
    position = opened(seats=2)
    before = timezone.now()
    services.amend_position(actor=office, position=position, revision=position.revision, data=replace(data, seats=9))
    assert _seats(chain, Window(today, today)) == 9
    assert _seats(chain, Window(today, today, before)) == 2
