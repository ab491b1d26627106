"""Invitations to a chain by mail: a link that opens once and ends, for a firm that need not be on the register yet."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.community import events, standing
from ronghe.apps.community.models import (
    Admission,
    Chain,
    ChainInvitation,
    ChainMembership,
    Organisation,
    OrganisationKind,
    Region,
    Role,
    RoleKind,
    Tier,
)
from ronghe.apps.community.rules import is_confirmed
from ronghe.apps.community.services.admissions import open_admission
from ronghe.apps.community.services.organisations import clean_organisation, registered_payload
from ronghe.apps.community.services.permission import demand
from ronghe.apps.community.services.roles import given_payload
from ronghe.apps.ledger import services as ledger

VALID_DAYS = 14
# What one firm may send in a day: enough for work, too few for a flood of mail.
MOST_A_DAY = 20
_LANGUAGES = ("zh-hans", "en")


class InvitationClosed(Exception):
    """The link does not open any more; the text says why and what to do."""


def digest_of(key: str) -> str:
    """What is kept of a link's key."""
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def invite_to_chain(
    *,
    actor: Person,
    chain: Chain,
    email: str,
    organisation_name: str,
    tier: str = Tier.MEMBER,
    organisation: Organisation | None = None,
    on_behalf_of: Organisation | None = None,
    message: str = "",
) -> ChainInvitation:
    """Invite a firm to apply; the mail goes out when the transaction has succeeded.

    A member's HR invites on behalf of its own firm, which must be confirmed and is named as who brought the firm in."""
    demand(actor, "community.invite_to_chain", chain)
    Chain.objects.select_for_update().get(pk=chain.pk)
    today = timezone.localdate()
    if not standing.holds(actor, RoleKind.OFFICE):
        mine = standing.organisations(actor, RoleKind.ENTERPRISE_HR)
        if on_behalf_of is None or on_behalf_of.pk not in mine:
            raise PermissionDenied(_("You can invite on behalf of your own firm only."))
        if tier == Tier.LEADER:
            raise PermissionDenied(_("Only the community office invites a chain leader."))
    if on_behalf_of is not None:
        if not ChainMembership.objects.on(today).filter(chain=chain, organisation=on_behalf_of).exists():
            raise ValidationError(
                {"on_behalf_of": _("“%(name)s” is not in this chain today.") % {"name": on_behalf_of.name}}
            )
        if not is_confirmed(actor, on_behalf_of):
            raise ValidationError(
                {"on_behalf_of": _("“%(name)s” is not confirmed yet and cannot invite.") % {"name": on_behalf_of.name}}
            )
    if tier == Tier.UNIVERSITY:
        raise ValidationError({"tier": _("Universities are admitted by the office; invite enterprises.")})
    if chain.closed_on is not None and chain.closed_on <= today:
        raise ValidationError(_("The chain closed on %(day)s.") % {"day": chain.closed_on})
    sent = ChainInvitation.objects.filter(invited_by=actor, sent_at__gt=timezone.now() - timedelta(days=1))
    if sent.count() >= MOST_A_DAY:
        raise ValidationError(_("That is enough invitations for one day. Go on tomorrow."))
    waiting = ChainInvitation.objects.filter(chain=chain, email__iexact=email, accepted_at__isnull=True)
    if waiting.filter(revoked_at__isnull=True, expires_at__gt=timezone.now()).exists():
        raise ValidationError({"email": _("An invitation to this address waits already. Revoke it to send another.")})
    key = secrets.token_urlsafe(32)
    invitation = ChainInvitation(
        chain=chain,
        tier=tier,
        email=email.strip().lower(),
        organisation_name=(organisation.name_zh if organisation else organisation_name).strip(),
        organisation=organisation,
        on_behalf_of=on_behalf_of,
        invited_by=actor,
        message=message.strip(),
        key_digest=digest_of(key),
        expires_at=timezone.now() + timedelta(days=VALID_DAYS),
    )
    invitation.full_clean()
    invitation.save()
    ledger.record(
        actor=actor,
        type=events.INVITATION_SENT,
        subject=chain,
        payload={
            "organisation_name": invitation.organisation_name,
            "tier": tier,
            "email": invitation.email,
            "on_behalf_of": on_behalf_of,
            "expires_at": invitation.expires_at,
        },
    )
    link = f"{settings.RONGHE_PUBLIC_URL.rstrip('/')}{reverse('community:invitation_open', args=[key])}"
    transaction.on_commit(lambda: _send(invitation, link))
    return invitation


def _send(invitation: ChainInvitation, link: str) -> None:
    """One mail in both languages, Chinese first: what the receiver reads is not known."""
    subjects, texts = [], []
    for language in _LANGUAGES:
        with override(language):
            inviter = invitation.on_behalf_of or _("The community office")
            facts = {
                "firm": invitation.organisation_name,
                "chain": invitation.chain.name,
                "inviter": str(inviter),
                "link": link,
                "until": date_format(timezone.localtime(invitation.expires_at), "Y-m-d H:i"),
            }
            subjects.append(_("Invitation to the chain “%(chain)s”") % facts)
            parts = [_("%(inviter)s invites “%(firm)s” to apply for a place in “%(chain)s”.") % facts]
            if invitation.message:
                parts.append(invitation.message)
            parts.append(_("Open this link to accept; it works once, until %(until)s:\n%(link)s") % facts)
            parts.append(_("If you do not know who sent this, leave it alone; nothing happens then."))
            texts.append("\n\n".join(parts))
    send_mail(" · ".join(subjects), "\n\n———\n\n".join(texts) + "\n", None, [invitation.email])


def _closed(invitation: ChainInvitation) -> None:
    said = {
        "accepted": _("This invitation was accepted already. Sign in to go on with the application."),
        "revoked": _("This invitation was taken back. Ask whoever invited you."),
        "expired": _("This invitation has expired. Ask whoever invited you for another."),
    }
    if invitation.state in said:
        raise InvitationClosed(said[invitation.state])


def find_invitation(key: str) -> ChainInvitation:
    """The invitation a link opens. Raises InvitationClosed when there is none or it does not open any more."""
    found = (
        ChainInvitation.objects.select_related("chain", "organisation", "on_behalf_of")
        .filter(key_digest=digest_of(key))
        .first()
    )
    if found is None:
        raise InvitationClosed(_("There is no such invitation. Open the link of the mail as a whole."))
    _closed(found)
    return found


@transaction.atomic
def accept_invitation(
    *,
    key: str,
    person_name: str = "",
    name_zh: str = "",
    name_en: str = "",
    registration_number: str = "",
    region: Region | None = None,
    website: str = "",
    statement: str = "",
    language: str = "zh-hans",
) -> Admission:
    """Accept an invitation: who holds the link reads the mail of the invited address and becomes HR of the firm.

    The firm goes on the register, not confirmed, unless the invitation names one that is there; then the invited
    address must belong to its HR. Raises InvitationClosed, ValidationError.
    """
    invitation = ChainInvitation.objects.select_for_update().get(pk=find_invitation(key).pk)
    _closed(invitation)
    if invitation.organisation is not None:
        person = Person.objects.filter(email=invitation.email, erased_at__isnull=True).first()
        if person is None or not standing.holds(person, RoleKind.ENTERPRISE_HR, invitation.organisation_id):
            raise ValidationError(
                _("This address belongs to nobody in HR of “%(name)s”. Ask the community office to appoint you first.")
                % {"name": invitation.organisation.name}
            )
        organisation = invitation.organisation
    else:
        if not person_name.strip():
            raise ValidationError({"person_name": _("Give your name.")})
        if not registration_number.strip():
            raise ValidationError({"registration_number": _("Give the code of the business licence.")})
        people = accounts.find_or_add_people(
            actor=None, people={invitation.email: person_name.strip()}, language=language
        )
        person = people[invitation.email]
        organisation = Organisation(
            kind=OrganisationKind.ENTERPRISE,
            name_zh=name_zh,
            name_en=name_en,
            registration_number=registration_number,
            region=region,
            website=website,
            registered_by=person,
        )
        clean_organisation(organisation)
        organisation.save()
        ledger.record(
            actor=person,
            type=events.ORGANISATION_REGISTERED,
            subject=organisation,
            payload=registered_payload(organisation),
        )
        role = Role.objects.create(
            person=person,
            organisation=organisation,
            kind=RoleKind.ENTERPRISE_HR,
            valid_from=timezone.localdate(),
        )
        standing.forget(person)
        ledger.record(actor=None, type=events.ROLE_GIVEN, subject=person, payload=given_payload(role))
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    admission = open_admission(
        actor=person,
        chain=invitation.chain,
        organisation=organisation,
        tier=invitation.tier,
        statement=statement,
        brought_in_by=invitation.on_behalf_of,
        invitation=invitation,
    )
    ledger.record(
        actor=person,
        type=events.INVITATION_ACCEPTED,
        subject=invitation.chain,
        payload={"organisation": organisation, "person": person},
    )
    return admission


@transaction.atomic
def revoke_invitation(*, actor: Person, invitation: ChainInvitation) -> None:
    """Take an invitation back that nobody has accepted: the office, or HR of the firm on whose behalf it was sent."""
    demand(actor, "community.invite_to_chain", invitation.chain)
    mine = invitation.on_behalf_of_id in standing.organisations(actor, RoleKind.ENTERPRISE_HR)
    if not (mine or standing.holds(actor, RoleKind.OFFICE)):
        raise PermissionDenied(_("Only the office and whoever sent an invitation take it back."))
    current = ChainInvitation.objects.select_for_update().get(pk=invitation.pk)
    if current.state not in ("waiting", "expired"):
        raise ValidationError(_("This invitation was accepted or taken back already."))
    current.revoked_at = timezone.now()
    current.save(update_fields=["revoked_at"])
    ledger.record(actor=actor, type=events.INVITATION_REVOKED, subject=current.chain)
