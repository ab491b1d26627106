"""The work of agreements that runs by itself or on demand: reminders."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import services
from ronghe.apps.jobs.registry import JobResult, Progress, job


@job("agreements.remind", label=gettext_lazy("Reminders of agreements"))
def send_reminders(progress: Progress) -> JobResult:
    """Keep every rule of reminding that is due."""
    done = services.remind(actor=Person.objects.get(pk=progress.owner_id))
    return JobResult(
        _("%(people)s people were reminded of %(signatures)s signatures and %(agreements)s agreements.")
        % {"people": done.people, "signatures": done.signatures, "agreements": done.agreements},
        reverse("agreements:list"),
        {"signatures": done.signatures, "agreements": done.agreements, "people": done.people},
    )
