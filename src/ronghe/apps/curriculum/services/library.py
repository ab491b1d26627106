"""The library from industry: projects with their parts, and real cases that are checked for currency."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation, OrganisationKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.curriculum import events
from ronghe.apps.curriculum.models import IndustryProject, Licence, ProjectPart, TeachingCase
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision


def _check(thing: Any) -> None:
    thing.name_zh, thing.name_en = thing.name_zh.strip(), thing.name_en.strip()
    if thing.organisation.kind != OrganisationKind.ENTERPRISE:
        raise ValidationError({"organisation": _("Projects and cases come from an enterprise.")})
    thing.full_clean()


@transaction.atomic
def register_project(
    *,
    actor: Person,
    organisation: Organisation,
    name_zh: str,
    name_en: str = "",
    summary: str = "",
    started_on: date,
    ended_on: date | None = None,
) -> IndustryProject:
    """Record a project of an enterprise. Raises ValidationError by field."""
    demand(actor, "curriculum.register_project", organisation)
    if ended_on is not None and ended_on < started_on:
        raise ValidationError({"ended_on": _("A project ends after it has started.")})
    project = IndustryProject(
        organisation=organisation,
        name_zh=name_zh,
        name_en=name_en,
        summary=summary.strip(),
        started_on=started_on,
        ended_on=ended_on,
        registered_by=actor,
    )
    _check(project)
    project.save()
    ledger.record(
        actor=actor,
        type=events.PROJECT_REGISTERED,
        subject=project,
        payload={
            "organisation": organisation,
            "name_zh": project.name_zh,
            "started_on": started_on,
            "ended_on": ended_on,
        },
    )
    return project


@transaction.atomic
def add_part(
    *, actor: Person, project: IndustryProject, name_zh: str, name_en: str = "", work: str = ""
) -> ProjectPart:
    """Describe a part of a project that can be taught. Raises ValidationError by field."""
    demand(actor, "curriculum.change_project", project)
    last: int = project.parts.aggregate(last=Max("position"))["last"] or 0
    part = ProjectPart(
        project=project, position=last + 1, name_zh=name_zh.strip(), name_en=name_en.strip(), work=work.strip()
    )
    part.full_clean()
    part.save()
    ledger.record(
        actor=actor, type=events.PART_ADDED, subject=part, payload={"project": project, "name_zh": part.name_zh}
    )
    return part


@transaction.atomic
def register_case(
    *,
    actor: Person,
    organisation: Organisation,
    name_zh: str,
    name_en: str = "",
    summary: str,
    licence: str = Licence.COMMUNITY,
    terms: str = "",
    happened_on: date,
    address: str = "",
) -> TeachingCase:
    """Put a real case into the library; it counts as checked today. Raises ValidationError by field."""
    demand(actor, "curriculum.register_case", organisation)
    if happened_on > timezone.localdate():
        raise ValidationError({"happened_on": _("A real case has happened: choose today or an earlier day.")})
    if licence == Licence.OWN_TERMS and not terms.strip():
        raise ValidationError({"terms": _("Name the terms under which the case may be taught.")})
    case = TeachingCase(
        organisation=organisation,
        name_zh=name_zh,
        name_en=name_en,
        summary=summary.strip(),
        licence=licence,
        terms=terms.strip(),
        happened_on=happened_on,
        address=address,
        registered_by=actor,
    )
    _check(case)
    case.save()
    ledger.record(
        actor=actor,
        type=events.CASE_REGISTERED,
        subject=case,
        payload={
            "organisation": organisation,
            "name_zh": case.name_zh,
            "licence": str(case.licence),
            "happened_on": case.happened_on,
        },
    )
    return case


@transaction.atomic
def check_case(*, actor: Person, case: TeachingCase, revision: int) -> TeachingCase:
    """Say that a case still holds as of today. Raises StaleRevision."""
    demand(actor, "curriculum.change_case", case)
    case = take_revision(TeachingCase, case.pk, expected=revision)
    case.checked_on = timezone.localdate()
    case.save()
    ledger.record(actor=actor, type=events.CASE_CHECKED, subject=case, payload={"checked_on": case.checked_on})
    return case
