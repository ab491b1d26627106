"""Rules: the load limit, fee standards with proposals, benchmarks."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.mentors import forms, selectors, services
from ronghe.apps.mentors.models import FeeStandard, LoadLimit
from ronghe.apps.mentors.views.frame import found_or_404, sections

_FORM = ["GET", "HEAD", "POST"]


@require_safe
@login_required
@permission_required("mentors.view_mentors", raise_exception=True)
def rule_list(request: HttpRequest) -> HttpResponse:
    """The limit, the standards and the benchmarks of today, and what waits for a second person."""
    user, today = person(request), timezone.localdate()
    may_change = user.has_perm("mentors.propose_standard")
    context = {
        "sections": sections(user),
        "limit": selectors.limit_on(today),
        "limits": LoadLimit.objects.known(),
        "standards": selectors.standards_on(today),
        "proposed": selectors.standards_proposed() if may_change else [],
        "benchmarks": selectors.benchmarks_on(today),
        "may_change": may_change,
        "me": user.uid,
    }
    return render(request, "mentors/rules.html", context)


@require_http_methods(_FORM)
@login_required
@permission_required("mentors.set_limit", raise_exception=True)
def limit(request: HttpRequest) -> HttpResponse:
    """Set the load limit from a day on."""
    return form_page(
        request,
        forms.LimitForm(request.POST or None),
        lambda data: services.set_limit(actor=person(request), **data),
        title=_("Set the load limit"),
        lead=_("Nobody loses a mentor by it: who has more trainees keeps them, and none are added."),
        submit=_("Set it"),
        back=reverse("mentors:rules"),
        back_label=_("Rules for mentors"),
        done=_("The limit stands from that day on."),
        goes_back=True,
    )


@require_http_methods(_FORM)
@login_required
@permission_required("mentors.propose_standard", raise_exception=True)
def standard_new(request: HttpRequest) -> HttpResponse:
    """Propose a fee standard."""
    return form_page(
        request,
        forms.StandardForm(request.POST or None, initial={"valid_from": timezone.localdate()}),
        lambda data: services.propose_standard(actor=person(request), **data),
        title=_("Propose a fee standard"),
        lead=_("It pays nothing until a second person has published it, and nothing confirmed before changes."),
        submit=_("Propose it"),
        back=reverse("mentors:rules"),
        back_label=_("Rules for mentors"),
        done=_("The standard is proposed; a second person publishes it."),
        goes_back=True,
    )


def _standard(key: int) -> FeeStandard:
    return found_or_404(FeeStandard.objects.known().filter(pk=key).first())


@require_POST
@login_required
@permission_required("mentors.propose_standard", raise_exception=True)
def standard_publish(request: HttpRequest, key: int) -> HttpResponse:
    """Put a proposal in force."""
    return deed(
        request,
        lambda: services.publish_standard(actor=person(request), standard=_standard(key)),
        done=_("The standard is in force from its first day on."),
        back=reverse("mentors:rules"),
    )


@require_POST
@login_required
@permission_required("mentors.propose_standard", raise_exception=True)
def standard_withdraw(request: HttpRequest, key: int) -> HttpResponse:
    """Take a proposal back."""
    return deed(
        request,
        lambda: services.withdraw_standard(actor=person(request), standard=_standard(key)),
        done=_("The proposal is withdrawn."),
        back=reverse("mentors:rules"),
    )


@require_http_methods(_FORM)
@login_required
@permission_required("mentors.propose_standard", raise_exception=True)
def standard_end(request: HttpRequest, key: int) -> HttpResponse:
    """Let a standard end on a day."""
    standard = _standard(key)
    return form_page(
        request,
        forms.StandardEndForm(request.POST or None),
        lambda data: services.end_standard(actor=person(request), standard=standard, **data),
        title=_("End “%(name)s”") % {"name": standard.name},
        lead=_("Hours confirmed by it keep their fee; hours from that day on need another standard."),
        submit=_("End it"),
        back=reverse("mentors:rules"),
        back_label=_("Rules for mentors"),
        done=_("The standard ends on that day."),
        danger=True,
        goes_back=True,
    )


@require_http_methods(_FORM)
@login_required
@permission_required("mentors.set_benchmark", raise_exception=True)
def benchmark_new(request: HttpRequest) -> HttpResponse:
    """Say what a class hour is paid elsewhere."""
    return form_page(
        request,
        forms.BenchmarkForm(request.POST or None, initial={"valid_from": timezone.localdate()}),
        lambda data: services.set_benchmark(actor=person(request), **data),
        title=_("Set a benchmark"),
        lead=_("It needs a source that can be looked up. Hours confirmed before keep theirs."),
        submit=_("Set it"),
        back=reverse("mentors:rules"),
        back_label=_("Rules for mentors"),
        done=_("The benchmark stands from that day on."),
        goes_back=True,
    )
