"""Frozen CRI results: what the index said on a day, kept with everything it was computed with."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.community.services.permission import demand
from ronghe.apps.curriculum import events
from ronghe.apps.curriculum.models import CriResult, Programme
from ronghe.apps.curriculum.selectors.index import IndexPage, Scope, index_page
from ronghe.apps.ledger import services as ledger


@transaction.atomic
def freeze_cri(
    *, actor: Person, programme: Programme | None = None, enterprise: Organisation | None = None
) -> CriResult:
    """Keep today's index with its interval, parameters and the hash of its inputs; a later change leaves it as it is.

    Raises ValidationError where there is no index.
    """
    demand(actor, "curriculum.freeze_cri")
    demand(actor, "curriculum.view_cri", enterprise)
    today = timezone.localdate()
    page = index_page(today, Scope(programme.pk if programme else None, enterprise.pk if enterprise else None))
    if page is None:
        raise ValidationError(_("There is no CRI to keep yet: nothing is asked for, or nothing is taught."))
    if not page.is_current:
        raise ValidationError(_("The index is being computed from today's data. Keep it when that is done."))
    explanation = page.result.explanation
    kept = CriResult.objects.create(
        enterprise=enterprise,
        programme=programme,
        as_of=today,
        value=page.result.cri,
        low=page.low,
        high=page.high,
        method=explanation.method,
        method_version=explanation.version,
        inputs_hash=explanation.inputs_hash,
        parameters=page.found.parameters,
        result=_content(page),
        frozen_by=actor,
    )
    ledger.record(
        actor=actor,
        type=events.CRI_FROZEN,
        subject=kept,
        payload={
            "as_of": today,
            "value": kept.value,
            "method": f"{kept.method}@{kept.method_version}",
            "inputs_hash": kept.inputs_hash,
        },
    )
    return kept


def _content(page: IndexPage) -> dict[str, Any]:
    return {
        "factors": [[one.name, one.value, one.exponent, one.cost] for one in page.factors],
        "skills": [
            {
                "skill": line.skill.code,
                "share": line.share,
                "level": line.level,
                "level_asked": line.level_asked,
                "coverage": line.coverage,
                "practice": line.practice,
                "lag": line.lag,
                "cost": line.cost,
            }
            for line in page.skills
        ],
        "requirements": len(page.found.requirement_keys),
        "prior_loss": page.prior_loss,
        "warnings": [one.text for one in page.result.explanation.warnings],
    }
