"""Background work of the credit bank: collect what stations confirmed, let due credits lapse, close long accounts."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.apps.accounts.models import Person
from ronghe.apps.credits import selectors, services, sources
from ronghe.apps.credits.models import Achievement
from ronghe.apps.jobs.registry import JobResult, Progress, job

_BATCH = 500


@job(
    "credits.day",
    label=gettext_lazy("The credit bank's day"),
    words={
        "deposited": gettext_lazy("Achievements deposited"),
        "refused": gettext_lazy("Achievements that wait"),
        "lapsed": gettext_lazy("Accounts with lapsed credits"),
        "closed": gettext_lazy("Accounts closed"),
    },
)
def close_the_day(progress: Progress, so_far: bool = False) -> JobResult:
    """Collect and deposit what is confirmed, let due credits lapse, close long accounts; it may run at any time.

    A station may wait with what belongs together, as the hours of a month; with `so_far` it is taken as far as it is.
    """
    owner = Person.objects.get(pk=progress.owner_id)
    students = list(selectors.enrolled(timezone.localdate())) if so_far else None
    for source in sources.registered():
        services.collect_achievements(actor=owner, found=source.confirmed(students))
    waiting = list(selectors.undeposited(owner).values_list("pk", flat=True))
    deposited = refused = 0
    for start in range(0, len(waiting), _BATCH):
        progress.report(start, len(waiting))
        batch = Achievement.objects.filter(pk__in=waiting[start : start + _BATCH])
        done = services.deposit_many(actor=owner, achievements=batch)
        deposited += len(done.transactions)
        refused += len(done.refused)
    progress.report(len(waiting), len(waiting))
    lapsed = services.lapse_due()
    closed = services.close_accounts()
    return JobResult(
        _("%(deposited)s achievements are deposited; %(refused)s still wait, each for the reason on its page.")
        % {"deposited": deposited, "refused": refused},
        figures={"deposited": deposited, "refused": refused, "lapsed": lapsed, "closed": closed},
    )
