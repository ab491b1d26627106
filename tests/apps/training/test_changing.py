"""A placement's days, host, hours and mentor change in one deed with a reason; classes it would meet are told first."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import services as agreements
from ronghe.apps.agreements.models import Term
from ronghe.apps.community.models import Cohort, Organisation
from ronghe.apps.ledger.models import Event
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.mentors.models import Slot
from ronghe.apps.sites.models import Overlap, Session, TeachingTerm
from ronghe.apps.sites.selectors import busy
from ronghe.apps.training import services
from ronghe.apps.training.forms_planning import days_of
from ronghe.apps.training.models import Placement, Stay, Supervision, SupervisionKind
from ronghe.apps.training.services import Change, MeetsClasses, Times, change_placement, supervisor_on
from tests.apps.training.conftest import FIRST, LAST, THIS_WEEK, TODAY, PlacementMaker
from tests.conftest import SignIn

A_WEEK = timedelta(days=7)
LONGER = LAST + 4 * A_WEEK
NEXT_WEEK = THIS_WEEK + A_WEEK


def stays(placement: Placement) -> list[tuple[str, str, str]]:
    rows = Stay.objects.known().filter(placement=placement).order_by("valid_from", "pk")
    return [(stay.state, str(stay.valid_from), str(stay.last_day)) for stay in rows]


def test_a_running_placement_is_made_longer_with_its_mentor_and_everybody_is_told(
    hr: Person,
    office: Person,
    student: Person,
    mentor: Person,
    teacher: Person,
    placement: Placement,
    mailoutbox: list,
    django_capture_on_commit_callbacks: object,
) -> None:
    with pytest.raises(ValidationError, match="Ask the office"):
        change_placement(actor=hr, placement=placement, change=Change(ends_on=LONGER), reason="More tests")
    events = Event.objects.filter(type="training.placement.changed").count()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        changed = change_placement(
            actor=office, placement=placement, change=Change(ends_on=LONGER), reason="More tests"
        )
    assert changed.ends_on == LONGER
    assert stays(placement) == [("running", str(FIRST), str(LONGER))]
    for kind, person in ((SupervisionKind.MENTOR, mentor), (SupervisionKind.TEACHER, teacher)):
        assert supervisor_on(placement, kind, LONGER) == person
    assert Slot.objects.on(LONGER).filter(mentor=mentor, student=student).count() == 1
    assert Event.objects.filter(type="training.placement.changed").count() == events + 1
    assert {mail.to[0] for mail in mailoutbox} == {one.email for one in (student, mentor, teacher, hr)}
    assert "More tests" in mailoutbox[0].body


def test_who_may_change_what(
    hr: Person,
    other_hr: Person,
    office: Person,
    placement: Placement,
    firm_b: Organisation,
    colleague_mentor: Person,
) -> None:
    def change(actor: Person, **fields: object) -> Placement:
        return change_placement(actor=actor, placement=placement, change=Change(**fields), reason="x")  # type: ignore[arg-type]

    with pytest.raises(PermissionDenied):
        change(other_hr, ends_on=LAST - A_WEEK)
    with pytest.raises(PermissionDenied):
        change(hr, ends_on=LAST - A_WEEK)
    with pytest.raises(PermissionDenied):
        change(hr, hosts=[(firm_b, 100)])
    with pytest.raises(ValidationError, match="Nothing would change"):
        change(hr)
    with pytest.raises(ValidationError, match="Say why"):
        change_placement(actor=hr, placement=placement, change=Change(mentor=colleague_mentor), reason=" ")
    with pytest.raises(ValidationError, match="cannot be changed"):
        change(office, starts_on=FIRST + A_WEEK)
    with pytest.raises(StaleRevision):
        change_placement(actor=office, placement=placement, change=Change(ends_on=LONGER), reason="x", revision=0)
    change(hr, mentor=colleague_mentor, on=TODAY)
    assert supervisor_on(placement, SupervisionKind.MENTOR, TODAY) == colleague_mentor
    change(office, ends_on=LAST - A_WEEK)
    assert not Stay.objects.on(LAST).filter(placement=placement).exists()
    assert not Slot.objects.on(LAST).exists()
    assert not Supervision.objects.on(LAST).filter(placement=placement).exists()


def test_a_planned_placement_moves_with_its_slot(
    hr: Person, student: Person, mentor: Person, guided: PlacementMaker
) -> None:
    first, last = NEXT_WEEK, NEXT_WEEK + 8 * A_WEEK
    placement = guided(starts_on=first, ends_on=last)
    change_placement(
        actor=hr, placement=placement, change=Change(starts_on=first + timedelta(days=3)), reason="The lab opens later"
    )
    assert stays(placement) == [("planned", str(first + timedelta(days=3)), str(last))]
    assert not Slot.objects.on(first).filter(mentor=mentor).exists()
    held = Slot.objects.known().get(mentor=mentor, student=student)
    assert (held.valid_from, held.last_day) == (first + timedelta(days=3), last)


@pytest.mark.postgres
def test_nothing_is_changed_when_a_part_of_it_cannot_be(
    office: Person, student: Person, placement: Placement, planned: PlacementMaker, firm_b: Organisation
) -> None:
    planned(hosts=[(firm_b, 100)], starts_on=LAST + A_WEEK, ends_on=LAST + 9 * A_WEEK)
    with pytest.raises(ValidationError, match="with 100% of the week"):
        change_placement(actor=office, placement=placement, change=Change(ends_on=LONGER), reason="More tests")
    kept = Placement.objects.get(pk=placement.pk)
    assert (kept.ends_on, kept.revision) == (LAST, placement.revision)
    assert stays(placement) == [("running", str(FIRST), str(LAST))]


def test_a_new_host_needs_a_mentor_there_and_the_history_stays(
    office: Person, placement: Placement, firm_a: Organisation, firm_b: Organisation, appointed: Person
) -> None:
    with pytest.raises(ValidationError, match="Name a mentor of the new host"):
        change_placement(
            actor=office, placement=placement, change=Change(hosts=[(firm_b, 100)], on=TODAY), reason="It moved"
        )
    change_placement(
        actor=office,
        placement=placement,
        change=Change(hosts=[(firm_a, 50), (firm_b, 50)], on=TODAY),
        reason="Two firms together",
    )
    rows = Stay.objects.known().filter(placement=placement).order_by("valid_from", "pk")
    assert [(row.share, row.valid_from) for row in rows] == [(100, FIRST), (50, TODAY), (50, TODAY)]
    assert rows.filter(is_first=True).count() == 1
    assert supervisor_on(placement, SupervisionKind.MENTOR, TODAY) == appointed


def test_the_agreement_must_cover_the_new_days_and_hosts(
    office: Person,
    student: Person,
    hr: Person,
    firm_b: Organisation,
    planned: PlacementMaker,
) -> None:
    agreements.load_standard_templates(actor=office)
    placement = planned(starts_on=NEXT_WEEK, ends_on=NEXT_WEEK + 8 * A_WEEK)
    paper = services.draft_three_party(actor=hr, placement=placement)
    placement.refresh_from_db()
    longer = Change(ends_on=NEXT_WEEK + 9 * A_WEEK)
    with pytest.raises(ValidationError, match="Have it amended first"):
        change_placement(actor=hr, placement=placement, change=longer, reason="Longer")
    with pytest.raises(ValidationError, match="no party of the three-party agreement"):
        change_placement(actor=office, placement=placement, change=Change(hosts=[(firm_b, 100)]), reason="Moved")
    Term.objects.create(agreement=paper.agreement, valid_from=NEXT_WEEK, valid_until=NEXT_WEEK + 10 * A_WEEK)
    changed = change_placement(actor=hr, placement=placement, change=longer, reason="Longer")
    assert changed.ends_on == NEXT_WEEK + 9 * A_WEEK


def lessons(cohort: Cohort, teacher: Person, weekday: int, weeks: int) -> None:
    """A class from ten to twelve on a day of the next weeks, by the clock of Shanghai."""
    term = TeachingTerm.objects.create(
        organisation=cohort.organisation, academic_year=cohort.academic_year, starts_on=THIS_WEEK
    )
    for number in range(weeks):
        day = NEXT_WEEK + number * A_WEEK + timedelta(days=weekday - 1)
        Session.objects.create(
            term=term,
            cohort=cohort,
            course="信号处理",
            starts_at=datetime.combine(day, time(2), UTC),
            ends_at=datetime.combine(day, time(4), UTC),
            recorded_at=timezone.now(),
        )


def test_classes_on_days_at_the_host_are_told_before_with_the_days_that_are_free(
    office: Person, teacher: Person, cohort: Cohort, student: Person, guided: PlacementMaker
) -> None:
    lessons(cohort, teacher, 4, 3)
    with pytest.raises(MeetsClasses, match="Monday") as told:
        guided(starts_on=NEXT_WEEK, ends_on=NEXT_WEEK + 4 * A_WEEK)
    assert (told.value.free_days, len(told.value.meetings)) == ("1235", 3)
    assert not Placement.objects.exists()

    placement = guided(starts_on=NEXT_WEEK, ends_on=NEXT_WEEK + 4 * A_WEEK, times=Times(days_of("weekly")))
    assert not Overlap.objects.exists()
    everybody_there = busy([student], NEXT_WEEK, NEXT_WEEK + timedelta(days=6))[student.pk]
    assert [(one.kind, one.start.isoweekday()) for one in everybody_there] == [
        ("work", 1), ("work", 2), ("work", 3), ("study", 4)
    ]  # fmt: skip

    whole = Change(times=Times())
    with pytest.raises(MeetsClasses):
        change_placement(actor=office, placement=placement, change=whole, reason="Full weeks")
    change_placement(actor=office, placement=placement, change=whole, reason="Full weeks", despite_study=True)
    assert Overlap.objects.known(None).filter(person=student, source="training.placements").count() == 3
    change_placement(
        actor=office, placement=placement, change=Change(times=Times(days="1235")), reason="Thursdays are for classes"
    )
    assert not Overlap.objects.known(None).exists()


def test_patterns_tell_the_days_of_the_week() -> None:
    assert (days_of("weekly"), days_of("3+9")) == ("123", "12345")
    for wrong in (Times(days=""), Times(days="8"), Times(days="21"), Times(opens=time(18), closes=time(9))):
        with pytest.raises(ValidationError):
            wrong.check()


def test_the_page_changes_a_placement_and_a_program_does(
    hr: Person, office: Person, student: Person, placement: Placement, colleague_mentor: Person, sign_in: SignIn
) -> None:
    page = f"/training/placements/{placement.uid}/change/"
    assert sign_in(student).get(page).status_code == 403
    client = sign_in(office)
    form = client.get(page).context["form"]
    sent = {
        name: "" if (value := form.get_initial_for_field(field, name)) is None else getattr(value, "pk", value)
        for name, field in form.fields.items()
    }
    again = client.post(page, {**sent, "ends_on": LONGER, "reason": "More tests"})
    assert again.status_code == 302, again.context["form"].errors
    placement.refresh_from_db()
    assert (placement.ends_on, len(stays(placement))) == (LONGER, 1)
    stale = client.post(page, {**sent, "ends_on": LAST, "reason": "Back"})
    assert stale.status_code == 409

    where = f"/api/training/placements/{placement.uid}/changes"
    asked = {"reason": "New tutor", "revision": placement.revision, "mentor": str(colleague_mentor.uid)}
    assert sign_in(student).post(where, asked, content_type="application/json").status_code == 403
    program = sign_in(hr)
    done = program.post(where, asked, content_type="application/json")
    assert (done.status_code, done.json()["mentor"]) == (200, str(colleague_mentor.uid))
    assert program.post(where, asked, content_type="application/json").status_code == 409
    wrong = {**asked, "revision": done.json()["revision"], "starts_on": str(TODAY)}
    assert program.post(where, wrong, content_type="application/json").status_code == 422
