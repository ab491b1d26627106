"""Programmes, their courses and packages: found, amend, add, open, retire."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Cohort, Organisation, OrganisationKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.curriculum import events
from ronghe.apps.curriculum.models import Course, Package, Programme, VersionState
from ronghe.apps.demand.services.counting import renew_data_version
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision

AMENDABLE = ("name_zh", "name_en", "field", "months")


def _trim(thing: Any) -> None:
    thing.name_zh, thing.name_en = thing.name_zh.strip(), thing.name_en.strip()


@transaction.atomic
def found_programme(
    *,
    actor: Person,
    organisation: Organisation,
    name_zh: str,
    name_en: str = "",
    field: str,
    months: int = 36,
    founded_on: date | None = None,
) -> Programme:
    """Record a programme of a university. Raises ValidationError by field."""
    demand(actor, "curriculum.found_programme", organisation)
    if organisation.kind != OrganisationKind.UNIVERSITY:
        raise ValidationError({"organisation": _("Only a university has programmes.")})
    programme = Programme(
        organisation=organisation,
        name_zh=name_zh,
        name_en=name_en,
        field=field,
        months=months,
        founded_on=founded_on or timezone.localdate(),
    )
    _trim(programme)
    programme.full_clean()
    programme.save()
    ledger.record(
        actor=actor,
        type=events.PROGRAMME_FOUNDED,
        subject=programme,
        payload={
            "organisation": organisation,
            "name_zh": programme.name_zh,
            "name_en": programme.name_en,
            "field": str(programme.field),
            "months": programme.months,
        },
    )
    return programme


@transaction.atomic
def amend_programme(
    *, actor: Person, programme: Programme, revision: int, cohorts: Iterable[Cohort] | None = None, **changes: Any
) -> Programme:
    """Change what a programme is called, or which cohorts follow it. Raises StaleRevision and ValidationError."""
    demand(actor, "curriculum.edit_programme", programme)
    if unknown := sorted(set(changes) - set(AMENDABLE)):
        raise TypeError(f"{', '.join(unknown)} of a programme cannot be amended")
    programme = take_revision(Programme, programme.pk, expected=revision)
    for name, value in changes.items():
        setattr(programme, name, value)
    _trim(programme)
    programme.full_clean()
    followers = list(programme.cohorts.all()) if cohorts is None else list(cohorts)
    if any(cohort.organisation_id != programme.organisation_id for cohort in followers):
        raise ValidationError({"cohorts": _("Only cohorts of the same university can follow a programme.")})
    programme.save()
    programme.cohorts.set(followers)
    renew_data_version()
    ledger.record(
        actor=actor,
        type=events.PROGRAMME_AMENDED,
        subject=programme,
        payload={
            "name_zh": programme.name_zh,
            "name_en": programme.name_en,
            "field": str(programme.field),
            "months": programme.months,
            "cohorts": sorted(cohort.pk for cohort in followers),
        },
    )
    return programme


@transaction.atomic
def add_course(
    *,
    actor: Person,
    programme: Programme,
    code: str,
    name_zh: str,
    name_en: str = "",
    credits: Decimal | int = 0,
) -> Course:
    """Add a course to a programme. Raises ValidationError by field."""
    demand(actor, "curriculum.edit_programme", programme)
    course = Course(programme=programme, code=code.strip(), name_zh=name_zh, name_en=name_en, credits=Decimal(credits))
    _trim(course)
    course.full_clean()
    course.save()
    ledger.record(
        actor=actor,
        type=events.COURSE_ADDED,
        subject=course,
        payload={
            "programme": programme,
            "code": course.code,
            "name_zh": course.name_zh,
            "name_en": course.name_en,
            "credits": course.credits,
        },
    )
    return course


@transaction.atomic
def open_package(
    *, actor: Person, course: Course, name_zh: str, name_en: str = "", opened_on: date | None = None
) -> Package:
    """Open a dynamic package of a course; its first version is begun by `start_version`."""
    demand(actor, "curriculum.edit_programme", course.programme)
    package = Package(course=course, name_zh=name_zh, name_en=name_en, opened_on=opened_on or timezone.localdate())
    if package.opened_on > timezone.localdate():
        raise ValidationError({"opened_on": _("A package is opened today or was on an earlier day.")})
    _trim(package)
    package.full_clean()
    package.save()
    ledger.record(
        actor=actor,
        type=events.PACKAGE_OPENED,
        subject=package,
        payload={"course": course, "name_zh": package.name_zh, "name_en": package.name_en},
    )
    return package


@transaction.atomic
def retire_package(*, actor: Person, package: Package, explanation: str) -> Package:
    """Say that a package is taught no more from today on; its versions stay readable. Raises ValidationError."""
    package = Package.objects.select_for_update().select_related("course__programme").get(pk=package.pk)
    demand(actor, "curriculum.edit_programme", package.course.programme)
    if package.retired_on is not None:
        raise ValidationError(_("This package was retired already."))
    explanation = explanation.strip()
    if not explanation:
        raise ValidationError({"explanation": _("Say why it is taught no more.")})
    package.retired_on = timezone.localdate()
    package.save(update_fields=["retired_on"])
    package.versions.filter(state=VersionState.RELEASED, superseded_on__isnull=True).update(
        superseded_on=package.retired_on
    )
    renew_data_version()
    ledger.record(actor=actor, type=events.PACKAGE_RETIRED, subject=package, payload={"explanation": explanation})
    return package
