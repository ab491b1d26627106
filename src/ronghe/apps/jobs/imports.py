"""Which files of records can be imported, and what each import does: each app registers its own in its `imports.py`.

    @bulk_import("community.organisations", label=_("Organisations"), schema=SCHEMA,
                 permission="community.register_organisation", check=check_organisations)
    def write_organisations(context: ImportContext, rows: Iterable[Row[OrganisationRow]]) -> JobResult: ...

The way from the upload over the dry run to the writing stands in `uploads.py`; here is only what differs.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.utils import translation
from django.utils.translation import gettext as _
from django_stubs_ext import StrPromise

from ronghe.apps.jobs.registry import JobResult, Progress
from ronghe.tabular import Complaint, Row, RowCheck, RowSchema


@dataclass(frozen=True, slots=True)
class ImportContext:
    """Who imports, into what (`subject`, None for most imports), how many rows the dry run counted, and from where."""

    actor: Any
    subject: Any
    progress: Progress
    total: int | None
    filename: str


Write = Callable[[ImportContext, Iterable[Row[Any]]], JobResult]
Check = Callable[[ImportContext], RowCheck[Any]]


@dataclass(frozen=True, slots=True)
class BulkImport:
    """A registered import. `back` names the page to return to (the subject's own page when it has one)."""

    name: str
    label: StrPromise
    help: StrPromise | str
    schema: RowSchema[Any]
    permission: str
    write: Write
    check: Check | None
    subject: Callable[[str], Model] | None
    back: str
    transactional: bool

    def find_subject(self, key: str) -> Model | None:
        """What the rows go into. Raises the model's DoesNotExist, or ValueError for a key of another form."""
        return self.subject(key) if self.subject is not None else None

    def demand_permission(self, actor: Any, subject: Model | None) -> None:
        """Raise PermissionDenied unless `actor` may import this (into `subject`)."""
        allowed = actor.has_perm(self.permission) if subject is None else actor.has_perm(self.permission, subject)
        if not allowed:
            raise PermissionDenied(_("You may not import these records."))


_imports: dict[str, BulkImport] = {}


def bulk_import(
    name: str,
    *,
    label: StrPromise,
    schema: RowSchema[Any],
    permission: str,
    check: Check | None = None,
    subject: Callable[[str], Model] | None = None,
    back: str = "jobs:list",
    help: StrPromise | str = "",
    transactional: bool = True,
) -> Callable[[Write], Write]:
    """Register the decorated function as what writes the checked rows of the import `name`.

    It runs in one transaction, so that nothing is written by halves. `transactional=False` leaves that to the
    function: for imports so long that one transaction would keep every other writer of an SQLite database waiting.
    """

    def register(write: Write) -> Write:
        if name in _imports:
            raise ValueError(f"import {name!r} is registered twice")
        _imports[name] = BulkImport(name, label, help, schema, permission, write, check, subject, back, transactional)
        return write

    return register


def find(name: str) -> BulkImport:
    """The import `name`; KeyError when no app registered it."""
    return _imports[name]


def complaint(column: str, message: StrPromise, value: object = "", **params: object) -> Complaint:
    """What a check finds wrong with a row, from one translatable message: a report is kept in both languages."""
    said = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            said.append(str(message) % params if params else str(message))
    return Complaint(column, said[0], said[1], value)
