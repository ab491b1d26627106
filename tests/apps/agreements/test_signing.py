"""From draft to signed by all: each step by whom it may be done, what is signed, and what follows at once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from ronghe.apps.accounts import services as accounts
from ronghe.apps.agreements import content, services, triggers
from ronghe.apps.agreements.models import (
    Agreement,
    Instrument,
    InstrumentState,
    Party,
    Promise,
    Signature,
    Term,
)
from ronghe.apps.agreements.services import PartyData
from ronghe.apps.ledger.models import Event
from ronghe.apps.ledger.revision import StaleRevision
from tests.apps.agreements.conftest import CLAUSES, FIRST, LAST, check, clause, give, send, signature_of

pytestmark = pytest.mark.django_db


def test_hr_drafts_where_its_own_enterprise_is_a_party(hr, other_hr, data):
    assert services.draft_agreement(actor=hr, data=data).state == InstrumentState.DRAFT
    with pytest.raises(PermissionDenied):
        services.draft_agreement(actor=other_hr, data=data)


@pytest.mark.parametrize("who", ["teacher", "student", "mentor", "reviewer", "stranger"])
def test_nobody_else_drafts_changes_or_sends(who, request, data, draft):
    person = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        services.draft_agreement(actor=person, data=data)
    with pytest.raises(PermissionDenied):
        services.change_paper(actor=person, instrument=draft, revision=draft.revision, clauses=CLAUSES)


def test_a_draft_that_cannot_stand_is_refused_by_field(hr, data, firm_a, firm_b, university):
    wrong = {
        "last_day": replace(data, last_day=FIRST - timedelta(days=1)),
        "first_day": replace(data, first_day=date(1990, 1, 1)),
        "chain": replace(data, parties=[PartyData(1, firm_a), PartyData(2, firm_b)]),
    }
    for field, one in wrong.items():
        with pytest.raises(ValidationError) as refused:
            services.draft_agreement(actor=hr, data=one)
        assert field in refused.value.message_dict
    for parties in (
        [PartyData(1, firm_a)],
        [PartyData(1, firm_a), PartyData(3, university)],
        [PartyData(1, firm_a)] * 2,
    ):
        with pytest.raises(ValidationError):
            services.draft_agreement(actor=hr, data=replace(data, parties=parties))


def test_a_template_fills_the_draft_and_is_frozen_by_it(office, hr, data):
    services.load_standard_templates(actor=office)
    assert services.load_standard_templates(actor=office) == 0
    from ronghe.apps.agreements import selectors

    version = selectors.newest_versions(hr).get(template__kind="strategic")
    paper = services.draft_agreement(actor=hr, data=replace(data, template=version))
    assert [one["kind"] for one in paper.clauses][:2] == ["text", "positions"]
    assert paper.clauses[1]["values"] == {"per": "year", "by": 1}
    version.refresh_from_db()
    assert version.digest == content.digest_of(version.clauses)
    following = services.put_template_clauses(
        actor=office, version=version, revision=version.revision, clauses=[clause("text")]
    )
    assert (following.number, version.number) == (2, 1)
    with pytest.raises(DatabaseError), transaction.atomic():
        type(version).objects.filter(pk=version.pk).update(clauses=[])


def test_whoever_drafted_does_not_check(hr, colleague_hr, draft):
    paper = services.submit_paper(actor=hr, instrument=draft, revision=draft.revision)
    with pytest.raises(PermissionDenied):
        services.check_paper(actor=hr, instrument=paper, revision=paper.revision, passed=True)
    with pytest.raises(ValidationError):
        services.check_paper(actor=colleague_hr, instrument=paper, revision=paper.revision, passed=False)
    paper.refresh_from_db()
    back = services.check_paper(
        actor=colleague_hr, instrument=paper, revision=paper.revision, passed=False, reason="Say how many."
    )
    assert (back.state, back.returned_because) == (InstrumentState.DRAFT, "Say how many.")


def test_an_open_number_stops_the_paper_before_the_check(hr, data):
    paper = services.draft_agreement(actor=hr, data=data)
    with pytest.raises(ValidationError, match="without clauses"):
        services.submit_paper(actor=hr, instrument=paper, revision=paper.revision)
    paper = services.change_paper(
        actor=hr, instrument=paper, revision=paper.revision, clauses=[clause("positions", per="year")]
    )
    with pytest.raises(ValidationError, match="Clause 1"):
        services.submit_paper(actor=hr, instrument=paper, revision=paper.revision)


def test_of_two_who_edit_the_second_is_told(hr, draft):
    services.change_paper(actor=hr, instrument=draft, revision=draft.revision, first_day=FIRST, last_day=LAST)
    with pytest.raises(StaleRevision):
        services.change_paper(actor=hr, instrument=draft, revision=draft.revision, clauses=[])


def test_only_signatories_with_a_standing_are_asked(office, checked, signer, dean, mentor, hr):
    for wrong in (mentor, hr):
        with pytest.raises(ValidationError) as refused:
            send(checked, office, {1: [wrong], 2: [dean]})
        assert "party_1" in refused.value.message_dict
    with pytest.raises(ValidationError) as refused:
        send(checked, office, {1: [signer]})
    assert "party_2" in refused.value.message_dict
    checked.refresh_from_db()
    assert checked.state == InstrumentState.CHECKED
    assert not Signature.objects.exists()


def test_signing_concludes_and_what_follows_is_dated(sent, signer, dean, chain):
    assert content.digest_of(sent.content) == sent.digest
    give(sent, signer)
    assert not Term.objects.exists()
    given = give(sent, dean)
    sent.refresh_from_db()
    assert sent.state == InstrumentState.CONCLUDED
    term = Term.objects.get()
    assert (term.valid_from, term.valid_until, term.chain) == (FIRST, date(2029, 1, 1), chain)
    assert set(Promise.objects.values_list("kind", "quantity", "per")) == {
        ("positions", 50, "year"),
        ("mentors", 10, ""),
    }
    found = services.verify_signature(given)
    assert found.holds
    assert Event.objects.filter(type="agreements.paper.concluded").count() == 1


def test_a_signature_needs_the_person_a_fresh_confirmation_and_the_very_paper(sent, signer, dean, hr):
    asked = signature_of(sent, signer)
    now = timezone.now()
    for person in (dean, hr):
        with pytest.raises(PermissionDenied):
            services.sign(actor=person, signature=asked, digest=sent.digest, confirmed_at=now, confirmed_by="password")
    for when in (None, now - timedelta(minutes=11), now + timedelta(minutes=1)):
        with pytest.raises(services.NotConfirmed):
            services.sign(actor=signer, signature=asked, digest=sent.digest, confirmed_at=when, confirmed_by="password")
    with pytest.raises(ValidationError, match="not the paper"):
        services.sign(actor=signer, signature=asked, digest="sha256:0", confirmed_at=now, confirmed_by="password")
    asked.refresh_from_db()
    assert asked.signed_at is None


def test_a_standing_that_ended_signs_no_more(sent, hr, signer, second_signer, firm_a):
    standing = signer.signatory_standings.get()
    with pytest.raises(ValidationError) as refused:
        services.end_signatory(actor=hr, signatory=standing, on=timezone.localdate())
    assert "successor" in refused.value.message_dict
    services.end_signatory(actor=hr, signatory=standing, on=timezone.localdate(), successor=second_signer)
    with pytest.raises(Signature.DoesNotExist):
        signature_of(sent, signer)
    assert signature_of(sent, second_signer).is_waiting
    give(sent, second_signer)


def test_nobody_appoints_themselves_and_hr_only_for_its_own(hr, other_hr, firm_a, stranger):
    from tests.factories import LONG_AGO

    about = {"organisation": firm_a, "title_zh": "经理", "valid_from": LONG_AGO}
    with pytest.raises(ValidationError, match="themselves"):
        services.appoint_signatory(actor=hr, person=hr, **about)
    with pytest.raises(PermissionDenied):
        services.appoint_signatory(actor=other_hr, person=stranger, **about)
    services.appoint_signatory(actor=hr, person=stranger, **about)
    with pytest.raises(ValidationError):
        services.appoint_signatory(actor=hr, person=stranger, **about)


def test_declining_opens_the_paper_again_and_voids_what_was_signed(sent, signer, dean):
    give(sent, signer)
    old = sent.digest
    services.decline(actor=dean, signature=signature_of(sent, dean), reason="Fewer mentors, please.")
    sent.refresh_from_db()
    assert (sent.state, sent.digest, sent.code) == (InstrumentState.DRAFT, "", None)
    assert sent.returned_because == "Fewer mentors, please."
    given = Signature.objects.get(person=signer)
    assert given.signed_digest == old
    assert given.settled_at is not None
    assert not Term.objects.exists()


def test_a_paper_is_called_back_until_one_has_signed(office, sent, signer, other_hr):
    with pytest.raises(PermissionDenied):
        services.recall_paper(actor=other_hr, instrument=sent, revision=sent.revision, reason="no")
    give(sent, signer)
    with pytest.raises(ValidationError, match="signed already"):
        services.recall_paper(actor=office, instrument=sent, revision=sent.revision, reason="A number is wrong.")
    sent.refresh_from_db()
    given_up = services.withdraw_paper(
        actor=office, instrument=sent, revision=sent.revision, reason="No need any more."
    )
    assert given_up.state == InstrumentState.WITHDRAWN
    assert not Signature.objects.waiting().exists()


def test_several_hosts_and_two_signatories_of_one_firm_all_sign(
    office, second_office, hr, other_hr, data, firm_a, firm_b, university, signer, second_signer, dean, chain
):
    from tests.factories import ChainMembershipFactory, PersonFactory

    ChainMembershipFactory.create(chain=chain, organisation=firm_b)
    other = PersonFactory.create(email="b@example.org", name="b")
    services.appoint_signatory(actor=other_hr, person=other, organisation=firm_b, title_zh="总经理", valid_from=FIRST)
    parties = [PartyData(1, firm_a, signatures_required=2), PartyData(1, firm_b), PartyData(2, university)]
    paper = services.draft_agreement(actor=office, data=replace(data, parties=parties))
    paper = services.change_paper(
        actor=office,
        instrument=paper,
        revision=paper.revision,
        clauses=[
            clause("positions", quantity=30, per="year", by=1),
            clause("positions", quantity=20, per="year", by=2),
        ],
    )
    paper = send(check(paper, office, second_office), office, {1: [signer, second_signer], 2: [other], 3: [dean]})
    for person in (signer, second_signer, other):
        give(paper, person)
        assert not Term.objects.exists()
    give(paper, dean)
    assert set(Promise.objects.values_list("by_id", "quantity")) == {(firm_a.pk, 30), (firm_b.pk, 20)}


@pytest.fixture
def three_party(office, second_office, data, firm_a, university, student, signer, dean):
    parties = [PartyData(1, firm_a), PartyData(2, university), PartyData(3, person=student)]
    paper = services.draft_agreement(actor=office, data=replace(data, kind="three_party", parties=parties))
    paper = services.change_paper(actor=office, instrument=paper, revision=paper.revision, clauses=CLAUSES)
    return send(check(paper, office, second_office), office, {1: [signer], 2: [dean]})


def test_a_student_signs_in_person_and_is_not_named_in_what_is_hashed(three_party, student, signer, dean):
    for person in (signer, dean, student):
        give(three_party, person)
    three_party.refresh_from_db()
    assert three_party.state == InstrumentState.CONCLUDED
    assert student.name not in str(three_party.content)
    party = Party.objects.get(person=student)
    assert three_party.content["parties"][2]["person"]["name"] == content.name_digest(party.salt, student.name)


def test_erasing_a_student_leaves_the_paper_and_its_signatures_valid(three_party, student, signer, dean):
    for person in (signer, dean, student):
        give(three_party, person)
    accounts.erase_own_data(actor=student, person=student)
    three_party.refresh_from_db()
    assert Party.objects.get(person=student).salt == ""
    found = services.verify_signature(Signature.objects.get(person=student))
    assert found.holds
    assert found.erased


@pytest.mark.postgres
def test_the_database_refuses_to_change_what_was_signed(concluded, signer):
    refused = (
        lambda: Instrument.objects.filter(pk=concluded.pk).update(content={}),
        lambda: Instrument.objects.filter(pk=concluded.pk).update(state="draft"),
        lambda: Signature.objects.filter(person=signer).update(signed_digest="sha256:1"),
        lambda: Signature.objects.filter(person=signer)._raw_delete("default"),
    )
    for act in refused:
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    # What is tampered with past the triggers is found by checking.
    triggers.remove(connection)
    Instrument.objects.filter(pk=concluded.pk).update(content={**concluded.content, "amends": "other"})
    assert not services.verify_signature(Signature.objects.get(person=signer)).content_intact
    triggers.install(connection)


@pytest.mark.postgres
def test_of_an_agreement_one_paper_at_a_time_is_in_the_making(office, concluded):
    agreement = concluded.agreement
    services.draft_renewal(actor=office, agreement=agreement, last_day=date(2030, 12, 31))
    with pytest.raises(ValidationError, match="in the making"):
        services.draft_amendment(actor=office, agreement=agreement, first_day=date(2027, 1, 1), reason="more")
    with pytest.raises(DatabaseError), transaction.atomic():
        Instrument.objects.create(agreement=agreement, number=9, kind="amendment", first_day=date(2027, 1, 1))
    assert Agreement.objects.count() == 1


def test_a_reviewer_knows_of_the_paper_and_not_of_the_student(three_party, reviewer, student, sign_in):
    listed = sign_in(reviewer).get(reverse("agreements:list")).content.decode()
    page = sign_in(reviewer).get(three_party.agreement.get_absolute_url()).content.decode()
    for shown in (listed, page):
        assert "a person" in shown
        assert student.email not in shown
        assert f" {student.name}<" not in shown.replace("·", "")


def test_no_paper_goes_to_a_firm_that_nobody_has_confirmed(checked, office, signer, dean, firm_a):
    firm_a.confirmations.all().delete()
    with pytest.raises(ValidationError, match="not confirmed"):
        send(checked, office, {1: [signer], 2: [dean]})
