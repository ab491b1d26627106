"""The parts of the first screens that come from mentors: what waits, the load and fees of a mentor, a teacher's status.

Each part is a bounded number of queries.
"""

from typing import Any

from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.mentors import selectors as mentors
from ronghe.apps.mentors.views.frame import inbox


def items(me: Person) -> list[dict[str, Any]]:
    """Terms to accept, hours and stays to decide, papers that lapse; what is late first."""
    return inbox(mentors.waiting_for(me))


def mentoring(me: Person) -> dict[str, Any]:
    """A mentor's own: trainees of today against the limit, class hours and fees of the year."""
    today = timezone.localdate()
    return {"earned": mentors.earned(me, today), "load": mentors.load_of([me], today)[me.pk]}


def training(me: Person) -> mentors.TeacherStatus:
    """Where a teacher stands in dual-teacher training."""
    return mentors.teacher_status(me)
