"""Background work of positions: compute a round and say all the while how far it is. It publishes nothing."""

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.apps.jobs.registry import JobResult, Progress, job
from ronghe.apps.positions.computing import SECONDS
from ronghe.apps.positions.models import Run
from ronghe.apps.positions.services import results

_STEPS = 4


@job(results.JOB, label=gettext_lazy("Matching of students to positions"))
def match(progress: Progress, *, run: str) -> JobResult:
    """Build the market, match, give reasons, keep the run. Cancelled or failed, the round waits as it was."""
    one = Run.objects.select_related("round").get(uid=UUID(run))
    try:
        progress.report(1, _STEPS, _("Reading wishes, skills and quotas"))
        built = results.build_for(one)
        limit = int(SECONDS[one.mode])

        def tell(seconds: float) -> None:
            progress.report(
                2,
                _STEPS,
                _("Matching for %(seconds)s of at most %(limit)s s") % {"seconds": int(seconds), "limit": limit},
            )

        found = results.computed(built, one.mode, tell)
        progress.report(3, _STEPS, _("Writing assignments and reasons"))
        one = results.keep_run(run=one, built=built, found=found)
    finally:
        results.end_computing(one)
    progress.report(_STEPS, _STEPS)
    if found.refusal:
        return JobResult(_("No matching meets all that is asked; see what could give way."), one.get_absolute_url())
    overall = found.figures["overall"]
    return JobResult(
        _("%(placed)s of %(students)s students are placed.")
        % {"placed": overall["placed"], "students": overall["students"]},
        one.get_absolute_url(),
        figures={"students": overall["students"], "placed": overall["placed"]},
    )
