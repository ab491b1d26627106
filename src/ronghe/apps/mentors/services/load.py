"""Slots of mentors: taken and freed under the limit of each day, one taker at a time."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.mentors import events
from ronghe.apps.mentors.models import Appointment, LoadLimit, Offer, OfferState, Qualification, Slot
from ronghe.apps.mentors.models.load import LARGEST_LOAD
from ronghe.apps.mentors.selectors.load import peak
from ronghe.apps.mentors.services.appointments import lock_person
from ronghe.apps.metrics.dated import end, supersede, withdraw

_A_DAY = timedelta(days=1)


@transaction.atomic
def set_limit(*, actor: Person, trainees: int, clause: str, valid_from: date) -> LoadLimit:
    """Say how many trainees a mentor guides at a time from a day on. Who has more keeps them; none are added."""
    demand(actor, "mentors.set_limit")
    limit = LoadLimit(trainees=trainees, clause=clause.strip(), valid_from=valid_from, set_by_uid=actor.uid)
    limit.clean_fields()
    limit.validate_constraints(exclude={"superseded_at"})
    standing = LoadLimit.objects.known().order_by("-valid_from").first()
    if standing is not None:
        if valid_from < standing.valid_from:
            raise ValidationError(
                {"valid_from": _("A limit from %(day)s on stands already.") % {"day": standing.valid_from}}
            )
        if standing.valid_until is None:
            end(standing, valid_from)
    limit.save()
    ledger.record(
        actor=actor,
        type=events.LIMIT_SET,
        subject=limit,
        payload={"trainees": trainees, "clause": limit.clause, "valid_from": valid_from},
    )
    return limit


def limit_of(mentor: Person, first: date, last: date) -> int:
    """The lowest limit on the days from `first` to `last`: the rule's, or the load that the mentor accepted.

    Raises ValidationError where no rule says how many, or where terms were offered and not accepted.
    """
    rules = LoadLimit.objects.during(first, last).values_list("trainees", flat=True)
    if not rules:
        raise ValidationError(
            _("No load limit is in force on these days; the office sets one under “Mentors → Rules”.")
        )
    offers = Offer.objects.during(first, last).filter(person=mentor)
    offers = offers.filter(state__in=[OfferState.ACCEPTED, OfferState.WAITING])
    states = list(offers.values_list("state", "load"))
    accepted = [load for state, load in states if state == OfferState.ACCEPTED]
    if states and not accepted:
        raise ValidationError(
            _("%(mentor)s has not yet accepted the load and terms that were offered.") % {"mentor": mentor}
        )
    return min(*rules, *accepted, LARGEST_LOAD)


def _check_may_mentor(mentor: Person, student: Person, first: date, last: date) -> None:
    if last < first:
        raise ValidationError({"last_day": _("The last day comes before the first.")})
    if mentor.pk == student.pk:
        raise ValidationError({"student": _("Nobody mentors themselves.")})
    held = Appointment.objects.on(first).filter(person=mentor)
    if not held.exists():
        raise ValidationError(
            {"mentor": _("%(mentor)s is no appointed mentor on %(day)s.") % {"mentor": mentor, "day": first}}
        )
    if not any(one.valid_until is None or one.valid_until > last for one in held):
        until = max(one.valid_until for one in held if one.valid_until is not None)
        raise ValidationError(
            {
                "last_day": _("%(mentor)s is a mentor until %(day)s only; end the slot before.")
                % {"mentor": mentor, "day": until}
            }
        )
    if lapsed := Qualification.objects.filter(person=mentor).lapsed(first).first():
        raise ValidationError(
            {
                "mentor": _(
                    "“%(paper)s” of %(mentor)s was valid through %(day)s. Record its renewal and let it be confirmed."
                )
                % {"paper": lapsed.name, "mentor": mentor, "day": lapsed.expires_on}
            }
        )


def _number_anew(mentor: Person) -> None:
    """Give a mentor's slots the lowest numbers that fit, by their first days: spans then need no more than their peak.

    A greedy colouring of intervals in the order in which they begin is the smallest one there is.
    """
    known = Slot.objects.known().filter(mentor=mentor)
    known.update(number=F("number") + LARGEST_LOAD)
    free_from: list[date] = []
    for slot in known.order_by("valid_from", "pk"):
        until = slot.valid_until or date.max
        place = next((index for index, day in enumerate(free_from) if day <= slot.valid_from), len(free_from))
        free_from[place : place + 1] = [until]
        Slot.objects.filter(pk=slot.pk).update(number=place + 1)


@transaction.atomic
def take_slot(*, actor: Person, mentor: Person, student: Person, first_day: date, last_day: date, cause: str) -> Slot:
    """Give a student a place beside a mentor on the days from `first_day` to `last_day`.

    Raises ValidationError when the load is full on one of the days (it says how many are taken and when one frees),
    when a needed qualification has lapsed, or when the mentor has not accepted the load and terms offered.
    """
    demand(actor, "mentors.take_slot", mentor)
    lock_person(mentor)
    _check_may_mentor(mentor, student, first_day, last_day)
    limit = limit_of(mentor, first_day, last_day)
    held = list(Slot.objects.during(first_day, last_day).filter(mentor=mentor))
    if own := next((slot for slot in held if slot.student_id == student.pk), None):
        raise ValidationError(
            {
                "student": _("This student has this mentor already, from %(first)s to %(last)s.")
                % {"first": own.valid_from, "last": own.last_day}
            }
        )
    if (taken := peak(held, first_day, last_day)) >= limit:
        frees = sorted(slot.valid_until for slot in held if slot.valid_until is not None)
        raise ValidationError(
            _("%(mentor)s has %(taken)s of %(limit)s trainees on these days; the next slot frees on %(day)s.")
            % {"mentor": mentor, "taken": taken, "limit": limit, "day": frees[0]}
        )
    used = {slot.number for slot in held}
    if all(number in used for number in range(1, limit + 1)):
        _number_anew(mentor)
        used = set(Slot.objects.during(first_day, last_day).filter(mentor=mentor).values_list("number", flat=True))
    slot = Slot(
        mentor=mentor,
        student=student,
        number=next(number for number in range(1, LARGEST_LOAD + 1) if number not in used),
        valid_from=first_day,
        valid_until=last_day + _A_DAY,
        cause=cause.strip(),
    )
    slot.clean_fields()
    _save(slot)
    ledger.record(
        actor=actor,
        type=events.SLOT_TAKEN,
        subject=slot,
        payload={
            "mentor": mentor,
            "student": student,
            "first_day": first_day,
            "last_day": last_day,
            "cause": slot.cause,
        },
    )
    return slot


def _save(slot: Slot) -> None:
    """Save it; the database says when somebody else took the same number meanwhile."""
    try:
        with transaction.atomic():
            slot.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(
            _("Somebody took this slot a moment ago. Try again, or choose another mentor.")
        ) from error


@transaction.atomic
def free_slot(*, actor: Person, slot: Slot, last_day: date) -> Slot | None:
    """Let a slot end with `last_day`; None when that is before its first day: then it was never used.

    `slot` may be an older row of the same slot: the one known now is meant.
    """
    if not actor.has_perm("mentors.take_slot", slot.mentor):
        raise PermissionDenied(_("Your role in the community does not allow this. Ask the community office."))
    lock_person(slot.mentor)
    known = Slot.objects.known().filter(uid=slot.uid).first()
    if known is None:
        raise ValidationError(_("This slot was freed already."))
    if known.last_day is not None and last_day > known.last_day:
        raise ValidationError(
            {"last_day": _("It ends on %(day)s already; take a new slot for later days.") % {"day": known.last_day}}
        )
    if last_day < known.valid_from:
        withdraw(known)
        ended = None
    else:
        ended = supersede(known, valid_until=last_day + _A_DAY)
    ledger.record(
        actor=actor,
        type=events.SLOT_FREED,
        subject=ended or known,
        payload={"mentor": known.mentor, "student": known.student, "last_day": last_day},
    )
    return ended
