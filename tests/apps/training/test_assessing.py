"""Assessments: both sides rate apart; what differs the office settles; attempts are numbered."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from ronghe.apps.accounts.models import Person
from ronghe.apps.curriculum.models import Unit
from ronghe.apps.training import services
from ronghe.apps.training.models import Assessment


def levels(unit: Unit, *given: int) -> dict[int, int]:
    return {one.skill_id: level for one, level in zip(unit.declarations.order_by("pk"), given, strict=True)}


def test_both_sides_agree_and_the_attempt_is_settled(
    opened: Assessment, unit: Unit, mentor: Person, teacher: Person, office: Person
) -> None:
    with pytest.raises(PermissionDenied):
        services.rate(actor=office, assessment=opened, levels=levels(unit, 2, 3))
    with pytest.raises(ValidationError, match="every skill"):
        services.rate(actor=mentor, assessment=opened, levels={})
    services.rate(actor=mentor, assessment=opened, levels=levels(unit, 2, 3))
    with pytest.raises(ValidationError, match="rated already"):
        services.rate(actor=mentor, assessment=opened, levels=levels(unit, 3, 3))
    done = services.rate(actor=teacher, assessment=opened, levels=levels(unit, 2, 3))
    assert (done.is_passed, done.attempt) == (True, 1)
    with pytest.raises(ValidationError, match="has passed"):
        services.open_assessment(actor=mentor, placement=opened.placement, unit=unit)


@pytest.mark.postgres
def test_a_difference_is_settled_by_the_office_and_the_next_attempt_is_numbered(
    opened: Assessment, unit: Unit, mentor: Person, teacher: Person, office: Person
) -> None:
    with pytest.raises(ValidationError, match="rate first"):
        services.settle(actor=office, assessment=opened, levels=levels(unit, 2, 2), reason="seen")
    services.rate(actor=mentor, assessment=opened, levels=levels(unit, 3, 3))
    waits = services.rate(actor=teacher, assessment=opened, levels=levels(unit, 2, 2))
    assert waits.settled_at is None
    with pytest.raises(PermissionDenied):
        services.settle(actor=teacher, assessment=opened, levels=levels(unit, 2, 2), reason="seen")
    with pytest.raises(ValidationError, match="Say why"):
        services.settle(actor=office, assessment=opened, levels=levels(unit, 2, 2), reason="")
    done = services.settle(actor=office, assessment=opened, levels=levels(unit, 2, 2), reason="Both were asked.")
    assert done.is_passed is False
    assert services.open_assessment(actor=mentor, placement=opened.placement, unit=unit).attempt == 2
