"""What an agreement says on any day: amendments, renewal, an early end; papers signed outside; reminders; import."""

import io
from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection
from django.utils import timezone

from ronghe.apps.agreements import selectors, services
from ronghe.apps.agreements.imports import AGREEMENTS, exported
from ronghe.apps.agreements.models import Agreement, InstrumentState, Promise, Reminder, Signature, Term
from ronghe.apps.agreements.services import SignedOutside
from ronghe.apps.metrics.measurement import Window
from ronghe.apps.metrics.registry import measure, measure_community
from tests.apps.agreements.conftest import FIRST, LAST, check, give, send
from tests.apps.full_disk import no_event_is_written

pytestmark = pytest.mark.django_db


def amend(agreement, office, second_office, signer, dean, first_day, change):
    paper = services.draft_amendment(actor=office, agreement=agreement, first_day=first_day, reason="agreed")
    paper = services.change_paper(
        actor=office, instrument=paper, revision=paper.revision, clauses=change(list(paper.clauses))
    )
    paper = send(check(paper, office, second_office), office, {1: [signer], 2: [dean]})
    give(paper, signer)
    give(paper, dean)
    return paper


def seats(number):
    def change(clauses):
        return [
            {**one, "values": {**one["values"], "quantity": number}} if one["kind"] == "positions" else one
            for one in clauses
        ]

    return change


def held(agreement, day, known_at=None):
    rows = Promise.objects.on(day, known_at=known_at).filter(agreement=agreement, kind="positions")
    return [row.quantity for row in rows]


def test_an_amendment_holds_from_its_day_and_the_past_stays_readable(
    concluded, office, second_office, signer, dean, chain
):
    agreement = concluded.agreement
    before = timezone.now()
    amend(agreement, office, second_office, signer, dean, date(2027, 7, 1), seats(80))
    assert held(agreement, date(2027, 6, 30)) == [50]
    assert held(agreement, date(2027, 7, 1)) == [80]
    assert held(agreement, date(2027, 7, 1), known_at=before) == [50]
    said = selectors.consolidated(agreement, date(2027, 7, 1))
    assert said[0]["values"]["quantity"] == 80
    assert selectors.consolidated(agreement, date(2027, 6, 30))[0]["values"]["quantity"] == 50
    # 181 days of 50 a year and 184 of 80: counted by hand.
    found = measure("agreements.seats_promised", [chain.pk], Window(date(2027, 1, 1), date(2027, 12, 31)))
    assert found[chain.pk].value == pytest.approx(50 * 181 / 365 + 80 * 184 / 365)


def test_an_earlier_amendment_concluded_later_keeps_what_the_later_one_changed(
    concluded, office, second_office, signer, dean
):
    agreement = concluded.agreement
    amend(agreement, office, second_office, signer, dean, date(2027, 7, 1), seats(80))

    def fewer_mentors(clauses):
        return [
            {**one, "values": {**one["values"], "quantity": 4}} if one["kind"] == "mentors" else one for one in clauses
        ]

    amend(agreement, office, second_office, signer, dean, date(2026, 9, 1), fewer_mentors)
    said = {one["kind"]: one["values"].get("quantity") for one in selectors.consolidated(agreement, date(2028, 1, 1))}
    assert (said["positions"], said["mentors"]) == (80, 4)


def test_an_amendment_that_changes_nothing_or_falls_outside_is_refused(concluded, office):
    agreement = concluded.agreement
    for day in (FIRST - timedelta(days=1), LAST + timedelta(days=1)):
        with pytest.raises(ValidationError):
            services.draft_amendment(actor=office, agreement=agreement, first_day=day, reason="x")
    paper = services.draft_amendment(actor=office, agreement=agreement, first_day=date(2027, 1, 1), reason="x")
    with pytest.raises(ValidationError, match="changes nothing"):
        services.submit_paper(actor=office, instrument=paper, revision=paper.revision)


def test_a_renewal_continues_on_the_day_after_the_last_one(concluded, office, second_office, signer, dean):
    agreement = concluded.agreement
    with pytest.raises(ValidationError):
        services.draft_renewal(actor=office, agreement=agreement, last_day=LAST)
    paper = services.draft_renewal(actor=office, agreement=agreement, last_day=date(2030, 12, 31))
    assert paper.first_day == LAST + timedelta(days=1)
    paper = send(check(paper, office, second_office), office, {1: [signer], 2: [dean]})
    give(paper, signer)
    assert Term.objects.known().get().valid_until == date(2029, 1, 1)
    give(paper, dean)
    assert Term.objects.known().get().valid_until == date(2031, 1, 1)
    assert held(agreement, date(2030, 6, 1)) == [50]


def end(agreement, actor, party, **changed):
    today = timezone.localdate()
    about = {
        "notice_given_on": today,
        "ended_on": today + timedelta(days=30),
        "reason": "The plant closes.",
        "consequences": "Placements move to the other host.",
        **changed,
    }
    return services.end_agreement(actor=actor, agreement=agreement, revision=agreement.revision, party=party, **about)


def test_an_agreement_ends_before_its_time_with_notice_reason_and_what_follows(concluded, hr, other_hr, chain):
    agreement = concluded.agreement
    agreement.refresh_from_db()
    today, party = timezone.localdate(), agreement.parties.first()
    with pytest.raises(PermissionDenied):
        end(agreement, other_hr, party)
    wrong = {
        "ended_on": today + timedelta(days=29),
        "reason": " ",
        "consequences": "",
        "notice_given_on": today + timedelta(days=1),
    }
    for field, value in wrong.items():
        with pytest.raises(ValidationError) as refused:
            end(agreement, hr, party, **{field: value})
        assert field in refused.value.message_dict
    before = timezone.now()
    end(agreement, hr, party)
    effect = today + timedelta(days=30)
    window = Window(effect, effect)
    assert measure("agreements.in_force", [chain.pk], window)[chain.pk].value == 0
    assert measure("agreements.in_force", [chain.pk], Window(today, today))[chain.pk].value == 1
    assert measure("agreements.in_force", [chain.pk], Window(effect, effect, before))[chain.pk].value == 1
    assert held(agreement, effect) == []
    agreement.refresh_from_db()
    with pytest.raises(ValidationError, match="ended before its time"):
        end(agreement, hr, party)
    [row] = selectors.rows([agreement], effect)
    assert row.standing == "ended"


PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def upload(paper, actor, data=PDF, name="scan.pdf", **more):
    about = {"signed_on": timezone.localdate(), **more}
    return services.upload_scan(actor=actor, instrument=paper, file=io.BytesIO(data), filename=name, **about)


@pytest.mark.parametrize("scanned", [b"", b"MZ\x90", b"%PDF-1.7 cut off", b"<html>%%EOF", b"\x89PNG\r\n\x1a\n"])
def test_a_scan_is_known_by_its_content_not_its_name(sent, hr, scanned, data_dir):
    with pytest.raises(ValidationError) as refused:
        upload(sent, hr, scanned)
    assert "file" in refused.value.message_dict
    assert not list(data_dir.glob("agreements/*"))


def test_a_scan_does_not_outlive_the_transaction_that_kept_it(sent, hr, data_dir):
    with connection.execute_wrapper(no_event_is_written), pytest.raises(DatabaseError, match="disk is full"):
        upload(sent, hr)
    assert not list(data_dir.glob("agreements/*"))


def test_what_was_signed_outside_counts_once_a_second_person_confirmed_it(sent, hr, office, second_office, data_dir):
    scan = upload(sent, office, name="../../etc/passwd.exe")
    assert (scan.filename, scan.media_type) == ("passwd.pdf", "application/pdf")
    assert services.path_of(scan.uid).read_bytes() == PDF
    assert oct(services.path_of(scan.uid).stat().st_mode)[-3:] == "600"
    with pytest.raises(ValidationError, match="here already"):
        upload(sent, hr)
    with pytest.raises(PermissionDenied):
        services.decide_scan(actor=office, scan=scan, confirmed=True)
    with pytest.raises(PermissionDenied):
        services.decide_scan(actor=hr, scan=scan, confirmed=True)
    services.decide_scan(actor=second_office, scan=scan, confirmed=True)
    sent.refresh_from_db()
    assert sent.state == InstrumentState.CONCLUDED
    assert all(services.verify_signature(one).holds for one in Signature.objects.all())
    assert selectors.verify_file(scan.sha256).paper == sent


def test_a_scan_of_one_party_leaves_the_others_to_sign(sent, hr, office, dean, data_dir):
    party = sent.agreement.parties.get(place=1)
    scan = upload(sent, hr, party=party)
    services.path_of(scan.uid).write_bytes(PDF + b"changed")
    with pytest.raises(ValidationError, match="not the one"):
        services.decide_scan(actor=office, scan=scan, confirmed=True)
    services.path_of(scan.uid).write_bytes(PDF)
    services.decide_scan(actor=office, scan=scan, confirmed=True)
    sent.refresh_from_db()
    assert sent.state == InstrumentState.SENT
    give(sent, dean)
    sent.refresh_from_db()
    assert sent.state == InstrumentState.CONCLUDED


def test_reminders_follow_their_rules_once_and_escalate(sent, office, hr, signer, django_capture_on_commit_callbacks):
    due = sent.sign_by

    def run(day):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            services.remind(actor=None, today=day)
        return {message.to[0] for message in mail.outbox}

    assert run(due - timedelta(days=8)) == set()
    assert run(due - timedelta(days=7)) == {"signer@example.org", "dean@example.org"}
    assert run(due - timedelta(days=7)) == set()
    assert run(due + timedelta(days=1)) == {"signer@example.org", "dean@example.org"}
    # The days between were missed: only the newest rule is kept, to signatory, HR of firm A and the office.
    escalated = run(due + timedelta(days=12))
    assert {"signer@example.org", hr.email, office.email} <= escalated
    assert run(due + timedelta(days=40)) == set()
    assert Reminder.objects.count() == 6
    with pytest.raises(PermissionDenied):
        services.remind(actor=hr)


def test_an_agreement_about_to_expire_is_told_to_hr_and_office(
    concluded, office, hr, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        assert services.remind(actor=office, today=LAST - timedelta(days=90)).agreements == 1
    assert {hr.email, office.email} <= {message.to[0] for message in mail.outbox}


def test_overdue_signatures_are_counted_as_they_were_and_as_they_were_known(sent, chain, signer):
    day = sent.sign_by + timedelta(days=1)
    window = Window(day, day)
    assert measure("agreements.overdue_signatures", [chain.pk], window)[chain.pk].value == 2
    asked = timezone.now()
    give(sent, signer)
    assert measure("agreements.overdue_signatures", [chain.pk], window)[chain.pk].value == 1
    assert measure("agreements.overdue_signatures", [chain.pk], Window(day, day, asked))[chain.pk].value == 2
    assert measure_community("agreements.community_overdue_signatures", window).value == 1


def test_what_waits_is_in_the_inbox_of_whom_it_waits_for(hr, office, colleague_hr, other_hr, draft):
    services.submit_paper(actor=hr, instrument=draft, revision=draft.revision)
    assert [one.kind for one in selectors.waiting_for(office)] == ["check"]
    assert [one.kind for one in selectors.waiting_for(colleague_hr)] == ["check"]
    assert selectors.waiting_for(hr) == []
    assert selectors.waiting_for(other_hr) == []


def test_papers_to_sign_are_in_the_inbox_with_their_day(sent, signer, mentor):
    [one] = selectors.waiting_for(signer)
    assert (one.kind, one.due, one.state) == ("sign", sent.sign_by, "progress")
    [late] = selectors.waiting_for(signer, sent.sign_by + timedelta(days=1))
    assert late.state == "bad"
    assert selectors.waiting_for(mentor) == []


def outside(number, chain, parties, **more):
    about = {"seats_a_year": 30, "mentors": 5, "graduates_a_year": 20, **more}
    return SignedOutside(number, "strategic", "旧协议", "", chain, parties, FIRST, LAST, **about)


def test_agreements_signed_before_are_recorded_in_bulk(
    office, hr, chain, firm_a, university, django_assert_max_num_queries
):
    rows = [outside(f"X-{number}", chain, [firm_a, university]) for number in range(40)]
    with pytest.raises(PermissionDenied):
        services.record_signed_outside(actor=hr, agreements=rows)
    with django_assert_max_num_queries(25):
        assert services.record_signed_outside(actor=office, agreements=rows) == 40
    window = Window(date(2027, 1, 1), date(2027, 12, 31))
    assert measure("agreements.seats_promised", [chain.pk], window)[chain.pk].value == 1200
    assert measure("agreements.graduates_promised", [chain.pk], window)[chain.pk].value == 800
    with pytest.raises(ValidationError, match="X-3"):
        services.record_signed_outside(actor=office, agreements=[rows[3]])
    told = list(exported(Agreement.objects.filter(number="X-0")))
    assert [told[0][name] for name in ("number", "seats_a_year", "mentors", "last_day")] == ["X-0", 30, 5, LAST]
    assert {column.name for column in AGREEMENTS.columns} == set(told[0])
