"""Class hours: claimed by the mentor or by the university, decided by the other side, with the fee of their day."""

from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import Cohort, Organisation, OrganisationKind, RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.mentors import events
from ronghe.apps.mentors.models import MINUTES, Appointment, ClassHour, EntryKind, FeeEntry, HourState
from ronghe.apps.mentors.models.hours import A_DAY
from ronghe.apps.mentors.rules import has_stake
from ronghe.apps.mentors.services.appointments import lock_person
from ronghe.apps.mentors.services.standards import benchmark_on, standard_on

MOST_A_DAY = Decimal(12)
STEP = Decimal("0.5")
FEN = Decimal("0.01")


def _appointment(mentor: Person, organisation: Organisation | None, day: date) -> Appointment:
    held = Appointment.objects.on(day).filter(person=mentor).select_related("organisation__region")
    if organisation is not None:
        held = held.filter(organisation=organisation)
    found = list(held.order_by("pk"))
    if not found:
        raise ValidationError({"taught_on": _("%(mentor)s was no mentor on %(day)s.") % {"mentor": mentor, "day": day}})
    if len(found) > 1:
        raise ValidationError(
            {"organisation": _("%(mentor)s mentors for several organisations: say for which.") % {"mentor": mentor}}
        )
    return found[0]


def _check_side(actor: Person, mentor: Person, university: Organisation) -> None:
    if actor.pk != mentor.pk and not standing.holds(actor, RoleKind.TEACHER, university.pk):
        raise PermissionDenied(_("Class hours are claimed by the mentor, or by a teacher of the university."))


@transaction.atomic
def claim_hours(
    *,
    actor: Person,
    mentor: Person,
    university: Organisation,
    taught_on: date,
    starts_at: time,
    class_hours: Decimal,
    subject: str,
    organisation: Organisation | None = None,
    cohort: Cohort | None = None,
    cause: str = "",
) -> ClassHour:
    """Claim class hours of a mentor on a local day from a local time on; the other side then decides.

    Raises ValidationError by field, also where the mentor taught something else at that time.
    """
    _check_side(actor, mentor, university)
    lock_person(mentor)
    if university.kind != OrganisationKind.UNIVERSITY:
        raise ValidationError({"university": _("Choose the university whose students were taught.")})
    if cohort is not None and cohort.organisation_id != university.pk:
        raise ValidationError({"cohort": _("This cohort is of another university.")})
    if taught_on > timezone.localdate():
        raise ValidationError({"taught_on": _("Only hours that were given can be claimed.")})
    if not 0 < class_hours <= MOST_A_DAY or class_hours % STEP:
        raise ValidationError(
            {"class_hours": _("Give class hours in halves, at most %(most)s a day.") % {"most": MOST_A_DAY}}
        )
    appointment = _appointment(mentor, organisation, taught_on)
    start = starts_at.hour * 60 + starts_at.minute
    minutes = int((class_hours * MINUTES).to_integral_value(ROUND_HALF_UP))
    if start + minutes > A_DAY:
        raise ValidationError(
            {"starts_at": _("These hours would end after midnight: claim them on the two days they lie on.")}
        )
    hour = ClassHour(
        mentor=mentor,
        organisation=appointment.organisation,
        kind=appointment.kind,
        title=appointment.title,
        university=university,
        taught_on=taught_on,
        start_minute=start,
        minutes=minutes,
        class_hours=class_hours,
        subject=subject.strip(),
        cohort=cohort,
        cause=cause.strip(),
        claimed_by=actor,
    )
    hour.clean_fields()
    if actor.pk != mentor.pk and has_stake(actor, hour):
        raise PermissionDenied(
            _("You are also of “%(firm)s”, whose mentor is paid: let a colleague without a stake claim.")
            % {"firm": appointment.organisation.name}
        )
    _refuse_overlaps(hour)
    try:
        with transaction.atomic():
            hour.save()
    except IntegrityError as error:
        raise ValidationError(_("Somebody claimed hours at that time a moment ago; look at the list.")) from error
    ledger.record(
        actor=actor,
        type=events.HOURS_CLAIMED,
        subject=hour,
        payload={
            "mentor": mentor,
            "university": university,
            "taught_on": taught_on,
            "class_hours": class_hours,
            "subject": hour.subject,
        },
    )
    return hour


def _refuse_overlaps(hour: ClassHour) -> None:
    held = ClassHour.objects.filter(
        mentor=hour.mentor,
        taught_on=hour.taught_on,
        state__in=[HourState.CLAIMED, HourState.CONFIRMED],
        start_minute__lt=hour.start_minute + hour.minutes,
    )
    if other := held.filter(start_minute__gt=hour.start_minute - F("minutes")).first():
        raise ValidationError(
            {
                "starts_at": _("“%(subject)s” of this mentor from %(begins)s to %(ends)s is claimed at that time.")
                % {"subject": other.subject, "begins": f"{other.begins:%H:%M}", "ends": f"{other.ends:%H:%M}"}
            }
        )


def _open_claim(actor: Person, hour: ClassHour) -> ClassHour:
    """The claim, locked, for somebody of the other side; whoever may not decide is told why."""
    if not actor.has_perm("mentors.decide_hours", hour):
        if actor.pk == hour.claimed_by_id:
            raise PermissionDenied(_("Whoever claimed hours cannot decide about them; the other side does."))
        if standing.holds(actor, RoleKind.TEACHER, hour.university_id) and has_stake(actor, hour):
            raise PermissionDenied(
                _("You are also of “%(firm)s”, whose mentor is paid: let a colleague without a stake decide.")
                % {"firm": hour.organisation.name}
            )
        raise PermissionDenied(
            _("The other side decides: a teacher of the university about a mentor's claim, the mentor about others.")
        )
    hour = ClassHour.objects.select_for_update(of=("self",)).select_related("organisation__region").get(pk=hour.pk)
    if hour.state != HourState.CLAIMED:
        raise ValidationError(_("Somebody has decided about these hours already."))
    hour.decided_by, hour.decided_at = actor, timezone.now()
    return hour


@transaction.atomic
def confirm_hours(*, actor: Person, hour: ClassHour) -> ClassHour:
    """Confirm hours as the other side. Their fee is by the standard in force on their day, and stays."""
    hour = _open_claim(actor, hour)
    hour.standard = standard_on(hour.taught_on, hour.kind, hour.title)
    if hour.standard is None:
        raise ValidationError(
            _("No fee standard was in force on %(day)s for this kind of mentor: the office publishes one first.")
            % {"day": hour.taught_on}
        )
    hour.benchmark = benchmark_on(hour.taught_on, hour.kind, hour.organisation.region)
    hour.state = HourState.CONFIRMED
    hour.save()
    entry = FeeEntry.objects.create(
        hour=hour,
        kind=EntryKind.FEE,
        class_hours=hour.class_hours,
        rate=hour.standard.amount,
        amount=fee_of(hour.class_hours, hour.standard.amount),
        recorded_at=hour.decided_at or timezone.now(),
    )
    ledger.record(
        actor=actor,
        type=events.HOURS_CONFIRMED,
        subject=hour,
        payload={
            "mentor": hour.mentor,
            "class_hours": hour.class_hours,
            "amount": entry.amount,
            "standard": hour.standard,
        },
    )
    return hour


def fee_of(class_hours: Decimal, rate: Decimal) -> Decimal:
    """Yuan for class hours, to the fen, half a fen up."""
    return (class_hours * rate).quantize(FEN, ROUND_HALF_UP)


@transaction.atomic
def refuse_hours(*, actor: Person, hour: ClassHour, reason: str) -> ClassHour:
    """Refuse a claim, with the reason that the claimant reads."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why, so that the claim can be mended.")})
    hour = _open_claim(actor, hour)
    hour.state, hour.reason = HourState.REFUSED, reason.strip()
    hour.save()
    ledger.record(
        actor=actor,
        type=events.HOURS_REFUSED,
        subject=hour,
        payload={"mentor": hour.mentor, "reason": hour.reason},
    )
    return hour


@transaction.atomic
def withdraw_hours(*, actor: Person, hour: ClassHour) -> None:
    """Take one's own claim back while nobody has decided about it."""
    demand(actor, "mentors.withdraw_hours", hour)
    hour = ClassHour.objects.select_for_update().get(pk=hour.pk)
    if hour.state != HourState.CLAIMED:
        raise ValidationError(_("Somebody has decided about these hours already."))
    hour.state = HourState.WITHDRAWN
    hour.save(update_fields=["state"])
    ledger.record(actor=actor, type=events.HOURS_WITHDRAWN, subject=hour, payload={"mentor": hour.mentor})
