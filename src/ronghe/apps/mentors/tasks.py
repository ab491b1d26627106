"""Background work of the mentors app: reminders."""

from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from ronghe.apps.accounts.models import Person
from ronghe.apps.jobs.registry import JobResult, Progress, job
from ronghe.apps.mentors import services


@job("mentors.remind", label=gettext_lazy("Reminders of mentors and teachers"))
def send_reminders(progress: Progress) -> JobResult:
    """Tell everybody of what lapses or waits, once each."""
    people = services.remind(actor=Person.objects.get(pk=progress.owner_id))
    said = ngettext("%(people)s person was reminded.", "%(people)s people were reminded.", people)
    return JobResult(said % {"people": people}, reverse("mentors:overview"), {"people": people})
