"""What released units declare to teach on a day, by skill: hours, level, practice, since when. No demand here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ronghe.apps.curriculum.models import Declaration, VersionState

# So many hours of a skill are a full treatment of it; fewer cover it in part.
FULL_COVERAGE_HOURS = 8.0


@dataclass(frozen=True, slots=True)
class Taught:
    """What is taught of one skill: hours, of which practice; the highest level; the day of the first release."""

    hours: float
    practice_hours: float
    level: int
    units: int
    since: date

    @property
    def coverage(self) -> float:
        """k: hours over those of a full treatment, at most 1."""
        return min(1.0, self.hours / FULL_COVERAGE_HOURS)

    @property
    def practice_share(self) -> float:
        """π: the share of practice in the hours spent on the skill; 0 without hours."""
        return self.practice_hours / self.hours if self.hours else 0.0


@dataclass(frozen=True, slots=True)
class DeclaredHours:
    """One declaration of a released unit, with the days between which it is taught."""

    skill: int
    unit: int
    package: int
    programme: int
    level: int
    hours: float
    practice_hours: float
    taught_from: date
    taught_until: date


def declared_hours(known_at: datetime | None = None) -> tuple[DeclaredHours, ...]:
    """Every declaration of every released version, past ones too: one query."""
    rows = Declaration.objects.filter(unit__version__state=VersionState.RELEASED)
    if known_at is not None:
        rows = rows.filter(unit__version__recorded_at__lte=known_at)
    return tuple(
        DeclaredHours(skill, unit, package, programme, level, float(hours), float(practice), first, until)
        for skill, unit, package, programme, level, hours, practice, first, until in rows.order_by("pk").values_list(
            "skill_id", "unit_id", "unit__version__package_id", "unit__version__package__course__programme_id",
            "skill_level", "hours", "practice_hours", "unit__version__taught_from", "unit__version__taught_until",
        )
    )  # fmt: skip


def taught_on(
    rows: Iterable[DeclaredHours], day: date, *, programme: int | None = None, without_package: int | None = None
) -> Mapping[int, Taught]:
    """By skill what is taught on a day, in one programme or in all; `since` is the first release that taught it."""
    since: dict[int, date] = {}
    current: dict[int, list[DeclaredHours]] = defaultdict(list)
    for row in rows:
        if programme not in (None, row.programme) or row.taught_from > day:
            continue
        since[row.skill] = min(row.taught_from, since.get(row.skill, row.taught_from))
        if row.taught_until > day and row.package != without_package:
            current[row.skill].append(row)
    return {skill: _sum(found, since[skill]) for skill, found in current.items()}


def _sum(rows: Sequence[DeclaredHours], since: date) -> Taught:
    return Taught(
        hours=sum(row.hours for row in rows),
        practice_hours=sum(row.practice_hours for row in rows),
        level=max(row.level for row in rows),
        units=len({row.unit for row in rows}),
        since=since,
    )


def release_days(rows: Iterable[DeclaredHours], programme: int | None = None) -> list[date]:
    """The days on which something was released, in order."""
    return sorted({row.taught_from for row in rows if programme in (None, row.programme)})
