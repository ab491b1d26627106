"""Mentors come and go; their papers are recorded and confirmed; load and terms are offered and answered."""

import hashlib
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.mentors import events
from ronghe.apps.mentors.models import Appointment, MentorKind, Offer, OfferState, Profile, Qualification, Slot
from ronghe.apps.metrics.dated import end, supersede


def lock_person(person: Person) -> None:
    """One change of a mentor's appointments, slots and hours at a time."""
    Person.objects.select_for_update().get(pk=person.pk)


@transaction.atomic
def appoint_mentor(
    *,
    actor: Person,
    person: Person,
    organisation: Organisation,
    kind: str,
    valid_from: date,
    valid_until: date | None = None,
    title: str = "",
) -> Appointment:
    """Make `person` a mentor of `kind` for an organisation from a day on. Raises ValidationError by field."""
    demand(actor, "mentors.appoint", organisation)
    lock_person(person)
    appointment = Appointment(
        person=person,
        organisation=organisation,
        kind=kind,
        title=title,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    appointment.full_clean()
    if organisation.kind != MentorKind(kind).organisation_kind:
        said = _("“%(organisation)s” appoints no mentors of this kind: choose the kind that fits it.")
        raise ValidationError({"kind": said % {"organisation": organisation.name}})
    held = Appointment.objects.known().filter(person=person, organisation=organisation, kind=kind)
    held = held.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=valid_from))
    if valid_until is not None:
        held = held.filter(valid_from__lt=valid_until)
    if other := held.first():
        raise ValidationError(
            {"valid_from": _("This person is a mentor there already, since %(day)s.") % {"day": other.valid_from}}
        )
    appointment.save()
    ledger.record(
        actor=actor,
        type=events.MENTOR_APPOINTED,
        subject=appointment,
        payload={
            "mentor": person,
            "organisation": organisation,
            "kind": str(kind),
            "title": title or None,
            "valid_from": valid_from,
            "valid_until": valid_until,
        },
    )
    return appointment


@transaction.atomic
def end_appointment(*, actor: Person, appointment: Appointment, on: date) -> Appointment | None:
    """End it: `on` is the first day without it. Refused while a trainee would be left without a mentor."""
    demand(actor, "mentors.appoint", appointment.organisation)
    lock_person(appointment.person)
    if appointment.valid_until is not None and appointment.valid_until <= on:
        raise ValidationError({"on": _("It ends on %(day)s already.") % {"day": appointment.valid_until}})
    others = Appointment.objects.on(on).filter(person=appointment.person).exclude(uid=appointment.uid)
    left = Slot.objects.known().filter(mentor=appointment.person, valid_until__gt=on)
    if not others.exists() and (number := left.count()):
        raise ValidationError(
            {
                "on": _("%(number)s trainees still have this mentor on or after that day: give them another one first.")
                % {"number": number}
            }
        )
    ended = end(appointment, on)
    ledger.record(
        actor=actor,
        type=events.APPOINTMENT_ENDED,
        subject=ended or appointment,
        payload={"mentor": appointment.person, "organisation": appointment.organisation, "valid_until": on},
    )
    return ended


@transaction.atomic
def change_profile(
    *,
    actor: Person,
    person: Person,
    languages: str = "",
    overseas_months: int = 0,
    overseas_note: str = "",
    strengths: str = "",
) -> Profile:
    """Say what a mentor brings; what stood before is kept as it was known."""
    demand(actor, "mentors.change_profile", person)
    lock_person(person)
    fields: dict[str, Any] = {
        "languages": languages.strip(),
        "overseas_months": overseas_months,
        "overseas_note": overseas_note.strip(),
        "strengths": strengths.strip(),
    }
    if overseas_months and not fields["overseas_note"]:
        raise ValidationError({"overseas_note": _("Say where abroad it was, and at what.")})
    known = Profile.objects.known().filter(person=person).first()
    if known is None:
        profile = Profile(person=person, valid_from=timezone.localdate(), **fields)
        profile.full_clean()
        profile.save()
    else:
        Profile(person=person, valid_from=known.valid_from, **fields).clean_fields()
        profile = supersede(known, **fields)
    ledger.record(
        actor=actor,
        type=events.PROFILE_CHANGED,
        subject=profile,
        payload={
            "mentor": person,
            "languages": profile.languages,
            "overseas_months": overseas_months,
            "overseas_note": profile.overseas_note,
        },
    )
    return profile


@transaction.atomic
def record_qualification(
    *, actor: Person, person: Person, renews: Qualification | None = None, **fields: Any
) -> Qualification:
    """Record a paper of a mentor, or the renewal of one. It counts once somebody else has confirmed it."""
    demand(actor, "mentors.record_qualification", person)
    if renews is not None:
        if renews.person_id != person.pk:
            raise ValidationError(_("A paper is renewed by one of the same mentor."))
        if Qualification.objects.filter(renews=renews).exists():
            raise ValidationError(_("A renewal of this paper is recorded already."))
        fields["is_needed"] = renews.is_needed
    paper = Qualification(person=person, renews=renews, recorded_by=actor, **fields)
    paper.full_clean(validate_constraints=False)
    if paper.expires_on is not None and paper.expires_on < paper.issued_on:
        raise ValidationError({"expires_on": _("A paper expires after it was issued.")})
    if paper.issued_on > timezone.localdate():
        raise ValidationError({"issued_on": _("This day has not come yet.")})
    paper.save()
    ledger.record(
        actor=actor,
        type=events.QUALIFICATION_RECORDED,
        subject=paper,
        payload={
            "mentor": person,
            "name_zh": paper.name_zh,
            "issuer": paper.issuer,
            "issued_on": paper.issued_on,
            "expires_on": paper.expires_on,
            "renews": renews,
        },
    )
    return paper


@transaction.atomic
def confirm_qualification(*, actor: Person, paper: Qualification) -> Qualification:
    """Say that one has seen the paper. Never by its holder, and not by who recorded it."""
    demand(actor, "mentors.confirm_qualification", paper)
    paper = Qualification.objects.select_for_update().get(pk=paper.pk)
    if paper.confirmed_at is not None or paper.withdrawn_at is not None:
        raise ValidationError(_("This paper no longer waits for confirmation."))
    if paper.recorded_by_id == actor.pk:
        raise ValidationError(_("You recorded this paper: let a second person look at it."))
    paper.confirmed_by, paper.confirmed_at = actor, timezone.now()
    paper.save(update_fields=["confirmed_by", "confirmed_at"])
    ledger.record(actor=actor, type=events.QUALIFICATION_CONFIRMED, subject=paper, payload={"mentor": paper.person})
    return paper


@transaction.atomic
def withdraw_qualification(*, actor: Person, paper: Qualification, reason: str) -> None:
    """Take a paper out that was recorded wrongly."""
    demand(actor, "mentors.withdraw_qualification")
    paper = Qualification.objects.select_for_update().get(pk=paper.pk)
    if paper.withdrawn_at is not None:
        raise ValidationError(_("This paper was withdrawn already."))
    paper.withdrawn_at = timezone.now()
    paper.save(update_fields=["withdrawn_at"])
    ledger.record(
        actor=actor,
        type=events.QUALIFICATION_WITHDRAWN,
        subject=paper,
        payload={"mentor": paper.person, "reason": reason.strip()},
    )


def digest_of_terms(offer: Offer) -> str:
    """SHA-256 over the texts that a mentor accepts, so that the ledger says which ones they were."""
    text = "\n\n".join((offer.intellectual_property, offer.insurance))
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def offer_terms(
    *,
    actor: Person,
    person: Person,
    organisation: Organisation,
    load: int,
    intellectual_property: str,
    insurance: str,
    valid_from: date,
    valid_until: date | None = None,
) -> Offer:
    """Offer a mentor a load and the terms of it; until they accept, no trainee comes to them."""
    demand(actor, "mentors.offer_terms", organisation)
    lock_person(person)
    if not Appointment.objects.on(valid_from).filter(person=person, organisation=organisation).exists():
        raise ValidationError(
            {"valid_from": _("This person is no mentor of “%(name)s” on that day.") % {"name": organisation.name}}
        )
    offer = Offer(
        person=person,
        organisation=organisation,
        load=load,
        intellectual_property=intellectual_property.strip(),
        insurance=insurance.strip(),
        valid_from=valid_from,
        valid_until=valid_until,
        offered_by=actor,
    )
    offer.full_clean()
    waiting = Offer.objects.filter(person=person, organisation=organisation, state=OfferState.WAITING)
    if waiting.exists():
        raise ValidationError(_("An offer waits for this mentor's answer already; withdraw it first."))
    offer.save()
    ledger.record(
        actor=actor,
        type=events.TERMS_OFFERED,
        subject=offer,
        payload={
            "mentor": person,
            "organisation": organisation,
            "load": load,
            "terms": digest_of_terms(offer),
            "valid_from": valid_from,
            "valid_until": valid_until,
        },
    )
    return offer


def _open_offer(offer: Offer) -> Offer:
    offer = Offer.objects.select_for_update().get(pk=offer.pk)
    if offer.state != OfferState.WAITING:
        raise ValidationError(_("This offer no longer waits for an answer."))
    return offer


@transaction.atomic
def answer_terms(*, actor: Person, offer: Offer, accepts: bool, reason: str = "") -> Offer:
    """The mentor's own answer; a refusal says why."""
    demand(actor, "mentors.answer_terms", offer)
    if not accepts and not reason.strip():
        raise ValidationError({"reason": _("Say why, so that better terms can be offered.")})
    offer = _open_offer(offer)
    offer.state = OfferState.ACCEPTED if accepts else OfferState.DECLINED
    offer.answered_at, offer.reason = timezone.now(), "" if accepts else reason.strip()
    offer.save(update_fields=["state", "answered_at", "reason"])
    said: dict[str, Any] = {"mentor": offer.person}
    said |= {"load": offer.load, "terms": digest_of_terms(offer)} if accepts else {"reason": offer.reason}
    ledger.record(
        actor=actor,
        type=events.TERMS_ACCEPTED if accepts else events.TERMS_DECLINED,
        subject=offer,
        payload=said,
    )
    return offer


@transaction.atomic
def withdraw_terms(*, actor: Person, offer: Offer) -> None:
    """Take an unanswered offer back."""
    demand(actor, "mentors.withdraw_terms", offer)
    offer = _open_offer(offer)
    offer.state = OfferState.WITHDRAWN
    offer.save(update_fields=["state"])
    ledger.record(actor=actor, type=events.TERMS_WITHDRAWN, subject=offer, payload={"mentor": offer.person})
