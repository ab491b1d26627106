"""Revoking, suspending, lifting: the row, the list's bit, the reason, the event. Revoked is for good."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credentials import events, slots
from ronghe.apps.credentials.models import (
    Certificate,
    CertificateState,
    StatusChange,
    StatusList,
    StatusReason,
)
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.event_types import EventType
from ronghe.apps.ledger.services import Entry

Kind = StatusChange.Kind
_EVENTS: Mapping[str, EventType] = {
    Kind.REVOKED: events.CERTIFICATE_REVOKED,
    Kind.SUSPENDED: events.CERTIFICATE_SUSPENDED,
    Kind.LIFTED: events.SUSPENSION_LIFTED,
}
_AFTER: Mapping[str, str] = {
    Kind.REVOKED: CertificateState.REVOKED,
    Kind.SUSPENDED: CertificateState.SUSPENDED,
    Kind.LIFTED: CertificateState.VALID,
}
REASONS: Mapping[str, tuple[str, ...]] = {
    Kind.REVOKED: (
        StatusReason.MISTAKE,
        StatusReason.NOT_EARNED,
        StatusReason.HOLDER,
        StatusReason.KEY,
        StatusReason.REPLACED,
    ),
    Kind.SUSPENDED: (StatusReason.ENQUIRY, StatusReason.HOLDER, StatusReason.KEY),
    Kind.LIFTED: (StatusReason.CLEARED, StatusReason.MISTAKE, StatusReason.HOLDER),
}


def revoke(*, actor: Person, certificate: Certificate, reason: str, note: str = "") -> Certificate:
    """Revoke a certificate for good. Raises ValidationError when it is revoked already."""
    return change_status(actor=actor, certificate=certificate, kind=Kind.REVOKED, reason=reason, note=note)


def suspend(*, actor: Person, certificate: Certificate, reason: str, note: str = "") -> Certificate:
    """Suspend a valid certificate until the matter is cleared."""
    return change_status(actor=actor, certificate=certificate, kind=Kind.SUSPENDED, reason=reason, note=note)


def lift(*, actor: Person, certificate: Certificate, reason: str, note: str = "") -> Certificate:
    """Lift the suspension of a certificate."""
    return change_status(actor=actor, certificate=certificate, kind=Kind.LIFTED, reason=reason, note=note)


@transaction.atomic
def change_status(*, actor: Person, certificate: Certificate, kind: str, reason: str, note: str = "") -> Certificate:
    """Change the status of one certificate. Raises ValidationError by field."""
    demand(actor, "credentials.change_status", certificate)
    certificate = Certificate.objects.select_for_update().get(pk=certificate.pk)
    if problem := _hindrance(certificate, kind):
        raise ValidationError(problem)
    if reason not in REASONS[kind]:
        raise ValidationError({"reason": _("Choose one of the reasons for this change.")})
    apply(actor, [certificate], kind, reason, note.strip())
    return certificate


@transaction.atomic
def revoke_many(*, actor: Person, certificates: Iterable[Certificate], reason: str, note: str = "") -> int:
    """Revoke all that are not revoked yet, each list updated once; return how many."""
    demand(actor, "credentials.change_status")
    if reason not in REASONS[Kind.REVOKED]:
        raise ValidationError({"reason": _("Choose one of the reasons for this change.")})
    locked = Certificate.objects.select_for_update().filter(pk__in=[one.pk for one in certificates])
    found = list(locked.exclude(state=CertificateState.REVOKED).order_by("pk"))
    apply(actor, found, Kind.REVOKED, reason, note.strip())
    return len(found)


def apply(actor: Person | None, certificates: list[Certificate], kind: str, reason: str, note: str) -> None:
    """Change locked rows, their lists and the ledger, within the caller's transaction, which checked the permission."""
    now = timezone.now()
    by_list: dict[int, list[int]] = {}
    for certificate in certificates:
        certificate.state = _AFTER[kind]
        by_list.setdefault(certificate.status_list_id, []).append(certificate.slot)
    Certificate.objects.filter(pk__in=[one.pk for one in certificates]).update(state=_AFTER[kind])
    for row in StatusList.objects.select_for_update().filter(pk__in=by_list).order_by("pk"):
        _set_bits(row, by_list[row.pk], kind, now)
    StatusChange.objects.bulk_create(
        StatusChange(certificate=one, kind=kind, reason=reason, note=note, changed_by=actor, changed_at=now)
        for one in certificates
    )
    payload: dict[str, Any] = {"reason": str(reason), "note": note or None}
    ledger.record_many(actor=actor, entries=[Entry(_EVENTS[kind], one, payload) for one in certificates])


def _set_bits(row: StatusList, chosen: list[int], kind: str, now: datetime) -> None:
    # What is revoked is no longer merely suspended.
    row.suspended = slots.with_bits(row.suspended, chosen, kind == Kind.SUSPENDED)
    if kind == Kind.REVOKED:
        row.revoked = slots.with_bits(row.revoked, chosen, True)
    row.changed_at, row.signed_at = now, None
    row.save(update_fields=["revoked", "suspended", "changed_at", "signed_at"])


def _hindrance(certificate: Certificate, kind: str) -> str:
    if certificate.state == CertificateState.REVOKED:
        return _("This certificate is revoked. Issue a new one.")
    if kind == Kind.SUSPENDED and certificate.state == CertificateState.SUSPENDED:
        return _("This certificate is suspended already.")
    if kind == Kind.LIFTED and certificate.state != CertificateState.SUSPENDED:
        return _("This certificate is not suspended.")
    return ""
