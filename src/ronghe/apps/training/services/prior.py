"""Work before the studies: the office or a teacher of the university states it from a paper, never the student."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.training import events
from ronghe.apps.training.models import Placement, PriorWork
from ronghe.apps.training.services.history import lock_student


@transaction.atomic
def state_prior_work(*, actor: Person, placement: Placement, months: int, paper: str) -> PriorWork:
    """State how many months the student of a placement worked before the studies; what was stated before is kept."""
    demand(actor, "training.state_prior_work", placement)
    student = lock_student(placement)
    if student is None:
        raise ValidationError(_("The student was erased."))
    if not paper.strip():
        raise ValidationError({"paper": _("Name the paper that proves it, such as the record of social insurance.")})
    stated = PriorWork(person=student, months=months, paper=paper.strip()[:200], stated_by=actor)
    stated.clean_fields()
    now = timezone.now()
    PriorWork.objects.known().filter(person=student).update(superseded_at=now)
    stated.recorded_at = now
    stated.save()
    ledger.record(
        actor=actor,
        type=events.PRIOR_WORK_STATED,
        subject=placement,
        payload={"student": student, "months": months, "paper": stated.paper},
    )
    return stated
