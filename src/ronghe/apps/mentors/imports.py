"""Mentors by file: one line an appointment, with what the mentor brings. Who is not known yet is added."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.community.selectors import organisations_by_name
from ronghe.apps.jobs.imports import ImportContext, bulk_import, complaint
from ronghe.apps.jobs.registry import JobResult
from ronghe.apps.mentors import services
from ronghe.apps.mentors.models import Appointment, MentorKind, Title
from ronghe.tabular import Choice, Column, Complaint, Date, Email, Integer, Row, RowCheck, RowSchema, Text

_BATCH = 500
_KINDS = Choice(
    {
        "enterprise": ("企业导师", "Enterprise mentor"),
        "university": ("校内导师", "University mentor"),
        "industry": ("行业导师", "Industry mentor"),
    },
    aliases={"enterprise": ("企业",), "university": ("高校", "校内"), "industry": ("行业", "协会")},
)
_TITLES = Choice(
    {
        "intermediate": ("中级职称", "Intermediate title"),
        "associate_senior": ("副高级职称", "Associate senior title"),
        "senior": ("正高级职称", "Senior title"),
        "technician": ("技师", "Technician"),
        "senior_technician": ("高级技师", "Senior technician"),
    },
    aliases={"intermediate": ("中级",), "associate_senior": ("副高",), "senior": ("正高",)},
)


@dataclass(frozen=True, slots=True)
class MentorLine:
    """One appointment of a file, with what the mentor brings."""

    name: str
    email: str
    kind: str
    organisation: str
    title: str | None
    valid_from: date
    valid_until: date | None
    languages: str
    overseas_months: int
    overseas_note: str


MENTORS = RowSchema(
    [
        Column("name", Text(80), zh="姓名", en="Name", required=True),
        Column("email", Email(), zh="邮箱", en="E-mail", required=True, aliases=("电子邮箱", "电子邮件")),
        Column("kind", _KINDS, zh="导师类别", en="Kind of mentor", required=True),
        Column("organisation", Text(160), zh="单位", en="Organisation", required=True, aliases=("单位名称",)),
        Column("title", _TITLES, zh="职称", en="Professional title"),
        Column("valid_from", Date(), zh="聘任日期", en="From", required=True),
        Column("valid_until", Date(), zh="失效首日", en="First day without it"),
        Column("languages", Text(120), zh="语言", en="Languages", default=""),
        Column(
            "overseas_months",
            Integer(0, 600),
            zh="海外研发月数",
            en="Months of research and development abroad",
            default=0,
        ),
        Column("overseas_note", Text(300), zh="海外研发说明", en="Where, and at what", default=""),
    ],
    MentorLine,
)


def _held(person: Person, organisation: Organisation, line: MentorLine) -> bool:
    """Whether the person is such a mentor there already on one of the days."""
    held = Appointment.objects.known().filter(person=person, organisation=organisation, kind=line.kind)
    held = held.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=line.valid_from))
    return (held.filter(valid_from__lt=line.valid_until) if line.valid_until else held).exists()


def check_mentors(context: ImportContext) -> RowCheck[MentorLine]:
    """The organisation is known and appoints such mentors; an address stands for one name; nobody comes twice."""
    organisations = organisations_by_name()
    names = dict(Person.objects.filter(erased_at__isnull=True).values_list("email", "name"))
    seen: dict[tuple[str, str, int], int] = {}

    def check(row: Row[MentorLine]) -> Iterator[Complaint]:
        line = row.record
        address = line.email.lower()
        if names.setdefault(address, line.name) != line.name:
            yield complaint(
                "email",
                gettext_lazy("This address belongs to %(name)s. Correct the name or the address."),
                line.email,
                name=names[address],
            )
        if line.valid_until is not None and line.valid_until <= line.valid_from:
            message = gettext_lazy("An appointment ends after the day on which it begins.")
            yield complaint("valid_until", message, line.valid_until)
        if line.overseas_months and not line.overseas_note.strip():
            yield complaint("overseas_note", gettext_lazy("Say where abroad it was, and at what."), line.overseas_note)
        found = organisations.get(line.organisation.strip().casefold(), [])
        if len(found) != 1:
            yield complaint(
                "organisation",
                gettext_lazy("No organisation of this name or code is registered. Register it first.")
                if not found
                else gettext_lazy("Several organisations are called this; give the credit code instead."),
                line.organisation,
            )
            return
        if found[0].kind != MentorKind(line.kind).organisation_kind:
            yield complaint("kind", gettext_lazy("This organisation appoints mentors of another kind."), line.kind)
        first = seen.setdefault((address, line.kind, found[0].pk), row.line)
        if first != row.line:
            message = gettext_lazy("Line %(line)s appoints the same mentor already.")
            yield complaint("email", message, line.email, line=first)
        person = Person.objects.filter(email=address).first()
        if person is not None and _held(person, found[0], line):
            yield complaint("email", gettext_lazy("This person is such a mentor there already."), line.email)

    return check


@bulk_import(
    "mentors.appointments",
    label=gettext_lazy("Mentors"),
    help=gettext_lazy("One line an appointment. Who is not known yet is added."),
    schema=MENTORS,
    permission="mentors.import_mentors",
    check=check_mentors,
    back="mentors:overview",
)
def write_mentors(context: ImportContext, rows: Iterable[Row[MentorLine]]) -> JobResult:
    """Add who is new, appoint all, and write down what they bring."""
    organisations = organisations_by_name()
    stream, count = iter(rows), 0
    with transaction.atomic():
        while batch := [row.record for row in islice(stream, _BATCH)]:
            wanted = {line.email.lower(): line.name for line in batch}
            people = accounts.find_or_add_people(actor=context.actor, people=wanted)
            for line in batch:
                _write(context.actor, people[line.email.lower()], organisations, line)
                count += 1
            context.progress.report(count, context.total)
    said = ngettext("%(count)s mentor was appointed.", "%(count)s mentors were appointed.", count)
    return JobResult(said % {"count": count}, reverse("mentors:overview"))


def _write(actor: Person, person: Person, organisations: dict[str, list[Organisation]], line: MentorLine) -> None:
    services.appoint_mentor(
        actor=actor,
        person=person,
        organisation=organisations[line.organisation.strip().casefold()][0],
        kind=line.kind,
        title=line.title or Title.NONE,
        valid_from=line.valid_from,
        valid_until=line.valid_until,
    )
    if line.languages or line.overseas_months:
        services.change_profile(
            actor=actor,
            person=person,
            languages=line.languages,
            overseas_months=line.overseas_months,
            overseas_note=line.overseas_note,
        )
