"""The demonstration's agreements: in force, waiting for signatures, waiting for the check, and recorded from paper."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import selectors
from ronghe.apps.agreements import services as agreements
from ronghe.apps.agreements.models import Instrument, Signature
from ronghe.apps.agreements.services import DraftData, PartyData, SignedOutside
from ronghe.apps.community.models import Chain, Organisation
from ronghe.apps.demo.cast import EMAIL_DOMAIN

_SIGNATORIES = (
    ("梁建国", "yunji", "法定代表人", "Legal representative"),
    ("Helen Ma", "saltmarsh", "董事", "Director"),
    ("罗文清", "linghai", "副校长", "Vice-president"),
    ("彭雅琴", "duanjiang", "教务处处长", "Head of academic affairs"),
)
# Number, chain, parties, seats a year, mentors, graduates a year: invented agreements "signed on paper before".
_ON_PAPER = (
    ("IC-2025-01", "ic", ("nanyu", "linghai"), 160, 30, 80),
    ("IC-2025-02", "ic", ("xingqiao", "linghai"), 60, 12, None),
    ("IC-2025-03", "ic", ("lixin", "duanjiang"), 90, 18, None),
    ("EC-2025-01", "ecommerce", ("haique", "duanjiang"), 110, 20, 60),
    ("EC-2025-02", "ecommerce", ("chengzhou", "duanjiang"), 40, 8, None),
    ("CT-2025-02", "comm", ("heguang", "linghai"), 80, 16, None),
)


def build(office: Person, people: Mapping[str, Person], organisations: Mapping[str, Organisation], today: date) -> None:
    """Build the agreements on top of chains and people."""
    # The mails of a demonstration would be printed into the words of the command that builds it. One transaction:
    # a disk that is asked to be sure after each of some forty steps makes people wait for nothing.
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"), transaction.atomic():
        _build(office, people, organisations, today)


def _build(
    office: Person, people: Mapping[str, Person], organisations: Mapping[str, Organisation], today: date
) -> None:
    agreements.load_standard_templates(actor=office)
    chains = {chain.field: chain for chain in Chain.objects.all()}
    begin = date(today.year - 1, 9, 1)
    signers = _appoint(office, people, organisations, begin)
    hr = people["hr"]
    firm, school = organisations["yunji"], organisations["linghai"]
    both = [PartyData(1, firm), PartyData(2, school)]
    strategic = _draft(
        hr,
        "strategic",
        {"positions": 120, "mentors": 24, "equipment": 12},
        title_zh="云脊通信与岭海理工战略合作协议（示例）",
        title_en="Cooperation of Yunji and Linghai (Example)",
        chain=chains["comm"],
        parties=both,
        first_day=begin,
        last_day=begin.replace(year=begin.year + 3) - timedelta(days=1),
        number="CT-2025-01",
    )
    strategic = _send(
        strategic, hr, office, {1: [signers["yunji"]], 2: [signers["linghai"]]}, today + timedelta(days=14)
    )
    for person in (signers["yunji"], signers["linghai"]):
        _sign(strategic, person)
    supply = _draft(
        hr,
        "talent_supply",
        {"talent_supply": 40, "positions": 40, "fees": "260.00"},
        title_zh="5G 方向人才供给协议（示例）",
        title_en="Talent supply for 5G (Example)",
        chain=chains["comm"],
        parties=[PartyData(1, firm, signatures_required=2), PartyData(2, school)],
        first_day=date(today.year + 1, 1, 1),
        last_day=date(today.year + 2, 12, 31),
    )
    supply = _send(supply, hr, office, {1: [hr, signers["yunji"]], 2: [signers["linghai"]]}, today)
    _sign(supply, signers["linghai"])
    placement = _draft(
        hr,
        "three_party",
        {"positions": 1},
        title_zh="学生实习三方协议（示例）",
        title_en="Three-party placement agreement (Example)",
        parties=[*both, PartyData(3, person=people["student"])],
        first_day=today + timedelta(days=20),
        last_day=today + timedelta(days=200),
    )
    _send(placement, hr, office, {1: [signers["yunji"]], 2: [signers["linghai"]]}, today + timedelta(days=7))
    waiting = _draft(
        people["hr.ic"],
        "strategic",
        {"positions": 25, "mentors": 5, "equipment": 2},
        title_zh="盐沼半导体与岭海理工合作协议（示例）",
        title_en="Cooperation of Saltmarsh and Linghai (Example)",
        chain=chains["ic"],
        parties=[PartyData(1, organisations["saltmarsh"]), PartyData(2, school)],
        first_day=today + timedelta(days=30),
        last_day=today + timedelta(days=30 + 730),
    )
    agreements.submit_paper(actor=people["hr.ic"], instrument=waiting, revision=waiting.revision)
    agreements.record_signed_outside(
        actor=office,
        agreements=[
            SignedOutside(
                number=number,
                kind="strategic",
                title_zh=f"{organisations[parties[0]].name_zh}合作协议",
                title_en=f"Agreement with {organisations[parties[0]].name_en}",
                chain=chains[field],
                parties=[organisations[key] for key in parties],
                first_day=begin,
                last_day=begin.replace(year=begin.year + 2) - timedelta(days=1),
                seats_a_year=seats,
                mentors=mentors,
                graduates_a_year=graduates,
            )
            for number, field, parties, seats, mentors, graduates in _ON_PAPER
        ],
    )


def _appoint(
    office: Person, people: Mapping[str, Person], organisations: Mapping[str, Organisation], begin: date
) -> dict[str, Person]:
    signers = {}
    for number, (name, key, title_zh, title_en) in enumerate(_SIGNATORIES, start=1):
        person = accounts.add_person(actor=office, email=f"signatory.{number}@{EMAIL_DOMAIN}", name=name)
        signers[key] = person
        _stand(office, person, organisations[key], title_zh, title_en, begin)
    _stand(office, people["hr"], organisations["yunji"], "授权代表", "Authorised representative", begin)
    return signers


def _stand(office: Person, person: Person, where: Organisation, title_zh: str, title_en: str, begin: date) -> None:
    agreements.appoint_signatory(
        actor=office,
        person=person,
        organisation=where,
        title_zh=title_zh,
        title_en=title_en,
        basis="授权书（示例）",
        valid_from=begin,
    )


def _draft(actor: Person, kind: str, numbers: Mapping[str, Any], **about: Any) -> Instrument:
    """Draft from the standard template and fill in what it leaves open."""
    version = selectors.newest_versions(actor).get(template__kind=kind)
    paper = agreements.draft_agreement(actor=actor, data=DraftData(template=version, **about))
    clauses = [
        {**clause, "values": {**clause["values"], **_values(clause["kind"], numbers)}} for clause in paper.clauses
    ]
    return agreements.change_paper(actor=actor, instrument=paper, revision=paper.revision, clauses=clauses)


def _values(kind: str, numbers: Mapping[str, Any]) -> dict[str, Any]:
    if kind not in numbers:
        return {}
    if kind == "fees":
        return {"amount": numbers[kind]}
    return {"quantity": numbers[kind], **({"what": "综合测试仪 · radio testers"} if kind == "equipment" else {})}


def _send(
    paper: Instrument, drafter: Person, office: Person, signatories: Mapping[int, list[Person]], sign_by: date
) -> Instrument:
    paper = agreements.submit_paper(actor=drafter, instrument=paper, revision=paper.revision)
    paper = agreements.check_paper(actor=office, instrument=paper, revision=paper.revision, passed=True)
    return agreements.send_paper(
        actor=office, instrument=paper, revision=paper.revision, sign_by=sign_by, signatories=signatories
    )


def _sign(paper: Instrument, person: Person) -> None:
    agreements.sign(
        actor=person,
        signature=Signature.objects.get(instrument=paper, person=person, settled_at__isnull=True),
        digest=paper.digest,
        confirmed_at=timezone.now(),
        confirmed_by="demonstration",
    )
