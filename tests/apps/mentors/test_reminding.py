"""Reminders of mentors and teachers: what lapses and what waits, each told once, in the reader's language."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.ledger.models import Event
from ronghe.apps.mentors import services
from ronghe.apps.mentors.models import Appointment, ClassHour, Offer
from tests.apps.mentors.conftest import Claimer
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db
LAST_DAY = date(2026, 9, 30)


def paper(holder: Person, by: Person, expires_on: date) -> None:
    services.record_qualification(
        actor=by, person=holder, name_zh="高级工程师", issuer="省人社厅", issued_on=date(2020, 1, 1),
        expires_on=expires_on, evidence="编号可查",
    )  # fmt: skip


def test_a_lapsing_paper_is_told_at_sixty_and_fourteen_days_and_when_it_has_lapsed(
    hr: Person, mentor: Person, appointed: Appointment, mailoutbox: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    paper(mentor, hr, LAST_DAY)
    days = [61, 60, 45, 14, 13, 0, -1, -30]
    told = []
    for before in days:
        with django_capture_on_commit_callbacks(execute=True):
            told.append(services.remind(actor=None, today=LAST_DAY - timedelta(days=before)))
    assert told == [0, 1, 0, 1, 0, 0, 1, 0]
    assert [letter.to for letter in mailoutbox] == [[mentor.email]] * 3
    assert "valid through 2026-09-30" in mailoutbox[0].body
    assert Event.objects.filter(type="mentors.reminders.sent").count() == 3


def test_terms_and_hours_that_wait_a_week_come_in_one_letter(
    hr: Person, mentor: Person, teacher: Person, firm_a: Organisation, claimed: Claimer, mailoutbox: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    services.offer_terms(
        actor=hr, person=mentor, organisation=firm_a, load=3, intellectual_property="共有", insurance="意外险",
        valid_from=date(2026, 3, 1),
    )  # fmt: skip
    claimed(actor=teacher)
    claimed(taught_on=date(2026, 3, 10))
    long_ago = timezone.make_aware(datetime(2026, 4, 1, 8))
    Offer.objects.update(offered_at=long_ago)
    ClassHour.objects.update(claimed_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        assert services.remind(actor=None, today=date(2026, 4, 7)) == 0
        assert services.remind(actor=None, today=date(2026, 4, 8)) == 1
    (letter,) = mailoutbox
    assert "wait for your answer" in letter.body
    assert letter.body.count("wait for you to confirm") == 1


def test_the_office_sends_reminders_and_nobody_else_and_the_timer_does_so_by_itself(
    sign_in: SignIn, office: Person, hr: Person, mentor: Person, appointed: Appointment, mailoutbox: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    paper(mentor, hr, date(2026, 1, 1))
    with pytest.raises(PermissionDenied):
        services.remind(actor=hr)
    assert sign_in(hr).post(reverse("mentors:remind")).status_code == 403
    with django_capture_on_commit_callbacks(execute=True):
        call_command("mentors_remind")
    assert len(mailoutbox) == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert sign_in(office).post(reverse("mentors:remind")).status_code == 302
    assert len(mailoutbox) == 1
