"""Sites, ways between campuses, machine families, machines and their dated terms."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Campus
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.apps.metrics.dated import end, withdraw
from ronghe.apps.sites import events
from ronghe.apps.sites.models import (
    Booking,
    Machine,
    MachineFamily,
    MachineTerms,
    Site,
    TravelTime,
)

Row = TypeVar("Row", Site, Machine, MachineFamily)


@transaction.atomic
def register_site(*, actor: Person, campus: Campus, name_zh: str, name_en: str = "", **rules: Any) -> Site:
    """Register a site on a campus; `rules` are fields of Site (zone, grid_minutes, …) that differ from the usual."""
    demand(actor, "sites.register_site", campus)
    site = Site(campus=campus, name_zh=name_zh.strip(), name_en=name_en.strip(), **rules)
    site.full_clean()
    site.save()
    ledger.record(
        actor=actor,
        type=events.SITE_REGISTERED,
        subject=site,
        payload={"campus": campus, "name_zh": site.name_zh, "zone": site.zone},
    )
    return site


def _amended(row: Row, changes: Mapping[str, Any]) -> list[str]:
    changed = sorted(name for name, value in changes.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, changes[name])
    row.full_clean()
    row.save()
    return changed


@transaction.atomic
def amend_site(*, actor: Person, site: Site, revision: int, **changes: Any) -> Site:
    """Change the name or the rules of a site. Its zone stays once it has bookings: their local times would move."""
    demand(actor, "sites.manage_site", site)
    site = take_revision(Site, site.pk, expected=revision)
    moves = changes.get("zone", site.zone) != site.zone
    if moves and Booking.objects.filter(machine__site=site, ends_at__gt=timezone.now()).exists():
        raise ValidationError({"zone": _("There are bookings to come, made in the time of this zone.")})
    changed = _amended(site, changes)
    ledger.record(actor=actor, type=events.SITE_AMENDED, subject=site, payload={"changed": changed})
    return site


@transaction.atomic
def set_travel(*, actor: Person, origin: Campus, destination: Campus, minutes: int, back: int | None = None) -> None:
    """Say how long the way between two campuses takes; `back` where the way back takes another time."""
    demand(actor, "sites.set_travel")
    if origin.pk == destination.pk:
        raise ValidationError({"destination": _("Choose two different campuses.")})
    for start, goal, time in ((origin, destination, minutes), (destination, origin, minutes if back is None else back)):
        way = TravelTime.objects.filter(origin=start, destination=goal).first()
        way = way or TravelTime(origin=start, destination=goal)
        way.minutes = time
        way.full_clean(validate_unique=False)
        way.save()
        payload = {"destination": goal, "minutes": time}
        ledger.record(actor=actor, type=events.TRAVEL_SET, subject=start, payload=payload)


@transaction.atomic
def register_family(
    *,
    actor: Person,
    code: str,
    name_zh: str,
    name_en: str = "",
    needs_authorisation: bool = True,
    instruction_months: int = 24,
) -> MachineFamily:
    """Register a family of machines that can stand in for each other."""
    demand(actor, "sites.register_family")
    family = MachineFamily(
        code=code.strip(),
        name_zh=name_zh.strip(),
        name_en=name_en.strip(),
        needs_authorisation=needs_authorisation,
        instruction_months=instruction_months,
    )
    family.full_clean()
    family.save()
    ledger.record(
        actor=actor,
        type=events.FAMILY_REGISTERED,
        subject=family,
        payload={"code": family.code, "needs_authorisation": needs_authorisation},
    )
    return family


@transaction.atomic
def amend_family(*, actor: Person, family: MachineFamily, revision: int, **changes: Any) -> MachineFamily:
    """Change what a family is called, and whether and for how long an instruction is asked; its code stays.

    Authorisations that were given keep the end they were given with, and bookings that stand stay.
    """
    demand(actor, "sites.amend_family", family)
    family = take_revision(MachineFamily, family.pk, expected=revision)
    changed = _amended(family, changes)
    ledger.record(actor=actor, type=events.FAMILY_AMENDED, subject=family, payload={"changed": changed})
    return family


@transaction.atomic
def register_machine(
    *,
    actor: Person,
    site: Site,
    family: MachineFamily,
    code: str,
    name_zh: str,
    name_en: str = "",
    in_use_from: date,
    in_use_until: date | None = None,
    places: int = 1,
) -> Machine:
    """Register a machine at a site."""
    demand(actor, "sites.manage_site", site)
    machine = Machine(
        site=site,
        family=family,
        code=code.strip(),
        name_zh=name_zh.strip(),
        name_en=name_en.strip(),
        in_use_from=in_use_from,
        in_use_until=in_use_until,
        places=places,
    )
    machine.full_clean()
    machine.save()
    ledger.record(
        actor=actor,
        type=events.MACHINE_REGISTERED,
        subject=machine,
        payload={"site": site, "family": family.code, "code": machine.code, "in_use_from": in_use_from},
    )
    return machine


@transaction.atomic
def amend_machine(*, actor: Person, machine: Machine, revision: int, **changes: Any) -> Machine:
    """Change a machine, or say from which day it is no longer in use; bookings beyond that day come first."""
    demand(actor, "sites.manage_site", machine)
    machine = take_revision(Machine, machine.pk, expected=revision)
    last = changes.get("in_use_until")
    if last is not None:
        later = Booking.objects.holding().filter(machine=machine, ends_at__date__gte=last, ends_at__gt=timezone.now())
        if count := later.count():
            raise ValidationError(
                {
                    "in_use_until": _("It is booked %(count)s times after that day. Cancel these bookings first.")
                    % {"count": count}
                }
            )
    changed = _amended(machine, changes)
    ledger.record(actor=actor, type=events.MACHINE_AMENDED, subject=machine, payload={"changed": changed})
    return machine


@transaction.atomic
def set_terms(
    *,
    actor: Person,
    machine: Machine,
    cost_per_hour: Decimal,
    declared_hours: Decimal | None = None,
    valid_from: date,
) -> MachineTerms:
    """Say what an hour costs and which window a day is declared, from a day on; what held before is kept."""
    demand(actor, "sites.manage_site", machine)
    Machine.objects.select_for_update(no_key=True).get(pk=machine.pk)
    for row in MachineTerms.objects.known().filter(machine=machine).order_by("pk"):
        if row.valid_from >= valid_from:
            withdraw(row)
        elif row.valid_until is None or row.valid_until > valid_from:
            end(row, valid_from)
    terms = MachineTerms(
        machine=machine, cost_per_hour=cost_per_hour, declared_hours=declared_hours, valid_from=valid_from
    )
    terms.full_clean()
    terms.save()
    ledger.record(
        actor=actor,
        type=events.TERMS_SET,
        subject=machine,
        payload={
            "cost_per_hour": cost_per_hour,
            **({"declared_hours": declared_hours} if declared_hours is not None else {}),
            "valid_from": valid_from,
        },
    )
    return terms
