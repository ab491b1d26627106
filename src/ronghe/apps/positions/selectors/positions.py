"""Positions with what stands around them: how many are assigned, and how well they suit who looks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from ronghe.apps.positions import skills
from ronghe.apps.positions.market import skill_fit, wanted_by
from ronghe.apps.positions.models import Assignment, Position, PositionState

_RELATED = ("organisation", "region", "chain", "campus", "order_class", "agreement")


@dataclass(frozen=True, slots=True)
class PositionRow:
    """A line of the list: the position, how many a published round assigned to it, the viewer's skill fit."""

    position: Position
    assigned: int
    fit: float | None = None

    @property
    def free(self) -> int:
        """Seats that nobody is assigned to."""
        return max(self.position.seats - self.assigned, 0)

    @property
    def is_full(self) -> bool:
        """Whether it is open and has no seat left."""
        return self.position.state == PositionState.OPEN and not self.free


def positions(
    user: Any,
    *,
    text: str = "",
    field: str = "",
    state: str = "",
    region: int | None = None,
    chain: int | None = None,
    organisation: int | None = None,
    skill: str = "",
) -> QuerySet[Position]:
    """The positions open to `user` that match, newest first."""
    found = Position.objects.visible_to(user).select_related(*_RELATED)
    if text:
        found = found.filter(
            Q(title_zh__icontains=text)
            | Q(title_en__icontains=text)
            | Q(organisation__name_zh__icontains=text)
            | Q(organisation__name_en__icontains=text)
            | Q(tasks__icontains=text)
        )
    wanted = {
        "field": field, "state": state, "region": region, "chain": chain, "organisation": organisation,
        "skills__skill__code": skill,
    }  # fmt: skip
    return found.filter(**{name: value for name, value in wanted.items() if value})


def overlapping(user: Any, first: date, last: date) -> QuerySet[Position]:
    """Open positions whose days overlap these."""
    return positions(user, state="open").filter(starts_on__lte=last, ends_on__gte=first)


def assigned_counts(keys: Iterable[int]) -> dict[int, int]:
    """How many students published rounds have assigned to each position; one query."""
    rows = Assignment.objects.published().filter(position__in=list(keys))
    return dict(rows.order_by().values_list("position_id").annotate(Count("pk")))


def fits_of(person: int, found: Iterable[Position]) -> dict[int, float]:
    """How well each position suits a person's confirmed skills, by primary key."""
    listed = list(found)
    wanted, levels = wanted_by(listed), skills.of([person])[person]
    return {one.pk: skill_fit(wanted[one.pk], levels) for one in listed}


def rows(found: Iterable[Position], *, student: int | None = None) -> list[PositionRow]:
    """The lines of a page of positions; three queries for a student, one for others."""
    listed = list(found)
    assigned = assigned_counts(one.pk for one in listed)
    fits = fits_of(student, listed) if student is not None else {}
    return [PositionRow(one, assigned.get(one.pk, 0), fits.get(one.pk)) for one in listed]


def by_fit(found: Iterable[Position], *, student: int) -> list[PositionRow]:
    """The lines for a student: what has seats left first, and of these what suits best."""
    return sorted(rows(found, student=student), key=lambda row: (row.is_full, -(row.fit or 0)))


def find(user: Any, uid: UUID) -> Position | None:
    """The position, if it is open to `user`."""
    return Position.objects.visible_to(user).select_related(*_RELATED).filter(uid=uid).first()
