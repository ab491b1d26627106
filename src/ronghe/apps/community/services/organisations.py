"""Organisations and their campuses: register, amend, add a place. Their tiers in chains are `chains`'."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import events
from ronghe.apps.community.credit_code import is_valid
from ronghe.apps.community.models import Campus, Organisation, Region
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.apps.ledger.services import Entry

AMENDABLE = ("name_zh", "name_en", "registration_number", "region", "website", "registered_on")


def clean_organisation(organisation: Organisation) -> None:
    """Raise ValidationError, by field, for what may not stand in the registry."""
    organisation.registration_number = (organisation.registration_number or "").strip().upper() or None
    organisation.name_zh = organisation.name_zh.strip()
    organisation.name_en = organisation.name_en.strip()
    if organisation.registration_number and not is_valid(organisation.registration_number):
        raise ValidationError(
            {"registration_number": _("This is not a unified social credit code: its check character does not fit.")}
        )
    if organisation.registered_on > timezone.localdate():
        raise ValidationError({"registered_on": _("An organisation takes part from today or an earlier day on.")})
    organisation.full_clean()


@transaction.atomic
def register_organisation(
    *,
    actor: Person,
    kind: str,
    name_zh: str,
    name_en: str = "",
    registration_number: str | None = None,
    region: Region | None = None,
    website: str = "",
    since: date | None = None,
) -> Organisation:
    """Put an organisation on the register, as taking part since a day (today)."""
    demand(actor, "community.register_organisation")
    organisation = Organisation(
        kind=kind,
        name_zh=name_zh,
        name_en=name_en,
        registration_number=registration_number,
        region=region,
        website=website,
        registered_on=since or timezone.localdate(),
        registered_by=actor,
    )
    clean_organisation(organisation)
    organisation.save()
    ledger.record(
        actor=actor,
        type=events.ORGANISATION_REGISTERED,
        subject=organisation,
        payload=registered_payload(organisation),
    )
    return organisation


def registered_payload(organisation: Organisation) -> dict[str, Any]:
    """What the ledger remembers of a registration."""
    return {
        "name_zh": organisation.name_zh,
        "name_en": organisation.name_en,
        "kind": str(organisation.kind),
        "registration_number": organisation.registration_number,
        "region": organisation.region.code if organisation.region else None,
        "since": organisation.registered_on,
    }


@transaction.atomic
def amend_organisation(
    *, actor: Person, organisation: Organisation, expected_revision: int, changes: Mapping[str, Any]
) -> Organisation:
    """Change what the register says about an organisation. Its kind does not change.

    Raises StaleRevision when someone saved it after `expected_revision` was read.
    """
    demand(actor, "community.amend_organisation", organisation)
    if unknown := set(changes) - set(AMENDABLE):
        raise ValueError(f"an organisation's {', '.join(sorted(unknown))} cannot be amended")
    current = take_revision(Organisation, organisation.pk, expected=expected_revision)
    before = {name: getattr(current, name) for name in changes}
    for name, value in changes.items():
        setattr(current, name, value)
    clean_organisation(current)
    changed = [name for name in changes if getattr(current, name) != before[name]]
    if not changed:
        return organisation
    current.save()
    ledger.record(
        actor=actor,
        type=events.ORGANISATION_AMENDED,
        subject=current,
        payload={
            "fields": changed,
            "before": [str(before[name] or "") for name in changed],
            "after": [str(getattr(current, name) or "") for name in changed],
            "revision": current.revision,
        },
    )
    return current


@transaction.atomic
def add_campus(
    *, actor: Person, organisation: Organisation, name_zh: str, name_en: str = "", region: Region, address: str = ""
) -> Campus:
    """Add a campus, a plant or an office of an organisation."""
    demand(actor, "community.amend_organisation", organisation)
    campus = Campus(
        organisation=organisation, name_zh=name_zh.strip(), name_en=name_en.strip(), region=region, address=address
    )
    campus.full_clean()
    campus.save()
    ledger.record(
        actor=actor,
        type=events.CAMPUS_ADDED,
        subject=organisation,
        payload={"name_zh": campus.name_zh, "region": region.code, "address": campus.address or None},
    )
    return campus


@transaction.atomic
def register_organisations(*, actor: Person, organisations: Iterable[Organisation]) -> int:
    """Put many organisations on the register at once, all or none, and return how many there were.

    The rows have been checked against the register; what slipped in meanwhile is refused by the database. The ledger
    gets one event an organisation, as if they had come one by one.
    """
    demand(actor, "community.register_organisation")
    count = 0
    stream = iter(organisations)
    while batch := list(islice(stream, 500)):
        for organisation in batch:
            organisation.registered_by = actor
            organisation.clean_fields()
        Organisation.objects.bulk_create(batch)
        ledger.record_many(
            actor=actor,
            entries=[
                Entry(events.ORGANISATION_REGISTERED, organisation, registered_payload(organisation))
                for organisation in batch
            ],
        )
        count += len(batch)
    return count
