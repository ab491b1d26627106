"""Records with valid time and recorded time, so that a past date can be asked "as it was" and "as it was known".

A change never edits such a row: it supersedes the row and records another. Not for rows that merely have a date.
"""

from datetime import date, datetime
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

Row = TypeVar("Row", bound=models.Model, covariant=True)


class DatedQuerySet(models.QuerySet[Row]):
    """Reads along both times. `valid_until` is the first day on which the fact no longer holds."""

    def known(self, at: datetime | None = None) -> Self:
        """Rows as they were known at `at`; today's knowledge when it is None."""
        if at is None:
            return self.filter(superseded_at__isnull=True)
        return self.filter(recorded_at__lte=at).filter(Q(superseded_at__isnull=True) | Q(superseded_at__gt=at))

    def on(self, day: date, *, known_at: datetime | None = None) -> Self:
        """Rows that hold on `day`."""
        return self.during(day, day, known_at=known_at)

    def during(self, first: date, last: date, *, known_at: datetime | None = None) -> Self:
        """Rows that hold on at least one day from `first` to `last`, both included."""
        return (
            self.known(known_at)
            .filter(valid_from__lte=last)
            .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=first))
        )


class DatedRecord(models.Model):
    """A dated fact: `[valid_from, valid_until)` in the world, `[recorded_at, superseded_at)` in the books."""

    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("the first day it no longer holds")
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    superseded_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="%(app_label)s_%(class)s_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(superseded_at__isnull=True) | Q(superseded_at__gte=F("recorded_at")),
                name="%(app_label)s_%(class)s_superseded_after_recorded",
            ),
        ]

    def holds_on(self, day: date) -> bool:
        """Whether the fact holds on `day`, as it is known now."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


Dated = TypeVar("Dated", bound=DatedRecord)


class AlreadySuperseded(Exception):
    """Someone else corrected this record meanwhile; read it again."""


def withdraw(row: Dated, *, at: datetime | None = None) -> datetime:
    """Close `row` in the books: from `at` (now) on it is no longer known to hold. Returns that moment.

    Raises AlreadySuperseded. Must run in the transaction that records what replaces it, if anything does.
    """
    moment = max(at or timezone.now(), row.recorded_at)
    model = type(row)
    closed = model._default_manager.filter(pk=row.pk, superseded_at__isnull=True).update(superseded_at=moment)
    if not closed:
        raise AlreadySuperseded(f"{model._meta.label} {row.pk} was corrected meanwhile")
    row.superseded_at = moment
    return moment


def supersede(row: Dated, *, at: datetime | None = None, **changes: Any) -> Dated:
    """Replace `row` in the books by a copy with `changes`, and return the copy; the row itself is kept as it was."""
    moment = withdraw(row, at=at)
    values = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    values.update(recorded_at=moment, superseded_at=None)
    replacement = type(row)(**values)
    for name, value in changes.items():
        setattr(replacement, name, value)
    replacement.save(force_insert=True)
    return replacement


def end(row: Dated, day: date, *, at: datetime | None = None, **changes: Any) -> Dated | None:
    """Say that the fact holds no longer from `day` on, with `changes`; None when it then never held at all."""
    if day <= row.valid_from:
        withdraw(row, at=at)
        return None
    return supersede(row, at=at, valid_until=day, **changes)
