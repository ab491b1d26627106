"""What rotations know about people's time: mentors are bound while they lead a group; trainees by their bookings."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from ronghe.apps.rotations.inputs import SOURCE_OF_MENTORING
from ronghe.apps.rotations.models import PlanState, Session
from ronghe.apps.sites.engagements import Busy, BusyKind, register_busy


def mentoring(people: Sequence[int], start: datetime, end: datetime) -> Iterator[tuple[int, Busy]]:
    """The sessions of published plans that these people lead; one query."""
    led = (
        Session.objects.standing()
        .filter(mentor__in=people, starts_at__lt=end, ends_at__gt=start, week__plan__state=PlanState.PUBLISHED)
        .select_related("machine__site", "week")
    )
    for one in led:
        yield (
            one.mentor_id or 0,
            Busy(
                one.starts_at,
                one.ends_at,
                BusyKind.WORK,
                one.machine.name,
                SOURCE_OF_MENTORING,
                f"{one.week.plan_id}:{one.pk}",
                one.machine.site.campus_id,
            ),
        )


register_busy(SOURCE_OF_MENTORING, kind=BusyKind.WORK, label=_("Groups led in rotations"), find=mentoring)
