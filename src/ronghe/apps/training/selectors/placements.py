"""Reads of placements for pages, the API and the apps above."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.metrics.dated import DatedRecord
from ronghe.apps.training.models import (
    BEGUN,
    UNDECIDED,
    ConfirmationLink,
    Entry,
    EntryState,
    Placement,
    Stay,
    Supervision,
    SupervisionKind,
)

Dated = TypeVar("Dated", bound=DatedRecord)


def current_placements(people: Iterable[Person] | None = None, on: date | None = None) -> QuerySet[Placement]:
    """Placements that hold a seat on a day (planned, running or paused then), of these people or of all."""
    holding = Stay.objects.on(on or timezone.localdate()).values("placement")
    found = Placement.objects.filter(pk__in=holding, person__isnull=False)
    if people is not None:
        found = found.filter(person__in=[person.pk for person in people])
    return found.select_related("person", "position__organisation").order_by("pk")


def find(user: Any, uid: UUID | str) -> Placement | None:
    """A placement that is open to `user`."""
    found = Placement.objects.visible_to(user).select_related("person", "position__organisation", "agreement")
    return found.filter(uid=uid).first()


def find_entry(user: Any, uid: UUID | str) -> Entry | None:
    """An entry that is open to `user`."""
    found = Entry.objects.visible_to(user).select_related("placement__person", "unit")
    return found.filter(uid=uid).first()


@dataclass(slots=True)
class PlacementRow:
    """A placement with what a list shows of it."""

    placement: Placement
    hosts: list[Stay] = field(default_factory=list)
    mentor: Person | None = None
    teacher: Person | None = None
    confirmed_hours: Decimal = Decimal(0)
    waiting: int = 0


def shown_on(rows: Sequence[Dated], day: date) -> list[Dated]:
    """Those dated rows that hold on `day`, or on the nearest day on which any of them does."""
    if not rows:
        return []
    first = min(row.valid_from for row in rows)
    until = max(row.valid_until or date.max for row in rows)
    nearest = min(max(day, first), until - timedelta(days=1))
    return [row for row in rows if row.holds_on(nearest)]


def rows(found: Sequence[Placement], on: date | None = None) -> list[PlacementRow]:
    """What a list of placements shows; three queries whatever their number."""
    day = on or timezone.localdate()
    made = {one.pk: PlacementRow(one) for one in found}
    stays: dict[int, list[Stay]] = {key: [] for key in made}
    for stay in Stay.objects.known().filter(placement__in=made).select_related("organisation").order_by("pk"):
        stays[stay.placement_id].append(stay)
    people: dict[tuple[int, str], list[Supervision]] = {}
    for one in Supervision.objects.known().filter(placement__in=made).select_related("person").order_by("pk"):
        people.setdefault((one.placement_id, one.kind), []).append(one)
    counts = Entry.objects.filter(placement__in=made).order_by().values("placement")
    counted = counts.annotate(
        confirmed=Sum("hours", filter=Q(state=EntryState.CONFIRMED)),
        waiting=Count("pk", filter=Q(state__in=UNDECIDED)),
    )
    for key, row in made.items():
        row.hosts = shown_on(stays[key], day)
        row.mentor = _of(people.get((key, SupervisionKind.MENTOR), []), day)
        row.teacher = _of(people.get((key, SupervisionKind.TEACHER), []), day)
    for line in counted:
        row = made[line["placement"]]
        row.confirmed_hours, row.waiting = line["confirmed"] or Decimal(0), line["waiting"]
    return list(made.values())


def _of(rows: Sequence[Supervision], day: date) -> Person | None:
    holding = shown_on(rows, day)
    return holding[0].person if holding else None


def to_confirm(person: Person) -> QuerySet[Entry]:
    """Evidence that waits for this person as the mentor in charge, the oldest first."""
    mine = Supervision.objects.on(timezone.localdate()).filter(person=person, kind=SupervisionKind.MENTOR)
    waiting = Entry.objects.filter(state=EntryState.WAITING, placement__in=mine.values("placement"))
    waiting = waiting.exclude(placement__person=person)
    return (
        waiting.select_related("placement__person", "unit")
        .prefetch_related("marks", "attachments")
        .order_by("week", "pk")
    )


def unconfirmed(on: date) -> int:
    """How many weeks that ended before a day wait for their confirmation."""
    return Entry.objects.undecided().filter(week__lt=on - timedelta(days=6)).count()


def to_start(firms: Iterable[int], on: date | None = None) -> QuerySet[Placement]:
    """Placements at these enterprises whose first day has come and whose start nobody has confirmed."""
    day = on or timezone.localdate()
    there = Stay.objects.known().filter(organisation__in=list(firms)).values("placement")
    found = Placement.objects.filter(state="planned", starts_on__lte=day, person__isnull=False, pk__in=there)
    return found.select_related("person", "position__organisation").order_by("starts_on", "pk")


def links_of(placement: Placement) -> QuerySet[ConfirmationLink]:
    """The links of a placement that still hold."""
    found = ConfirmationLink.objects.filter(placement=placement, revoked_at__isnull=True, expires_at__gt=timezone.now())
    return found.select_related("mentor")


def mentored_by(person: Person, on: date | None = None) -> QuerySet[Placement]:
    """Running placements that this person guides on a day."""
    mine = Supervision.objects.on(on or timezone.localdate()).filter(person=person, kind=SupervisionKind.MENTOR)
    return Placement.objects.filter(pk__in=mine.values("placement"), state__in=BEGUN).select_related("person")
