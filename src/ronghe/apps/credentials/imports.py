"""Issuing to many from a CSV or XLSX file: its columns, every reason for refusal line by line, and the issue itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import CohortMembership, RoleKind
from ronghe.apps.credentials import selectors, services
from ronghe.apps.credentials.models import AchievementVersion
from ronghe.apps.credentials.selectors import Refusal
from ronghe.apps.jobs.imports import ImportContext, bulk_import, complaint
from ronghe.apps.jobs.registry import JobResult
from ronghe.tabular import Column, Complaint, Row, RowCheck, RowSchema, Text


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """One student who is to be given a certificate."""

    student: str
    name: str | None


RECIPIENTS = RowSchema(
    [
        Column(
            "student",
            Text(254),
            zh="学生",
            en="Student",
            required=True,
            help_zh="电子邮箱或学号。",
            help_en="The e-mail address or the student number.",
        ),
        Column(
            "name",
            Text(80),
            zh="姓名",
            en="Name",
            help_zh="可不填；填写时须与登记的姓名一致。",
            help_en="May be left out; where it is given it must be the name on record.",
        ),
    ],
    RecipientRow,
)


class Students:
    """Everyone by e-mail address and student number, looked up once a file."""

    def __init__(self) -> None:
        students = Person.objects.filter(
            Q(cohort_memberships__isnull=False) | Q(roles__kind=RoleKind.STUDENT)
        ).distinct()
        self.people = {person.pk: person for person in students}
        self._by_address = {person.email: person for person in self.people.values()}
        self._by_number: dict[str, set[int]] = {}
        rows = CohortMembership.objects.known().exclude(student_number="").values_list("student_number", "person_id")
        for number, person in rows:
            self._by_number.setdefault(number, set()).add(person)

    def find(self, text: str) -> Person | None:
        """The one student of this address or number."""
        if "@" in text:
            return self._by_address.get(text.strip().lower())
        found = self._by_number.get(text.strip(), set())
        return self.people.get(next(iter(found))) if len(found) == 1 else None


def load_version(key: str) -> AchievementVersion:
    """The version that the address of an import names."""
    return AchievementVersion.objects.select_related("achievement__issuer__organisation").get(uid=key)


def check_recipients(context: ImportContext) -> RowCheck[RecipientRow]:
    """Each student is known, named once, and may be given the certificate; else every reason why not."""
    students = Students()
    refused = selectors.refusals(context.subject, list(students.people.values()))
    seen: set[int] = set()

    def check(row: Row[RecipientRow]) -> Iterator[Complaint]:
        line = row.record
        person = students.find(line.student)
        if person is None:
            yield complaint("student", _("No student of the community has this address or number."), line.student)
            return
        if person.pk in seen:
            yield complaint("student", _("This student stands on a line before."), line.student)
        seen.add(person.pk)
        if line.name and line.name.strip() != person.name:
            yield complaint("name", _("On record this student has another name."), line.name)
        for reason in refused[person.pk]:
            yield complaint("student", cast(StrPromise, _Said(reason)), line.student)

    return check


class _Said:
    """A reason that is put into words only when a language asks for it, as a lazy translation is."""

    def __init__(self, reason: Refusal) -> None:
        self._reason = reason

    def __str__(self) -> str:
        return self._reason.text


@bulk_import(
    "credentials.certificates",
    label=_("Certificates"),
    help=_("One line a student. The dry run says of each who may not be given the certificate, and why."),
    schema=RECIPIENTS,
    permission="credentials.issue_certificate",
    check=check_recipients,
    subject=load_version,
    back="credentials:overview",
    transactional=False,
)
def write_certificates(context: ImportContext, rows: Iterable[Row[RecipientRow]]) -> JobResult:
    """Issue to all of the lines or to none."""
    students = Students()
    people = []
    for row in rows:
        person = students.find(row.record.student)
        if person is None:
            raise ValidationError(gettext("Line %(line)s: this student is gone.") % {"line": row.line})
        people.append(person)
    try:
        batch = services.issue_many(
            actor=context.actor,
            version=context.subject,
            people=people,
            report=lambda done, total: context.progress.report(done, total, gettext("Signing certificates")),
        )
    except services.IssueRefused as refused:
        raise ValidationError(f"{refused.person.name}: {refused}") from refused
    message = ngettext("%(count)s certificate was issued.", "%(count)s certificates were issued.", batch.count) % {
        "count": batch.count
    }
    return JobResult(message, context.subject.get_absolute_url())
