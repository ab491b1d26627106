"""What students can do, by lexicon skill and skill level: taught in their programme, confirmed by a teacher, and more.

Apps above bring their own evidence (assessments, certificates) with `register`; a student's level is the highest one.
It says nothing of how well a skill suits a position; see `market`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from ronghe.apps.community.models import CohortMembership
from ronghe.apps.curriculum.models import Programme
from ronghe.apps.curriculum.teaching import declared_hours, taught_on
from ronghe.apps.positions.models import StudentSkill

# By person and skill, both primary keys, the skill level from 1 to 5.
Levels = Mapping[int, Mapping[int, int]]
Source = Callable[[list[int], date], Levels]

_sources: dict[str, tuple[StrPromise, Source]] = {}


def register(name: str, *, label: StrPromise, levels: Source) -> None:
    """Register where levels of students come from; called once, when an app is ready."""
    if name in _sources:
        raise ValueError(f"skills from {name!r} are registered twice")
    _sources[name] = (label, levels)


def of(people: Iterable[int], on: date | None = None) -> dict[int, dict[int, int]]:
    """For each person the highest level of each skill that any source knows on a day; a few queries in all."""
    keys, day = list(people), on or timezone.localdate()
    found: dict[int, dict[int, int]] = {person: {} for person in keys}
    for _label, levels in _sources.values():
        for person, skills in levels(keys, day).items():
            own = found.get(person)
            if own is None:
                continue
            for skill, level in skills.items():
                own[skill] = max(level, own.get(skill, 0))
    return found


def by_source(person: int, on: date | None = None) -> list[tuple[StrPromise, dict[int, int]]]:
    """For one person what each source says, for the page that shows where a level comes from."""
    day = on or timezone.localdate()
    return [(label, dict(levels([person], day).get(person, {}))) for label, levels in _sources.values()]


def _taught(people: list[int], on: date) -> Levels:
    """The highest level that released units of a student's programmes declare on a day."""
    follows: dict[int, set[int]] = {}
    rows = CohortMembership.objects.on(on).filter(person__in=people, cohort__programmes__isnull=False)
    for person, programme in rows.values_list("person_id", "cohort__programmes"):
        follows.setdefault(person, set()).add(programme)
    programmes = {programme for of_person in follows.values() for programme in of_person}
    if not programmes:
        return {}
    declared = declared_hours()
    levels = {
        programme: {skill: taught.level for skill, taught in taught_on(declared, on, programme=programme).items()}
        for programme in Programme.objects.filter(pk__in=programmes).values_list("pk", flat=True)
    }
    found: dict[int, dict[int, int]] = {}
    for person, of_person in follows.items():
        own = found.setdefault(person, {})
        for programme in of_person:
            for skill, level in levels[programme].items():
                own[skill] = max(level, own.get(skill, 0))
    return found


def _confirmed(people: list[int], on: date) -> Levels:
    """What students declared and a teacher has confirmed."""
    found: dict[int, dict[int, int]] = {}
    rows = StudentSkill.objects.filter(person__in=people, confirmed_at__isnull=False)
    for person, skill, level in rows.values_list("person_id", "skill_id", "skill_level"):
        found.setdefault(person, {})[skill] = level
    return found


register("taught", label=_("Taught in the programme"), levels=_taught)
register("confirmed", label=_("Confirmed by a teacher"), levels=_confirmed)
