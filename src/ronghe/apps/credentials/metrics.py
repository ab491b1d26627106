"""What certificates count: those that hold, of the community and of an achievement, and what a person has earned.

Metrics about people are what conditions of achievements and pay links of the eight levels are asked of.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from django.db.models import Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.accounts import services as accounts
from ronghe.apps.credentials.models import Certificate, StatusChange
from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Records, Unit, Window
from ronghe.apps.metrics.records import RecordColumn, show_records
from ronghe.apps.metrics.registry import metric

_MODEL = "credentials.certificate"


def _end_of(window: Window) -> datetime:
    return timezone.make_aware(datetime.combine(window.end, time.max))


def holding(window: Window, **narrowed: Any) -> list[Certificate]:
    """Certificates of achievements that held at the end of the window's last day, as known at its moment."""
    moment = _end_of(window)
    known = min(moment, window.known_at) if window.known_at is not None else moment
    found = (
        Certificate.objects.filter(version__isnull=False, valid_from__lte=moment, issued_at__lte=known, **narrowed)
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=moment))
        .annotate(
            revoked_at=Min("changes__changed_at", filter=Q(changes__kind=StatusChange.Kind.REVOKED)),
            last_suspended=Max(
                "changes__changed_at",
                filter=Q(changes__kind=StatusChange.Kind.SUSPENDED, changes__changed_at__lte=known),
            ),
            last_lifted=Max(
                "changes__changed_at", filter=Q(changes__kind=StatusChange.Kind.LIFTED, changes__changed_at__lte=known)
            ),
        )
        .select_related("version")
        .order_by("pk")
    )
    return [one for one in found if _held(one, known)]


def _held(certificate: Any, known: datetime) -> bool:
    if certificate.revoked_at is not None and certificate.revoked_at <= known:
        return False
    suspended, lifted = certificate.last_suspended, certificate.last_lifted
    return suspended is None or (lifted is not None and lifted > suspended)


def _count(name: str, unit: Unit, window: Window, found: Sequence[Certificate], value: float | None) -> Measurement:
    keys = [one.pk for one in found]
    return Measurement(
        value=value,
        unit=unit,
        as_of=window.end,
        definition=f"{name}@1",
        count=len(keys),
        numerator=value,
        records=Records.of(_MODEL, {"pk__in": keys}, keys),
    )


@metric(
    "credentials.certificates.holding",
    unit=Unit.COUNT,
    label=_("Certificates that hold"),
    definition=_(
        "Certificates of achievements that were issued by the last day of the window and on that day were neither "
        "revoked nor suspended nor run out."
    ),
)
def certificates_holding(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Certificates of the community that hold on the last day."""
    found = holding(window)
    name = "credentials.certificates.holding"
    return {COMMUNITY: _count(name, Unit.COUNT, window, found, float(len(found)))}


@metric(
    "credentials.achievement.holding",
    unit=Unit.COUNT,
    subject="credentials.achievement",
    label=_("Certificates of an achievement that hold"),
    definition=_("Of all its versions, as the certificates of the community that hold are counted."),
)
def achievement_holding(achievements: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Certificates of each achievement that hold on the last day."""
    by_achievement: defaultdict[int, list[Certificate]] = defaultdict(list)
    for one in holding(window, version__achievement__in=achievements):
        if one.version is not None:
            by_achievement[one.version.achievement_id].append(one)
    name = "credentials.achievement.holding"
    return {
        key: _count(name, Unit.COUNT, window, by_achievement[key], float(len(by_achievement[key])))
        for key in achievements
    }


def _of_people(people: Sequence[int], window: Window) -> defaultdict[int, list[Certificate]]:
    found: defaultdict[int, list[Certificate]] = defaultdict(list)
    for one in holding(window, holder__in=people):
        if one.holder_id is not None:
            found[one.holder_id].append(one)
    return found


@metric(
    "credentials.person.certificates",
    unit=Unit.COUNT,
    subject="accounts.person",
    label=_("Certificates of a person"),
    definition=_(
        "Certificates that a person holds on the last day of the window, as those of the community that hold."
    ),
)
def person_certificates(people: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Certificates of each person that hold on the last day."""
    found = _of_people(people, window)
    name = "credentials.person.certificates"
    return {key: _count(name, Unit.COUNT, window, found[key], float(len(found[key]))) for key in people}


@metric(
    "credentials.person.worker_level",
    unit=Unit.INDEX,
    subject="accounts.person",
    label=_("Eight-level worker level of a person"),
    definition=_(
        "The highest level of the eight-level scheme (1 apprentice worker to 8 chief technician) on a certificate that "
        "the person holds on the last day of the window; no data where none of them states a level."
    ),
)
def person_worker_level(people: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Highest eight-level worker level of each person on the last day."""
    found = _of_people(people, window)
    name = "credentials.person.worker_level"
    measured = {}
    for key in people:
        levelled = [one for one in found[key] if one.version is not None and one.version.worker_level is not None]
        levels = [one.version.worker_level for one in levelled if one.version is not None]
        value = float(max(level for level in levels if level is not None)) if levels else None
        measured[key] = _count(name, Unit.INDEX, window, levelled, value)
    return measured


show_records(
    _MODEL,
    related=("version", "holder"),
    personal=True,
    opened=lambda viewer, rows: accounts.note_looks(
        viewer=viewer, people=[row.holder for row in rows if row.holder is not None], page="metrics:records"
    ),
    columns=[
        RecordColumn(_("Certificate"), lambda row: row.code, url=lambda row: str(row.get_absolute_url())),
        RecordColumn(_("Achievement"), lambda row: row.version.name if row.version else ""),
        RecordColumn(_("Holder"), lambda row: row.holder.name if row.holder else _("erased")),
        RecordColumn(_("Issued"), lambda row: row.issued_at.date()),
        RecordColumn(_("State"), lambda row: row.get_state_display()),
    ],
)
