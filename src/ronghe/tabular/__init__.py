"""Files of records, in and out: CSV, XLSX, JSON Lines and Parquet with typed row schemas and a dry run.

Serves imports, exports and the command line. Knows nothing of Django, the database or any station of the platform; what
it promises of hostile files stands in ``limits``, what can go wrong in ``errors``.

    schema = RowSchema([Column("title", Text(200), zh="岗位名称", en="Title", required=True), …], Posting)
    report = dry_run(path, schema)                       # writes nothing; rows, errors, preview, digest
    for row in read_valid(path, schema, digest=report.digest): …     # all rows or RowsRefused
    write_rows(postings, schema, "xlsx", path, language="zh")
    with open_rows("-") as rows: …                       # any kind, without a schema: text by heading
"""

from ronghe.tabular.cells import Cell, as_text, neutralise, restore
from ronghe.tabular.detect import KIND_NAMES, FileKind
from ronghe.tabular.errors import (
    CellRefused,
    ExportRefused,
    FileChanged,
    FileDamaged,
    FileRefused,
    FileTooLarge,
    FileWarning,
    HeadingsRefused,
    RowError,
    RowsRefused,
    SchemaError,
    TabularError,
    WrongKind,
)
from ronghe.tabular.export import MEDIA_TYPES, write_rows, write_template
from ronghe.tabular.kinds import Boolean, Choice, Date, DecimalNumber, Email, Integer, Kind, ListOf, Month, Text
from ronghe.tabular.limits import DEFAULT_LIMITS, Limits
from ronghe.tabular.reader import Rows, digest, open_rows
from ronghe.tabular.report import Complaint, Report, RowCheck, dry_run, read_valid
from ronghe.tabular.rows import BadRow, Row
from ronghe.tabular.schema import Column, RowSchema

__all__ = [
    "DEFAULT_LIMITS",
    "KIND_NAMES",
    "MEDIA_TYPES",
    "BadRow",
    "Boolean",
    "Cell",
    "CellRefused",
    "Choice",
    "Column",
    "Complaint",
    "Date",
    "DecimalNumber",
    "Email",
    "ExportRefused",
    "FileChanged",
    "FileDamaged",
    "FileKind",
    "FileRefused",
    "FileTooLarge",
    "FileWarning",
    "HeadingsRefused",
    "Integer",
    "Kind",
    "Limits",
    "ListOf",
    "Month",
    "Report",
    "Row",
    "RowCheck",
    "RowError",
    "RowSchema",
    "Rows",
    "RowsRefused",
    "SchemaError",
    "TabularError",
    "Text",
    "WrongKind",
    "as_text",
    "digest",
    "dry_run",
    "neutralise",
    "open_rows",
    "read_valid",
    "restore",
    "write_rows",
    "write_template",
]
