"""The work of sites that runs by itself or on demand: offers lapse, overlaps are noted anew."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.apps.community.models import CohortMembership
from ronghe.apps.jobs.registry import JobResult, Progress, job
from ronghe.apps.sites import services

AHEAD = timedelta(days=120)
_BATCH = 200


@job("sites.lapse_offers", label=gettext_lazy("Offers of waiting lists that nobody answered"))
def lapse_offers(progress: Progress) -> JobResult:
    """Let offers lapse whose time to answer is over, and ask the next."""
    count = services.lapse_offers()
    return JobResult(_("%(count)s offers lapsed.") % {"count": count}, reverse("sites:overview"), {"offers": count})


@job("sites.note_overlaps", label=gettext_lazy("Study–work overlaps of the coming months"))
def note_overlaps(progress: Progress) -> JobResult:
    """Compare every student's study and work of the coming months anew, whatever changed them."""
    now = timezone.now()
    people = sorted(set(CohortMembership.objects.on(timezone.localdate()).values_list("person", flat=True)))
    count = 0
    for start in range(0, len(people), _BATCH):
        count += services.note_overlaps(people[start : start + _BATCH], now, now + AHEAD)
        progress.report(min(start + _BATCH, len(people)), len(people))
    return JobResult(
        _("%(count)s new overlaps were noted.") % {"count": count}, reverse("sites:overlaps"), {"new": count}
    )
