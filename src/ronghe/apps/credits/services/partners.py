"""Institutions with which credits are exchanged: named with the key of their log, confirmed by a second person."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credits import events
from ronghe.apps.credits.models import Partner
from ronghe.apps.ledger import keys
from ronghe.apps.ledger import services as ledger
from ronghe.trust.checkpoint import NoteError, VerifierKey


@transaction.atomic
def name_partner(*, actor: Person, name_zh: str, name_en: str = "", log_key: str) -> Partner:
    """Write down an institution and the key of its log; nothing is exchanged until a second person confirms it."""
    demand(actor, "credits.name_partner")
    try:
        key = VerifierKey.parse(log_key.strip())
    except NoteError as error:
        raise ValidationError({"log_key": _("This is no key of a log: %(why)s.") % {"why": error}}) from error
    if key.name == keys.origin():
        raise ValidationError({"log_key": _("This is the key of this community's own log.")})
    partner = Partner(
        name_zh=name_zh.strip(),
        name_en=name_en.strip(),
        log_key=key.encode(),
        origin=key.name,
        named_by_uid=actor.uid,
    )
    partner.full_clean()
    partner.save()
    ledger.record(
        actor=actor,
        type=events.PARTNER_NAMED,
        subject=partner,
        payload={"name_zh": partner.name_zh, "log_key": partner.log_key},
    )
    return partner


@transaction.atomic
def confirm_partner(*, actor: Person, partner: Partner) -> Partner:
    """Confirm that the key is the institution's: compare it over another channel first."""
    demand(actor, "credits.name_partner")
    partner = Partner.objects.select_for_update().get(pk=partner.pk)
    if partner.confirmed_by_uid is not None:
        raise ValidationError(_("It is confirmed already."))
    if partner.named_by_uid == actor.uid:
        raise ValidationError(_("A second person confirms an institution: ask a colleague to compare the key."))
    partner.confirmed_by_uid = actor.uid
    partner.save()
    author = Person.objects.filter(uid=partner.named_by_uid).first()
    ledger.record(
        actor=actor,
        type=events.PARTNER_CONFIRMED,
        subject=partner,
        payload={"named_by": author.uid if author else partner.named_by_uid},
    )
    return partner


@transaction.atomic
def end_partner(*, actor: Person, partner: Partner, reason: str) -> Partner:
    """Take no more statements of an institution, and send it nothing more."""
    demand(actor, "credits.name_partner")
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it ends.")})
    partner = Partner.objects.select_for_update().get(pk=partner.pk)
    if partner.ended_on is not None:
        raise ValidationError(_("It has ended already."))
    partner.ended_on = timezone.localdate()
    partner.save()
    ledger.record(actor=actor, type=events.PARTNER_ENDED, subject=partner, payload={"reason": reason.strip()})
    return partner
