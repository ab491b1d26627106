"""Templates: written by the office, frozen version by version when an agreement is first drafted from one."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import events, standard
from ronghe.apps.agreements.clauses import read_clauses
from ronghe.apps.agreements.content import digest_of
from ronghe.apps.agreements.models import AgreementKind, Template, TemplateVersion
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision


@transaction.atomic
def write_template(
    *, actor: Person, kind: str, name_zh: str, name_en: str = "", clauses: Sequence[Mapping[str, Any]] = ()
) -> TemplateVersion:
    """Write a template; its first version stays open until an agreement is drafted from it."""
    demand(actor, "agreements.write_template")
    template = Template(kind=AgreementKind(kind), name_zh=name_zh.strip(), name_en=name_en.strip())
    template.full_clean()
    template.save()
    version = TemplateVersion.objects.create(
        template=template, number=1, clauses=read_clauses(clauses, places=()), written_by=actor
    )
    _record(actor, version)
    return version


@transaction.atomic
def put_template_clauses(
    *, actor: Person, version: TemplateVersion, revision: int, clauses: Sequence[Mapping[str, Any]]
) -> TemplateVersion:
    """Set the clauses of a version; one that was used stays as it is and a next one is written.

    Raises StaleRevision and ValidationError.
    """
    demand(actor, "agreements.write_template")
    taken = take_revision(TemplateVersion, version.pk, expected=revision)
    read = read_clauses(clauses, places=())
    if taken.frozen_at is not None:
        newest = TemplateVersion.objects.select_for_update().filter(template=taken.template).first()
        if newest is not None and newest.pk != taken.pk:
            raise ValidationError(_("There is a newer version of this template. Change that one."))
        taken = TemplateVersion(template=taken.template, number=taken.number + 1, written_by=actor)
    taken.clauses = read
    taken.save()
    _record(actor, taken)
    return taken


@transaction.atomic
def retire_template(*, actor: Person, template: Template) -> Template:
    """Offer a template no more; agreements drafted from it keep it."""
    demand(actor, "agreements.write_template")
    template.retired_on = timezone.localdate()
    template.save(update_fields=["retired_on"])
    ledger.record(actor=actor, type=events.TEMPLATE_RETIRED, subject=template, payload={"name_zh": template.name_zh})
    return template


@transaction.atomic
def load_standard_templates(*, actor: Person) -> int:
    """Write the templates that come with Ronghe, those that are missing; return how many."""
    demand(actor, "agreements.write_template")
    known = set(Template.objects.values_list("name_zh", flat=True))
    missing = [one for one in standard.TEMPLATES if one["name_zh"] not in known]
    for one in missing:
        write_template(actor=actor, **one)
    return len(missing)


def freeze(version: TemplateVersion) -> None:
    """Freeze a version at its first use; called inside the transaction that drafts from it."""
    locked = TemplateVersion.objects.select_for_update().get(pk=version.pk)
    if locked.frozen_at is None:
        locked.frozen_at, locked.digest = timezone.now(), digest_of(locked.clauses)
        locked.save(update_fields=["frozen_at", "digest"])
    version.frozen_at, version.digest = locked.frozen_at, locked.digest


def _record(actor: Person, version: TemplateVersion) -> None:
    ledger.record(
        actor=actor,
        type=events.TEMPLATE_WRITTEN,
        subject=version.template,
        payload={
            "name_zh": version.template.name_zh,
            "version": version.number,
            "digest": digest_of(version.clauses),
        },
    )
