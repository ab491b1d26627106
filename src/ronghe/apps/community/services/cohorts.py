"""Academic years, cohorts and who is in them: open, enrol, transfer, leave."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import events, standing
from ronghe.apps.community.models import (
    AcademicYear,
    Cohort,
    CohortMembership,
    Departure,
    Organisation,
    OrganisationKind,
    Role,
    RoleKind,
)
from ronghe.apps.community.services.permission import demand
from ronghe.apps.community.services.roles import given_payload, overlapping
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.apps.ledger.services import Entry
from ronghe.apps.metrics.dated import AlreadySuperseded, end

_LABEL = re.compile(r"(\d{4})-(\d{4})")


@transaction.atomic
def open_academic_year(*, actor: Person, label: str, starts_on: date, ends_on: date) -> AcademicYear:
    """Open a year such as "2026-2027"; years follow one another and do not overlap."""
    demand(actor, "community.open_year")
    written = _LABEL.fullmatch(label)
    if written is None or int(written[2]) != int(written[1]) + 1:
        raise ValidationError({"label": _("Write an academic year like 2026-2027.")})
    if ends_on <= starts_on:
        raise ValidationError({"ends_on": _("The year ends after it starts.")})
    clash = AcademicYear.objects.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).first()
    if clash is not None:
        raise ValidationError({"starts_on": _("These days belong to %(year)s already.") % {"year": clash.label}})
    year = AcademicYear(label=label, starts_on=starts_on, ends_on=ends_on)
    year.full_clean()
    year.save()
    ledger.record(
        actor=actor,
        type=events.YEAR_OPENED,
        subject=year,
        payload={"label": label, "starts_on": starts_on, "ends_on": ends_on},
    )
    return year


@transaction.atomic
def open_cohort(
    *,
    actor: Person,
    organisation: Organisation,
    academic_year: AcademicYear,
    name_zh: str,
    name_en: str = "",
    field: str,
    intake: int,
) -> Cohort:
    """Open a cohort of a university for a year; `intake` is the planned number, not the number enrolled."""
    demand(actor, "community.open_cohort")
    if organisation.kind != OrganisationKind.UNIVERSITY:
        raise ValidationError({"organisation": _("A cohort belongs to a university.")})
    cohort = Cohort(
        organisation=organisation,
        academic_year=academic_year,
        name_zh=name_zh.strip(),
        name_en=name_en.strip(),
        field=field,
        intake=intake,
    )
    cohort.full_clean()
    cohort.save()
    ledger.record(
        actor=actor,
        type=events.COHORT_OPENED,
        subject=cohort,
        payload={
            "organisation": organisation,
            "year": academic_year.label,
            "name_zh": cohort.name_zh,
            "field": str(field),
            "intake": intake,
        },
    )
    return cohort


COHORT_AMENDABLE = ("name_zh", "name_en", "field", "intake")


@transaction.atomic
def amend_cohort(*, actor: Person, cohort: Cohort, expected_revision: int, changes: Mapping[str, Any]) -> Cohort:
    """Change name, field or planned intake of a cohort; its university and year do not change.

    Raises StaleRevision when someone saved it after `expected_revision` was read.
    """
    demand(actor, "community.amend_cohort", cohort)
    if unknown := set(changes) - set(COHORT_AMENDABLE):
        raise ValueError(f"a cohort's {', '.join(sorted(unknown))} cannot be amended")
    current = take_revision(Cohort, cohort.pk, expected=expected_revision)
    before = {name: getattr(current, name) for name in changes}
    for name, value in changes.items():
        setattr(current, name, value.strip() if isinstance(value, str) else value)
    current.full_clean()
    changed = [name for name in changes if getattr(current, name) != before[name]]
    if not changed:
        return cohort
    current.save()
    ledger.record(
        actor=actor,
        type=events.COHORT_AMENDED,
        subject=current,
        payload={
            "fields": changed,
            "before": [str(before[name]) for name in changed],
            "after": [str(getattr(current, name)) for name in changed],
            "revision": current.revision,
        },
    )
    return current


@transaction.atomic
def enrol(
    *, actor: Person, cohort: Cohort, person: Person, student_number: str = "", valid_from: date
) -> CohortMembership:
    """Enrol `person` in `cohort` from a day on, as a student of its university (a role given here if there is none)."""
    demand(actor, "community.enrol", cohort)
    cohort = Cohort.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=cohort.pk)
    student_number = student_number.strip()
    check_place(cohort, person, student_number, valid_from)
    membership = CohortMembership.objects.create(
        cohort=cohort, person=person, student_number=student_number, valid_from=valid_from
    )
    entries = [Entry(events.STUDENT_ENROLLED, cohort, _enrolled_payload(membership))]
    if overlapping(person, cohort.organisation, RoleKind.STUDENT, valid_from, None) is None:
        role = Role.objects.create(
            person=person, organisation=cohort.organisation, kind=RoleKind.STUDENT, valid_from=valid_from
        )
        entries.append(Entry(events.ROLE_GIVEN, person, given_payload(role)))
    standing.forget(person)
    ledger.record_many(actor=actor, entries=entries)
    return membership


class Enrolment(NamedTuple):
    """One student of `enrol_many`."""

    person: Person
    student_number: str
    valid_from: date


@transaction.atomic
def enrol_many(*, actor: Person, cohort: Cohort, enrolments: Sequence[Enrolment]) -> int:
    """Enrol many students at once, all or none, and return how many; each gets what `enrol` gives.

    A handful of queries whatever their number. Raises ValidationError naming the first student who cannot be enrolled.
    """
    demand(actor, "community.enrol", cohort)
    cohort = Cohort.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=cohort.pk)
    known = CohortMembership.objects.known().filter(cohort=cohort)
    # The longest last, so that it is the one remembered of a student who came twice.
    spans = sorted(
        known.values_list("person_id", "student_number", "valid_until"),
        key=lambda span: span[2] or date.max,
    )
    roles = Role.objects.known().filter(
        person__in=[enrolment.person for enrolment in enrolments],
        organisation=cohort.organisation,
        kind=RoleKind.STUDENT,
    )
    ends: dict[int, list[date | None]] = {}
    for person_id, until in roles.values_list("person_id", "valid_until"):
        ends.setdefault(person_id, []).append(until)
    people = {person_id: until for person_id, _number, until in spans}
    numbers = {number: until for _person, number, until in spans if number}
    memberships, new_roles = [], []
    for enrolment in enrolments:
        person, number, first = enrolment
        if person.pk in people and _lasts(people[person.pk], first):
            raise ValidationError({"person": _("%(person)s is in this cohort already.") % {"person": person}})
        if number and number in numbers and _lasts(numbers[number], first):
            raise ValidationError(
                {"student_number": _("Number %(number)s is taken in this cohort.") % {"number": number}}
            )
        people[person.pk] = numbers[number] = None
        memberships.append(CohortMembership(cohort=cohort, person=person, student_number=number, valid_from=first))
        if not any(_lasts(until, first) for until in ends.get(person.pk, ())):
            new_roles.append(
                Role(person=person, organisation=cohort.organisation, kind=RoleKind.STUDENT, valid_from=first)
            )
    CohortMembership.objects.bulk_create(memberships)
    Role.objects.bulk_create(new_roles)
    ledger.record_many(
        actor=actor,
        entries=[
            *(Entry(events.STUDENT_ENROLLED, cohort, _enrolled_payload(membership)) for membership in memberships),
            *(Entry(events.ROLE_GIVEN, role.person, given_payload(role)) for role in new_roles),
        ],
    )
    return len(memberships)


def _lasts(until: date | None, first: date) -> bool:
    """Whether what ends on `until` still holds on day `first` or later."""
    return until is None or until > first


def _enrolled_payload(membership: CohortMembership) -> dict[str, object]:
    return {
        "person": membership.person,
        "student_number": membership.student_number or None,
        "valid_from": membership.valid_from,
    }


def check_place(cohort: Cohort, person: Person, student_number: str, first: date) -> None:
    """Raise ValidationError unless `person` can be in `cohort` under that number from day `first` on."""
    later = Q(valid_until__isnull=True) | Q(valid_until__gt=first)
    known = CohortMembership.objects.known().filter(later, cohort=cohort)
    if known.filter(person=person).exists():
        raise ValidationError({"person": _("%(person)s is in this cohort already.") % {"person": person}})
    if student_number and known.filter(student_number=student_number).exists():
        raise ValidationError(
            {"student_number": _("Number %(number)s is taken in this cohort.") % {"number": student_number}}
        )


@transaction.atomic
def transfer(*, actor: Person, membership: CohortMembership, to: Cohort, on: date) -> CohortMembership:
    """Move a student to another cohort of the same university; `on` is the first day there."""
    demand(actor, "community.enrol", to)
    list(Cohort.objects.select_for_update(of=("self",)).filter(pk__in=[membership.cohort_id, to.pk]).order_by("pk"))
    membership = _current(membership)
    if to.organisation_id != membership.cohort.organisation_id:
        raise ValidationError(
            {"to": _("A transfer stays within one university. For another one, end this enrolment and enrol there.")}
        )
    if on <= membership.valid_from or (membership.valid_until is not None and on >= membership.valid_until):
        raise ValidationError({"on": _("The student is not in this cohort on the day before.")})
    check_place(to, membership.person, membership.student_number, on)
    ended = end(membership, on, departure=Departure.TRANSFERRED)
    moved = CohortMembership.objects.create(
        cohort=to,
        person=membership.person,
        student_number=membership.student_number,
        valid_from=on,
        valid_until=membership.valid_until,
        departure=membership.departure,
        **({"recorded_at": ended.recorded_at} if ended else {}),
    )
    ledger.record(
        actor=actor,
        type=events.STUDENT_TRANSFERRED,
        subject=membership.cohort,
        payload={"person": membership.person, "to": to, "valid_from": on},
    )
    return moved


@transaction.atomic
def leave_cohort(
    *, actor: Person, membership: CohortMembership, on: date, departure: Departure
) -> CohortMembership | None:
    """End an enrolment: `on` is the first day outside the cohort. The student role is ended apart from it."""
    demand(actor, "community.enrol", membership.cohort)
    if departure == Departure.TRANSFERRED:
        raise ValidationError({"departure": _("Transfer the student instead: the new cohort is recorded with it.")})
    membership = _current(membership)
    if membership.valid_until is not None and (membership.valid_until < on or membership.departure):
        raise ValidationError({"on": _("This enrolment ends on %(day)s already.") % {"day": membership.valid_until}})
    ended = end(membership, on, departure=departure)
    ledger.record_many(actor=actor, entries=[_left(membership, on, departure)])
    return ended


@transaction.atomic
def graduate(*, actor: Person, cohort: Cohort, on: date) -> int:
    """Say that everyone who is in a cohort graduates; `on` is the first day after. Returns how many.

    Whoever does not graduate leaves the cohort before that, by `leave_cohort`.
    """
    demand(actor, "community.enrol", cohort)
    cohort = Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)
    staying = Q(valid_until__isnull=True) | Q(valid_until__gte=on)
    known = CohortMembership.objects.known().select_related("cohort", "person")
    rows = list(known.filter(staying, cohort=cohort, valid_from__lt=on, departure="").order_by("pk"))
    if not rows:
        raise ValidationError({"on": _("Nobody is in this cohort on the day before.")})
    for membership in rows:
        end(membership, on, departure=Departure.GRADUATED)
    ledger.record_many(actor=actor, entries=[_left(one, on, Departure.GRADUATED) for one in rows])
    return len(rows)


def _left(membership: CohortMembership, on: date, departure: Departure) -> Entry:
    payload = {"person": membership.person, "valid_until": on, "departure": str(departure)}
    return Entry(events.STUDENT_LEFT, membership.cohort, payload)


def _current(membership: CohortMembership) -> CohortMembership:
    found = (
        CohortMembership.objects.known()
        .filter(pk=membership.pk)
        .select_related("cohort__organisation", "person")
        .first()
    )
    if found is None:
        raise AlreadySuperseded(_("Someone else changed this enrolment meanwhile. Open the cohort again."))
    return found
