"""Who may use which machines, and for how long a week: authorisations after an instruction, and quotas."""

import calendar
import uuid
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Cohort
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.metrics.dated import end, withdraw
from ronghe.apps.sites import events
from ronghe.apps.sites.models import Authorisation, MachineFamily, Quota, Site

MONTHS = 12


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last one where it is shorter."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@transaction.atomic
def authorise(
    *,
    actor: Person,
    person: Person,
    family: MachineFamily,
    valid_from: date | None = None,
    valid_until: date | None = None,
    basis: str = "",
) -> Authorisation:
    """Say that somebody was instructed on a family of machines and may use them from a day on, until another.

    Without `valid_until` (the first day it no longer holds) for as long as an instruction of the family lasts.
    """
    demand(actor, "sites.authorise")
    if actor.pk == person.pk:
        raise ValidationError({"person": _("Another person confirms your instruction.")})
    begins = valid_from or timezone.localdate()
    row = Authorisation(
        uid=uuid.uuid4(),
        person=person,
        family=family,
        granted_by=actor,
        basis=basis.strip(),
        valid_from=begins,
        valid_until=valid_until or months_after(begins, family.instruction_months),
    )
    if row.valid_until is not None and row.valid_until <= begins:
        raise ValidationError({"valid_until": _("It ends before it begins. Give a later end.")})
    row.full_clean()
    row.save()
    ledger.record(
        actor=actor,
        type=events.PERSON_AUTHORISED,
        subject=row,
        payload={
            "person": person,
            "family": family.code,
            "valid_from": row.valid_from,
            "valid_until": row.valid_until,
            **({"basis": row.basis} if row.basis else {}),
        },
    )
    return row


@transaction.atomic
def end_authorisation(*, actor: Person, authorisation: Authorisation, day: date, reason: str) -> Authorisation | None:
    """Take an authorisation back from a day on, with the reason. Bookings after it are the site's to cancel."""
    demand(actor, "sites.authorise")
    if not reason.strip():
        raise ValidationError({"reason": _("Say why.")})
    if day < timezone.localdate():
        raise ValidationError({"day": _("It ends today at the earliest: what was done under it was allowed.")})
    if authorisation.valid_until is not None and day >= authorisation.valid_until:
        raise ValidationError({"day": _("It ends earlier by itself.")})
    left = end(authorisation, day)
    ledger.record(
        actor=actor,
        type=events.AUTHORISATION_ENDED,
        subject=left or authorisation,
        payload={"person": authorisation.person, "family": authorisation.family.code, "reason": reason.strip()},
    )
    return left


@transaction.atomic
def set_quota(
    *,
    actor: Person,
    hours: Decimal,
    valid_from: date,
    site: Site | None = None,
    family: MachineFamily | None = None,
    cohort: Cohort | None = None,
) -> Quota:
    """Say how many hours a week may be booked from a day on; the same quota before that day is kept until it."""
    demand(actor, "sites.set_quota")
    same = Quota.objects.known().select_for_update().filter(site=site, family=family, cohort=cohort)
    for row in same.order_by("pk"):
        if row.valid_from >= valid_from:
            withdraw(row)
        elif row.valid_until is None or row.valid_until > valid_from:
            end(row, valid_from)
    quota = Quota(site=site, family=family, cohort=cohort, hours=hours, valid_from=valid_from)
    quota.full_clean()
    quota.save()
    ledger.record(
        actor=actor,
        type=events.QUOTA_SET,
        subject=quota,
        payload={
            **({"site": site} if site else {}),
            **({"family": family.code} if family else {}),
            **({"cohort": cohort} if cohort else {}),
            "hours": hours,
            "valid_from": valid_from,
        },
    )
    return quota
