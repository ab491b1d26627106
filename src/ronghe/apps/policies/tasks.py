"""Background work of policies: the weekly mail."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.apps.accounts.models import Person
from ronghe.apps.jobs.registry import JobResult, Progress, job
from ronghe.apps.policies import services


@job("policies.digest.send", label=gettext_lazy("Weekly mail on obligations"))
def send_digests(progress: Progress) -> JobResult:
    """Send the weekly mail to whoever gets it now."""
    sent = services.send_digests(actor=Person.objects.get(pk=progress.owner_id), progress=progress)
    return JobResult(_("%(count)s mails were sent.") % {"count": sent}, reverse("policies:obligations"), {"sent": sent})
