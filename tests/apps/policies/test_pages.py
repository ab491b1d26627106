"""Every page and endpoint of policies for owner, colleague, outsider and anonymous; nobody sees another's figures."""

import io
import json
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from ronghe.apps.ledger import entries
from ronghe.apps.ledger.services import seal
from ronghe.apps.policies import services
from ronghe.apps.policies.models import Exemption, IncentiveClaim, PayLink, Payslip, Question, RuleSetVersion
from ronghe.apps.policies.selectors.obligations import Moment
from ronghe.apps.policies.subjects import SubjectKind
from ronghe.trust.merkle import leaf_hash, verify_inclusion
from tests.apps.policies.conftest import HEAD, MEMBERS
from tests.apps.policies.test_services import draft, promise, slip
from tests.factories import ChainFactory, ChainMembershipFactory, OrganisationFactory

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
EVERYONE = ["office", "reviewer", "hr", "colleague_hr", "other_hr", "teacher", "mentor", "student", "stranger"]


@pytest.fixture
def chain(firm_a, university):
    found = ChainFactory.create(name_en="Chips of firm A")
    ChainMembershipFactory.create(chain=found, organisation=firm_a, tier="leader")
    return found


@pytest.fixture
def other_chain(firm_b):
    found = ChainFactory.create(name_en="Boards of firm B")
    ChainMembershipFactory.create(chain=found, organisation=firm_b, tier="leader")
    return found


@pytest.fixture
def shipped(office):
    return services.load_shipped(actor=office)


@pytest.fixture
def visit(request, sign_in):
    """The status with which a page answers each person, signed in."""

    def act(url, method="get", **data):
        found = {}
        for name in EVERYONE:
            answer = getattr(sign_in(request.getfixturevalue(name)), method)(url, data)
            found[name] = answer.status_code
        return found

    return act


def those(found, status=200):
    return {name for name, code in found.items() if code == status}


def text_of(answer):
    return answer.content.decode()


def test_a_chains_obligations_open_to_its_own_people_the_office_and_reviewers(visit, rules, chain, other_chain):
    for url in (
        reverse("policies:subject", args=["chain", chain.pk]),
        reverse("policies:obligation", args=["chain", chain.pk, "house-rules", "members"]),
    ):
        found = visit(url)
        assert those(found) == {"office", "reviewer", "hr", "colleague_hr"}
        assert those(found, 404) == set(EVERYONE) - those(found)


def test_a_firms_obligations_open_to_its_own_hr_the_office_and_reviewers(visit, rules, chain, firm_a):
    found = visit(reverse("policies:subject", args=["enterprise", firm_a.pk]))
    assert those(found) == {"office", "reviewer", "hr", "colleague_hr"}


def test_the_board_shows_each_their_own(rules, chain, other_chain, hr, other_hr, office, student, sign_in):
    url = reverse("policies:obligations")
    assert "Chips of firm A" in text_of(sign_in(hr).get(url))
    assert "Boards of firm B" not in text_of(sign_in(hr).get(url))
    assert "Chips of firm A" not in text_of(sign_in(other_hr).get(url))
    assert all(name in text_of(sign_in(office).get(url)) for name in ("Chips of firm A", "Boards of firm B"))
    assert sign_in(student).get(url).status_code == 403
    only_red = sign_in(office).get(url, {"verdict": "green"})
    assert "Chips of firm A" not in text_of(only_red)


def test_every_page_sends_the_anonymous_to_sign_in(anonymous, rules, chain):
    for name, args in (
        ("obligations", []), ("subject", ["chain", chain.pk]), ("sign", ["chain", chain.pk]), ("decisions", []),
        ("obligation", ["chain", chain.pk, "house-rules", "members"]), ("rule_sets", []), ("effects", []),
        ("rule_set", ["house-rules"]), ("version", ["house-rules", 1]), ("source", ["house-rules", 1]),
        ("propose_new", []), ("propose", ["house-rules"]), ("exemptions", []), ("incentives", []),
        ("ask_exemption", ["chain", chain.pk, "house-rules", "members"]), ("pay_tables", []), ("payslips", []),
        ("declare_payslip", []), ("declare_payslip_for", []), ("digest", []),
    ):  # fmt: skip
        answer = anonymous.get(reverse(f"policies:{name}", args=args))
        assert (answer.status_code, reverse("account_login") in answer["Location"]) == (302, True), name


@pytest.mark.parametrize(
    "query", ["?on=2999-01-01", "?on=yesterday", "?known=0001-01-01", "?kind=planet", "?verdict=blue", "?page=x"]
)
def test_nonsense_in_the_address_is_answered(query, rules, chain, office, sign_in):
    assert sign_in(office).get(reverse("policies:obligations") + query).status_code in (200, 404)


def test_a_past_day_is_carried_from_board_to_records(rules, chain, office, sign_in):
    client = sign_in(office)
    page = client.get(reverse("policies:obligations"), {"on": "2026-05-01", "known": "2999-01-01"})
    assert page.status_code == 200
    board = text_of(client.get(reverse("policies:obligations"), {"on": "2026-05-01"}))
    url = reverse("policies:subject", args=["chain", chain.pk])
    assert f"{url}?on=2026-05-01" in board
    subject = text_of(client.get(url, {"on": "2026-05-01"}))
    assert "house-rules/members/?on=2026-05-01" in subject
    obligation = client.get(url + "house-rules/members/", {"on": "2026-05-01"})
    assert "As it was on 2026-05-01" in text_of(obligation)
    assert obligation.context["sample"].found == 1
    assert client.get(url + "house-rules/members/", {"on": "2019-05-01"}).status_code == 404


def test_a_reviewer_signs_what_stands_and_everyone_concerned_reads_it(visit, rules, chain, reviewer, sign_in):
    url = reverse("policies:sign", args=["chain", chain.pk])
    answer = sign_in(reviewer).post(url, {"note": "two firms are missing"}, follow=True)
    assert "It says what was signed" in text_of(answer)
    found = visit(answer.redirect_chain[-1][0])
    assert those(found) == {"office", "reviewer", "hr", "colleague_hr"}
    assert those(visit(url)) == {"reviewer"}
    assert those(visit(reverse("policies:decisions"))) == {"office", "reviewer"}


def test_a_reviewer_asks_and_the_leader_or_the_office_answers(visit, rules, chain, reviewer, hr, sign_in):
    ask = reverse("policies:ask", args=["chain", chain.pk, "house-rules", "members"])
    assert sign_in(hr).post(ask, {"text": "why?"}).status_code == 403
    page = sign_in(reviewer).post(ask, {"text": "Where is the contract?", "record": "x:1"}, follow=True)
    assert "Where is the contract?" in text_of(page)
    question = Question.objects.get()
    url = reverse("policies:answer", args=[question.uid])
    assert those(visit(url)) == {"office", "hr", "colleague_hr"}
    assert sign_in(hr).post(url, {"answer": ""}).status_code == 422
    assert "in the safe" in text_of(sign_in(hr).post(url, {"answer": "in the safe"}, follow=True))
    assert sign_in(hr).post(url, {"answer": "again"}).status_code == 409


def test_a_rule_set_is_proposed_read_and_published_by_two(visit, office, reviewer, sign_in, chain):
    url = reverse("policies:propose_new")
    assert those(visit(url)) == {"office", "reviewer"}
    refused = sign_in(office).post(url, {"text": HEAD + MEMBERS.replace("threshold = 2", "threshold = x"), "note": "n"})
    assert refused.status_code == 422
    assert "rules.toml:22: This is not TOML" in text_of(refused)
    assert "threshold = x" in text_of(refused)
    assert not RuleSetVersion.objects.exists()
    page = sign_in(office).post(url, {"text": HEAD + MEMBERS, "note": "new"}, follow=True)
    assert "Another person publishes this" in text_of(page)
    assert page.context["simulation"].turned[0].verdicts == ("", "red")
    version = RuleSetVersion.objects.get()
    assert those(visit(version.get_absolute_url())) == {"office", "reviewer"}
    publish = reverse("policies:publish", args=["house-rules", 1])
    assert sign_in(office).post(publish).status_code == 403
    assert sign_in(reviewer).post(publish, follow=True).status_code == 200
    version.refresh_from_db()
    assert version.state == "published"
    assert those(visit(version.get_absolute_url())) == set(EVERYONE)
    assert sign_in(office).get(reverse("policies:source", args=["house-rules", 1])).content.decode() == HEAD + MEMBERS


def test_a_rule_set_can_come_as_a_file(office, sign_in):
    file = io.BytesIO((HEAD + MEMBERS).encode("utf-8-sig"))
    file.name = "house.toml"
    client = sign_in(office)
    assert client.post(reverse("policies:propose_new"), {"file": file, "note": "n"}).status_code == 302
    wrong = io.BytesIO("规则".encode("gbk"))
    wrong.name = "gbk.toml"
    answer = client.post(reverse("policies:propose_new"), {"file": wrong, "note": "n"})
    assert (answer.status_code, "not UTF-8" in text_of(answer)) == (422, True)


def test_a_proposal_is_withdrawn_by_its_author(office, sign_in):
    services.propose_version(actor=office, text=HEAD + MEMBERS, note="n")
    url = reverse("policies:refuse", args=["house-rules", 1])
    assert sign_in(office).post(url, {"note": ""}).status_code == 422
    assert sign_in(office).post(url, {"note": "mistaken"}).status_code == 302
    assert sign_in(office).post(url, {"note": "again"}).status_code == 409


def test_rule_sets_and_effects_are_open_to_all_who_take_part(visit, shipped):
    for name, args in (("rule_sets", []), ("effects", []), ("rule_set", ["community-targets"])):
        assert those(visit(reverse(f"policies:{name}", args=args))) == set(EVERYONE)


def test_no_effect_is_claimed_without_an_estimate(office, shipped, sign_in):
    page = text_of(sign_in(office).get(reverse("policies:effects")))
    assert page.count("no estimate registered") == 19


def test_the_platforms_rule_sets_are_published_from_the_page(office, hr, sign_in):
    url = reverse("policies:load_shipped")
    assert sign_in(hr).post(url).status_code == 403
    assert sign_in(office).post(url, follow=True).status_code == 200
    assert RuleSetVersion.objects.count() == 6


def test_an_exemption_goes_through_two_people(visit, rules, chain, hr, office, reviewer, sign_in):
    url = reverse("policies:ask_exemption", args=["chain", chain.pk, "house-rules", "members"])
    assert those(visit(url)) == {"office", "hr", "colleague_hr"}
    said = {"reason": "flood", "first_day": TODAY, "last_day": TODAY + timedelta(days=30)}
    assert sign_in(hr).post(url, said).status_code == 302
    exemption = Exemption.objects.get()
    page = exemption.get_absolute_url()
    found = visit(page)
    assert those(found) == {"office", "reviewer", "hr", "colleague_hr"}
    grant = reverse("policies:grant", args=[exemption.uid])
    assert sign_in(hr).post(grant, {"note": ""}).status_code == 403
    assert sign_in(office).post(grant, {"note": ""}).status_code == 302
    assert sign_in(reviewer).post(grant, {"note": ""}).status_code == 409
    assert "Chips of firm A" in text_of(sign_in(reviewer).get(reverse("policies:exemptions")))
    revoke = reverse("policies:revoke", args=[exemption.uid])
    assert sign_in(reviewer).post(revoke, {"from_day": TODAY, "note": "dry again"}).status_code == 302
    refuse = reverse("policies:refuse_exemption", args=[exemption.uid])
    assert sign_in(reviewer).post(refuse, {"note": "late"}).status_code == 409
    assert those(visit(reverse("policies:exemptions"))) == {"office", "reviewer", "hr", "colleague_hr", "other_hr"}


def test_exemptions_of_another_chain_are_not_listed(rules, chain, other_chain, office, other_hr, sign_in):
    services.ask_exemption(
        actor=office, rule_set=rules.rule_set, rule_key="members", kind=SubjectKind.CHAIN, key=chain.pk,
        reason="secret trouble", first_day=TODAY, last_day=TODAY,
    )  # fmt: skip
    assert "secret trouble" not in text_of(sign_in(other_hr).get(reverse("policies:exemptions")))


def test_a_claim_is_drafted_filed_and_its_evidence_checked_by_hand(visit, shipped, hr, firm_a, sign_in, office):
    client = sign_in(hr)
    page = client.get(reverse("policies:incentives"))
    assert "Deduction of training expense" in text_of(page)
    url = reverse(
        "policies:draft_claim", args=[firm_a.pk, "training-expense-deduction-2018", "training-expense-deduction"]
    )
    assert those(visit(url)) == {"hr", "colleague_hr"}
    said = {"year": TODAY.year, "expense": "100000", "payroll": "1000000", "brought": "0"}
    assert client.post(url, {**said, "expense": "-1"}).status_code == 422
    assert client.post(url, said).status_code == 302
    claim = IncentiveClaim.objects.get()
    for name in ("claim", "evidence"):
        assert those(visit(reverse(f"policies:{name}", args=[claim.uid]))) == {"office", "hr", "colleague_hr"}
    step = reverse("policies:move_claim", args=[claim.uid])
    stale = client.post(step, {"revision": 9, "state": "filed", "day": TODAY})
    assert stale.status_code == 409
    assert client.post(step, {"revision": 1, "state": "filed", "day": TODAY, "note": "=1+1"}).status_code == 302
    assert client.get(reverse("policies:redraft", args=[claim.uid])).status_code == 200
    seal()
    packed = zipfile.ZipFile(io.BytesIO(client.get(reverse("policies:evidence", args=[claim.uid])).content))
    assert {"claim.xlsx", "proofs.json", "README.txt"} <= set(packed.namelist())
    book = load_workbook(io.BytesIO(packed.read("claim.xlsx")))
    values = {row[0].value: row[1].value for row in book.worksheets[0].iter_rows()}
    assert values["Amount (yuan)"] == "80,000.00"
    assert values["SHA-256 of the rule set"] == claim.version.digest
    assert all(cell.data_type != "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    if "claim.pdf" in packed.namelist():
        assert packed.read("claim.pdf").startswith(b"%PDF")
    proofs = json.loads(packed.read("proofs.json"))
    assert [one["type"] for one in proofs] == [
        "policies.version.published", "policies.claim.drafted", "policies.claim.moved",
    ]  # fmt: skip
    for one in proofs:
        entry = json.loads(one["entry"])
        assert entries.payload_digest(bytes.fromhex(one["salt"]), one["payload"]).hex() == entry["digest"]
        size, root = one["checkpoint"].splitlines()[1:3]
        leaf = leaf_hash(one["entry"].encode())
        assert leaf.hex() == one["leaf"]
        verify_inclusion(
            index=one["index"], size=int(size), leaf=leaf, path=[bytes.fromhex(part) for part in one["path"]],
            root=__import__("base64").b64decode(root),
        )  # fmt: skip


def test_incentives_are_the_offices_and_hrs_business(visit, shipped, hr, firm_a, other_hr, sign_in):
    draft(hr, firm_a)
    assert those(visit(reverse("policies:incentives"))) == {"office", "hr", "colleague_hr", "other_hr"}
    assert "Firm A Electronics" not in text_of(sign_in(other_hr).get(reverse("policies:incentives")))


def test_a_pay_table_is_published_by_a_firms_hr_and_read_by_all(visit, hr, firm_a, sign_in):
    url = reverse("policies:publish_pay", args=[firm_a.pk])
    assert those(visit(url)) == {"hr", "colleague_hr"}
    said = {
        "level": 4,
        "post_zh": "封装工艺",
        "post_en": "Packaging",
        "kind": "relative",
        "uplift": "40",
        "valid_from": TODAY,
    }
    assert sign_in(hr).post(url, {**said, "uplift": "600"}).status_code == 422
    assert sign_in(hr).post(url, said).status_code == 302
    page = text_of(sign_in(hr).get(reverse("policies:pay_tables")))
    assert "+40%" in page
    assert "4 · senior worker" in page
    assert those(visit(reverse("policies:pay_tables"))) == set(EVERYONE)
    end = reverse("policies:end_pay", args=[PayLink.objects.get().pk])
    assert those(visit(end)) == {"hr", "colleague_hr"}
    assert sign_in(hr).post(end, {"day": TODAY + timedelta(days=5)}).status_code == 302


def test_payslips_show_only_ones_own_and_for_hr_those_of_the_firm(hr, mentor, other_hr, office, firm_a, sign_in):
    promise(hr, firm_a)
    declare = reverse("policies:declare_payslip")
    said = {"organisation": firm_a.pk, "month": TODAY, "post_zh": "封装工艺", "base_pay": "8500", "paid": "4321"}
    assert sign_in(mentor).post(declare, said).status_code == 302
    url = reverse("policies:payslips")
    assert "4,321" in text_of(sign_in(mentor).get(url))
    for person in (hr, other_hr, office):
        assert "4,321" not in text_of(sign_in(person).get(url))
    for_worker = reverse("policies:declare_payslip_for")
    assert sign_in(mentor).get(for_worker).status_code == 403
    assert sign_in(hr).post(for_worker, {**said, "email": "nobody@example.org"}).status_code == 422
    assert sign_in(hr).post(for_worker, {**said, "paid": "8765", "email": mentor.email}).status_code == 302
    assert "8,765" in text_of(sign_in(hr).get(url))
    assert "8,765" in text_of(sign_in(mentor).get(url))
    own = Payslip.objects.get(declared_by="worker")
    withdraw = reverse("policies:withdraw_payslip", args=[own.uid])
    assert sign_in(hr).post(withdraw).status_code == 404
    assert sign_in(mentor).post(withdraw).status_code == 302


def test_a_payslip_page_asks_as_often_for_many_as_for_few(hr, mentor, firm_a, sign_in):
    client = sign_in(mentor)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            client.get(reverse("policies:payslips"))
        return len(caught)

    slip(mentor, firm_a)
    queries()
    few = queries()
    for months in range(1, 12):
        slip(mentor, firm_a, month=TODAY - timedelta(days=31 * months), paid=Decimal(1))
    assert queries() == few


def test_everybody_chooses_their_mail_and_the_office_sends_it(rules, chain, hr, office, student, sign_in, mailoutbox):
    client = sign_in(hr)
    page = client.get(reverse("policies:digest"))
    assert "Chips of firm A" in text_of(page)
    client.post(reverse("policies:digest"), {})
    assert client.get(reverse("policies:digest")).context["form"].initial == {"is_wanted": False}
    assert sign_in(student).get(reverse("policies:digest")).status_code == 200
    assert sign_in(hr).post(reverse("policies:send_digest")).status_code == 403


def test_the_mail_is_sent_in_the_background(
    reviewer, rules, chain, office, sign_in, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = sign_in(office).post(reverse("policies:send_digest"))
    assert answer["Location"].startswith("/jobs/")
    assert {message.to[0] for message in mailoutbox} == {office.email, reviewer.email}


def test_the_api_tells_each_their_own(rules, chain, other_chain, hr, office, student, anonymous, sign_in):
    assert anonymous.get("/api/policies/obligations").status_code == 401
    assert sign_in(student).get("/api/policies/obligations").status_code == 403
    mine = sign_in(hr).get("/api/policies/obligations").json()
    assert [(one["subject_name"], one["verdict"], one["value"]) for one in mine["items"]] == [
        ("Chips of firm A", "red", 1.0)
    ]
    assert sign_in(office).get("/api/policies/obligations?limit=1").json()["total"] == 2
    assert sign_in(office).get("/api/policies/obligations?on=2999-01-01").status_code == 422
    (said,) = sign_in(student).get("/api/policies/rule-sets").json()
    assert (said["code"], said["digest"], said["rules"][0]["threshold"]) == ("house-rules", rules.digest, [2.0])


@pytest.mark.parametrize("page", ["obligations", "subject", "version"])
def test_a_page_asks_as_often_for_fifty_as_for_five(page, rules, office, reviewer, chain, firm_a, sign_in):
    waiting = services.propose_version(actor=office, text=HEAD + MEMBERS.replace("= 2", "= 9"), note="stricter")
    url = {
        "obligations": reverse("policies:obligations"),
        "subject": reverse("policies:subject", args=["chain", chain.pk]),
        "version": waiting.get_absolute_url(),
    }[page]
    client = sign_in(reviewer)

    def fill(number):
        for _each in range(number):
            ChainMembershipFactory.create(chain=ChainFactory.create(), organisation=firm_a, tier="leader")
            ChainMembershipFactory.create(chain=chain, organisation=OrganisationFactory.create())
            services.sign_decision(actor=reviewer, kind=SubjectKind.CHAIN, key=chain.pk, moment=Moment(TODAY))

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        return len(caught)

    fill(5)
    queries()
    few = queries()
    fill(25)
    assert queries() == few <= 30
