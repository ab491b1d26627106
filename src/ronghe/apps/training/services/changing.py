"""Change the days, the host, the hours or the mentor of a placement that is planned or runs: one deed, or nothing."""

from dataclasses import asdict, dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import selectors as agreements
from ronghe.apps.agreements.models import Agreement, InstrumentState, Term
from ronghe.apps.community import standing
from ronghe.apps.community.models import Role, RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.mentors.models import Appointment
from ronghe.apps.metrics import dated
from ronghe.apps.training import events, letters
from ronghe.apps.training.models import (
    OPEN,
    UNDECIDED,
    Entry,
    EntryState,
    Placement,
    PlacementState,
    Stay,
    Supervision,
    SupervisionKind,
)
from ronghe.apps.training.services.history import (
    DAY,
    Hosts,
    Times,
    begin_stays,
    check_hosts,
    check_room,
    end_all,
    known_stays,
    lock_student,
    stays_from,
)
from ronghe.apps.training.services.planning import check_agreement, check_days, check_seat, take
from ronghe.apps.training.services.study import check_study, note_study
from ronghe.apps.training.services.supervising import begin_supervision, end_supervisions, supervisor_on


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be otherwise; None leaves a matter as it is.

    Of a placement that has begun, hosts, times and mentor are others from `on`; of a planned one, from its first day.
    """

    starts_on: date | None = None
    ends_on: date | None = None
    hosts: Hosts | None = None
    times: Times | None = None
    mentor: Person | None = None
    agreement: Agreement | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class _Target:
    """A placement as it will be, and from when the changed matters are so."""

    placement: Placement
    old: tuple[date, date]
    hosts: Hosts
    times: Times
    on: date
    is_planned: bool
    moves_host: bool


@transaction.atomic
def change_placement(
    *,
    actor: Person,
    placement: Placement,
    change: Change,
    reason: str,
    revision: int | None = None,
    despite_study: bool = False,
) -> Placement:
    """Change a placement with a reason; student, mentors, teacher and the hosts' HR are told.

    HR of a host moves days, hours and mentor; other hosts, and an end before the one agreed, are the office's. Raises
    ValidationError by field for days the agreement does not cover, a mentor without a free slot, another placement in
    the way; MeetsClasses unless `despite_study`; StaleRevision.
    """
    placement = take(actor, "training.change_placement", placement, OPEN, revision)
    if change == Change(on=change.on):
        raise ValidationError(_("Nothing would change."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why; student, mentor and teacher will read it.")})
    student = lock_student(placement)
    target = _target(placement, change)
    if change.hosts is not None:
        demand(actor, "training.change_hosts", placement)
    first, last = placement.starts_on, placement.ends_on
    if not target.is_planned and last < target.old[1]:
        demand(actor, "training.stop_placement", placement)
        _check_evidence(placement, last)
    check_days(student, first, last)
    check_hosts(target.hosts)
    target.times.check()
    check_seat(placement.position, target.hosts, first, last, but=placement)
    _check_covered(actor, target, change.agreement)
    if student is not None:
        check_room(student, target.hosts, target.on, last, but=placement)
    concerned = _people(placement)
    _move_stays(target, reason.strip()[:300])
    _move_supervisors(actor, target, change.mentor)
    placement.save()
    check_study(placement, target.on, last, despite=despite_study)
    note_study(placement, target.old[0], target.old[1])
    ledger.record(actor=actor, type=events.PLACEMENT_CHANGED, subject=placement, payload=_said(target, change, reason))
    told = (concerned | _people(placement)) - {actor}
    letters.tell_change(placement, sorted(told, key=lambda one: one.pk), reason.strip())
    return placement


def _target(placement: Placement, change: Change) -> _Target:
    """Set the new days on the placement, unsaved, and gather what it will be."""
    old = placement.starts_on, placement.ends_on
    is_planned = placement.state == PlacementState.PLANNED
    stays = known_stays(placement)
    begun = min((stay.valid_from for stay in stays), default=old[0])
    if change.starts_on not in (None, old[0]) and not is_planned:
        raise ValidationError({"starts_on": _("It began on %(day)s; that cannot be changed.") % {"day": begun}})
    placement.starts_on = change.starts_on or old[0]
    placement.ends_on = change.ends_on or old[1]
    last = min(old[1], placement.ends_on)
    on = placement.starts_on if is_planned else change.on or max(begun, min(timezone.localdate(), last))
    if not is_planned and not begun <= on <= last:
        raise ValidationError({"on": _("Choose a day from %(first)s to %(last)s.") % {"first": begun, "last": last}})
    shown = [stay for stay in stays if stay.holds_on(on)] or stays
    hosts = change.hosts or [(stay.organisation, stay.share) for stay in shown]
    before = {stay.organisation_id for stay in shown}
    return _Target(
        placement,
        old,
        hosts,
        change.times or Times.of(shown[0]),
        on,
        is_planned,
        {host.pk for host, _share in hosts} != before,
    )


def _check_evidence(placement: Placement, last: date) -> None:
    """Weeks that begin after the new last day must not have been handed in."""
    later = Entry.objects.filter(placement=placement, week__gt=last, state__in=[*UNDECIDED, EntryState.CONFIRMED])
    week = later.order_by("week").values_list("week", flat=True).first()
    if week is not None:
        raise ValidationError(
            {"ends_on": _("Work of the week of %(week)s is handed in; it cannot end before.") % {"week": week}}
        )


def _check_covered(actor: Person, target: _Target, named: Agreement | None) -> None:
    """The three-party agreement, if there is one, is with these hosts and covers these days."""
    placement, (was_first, was_last) = target.placement, target.old
    hosts = {host.pk for host, _share in target.hosts}
    if named is not None:
        if agreements.find(actor, named.uid) is None:
            raise ValidationError({"agreement": _("There is no such agreement, or it is not open to you.")})
        check_agreement(placement, named, hosts)
        placement.agreement = named
        placement.paper_number, placement.paper_signed_on = "", None
    is_longer = placement.starts_on < was_first or placement.ends_on > was_last
    if placement.paper_signed_on is not None:
        if (is_longer or target.moves_host) and not standing.holds(actor, RoleKind.OFFICE):
            raise ValidationError(_("The agreement is on paper, so its days are not known here. Ask the office."))
        return
    if placement.agreement is None:
        return
    parties = set(placement.agreement.parties.values_list("organisation", flat=True))
    if strange := [host for host, _share in target.hosts if host.pk not in parties]:
        raise ValidationError(
            {
                "host": _("%(host)s is no party of the three-party agreement. Name one that it signed.")
                % {"host": strange[0].name}
            }
        )
    span = _agreed(placement.agreement)
    if span is None or (span[0] <= placement.starts_on and placement.ends_on <= span[1]):
        return
    raise ValidationError(
        {
            "ends_on" if placement.ends_on > span[1] else "starts_on": _(
                "The three-party agreement is for %(first)s to %(last)s. Have it amended first, then change the days."
            )
            % {"first": span[0], "last": span[1]}
        }
    )


def _agreed(agreement: Agreement) -> tuple[date, date] | None:
    """The days that an agreement covers, or its newest draft would; None while no days stand."""
    term = Term.objects.known().filter(agreement=agreement).first()
    if term is not None:
        return term.valid_from, term.valid_until - DAY if term.valid_until is not None else date.max
    draft = agreement.instruments.exclude(state=InstrumentState.WITHDRAWN).order_by("-number").first()
    return None if draft is None else (draft.first_day, draft.last_day or date.max)


def _move_stays(target: _Target, reason: str) -> None:
    placement, until = target.placement, target.placement.ends_on + DAY
    if target.is_planned:
        for stay in known_stays(placement):
            dated.withdraw(stay)
        begin_stays(
            placement,
            target.hosts,
            placement.starts_on,
            until,
            target.times,
            state=PlacementState.PLANNED,
            reason=reason,
        )
        return
    if target.moves_host or _changes_week(target):
        _replace(target, reason)
    for stay in known_stays(placement):
        if stay.last_day == target.old[1] and stay.valid_until != until:
            if stay.valid_from >= until:
                dated.withdraw(stay)
            else:
                dated.supersede(stay, valid_until=until, reason=reason)
    end_all(stays_from(placement, until), until)


def _changes_week(target: _Target) -> bool:
    """Whether shares, days of the week or hours become others."""
    rows = [stay for stay in stays_from(target.placement, target.on) if stay.holds_on(target.on)]
    shares = {host.pk: share for host, share in target.hosts}
    return any(Times.of(row) != target.times or shares.get(row.organisation_id) != row.share for row in rows)


def _replace(target: _Target, reason: str) -> None:
    """From `on` the student is at the target's hosts and times; what rests or is to rest goes on resting."""
    rows = stays_from(target.placement, target.on)
    spans: dict[tuple[date, date | None, str], Stay] = {}
    for row in rows:
        spans.setdefault((max(row.valid_from, target.on), row.valid_until, row.state), row)
    end_all(rows, target.on)
    for (first, until, state), row in sorted(spans.items(), key=lambda one: one[0][0]):
        # A row that is replaced on its own first day never held: what it said of the start goes on to the next one.
        is_whole = first == row.valid_from
        begin_stays(
            target.placement,
            target.hosts,
            first,
            until,
            target.times,
            state=state,
            is_first=is_whole and row.is_first,
            without_agreement=is_whole and row.without_agreement,
            reason=reason,
        )


def _move_supervisors(actor: Person, target: _Target, mentor: Person | None) -> None:
    placement, until = target.placement, target.placement.ends_on + DAY
    known = Supervision.objects.known().filter(placement=placement)
    rows = list(known.select_related("slot__mentor", "person").order_by("valid_from", "pk"))
    old_until = target.old[1] + DAY
    for kind in SupervisionKind:
        own = [row for row in rows if row.kind == kind]
        changed = mentor if kind == SupervisionKind.MENTOR else None
        if target.is_planned:
            person = changed or next((row.person for row in own if row.person is not None), None)
            end_supervisions(actor, own, min(placement.starts_on, target.old[0]))
            if person is not None and (changed is not None or _fits(target, kind, person)):
                begin_supervision(actor, placement, kind, person, placement.starts_on)
        elif changed is not None:
            end_supervisions(actor, own, target.on)
            begin_supervision(actor, placement, kind, changed, target.on)
        else:
            if target.moves_host and kind == SupervisionKind.MENTOR:
                _check_mentor_stays(target)
            end_supervisions(actor, own, until)
            last = next((row for row in own if row.valid_until == old_until), None)
            if last is not None and last.person is not None and until > old_until:
                begin_supervision(actor, placement, kind, last.person, old_until)


def _fits(target: _Target, kind: SupervisionKind, person: Person) -> bool:
    """Whether who looked after a planned placement may do so at its new hosts; a teacher always may."""
    if kind == SupervisionKind.TEACHER or not target.moves_host:
        return True
    where = [host.pk for host, _share in target.hosts]
    return Appointment.objects.on(target.placement.starts_on).filter(person=person, organisation__in=where).exists()


def _check_mentor_stays(target: _Target) -> None:
    """A student who works is never without a mentor of a host."""
    mentor = supervisor_on(target.placement, SupervisionKind.MENTOR, target.on)
    where = [host.pk for host, _share in target.hosts]
    if mentor is None or not Appointment.objects.on(target.on).filter(person=mentor, organisation__in=where).exists():
        raise ValidationError({"mentor": _("Name a mentor of the new host; the one there was is none of it.")})


def _people(placement: Placement) -> set[Person]:
    """Whom a change concerns: the student, who looks after the placement, and HR of its hosts."""
    today = timezone.localdate()
    found = {placement.person} if placement.person is not None else set()
    ahead = Supervision.objects.known().filter(placement=placement, person__isnull=False, valid_until__gt=today)
    found |= {one.person for one in ahead.select_related("person") if one.person is not None}
    firms = {stay.organisation_id for stay in known_stays(placement) if stay.last_day is None or stay.last_day >= today}
    roles = Role.objects.on(today).filter(kind=RoleKind.ENTERPRISE_HR, organisation__in=firms).select_related("person")
    return found | {role.person for role in roles}


def _said(target: _Target, change: Change, reason: str) -> dict[str, object]:
    """What the ledger keeps: the placement as it is now, from when, and why."""
    placement = target.placement
    given: dict[str, object] = {
        "student": placement.person,
        "starts_on": placement.starts_on,
        "ends_on": placement.ends_on,
        "hosts": [host for host, _share in target.hosts],
        "shares": [share for _host, share in target.hosts],
        "days": target.times.days,
        "hours": [f"{moment:%H:%M}" for name, moment in asdict(target.times).items() if name != "days"],
        "on": target.on,
        "reason": reason.strip(),
    }
    if change.mentor is not None:
        given["mentor"] = change.mentor
    if placement.agreement is not None:
        given["agreement"] = placement.agreement
    return given
