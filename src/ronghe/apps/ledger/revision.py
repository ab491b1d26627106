"""Edits that know which revision they started from, so that of two people editing one record the second is told."""

from typing import TypeVar

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _


class RevisedRecord(models.Model):
    """A row that people edit in place. `revision` counts its saves; a form carries the one it was opened with."""

    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


Revised = TypeVar("Revised", bound=RevisedRecord)


class StaleRevision(Exception):
    """Someone saved the record after this edit began; `current` is what it says now."""

    def __init__(self, current: RevisedRecord) -> None:
        super().__init__(_("Someone else changed this record while you were editing it."))
        self.current = current


def take_revision(model: type[Revised], key: int, *, expected: int) -> Revised:
    """Lock row `key` for an edit that started from revision `expected`, and count the edit.

    Must run inside the service's transaction. Raises `model.DoesNotExist` or StaleRevision; the caller saves the row.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("take_revision belongs inside the service's transaction")
    row: Revised = model._default_manager.select_for_update().get(pk=key)
    if row.revision != expected:
        raise StaleRevision(row)
    row.revision += 1
    return row
