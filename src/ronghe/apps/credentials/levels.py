"""Which of the eight worker levels people hold by certificates: what a firm's pay table is compared with."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from django.utils import timezone

from ronghe.apps.credentials.models import Certificate, StatusChange
from ronghe.apps.policies.levels import HeldLevel


def held(people: Sequence[int]) -> Mapping[int, Sequence[HeldLevel]]:
    """The levels of people (primary keys), each for the spans in which its certificate was in force; two queries."""
    found: defaultdict[int, list[HeldLevel]] = defaultdict(list)
    certificates = Certificate.objects.filter(holder__in=people, version__worker_level__isnull=False)
    for one in certificates.select_related("version").prefetch_related("changes").order_by("pk"):
        if one.holder_id is not None:
            found[one.holder_id] += _spans(one)
    return found


def _spans(certificate: Certificate) -> Iterator[HeldLevel]:
    """Where the certificate was neither suspended nor revoked, up to the day on which it runs out."""
    ordinal = certificate.version.worker_level if certificate.version is not None else None
    if ordinal is None:
        return
    ends = None if certificate.valid_until is None else timezone.localdate(certificate.valid_until)
    since = timezone.localdate(certificate.valid_from)
    is_open = True
    for change in sorted(certificate.changes.all(), key=lambda one: one.pk):
        day = timezone.localdate(change.changed_at)
        if change.kind == StatusChange.Kind.LIFTED:
            since, is_open = day, True
            continue
        if is_open and since < day:
            yield HeldLevel(ordinal, since, day, certificate.code, certificate.get_absolute_url())
        is_open = False
        if change.kind == StatusChange.Kind.REVOKED:
            return
    if is_open and (ends is None or since < ends):
        yield HeldLevel(ordinal, since, ends, certificate.code, certificate.get_absolute_url())
