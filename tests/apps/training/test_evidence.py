"""Weekly evidence: hours count only when a second party confirmed them; copies are marked; links open one week."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import RoleKind
from ronghe.apps.sites.models import PublicHoliday
from ronghe.apps.training import services
from ronghe.apps.training.files import path_of
from ronghe.apps.training.models import (
    ConfirmationLink,
    Entry,
    EntryState,
    MarkKind,
    Placement,
    SupervisionKind,
)
from tests.apps.training.conftest import (
    FIRST,
    LAST_WEEK,
    THIS_WEEK,
    TODAY,
    EntryMaker,
    PlacementMaker,
)
from tests.factories import RoleFactory

COMMIT = "https://git.example.org/lab/amplifier/commit/" + "a1" * 20


def decide(actor: Person, entry: Entry, verdict: str = "confirmed", comment: str = "") -> Entry:
    return services.decide_entry(actor=actor, entry=entry, verdict=verdict, comment=comment)


def counted(placement: Placement) -> Decimal:
    return sum((one.hours for one in Entry.objects.counted().filter(placement=placement)), Decimal(0))


@pytest.mark.postgres
def test_hours_count_only_once_the_mentor_has_confirmed_them(
    handed_in: EntryMaker, mentor: Person, student: Person, placement: Placement
) -> None:
    entry = handed_in()
    assert counted(placement) == 0
    with pytest.raises(PermissionDenied, match="own work"):
        decide(student, entry)
    assert decide(mentor, entry).state == EntryState.CONFIRMED
    assert counted(placement) == 8
    with pytest.raises(ValidationError, match="“Confirmed” now"):
        decide(mentor, entry)


def test_nobody_else_confirms(
    handed_in: EntryMaker,
    teacher: Person,
    colleague_mentor: Person,
    other_hr: Person,
    colleague_hr: Person,
    office: Person,
) -> None:
    entry = handed_in()
    for person in (teacher, colleague_mentor, other_hr, office):
        with pytest.raises(PermissionDenied):
            decide(person, entry)
    assert decide(colleague_hr, entry).confirmations.get().side == "host"


def test_a_student_who_is_a_mentor_too_does_not_confirm_own_or_a_classmates_hours(
    handed_in: EntryMaker, student: Person, classmate: Person, placement: Placement, firm_a: object
) -> None:
    entry = handed_in()
    for person in (student, classmate):
        RoleFactory.create(person=person, organisation=firm_a, kind=RoleKind.ENTERPRISE_HR)
        person = Person.objects.get(pk=person.pk)
        with pytest.raises(PermissionDenied, match=r"own work|same cohort"):
            decide(person, entry)


def test_a_declared_relation_refuses_the_confirmation(
    handed_in: EntryMaker, student: Person, mentor: Person, office: Person
) -> None:
    entry = handed_in()
    relation = services.declare_relation(actor=mentor, other=student, kind="business")
    with pytest.raises(PermissionDenied, match="declared a relation"):
        decide(mentor, entry)
    with pytest.raises(PermissionDenied):
        services.end_relation(actor=mentor, relation=relation)


def test_a_week_holds_no_more_hours_than_its_days(
    handed_in: EntryMaker, student: Person, placement: Placement, hr: Person
) -> None:
    with pytest.raises(ValidationError, match="At most 48 hours"):
        handed_in(hours=Decimal("48.5"))
    services.report_absence(
        actor=student, placement=placement, kind="leave", first_day=LAST_WEEK, last_day=LAST_WEEK + timedelta(days=4)
    )
    assert services.hours_left(placement, LAST_WEEK, TODAY) == 0
    with pytest.raises(ValidationError, match="At most 0 hours"):
        handed_in(hours=Decimal("0.5"))
    with pytest.raises(ValidationError, match="not negative"):
        handed_in(hours=Decimal(-1))
    with pytest.raises(ValidationError, match="has not begun"):
        handed_in(week=THIS_WEEK + timedelta(days=7))
    with pytest.raises(ValidationError, match="did not run"):
        handed_in(week=FIRST - timedelta(days=7))
    with pytest.raises(ValidationError, match="by its Monday"):
        handed_in(week=LAST_WEEK + timedelta(days=1))


def test_only_days_at_the_host_hold_hours(running: PlacementMaker) -> None:
    of = running(starts_on=FIRST - timedelta(days=70), ends_on=FIRST - timedelta(days=43), times=services.Times("245"))
    week = of.starts_on
    assert services.hours_left(of, week, TODAY) == 30
    assert services.hours_left(of, week, week + timedelta(days=2)) == 10
    for day, works in ((1, False), (5, True)):
        PublicHoliday.objects.create(
            day=week + timedelta(days=day), name_zh="假日", name_en="Holiday", is_working_day=works
        )
    assert services.hours_left(of, week, TODAY) == 20


def test_who_works_in_shifts_on_all_days_works_on_holidays_too(running: PlacementMaker) -> None:
    starts_on = FIRST - timedelta(days=70)
    of = running(starts_on=starts_on, ends_on=FIRST - timedelta(days=43), times=services.Times("1234567"))
    PublicHoliday.objects.create(day=starts_on, name_zh="假日", name_en="Holiday")
    assert services.hours_left(of, starts_on, starts_on) == 10


def test_hours_of_two_hosts_fit_into_one_week(
    handed_in: EntryMaker, running: PlacementMaker, firm_a: object, firm_b: object
) -> None:
    halves = {"hosts": [(firm_a, 50)]}
    first = running(starts_on=FIRST - timedelta(days=70), ends_on=FIRST - timedelta(days=43), **halves)
    week = first.starts_on
    assert services.hours_left(first, week, TODAY) == 48
    handed_in(of=first, week=week, hours=Decimal(30))
    second = running(starts_on=first.starts_on, ends_on=first.ends_on, **halves)
    assert services.hours_left(second, week, TODAY) == 18


def test_a_correction_counts_once_it_is_confirmed_and_until_then_the_old_one_does(
    handed_in: EntryMaker, mentor: Person, placement: Placement
) -> None:
    first = decide(mentor, handed_in())
    second = handed_in(hours=Decimal(6))
    assert (second.version, counted(placement)) == (2, 8)
    decide(mentor, second)
    first.refresh_from_db()
    assert (first.state, counted(placement)) == (EntryState.REPLACED, 6)
    assert first.uncounted_at <= timezone.now()


def test_returned_and_asked_need_words_and_an_answer_brings_it_back(
    handed_in: EntryMaker, mentor: Person, student: Person
) -> None:
    entry = handed_in()
    with pytest.raises(ValidationError, match="Write what is missing"):
        decide(mentor, entry, "returned")
    decide(mentor, entry, "asked", "Which board was it?")
    entry = services.answer_entry(actor=student, entry=entry, answer="Board three.")
    assert entry.state == EntryState.WAITING
    decide(mentor, entry, "returned", "Add the measurement.")
    again = handed_in(hours=Decimal(7))
    assert [one.verdict for one in entry.confirmations.all()] == ["asked", "answered", "returned"]
    assert (again.version, Entry.objects.get(pk=entry.pk).state) == (2, EntryState.REPLACED)


def seen(text: bytes = b"volts: 1 2 3", name: str = "measured.txt") -> services.Seen:
    return services.see(BytesIO(text), name)


@pytest.mark.postgres
def test_the_same_work_of_another_student_is_marked_on_both_and_confirmed_only_with_a_word(
    handed_in: EntryMaker, running: PlacementMaker, classmate: Person, mentor: Person
) -> None:
    words = "Measured the gain of the amplifier, and it was ten."
    mine = handed_in(text=words, commit_url=COMMIT + "?tab=1", files=[seen()])
    other = running(student=classmate)
    copy = handed_in(
        actor=classmate,
        of=other,
        text=words.upper().replace(" ", "  "),
        commit_url=COMMIT.replace("a1", "A1") + "/",
        files=[seen(name="mine.md")],
    )
    kinds = {MarkKind.SAME_FILE, MarkKind.SAME_TEXT, MarkKind.SAME_COMMIT}
    for one in (mine, copy):
        assert {mark.kind for mark in one.marks.all()} == kinds
        assert all(mark.is_other_student for mark in one.marks.all())
    with pytest.raises(ValidationError, match="Another student handed in the same"):
        decide(mentor, copy)
    assert decide(mentor, copy, comment="They worked on it together.").state == EntryState.CONFIRMED


def test_a_text_with_a_word_changed_is_marked_on_both_and_another_one_is_not(
    handed_in: EntryMaker, running: PlacementMaker, classmate: Person, mentor: Person
) -> None:
    words = "Soldered and measured twelve amplifier boards at line three; two failed at high gain and were set aside."
    mine = handed_in(text=words)
    other = running(student=classmate)
    copy = handed_in(actor=classmate, of=other, text=words.replace("twelve", "eleven"))
    for one, twin in ((mine, copy), (copy, mine)):
        assert [(mark.kind, mark.other, mark.is_other_student) for mark in one.marks.all()] == [
            (MarkKind.NEAR_TEXT, twin, True)
        ]
    assert decide(mentor, copy).state == EntryState.CONFIRMED
    own = handed_in(
        week=THIS_WEEK, hours=Decimal(1), text="Wrote the test plan for the next series of amplifier boards."
    )
    assert not own.marks.exists()


def test_late_and_back_dated_work_is_marked(handed_in: EntryMaker) -> None:
    assert not handed_in(week=THIS_WEEK, hours=Decimal(1)).marks.exists()
    assert [one.kind for one in handed_in(week=FIRST).marks.all()] == [MarkKind.BACKDATED]
    late = handed_in(week=LAST_WEEK - timedelta(days=14))
    assert [one.kind for one in late.marks.all()] == [MarkKind.LATE]


@pytest.mark.parametrize(
    "address",
    [
        "http://git.example.org/a/commit/" + "0" * 40,
        "https://git.example.org/a/tree/main",
        "https://git.example.org/a/commit/abc123",
        "https://user:secret@git.example.org/a/commit/" + "0" * 40,
        "javascript:alert(1)",
        "https://[",
    ],
)
def test_a_link_names_a_commit_by_its_whole_hash(handed_in: EntryMaker, address: str) -> None:
    with pytest.raises(ValidationError, match="Link the commit itself"):
        handed_in(commit_url=address)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 cut off", b"\x7fELF\x00\x01", b"PK\x03\x04broken"])
def test_a_file_is_known_by_its_content(data: bytes) -> None:
    with pytest.raises(ValidationError, match="no whole PDF"):
        seen(data, "report.pdf")


def test_what_is_refused_leaves_no_file_behind(handed_in: EntryMaker, data_dir: object) -> None:
    file = seen()
    with pytest.raises(ValidationError, match="twice"):
        handed_in(files=[file, file])
    kept = handed_in(files=[file]).attachments.get()
    assert path_of(kept.uid).read_bytes() == b"volts: 1 2 3"
    assert [path.name for path in path_of(kept.uid).parent.iterdir()] == [str(kept.uid)]


@pytest.mark.postgres
def test_evidence_and_confirmations_are_not_edited_even_by_sql(handed_in: EntryMaker, mentor: Person) -> None:
    entry = decide(mentor, handed_in())
    step = entry.confirmations.get()
    for rows, values in (
        (Entry.objects.filter(pk=entry.pk), {"hours": 40}),
        (Entry.objects.filter(pk=entry.pk), {"text": "something else"}),
        (type(step).objects.filter(pk=step.pk), {"verdict": "returned"}),
        (type(step).objects.filter(pk=step.pk), {"decided_by": entry.placement.person}),
    ):
        with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
            rows.update(**values)
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.filter(pk=entry.pk)._raw_delete("default")


def test_a_link_is_mailed_to_the_mentor_alone_and_opens_one_week(
    handed_in: EntryMaker,
    placement: Placement,
    student: Person,
    mentor: Person,
    hr: Person,
    mailoutbox: list,
    django_capture_on_commit_callbacks: object,
) -> None:
    entry, other = handed_in(), handed_in(week=THIS_WEEK, hours=Decimal(1))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        link = services.send_link(actor=student, placement=placement, week=LAST_WEEK)
    assert mailoutbox[0].to == [mentor.email]
    token = mailoutbox[0].body.rpartition("/training/c/")[2].strip().rstrip("/")
    with pytest.raises(ValidationError, match="last ten minutes"):
        services.send_link(actor=student, placement=placement, week=LAST_WEEK)
    with pytest.raises(PermissionDenied, match="another week"):
        services.decide_entry(actor=mentor, entry=other, verdict="confirmed", link=link)
    with pytest.raises(PermissionDenied, match="no longer holds"):
        services.decide_entry(actor=hr, entry=entry, verdict="confirmed", link=link)
    assert services.link_of(token) == link
    assert services.link_of(token[:-2]) is None
    done = services.decide_entry(actor=mentor, entry=entry, verdict="confirmed", link=link)
    assert done.confirmations.get().link == link
    services.revoke_link(actor=hr, link=link)
    assert services.link_of(token) is None
    with pytest.raises(PermissionDenied):
        services.decide_entry(actor=mentor, entry=other, verdict="confirmed", link=link)


def test_a_link_ends_after_a_week_and_with_the_mentor(
    handed_in: EntryMaker, placement: Placement, student: Person, hr: Person, colleague_mentor: Person
) -> None:
    entry = handed_in()
    link = services.send_link(actor=student, placement=placement, week=LAST_WEEK)
    services.change_supervisor(
        actor=hr, placement=placement, kind=SupervisionKind.MENTOR, person=colleague_mentor, on=FIRST
    )
    mentor = link.mentor
    assert mentor is not None
    with pytest.raises(PermissionDenied):
        services.decide_entry(actor=mentor, entry=entry, verdict="confirmed", link=link)
    token = services.token_of(link)
    past = timezone.now() - timedelta(days=8)
    ConfirmationLink.objects.filter(pk=link.pk).update(made_at=past, expires_at=past + ConfirmationLink.LASTS)
    assert services.link_of(token) is None


def test_each_reminder_goes_out_once(
    handed_in: EntryMaker,
    placement: Placement,
    student: Person,
    mentor: Person,
    hr: Person,
    mailoutbox: list,
    django_capture_on_commit_callbacks: object,
) -> None:
    for week in range(1, 5):
        handed_in(week=THIS_WEEK - timedelta(days=7 * week))
    Entry.objects.filter(week__lt=LAST_WEEK).update(state="confirmed", confirmed_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        done = services.remind(actor=None, today=THIS_WEEK + timedelta(days=7))
        again = services.remind(actor=None, today=THIS_WEEK + timedelta(days=7))
    assert (done.students, again.students, again.mentors) == (1, 0, 0)
    assert {mail.to[0] for mail in mailoutbox} >= {student.email}
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        later = services.remind(actor=None, today=TODAY + timedelta(days=15))
    assert (later.mentors, later.firms) == (1, 1)
    assert {mail.to[0] for mail in mailoutbox} == {student.email, mentor.email, hr.email}
