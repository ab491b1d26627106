"""What sites know about a person: their bookings, waiting, authorisations, overlaps and feeds."""

from typing import Any

from django.db.models import Q

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person
from ronghe.apps.sites.models import Authorisation, Booking, Companion, Feed, Maintenance, Overlap, Waiting


def _export(person: Person) -> dict[str, Any]:
    mine = Booking.objects.filter(Q(person=person) | Q(companions__person=person)).distinct().order_by("starts_at")
    return {
        "bookings": list(
            mine.values(
                "uid", "machine__name_zh", "starts_at", "ends_at", "purpose", "state", "checked_in_at", "reason"
            )
        ),
        "waiting": list(
            Waiting.objects.filter(person=person).values("machine__name_zh", "starts_at", "ends_at", "purpose", "state")
        ),
        "authorisations": list(
            Authorisation.objects.filter(person=person).values(
                "family__code", "valid_from", "valid_until", "basis", "granted_by__name"
            )
        ),
        "overlaps": list(
            Overlap.objects.filter(person=person).values("label", "session__course", "starts_at", "ends_at", "gone_at")
        ),
        "feeds": list(Feed.objects.filter(owner=person).values("made_at", "last_read_on", "revoked_at")),
    }


def _erase(person: Person) -> int:
    rows = Booking.objects.filter(person=person).update(person=None, purpose="", reason="")
    for model, column in ((Booking, "booked_by"), (Booking, "checked_in_by"), (Maintenance, "planned_by")):
        rows += model._default_manager.filter(**{column: person}).update(**{column: None})
    rows += Authorisation.objects.filter(granted_by=person).update(granted_by=None)
    for found in (
        Waiting.objects.filter(person=person),
        Companion.objects.filter(person=person),
        Authorisation.objects.filter(person=person),
        Overlap.objects.filter(person=person),
        Feed.objects.filter(owner=person),
    ):
        rows += found.delete()[0]
    return rows


privacy.register("sites", export=_export, erase=_erase)
