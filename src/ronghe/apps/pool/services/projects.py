"""Projects: recorded, and closed on the day from which their conversion is counted."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.apps.pool import events
from ronghe.apps.pool.models import Project


@transaction.atomic
def record_project(
    *,
    actor: Person,
    name_zh: str,
    host: Organisation,
    field: str,
    started_on: date,
    name_en: str = "",
    number: str = "",
    partners: Sequence[Organisation] = (),
    summary: str = "",
) -> Project:
    """Record a project. Raises ValidationError by field."""
    demand(actor, "pool.record_project", host)
    project = Project(
        name_zh=name_zh.strip(),
        name_en=name_en.strip(),
        number=number.strip(),
        host=host,
        field=field,
        started_on=started_on,
        summary=summary.strip(),
        recorded_by=actor,
    )
    project.full_clean()
    others = [one for one in partners if one.pk != host.pk]
    project.save()
    project.partners.set(others)
    ledger.record(
        actor=actor,
        type=events.PROJECT_RECORDED,
        subject=project,
        payload={"name_zh": project.name_zh, "host": host, "partners": others, "started_on": started_on},
    )
    return project


@transaction.atomic
def close_project(*, actor: Person, project: Project, closed_on: date, revision: int) -> Project:
    """Say on which day a project was closed; only the office corrects that day afterwards.

    Raises ValidationError and StaleRevision.
    """
    demand(actor, "pool.close_project", project)
    project = take_revision(Project, project.pk, expected=revision)
    before = project.closed_on
    if before is not None:
        demand(actor, "pool.correct_close", project)
    if closed_on > timezone.localdate():
        raise ValidationError({"closed_on": _("A project is closed on the day it is closed, not before.")})
    if closed_on < project.started_on:
        raise ValidationError(
            {"closed_on": _("The project started on %(day)s; it cannot close before.") % {"day": project.started_on}}
        )
    project.closed_on, project.closed_recorded_at = closed_on, timezone.now()
    project.save()
    ledger.record(
        actor=actor,
        type=events.PROJECT_CLOSED,
        subject=project,
        payload={"closed_on": closed_on, **({"before": before} if before else {})},
    )
    return project
