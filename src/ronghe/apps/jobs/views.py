"""Pages of background work: the list, the status page with its progress, the cancel button."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from ronghe.apps.jobs import registry, services
from ronghe.apps.jobs.models import Job


@require_safe
@login_required
def job_list(request: HttpRequest) -> HttpResponse:
    """The jobs one may see, newest first."""
    page = Paginator(Job.objects.visible_to(request.user).select_related("owner"), 20).get_page(request.GET.get("page"))
    if any(job.is_lost for job in page.object_list):
        services.fail_lost()
        page = page.paginator.get_page(page.number)
    for job in page.object_list:
        job.label = registry.label_of(job.kind)  # type: ignore[attr-defined]
    return render(request, "jobs/job_list.html", {"page": page})


@require_safe
@login_required
def job_status(request: HttpRequest, uid: str) -> HttpResponse:
    """How far a job is; htmx asks again for the progress alone until it has ended."""
    job = get_object_or_404(Job.objects.visible_to(request.user).select_related("owner"), uid=uid)
    if job.is_lost:
        # Only then, because a write on every look would make the watchers wait for whoever writes at length.
        services.fail_lost()
        job.refresh_from_db()
    template = "jobs/job_status.html"
    if request.headers.get("HX-Request") and not job.is_finished:
        template = "jobs/job_progress.html"
    context = {
        "job": job,
        "label": registry.label_of(job.kind),
        "figures": registry.named_figures(job.kind, (job.result or {}).get("figures", {})),
    }
    response = render(request, template, context)
    if request.headers.get("HX-Request") and job.is_finished:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@login_required
def job_cancel(request: HttpRequest, uid: str) -> HttpResponse:
    """Ask a job to stop."""
    job = get_object_or_404(Job.objects.visible_to(request.user), uid=uid)
    services.cancel(actor=request.user, job=job)
    return redirect("jobs:status", uid=uid)
