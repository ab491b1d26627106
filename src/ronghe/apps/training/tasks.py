"""The work of training that runs once a day or on demand: reminders, incidents that nobody answered."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.apps.accounts.models import Person
from ronghe.apps.jobs.registry import JobResult, Progress, job
from ronghe.apps.training import services


@job("training.day", label=gettext_lazy("Training's day"))
def close_the_day(progress: Progress) -> JobResult:
    """Remind of what is due and hand incidents to the office that nobody answered; it may run at any time."""
    owner = Person.objects.get(pk=progress.owner_id)
    escalated = services.escalate_incidents(actor=owner)
    done = services.remind(actor=owner)
    return JobResult(
        _("%(students)s students and %(mentors)s mentors were reminded; %(incidents)s incidents went to the office.")
        % {"students": done.students, "mentors": done.mentors, "incidents": escalated},
        reverse("training:overview"),
        {"students": done.students, "mentors": done.mentors, "firms": done.firms, "incidents": escalated},
    )
