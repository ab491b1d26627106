"""Courses that were passed, as the university's own system has them: recorded in bulk, each once for each student."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import CohortMembership, RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credits import events
from ronghe.apps.credits.models import Achievement, AchievementState, Source
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.services import Entry


@dataclass(frozen=True, slots=True)
class Passed:
    """A course that a student passed, with the credits that the plan of studies gives it."""

    student: Person
    code: str
    name_zh: str
    name_en: str
    credits: Decimal
    passed_on: date

    @property
    def fact(self) -> str:
        """What it is counted by: the course of a code counts once for a student."""
        return f"course:{self.student.pk}:{self.code.strip().casefold()}"


def pupils_of(actor: Person) -> set[int] | None:
    """Whose courses `actor` may record, by primary key; None is everybody's. Nobody records their own."""
    if standing.holds(actor, RoleKind.OFFICE):
        return None
    taught = standing.organisations(actor, RoleKind.TEACHER)
    pupils = CohortMembership.objects.known().filter(cohort__organisation__in=taught).exclude(person=actor)
    return set(pupils.values_list("person", flat=True))


def recorded_courses(students: Sequence[int]) -> dict[str, Achievement]:
    """By fact, the courses of students that are recorded and were not replaced by a correction."""
    rows = Achievement.objects.filter(person__in=students, source=Source.COURSE, key__startswith="course:")
    return {fact: row for row in rows.exclude(state=AchievementState.REPLACED) for fact in row.covers}


@transaction.atomic
def record_courses(*, actor: Person, passed: Sequence[Passed]) -> list[Achievement]:
    """Record what was passed and is not recorded yet, in a handful of queries; the bank's day deposits it.

    What is recorded already is left as it is: whoever sends a term's whole list again changes nothing.
    """
    demand(actor, "credits.record_courses")
    open_ = pupils_of(actor)
    if any(one.student.pk == actor.pk or (open_ is not None and one.student.pk not in open_) for one in passed):
        raise PermissionDenied(_("Courses are recorded by the office or a teacher of the student's university."))
    students = sorted({one.student.pk for one in passed})
    standing_ = set(recorded_courses(students))
    # A course that was corrected has its replaced row still, whose key nobody may have again.
    before = Achievement.objects.filter(person__in=students, source=Source.COURSE).values_list("covers", flat=True)
    numbers: dict[str, int] = {}
    for covers in before:
        for fact in covers:
            numbers[fact] = numbers.get(fact, 0) + 1
    now, new = timezone.now(), []
    for one in passed:
        if one.fact in standing_:
            continue
        standing_.add(one.fact)
        numbers[one.fact] = numbers.get(one.fact, 0) + 1
        new.append(
            Achievement(
                person=one.student,
                source=Source.COURSE,
                key=f"{one.fact}:{numbers[one.fact]}",
                covers=[one.fact],
                name_zh=one.name_zh.strip(),
                name_en=one.name_en.strip(),
                quantity=one.credits,
                first_day=one.passed_on,
                last_day=one.passed_on,
                state=AchievementState.CONFIRMED,
                decided_by=actor,
                decided_at=now,
            )
        )
    made = Achievement.objects.bulk_create(new, batch_size=500)
    ledger.record_many(
        actor=actor,
        entries=[
            Entry(events.ACHIEVEMENT_CONFIRMED, one, {"student": one.person, "quantity": one.quantity}) for one in made
        ],
    )
    return made
