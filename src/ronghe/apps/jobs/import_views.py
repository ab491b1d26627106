"""Pages of an import: choose a file, see what is wrong with it, confirm. The same for every app's records."""

import csv
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.jobs import uploads
from ronghe.apps.jobs.exports import template_response
from ronghe.apps.jobs.forms import UploadForm
from ronghe.apps.jobs.imports import BulkImport, find
from ronghe.apps.jobs.models import Upload
from ronghe.tabular import neutralise

# A form around the file adds a little.
_ENVELOPE = 64 * 1024


def _language() -> str:
    return "zh" if (get_language() or "").startswith("zh") else "en"


def _found(request: HttpRequest, name: str, key: str) -> tuple[BulkImport, Model | None]:
    """The import and what it goes into, or 404; 403 for whoever may not import."""
    try:
        bulk = find(name)
        subject = bulk.find_subject(key)
    except (KeyError, ValueError, ObjectDoesNotExist):
        raise Http404(_("There is no such import.")) from None
    bulk.demand_permission(request.user, subject)
    return bulk, subject


def _back(bulk: BulkImport, subject: Model | None) -> str:
    own_page = getattr(subject, "get_absolute_url", None)
    return str(own_page()) if own_page is not None else reverse(bulk.back)


def _columns(bulk: BulkImport) -> list[dict[str, Any]]:
    language = _language()
    return [
        {
            "heading": column.heading(language),
            "other": column.heading("en" if language == "zh" else "zh"),
            "required": column.required,
            "help": column.help(language),
        }
        for column in bulk.schema.columns
    ]


@csrf_exempt
def import_new(request: HttpRequest, name: str) -> HttpResponse:
    """Refuse a body that is too large before a byte of it is read, which the check of the form's token would do."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > uploads.MAX_BYTES + _ENVELOPE:
        limit = uploads.MAX_BYTES // 1024**2
        return render(request, "jobs/import_too_large.html", {"limit": limit, "again": request.path}, status=413)
    return _import_new(request, name)


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def _import_new(request: HttpRequest, name: str) -> HttpResponse:
    """Choose a file, beside what its columns should be; a POST keeps the file and starts its dry run."""
    key = request.GET.get("subject", "")
    bulk, subject = _found(request, name, key)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        try:
            upload = uploads.receive(actor=request.user, name=name, subject=key, file=form.cleaned_data["file"])
        except uploads.UploadRefused as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("jobs:import_report", upload.uid)
    context = {
        "bulk": bulk,
        "subject": subject,
        "subject_key": key,
        "form": form,
        "columns": _columns(bulk),
        "back": _back(bulk, subject),
    }
    return render(request, "jobs/import_new.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def import_template(request: HttpRequest, name: str, kind: str) -> FileResponse:
    """An empty file with the right headings."""
    bulk, _subject = _found(request, name, request.GET.get("subject", ""))
    return template_response(bulk.schema, kind=kind, filename=name.replace(".", "-"))


def _upload(request: HttpRequest, uid: str) -> Upload:
    own = Upload.objects.visible_to(request.user).select_related("check_job", "write_job")
    upload: Upload = get_object_or_404(own, uid=uid)
    return upload


@require_safe
@login_required
def import_report(request: HttpRequest, uid: str) -> HttpResponse:
    """How far the dry run is, then each bad row with its line, column and reason, and the choice what to do."""
    upload = _upload(request, uid)
    if upload.write_job is not None and upload.is_being_written:
        return redirect("jobs:status", upload.write_job.uid)
    return _render_report(request, upload)


def _render_report(request: HttpRequest, upload: Upload, status: int = 200) -> HttpResponse:
    bulk, subject = _found(request, upload.import_name, upload.subject)
    language = _language()
    report = upload.report or {}
    errors = [
        {**error, "column": error["column"][language], "reason": error[language]} for error in report.get("errors", ())
    ]
    context = {
        "upload": upload,
        "bulk": bulk,
        "subject": subject,
        "refused": report.get("refused", {}).get(language, ""),
        "warnings": [warning[language] for warning in report.get("warnings", ())],
        "page": Paginator(errors, 50).get_page(request.GET.get("page")),
        "errors_total": report.get("errors_total", 0),
        "errors_kept": len(errors),
        "preview": report.get("preview", ()),
        "headings": [column.heading(language) for column in bulk.schema.columns],
        "report": report,
        "kept": uploads.path_of(upload).exists(),
        "back": _back(bulk, subject),
    }
    return render(request, "jobs/import_report.html", context, status=status)


@require_safe
@login_required
def import_errors(request: HttpRequest, uid: str) -> HttpResponse:
    """The bad rows as a CSV file, to mend the original by."""
    upload = _upload(request, uid)
    language = _language()
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="errors.csv"'
    response["Cache-Control"] = "no-store"
    writer = csv.writer(response)
    writer.writerow([_("Line"), _("Column"), _("Value found"), _("What is wrong")])
    for error in (upload.report or {}).get("errors", ()):
        cells = [error["column"][language], error["value"], error[language]]
        writer.writerow([error["line"], *map(neutralise, cells)])
    return response


@require_POST
@login_required
def import_confirm(request: HttpRequest, uid: str) -> HttpResponse:
    """Import the rows as the person chose."""
    upload = _upload(request, uid)
    try:
        upload = uploads.confirm(actor=request.user, upload=upload, skip_bad=request.POST.get("rows") == "valid")
    except uploads.UploadRefused as refused:
        messages.error(request, str(refused))
        return _render_report(request, upload, status=422)
    return redirect("jobs:import_report", uid)


@require_POST
@login_required
def import_discard(request: HttpRequest, uid: str) -> HttpResponse:
    """Delete the file and forget it."""
    upload = _upload(request, uid)
    again = reverse("jobs:import_new", args=[upload.import_name])
    try:
        uploads.discard(actor=request.user, upload=upload)
    except uploads.UploadRefused as refused:
        messages.error(request, str(refused))
        return redirect("jobs:import_report", uid)
    messages.success(request, _("The file was deleted; nothing was imported."))
    return redirect(f"{again}?subject={upload.subject}" if upload.subject else again)
