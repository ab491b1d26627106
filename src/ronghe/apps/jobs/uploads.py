"""An uploaded file of records on its way: kept, looked at in a dry run, written when its owner confirms, deleted.

What the rows mean belongs to the app that registered the import. Only the owner ever sees an upload.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ronghe.apps.jobs import services
from ronghe.apps.jobs.imports import BulkImport, ImportContext, find
from ronghe.apps.jobs.models import Upload
from ronghe.apps.jobs.registry import JobResult, Progress, job
from ronghe.tabular import (
    DEFAULT_LIMITS,
    Complaint,
    FileRefused,
    Report,
    Row,
    RowCheck,
    RowError,
    TabularError,
    dry_run,
    read_valid,
)

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(hours=24)
MAX_BYTES = DEFAULT_LIMITS.max_bytes
# So many are enough to see what is wrong with a file; the counts cover all of them.
ERRORS_KEPT = 1_000


class UploadRefused(Exception):
    """The upload cannot go on; the message says why and what to do."""


class ImportFailed(Exception):
    """The rows could not be written; nothing of them was."""


def path_of(upload: Upload) -> Path:
    """Where the bytes of `upload` are kept."""
    return Path(settings.RONGHE_DATA_DIR) / "uploads" / str(upload.uid)


def receive(*, actor: Any, name: str, subject: str = "", file: UploadedFile[Any]) -> Upload:
    """Keep an uploaded file and start its dry run.

    Raises PermissionDenied, UploadRefused, and KeyError when there is no import of that name.
    """
    bulk = find(name)
    bulk.demand_permission(actor, bulk.find_subject(subject))
    if (file.size or 0) > MAX_BYTES:
        raise UploadRefused(
            _("The file is larger than %(limit)s MB. Split it into smaller files and import them one by one.")
            % {"limit": MAX_BYTES // 1024**2}
        )
    delete_expired()
    upload = Upload(
        import_name=name,
        subject=subject,
        owner=actor,
        filename=(file.name or "")[:200],
        size=file.size or 0,
        expires_at=timezone.now() + KEPT_FOR,
    )
    path = path_of(upload)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with path.open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        with transaction.atomic():
            upload.check_job = services.start(actor=actor, kind="jobs.import.check", upload=str(upload.uid))
            upload.save()
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return upload


def confirm(*, actor: Any, upload: Upload, skip_bad: bool) -> Upload:
    """Write the rows that the dry run looked at: all of them, or the good ones when the person chose to skip the rest.

    Raises PermissionDenied, and UploadRefused when there is nothing to write or bad rows were not to be skipped.
    """
    bulk = find(upload.import_name)
    bulk.demand_permission(actor, bulk.find_subject(upload.subject))
    with transaction.atomic():
        upload = Upload.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=upload.pk)
        if upload.is_being_written:
            return upload
        if not upload.is_checked or not path_of(upload).exists():
            raise UploadRefused(_("This file is no longer kept. Choose it again."))
        if not upload.rows_valid:
            raise UploadRefused(_("There is no row that could be imported. Mend the file and choose it again."))
        if upload.rows_bad and not skip_bad:
            raise UploadRefused(_("Some rows are wrong. Mend the file, or choose to import the good rows only."))
        upload.write_job = services.start(
            actor=actor, kind="jobs.import.write", upload=str(upload.uid), skip_bad=skip_bad
        )
        upload.save(update_fields=["write_job"])
    return upload


def discard(*, actor: Any, upload: Upload) -> None:
    """Forget an upload that is not to be imported after all."""
    upload = Upload.objects.visible_to(actor).get(pk=upload.pk)
    if upload.is_being_written:
        raise UploadRefused(_("This file is being imported. Cancel the task first."))
    if upload.check_job is not None:
        services.cancel(actor=actor, job=upload.check_job)
    path_of(upload).unlink(missing_ok=True)
    upload.delete()


def delete_expired() -> int:
    """Delete the uploads that nobody confirmed in time, with their files; return how many there were."""
    expired = [upload for upload in Upload.objects.expired() if not upload.is_being_written]
    for upload in expired:
        path_of(upload).unlink(missing_ok=True)
    Upload.objects.filter(pk__in=[upload.pk for upload in expired]).delete()
    return len(expired)


def _load(uid: str) -> tuple[Upload, BulkImport, Any]:
    try:
        upload = Upload.objects.select_related("owner").get(uid=uid)
        bulk = find(upload.import_name)
        subject = bulk.find_subject(upload.subject)
    except ObjectDoesNotExist as error:
        raise ImportFailed(_("What the file was for has been removed. Nothing was imported.")) from error
    bulk.demand_permission(upload.owner, subject)
    return upload, bulk, subject


def _counted(check: RowCheck[Any] | None, progress: Progress, total: int | None) -> RowCheck[Any]:
    """The app's check, reporting how far it is, so that reading a million rows can be watched and stopped."""
    seen = 0

    def check_row(row: Row[Any]) -> Iterable[Complaint]:
        nonlocal seen
        seen += 1
        if seen % 500 == 0:
            progress.report(seen, total, _("Checking rows"))
        return check(row) if check is not None else ()

    return check_row


@job("jobs.import.check", label=gettext_lazy("Check of a file"))
def check_upload(progress: Progress, *, upload: str) -> JobResult:
    """The dry run: read the whole file, write nothing but the report."""
    kept, bulk, subject = _load(upload)
    context = ImportContext(kept.owner, subject, progress, None, kept.filename)
    check = bulk.check(context) if bulk.check is not None else None
    try:
        found = dry_run(
            path_of(kept),
            bulk.schema,
            row_check=_counted(check, progress, None),
            name=kept.filename,
            most_errors=ERRORS_KEPT,
        )
    except FileRefused as refused:
        report: dict[str, Any] = {"refused": {"zh": refused.message_zh, "en": refused.message_en}}
        message = _("The file cannot be read.")
    else:
        report = _as_json(found, bulk)
        message = _("%(good)s of %(all)s rows can be imported.") % {"good": found.rows_valid, "all": found.rows_total}
    Upload.objects.filter(pk=kept.pk).update(report=report)
    return JobResult(message, kept.get_absolute_url())


@job("jobs.import.write", label=gettext_lazy("Import of a file"))
def write_upload(progress: Progress, *, upload: str, skip_bad: bool) -> JobResult:
    """Check once more, then write: all of the rows or none."""
    kept, bulk, subject = _load(upload)
    total = kept.rows_valid
    context = ImportContext(kept.owner, subject, progress, total, kept.filename)
    check = bulk.check(context) if bulk.check is not None else None
    rows = read_valid(
        path_of(kept),
        bulk.schema,
        skip_bad=skip_bad,
        row_check=_counted(check, progress, kept.rows_total),
        digest=kept.report["digest"] if kept.report else "",
        name=kept.filename,
    )
    try:
        # Asking for the first row checks the whole file, outside the transaction: others may write meanwhile.
        first = list(islice(rows, 1))
        progress.report(0, total, _("Writing rows"))
        with transaction.atomic() if bulk.transactional else nullcontext():
            result = bulk.write(context, _reported(chain(first, rows), progress, total))
    except TabularError as error:
        raise ImportFailed(error.message(get_language() or "zh")) from error
    except ValidationError as error:
        # What changed between the check and the writing is said by the service, which names the record.
        raise ImportFailed(f"{' '.join(error.messages)} {_('Nothing was imported.')}") from error
    path_of(kept).unlink(missing_ok=True)
    Upload.objects.filter(pk=kept.pk).update(finished_at=timezone.now())
    return result


def _reported(rows: Iterable[Row[Any]], progress: Progress, total: int | None) -> Iterator[Row[Any]]:
    for number, row in enumerate(rows, start=1):
        if number % 200 == 0:
            progress.report(number, total, _("Writing rows"))
        yield row


def _as_json(found: Report[Any], bulk: BulkImport) -> dict[str, Any]:
    """The report as it is kept: messages in both languages, the first good rows as text."""
    language = get_language() or "zh"
    errors = [
        {
            "line": error.line,
            "column": _column_of(error, bulk),
            "value": error.value,
            "zh": error.message_zh,
            "en": error.message_en,
        }
        for error in found.errors
    ]
    return {
        "kind": found.kind,
        "encoding": found.encoding,
        "sheet": found.sheet,
        "digest": found.digest,
        "rows_total": found.rows_total,
        "rows_valid": found.rows_valid,
        "errors": errors,
        "errors_total": found.errors_total,
        "warnings": [{"zh": warning.message("zh"), "en": warning.message("en")} for warning in found.warnings],
        "preview": [{"line": row.line, "cells": _cells(row.record, bulk, language)} for row in found.preview],
    }


def _column_of(error: RowError, bulk: BulkImport) -> dict[str, str]:
    """The heading as the file has it; what a check of ours finds is known by the schema's headings only."""
    if error.code == "row.check" and error.name:
        column = bulk.schema.column(error.name)
        return {"zh": column.heading("zh"), "en": column.heading("en")}
    return {"zh": error.column, "en": error.column}


def _cells(record: Any, bulk: BulkImport, language: str) -> list[str]:
    values = [
        record.get(column.name) if isinstance(record, dict) else getattr(record, column.name)
        for column in bulk.schema.columns
    ]
    return [
        "" if value is None else str(column.kind.write(value, language))
        for column, value in zip(bulk.schema.columns, values, strict=True)
    ]
