"""The weekly mail: whether one wants it, what it would say today, and sending it now."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ronghe.apps.accounts.pages import person
from ronghe.apps.jobs import services as jobs
from ronghe.apps.policies import services
from ronghe.apps.policies.forms import DigestForm
from ronghe.apps.policies.models import DigestChoice
from ronghe.apps.policies.views.frame import may


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def digest(request: HttpRequest) -> HttpResponse:
    """Whether one wants the mail, and what it would say today."""
    me = person(request)
    choice = DigestChoice.objects.filter(person=me).first()
    form = DigestForm(
        request.POST if request.method == "POST" else None, initial={"is_wanted": choice is None or choice.is_wanted}
    )
    if request.method == "POST" and form.is_valid():
        services.set_digest(actor=me, is_wanted=form.cleaned_data["is_wanted"])
        messages.success(request, _("Saved."))
        return redirect("policies:digest")
    mails = services.compose([me], timezone.localdate()) if me.has_perm("policies.view_obligations") else []
    context = {"form": form, "mail": mails[0] if mails else None, "last": choice.last_sent_on if choice else None}
    return render(request, "policies/digest.html", context)


@require_POST
@login_required
def send(request: HttpRequest) -> HttpResponse:
    """Send the mail to everybody who gets it now, in the background."""
    may(request, "policies.send_digest")
    job = jobs.start(actor=person(request), kind="policies.digest.send")
    return redirect("jobs:status", job.uid)
