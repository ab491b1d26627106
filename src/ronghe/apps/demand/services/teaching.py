"""Requirements that are met: a released course package closes what it teaches. Who may release is not decided here."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.db.models import Q

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.demand import events
from ronghe.apps.demand.models import Requirement, RequirementState
from ronghe.apps.demand.services.counting import renew_data_version
from ronghe.apps.ledger import services as ledger


@transaction.atomic
def close_taught(*, actor: Person, skills: Mapping[int, int], on: date) -> list[Requirement]:
    """Close the requirements raised by day `on` that ask for `skills` (key → level taught) at no higher level.

    A requirement that names no level is met by any. Returns those closed.
    """
    demand(actor, "demand.close_taught")
    found = (
        Requirement.objects.select_for_update(of=("self",))
        .filter(closed_on__isnull=True, raised_on__lte=on, skill__in=skills)
        .filter(Q(skill_level__isnull=True) | Q(skill_level__lte=max(skills.values(), default=0)))
        .order_by("pk")
    )
    met = [one for one in found if one.skill_level is None or one.skill_level <= skills[one.skill_id]]
    for requirement in met:
        requirement.state, requirement.closed_on = RequirementState.RELEASED, on
        requirement.revision += 1
    Requirement.objects.bulk_update(met, ["state", "closed_on", "revision"])
    if met:
        renew_data_version()
        ledger.record_many(
            actor=actor,
            entries=[
                ledger.Entry(events.REQUIREMENT_TAUGHT, one, {"skill_level": skills[one.skill_id], "closed_on": on})
                for one in met
            ],
        )
    return met
