"""Timetables: terms, sections of the day, and the class sessions of cohorts, taken in and taken back together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import AcademicYear, Campus, Cohort, CohortMembership, Organisation
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.apps.ledger.services import Entry
from ronghe.apps.metrics.dated import end, withdraw
from ronghe.apps.sites import events
from ronghe.apps.sites.models import SectionTime, Session, TeachingTerm
from ronghe.apps.sites.services.overlaps import note_overlaps
from ronghe.apps.sites.zones import A_DAY, clock

_SHOWN = 20
WEEK = 7


@transaction.atomic
def open_term(
    *,
    actor: Person,
    organisation: Organisation,
    academic_year: AcademicYear,
    name_zh: str,
    name_en: str = "",
    starts_on: date,
    weeks: int,
    zone: str = "Asia/Shanghai",
    keeps_holidays: bool = True,
) -> TeachingTerm:
    """Open a term of a university: weeks are counted from the Monday `starts_on`."""
    demand(actor, "sites.open_term", organisation)
    term = TeachingTerm(
        organisation=organisation,
        academic_year=academic_year,
        name_zh=name_zh.strip(),
        name_en=name_en.strip(),
        starts_on=starts_on,
        weeks=weeks,
        zone=zone,
        keeps_holidays=keeps_holidays,
    )
    term.full_clean()
    term.save()
    ledger.record(
        actor=actor,
        type=events.TERM_OPENED,
        subject=term,
        payload={"organisation": organisation, "starts_on": starts_on, "weeks": weeks},
    )
    return term


@transaction.atomic
def amend_term(*, actor: Person, term: TeachingTerm, revision: int, **changes: Any) -> TeachingTerm:
    """Change a term. Once it has classes its first Monday and its zone stay, and it ends no earlier than they do."""
    demand(actor, "sites.open_term", term.organisation)
    term = take_revision(TeachingTerm, term.pk, expected=revision)
    last = Session.objects.standing().filter(term=term).aggregate(last=Max("ends_at"))["last"]
    changed = sorted(name for name, value in changes.items() if getattr(term, name) != value)
    if last is not None:
        for name in {"starts_on", "zone"}.intersection(changed):
            raise ValidationError({name: _("It has classes already, dated by this. Take them back first.")})
        needed = (last.astimezone(ZoneInfo(term.zone)).date() - term.starts_on).days // WEEK + 1
        if changes.get("weeks", term.weeks) < needed:
            raise ValidationError(
                {"weeks": _("Classes are held until week %(week)s. Take the later ones back first.") % {"week": needed}}
            )
    for name in changed:
        setattr(term, name, changes[name])
    term.full_clean()
    term.save()
    ledger.record(actor=actor, type=events.TERM_AMENDED, subject=term, payload={"changed": changed})
    return term


@transaction.atomic
def set_sections(
    *, actor: Person, organisation: Organisation, sections: Mapping[int, tuple[int, int]], valid_from: date
) -> list[SectionTime]:
    """Say when the sections of the day begin and end (minutes) from a day on; what held before is kept."""
    demand(actor, "sites.open_term", organisation)
    previous = 0
    for number, (begins, ends) in sorted(sections.items()):
        if not (previous <= begins < ends <= A_DAY):
            raise ValidationError(
                _("Section %(number)s begins before the one before it ends, or ends before it begins.")
                % {"number": number}
            )
        previous = ends
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    for row in SectionTime.objects.known().filter(organisation=organisation).order_by("pk"):
        if row.valid_from >= valid_from:
            withdraw(row)
        elif row.valid_until is None or row.valid_until > valid_from:
            end(row, valid_from)
    made = SectionTime.objects.bulk_create(
        SectionTime(organisation=organisation, number=number, begins=begins, ends=ends, valid_from=valid_from)
        for number, (begins, ends) in sorted(sections.items())
    )
    ledger.record(
        actor=actor,
        type=events.SECTIONS_SET,
        subject=organisation,
        payload={
            "sections": [f"{row.number} {clock(row.begins)}–{clock(row.ends)}" for row in made],
            "valid_from": valid_from,
        },
    )
    return made


@dataclass(frozen=True, slots=True)
class Lesson:
    """One time that a cohort is to be taught."""

    cohort: Cohort
    course: str
    start: datetime
    end: datetime
    room: str = ""
    campus: Campus | None = None


@transaction.atomic
def schedule_sessions(*, actor: Person, term: TeachingTerm, lessons: Iterable[Lesson]) -> list[Session]:
    """Put class sessions on the timetable, all of them or none; bookings they meet are noted as overlaps.

    A session that stands already (cohort, course and beginning) is left as it is. Raises ValidationError when a cohort
    would be taught two things at a time.
    """
    wanted = list(lessons)
    if not wanted:
        return []
    cohorts = {one.cohort.pk: one.cohort for one in wanted}
    for cohort in cohorts.values():
        demand(actor, "sites.schedule", cohort)
    TeachingTerm.objects.select_for_update(no_key=True).get(pk=term.pk)
    first, last = min(one.start for one in wanted), max(one.end for one in wanted)
    standing: dict[int, list[tuple[datetime, datetime, str]]] = defaultdict(list)
    rows = Session.objects.standing().during(first, last).filter(cohort__in=cohorts)
    for cohort_key, starts_at, ends_at, course in rows.values_list("cohort", "starts_at", "ends_at", "course"):
        standing[cohort_key].append((starts_at, ends_at, course))
    new, problems = [], []
    zone = ZoneInfo(term.zone)
    for lesson in sorted(wanted, key=lambda one: one.start):
        known = standing[lesson.cohort.pk]
        if (lesson.start, lesson.end, lesson.course) in known:
            continue
        clash = next((one for one in known if one[0] < lesson.end and lesson.start < one[1]), None)
        if clash is not None:
            said = {
                "cohort": lesson.cohort.name,
                "course": lesson.course,
                "time": f"{lesson.start.astimezone(zone):%Y-%m-%d %H:%M}",
                "other": clash[2],
            }
            problems.append(_("%(cohort)s, %(time)s: “%(course)s” meets “%(other)s”. Correct one of them.") % said)
        known.append((lesson.start, lesson.end, lesson.course))
        new.append(lesson)
    if problems:
        raise ValidationError(problems[:_SHOWN])
    now = timezone.now()
    made = Session.objects.bulk_create(
        (
            Session(
                term=term,
                cohort=one.cohort,
                course=one.course,
                room=one.room,
                campus=one.campus,
                starts_at=one.start,
                ends_at=one.end,
                recorded_at=now,
            )
            for one in new
        ),
        batch_size=500,
    )
    _note(made)
    entries = []
    for key, cohort in sorted(cohorts.items()):
        own = [one for one in made if one.cohort_id == key]
        if own:
            courses = sorted({one.course for one in own})
            payload = {"cohort": cohort, "sessions": len(own), "courses": courses}
            entries.append(Entry(events.SESSIONS_SCHEDULED, term, payload))
    ledger.record_many(actor=actor, entries=entries)
    return made


def _note(sessions: list[Session]) -> None:
    if not sessions:
        return
    people = CohortMembership.objects.known().filter(cohort__in={one.cohort_id for one in sessions})
    first, last = min(one.starts_at for one in sessions), max(one.ends_at for one in sessions)
    margin = timedelta(days=1)
    note_overlaps(people.values_list("person", flat=True), first - margin, last + margin)


@transaction.atomic
def withdraw_sessions(*, actor: Person, sessions: Iterable[Session], reason: str) -> int:
    """Take class sessions back, with the reason; they stay on record as having stood. Returns how many."""
    keys = [one.pk for one in sessions]
    rows = list(Session.objects.standing().select_for_update(of=("self",)).filter(pk__in=keys).select_related("cohort"))
    if not rows:
        raise ValidationError(_("No class stands there. Look at the cohort, the course and the days."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: students read it.")})
    cohorts = {row.cohort_id: row.cohort for row in rows}
    for cohort in cohorts.values():
        demand(actor, "sites.schedule", cohort)
    Session.objects.filter(pk__in=[row.pk for row in rows]).update(withdrawn_at=timezone.now())
    _note(rows)
    for key, cohort in sorted(cohorts.items()):
        count = sum(1 for row in rows if row.cohort_id == key)
        payload = {"cohort": cohort, "sessions": count, "reason": reason.strip()}
        ledger.record(actor=actor, type=events.SESSION_WITHDRAWN, subject=cohort, payload=payload)
    return len(rows)
