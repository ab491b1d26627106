"""Files of records the community takes in and gives out: organisations, people with roles, rosters of cohorts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.community import network_imports, services
from ronghe.apps.community.credit_code import is_valid
from ronghe.apps.community.models import Cohort, CohortMembership, Organisation, OrganisationKind, Region, RoleKind
from ronghe.apps.community.selectors import organisations_by_name
from ronghe.apps.community.services.roles import fits, overlapping
from ronghe.apps.jobs.imports import ImportContext, bulk_import, complaint
from ronghe.apps.jobs.registry import JobResult
from ronghe.tabular import Choice, Column, Complaint, Date, Email, Row, RowCheck, RowSchema, Text

__all__ = ["network_imports"]

is_web_address = URLValidator(schemes=["http", "https"])

_KINDS = Choice(
    {
        "university": ("高校", "University"),
        "enterprise": ("企业", "Enterprise"),
        "chamber": ("商会或协会", "Chamber or association"),
        "government": ("政府部门", "Government department"),
    },
    aliases={
        "university": ("大学", "学校"),
        "enterprise": ("公司",),
        "chamber": ("商会", "协会"),
        "government": ("政府",),
    },
)
_ROLES = Choice(
    {
        "office": ("共同体办公室", "Community office"),
        "enterprise_hr": ("企业人事", "Enterprise HR"),
        "mentor": ("企业导师", "Enterprise mentor"),
        "teacher": ("教师", "Teacher"),
        "student": ("学生", "Student"),
        "reviewer": ("政府审核员", "Government reviewer"),
    },
    aliases={"enterprise_hr": ("HR", "人事"), "mentor": ("导师",), "teacher": ("老师",), "office": ("办公室",)},
)


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """One organisation of a file."""

    kind: str
    name_zh: str
    name_en: str
    registration_number: str
    region: str
    website: str
    registered_on: date | None


ORGANISATIONS = RowSchema(
    [
        Column(
            "kind",
            _KINDS,
            zh="类型",
            en="Kind",
            required=True,
            help_zh="高校、企业、商会或协会、政府部门",
            help_en="University, Enterprise, Chamber or association, Government department",
        ),
        Column("name_zh", Text(120), zh="中文名称", en="Chinese name", required=True, aliases=("名称", "单位名称")),
        Column("name_en", Text(160), zh="英文名称", en="English name", default=""),
        Column(
            "registration_number",
            Text(18, identifier=True),
            zh="统一社会信用代码",
            en="Unified social credit code",
            default="",
            help_zh="18 位，可留空",
            help_en="18 characters; may be empty",
        ),
        Column(
            "region",
            Text(60),
            zh="地区",
            en="Region",
            default="",
            help_zh="行政区划代码或名称，如 440300 或 深圳市",
            help_en="Division code or name, such as 440300 or Shenzhen",
        ),
        Column("website", Text(200), zh="网站", en="Website", default=""),
        Column(
            "registered_on", Date(), zh="加入日期", en="Takes part since", help_zh="留空为今天", help_en="Empty: today"
        ),
    ],
    OrganisationRow,
)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person with one role."""

    name: str
    email: str
    role: str
    organisation: str
    valid_from: date
    valid_until: date | None


PEOPLE = RowSchema(
    [
        Column("name", Text(80), zh="姓名", en="Name", required=True),
        Column("email", Email(), zh="邮箱", en="E-mail", required=True, aliases=("电子邮箱", "电子邮件")),
        Column("role", _ROLES, zh="角色", en="Role", required=True),
        Column(
            "organisation",
            Text(160),
            zh="单位",
            en="Organisation",
            required=True,
            help_zh="已登记单位的名称或统一社会信用代码",
            help_en="Name or credit code of a registered organisation",
        ),
        Column("valid_from", Date(), zh="生效日期", en="Valid from", required=True),
        Column(
            "valid_until",
            Date(),
            zh="失效日期",
            en="Valid until",
            help_zh="不再有效的第一天，可留空",
            help_en="The first day it no longer holds; may be empty",
        ),
    ],
    PersonRow,
)


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One student of a cohort."""

    student_number: str
    name: str
    email: str
    valid_from: date | None


_RowWithPerson = TypeVar("_RowWithPerson", PersonRow, RosterRow)

ROSTER = RowSchema(
    [
        Column("student_number", Text(30, identifier=True), zh="学号", en="Student number", required=True),
        Column("name", Text(80), zh="姓名", en="Name", required=True),
        Column("email", Email(), zh="邮箱", en="E-mail", required=True, aliases=("电子邮箱", "电子邮件")),
        Column(
            "valid_from",
            Date(),
            zh="入学日期",
            en="Enrolled from",
            help_zh="留空为学年第一天",
            help_en="Empty: the first day of the academic year",
        ),
    ],
    RosterRow,
)


def regions_by_name() -> dict[str, Region]:
    """Regions by code and by name in both languages, case-folded."""
    known: dict[str, Region] = {}
    for region in Region.objects.all():
        for spelling in (region.code, region.name_zh, region.name_zh.rstrip("省市"), region.name_en):
            if spelling:
                known.setdefault(spelling.casefold(), region)
    return known


def check_organisations(context: ImportContext) -> RowCheck[OrganisationRow]:
    """Neither on the register nor twice in the file; code and region exist."""
    known = set(organisations_by_name())
    regions = regions_by_name()
    seen: dict[str, int] = {}
    today = timezone.localdate()

    def check(row: Row[OrganisationRow]) -> Iterator[Complaint]:
        record = row.record
        code = record.registration_number.upper()
        if code and not is_valid(code):
            yield complaint(
                "registration_number",
                gettext_lazy("This is not a unified social credit code: its check character does not fit."),
                code,
            )
        if record.region and record.region.casefold() not in regions:
            yield complaint("region", gettext_lazy("There is no region of this code or name."), record.region)
        if record.website:
            try:
                is_web_address(record.website)
            except ValidationError:
                message = gettext_lazy("Write the whole address of the website, beginning with https://.")
                yield complaint("website", message, record.website)
        if record.registered_on is not None and record.registered_on > today:
            yield complaint(
                "registered_on",
                gettext_lazy("An organisation takes part from today or an earlier day on."),
                record.registered_on,
            )
        for column, value in (("name_zh", record.name_zh), ("registration_number", code)):
            if not value:
                continue
            if value.casefold() in known:
                yield complaint(column, gettext_lazy("This organisation is on the register already."), value)
            first = seen.setdefault(f"{column}:{value.casefold()}", row.line)
            if first != row.line:
                yield complaint(column, gettext_lazy("Line %(line)s has the same."), value, line=first)

    return check


@bulk_import(
    "community.organisations",
    label=gettext_lazy("Organisations"),
    help=gettext_lazy("Universities, enterprises, chambers and departments that take part."),
    schema=ORGANISATIONS,
    permission="community.register_organisation",
    check=check_organisations,
    back="community:organisation_list",
)
def write_organisations(context: ImportContext, rows: Iterable[Row[OrganisationRow]]) -> JobResult:
    """Register them all."""
    regions = regions_by_name()
    today = timezone.localdate()
    count = services.register_organisations(
        actor=context.actor,
        organisations=(
            Organisation(
                kind=OrganisationKind(row.record.kind),
                name_zh=row.record.name_zh,
                name_en=row.record.name_en,
                registration_number=row.record.registration_number.upper() or None,
                region=regions.get(row.record.region.casefold()),
                website=row.record.website,
                registered_on=row.record.registered_on or today,
            )
            for row in rows
        ),
    )
    said = ngettext("%(count)s organisation was registered.", "%(count)s organisations were registered.", count)
    return JobResult(said % {"count": count}, reverse("community:organisation_list"))


class _People:
    """People by address, for a file that names them by it: who is known, who is new, whose name does not fit."""

    def __init__(self) -> None:
        self._names = dict(Person.objects.filter(erased_at__isnull=True).values_list("email", "name"))
        self._lines: dict[str, tuple[int, str]] = {}

    def check(self, line: int, name: str, email: str) -> Iterator[Complaint]:
        """Complain when the address stands for somebody else, on the register or further up in the file."""
        address = email.lower()
        if self._names.get(address, name) != name:
            yield complaint(
                "email",
                gettext_lazy("This address belongs to %(name)s. Correct the name or the address."),
                email,
                name=self._names[address],
            )
        first, earlier = self._lines.setdefault(address, (line, name))
        if earlier != name:
            yield complaint(
                "email", gettext_lazy("Line %(line)s gives this address to someone else."), email, line=first
            )


def _batches(rows: Iterable[Row[_RowWithPerson]]) -> Iterator[list[Row[_RowWithPerson]]]:
    stream = iter(rows)
    while batch := list(islice(stream, 500)):
        yield batch


def _people_of(actor: Person, batch: Sequence[Row[_RowWithPerson]]) -> dict[str, Person]:
    """The people that the rows name, by lower-case address; who is not known is added."""
    return accounts.find_or_add_people(actor=actor, people={row.record.email.lower(): row.record.name for row in batch})


def check_people(context: ImportContext) -> RowCheck[PersonRow]:
    """The organisation is known and the role can be held there; nobody gets a role twice."""
    organisations = organisations_by_name()
    people = _People()
    seen: dict[tuple[str, str, str], int] = {}

    def check(row: Row[PersonRow]) -> Iterator[Complaint]:
        record = row.record
        yield from people.check(row.line, record.name, record.email)
        if record.valid_until is not None and record.valid_until <= record.valid_from:
            yield complaint(
                "valid_until", gettext_lazy("A role ends after the day on which it begins."), record.valid_until
            )
        found = organisations.get(record.organisation.strip().casefold(), [])
        if len(found) != 1:
            message = (
                gettext_lazy("No organisation of this name or code is registered. Register it first.")
                if not found
                else gettext_lazy("Several organisations are called this; give the credit code instead.")
            )
            yield complaint("organisation", message, record.organisation)
            return
        if not fits(record.role, found[0]):
            yield complaint(
                "role", gettext_lazy("This role cannot be held there: it is another kind of place."), record.role
            )
        key = (record.email.lower(), record.role, str(found[0].pk))
        first = seen.setdefault(key, row.line)
        if first != row.line:
            yield complaint("role", gettext_lazy("Line %(line)s gives the same role already."), record.role, line=first)
        person = Person.objects.filter(email=record.email.lower()).first()
        if person and overlapping(person, found[0], record.role, record.valid_from, record.valid_until):
            yield complaint("role", gettext_lazy("This person already holds the role then."), record.role)

    return check


@bulk_import(
    "community.people",
    label=gettext_lazy("People and roles"),
    help=gettext_lazy("One line a role. Who is not known yet is added, and signs in by a link sent to the address."),
    schema=PEOPLE,
    permission="community.appoint",
    check=check_people,
    back="community:person_list",
)
def write_people(context: ImportContext, rows: Iterable[Row[PersonRow]]) -> JobResult:
    """Add who is new and give the roles."""
    organisations = organisations_by_name()
    count = 0
    with transaction.atomic():
        for batch in _batches(rows):
            people = _people_of(context.actor, batch)
            appointments = [
                services.Appointment(
                    people[row.record.email.lower()],
                    organisations[row.record.organisation.strip().casefold()][0],
                    RoleKind(row.record.role),
                    row.record.valid_from,
                    row.record.valid_until,
                )
                for row in batch
            ]
            count += services.appoint_many(actor=context.actor, appointments=appointments)
    said = ngettext("%(count)s role was given.", "%(count)s roles were given.", count)
    return JobResult(said % {"count": count}, reverse("community:person_list"))


def load_cohort(key: str) -> Cohort:
    """The cohort a roster goes into. Raises Cohort.DoesNotExist or ValueError."""
    return Cohort.objects.select_related("organisation", "academic_year").get(pk=int(key))


def check_roster(context: ImportContext) -> RowCheck[RosterRow]:
    """Nobody and no number twice, neither in the file nor in the cohort."""
    cohort: Cohort = context.subject
    people = _People()
    current = CohortMembership.objects.known().filter(cohort=cohort, valid_until__isnull=True)
    numbers = set(current.values_list("student_number", flat=True))
    enrolled = set(current.values_list("person__email", flat=True))
    seen: dict[str, int] = {}

    def check(row: Row[RosterRow]) -> Iterator[Complaint]:
        record = row.record
        yield from people.check(row.line, record.name, record.email)
        if record.student_number in numbers:
            yield complaint(
                "student_number", gettext_lazy("This number is taken in this cohort."), record.student_number
            )
        if record.email.lower() in enrolled:
            yield complaint("email", gettext_lazy("This person is in this cohort already."), record.email)
        for column, value in (("student_number", record.student_number), ("email", record.email.lower())):
            first = seen.setdefault(f"{column}:{value}", row.line)
            if first != row.line:
                yield complaint(column, gettext_lazy("Line %(line)s has the same."), value, line=first)

    return check


@bulk_import(
    "community.roster",
    label=gettext_lazy("Roster of a cohort"),
    help=gettext_lazy("One line a student. Who is not known yet is added, and signs in by a link sent to the address."),
    schema=ROSTER,
    permission="community.enrol",
    check=check_roster,
    subject=load_cohort,
)
def write_roster(context: ImportContext, rows: Iterable[Row[RosterRow]]) -> JobResult:
    """Add who is new and enrol them."""
    cohort: Cohort = context.subject
    count = 0
    with transaction.atomic():
        for batch in _batches(rows):
            people = _people_of(context.actor, batch)
            enrolments = [
                services.Enrolment(
                    people[row.record.email.lower()],
                    row.record.student_number,
                    row.record.valid_from or cohort.academic_year.starts_on,
                )
                for row in batch
            ]
            count += services.enrol_many(actor=context.actor, cohort=cohort, enrolments=enrolments)
    said = ngettext("%(count)s student was enrolled.", "%(count)s students were enrolled.", count)
    return JobResult(said % {"count": count}, cohort.get_absolute_url(), {_("Cohort"): cohort.name})
