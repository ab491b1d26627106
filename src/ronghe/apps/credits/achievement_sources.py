"""What the stations below the bank have confirmed: practice hours of placements, and units that were passed.

A station on a higher floor registers its own in its `achievement_sources.py`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.apps.credits.models import Achievement, AchievementState, Source
from ronghe.apps.credits.sources import Behind, Found, register
from ronghe.apps.training.models import (
    Assessment,
    Entry,
    PlacementState,
    Rating,
    Side,
    Stay,
)

_HOURS, _UNIT = "training.hours", "training.unit"
_OVER = (PlacementState.FINISHED, PlacementState.STOPPED)


def _collected(people: Iterable[int]) -> tuple[set[str], dict[str, int]]:
    """The weeks that stand in an achievement already, and how many achievements each placement and month has."""
    weeks: set[str] = set()
    numbers: dict[str, int] = defaultdict(int)
    known = Achievement.objects.filter(person__in=list(people), source=Source.HOURS, key__startswith=f"{_HOURS}:")
    for key, covers, state in known.values_list("key", "covers", "state"):
        # What was replaced by a correction is taken anew.
        weeks.update(covers if state != AchievementState.REPLACED else ())
        numbers[key.rpartition(":")[0]] += 1
    return weeks, numbers


def hours(people: Iterable[int] | None) -> Iterable[Found]:
    """Confirmed hours by placement and month; the month of a week is that of its Sunday.

    Asked for everybody, a month is taken once it is over, and all of a placement that is; asked for certain students,
    all that is confirmed. A week is taken once: what is confirmed later makes another achievement of its month.
    """
    entries = Entry.objects.counted().filter(placement__person__isnull=False, hours__gt=0)
    if people is not None:
        entries = entries.filter(placement__person__in=list(people))
    entries = entries.select_related("placement").order_by("placement_id", "week")
    found = list(entries)
    weeks, numbers = _collected({entry.placement.person_id for entry in found if entry.placement.person_id})
    this_month = timezone.localdate().replace(day=1)
    groups: dict[tuple[int, date], list[Entry]] = defaultdict(list)
    for entry in found:
        month = entry.last_day.replace(day=1)
        is_closed = month < this_month or entry.placement.state in _OVER or people is not None
        if is_closed and entry.fact not in weeks:
            groups[entry.placement_id, month].append(entry)
    hosts = _hosts({placement for placement, _month in groups})
    confirmers = _confirmers([entry for some in groups.values() for entry in some])
    for (key, month), some in sorted(groups.items()):
        placement = some[0].placement
        name = f"{_HOURS}:{placement.uid}:{month:%Y-%m}"
        yield Found(
            key=f"{name}:{numbers[name] + 1}",
            source=Source.HOURS,
            person=placement.person_id or 0,
            quantity=sum((entry.hours for entry in some), Decimal(0)),
            first_day=max(some[0].week, placement.starts_on),
            last_day=min(some[-1].last_day, placement.ends_on, timezone.localdate()),
            name_zh=f"{placement.work_zh[:100]}（{month.year}年{month.month}月）",
            name_en=f"{placement.work_en[:140]} ({month:%Y-%m})" if placement.work_en else "",
            host=hosts.get(key),
            confirmed_by=confirmers.get(some[-1].pk),
            covers=tuple(entry.fact for entry in some),
        )


def _hosts(placements: Iterable[int]) -> dict[int, int]:
    """Where each placement is mostly, as known now."""
    stays = Stay.objects.known().filter(placement__in=list(placements)).order_by("share", "-valid_from", "-pk")
    return dict(stays.values_list("placement_id", "organisation_id"))


def _confirmers(entries: Sequence[Entry]) -> dict[int, int | None]:
    rows = Entry.objects.filter(pk__in=[one.pk for one in entries], confirmations__verdict="confirmed")
    return dict(rows.values_list("pk", "confirmations__decided_by"))


def units(people: Iterable[int] | None) -> Iterable[Found]:
    """Units that were passed; training lets a student pass each once, whichever version of it was assessed."""
    passed = Assessment.objects.filter(is_passed=True, placement__person__isnull=False)
    if people is not None:
        passed = passed.filter(placement__person__in=list(people))
    found = list(passed.select_related("placement__person", "unit").order_by("settled_at", "pk"))
    hosts = _hosts({one.placement_id for one in found})
    raters = _raters(found)
    for one in found:
        student = one.placement.person
        if student is None or one.settled_on is None:
            continue
        yield Found(
            key=f"{_UNIT}:{one.uid}",
            source=Source.UNITS,
            person=student.pk,
            quantity=Decimal(1),
            first_day=one.opened_on,
            last_day=one.settled_on,
            name_zh=one.unit.name_zh[:120],
            name_en=one.unit.name_en[:160],
            host=hosts.get(one.placement_id),
            confirmed_by=raters.get(one.pk),
        )


def _raters(assessments: Sequence[Assessment]) -> Mapping[int, int | None]:
    rows = Rating.objects.filter(assessment__in=assessments, side=Side.TEACHER)
    return dict(rows.values_list("assessment_id", "rated_by_id"))


def weeks_behind(achievement: Achievement, viewer: Any) -> Iterable[Behind]:
    """The weeks of evidence that an achievement of hours is made of, as far as the viewer may open them."""
    facts = [str(fact).split(":") for fact in achievement.covers]
    pairs = {(uid, day) for _station, uid, day in (fact for fact in facts if len(fact) == 3)}
    entries = Entry.objects.counted().filter(
        placement__uid__in={uid for uid, _day in pairs}, week__in={day for _uid, day in pairs}
    )
    visible = set(Entry.objects.visible_to(viewer).filter(pk__in=entries).values_list("pk", flat=True))
    for entry in entries.select_related("placement").order_by("week"):
        if (str(entry.placement.uid), str(entry.week)) in pairs:
            url = entry.get_absolute_url() if entry.pk in visible else ""
            yield Behind(str(entry), _("%(hours)s practice hours") % {"hours": f"{entry.hours.normalize():f}"}, url)


def assessment_behind(achievement: Achievement, viewer: Any) -> Iterable[Behind]:
    """The attempt by which a unit was passed."""
    found = Assessment.objects.visible_to(viewer).filter(uid=achievement.key.rpartition(":")[2])
    for one in found.select_related("unit"):
        yield Behind(
            one.unit.name,
            _("attempt %(number)s") % {"number": one.attempt},
            reverse("training:assessment", args=[one.uid]),
        )


register(_HOURS, label=gettext_lazy("Confirmed practice hours"), confirmed=hours, behind=weeks_behind)
register(_UNIT, label=gettext_lazy("Passed units"), confirmed=units, behind=assessment_behind)
