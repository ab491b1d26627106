"""Roles: give one from a day, end one on a day. What a role allows stands in `rules`."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import events, standing
from ronghe.apps.community.models import Organisation, OrganisationKind, Role, RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.services import Entry
from ronghe.apps.metrics.dated import end

# Where each role can be held; the office may sit in any organisation, as the community decides.
HELD_IN: Mapping[str, frozenset[str]] = {
    RoleKind.OFFICE: frozenset(OrganisationKind.values),
    RoleKind.ENTERPRISE_HR: frozenset({OrganisationKind.ENTERPRISE}),
    RoleKind.MENTOR: frozenset({OrganisationKind.ENTERPRISE}),
    RoleKind.TEACHER: frozenset({OrganisationKind.UNIVERSITY}),
    RoleKind.STUDENT: frozenset({OrganisationKind.UNIVERSITY}),
    RoleKind.REVIEWER: frozenset({OrganisationKind.GOVERNMENT}),
}


def fits(kind: str, organisation: Organisation) -> bool:
    """Whether a role of `kind` can be held in `organisation`."""
    return organisation.kind in HELD_IN.get(kind, frozenset())


def overlapping(person: Person, organisation: Organisation, kind: str, first: date, until: date | None) -> Role | None:
    """A role of that kind that `person` already holds there on some day of `[first, until)`."""
    found = Role.objects.known().filter(person=person, organisation=organisation, kind=kind)
    found = found.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=first))
    if until is not None:
        found = found.filter(valid_from__lt=until)
    return found.first()


def given_payload(role: Role) -> dict[str, object]:
    """What the ledger remembers of a role that was given."""
    return {
        "person": role.person,
        "organisation": role.organisation,
        "role": str(role.kind),
        "valid_from": role.valid_from,
        "valid_until": role.valid_until,
    }


@transaction.atomic
def appoint(
    *,
    actor: Person,
    person: Person,
    organisation: Organisation,
    kind: str,
    valid_from: date,
    valid_until: date | None = None,
) -> Role:
    """Give `person` a role in `organisation` from a day on, until a day (the first without it) if one is known."""
    demand(actor, "community.appoint", organisation)
    # One appointment of a person at a time, so that two offices cannot give the same role twice.
    Person.objects.select_for_update().get(pk=person.pk)
    role = Role(person=person, organisation=organisation, kind=kind, valid_from=valid_from, valid_until=valid_until)
    _check_kind(role)
    if (held := overlapping(person, organisation, kind, valid_from, valid_until)) is not None:
        raise ValidationError(
            {"valid_from": _("This person already holds the role, since %(day)s.") % {"day": held.valid_from}}
        )
    role.save()
    standing.forget(person)
    standing.forget(actor)
    ledger.record(actor=actor, type=events.ROLE_GIVEN, subject=person, payload=given_payload(role))
    return role


class Appointment(NamedTuple):
    """One role of `appoint_many`."""

    person: Person
    organisation: Organisation
    kind: str
    valid_from: date
    valid_until: date | None


@transaction.atomic
def appoint_many(*, actor: Person, appointments: Sequence[Appointment]) -> int:
    """Give many roles at once, all or none, and return how many; each is checked as `appoint` checks it.

    A handful of queries whatever their number. Raises ValidationError naming the first role that cannot be given.
    """
    demand(actor, "community.appoint")
    people = Person.objects.filter(pk__in={appointment.person.pk for appointment in appointments})
    # In one order for everyone, so that two imports of the same people wait for each other instead of deadlocking.
    list(people.select_for_update().order_by("pk").values_list("pk"))
    held: dict[tuple[int, int, str], list[tuple[date, date | None]]] = {}
    for role in Role.objects.known().filter(person__in=people):
        key = (role.person_id, role.organisation_id, role.kind)
        held.setdefault(key, []).append((role.valid_from, role.valid_until))
    roles = []
    for appointment in appointments:
        role = Role(**appointment._asdict())
        _check_kind(role)
        spans = held.setdefault((role.person_id, role.organisation_id, role.kind), [])
        for first, until in spans:
            if (until is None or until > role.valid_from) and (role.valid_until is None or first < role.valid_until):
                said = _("%(person)s already holds the role, since %(day)s.")
                raise ValidationError({"valid_from": said % {"person": role.person, "day": first}})
        spans.append((role.valid_from, role.valid_until))
        roles.append(role)
    Role.objects.bulk_create(roles)
    standing.forget(actor)
    ledger.record_many(
        actor=actor, entries=[Entry(events.ROLE_GIVEN, role.person, given_payload(role)) for role in roles]
    )
    return len(roles)


def _check_kind(role: Role) -> None:
    if role.kind not in RoleKind.values:
        raise ValidationError({"kind": _("Choose one of the roles.")})
    if not fits(role.kind, role.organisation):
        said = _("The role “%(role)s” cannot be held in “%(organisation)s”, which is another kind of place.")
        raise ValidationError(
            {"kind": said % {"role": role.get_kind_display(), "organisation": role.organisation.name}}
        )
    if role.valid_until is not None and role.valid_until <= role.valid_from:
        raise ValidationError({"valid_until": _("A role ends after the day on which it begins.")})


@transaction.atomic
def end_role(*, actor: Person, role: Role, on: date) -> Role | None:
    """End `role`: `on` is the first day without it. None when it then never began.

    Raises AlreadySuperseded when somebody changed it meanwhile, ValidationError when it has ended before or is the
    last one of the community office.
    """
    demand(actor, "community.appoint", role.organisation)
    Person.objects.select_for_update().get(pk=role.person_id)
    if role.valid_until is not None and role.valid_until <= on:
        raise ValidationError({"on": _("This role ends on %(day)s already.") % {"day": role.valid_until}})
    others = Role.objects.known().filter(kind=RoleKind.OFFICE, valid_until__isnull=True).exclude(pk=role.pk)
    today = timezone.localdate()
    if role.kind == RoleKind.OFFICE and not others.filter(valid_from__lte=max(on, today)).exists():
        raise ValidationError(
            {"on": _("Nobody would be left in the community office. Appoint the successor first, then end this role.")}
        )
    ended = end(role, on)
    standing.forget(role.person)
    standing.forget(actor)
    ledger.record(
        actor=actor,
        type=events.ROLE_ENDED,
        subject=role.person,
        payload={
            "person": role.person,
            "organisation": role.organisation,
            "role": str(role.kind),
            "valid_until": on,
        },
    )
    return ended
