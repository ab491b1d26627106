"""Numbers: the registry, the window, and the records behind a number as each viewer may see them."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ronghe.apps.accounts.models import Person, PersonalDataView
from ronghe.apps.community.models import ChainMembership, Organisation, RoleKind, Tier
from ronghe.apps.metrics import records, registry
from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Records, Unit, Window, digest_of
from ronghe.apps.metrics.registry import measure, measure_community, metric
from tests.conftest import SignIn
from tests.factories import (
    ChainFactory,
    ChainMembershipFactory,
    CohortFactory,
    CohortMembershipFactory,
    OrganisationFactory,
    RoleFactory,
    UniversityFactory,
)

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 1)
WINDOW = Window(DAY - timedelta(100), DAY)


# The registry


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        metric("community.chains.count", unit=Unit.COUNT, label="x", definition="y")(lambda subjects, window: {})  # type: ignore[arg-type]


def test_an_unknown_name_is_refused() -> None:
    assert not registry.is_registered("training.mentors.share")
    with pytest.raises(registry.UnknownMetric):
        measure_community("training.mentors.share", WINDOW)


def test_a_subject_without_data_is_present_without_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_metrics", dict(registry._metrics))
    metric("test.nothing", unit=Unit.SHARE, label="x", definition="y", version=3)(lambda subjects, window: {})  # type: ignore[arg-type]
    found = measure("test.nothing", [4, 5], WINDOW)
    assert [found[key].value for key in (4, 5)] == [None, None]
    assert found[4].definition == "test.nothing@3" and not found[4].has_data


def test_a_window_does_not_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="starts"):
        Window(DAY, DAY - timedelta(1))


def test_every_metric_has_its_words_in_both_languages(office: Person, sign_in: SignIn) -> None:
    from django.utils import translation

    for found in registry.all_metrics():
        if not found.name.startswith("community."):
            continue
        with translation.override("zh-hans"):
            zh = str(found.label), str(found.definition)
        with translation.override("en"):
            en = str(found.label), str(found.definition)
        assert all(a != b for a, b in zip(zh, en, strict=True)), found.name


# The community's numbers, counted by hand


def test_enterprises_in_two_chains_count_once() -> None:
    firm = OrganisationFactory.create()
    OrganisationFactory.create()
    for tier in (Tier.LEADER, Tier.MEMBER):
        ChainMembershipFactory.create(organisation=firm, tier=tier)
    ChainMembershipFactory.create(organisation=UniversityFactory.create(), tier=Tier.UNIVERSITY)
    ChainMembershipFactory.create(valid_from=DAY + timedelta(1))
    ChainMembershipFactory.create(valid_until=DAY)
    assert measure_community("community.enterprises.count", WINDOW).value == 1
    assert measure_community("community.universities.count", WINDOW).value == 1


def test_chains_count_from_founding_until_closing() -> None:
    ChainFactory.create(founded_on=DAY)
    ChainFactory.create(founded_on=DAY + timedelta(1))
    ChainFactory.create(founded_on=DAY - timedelta(9), closed_on=DAY)
    ChainFactory.create(founded_on=DAY - timedelta(9), closed_on=DAY + timedelta(1))
    assert measure_community("community.chains.count", WINDOW).value == 2


def test_students_count_once_and_only_while_they_are_there() -> None:
    first = CohortMembershipFactory.create()
    CohortMembershipFactory.create(person=first.person)
    CohortMembershipFactory.create(valid_from=DAY + timedelta(1))
    CohortFactory.create(intake=500)
    assert measure_community("community.students.enrolled", WINDOW).value == 1


def test_all_chains_are_measured_in_one_query() -> None:
    chains = [ChainMembershipFactory.create().chain for _ in range(20)]
    ChainMembershipFactory.create(chain=chains[0])
    empty = ChainFactory.create()
    with CaptureQueriesContext(connection) as queries:
        found = measure("community.chain.members", [*(chain.pk for chain in chains), empty.pk], WINDOW)
    assert len(queries) == 1
    assert [found[chain.pk].value for chain in chains] == [2.0, *[1.0] * 19]
    assert found[empty.pk].value == 0


def test_a_past_number_is_told_as_it_was_known() -> None:
    membership = ChainMembershipFactory.create(recorded_at=timezone.now() - timedelta(days=10))
    ChainMembership.objects.filter(pk=membership.pk).update(superseded_at=timezone.now() - timedelta(days=5))
    then = Window(DAY, DAY, timezone.now() - timedelta(days=7))
    assert measure_community("community.enterprises.count", Window(DAY, DAY)).value == 0
    assert measure_community("community.enterprises.count", then).value == 1


# The records behind a number


def _open(client: Client, measurement: Measurement) -> str:
    answer = client.get(measurement.url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_selector_survives_the_address() -> None:
    ChainMembershipFactory.create()
    measurement = measure_community("community.enterprises.count", WINDOW)
    sealed = parse_qs(urlsplit(measurement.url).query)["of"][0]
    again = Measurement.from_sealed(sealed)
    assert again.records == measurement.records
    assert (again.value, again.definition, again.as_of) == (1.0, "community.enterprises.count@1", DAY)


@pytest.mark.parametrize("sealed", ["", "x", "x:y:z", "\0"])
def test_a_broken_address_is_not_found(sealed: str, office: Person, sign_in: SignIn) -> None:
    assert sign_in(office).get(reverse("metrics:records"), {"of": sealed}).status_code == 404


def test_an_address_cannot_be_made_up(office: Person, hr: Person, sign_in: SignIn) -> None:
    every_person = Records.of("accounts.person", {}, []).as_json()
    forged = signing.dumps(
        {"records": every_person, "definition": "x@1", "as_of": "2026-01-01", "value": 1, "unit": "count"}
    )
    assert sign_in(hr).get(reverse("metrics:records"), {"of": forged}).status_code == 404
    measurement = measure_community("community.chains.count", WINDOW)
    changed = measurement.url.replace("of=", "of=a", 1)
    assert sign_in(office).get(changed).status_code == 404


def test_the_rows_that_were_counted_are_shown(office: Person, sign_in: SignIn) -> None:
    counted = ChainMembershipFactory.create(organisation__name_en="Counted Ltd")
    ChainMembershipFactory.create(organisation__name_en="Later Ltd", valid_from=DAY + timedelta(1))
    page = _open(sign_in(office), measure_community("community.enterprises.count", WINDOW))
    assert counted.organisation.name in page or "Counted Ltd" in page
    assert "Later Ltd" not in page
    assert "The same records as were counted" in page


def test_a_later_change_does_not_disturb_the_record_of_what_was_known(office: Person, sign_in: SignIn) -> None:
    from ronghe.apps.metrics.dated import end

    membership = ChainMembershipFactory.create()
    measurement = measure_community("community.enterprises.count", WINDOW)
    end(membership, DAY - timedelta(50))
    assert measure_community("community.enterprises.count", WINDOW).value == 0
    assert "The same records as were counted" in _open(sign_in(office), measurement)


def test_records_that_are_gone_are_told(office: Person, sign_in: SignIn) -> None:
    kept, gone = ChainMembershipFactory.create_batch(2)
    measurement = measure_community("community.enterprises.count", WINDOW)
    ChainMembership.objects.filter(pk=gone.pk).delete()
    assert kept.pk
    assert "Not the records that were counted" in _open(sign_in(office), measurement)


def _students(university: Organisation, count: int) -> Measurement:
    cohort = CohortFactory.create(organisation=university)
    CohortMembershipFactory.create_batch(count, cohort=cohort)
    return measure("community.cohort.enrolled", [cohort.pk], WINDOW)[cohort.pk]


@pytest.mark.parametrize(("count", "opened"), [(4, False), (5, True)])
def test_fewer_than_five_people_are_never_opened(
    count: int, opened: bool, office: Person, university: Organisation, sign_in: SignIn
) -> None:
    page = _open(sign_in(office), _students(university, count))
    assert ("This group is too small to be opened" in page) is not opened
    assert ("<tbody" in page) is opened
    assert PersonalDataView.objects.count() == (count if opened else 0)


def test_each_viewer_sees_what_their_role_allows(
    office: Person, teacher: Person, hr: Person, university: Organisation, sign_in: SignIn
) -> None:
    measurement = _students(university, 6)
    assert _open(sign_in(office), measurement).count("<tr>") == 7
    assert _open(sign_in(teacher), measurement).count("<tr>") == 7
    page = _open(sign_in(hr), measurement)
    assert "6 records are not shown" in page and "<tbody" not in page


def test_the_page_of_records_costs_the_same_with_5_and_with_50_rows(
    office: Person, university: Organisation, sign_in: SignIn
) -> None:
    client = sign_in(office)
    counts = []
    for count in (5, 50):
        measurement = _students(university, count)
        _open(client, measurement)
        with CaptureQueriesContext(connection) as queries:
            _open(client, measurement)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_a_model_nobody_described_is_treated_as_personal() -> None:
    view = records.view_of("sessions.session")
    assert view.personal and len(view.columns) == 1


def test_the_digest_is_that_of_the_sorted_keys() -> None:
    # SHA-256 of the text "1,2,10", computed with sha256sum.
    assert digest_of([10, 1, 2]) == "19bc041f049a3f2ce6c2cd841d8ae13a5afa24fc9fa1413794354498a1539968"


# Pages and the API


@pytest.mark.parametrize("who", ["office", "hr", "teacher", "student", "reviewer", "stranger"])
def test_everyone_signed_in_reads_the_registry(who: str, sign_in: SignIn, request: pytest.FixtureRequest) -> None:
    client = sign_in(request.getfixturevalue(who))
    page = client.get(reverse("metrics:registry")).content.decode()
    assert "community.students.enrolled" in page and "v1" in page
    assert client.get("/api/metrics").status_code == 200


def test_anonymous_visitors_read_no_numbers(anonymous: Client) -> None:
    for url in (
        reverse("metrics:registry"),
        reverse("metrics:metric", args=["community.chains.count"]),
        measure_community("community.chains.count", WINDOW).url,
    ):
        assert anonymous.get(url).status_code == 302, url
    assert anonymous.get("/api/metrics").status_code == 401
    assert anonymous.get("/api/metrics/community.chains.count").status_code == 401


def test_someone_without_the_permission_is_told_why(stranger: Person, sign_in: SignIn) -> None:
    client = sign_in(stranger)
    Person.objects.filter(pk=stranger.pk).update(is_active=False)
    assert client.get(reverse("metrics:registry")).status_code in {302, 403}


def test_a_metric_page_shows_its_value_in_the_window(hr: Person, sign_in: SignIn) -> None:
    RoleFactory.create(kind=RoleKind.MENTOR, valid_from=DAY)
    client = sign_in(hr)
    url = reverse("metrics:metric", args=["community.mentors.count"])
    before = client.get(url, {"start": "2026-01-01", "end": "2026-02-28"}).content.decode()
    after = client.get(url, {"start": "2026-01-01", "end": "2026-03-01"}).content.decode()
    assert "Measured from 2026-01-01 to 2026-02-28." in before
    assert before.count("metrics/records/") == after.count("metrics/records/") == 1
    assert 'class="stat' in after


@pytest.mark.parametrize(
    "query",
    ["start=2026-03-02&end=2026-03-01", "start=x", "end=9999-12-31", "end=0001-01-01", "known=9999-12-31", "page=0"],
)
def test_an_odd_window_is_no_error(query: str, hr: Person, sign_in: SignIn) -> None:
    client = sign_in(hr)
    for name in ("community.chains.count", "community.chain.members"):
        assert client.get(f"{reverse('metrics:metric', args=[name])}?{query}").status_code == 200
    api = client.get(f"/api/metrics/community.chains.count?{query.replace('start', 'from').replace('end', 'to')}")
    assert api.status_code in {200, 422}


def test_a_metric_that_nobody_measures_is_not_found(hr: Person, sign_in: SignIn) -> None:
    client = sign_in(hr)
    assert client.get(reverse("metrics:metric", args=["no.such.metric"])).status_code == 404
    answer = client.get("/api/metrics/no.such.metric")
    assert answer.status_code == 404 and "registry" in answer.json()["detail"]


def test_the_api_gives_numbers_with_their_definition(hr: Person, sign_in: SignIn) -> None:
    membership = ChainMembershipFactory.create()
    client = sign_in(hr)
    answer: dict[str, Any] = client.get(
        "/api/metrics/community.chain.members",
        {"from": "2026-01-01", "to": "2026-03-01", "subject": membership.chain_id},
    ).json()
    assert answer["metric"]["definition"].startswith("Organisations of any tier")
    (found,) = answer["measurements"]
    assert (found["subject"], found["value"], found["as_of"]) == (membership.chain_id, 1.0, "2026-03-01")
    assert found["digest"] == digest_of([membership.pk])
    assert client.get(found["records"]).status_code == 200


def test_the_api_says_what_is_wrong(hr: Person, sign_in: SignIn) -> None:
    client = sign_in(hr)
    url = "/api/metrics/community.chain.members"
    assert client.get(url, {"subject": 987654}).status_code == 404
    assert client.get(url, {"from": "2026-03-02", "to": "2026-03-01"}).status_code == 422
    assert client.get(url, {"subject": list(range(1, 202))}).status_code == 422
    assert client.get(url, {"from": "yesterday"}).status_code == 422


def test_a_page_of_subjects_costs_the_same_with_5_and_with_20_rows(hr: Person, sign_in: SignIn) -> None:
    client = sign_in(hr)
    url = reverse("metrics:metric", args=["community.chain.members"])
    counts = []
    for more in (5, 15):
        ChainMembershipFactory.create_batch(more)
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_the_community_is_a_subject_of_its_own() -> None:
    assert COMMUNITY == 0
    assert set(measure("community.chains.count", [COMMUNITY], WINDOW)) == {COMMUNITY}


def test_confidential_numbers_of_a_chain_are_told_to_its_own_people_office_and_reviewers_only(
    sign_in: SignIn, hr: Person, other_hr: Person, office: Person, reviewer: Person, firm_a: Organisation
) -> None:
    chain = ChainMembershipFactory.create(organisation=firm_a).chain
    page = reverse("metrics:metric", args=["agreements.seats_promised"])
    url = f"/api/metrics/agreements.seats_promised?subject={chain.pk}"
    for person, may in ((hr, True), (office, True), (reviewer, True), (other_hr, False)):
        client = sign_in(person)
        assert (chain.name in client.get(page).content.decode()) is may, person.name
        assert client.get(url).status_code == (200 if may else 404), person.name
        assert client.get(f"/api/metrics/community.chain.members?subject={chain.pk}").status_code == 200
