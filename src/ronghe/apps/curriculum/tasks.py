"""The long work of the curriculum: the index of a large community, which no page waits for."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.apps.curriculum import readings
from ronghe.apps.curriculum.models import Programme
from ronghe.apps.jobs.registry import JobResult, Progress, job


@job(readings.KIND, label=gettext_lazy("Corporate Response Index"))
def compute_index(progress: Progress, *, programme: int | None = None) -> JobResult:
    """Compute today's index of the community, or of one programme, and keep it for its pages."""
    readings.compute(programme, progress.report)
    of = Programme.objects.filter(pk=programme).first() if programme else None
    url = reverse("curriculum:programme_cri", args=[of.uid]) if of else reverse("curriculum:cri")
    return JobResult(_("The index is computed from today's data."), url)
