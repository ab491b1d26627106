"""Who may sign for an organisation: appointed by its HR or the office, dated, never by oneself."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import events
from ronghe.apps.agreements.models import InstrumentState, Signatory, Signature
from ronghe.apps.agreements.models.agreements import forget_signing
from ronghe.apps.agreements.services.signing import hand_over
from ronghe.apps.community.models import Organisation
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.metrics.dated import AlreadySuperseded, end


@transaction.atomic
def appoint_signatory(
    *,
    actor: Person,
    person: Person,
    organisation: Organisation,
    title_zh: str,
    valid_from: date,
    title_en: str = "",
    basis: str = "",
    valid_until: date | None = None,
) -> Signatory:
    """Let `person` sign for `organisation` from a day on. It gives no role, and no role gives it."""
    demand(actor, "agreements.appoint_signatory", organisation)
    if actor.pk == person.pk:
        raise ValidationError(
            {"email": _("Nobody appoints themselves. Ask a colleague of HR, or the community office.")}
        )
    Person.objects.select_for_update().get(pk=person.pk)
    if not person.is_active or person.erased_at is not None:
        raise ValidationError({"person": _("This person cannot sign in.")})
    row = Signatory(
        person=person,
        organisation=organisation,
        title_zh=title_zh.strip(),
        title_en=title_en.strip(),
        basis=basis.strip(),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    row.clean_fields(exclude=["person", "organisation"])
    if valid_until is not None and valid_until <= valid_from:
        raise ValidationError({"valid_until": _("It ends before it begins.")})
    held = Signatory.objects.known().filter(person=person, organisation=organisation)
    held = held.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=valid_from))
    if valid_until is not None:
        held = held.filter(valid_from__lt=valid_until)
    if (standing := held.first()) is not None:
        raise ValidationError(
            {"person": _("This person may sign for it already, since %(day)s.") % {"day": standing.valid_from}}
        )
    row.save()
    forget_signing(person)
    ledger.record(
        actor=actor,
        type=events.SIGNATORY_APPOINTED,
        subject=organisation,
        payload={
            "person": person,
            "organisation": organisation,
            "title": row.title_zh,
            "valid_from": valid_from,
            "valid_until": valid_until,
        },
    )
    return row


@transaction.atomic
def end_signatory(
    *, actor: Person, signatory: Signatory, on: date, successor: Person | None = None
) -> Signatory | None:
    """End a standing: `on` is the first day without it. Papers that wait for the person go to `successor`.

    Raises ValidationError when papers wait and nobody succeeds.
    """
    demand(actor, "agreements.appoint_signatory", signatory.organisation)
    current = Signatory.objects.known().filter(pk=signatory.pk).first()
    if current is None:
        raise AlreadySuperseded(_("Someone else changed this standing meanwhile. Look at it again."))
    if current.valid_until is not None and current.valid_until <= on:
        raise ValidationError({"on": _("It ends on %(day)s already.") % {"day": current.valid_until}})
    waiting = list(waiting_of(current)) if on <= timezone.localdate() else []
    if waiting and successor is None:
        raise ValidationError(
            {
                "successor": _("%(count)s papers wait for this person. Name the signatory who takes them over.")
                % {"count": len(waiting)}
            }
        )
    for signature in waiting:
        if successor is not None:
            hand_over(actor=actor, signature=signature, to=successor, reason=_("The standing of the signatory ended."))
    ended = end(current, on)
    forget_signing(current.person)
    ledger.record(
        actor=actor,
        type=events.SIGNATORY_ENDED,
        subject=current.organisation,
        payload={
            "person": current.person,
            "organisation": current.organisation,
            "valid_until": on,
            "handed_over": len(waiting),
        },
    )
    return ended


def waiting_of(signatory: Signatory) -> list[Signature]:
    """The signatures that wait for this person for this organisation."""
    return list(
        Signature.objects.waiting()
        .filter(
            person=signatory.person_id,
            party__organisation=signatory.organisation_id,
            instrument__state=InstrumentState.SENT,
        )
        .select_related("instrument__agreement", "party__organisation", "person")
    )
