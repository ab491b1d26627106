"""The registry for programs: what it gives to whom, and how it answers bad questions."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation, Tier
from tests.conftest import SignIn
from tests.factories import ChainFactory, ChainMembershipFactory, OrganisationFactory, RegionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

URL = "/api/community"


def test_the_register_is_read_by_part_of_a_name(hr: Person, firm_a: Organisation, sign_in: SignIn) -> None:
    OrganisationFactory.create_batch(3, region=RegionFactory.create())
    answer = sign_in(hr).get(f"{URL}/organisations", {"text": "firm a", "limit": 2}).json()
    assert answer["total"] == 1
    (found,) = answer["items"]
    assert (found["uid"], found["name_zh"], found["region"]) == (str(firm_a.uid), firm_a.name_zh, None)
    page = sign_in(hr).get(f"{URL}/organisations", {"region": "440300", "limit": 2, "offset": 2}).json()
    assert (page["total"], len(page["items"]), page["items"][0]["region"]) == (3, 1, "440300")


def test_one_organisation_is_read_by_its_uid(stranger: Person, firm_a: Organisation, sign_in: SignIn) -> None:
    assert sign_in(stranger).get(f"{URL}/organisations/{firm_a.uid}").json()["kind"] == "enterprise"


def test_members_are_told_for_a_day(hr: Person, firm_a: Organisation, firm_b: Organisation, sign_in: SignIn) -> None:
    chain = ChainFactory.create()
    ChainMembershipFactory.create(chain=chain, organisation=firm_a, tier=Tier.LEADER)
    ChainMembershipFactory.create(chain=chain, organisation=firm_b, brought_in_by=firm_a, valid_from=date(2026, 3, 1))
    client = sign_in(hr)
    before = client.get(f"{URL}/chains/{chain.uid}/members", {"on": "2026-02-28"}).json()
    after = client.get(f"{URL}/chains/{chain.uid}/members", {"on": "2026-03-01"}).json()
    assert [member["tier"] for member in before["members"]] == ["leader"]
    assert [member["brought_in_by"] for member in after["members"]] == [None, str(firm_a.uid)]
    assert [chain["uid"] for chain in client.get(f"{URL}/chains").json()] == [str(chain.uid)]


def test_nothing_is_given_to_whoever_has_not_signed_in(anonymous: Client, firm_a: Organisation) -> None:
    chain = ChainFactory.create()
    for path in ("organisations", f"organisations/{firm_a.uid}", "chains", f"chains/{chain.uid}/members"):
        assert anonymous.get(f"{URL}/{path}").status_code == 401, path


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("organisations/not-a-uid", 422),
        ("organisations/00000000-0000-0000-0000-000000000000", 404),
        ("chains/00000000-0000-0000-0000-000000000000/members", 404),
        ("organisations?limit=0", 422),
        ("organisations?limit=101", 422),
        ("organisations?offset=-1", 422),
        ("organisations?text=%00", 200),
        ("organisations?kind=%00", 200),
    ],
)
def test_bad_questions_are_answered_plainly(path: str, status: int, hr: Person, sign_in: SignIn) -> None:
    answer = sign_in(hr).get(f"{URL}/{path}")
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/json")


def test_a_page_costs_the_same_whatever_its_size(hr: Person, sign_in: SignIn) -> None:
    client = sign_in(hr)
    counts = []
    for more in (5, 45):
        OrganisationFactory.create_batch(more, region=RegionFactory.create())
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{URL}/organisations", {"limit": 100}).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 5
