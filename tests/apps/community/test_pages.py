"""Pages of the registry: who may open which, at what price, and what happens to what was typed."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ronghe.apps.accounts.models import Person, PersonalDataView
from ronghe.apps.community.models import Chain, ChainMembership, Organisation, OrganisationKind, RoleKind, Tier
from tests.conftest import SignIn
from tests.factories import (
    AcademicYearFactory,
    ChainFactory,
    ChainMembershipFactory,
    CohortFactory,
    CohortMembershipFactory,
    OrganisationFactory,
    PersonFactory,
    RegionFactory,
    RoleFactory,
)

pytestmark = pytest.mark.django_db

PEOPLE = ["office", "hr", "other_hr", "mentor", "teacher", "student", "reviewer", "stranger"]
EVERYONE = set(PEOPLE)
OFFICE = {"office"}


@pytest.fixture
def place(firm_a: Organisation, university: Organisation, student: Person) -> dict[str, Any]:
    """One of everything; `hr`, `colleague_hr` and `mentor` are of firm A, `teacher` of the university."""
    chain = ChainFactory.create()
    membership = ChainMembershipFactory.create(chain=chain, organisation=firm_a, tier=Tier.LEADER)
    cohort = CohortFactory.create(organisation=university)
    enrolment = CohortMembershipFactory.create(cohort=cohort, person=student)
    return {
        "chain": chain.uid,
        "membership": membership.pk,
        "organisation": firm_a.uid,
        "cohort": cohort.pk,
        "enrolment": enrolment.pk,
        "person": student.uid,
        "role": student.roles.get().pk,
    }


PAGES: list[tuple[str, str, set[str]]] = [
    ("chain_list", "", EVERYONE),
    ("chain", "chain", EVERYONE),
    ("chain_new", "", OFFICE),
    ("chain_admit", "chain", OFFICE),
    ("membership_tier", "membership", OFFICE),
    ("membership_leave", "membership", OFFICE),
    ("organisation_list", "", EVERYONE),
    ("organisation", "organisation", EVERYONE),
    ("organisation_new", "", OFFICE),
    ("organisation_edit", "organisation", {"office", "hr"}),
    ("campus_new", "organisation", {"office", "hr"}),
    ("person_list", "", OFFICE),
    ("person", "person", OFFICE),
    ("person_new", "", OFFICE),
    ("role_new", "person", OFFICE),
    ("role_end", "role", OFFICE),
    ("cohort_list", "", EVERYONE),
    ("cohort", "cohort", EVERYONE),
    ("cohort_new", "", OFFICE),
    ("year_new", "", OFFICE),
    ("student_enrol", "cohort", OFFICE),
    ("student_transfer", "enrolment", OFFICE),
    ("student_leave", "enrolment", OFFICE),
    ("cohort_graduate", "cohort", OFFICE),
]
DOWNLOADS: list[tuple[str, str, set[str]]] = [
    ("organisation_export", "", EVERYONE),
    ("person_export", "", OFFICE),
    ("roster_export", "cohort", {"office", "teacher"}),
]


def _url(name: str, key: str, place: dict[str, Any], *more: str) -> str:
    return reverse(f"community:{name}", args=[*([place[key]] if key else []), *more])


@pytest.mark.parametrize("who", PEOPLE)
def test_each_page_opens_for_those_it_is_for(
    who: str, place: dict[str, Any], sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    client = sign_in(request.getfixturevalue(who))
    answers = {name: client.get(_url(name, key, place)).status_code for name, key, _allowed in PAGES}
    for name, key, _allowed in DOWNLOADS:
        answer = client.get(_url(name, key, place, "csv"))
        # Reading a download to its end closes it.
        b"".join(answer.streaming_content if answer.streaming else [])
        answers[name] = answer.status_code
    expected = {name: 200 if who in allowed else 403 for name, _key, allowed in [*PAGES, *DOWNLOADS]}
    assert answers == expected


def test_the_colleague_of_an_owner_may_what_the_owner_may(
    colleague_hr: Person, place: dict[str, Any], sign_in: SignIn
) -> None:
    assert sign_in(colleague_hr).get(_url("organisation_edit", "organisation", place)).status_code == 200


def test_anonymous_visitors_are_sent_to_sign_in(place: dict[str, Any], anonymous: Client) -> None:
    for name, key, _allowed in PAGES:
        answer = anonymous.get(_url(name, key, place))
        assert answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/"), name
    for name, key, _allowed in DOWNLOADS:
        assert anonymous.get(_url(name, key, place, "csv")).status_code == 302, name


@pytest.mark.parametrize("who", ["hr", "stranger"])
def test_posting_past_the_page_changes_nothing(
    who: str, place: dict[str, Any], sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    client = sign_in(request.getfixturevalue(who))
    today = timezone.localdate().isoformat()
    assert client.post(_url("membership_leave", "membership", place), {"on": today}).status_code == 403
    assert client.post(_url("role_end", "role", place), {"on": today}).status_code == 403
    assert ChainMembership.objects.filter(superseded_at__isnull=False).count() == 0


def test_the_roster_is_shown_to_its_teachers_and_hidden_from_others(
    place: dict[str, Any], teacher: Person, student: Person, hr: Person, sign_in: SignIn
) -> None:
    url = _url("cohort", "cohort", place)
    assert student.name in sign_in(teacher).get(url).content.decode()
    for person in (hr, PersonFactory.create()):
        assert "The roster is not shown" in sign_in(person).get(url).content.decode()


def test_looking_at_people_is_recorded(place: dict[str, Any], office: Person, student: Person, sign_in: SignIn) -> None:
    sign_in(office).get(_url("person", "person", place))
    sign_in(office).get(_url("cohort", "cohort", place))
    looks = PersonalDataView.objects.filter(viewer=office, person=student).values_list("page", flat=True)
    assert sorted(looks) == ["community:cohort", "community:person"]


# Prices


def _queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def _fill(chain: Chain, cohort: Any, count: int) -> None:
    leader = OrganisationFactory.create()
    for _ in range(count):
        firm = OrganisationFactory.create(region=RegionFactory.create())
        ChainMembershipFactory.create(chain=chain, organisation=firm, brought_in_by=leader)
        other = ChainFactory.create()
        ChainMembershipFactory.create(chain=other, organisation=firm, tier=Tier.LEADER)
        role = RoleFactory.create(organisation=firm)
        RoleFactory.create(person=role.person, organisation=firm, kind=RoleKind.MENTOR)
        CohortMembershipFactory.create(cohort=cohort, person=role.person)
        CohortFactory.create(organisation=cohort.organisation)


@pytest.mark.parametrize(
    ("name", "key", "limit"),
    [
        ("chain_list", "", 14),
        ("chain", "chain", 14),
        ("organisation_list", "", 14),
        ("person_list", "", 12),
        ("cohort_list", "", 14),
        ("cohort", "cohort", 14),
        ("organisation", "organisation", 14),
    ],
)
def test_a_page_costs_the_same_with_5_and_with_50_rows(
    name: str, key: str, limit: int, place: dict[str, Any], office: Person, university: Organisation, sign_in: SignIn
) -> None:
    from ronghe.apps.community.models import Cohort

    chain, cohort = Chain.objects.get(uid=place["chain"]), Cohort.objects.get(pk=place["cohort"])
    if name == "organisation":
        place["organisation"] = university.uid
    client = sign_in(office)
    _fill(chain, cohort, 5)
    url = _url(name, key, place)
    client.get(url)
    few = _queries(client, url)
    _fill(chain, cohort, 45)
    many = _queries(client, url)
    assert many == few
    assert many <= limit


# What is typed


def _form(organisation: Organisation, **changes: Any) -> dict[str, Any]:
    return {
        "name_zh": organisation.name_zh,
        "name_en": organisation.name_en,
        "registration_number": "",
        "region": "",
        "website": "",
        "registered_on": organisation.registered_on,
        "revision": organisation.revision,
        **changes,
    }


def test_the_second_editor_sees_both_versions(
    hr: Person, office: Person, firm_a: Organisation, sign_in: SignIn
) -> None:
    url = reverse("community:organisation_edit", args=[firm_a.uid])
    assert sign_in(office).post(url, _form(firm_a, name_en="Saved first")).status_code == 302
    answer = sign_in(hr).post(url, _form(firm_a, name_en="Typed second"))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Saved first" in page and "Typed second" in page
    firm_a.refresh_from_db()
    assert firm_a.name_en == "Saved first"


def test_a_refused_form_keeps_what_was_typed(office: Person, sign_in: SignIn) -> None:
    url = reverse("community:organisation_new")
    answer = sign_in(office).post(
        url,
        {
            "kind": "enterprise",
            "name_zh": "很长的公司名称",
            "registration_number": "914403001922038217",
            "registered_on": "2026-01-01",
        },
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "很长的公司名称" in page and "914403001922038217" in page and "check character" in page
    assert not Organisation.objects.filter(name_zh="很长的公司名称").exists()


def test_the_office_founds_a_chain_and_admits_its_leader(office: Person, firm_a: Organisation, sign_in: SignIn) -> None:
    client = sign_in(office)
    client.post(reverse("community:chain_new"), {"name_zh": "新链", "field": "ai", "founded_on": "2026-01-01"})
    chain = Chain.objects.get(name_zh="新链")
    answer = client.post(
        reverse("community:chain_admit", args=[chain.uid]),
        {"organisation": firm_a.pk, "tier": "leader", "valid_from": "2026-01-02"},
    )
    assert answer.status_code == 302
    page = client.get(chain.get_absolute_url() + "?on=2026-01-02").content.decode()
    assert firm_a.name_en in page and "Chain leader" in page
    assert firm_a.name_en not in client.get(chain.get_absolute_url() + "?on=2026-01-01").content.decode()


def test_the_office_adds_a_person_with_a_role(office: Person, firm_a: Organisation, sign_in: SignIn) -> None:
    answer = sign_in(office).post(
        reverse("community:person_new"),
        {
            "name": "新人",
            "email": "New@Example.org",
            "organisation": firm_a.pk,
            "kind": "mentor",
            "valid_from": "2026-01-01",
        },
    )
    assert answer.status_code == 302
    person = Person.objects.get(email="new@example.org")
    assert person.roles.get().kind == RoleKind.MENTOR


def test_a_person_whose_role_is_refused_is_not_added(office: Person, university: Organisation, sign_in: SignIn) -> None:
    answer = sign_in(office).post(
        reverse("community:person_new"),
        {
            "name": "新人",
            "email": "new@example.org",
            "organisation": university.pk,
            "kind": "mentor",
            "valid_from": "2026-01-01",
        },
    )
    assert answer.status_code == 422
    assert not Person.objects.filter(email="new@example.org").exists()


def test_filters_find_organisations(office: Person, firm_a: Organisation, sign_in: SignIn) -> None:
    shenzhen = RegionFactory.create()
    found = OrganisationFactory.create(name_en="Found By Region", region=shenzhen, kind=OrganisationKind.CHAMBER)
    client = sign_in(office)
    for query in ("text=found by", "kind=chamber", f"region={shenzhen.code}"):
        page = client.get(f"{reverse('community:organisation_list')}?{query}").content.decode()
        assert found.name_en in page and firm_a.name_en not in page, query
    page = client.get(f"{reverse('community:organisation_list')}?text=nothing+at+all").content.decode()
    assert "Nothing fits these filters" in page


@pytest.mark.parametrize(
    "query", ["on=", "on=tomorrow", "on=9999-12-31", "on=0001-01-01", "page=999", "page=x", "year=%00", "on=2026-02-30"]
)
def test_an_odd_address_is_no_error(query: str, office: Person, place: dict[str, Any], sign_in: SignIn) -> None:
    client = sign_in(office)
    for name, key in (("chain_list", ""), ("chain", "chain"), ("cohort_list", ""), ("cohort", "cohort")):
        assert client.get(f"{_url(name, key, place)}?{query}").status_code == 200, name
    for name in ("organisation_list", "person_list"):
        assert client.get(f"{_url(name, '', place)}?{query}&text=%00'%25_").status_code == 200, name


def test_pages_speak_chinese_to_chinese_readers(office: Person, place: dict[str, Any], sign_in: SignIn) -> None:
    Person.objects.filter(pk=office.pk).update(language="zh-hans")
    client = sign_in(office)
    left_over = {}
    for name, key, _allowed in PAGES:
        page = client.get(_url(name, key, place)).content.decode()
        main = re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")])
        words = set(re.findall(r"[A-Za-z]{4,}", main)) - {"Excel", "Ronghe", "zhangwei", "https", "English"}
        if words:
            left_over[name] = words
    # Addresses and names of the people, and the English name that stands beside the Chinese one.
    known = {"example", "student", "office", "person", "Firm", "Electronics"}
    assert {name: words - known for name, words in left_over.items() if words - known} == {}


def test_an_export_is_read_back_by_the_import(office: Person, sign_in: SignIn) -> None:
    from io import BytesIO

    from ronghe.apps.community.imports import ORGANISATIONS
    from ronghe.tabular import dry_run

    OrganisationFactory.create(name_zh="=危险名称()", registration_number="914403001922038216")
    for kind in ("csv", "xlsx"):
        answer = sign_in(office).get(reverse("community:organisation_export", args=[kind]))
        report = dry_run(BytesIO(b"".join(answer.streaming_content)), ORGANISATIONS)
        assert report.is_valid
        assert {row.record.name_zh for row in report.preview} >= {"=危险名称()"}


def test_an_unknown_kind_of_export_is_not_found(office: Person, sign_in: SignIn) -> None:
    assert sign_in(office).get(reverse("community:organisation_export", args=["exe"])).status_code == 404


def test_the_cohort_form_offers_years_and_universities_only(
    office: Person, university: Organisation, firm_a: Organisation, sign_in: SignIn
) -> None:
    AcademicYearFactory.create(label="2025-2026", starts_on=date(2025, 9, 1), ends_on=date(2026, 8, 31))
    page = sign_in(office).get(reverse("community:cohort_new")).content.decode()
    assert university.name_en in page and "2025-2026" in page and firm_a.name_en not in page


def test_the_address_above_all_these_pages_leads_to_the_chains(anonymous: Client) -> None:
    assert anonymous.get("/community/").headers["Location"] == reverse("community:chain_list")
