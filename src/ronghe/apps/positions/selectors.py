"""Reads of positions and rounds for pages, API and the apps above."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ronghe.apps.accounts.models import Person
from ronghe.apps.positions.models import Assignment, Position, Round


def find(user: Any, uid: UUID) -> Position | None:
    """The position, if it is open to `user`."""
    return Position.objects.visible_to(user).select_related("organisation", "region").filter(uid=uid).first()


def published_assignments(round: Round | None = None, people: Iterable[Person] | None = None) -> QuerySet[Assignment]:
    """Published assignments that name a position, of a round and of people where given."""
    found = Assignment.objects.published().filter(position__isnull=False, person__isnull=False)
    if round is not None:
        found = found.filter(round=round)
    if people is not None:
        found = found.filter(person__in=people)
    return found.select_related("person", "position__organisation", "round", "cohort")
