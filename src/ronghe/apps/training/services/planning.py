"""Plan placements, from published assignments or by the office directly, and name their three-party agreements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import selectors as agreements
from ronghe.apps.agreements import services as papers
from ronghe.apps.agreements.models import Agreement, AgreementKind, Instrument, InstrumentState, Term
from ronghe.apps.community.models import CohortMembership, Organisation
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.apps.positions import selectors as positions
from ronghe.apps.positions.models import Assignment, Position
from ronghe.apps.training import events
from ronghe.apps.training.models import BEGUN, OPEN, WHOLE, Placement, PlacementState
from ronghe.apps.training.services.history import (
    DAY,
    Hosts,
    Times,
    begin_stays,
    check_hosts,
    check_room,
    known_stays,
    lock_student,
)
from ronghe.apps.training.services.study import check_study

_LONGEST_DAYS = 3 * 366


@dataclass(frozen=True, slots=True)
class Plan:
    """What a placement begins with: a student, days, hosts with their shares, and what the work is."""

    student: Person
    starts_on: date
    ends_on: date
    hosts: Hosts
    work_zh: str
    work_en: str = ""
    position: Position | None = None
    assignment: Assignment | None = None
    times: Times = field(default_factory=Times)


def university_of(student: Person | None, day: date) -> Organisation | None:
    """The university in one of whose cohorts the student is on a day."""
    if student is None:
        return None
    found = CohortMembership.objects.on(day).filter(person=student).select_related("cohort__organisation")
    membership = found.order_by("-valid_from").first()
    return membership.cohort.organisation if membership is not None else None


@transaction.atomic
def plan_placement(*, actor: Person, plan: Plan, despite_study: bool = False) -> Placement:
    """Plan a placement. Raises ValidationError by field, and for an overlap with another one of the student.

    MeetsClasses where class sessions of the student lie on its days and `despite_study` is not said.
    """
    demand(actor, "training.plan_placement")
    placement = _plan(actor, plan)
    check_study(placement, placement.starts_on, placement.ends_on, despite=despite_study)
    return placement


@dataclass(frozen=True, slots=True)
class Planned:
    """What came of planning for many: the placements, and for each student without one the sentences that say why.

    `meeting` are those of the placements that meet class sessions: they are planned, and somebody must speak about it.
    """

    placements: tuple[Placement, ...]
    refused: tuple[str, ...]
    meeting: tuple[Placement, ...] = ()


@transaction.atomic
def plan_placements(*, actor: Person, assignments: Iterable[Assignment]) -> Planned:
    """Plan one placement for each published assignment that has none yet and that fits; tell of each other why not."""
    demand(actor, "training.plan_placement")
    keys = [one.pk for one in assignments]
    published = positions.published_assignments().filter(pk__in=keys, placement__isnull=True).order_by("pk")
    planned, refused, meeting = [], [], []
    for one in published:
        if one.person is None or one.position is None:
            continue
        plan = Plan(
            student=one.person,
            starts_on=one.position.starts_on,
            ends_on=one.position.ends_on,
            hosts=[(one.position.organisation, WHOLE)],
            work_zh=one.position.title_zh,
            work_en=one.position.title_en,
            position=one.position,
            assignment=one,
        )
        try:
            with transaction.atomic():
                placement = _plan(actor, plan)
            planned.append(placement)
            if check_study(placement, placement.starts_on, placement.ends_on, despite=True):
                meeting.append(placement)
        except ValidationError as error:
            refused += [f"{one.person.name}: {sentence}" for sentence in error.messages]
    return Planned(tuple(planned), tuple(refused), tuple(meeting))


def _plan(actor: Person, plan: Plan) -> Placement:
    check_hosts(plan.hosts)
    plan.times.check()
    student = lock_student(plan.student)
    check_days(student, plan.starts_on, plan.ends_on)
    if student is None:
        raise ValidationError({"student": _("On the first day this person is a student of no cohort.")})
    check_seat(plan.position, plan.hosts, plan.starts_on, plan.ends_on)
    check_room(student, plan.hosts, plan.starts_on, plan.ends_on)
    placement = Placement(
        person=student,
        position=plan.position,
        assignment=plan.assignment,
        work_zh=plan.work_zh.strip(),
        work_en=plan.work_en.strip(),
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        planned_by=actor,
    )
    placement.clean_fields(exclude=["person", "position", "assignment"])
    placement.save()
    begin_stays(placement, plan.hosts, plan.starts_on, plan.ends_on + DAY, plan.times, state=PlacementState.PLANNED)
    ledger.record(
        actor=actor,
        type=events.PLACEMENT_PLANNED,
        subject=placement,
        payload={
            "student": student,
            "hosts": [host for host, _share in plan.hosts],
            "shares": [share for _host, share in plan.hosts],
            "starts_on": placement.starts_on,
            "ends_on": placement.ends_on,
            **({"position": plan.position} if plan.position else {}),
        },
    )
    return placement


def check_days(student: Person | None, first: date, last: date) -> None:
    """Refuse days in the wrong order, too many of them, and a first day on which nobody is a student."""
    if last < first:
        raise ValidationError({"ends_on": _("The last day comes after the first.")})
    if (last - first).days > _LONGEST_DAYS:
        raise ValidationError({"ends_on": _("A placement lasts three years at most.")})
    if university_of(student, first) is None:
        raise ValidationError({"student": _("On the first day this person is a student of no cohort.")})


def check_seat(
    position: Position | None, hosts: Hosts, first: date, last: date, *, but: Placement | None = None
) -> None:
    """The position has a seat that nobody sits in on those days, and its enterprise is a host."""
    if position is None:
        return
    position = Position.objects.select_for_update().get(pk=position.pk)
    there = Placement.objects.filter(position=position, state__in=OPEN, starts_on__lte=last, ends_on__gte=first)
    if but is not None:
        there = there.exclude(pk=but.pk)
    if there.count() >= position.seats:
        raise ValidationError(
            {"position": _("All %(seats)s seats of this position are taken on those days.") % {"seats": position.seats}}
        )
    if position.organisation_id not in {host.pk for host, _share in hosts}:
        raise ValidationError({"host": _("The enterprise of the position is one of the hosts.")})


def agreement_problem(placement: Placement, day: date) -> str:
    """Why no three-party agreement lets this placement begin on `day`; empty when one does."""
    if placement.paper_signed_on is not None:
        if placement.paper_signed_on <= day:
            return ""
        return _("The paper was signed on %(day)s, after the first day.") % {"day": placement.paper_signed_on}
    if placement.agreement_id is None:
        return _("No three-party agreement is named. Draft one, or name the one that was signed.")
    first = Instrument.objects.filter(agreement=placement.agreement_id, number=1).first()
    if first is None or first.state != InstrumentState.CONCLUDED or first.concluded_at is None:
        return _("The three-party agreement is not signed by all.")
    signed_on = timezone.localdate(first.concluded_at)
    if signed_on > day:
        return _("The three-party agreement was signed by all on %(day)s only, after the first day.") % {
            "day": signed_on
        }
    if not Term.objects.on(day).filter(agreement=placement.agreement_id).exists():
        return _("The three-party agreement is not in force on %(day)s.") % {"day": day}
    return ""


def wants_agreement(placement: Placement) -> bool:
    """Whether no three-party agreement is signed or on its way to be."""
    agreement = placement.agreement
    return agreement is None or not agreement.instruments.exclude(state=InstrumentState.WITHDRAWN).exists()


def check_agreement(placement: Placement, agreement: Agreement, hosts: Iterable[int]) -> None:
    """It is of the right kind and between this student, the hosts and the student's university."""
    parties = list(agreement.parties.all())
    organisations = {party.organisation_id for party in parties}
    wanted: set[int | None] = {*hosts}
    university = university_of(placement.person, placement.starts_on)
    if university is not None:
        wanted.add(university.pk)
    if agreement.kind != AgreementKind.THREE_PARTY:
        raise ValidationError({"agreement": _("This is no three-party placement agreement.")})
    if placement.person_id not in {party.person_id for party in parties} or not wanted <= organisations:
        raise ValidationError(
            {"agreement": _("Its parties are not this student, the host and the student's university.")}
        )


def take(
    actor: Person, permission: str, placement: Placement, states: Sequence[str], revision: int | None = None
) -> Placement:
    """Lock a placement for a step that begins in one of `states`.

    Raises PermissionDenied, ValidationError, and StaleRevision where it is no longer the `revision` that was read.
    """
    demand(actor, permission, placement)
    kept = Placement.objects.select_for_update().get(pk=placement.pk)
    if kept.state not in states:
        raise ValidationError(
            _("This placement is “%(state)s” now. Open it again to see what can be done with it.")
            % {"state": kept.get_state_display()}
        )
    return take_revision(Placement, kept.pk, expected=kept.revision if revision is None else revision)


@transaction.atomic
def name_agreement(*, actor: Person, placement: Placement, agreement: Agreement) -> Placement:
    """Name the three-party agreement of a placement."""
    placement = take(actor, "training.name_agreement", placement, [PlacementState.PLANNED, *BEGUN])
    if agreements.find(actor, agreement.uid) is None:
        raise ValidationError({"agreement": _("There is no such agreement, or it is not open to you.")})
    check_agreement(placement, agreement, {stay.organisation_id for stay in known_stays(placement)})
    placement.agreement = agreement
    placement.save()
    ledger.record(
        actor=actor,
        type=events.AGREEMENT_ATTACHED,
        subject=placement,
        payload={"student": placement.person, "agreement": agreement},
    )
    return placement


@transaction.atomic
def state_paper(*, actor: Person, placement: Placement, number: str, signed_on: date) -> Placement:
    """State that the agreement was signed on paper outside; the office answers for it with its name."""
    placement = take(actor, "training.plan_placement", placement, [PlacementState.PLANNED])
    if not number.strip():
        raise ValidationError({"number": _("Give the number under which the paper is kept.")})
    if signed_on > timezone.localdate():
        raise ValidationError({"signed_on": _("A paper cannot have been signed in the future.")})
    placement.paper_number, placement.paper_signed_on = number.strip()[:60], signed_on
    placement.save()
    ledger.record(
        actor=actor,
        type=events.PAPER_STATED,
        subject=placement,
        payload={"student": placement.person, "number": placement.paper_number, "signed_on": signed_on},
    )
    return placement


@transaction.atomic
def draft_three_party(*, actor: Person, placement: Placement) -> Instrument:
    """Draft the three-party agreement of a placement from the standard template, with its days and parties."""
    placement = take(actor, "training.name_agreement", placement, [PlacementState.PLANNED])
    if not wants_agreement(placement):
        raise ValidationError(_("This placement has an agreement already. Open it to see how far it is."))
    student = placement.person
    university = university_of(student, placement.starts_on)
    if student is None or university is None:
        raise ValidationError(_("On the first day this person is a student of no cohort."))
    version = agreements.newest_versions(actor).filter(template__kind=AgreementKind.THREE_PARTY).first()
    hosts = [stay.organisation for stay in known_stays(placement)]
    parties = [papers.PartyData(1, host) for host in hosts]
    parties += [papers.PartyData(2, university), papers.PartyData(3, person=student)]
    paper = papers.draft_agreement(
        actor=actor,
        data=papers.DraftData(
            title_zh=_title("%s实习三方协议", placement.work_zh, 160),
            title_en=_title("Three-party agreement: %s", placement.work_en or placement.work_zh, 200),
            kind=AgreementKind.THREE_PARTY,
            template=version,
            chain=placement.position.chain if placement.position else None,
            parties=parties,
            first_day=placement.starts_on,
            last_day=placement.ends_on,
        ),
    )
    placement.agreement = paper.agreement
    placement.save()
    ledger.record(
        actor=actor,
        type=events.AGREEMENT_ATTACHED,
        subject=placement,
        payload={"student": student, "agreement": paper.agreement},
    )
    return paper


def _title(pattern: str, work: str, most: int) -> str:
    return pattern % work[: most - len(pattern)]
