"""Templates: list, versions, clauses. What an agreement was drafted from never changes; a next version is written."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.agreements import selectors, services
from ronghe.apps.agreements.forms import TemplateForm
from ronghe.apps.agreements.models import Template, TemplateVersion
from ronghe.apps.agreements.views.clauses import edit_clause, new_clause, shown_clauses
from ronghe.apps.agreements.views.frame import allow, deed, form_page


@require_safe
@login_required
def template_list(request: HttpRequest) -> HttpResponse:
    """The templates that may be drafted from, and for the office those it has retired."""
    may_write = request.user.has_perm("agreements.write_template")
    allow(request, "agreements.view_template")
    context = {"templates": selectors.templates(request.user, retired=may_write), "may_write": may_write}
    return render(request, "agreements/template_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def template_new(request: HttpRequest) -> HttpResponse:
    """Write a template."""
    allow(request, "agreements.write_template")
    written: list[TemplateVersion] = []

    def act(given: dict[str, Any]) -> str:
        written.append(services.write_template(actor=person(request), **given))
        return _("The template stands. Add its clauses.")

    return form_page(
        request,
        TemplateForm(request.POST or None),
        act,
        title=_("Write a template"),
        submit=_("Write it"),
        back=reverse("agreements:templates"),
        back_label=_("Templates"),
        go=lambda: written[0].template,
    )


@require_POST
@login_required
def template_load(request: HttpRequest) -> HttpResponse:
    """Load the templates that come with Ronghe."""

    def act() -> str:
        count = services.load_standard_templates(actor=person(request))
        return ngettext("%(count)s template was added.", "%(count)s templates were added.", count) % {"count": count}

    return deed(request, act, back=reverse("agreements:templates"))


def _version(request: HttpRequest, pk: int, number: str = "") -> TemplateVersion:
    template = get_object_or_404(Template.objects.visible_to(request.user), pk=pk)
    versions = template.versions.select_related("template", "written_by")
    found = versions.filter(number=int(number)).first() if number.isdigit() and len(number) < 9 else versions.first()
    if found is None:
        raise Http404(_("There is no such version of this template."))
    return found


@require_safe
@login_required
def template_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A version of a template, and the others."""
    allow(request, "agreements.view_template")
    version = _version(request, pk, request.GET.get("version", ""))
    newest = version.template.versions.first()
    context = {
        "version": version,
        "versions": version.template.versions.all(),
        "clauses": shown_clauses(version.clauses, []),
        "may_write": version == newest
        and version.template.retired_on is None
        and request.user.has_perm("agreements.write_template"),
    }
    return render(request, "agreements/template.html", context)


@require_POST
@login_required
def template_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer a template no more."""
    version = _version(request, pk)

    def act() -> str:
        services.retire_template(actor=person(request), template=version.template)
        return _("The template is offered no more.")

    return deed(request, act, back=reverse("agreements:templates"))


def _editing(request: HttpRequest, pk: int) -> dict[str, Any]:
    allow(request, "agreements.write_template")
    version = _version(request, pk)

    def put(clauses: list[dict[str, Any]], revision: int) -> TemplateVersion:
        return services.put_template_clauses(actor=person(request), version=version, revision=revision, clauses=clauses)

    return {
        "clauses": version.clauses,
        "parties": [],
        "revision": version.revision,
        "put": put,
        "back": version.template.get_absolute_url(),
        "back_label": version.template.name,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def clause_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a clause to a template."""
    return new_clause(request, **_editing(request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def clause_edit(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Amend a clause of a template, or take it out."""
    return edit_clause(request, key, **_editing(request, pk))
