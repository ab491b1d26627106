"""Records as a file to download, in the columns and the language that the import of the same records understands."""

import tempfile
from collections.abc import Iterable
from typing import Any

from django.http import FileResponse, Http404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ronghe.tabular import MEDIA_TYPES, FileKind, RowSchema, write_rows, write_template

# What people open; the API and the command line serve programs.
KINDS: dict[str, FileKind] = {"csv": "csv", "xlsx": "xlsx"}


def _kind(text: str) -> FileKind:
    try:
        return KINDS[text]
    except KeyError:
        raise Http404(_("Tables can be downloaded as csv or xlsx.")) from None


def table_response(records: Iterable[Any], schema: RowSchema[Any], *, kind: str, filename: str) -> FileResponse:
    """`records` (mappings or objects with the schema's column names) as a download called `filename-<today>.<kind>`.

    Raises Http404 for another kind than csv and xlsx. The caller has filtered the records by who may see them.
    """
    found = _kind(kind)
    file = tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024)  # noqa: SIM115 - the response closes it
    write_rows(records, schema, found, file, language=get_language() or "zh")
    return _download(file, found, f"{filename}-{timezone.localdate():%Y%m%d}.{found}")


def template_response(schema: RowSchema[Any], *, kind: str, filename: str) -> FileResponse:
    """An empty file with the headings of `schema`; as XLSX with an explanation of each column."""
    found = _kind(kind)
    file = tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024)  # noqa: SIM115 - the response closes it
    write_template(schema, found, file, language=get_language() or "zh")
    return _download(file, found, f"{filename}.{found}")


def _download(file: Any, kind: FileKind, name: str) -> FileResponse:
    file.seek(0)
    response = FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPES[kind])
    response["Cache-Control"] = "no-store"
    return response
