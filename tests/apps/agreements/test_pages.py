"""Pages and endpoints: who may open which, a paper through its forms, signing behind the password, the PDF."""

import io
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronghe import papers
from ronghe.apps.agreements import services
from ronghe.apps.agreements.models import Agreement, Instrument, InstrumentState, Signature
from ronghe.apps.agreements.views import public as public_views
from tests.apps.agreements.conftest import signature_of
from tests.apps.agreements.test_changes import PDF
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def of(name, *args):
    return reverse(f"agreements:{name}", args=args)


@pytest.fixture
def people(request, signer, dean, second_office):
    """Owner, colleague, signatory, office, reviewer, and those from outside."""
    names = ("hr", "colleague_hr", "office", "reviewer", "other_hr", "mentor", "teacher", "student", "stranger")
    return {name: request.getfixturevalue(name) for name in names} | {"signer": signer, "dean": dean}


READERS = {"hr", "colleague_hr", "office", "signer", "dean"}


def may(client, address, method="get", **data):
    answer = getattr(client, method)(address, data)
    if getattr(answer, "streaming", False):
        b"".join(answer.streaming_content)
    return answer.status_code


def test_nobody_sees_another_chains_papers(people, sent, sign_in, anonymous, data_dir):
    agreement, asked = sent.agreement, sent.signatures.first()
    scan = services.upload_scan(
        actor=people["hr"], instrument=sent, signed_on=timezone.localdate(), file=io.BytesIO(PDF), filename="a.pdf"
    )
    page = of("agreement", agreement.uid)
    inside = [of("paper", sent.uid), of("scan", scan.uid), f"/api/agreements/{agreement.uid}"]
    closed = [
        of("end", agreement.uid),
        of("amend", agreement.uid),
        of("renew", agreement.uid),
        of("paper_days", sent.uid),
        of("clause_new", sent.uid),
        of("paper_recall", sent.uid),
        of("paper_withdraw", sent.uid),
        of("paper_send", sent.uid),
        of("paper_return", sent.uid),
        of("scan_new", sent.uid),
        of("scan_refuse", scan.uid),
        of("sign", asked.uid),
        of("decline", asked.uid),
        of("hand_over", asked.uid),
    ]
    posts = [of("paper_submit", sent.uid), of("paper_pass", sent.uid), of("scan_confirm", scan.uid)]
    for name, person in people.items():
        client, sees = sign_in(person), name in READERS | {"reviewer"}
        assert may(client, page) == may(client, inside[2]) == (200 if sees else 404), name
        for address in inside[:2]:
            assert may(client, address) == (200 if name in READERS else 404), (name, address)
    # Whoever stands for a way of being outside: another firm's HR, who sees without reading, who has no part at all.
    for name, sees in (("other_hr", False), ("reviewer", True), ("student", False), ("hr", True)):
        client = sign_in(people[name])
        for address in closed if name != "hr" else []:
            assert may(client, address) in (403, 404), (name, address)
        for address in posts if name != "hr" else []:
            assert may(client, address, "post") in (403, 404), (name, address)
        assert (agreement.title_en in client.get(of("list")).content.decode()) is sees
        assert client.get("/api/agreements").json()["total"] == (1 if sees else 0)
        exported = b"".join(client.get(of("export", "csv")).streaming_content).decode("utf-8-sig")
        assert (agreement.title_zh in exported) is sees
    for address in [page, *inside, *closed, of("list"), of("new"), of("templates"), of("export", "csv")]:
        assert may(anonymous, address) in (302, 401), address


def test_a_reviewer_sees_that_it_exists_and_what_is_promised_but_no_text(concluded, reviewer, sign_in):
    shown = sign_in(reviewer).get(of("agreement", concluded.agreement.uid)).content.decode()
    assert "Positions" in shown
    assert "50" in shown
    assert "Words" not in shown
    told = sign_in(reviewer).get(f"/api/agreements/{concluded.agreement.uid}").json()
    assert {one["kind"] for one in told["promises"]} == {"positions", "mentors"}
    assert told["papers"] == []
    assert "Words" not in str(told)


def test_a_draft_is_seen_on_its_own_side_only(draft, hr, colleague_hr, office, dean, reviewer, sign_in):
    for person, status in ((hr, 200), (colleague_hr, 200), (office, 200), (dean, 404), (reviewer, 404)):
        client = sign_in(person)
        assert may(client, of("agreement", draft.agreement.uid)) == status
        assert may(client, of("paper", draft.uid)) == status


def test_templates_and_signatories_are_for_those_whom_they_concern(people, firm_a, university, sign_in):
    for name in ("office", "hr", "other_hr", "reviewer", "student"):
        client = sign_in(people[name])
        assert may(client, of("templates")) == 200
        assert may(client, of("template_new")) == (200 if name == "office" else 403)
        assert may(client, of("template_load"), "post") == (302 if name == "office" else 403)
        own = name in {"hr", "colleague_hr", "office"}
        for address in ("signatories", "signatory_new"):
            assert may(client, of(address, firm_a.uid)) == (200 if own else 403), name
            assert may(client, of(address, university.uid)) == (200 if name == "office" else 403), name
        assert may(client, of("remind"), "post") == (302 if name == "office" else 403)
        assert may(client, reverse("jobs:import_new", args=["agreements.agreements"])) == (
            200 if name == "office" else 403
        )


def test_a_paper_goes_its_way_through_the_forms(hr, office, signer, dean, chain, firm_a, university, sign_in, settings):
    at_firm, at_office = sign_in(hr), sign_in(office)
    typed = {
        "title_zh": "合作协议",
        "title_en": "Cooperation",
        "kind": "strategic",
        "chain": chain.pk,
        "first_day": "2026-01-01",
        "last_day": "2028-12-31",
        "notice_days": 30,
        "organisation_1": firm_a.pk,
        "side_1": 1,
        "signatures_1": 1,
        "organisation_2": university.pk,
        "side_2": 2,
        "signatures_2": 1,
        "side_3": 3,
        "side_4": 4,
    }
    refused = at_firm.post(of("new"), {**typed, "last_day": "2025-01-01"})
    assert refused.status_code == 422
    assert "合作协议" in refused.content.decode()
    assert may(at_firm, of("new"), "post", **typed) == 302
    paper = Instrument.objects.get()
    assert may(at_firm, of("clause_new", paper.uid)) == 200
    clause = {"kind": "positions", "quantity": "x", "per": "year", "by": 1, "heading_zh": "岗位", "revision": 1}
    assert at_firm.post(of("clause_new", paper.uid), clause).status_code == 422
    clause["quantity"] = 40
    assert at_firm.post(of("clause_new", paper.uid), clause).status_code == 302
    # A second window with the old revision keeps what was typed.
    stale = at_firm.post(of("clause_new", paper.uid), {**clause, "text_zh": "不能丢失的文字"})
    assert stale.status_code == 409
    assert "不能丢失的文字" in stale.content.decode()
    paper.refresh_from_db()
    edit = of("clause", paper.uid, paper.clauses[0]["key"])
    assert at_firm.post(edit, {**clause, "quantity": 45, "revision": paper.revision}).status_code == 302
    for client, name in ((at_firm, "paper_submit"), (at_office, "paper_pass")):
        paper.refresh_from_db()
        client.post(of(name, paper.uid), {"revision": paper.revision})
    paper.refresh_from_db()
    assert paper.state == InstrumentState.CHECKED
    assert "signer" in at_office.get(of("paper_send", paper.uid)).content.decode()
    send = {"sign_by": timezone.localdate(), "revision": paper.revision, "party_1": signer.pk, "party_2": dean.pk}
    assert at_office.post(of("paper_send", paper.uid), send).status_code == 302
    paper.refresh_from_db()
    assert paper.state == InstrumentState.SENT
    shown = sign_in(dean).get(of("paper", paper.uid)).content.decode()
    assert "offers 45 seats a year" in shown
    assert Agreement.objects.get().drafted_for == firm_a


def test_signing_asks_for_the_password_and_then_signs(sent, signer, sign_in):
    client = sign_in(signer)
    address = of("sign", signature_of(sent, signer).uid)
    page = client.get(address).content.decode()
    assert sent.digest in page
    asked = client.post(address, {"digest": sent.digest})
    assert asked.status_code == 302
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert client.post(asked["Location"], {"password": "wrong"}).status_code == 200
    assert signature_of(sent, signer).signed_at is None
    done = client.post(asked["Location"], {"password": PASSWORD}, follow=True)
    assert done.status_code == 200
    given = signature_of(sent, signer)
    assert given.signed_at is not None
    assert given.confirmed_by == "password"
    assert "checked against paper and ledger" in client.get(of("paper", sent.uid)).content.decode()


def test_who_has_nothing_to_confirm_with_does_not_sign(sent, signer, sign_in):
    signer.set_unusable_password()
    signer.save()
    answer = sign_in(signer).post(of("sign", signature_of(sent, signer).uid), {"digest": sent.digest})
    assert answer.status_code == 403
    assert "passkey" in answer.content.decode()
    assert signature_of(sent, signer).signed_at is None


@pytest.mark.skipif(papers.chinese_face() is None, reason="no font with Chinese is installed")
def test_the_pdf_carries_its_code_and_the_public_page_knows_the_file(sent, hr, sign_in):
    client = sign_in(hr)
    printed = client.get(of("paper_pdf", sent.uid) + "?language=zh")
    assert printed["Content-Type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF-")
    public = Client()
    found = public.post(of("verify"), {"file": io.BytesIO(printed.content)})
    assert found.status_code == 200
    assert sent.digest in found.content.decode()
    changed = printed.content.replace(b"%%EOF", b"%%EOF ")
    assert public.post(of("verify"), {"file": io.BytesIO(changed)}).status_code == 404


def test_the_public_page_says_whether_a_paper_is_genuine_and_nothing_of_what_it_says(concluded, firm_a):
    public = Client(headers={"accept-language": "en"})
    assert public.get(of("verify")).status_code == 200
    page = public.get(of("verify"), {"code": concluded.code.lower()})
    shown = page.content.decode()
    assert page.status_code == 200
    assert concluded.digest in shown
    for secret in (firm_a.name_zh, firm_a.name_en, "战略", "Cooperation", "signer", "dean", "Words", "positions"):
        assert secret not in re.sub(r"<(nav|header).*?</\1>", "", shown, flags=re.DOTALL), secret
    assert public.get(of("verify"), {"code": "0" * 16}).status_code == 404
    assert public.post(of("verify"), {}).status_code == 422


def test_the_public_page_slows_down_who_guesses(monkeypatch):
    monkeypatch.setattr(public_views, "_PER_MINUTE", 3)
    public = Client(REMOTE_ADDR="203.0.113.9")
    codes = {public.get(of("verify"), {"code": f"{number:016d}"}).status_code for number in range(12)}
    assert codes == {404, 429}


def test_the_list_costs_the_same_however_long_it_is(
    office, chain, firm_a, university, sign_in, django_assert_max_num_queries
):
    from tests.apps.agreements.test_changes import outside

    rows = [outside(f"N-{number}", chain, [firm_a, university]) for number in range(30)]
    services.record_signed_outside(actor=office, agreements=rows)
    client = sign_in(office)
    with django_assert_max_num_queries(20):
        page = client.get(of("list"), {"standing": "in_force", "on": "2027-01-01"})
    assert page.content.decode().count('<th scope="row">') == 25
    assert client.get("/api/agreements", {"standing": "expired", "on": "2027-01-01"}).json()["total"] == 0


def test_agreement_and_paper_cost_the_same_however_much_is_in_them(
    office, sent, firm_a, university, sign_in, django_assert_max_num_queries
):
    from tests.factories import PersonFactory

    paper = sent
    for party in paper.agreement.parties.all():
        Signature.objects.bulk_create(
            Signature(instrument=paper, party=party, person=person, asked_on=timezone.localdate(), due_on=paper.sign_by)
            for person in PersonFactory.create_batch(6)
        )
    client = sign_in(office)
    for address in (of("agreement", paper.agreement.uid), of("paper", paper.uid), of("signatories", firm_a.uid)):
        with django_assert_max_num_queries(34):
            assert client.get(address).status_code == 200
