"""A programme as a file: CSV and XLSX out (their import stands with the jobs), IMS CASE out and in."""

import json
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.curriculum import selectors, services
from ronghe.apps.curriculum.case import LARGEST_FILE, case_package, read_case
from ronghe.apps.curriculum.forms import CaseFileForm
from ronghe.apps.curriculum.models import Programme
from ronghe.apps.curriculum.rows import TEACHING, rows_of
from ronghe.apps.curriculum.views.frame import form_page, found_or_404
from ronghe.apps.jobs.exports import table_response


def _programme(request: HttpRequest, uid: UUID) -> Programme:
    return found_or_404(selectors.programmes(request.user).filter(uid=uid).first())


@require_safe
@login_required
@permission_required("curriculum.view_programme", raise_exception=True)
def programme_export(request: HttpRequest, uid: UUID, kind: str) -> HttpResponseBase:
    """What is taught today as a file that the import reads back."""
    return table_response(rows_of(_programme(request, uid)), TEACHING, kind=kind, filename="programme")


@require_safe
@login_required
@permission_required("curriculum.view_programme", raise_exception=True)
def programme_case(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What is taught today in IMS CASE."""
    programme = _programme(request, uid)
    text = json.dumps(case_package(programme), ensure_ascii=False, indent=1)
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="programme-{programme.uid}.case.json"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def programme_case_import(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take a CASE file into drafts; all of it or nothing."""
    programme = _programme(request, uid)
    demand(person(request), "curriculum.import_programme", programme)

    def act(data: dict[str, Any]) -> None:
        file = data["file"]
        if file.size > LARGEST_FILE:
            raise ValidationError({"file": _("The file is larger than 5 MB. Split it by programme.")})
        try:
            services.import_programme(
                actor=person(request), programme=programme, rows=read_case(file.read()), format="case"
            )
        except ValidationError as error:
            raise ValidationError({"file": error.messages}) from error

    return form_page(
        request,
        CaseFileForm(request.POST or None, request.FILES or None),
        act,
        title=_("Import an IMS CASE file"),
        submit=_("Write the drafts"),
        back=programme.get_absolute_url(),
        back_label=programme.name,
        lead=_("Courses and packages that are missing are added; each package becomes a draft for review."),
        done=_("The drafts are written. Review and release them as usual."),
    )
