"""Mentors as lists and pages show them: appointments, load, papers, profile, terms; a handful of queries a page."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Role
from ronghe.apps.mentors.models import Appointment, Profile, Qualification
from ronghe.apps.mentors.selectors.load import Load, load_of
from ronghe.apps.mentors.selectors.teachers import WARN_AHEAD

_MOST_CHOICES = 1_000


@dataclass(frozen=True, slots=True)
class MentorRow:
    """One line of the list of mentors. `papers` is the sign of the worst needed paper: ok, warn, bad, none."""

    person: Person
    appointments: Sequence[Appointment]
    load: Load
    papers: str
    profile: Profile | None


def mentors(user: Any, on: date, *, text: str = "", kind: str = "") -> QuerySet[Person]:
    """People who are mentors on a day, as far as `user` may see them, by name."""
    held = Appointment.objects.on(on).visible_to(user)
    if kind:
        held = held.filter(kind=kind)
    found = Person.objects.filter(pk__in=held.order_by().values("person"))
    if text:
        named = Appointment.objects.on(on).filter(
            Q(organisation__name_zh__icontains=text) | Q(organisation__name_en__icontains=text)
        )
        found = found.filter(Q(search_text__icontains=text) | Q(pk__in=named.order_by().values("person")))
    return found.order_by("name", "pk")


def mentor_rows(people: Iterable[Person], on: date) -> list[MentorRow]:
    """The people with their appointments, load, papers and profile on a day; six queries."""
    people = list(people)
    keys = [person.pk for person in people]
    held: dict[int, list[Appointment]] = defaultdict(list)
    for one in Appointment.objects.on(on).filter(person__in=keys).select_related("organisation").order_by("pk"):
        held[one.person_id].append(one)
    loads = load_of(keys, on)
    signs = paper_signs(keys, on)
    profiles = {one.person_id: one for one in Profile.objects.known().filter(person__in=keys)}
    return [
        MentorRow(one, held[one.pk], loads[one.pk], signs.get(one.pk, "none"), profiles.get(one.pk)) for one in people
    ]


def sign_of(paper: Qualification, on: date) -> str:
    """Whether a paper holds on a day, is due within sixty days, has lapsed, or waits for confirmation."""
    if paper.expires_on is not None and paper.expires_on < on:
        return "bad"
    if paper.confirmed_at is None:
        return "progress"
    return "warn" if paper.expires_on is not None and paper.expires_on - on <= WARN_AHEAD else "ok"


def paper_signs(people: Iterable[int], on: date) -> dict[int, str]:
    """The worst sign of each person's needed papers; people without a paper are left out."""
    worst = ("bad", "warn", "progress", "ok")
    found: dict[int, str] = {}
    for paper in Qualification.objects.standing().filter(person__in=list(people), is_needed=True):
        sign = sign_of(paper, on)
        kept = found.get(paper.person_id, "ok")
        found[paper.person_id] = min(sign, kept, key=worst.index)
    return found


def papers_due(on: date) -> QuerySet[Qualification]:
    """Needed papers of mentors of today that have lapsed or lapse within sixty days, the first to lapse first."""
    due = Qualification.objects.standing().filter(is_needed=True, expires_on__lte=on + WARN_AHEAD)
    mentoring = Appointment.objects.on(on).order_by().values("person")
    return due.filter(person__in=mentoring).select_related("person").order_by("expires_on", "pk")


def papers_to_confirm(user: Person) -> QuerySet[Qualification]:
    """Papers that wait for a second person and are open to this one."""
    waiting = Qualification.objects.visible_to(user).filter(confirmed_at__isnull=True, withdrawn_at__isnull=True)
    return waiting.exclude(person=user).exclude(recorded_by=user).select_related("person").order_by("recorded_at")


def people_of(organisations: Iterable[int], on: date, *, kinds: Iterable[str]) -> list[tuple[str, str]]:
    """E-mail address and name with organisation of those who stand for organisations on a day, by name; to choose from.

    Of very many only the first: a list in a form is read, not searched by the server.
    """
    roles = Role.objects.on(on).filter(organisation__in=organisations, kind__in=kinds, person__is_active=True)
    named: dict[str, list[str]] = defaultdict(list)
    names: dict[str, str] = {}
    for role in roles.select_related("person", "organisation").order_by("person__name", "pk")[:_MOST_CHOICES]:
        names[role.person.email] = role.person.name
        if role.organisation.name not in named[role.person.email]:
            named[role.person.email].append(role.organisation.name)
    return [(email, f"{name} · {' · '.join(named[email])}") for email, name in names.items()]
