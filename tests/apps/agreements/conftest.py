"""A chain with firm A and the university, signatories on both sides, and papers on each step of their way."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.utils import timezone, translation

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import services
from ronghe.apps.agreements.models import Instrument, Signature
from ronghe.apps.agreements.services import DraftData, PartyData
from ronghe.apps.community.models import Chain, Organisation, RoleKind, Tier
from tests.factories import ChainFactory, ChainMembershipFactory, PersonFactory, RoleFactory

FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)


def clause(kind: str, **values: object) -> dict:
    """A clause with headings and texts that need no thought."""
    return {"kind": kind, "heading": {"zh": "条款"}, "text": {"zh": "正文", "en": "Words"}, "values": values}


CLAUSES = [
    clause("positions", quantity=50, per="year", by=1),
    clause("mentors", quantity=10, by=1),
    clause("text"),
]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """What services say is compared in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def second_office(university: Organisation) -> Person:
    """Another member of the office: the second pair of eyes."""
    person = PersonFactory.create(email="second.office@example.org", name="second office")
    RoleFactory.create(person=person, organisation=university, kind=RoleKind.OFFICE)
    return person


@pytest.fixture
def signer(hr: Person, firm_a: Organisation) -> Person:
    """Signs for firm A and holds no role there."""
    person = PersonFactory.create(email="signer@example.org", name="signer")
    services.appoint_signatory(
        actor=hr, person=person, organisation=firm_a, title_zh="法定代表人", title_en="Director", valid_from=FIRST
    )
    return person


@pytest.fixture
def second_signer(hr: Person, firm_a: Organisation) -> Person:
    """Could sign for firm A as well."""
    person = PersonFactory.create(email="second.signer@example.org", name="second signer")
    services.appoint_signatory(actor=hr, person=person, organisation=firm_a, title_zh="副总经理", valid_from=FIRST)
    return person


@pytest.fixture
def dean(office: Person, university: Organisation) -> Person:
    """Signs for the university."""
    person = PersonFactory.create(email="dean@example.org", name="dean")
    services.appoint_signatory(actor=office, person=person, organisation=university, title_zh="院长", valid_from=FIRST)
    return person


@pytest.fixture
def chain(firm_a: Organisation, university: Organisation) -> Chain:
    found = ChainFactory.create()
    ChainMembershipFactory.create(chain=found, organisation=firm_a, tier=Tier.LEADER)
    ChainMembershipFactory.create(chain=found, organisation=university, tier=Tier.UNIVERSITY)
    return found


@pytest.fixture
def data(chain: Chain, firm_a: Organisation, university: Organisation) -> DraftData:
    return DraftData(
        title_zh="战略合作协议",
        title_en="Cooperation",
        first_day=FIRST,
        last_day=LAST,
        chain=chain,
        parties=[PartyData(1, firm_a), PartyData(2, university)],
    )


@pytest.fixture
def draft(hr: Person, data: DraftData) -> Instrument:
    """Drafted by HR of firm A, its clauses filled in."""
    paper = services.draft_agreement(actor=hr, data=data)
    return services.change_paper(actor=hr, instrument=paper, revision=paper.revision, clauses=CLAUSES)


@pytest.fixture
def checked(hr: Person, office: Person, draft: Instrument) -> Instrument:
    return check(draft, hr, office)


def check(paper: Instrument, drafter: Person, checker: Person) -> Instrument:
    paper = services.submit_paper(actor=drafter, instrument=paper, revision=paper.revision)
    return services.check_paper(actor=checker, instrument=paper, revision=paper.revision, passed=True)


@pytest.fixture
def sent(office: Person, checked: Instrument, signer: Person, dean: Person) -> Instrument:
    return send(checked, office, {1: [signer], 2: [dean]})


def send(paper: Instrument, actor: Person, signatories: dict[int, list[Person]], days: int = 14) -> Instrument:
    return services.send_paper(
        actor=actor,
        instrument=paper,
        revision=paper.revision,
        sign_by=timezone.localdate() + timedelta(days=days),
        signatories=signatories,
    )


def signature_of(paper: Instrument, person: Person) -> Signature:
    return Signature.objects.get(instrument=paper, person=person, settled_at__isnull=True)


def give(paper: Instrument, person: Person) -> Signature:
    """Sign as a person does who has just typed the password."""
    return services.sign(
        actor=person,
        signature=signature_of(paper, person),
        digest=paper.digest,
        confirmed_at=timezone.now(),
        confirmed_by="password",
    )


@pytest.fixture
def concluded(sent: Instrument, signer: Person, dean: Person) -> Instrument:
    give(sent, signer)
    give(sent, dean)
    sent.refresh_from_db()
    return sent


@pytest.fixture
def make_concluded(
    office: Person, second_office: Person, chain: Chain, university: Organisation, dean: Person
) -> Callable[..., Instrument]:
    """Conclude an agreement with any clauses and days through all its steps."""

    def make(firm: Organisation, person: Person, clauses: list[dict], first: date, last: date | None) -> Instrument:
        parties = [PartyData(1, firm), PartyData(2, university)]
        data = DraftData(title_zh="协议", first_day=first, last_day=last, chain=chain, parties=parties)
        paper = services.draft_agreement(actor=office, data=data)
        paper = services.change_paper(actor=office, instrument=paper, revision=paper.revision, clauses=clauses)
        paper = send(check(paper, office, second_office), office, {1: [person], 2: [dean]})
        give(paper, person)
        give(paper, dean)
        paper.refresh_from_db()
        return paper

    return make
