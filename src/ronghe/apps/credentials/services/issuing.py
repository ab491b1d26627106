"""Issuing: one certificate or thousands, each signed, logged with its digest and path root, and given a random slot.

Many are signed outside of a transaction, so that others can write meanwhile, and then stored all or none.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import DateTimeField, Field, JSONField, Q, UUIDField
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credentials import documents, events, paths, second_signer, signing, slots
from ronghe.apps.credentials.codes import new_code
from ronghe.apps.credentials.models import (
    AchievementVersion,
    Certificate,
    CertificateState,
    IssueBatch,
    Issuer,
    IssuerKey,
    StatusList,
    StatusReason,
)
from ronghe.apps.credentials.selectors.eligibility import Refusal, refusals
from ronghe.apps.credentials.services import status
from ronghe.apps.credentials.services.achievements import freeze
from ronghe.apps.credentials.stencil import Stencil
from ronghe.apps.ledger import rows as database
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.services import Entry
from ronghe.trust.merkle import leaf_hash, root_of
from ronghe.trust.path import PathEvent, PathRoot
from ronghe.trust.proof import DataSigner

# Two of each shape prove its stencil.
_TO_LEARN = 64
_BATCH = 500
# How this database takes what it stores in a way of its own; all else goes in as it is.
_WAYS: dict[type[Field[Any, Any]], Callable[[Any], Any]] = {
    UUIDField: database.uuid_for_database,
    DateTimeField: database.time_for_database,
    JSONField: lambda value: connection.ops.adapt_json_value(value, None),
}
_SALT = 16
_DAYS_A_MONTH = 30.4375

Report = Callable[[int, int], object]


class IssueRefused(Exception):
    """A certificate may not be issued; `reasons` say why, all of them."""

    def __init__(self, person: Person, reasons: Sequence[Refusal]) -> None:
        super().__init__("; ".join(reason.text for reason in reasons))
        self.person = person
        self.reasons = list(reasons)


@dataclass(slots=True)
class Draft:
    """A certificate that has its place and its path, and is signed once `document` is not empty."""

    uid: UUID
    code: str
    person: Person
    status_list: StatusList
    slot: int
    path: list[PathEvent]
    root: PathRoot | None
    salt: str
    valid_from: datetime
    valid_until: datetime | None
    replaces: Certificate | None = None
    document: str = ""


def issue(*, actor: Person, version: AchievementVersion, person: Person) -> Certificate:
    """Issue one certificate. Raises `IssueRefused`, ValidationError, or `signing.KeyUnavailable`."""
    demand(actor, "credentials.issue_certificate", version.achievement)
    (certificate,) = _issue(actor, version, [person])
    return certificate


def issue_many(
    *, actor: Person, version: AchievementVersion, people: Sequence[Person], report: Report | None = None
) -> IssueBatch:
    """Issue to all of `people` or to none; `report(done, total)` hears how far the signing is.

    Raises `IssueRefused` for the first who may not be given one. A slot that a failed issue took stays unused.
    """
    demand(actor, "credentials.issue_certificate", version.achievement)
    batch = IssueBatch(version=version, issued_by=actor, count=len(people))
    _issue(actor, version, people, batch=batch, report=report)
    return batch


@transaction.atomic
def correct(
    *, actor: Person, certificate: Certificate, version: AchievementVersion | None = None, note: str = ""
) -> Certificate:
    """Put a mistake right: revoke the certificate and issue a new one in its place, of the newest version or `version`.

    Raises what `issue` raises; then nothing is revoked either.
    """
    demand(actor, "credentials.issue_certificate", certificate)
    holder, target = _holder_of(certificate), version or newest_version(certificate)
    if certificate.state != CertificateState.REVOKED:
        certificate = status.revoke(actor=actor, certificate=certificate, reason=StatusReason.MISTAKE, note=note)
    (made,) = _issue(actor, target, [holder], replaces=certificate)
    return made


@transaction.atomic
def renew(*, actor: Person, certificate: Certificate) -> Certificate:
    """Issue a certificate anew that runs out or whose key was revoked; a valid one stands until its time is over."""
    demand(actor, "credentials.issue_certificate", certificate)
    if certificate.state != CertificateState.VALID:
        raise ValidationError(_("Only a valid certificate can be renewed. Issue a new one instead."))
    if certificate.replaced:
        raise ValidationError(_("This certificate has been renewed already."))
    holder, target = _holder_of(certificate), newest_version(certificate)
    if certificate.key.revoked_at is not None:
        certificate = status.revoke(actor=actor, certificate=certificate, reason=StatusReason.KEY)
    (made,) = _issue(actor, target, [holder], replaces=certificate)
    return made


def newest_version(certificate: Certificate) -> AchievementVersion:
    """Return the version that would be issued today in place of `certificate`."""
    if certificate.version is None:
        raise ValidationError(_("A program let us sign this; it certifies none of our achievements."))
    newest = certificate.version.achievement.versions.order_by("-number").first()
    return newest or certificate.version


def signer_at(issuer: Issuer, moment: datetime) -> tuple[IssuerKey, DataSigner]:
    """Return the key that signs for an issuer at a moment, and its signer. Raises `signing.KeyUnavailable`."""
    key = IssuerKey.objects.filter(issuer=issuer).signing_at(moment).select_related("issuer").first()
    if key is None:
        raise signing.KeyUnavailable(
            _("%(issuer)s has no key that signs today. Add one on the page of the issuer.") % {"issuer": issuer}
        )
    return key, signing.signer_of(key)


def _holder_of(certificate: Certificate) -> Person:
    if certificate.holder is None:
        raise ValidationError(_("The holder's data were erased, or there never was one."))
    return certificate.holder


def _issue(
    actor: Person,
    version: AchievementVersion,
    people: Sequence[Person],
    *,
    replaces: Certificate | None = None,
    batch: IssueBatch | None = None,
    report: Report | None = None,
) -> list[Certificate]:
    _check(version, people, replaces)
    issuer = version.achievement.issuer
    # To the second, as proofs are dated, and never before the key that signs begins.
    now = timezone.now().replace(microsecond=0)
    key, signer = signer_at(issuer, now)
    drafts = list(_drafts(version, people, now, replaces))
    _sign(drafts, documents.template(version), signer, now, report)
    with transaction.atomic():
        locked = AchievementVersion.objects.select_for_update().get(pk=version.pk)
        if IssuerKey.objects.filter(pk=key.pk, revoked_at__isnull=False).exists():
            raise signing.KeyUnavailable(_("The key was revoked meanwhile. Nothing was issued; do it again."))
        freeze(actor, locked)
        if batch is not None:
            batch.save()
        return _store(actor, locked, key, drafts, now, batch)


def _sign(
    drafts: Sequence[Draft], template: documents.Template, signer: DataSigner, now: datetime, report: Report | None
) -> None:
    """Sign every draft: the first ones here, to learn their shapes, then, if they are many, with a second process."""
    stencils: dict[Any, Stencil] = {}

    def sign_from(start: int, end: int, delivered: Mapping[int, str]) -> None:
        for number in range(start, end):
            draft = drafts[number]
            if (document := delivered.get(number)) is None:
                places = documents.own_places(draft)
                if (stencil := stencils.get(places)) is None:
                    stencil = stencils[places] = Stencil(signer, now, places)
                document = stencil.sign(documents.own_values(draft), partial(template.fill, draft))
            draft.document = document
            if report is not None and (number + 1) % 100 == 0:
                report(min(number + 1 + len(delivered), len(drafts)), len(drafts))

    if not second_signer.is_possible(signer, len(drafts)):
        sign_from(0, len(drafts), {})
        return
    sign_from(0, _TO_LEARN, {})
    tasks = [
        second_signer.Task(number, places, values)
        for number, draft in enumerate(drafts[_TO_LEARN:], _TO_LEARN)
        if (places := documents.own_places(draft)) in stencils
        and stencils[places].takes(values := documents.own_values(draft))
    ]
    with second_signer.signing_along(signer, stencils, tasks) as delivered:
        sign_from(_TO_LEARN, len(drafts), delivered)


def _check(version: AchievementVersion, people: Sequence[Person], replaces: Certificate | None) -> None:
    achievement = version.achievement
    if achievement.retired_on is not None and achievement.retired_on <= timezone.localdate():
        raise ValidationError(_("This achievement is retired and is issued no more."))
    newest = achievement.versions.order_by("-number").first()
    if newest is not None and newest.pk != version.pk:
        raise ValidationError(_("Version %(number)s is the newest. Issue that one.") % {"number": newest.number})
    if len({person.pk for person in people}) != len(people):
        raise ValidationError(_("Somebody is named twice."))
    refused = refusals(version, people, but=replaces)
    for person in people:
        if refused[person.pk]:
            raise IssueRefused(person, refused[person.pk])


def _drafts(
    version: AchievementVersion, people: Sequence[Person], now: datetime, replaces: Certificate | None
) -> Iterator[Draft]:
    with transaction.atomic():
        places = slots.take(version.achievement.issuer, len(people))
    until = now + timedelta(days=round(version.months_valid * _DAYS_A_MONTH)) if version.months_valid else None
    for start in range(0, len(people), _BATCH):
        part = people[start : start + _BATCH]
        facts = paths.gather([person.pk for person in part], timezone.now())
        for place, person in enumerate(part, start):
            row, slot = places[place]
            path = paths.plant(facts.get(person.pk, []))
            yield Draft(
                uid=uuid4(),
                code=new_code(),
                person=person,
                status_list=row,
                slot=slot,
                path=path,
                root=paths.root_of(path),
                salt=secrets.token_hex(_SALT),
                valid_from=now,
                valid_until=until,
                replaces=replaces,
            )


def _store(
    actor: Person,
    version: AchievementVersion,
    key: IssuerKey,
    drafts: Sequence[Draft],
    now: datetime,
    batch: IssueBatch | None,
) -> list[Certificate]:
    label = Certificate._meta.label_lower
    facts = [_facts(draft, version, key, now, batch) for draft in drafts]
    entries = [
        Entry(events.CERTIFICATE_ISSUED, f"{label}:{fact['uid']}", {"credential": fact["digest"].hex()})
        for fact in facts
    ]
    _make_room(version, drafts)
    # By the system: what a verifier reads of this event must not name who issued.
    for fact, event_id in zip(facts, ledger.record_many(actor=None, entries=entries), strict=True):
        fact["event_id"] = event_id
    made = []
    if batch is not None:
        _insert(facts)
    else:
        made = [Certificate(**fact) for fact in facts]
        for row, draft in zip(made, drafts, strict=True):
            row.version, row.key, row.holder, row.replaces = version, key, draft.person, draft.replaces
        Certificate.objects.bulk_create(made)
    ledger.record(
        actor=actor,
        type=events.CERTIFICATES_ISSUED,
        subject=version,
        payload={
            "achievement": version.achievement,
            "number": version.number,
            "count": len(facts),
            "root": root_of([leaf_hash(fact["digest"]) for fact in facts]).hex(),
            "replaces": next((draft.replaces for draft in drafts if draft.replaces is not None), None),
        },
    )
    return made


def _facts(
    draft: Draft, version: AchievementVersion, key: IssuerKey, now: datetime, batch: IssueBatch | None
) -> dict[str, Any]:
    """Return the columns of one certificate by name, without that of its event."""
    return {
        "uid": draft.uid,
        "code": draft.code,
        "version_id": version.pk,
        "issuer_id": key.issuer_id,
        "key_id": key.pk,
        "holder_id": draft.person.pk,
        "batch_id": batch.pk if batch is not None else None,
        "replaces_id": draft.replaces.pk if draft.replaces is not None else None,
        "replaced": False,
        "issued_at": now,
        "valid_from": draft.valid_from,
        "valid_until": draft.valid_until,
        "status_list_id": draft.status_list.pk,
        "slot": draft.slot,
        "state": CertificateState.VALID.value,
        "credential_id": documents.credential_id(draft.uid),
        "document": draft.document,
        "digest": hashlib.sha256(draft.document.encode()).digest(),
        "path": paths.kept(draft.path),
        "path_root": draft.root.root if draft.root else None,
    }


def _insert(facts: Sequence[Mapping[str, Any]]) -> None:
    """Insert thousands of certificates past the ORM, which takes longer over them than signing does."""
    fields = [field for field in Certificate._meta.concrete_fields if not field.primary_key]
    ways = [(str(field.attname), _WAYS.get(type(field))) for field in fields]
    values = [
        [fact[name] if way is None or fact[name] is None else way(fact[name]) for name, way in ways] for fact in facts
    ]
    with connection.cursor() as cursor:
        database.insert(cursor, Certificate, tuple(str(field.column) for field in fields), values)


def _make_room(version: AchievementVersion, drafts: Sequence[Draft]) -> None:
    """Mark as replaced what the new certificates follow: the ones corrected or renewed, and those that ran out."""
    followed = Q(pk__in=[draft.replaces.pk for draft in drafts if draft.replaces is not None])
    out = Q(valid_until__lte=timezone.now(), version__achievement=version.achievement_id)
    for start in range(0, len(drafts), _BATCH):
        part = [draft.person.pk for draft in drafts[start : start + _BATCH]]
        Certificate.objects.filter(followed | out & Q(holder__in=part), replaced=False).update(replaced=True)
