"""Background work of rotations: compute a plan and say all the while how far it is. It publishes nothing."""

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.apps.jobs.registry import JobResult, Progress, job
from ronghe.apps.rotations import services
from ronghe.apps.rotations.models import Plan


@job(services.JOB, label=gettext_lazy("Planning of rotations"))
def plan_rotations(progress: Progress, *, plan: str, keep: bool = False) -> JobResult:
    """Plan the fortnights, then each week, and keep both. Cancelled or failed, the plan waits as it was."""
    one = Plan.objects.get(uid=UUID(plan))
    try:
        one = services.compute(one, lambda done, steps, said: progress.report(done, steps, said), keep=keep)
    finally:
        services.end_computing(one)
    refused = sum(bool(week.refusal) for week in one.weeks.all())
    if one.refusal or refused:
        return JobResult(_("Not every week can be planned; the plan says what could give way."), one.get_absolute_url())
    placed = sum(week.figures["placed"] for week in one.weeks.all())
    return JobResult(
        _("%(sessions)s sessions are planned.") % {"sessions": placed},
        one.get_absolute_url(),
        figures={"sessions": placed},
    )
