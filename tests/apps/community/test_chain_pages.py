"""Pages, files and API of screening, confirmation, supplies and regions: who may open which, and who learns nothing."""

from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import services
from ronghe.apps.community.models import (
    Admission,
    Chain,
    ChainInvitation,
    Organisation,
    OrganisationConfirmation,
    OrganisationFact,
    SupplyRelation,
    Tier,
)
from tests.conftest import SignIn
from tests.factories import (
    ChainFactory,
    ChainMembershipFactory,
    CohortFactory,
    OrganisationFactory,
    PersonFactory,
    RoleFactory,
)

pytestmark = pytest.mark.django_db

PEOPLE = [
    "office",
    "hr",
    "colleague_hr",
    "leader_hr",
    "other_hr",
    "mentor",
    "teacher",
    "student",
    "reviewer",
    "stranger",
]
EVERYONE = set(PEOPLE)
OFFICE = {"office"}
FIRM = {"office", "hr", "colleague_hr"}
PARTIES = FIRM | {"leader_hr"}
HR = {"hr", "colleague_hr", "leader_hr", "other_hr"}


@pytest.fixture
def leader_hr(db: None) -> Person:
    """HR of the firm that leads the chain to which firm A applies; `other_hr` leads another chain."""
    person = PersonFactory.create(email="leader@example.org")
    RoleFactory.create(person=person)
    return person


@pytest.fixture
def place(hr: Person, leader_hr: Person, firm_a: Organisation, firm_b: Organisation, data_dir: Any) -> dict[str, Any]:
    """Firm A has applied to a chain, with a file; firm B leads another chain, to which C has applied."""
    leader = leader_hr.roles.get().organisation
    chain = ChainFactory.create()
    ChainMembershipFactory.create(chain=chain, organisation=leader, tier=Tier.LEADER)
    third = OrganisationFactory.create()
    membership = ChainMembershipFactory.create(chain=chain, organisation=third)
    supply = SupplyRelation.objects.create(
        chain=chain, supplier=third, customer=leader, goods_zh="晶圆", valid_from=timezone.localdate()
    )
    other = ChainFactory.create()
    ChainMembershipFactory.create(chain=other, organisation=firm_b, tier=Tier.LEADER)
    admission = services.apply_to_chain(actor=hr, chain=chain, organisation=firm_a, statement="a secret wish")
    evidence = services.add_evidence(
        actor=hr, admission=admission, text="a secret paper", file=SimpleUploadedFile("p.pdf", b"%PDF-1.7 secret")
    )
    fact = services.declare_fact(
        actor=hr,
        organisation=firm_a,
        kind="insured_staff",
        value=7,  # type: ignore[arg-type]
        valid_from=timezone.localdate(),
        evidence="list",
    )
    return {
        "chain": chain.uid,
        "membership": membership.pk,
        "supply": supply.pk,
        "admission": admission.uid,
        "evidence": evidence.uid,
        "organisation": firm_a.uid,
        "fact": fact.pk,
        "cohort": CohortFactory.create().pk,
        "criterion": 0,
    }


# Name, key, who may open it; whoever may not is answered 403, or 404 where not even that it exists is said.
PAGES: list[tuple[str, str, set[str], int]] = [
    ("chain_edit", "chain", OFFICE, 403),
    ("chain_leader", "chain", OFFICE, 403),
    ("membership_replace", "membership", OFFICE, 403),
    ("membership_leave", "membership", OFFICE, 403),
    ("cohort_edit", "cohort", OFFICE, 403),
    ("chain_map", "chain", EVERYONE, 403),
    ("supply_new", "chain", {"office", "leader_hr"}, 403),
    ("supply_end", "supply", {"office", "leader_hr"}, 403),
    ("region_network", "", EVERYONE, 403),
    ("region_place", "", OFFICE, 403),
    ("invitation_list", "chain", {"office", "leader_hr"}, 403),
    ("invitation_new", "chain", {"office", "leader_hr"}, 403),
    ("admission_list", "", {"office", "reviewer"} | HR, 403),
    ("screening", "", {"office", "reviewer"}, 403),
    ("admission", "admission", PARTIES | {"reviewer"}, 404),
    ("admission_apply", "chain", {"office"} | HR, 403),
    ("evidence_file", "evidence", PARTIES, 404),
    ("criterion_list", "", EVERYONE, 403),
    ("criterion_new", "", OFFICE, 403),
    ("unconfirmed", "", {"office", "reviewer"}, 403),
    ("organisation_confirm", "organisation", {"office", "reviewer"}, 403),
    ("confirmation_withdraw", "organisation", {"office", "reviewer"}, 403),
    ("fact_list", "organisation", FIRM | {"reviewer"}, 403),
    ("fact_new", "organisation", FIRM, 403),
]


def _url(name: str, key: str, place: dict[str, Any]) -> str:
    return reverse(f"community:{name}", args=[place[key]] if key else [])


@pytest.mark.parametrize("who", PEOPLE)
def test_each_page_opens_for_those_it_is_for(
    who: str, place: dict[str, Any], sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    client = sign_in(request.getfixturevalue(who))
    answers = {}
    for name, key, _allowed, _otherwise in PAGES:
        answer = client.get(_url(name, key, place))
        if answer.streaming:
            b"".join(answer.streaming_content)
        answers[name] = answer.status_code
    assert answers == {name: 200 if who in allowed else otherwise for name, _key, allowed, otherwise in PAGES}


@pytest.mark.parametrize("who", ["other_hr", "mentor", "teacher", "student", "stranger", "leader_hr", "reviewer"])
def test_nobody_else_does_anything_to_an_application(
    who: str, place: dict[str, Any], sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    client = sign_in(request.getfixturevalue(who))
    for name in ("evidence_new", "gate_submit", "gate_decide", "admission_withdraw"):
        answer = client.post(
            _url(name, "admission", place), {"reason": "x", "revision": 1, "text": "x", "verdict": "passed"}
        )
        assert answer.status_code in (403, 404), name
    assert client.post(_url("evidence_remove", "evidence", place)).status_code in (403, 404)
    assert client.post(_url("fact_confirm", "fact", place)).status_code in (302, 403, 404)
    admission = Admission.objects.get()
    assert (admission.state, admission.revision, admission.steps.get().evidence.count()) == ("open", 1, 1)
    if who != "reviewer":
        assert OrganisationFact.objects.known().get().confirmed_by is None


def test_anonymous_visitors_are_sent_to_sign_in(place: dict[str, Any], anonymous: Client) -> None:
    for name, key, _allowed, _otherwise in PAGES:
        answer = anonymous.get(_url(name, key, place))
        assert answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/"), name


def test_a_reviewer_sees_that_and_what_was_decided_but_no_paper(
    place: dict[str, Any], reviewer: Person, leader_hr: Person, sign_in: SignIn
) -> None:
    url = _url("admission", "admission", place)
    shown = sign_in(reviewer).get(url).content.decode()
    assert "secret" not in shown and "p.pdf" not in shown
    shown = sign_in(leader_hr).get(url).content.decode()
    assert "a secret wish" in shown and "p.pdf" in shown


def test_lists_name_only_the_applications_one_may_know_of(
    place: dict[str, Any], firm_a: Organisation, hr: Person, other_hr: Person, sign_in: SignIn
) -> None:
    url = reverse("community:admission_list")
    assert str(place["admission"]) in sign_in(hr).get(url).content.decode()
    assert str(place["admission"]) not in sign_in(other_hr).get(url).content.decode()


def test_a_file_that_was_changed_outside_is_not_given_out(place: dict[str, Any], hr: Person, sign_in: SignIn) -> None:
    from ronghe.apps.community.evidence_files import path_of

    client, url = sign_in(hr), _url("evidence_file", "evidence", place)
    answer = client.get(url)
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 secret"
    assert "attachment" in answer.headers["Content-Disposition"] and "no-store" in answer.headers["Cache-Control"]
    path_of(place["evidence"]).write_bytes(b"%PDF-1.7 another")
    assert client.get(url).status_code == 404


def test_an_application_goes_its_way_through_the_pages(
    place: dict[str, Any], hr: Person, office: Person, sign_in: SignIn
) -> None:
    firm, decider = sign_in(hr), sign_in(office)
    page = _url("admission", "admission", place)
    step = Admission.objects.get().steps.get()
    from ronghe.apps.community.selectors import criteria_of

    for criterion in criteria_of(step):
        sent = {"criterion": criterion.pk, "text": "shown"}
        assert firm.post(_url("evidence_new", "admission", place), sent).headers["Location"] == page
    assert firm.post(_url("gate_submit", "admission", place)).headers["Location"] == page
    form = {"verdict": "refused", "reason": "kept when refused", "revision": 1}
    refused = decider.post(_url("gate_decide", "admission", place), form)
    assert refused.status_code == 422 and "kept when refused" in refused.content.decode()
    form = {"verdict": "passed", "reason": "fine", "revision": 1}
    assert decider.post(_url("gate_decide", "admission", place), form).headers["Location"] == page
    assert decider.get(page).status_code == 200 and Admission.objects.get().steps.count() == 2
    stale = decider.post(_url("gate_decide", "admission", place), form)
    assert stale.status_code == 404


def test_the_link_of_a_mail_opens_without_signing_in_and_once(
    place: dict[str, Any], office: Person, sign_in: SignIn, anonymous: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        sent = {"organisation_name": "新企业", "email": "new@example.org", "tier": "member"}
        sign_in(office).post(_url("invitation_new", "chain", place), sent)
    link = next(line for line in mail.outbox[0].body.splitlines() if "/open/" in line)
    path = "/" + link.split("/", 3)[3]
    opened = anonymous.get(path)
    assert opened.status_code == 200 and opened.headers["Referrer-Policy"] == "strict-origin"
    assert ChainInvitation.objects.get().accepted_at is None
    form = {"person_name": "王芳", "name_zh": "新企业有限公司", "registration_number": "914403001922038211"}
    wrong = anonymous.post(path, form)
    assert wrong.status_code == 422 and "新企业有限公司" in wrong.content.decode()
    answer = anonymous.post(path, form | {"registration_number": "914403001922038216"})
    assert answer.headers["Location"] == "/accounts/login/"
    assert anonymous.get(path).status_code == 410
    assert not OrganisationConfirmation.objects.filter(organisation__name_zh="新企业有限公司").exists()
    assert sign_in(office).get(_url("invitation_list", "chain", place)).status_code == 200
    assert anonymous.get("/community/invitations/open/nonsense/").status_code == 410


def test_whoever_saves_a_chain_second_sees_both_versions(
    place: dict[str, Any], office: Person, sign_in: SignIn
) -> None:
    chain = Chain.objects.get(uid=place["chain"])
    form = {"name_zh": "改名", "name_en": "Mine", "field": chain.field, "founded_on": chain.founded_on, "revision": 1}
    client = sign_in(office)
    assert client.post(_url("chain_edit", "chain", place), form).status_code == 302
    second = client.post(_url("chain_edit", "chain", place), form | {"name_en": "Second"})
    assert second.status_code == 409 and "Second" in second.content.decode() and "Mine" in second.content.decode()


# API


API: list[tuple[str, set[str], int]] = [
    ("/api/community/chains/{chain}/supplies", EVERYONE, 403),
    ("/api/community/regions", EVERYONE, 403),
    ("/api/community/admissions", {"office", "reviewer"} | HR, 403),
    ("/api/community/organisations/{organisation}/facts", FIRM | {"reviewer"}, 403),
]


@pytest.mark.parametrize("who", ["office", "hr", "colleague_hr", "leader_hr", "other_hr", "student", "reviewer"])
def test_programs_get_what_their_person_may_see(
    who: str, place: dict[str, Any], sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    client = sign_in(request.getfixturevalue(who))
    answers = {path: client.get(path.format(**place)).status_code for path, _allowed, _otherwise in API}
    assert answers == {path: 200 if who in allowed else otherwise for path, allowed, otherwise in API}
    one = client.get(f"/api/community/admissions/{place['admission']}")
    assert one.status_code == (200 if who in PARTIES | {"reviewer"} else 404)
    if one.status_code == 200:
        assert [gate["stage"] for gate in one.json()["gates"]] == [1] and "secret" not in one.content.decode()


def test_programs_without_a_person_get_nothing(place: dict[str, Any], anonymous: Client) -> None:
    for path in (*(path for path, _allowed, _otherwise in API), "/api/community/admissions/{admission}"):
        assert anonymous.get(path.format(**place)).status_code == 401, path


# Files of supplies


def test_a_file_of_supplies_names_what_is_wrong(place: dict[str, Any], office: Person) -> None:
    from ronghe.apps.community.network_imports import SupplyRow, check_supplies
    from ronghe.apps.jobs.imports import ImportContext
    from ronghe.tabular import Row

    chain = Chain.objects.get(uid=place["chain"])
    relation = SupplyRelation.objects.get()
    names = (relation.supplier.name_zh, relation.customer.name_zh)
    context = ImportContext(actor=office, subject=chain, progress=None, total=4, filename="x.csv")  # type: ignore[arg-type]
    check = check_supplies(context)

    def wrong(supplier: str, customer: str, goods: str) -> list[str]:
        return [complaint.column for complaint in check(Row(2, SupplyRow(supplier, customer, goods, "", None)))]

    assert wrong(*names, "芯片") == []
    assert wrong(*names, "芯片") == ["goods_zh"]
    assert wrong(names[0], names[0], "芯片") == ["customer"]
    assert wrong("没有这家", names[1], "芯片") == ["supplier"]


def test_the_pages_of_a_chain_cost_the_same_however_large_it_is(
    sign_in: SignIn, office: Person, place: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    chain, today = Chain.objects.get(uid=place["chain"]), timezone.localdate()
    leader = chain.memberships.get(tier=Tier.LEADER).organisation
    firms = OrganisationFactory.create_batch(12, confirmed=False)
    for number, firm in enumerate(firms):
        ChainMembershipFactory.create(chain=chain, organisation=firm, brought_in_by=leader)
        SupplyRelation.objects.create(
            chain=chain, supplier=firm, customer=firms[number - 1], goods_zh="晶圆", valid_from=today
        )
        services.apply_to_chain(actor=office, chain=ChainFactory.create(), organisation=firm, statement="x")
        services.invite_to_chain(actor=office, chain=chain, email=f"{number}@example.org", organisation_name="新企业")
    client = sign_in(office)
    for name, about in (
        ("chain", place),
        ("chain_map", place),
        ("invitation_list", place),
        ("admission_list", None),
        ("screening", None),
        ("unconfirmed", None),
    ):
        address = _url(name, "chain", place) if about else reverse(f"community:{name}")
        with django_assert_max_num_queries(30):
            assert client.get(address).status_code == 200, name


def test_a_supply_between_others_is_refused_at_its_field_with_what_was_typed(
    sign_in: SignIn, leader_hr: Person, place: dict[str, Any]
) -> None:
    chain, supplier = Chain.objects.get(uid=place["chain"]), SupplyRelation.objects.get().supplier
    fourth = ChainMembershipFactory.create(chain=chain).organisation
    typed = {"goods_zh": "光刻胶", "goods_en": "", "valid_from": timezone.localdate().isoformat()}
    client, address = sign_in(leader_hr), _url("supply_new", "chain", place)
    refused = client.post(address, {**typed, "supplier": supplier.pk, "customer": fourth.pk})
    assert refused.status_code == 422 and "光刻胶" in refused.content.decode()
    own = leader_hr.roles.get().organisation
    assert client.post(address, {**typed, "supplier": fourth.pk, "customer": own.pk}).status_code == 302
